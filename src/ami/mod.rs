//! Asterisk's manager interface (AMI): one connection, its protocol, and what goes over it.
//!
//! Owns frames, actions, typed views of events and the connection with its recovery. Knows nothing
//! of this program: no database, no extension, no dialplan; whoever uses it decides what to ask.

pub mod action;
pub mod client;
mod connection;
pub mod event;
#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod fuzz;
mod link;
#[cfg(test)]
mod tests;
pub mod wire;

pub use action::{Action, Failure, NotSent, Reply};
pub use client::{Ami, Away, Config, Events, Incoming, State, connect};
pub use connection::Connection;
pub use event::Event;
pub use wire::Frame;
