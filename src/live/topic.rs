//! Topics: the names under which browsers are told to fetch a fragment again.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

/// The least time between two notices of the same topic. Each is answered by all who listen, all at once: where a crowd
/// does, the time is longer, and still everybody knows within a second.
pub(super) fn window(listeners: usize) -> Duration {
    if listeners > CROWD { WIDE } else { NARROW }
}

const CROWD: usize = 50;
const NARROW: Duration = Duration::from_millis(250);
const WIDE: Duration = Duration::from_millis(500);

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

/// Lets the first change of a topic pass at once and gathers those that follow within a window of time.
#[derive(Debug, Default)]
pub(super) struct Coalescer {
    topics: BTreeMap<Topic, Window>,
}

#[derive(Debug)]
struct Window {
    closes: Instant,
    pending: bool,
}

impl Coalescer {
    /// Returns whether the topic is to be published now.
    pub(super) fn change(&mut self, topic: Topic, now: Instant, window: Duration) -> bool {
        match self.topics.get_mut(&topic) {
            Some(open) if now < open.closes => {
                open.pending = true;
                false
            }
            _ => {
                self.topics.insert(
                    topic,
                    Window {
                        closes: now + window,
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
        pending.map(|window| window.closes).min()
    }

    /// What waited long enough.
    pub(super) fn due(&mut self, now: Instant, window: Duration) -> Vec<Topic> {
        let mut due = Vec::new();
        for (topic, open) in &mut self.topics {
            if open.pending && open.closes <= now {
                *open = Window {
                    closes: now + window,
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
        let window = window(0);
        assert!(coalescer.change(Topic::Calls, start, window));
        assert!(
            coalescer.change(Topic::Extensions, start, window),
            "each topic has its own window"
        );
        for millis in [1, 100, 249] {
            let now = start + Duration::from_millis(millis);
            assert!(!coalescer.change(Topic::Calls, now, window));
        }
        assert_eq!(coalescer.next_due(), Some(start + window));
        assert!(coalescer.due(start + window / 2, window).is_empty());
        assert_eq!(coalescer.due(start + window, window), [Topic::Calls]);
        assert_eq!(coalescer.next_due(), None);
        assert!(!coalescer.change(Topic::Calls, start + window * 3 / 2, window));
        assert!(coalescer.change(Topic::Calls, start + window * 3, window));
    }

    #[test]
    fn a_crowd_is_told_less_often_and_still_twice_a_second() {
        assert!(window(CROWD) < window(CROWD + 1));
        let mut coalescer = Coalescer::default();
        let (start, window) = (Instant::now(), window(1000));
        assert!(coalescer.change(Topic::Calls, start, window));
        assert!(!coalescer.change(Topic::Calls, start, window));
        let due = coalescer.next_due().expect("it waits");
        assert!(due - start <= Duration::from_millis(500));
    }
}
