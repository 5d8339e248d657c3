//! What the picture looks like from outside: plain values for whoever asks.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::ami::Frame;

use super::call::{CallState, End};
use super::phone::{Contact, DeviceState, Presence};
use super::topic::Topic;

/// Whether Asterisk is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsteriskView {
    /// Logged in and the picture is complete.
    pub connected: bool,
    pub since: DateTime<Utc>,
    /// Why it is away.
    pub reason: Option<String>,
    pub version: Option<String>,
}

/// One endpoint as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndpointView {
    pub state: DeviceState,
    pub presence: Presence,
    /// `None` when nothing was ever heard of it.
    pub since: Option<DateTime<Utc>>,
    pub contacts: Vec<Contact>,
    pub call: Option<PeerView>,
}

/// Whom an endpoint talks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerView {
    /// The id of the [`CallView`].
    pub call: String,
    pub state: CallState,
    /// When the call began, or was answered once it is up.
    pub since: DateTime<Utc>,
    pub peer: End,
}

/// An outbound registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrunkView {
    /// Asterisk's word: `Registered`, `Unregistered`, `Rejected` and others.
    pub status: String,
    pub since: DateTime<Utc>,
    /// When Asterisk last spoke of it, which it does after each answer of the provider; none since we listen.
    pub heard: Option<DateTime<Utc>>,
    /// When Asterisk asks the provider again.
    pub next: Option<DateTime<Utc>>,
}

/// What looks different after an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    pub topics: BTreeSet<Topic>,
    /// The endpoints whose view is different.
    pub extensions: BTreeSet<String>,
}

impl Changes {
    pub(super) fn none() -> Self {
        Self::default()
    }

    pub(super) fn of(topic: Topic) -> Self {
        Self {
            topics: BTreeSet::from([topic]),
            extensions: BTreeSet::new(),
        }
    }

    pub(super) fn endpoint(name: &str) -> Self {
        let is_trunk = name.starts_with("trunk-");
        let mut changes = Self::of(if is_trunk {
            Topic::Trunks
        } else {
            Topic::Extensions
        });
        changes.extensions.insert(name.to_owned());
        changes
    }

    pub fn merge(&mut self, mut other: Self) {
        self.topics.append(&mut other.topics);
        self.extensions.append(&mut other.extensions);
    }
}

/// What was read after a login.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub version: Option<String>,
    pub devices: Vec<Frame>,
    pub contacts: Vec<Frame>,
    pub channels: Vec<Frame>,
    pub registrations: Vec<Frame>,
}
