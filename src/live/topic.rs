//! Topics: the names under which browsers are told to fetch a fragment again.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

/// The least time between two notices of the same topic.
pub(super) const WINDOW: Duration = Duration::from_millis(250);

/// Something that can look different now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Asterisk came or went.
    System,
    /// Registrations, device states, who talks to whom.
    Extensions,
    /// Calls in progress.
    Calls,
    /// The call history.
    Cdr,
    /// Outbound registrations.
    Trunks,
    /// Messages and mailboxes.
    Voicemail,
    /// A topic of whoever publishes it.
    Other(&'static str),
}

impl Topic {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Extensions => "extensions",
            Self::Calls => "calls",
            Self::Cdr => "cdr",
            Self::Trunks => "trunks",
            Self::Voicemail => "voicemail",
            Self::Other(name) => name,
        }
    }
}

/// What a subscriber is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    Changed(Topic),
    /// Notices were missed: everything may be different.
    Everything,
}

/// A subscriber's end; a slow one is told to look at everything again.
#[derive(Debug)]
pub struct Subscription(pub(super) broadcast::Receiver<Topic>);

impl Subscription {
    /// The next notice; `None` once the hub is gone. May be dropped and called again at any time.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.0.recv().await {
            Ok(topic) => Some(Notice::Changed(topic)),
            Err(RecvError::Lagged(_)) => Some(Notice::Everything),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Lets the first change of a topic pass at once and gathers those that follow within [`WINDOW`].
#[derive(Debug, Default)]
pub(super) struct Coalescer {
    topics: BTreeMap<Topic, Window>,
}

#[derive(Debug)]
struct Window {
    opened: Instant,
    pending: bool,
}

impl Coalescer {
    /// Returns whether the topic is to be published now.
    pub(super) fn change(&mut self, topic: Topic, now: Instant) -> bool {
        match self.topics.get_mut(&topic) {
            Some(window) if now < window.opened + WINDOW => {
                window.pending = true;
                false
            }
            _ => {
                self.topics.insert(
                    topic,
                    Window {
                        opened: now,
                        pending: false,
                    },
                );
                true
            }
        }
    }

    /// When [`Coalescer::due`] will have something.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let pending = self.topics.values().filter(|window| window.pending);
        pending.map(|window| window.opened + WINDOW).min()
    }

    /// What waited long enough.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Topic> {
        let mut due = Vec::new();
        for (topic, window) in &mut self.topics {
            if window.pending && window.opened + WINDOW <= now {
                *window = Window {
                    opened: now,
                    pending: false,
                };
                due.push(*topic);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_change_passes_and_the_next_ones_become_one() {
        let mut coalescer = Coalescer::default();
        let start = Instant::now();
        assert!(coalescer.change(Topic::Calls, start));
        assert!(
            coalescer.change(Topic::Extensions, start),
            "each topic has its own window"
        );
        for millis in [1, 100, 249] {
            assert!(!coalescer.change(Topic::Calls, start + Duration::from_millis(millis)));
        }
        assert_eq!(coalescer.next_due(), Some(start + WINDOW));
        assert!(coalescer.due(start + WINDOW / 2).is_empty());
        assert_eq!(coalescer.due(start + WINDOW), [Topic::Calls]);
        assert_eq!(coalescer.next_due(), None);
        assert!(!coalescer.change(Topic::Calls, start + WINDOW + WINDOW / 2));
        assert!(coalescer.change(Topic::Calls, start + WINDOW * 3));
    }
}
