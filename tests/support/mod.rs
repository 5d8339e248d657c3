//! What the tests are made of: one real stack, and those who use it: phones, people with a browser, programs with a
//! token, people with psql. Knows the outside of the product only: addresses, JSON, HTML, SIP and SQL.

pub mod authenticator;
pub mod browser;
pub mod certificate;
pub mod client;
pub mod db;
pub mod dns;
pub mod html;
pub mod link;
pub mod listener;
pub mod manager;
pub mod pbx;
pub mod phone;
pub mod poll;
pub mod ports;
pub mod provider;
pub mod sipp;
pub mod smtp;
pub mod socket;
pub mod sound;
pub mod stack;
pub mod stream;
pub mod visitor;

pub use pbx::{
    Extension, Pbx, named_pbx, own_named_pbx, own_pbx, own_pbx_that_speaks, own_restored_pbx,
    own_talkative_pbx, pbx, pbx_behind_nat,
};
pub use poll::{eventually, within};
