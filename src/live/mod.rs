//! What happens right now: phones, calls in progress, trunks, and whether Asterisk is there at all.
//!
//! Owns the picture made of Asterisk's events and the topics that tell browsers to look again.
//! Imports only [`ami`](crate::ami): it knows no database and nothing of who may see what.

pub mod call;
pub mod hub;
pub mod phone;
mod questions;
pub mod state;
#[cfg(test)]
mod tests;
pub mod topic;
pub mod view;

/// What happened, as Asterisk said it.
pub use crate::ami::Frame as Happening;
pub use call::{CallState, CallView, End};
pub use hub::{Hub, HubTask};
pub use phone::{Contact, ContactStatus, DeviceState, Presence};
pub use state::Live;
pub use topic::{Notice, Subscription, Topic};
pub use view::{AsteriskView, Changes, EndpointView, PeerView, Snapshot, TrunkView};
