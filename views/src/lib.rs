//! Pages and components: functions of plain data and the chosen language to HTML.
//! Knows no SQL, no HTTP and nothing of the server; every text is in `locales`.

pub mod calls;
pub mod changes;
pub mod dashboard;
pub mod errors;
pub mod extensions;
mod format;
pub mod help;
pub mod login;
pub mod mail;
pub mod numbers;
pub mod page;
pub mod password;
pub mod profile;
pub mod settings;
pub mod texts;
pub mod trunks;
pub mod ui;
pub mod users;
pub mod voicemail;

pub use maud::Markup;
pub use page::{Assets, Flash, FlashKind, Page, Theme, Who};
pub use texts::{Arg, Lang, Texts};
