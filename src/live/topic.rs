//! Topics: the names under which browsers are told to fetch a fragment again.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
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
    /// Those that the picture itself has.
    pub const ALL: [Self; 6] = [
        Self::System,
        Self::Extensions,
        Self::Calls,
        Self::Cdr,
        Self::Trunks,
        Self::Voicemail,
    ];

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

/// When each topic changed last, in moments that only grow: whoever has looked at one knows what is new since.
#[derive(Debug)]
pub(super) struct Marks {
    first: u64,
    pub now: u64,
    topics: BTreeMap<Topic, u64>,
}

impl Marks {
    /// A later process begins with later moments: what an earlier one said is known as such.
    pub(super) fn since(start: DateTime<Utc>) -> Self {
        let first = u64::try_from(start.timestamp_micros()).unwrap_or(0);
        Self {
            first,
            now: first,
            topics: BTreeMap::new(),
        }
    }

    pub(super) fn mark(&mut self, topic: Topic) {
        self.now += 1;
        self.topics.insert(topic, self.now);
    }

    /// All there is when the moment is none of this process.
    pub(super) fn after(&self, moment: u64) -> Vec<Topic> {
        if !(self.first..=self.now).contains(&moment) {
            let others = self.topics.keys().copied();
            let others = others.filter(|topic| !Topic::ALL.contains(topic));
            return Topic::ALL.into_iter().chain(others).collect();
        }
        let topics = self.topics.iter();
        topics
            .filter(|(_, mark)| **mark > moment)
            .map(|(topic, _)| *topic)
            .collect()
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
    fn what_changed_after_a_moment_is_known_and_everything_after_a_restart() {
        let mut marks = Marks::since(DateTime::UNIX_EPOCH + Duration::from_secs(1));
        let begin = marks.now;
        assert_eq!(marks.after(begin), []);
        marks.mark(Topic::Calls);
        let between = marks.now;
        marks.mark(Topic::Other("mails"));
        assert_eq!(marks.after(begin), [Topic::Calls, Topic::Other("mails")]);
        assert_eq!(marks.after(between), [Topic::Other("mails")]);
        assert_eq!(marks.after(marks.now), []);
        for unknown in [0, begin - 1, marks.now + 1] {
            let all = marks.after(unknown);
            assert_eq!(all.len(), Topic::ALL.len() + 1, "{all:?}");
        }
    }

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
