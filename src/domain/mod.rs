//! What words mean and which values are legal. Pure: knows no SQL, no HTTP, no Asterisk protocol.

pub mod actor;
pub mod call;
pub mod caller_name;
pub mod cdr;
pub mod change;
pub mod codecs;
pub mod did;
pub mod extension;
pub mod fields;
pub mod forward;
pub mod import;
pub mod invalid;
pub mod letter;
pub mod mail;
pub mod mailbox;
pub mod message;
pub mod network;
pub mod number;
pub mod number_block;
pub mod policy;
pub mod provider;
pub mod route;
pub mod secret;
pub mod trunk;
pub mod user;

pub use actor::{Act, Actor, Role};
pub use caller_name::CallerName;
pub use cdr::Cdr;
pub use codecs::Codecs;
pub use extension::{Extension, ExtensionDraft, ExtensionEdit};
pub use fields::{Fields, Given};
pub use invalid::{Code, Invalid};
pub use number::ExtNumber;
pub use secret::SipSecret;
