//! Calls as a person understands them, and what can be asked of their history.

use chrono::{DateTime, Utc};

use super::ExtNumber;
use super::did::NumberPlan;
use super::invalid::{Code, Invalid, Wrong};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Internal,
    Incoming,
    Outgoing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Answered,
    Missed,
    Busy,
    Failed,
}

impl Direction {
    pub const ALL: [Self; 3] = [Self::Internal, Self::Incoming, Self::Outgoing];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == text)
    }
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Answered, Self::Missed, Self::Busy, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Missed => "missed",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.as_str() == text)
    }

    /// The word the original stored, which clients of the REST API compare with.
    pub fn disposition(self) -> &'static str {
        match self {
            Self::Answered => "ANSWERED",
            Self::Missed => "NO ANSWER",
            Self::Busy => "BUSY",
            Self::Failed => "FAILED",
        }
    }

    pub fn from_disposition(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "ANSWERED" | "ANSWER" => Some(Self::Answered),
            "NO ANSWER" | "NOANSWER" | "CANCEL" => Some(Self::Missed),
            "BUSY" => Some(Self::Busy),
            "FAILED" | "CONGESTION" => Some(Self::Failed),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub id: i64,
    pub linkedid: String,
    pub started_at: DateTime<Utc>,
    pub direction: Direction,
    pub outcome: Outcome,
    pub src: String,
    pub src_name: String,
    pub dst: String,
    pub duration: i32,
    pub billsec: i32,
    /// Every extension that took part, also one whose phones were away.
    pub extensions: Vec<String>,
    pub legs: i32,
}

/// Asterisk's word for a leg that somebody or something answered.
pub const ANSWERED: &str = "ANSWERED";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub uniqueid: String,
    pub clid: String,
    pub channel: String,
    pub dstchannel: String,
    pub src: String,
    pub dst: String,
    pub application: String,
    /// What the application was told.
    pub arguments: String,
    pub started_at: Option<DateTime<Utc>>,
    pub duration: i32,
    pub billsec: i32,
    pub disposition: String,
}

/// The leg with most words spoken, which is the first one where nobody spoke: whoever answered is its other end, also when
/// another phone rang before.
pub fn longest(legs: &[Leg]) -> Option<&Leg> {
    legs.iter().rev().max_by_key(|leg| leg.billsec)
}

/// A call that somebody else picked up has two legs that Asterisk calls answered: first to the phone that rang, where
/// nobody spoke, and then, on the same channel, to whoever picked up. Only that one answered.
pub fn tell_pickups(legs: &mut [Leg]) {
    for first in 0..legs.len() {
        let (leg, later) = (&legs[first], &legs[first + 1..]);
        let is_picked_up = leg.disposition == ANSWERED
            && leg.billsec == 0
            && later.iter().any(|other| {
                other.disposition == ANSWERED
                    && other.uniqueid == leg.uniqueid
                    && other.dst == leg.dst
                    && other.dstchannel != leg.dstchannel
            });
        if is_picked_up {
            Outcome::Missed
                .disposition()
                .clone_into(&mut legs[first].disposition);
        }
    }
}

/// The place in the list after which the next page starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub started_at: DateTime<Utc>,
    pub id: i64,
}

impl Place {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let parsed = text.split_once('-').and_then(|(micros, id)| {
            Some(Self {
                started_at: DateTime::from_timestamp_micros(micros.parse().ok()?)?,
                id: id.parse().ok()?,
            })
        });
        parsed.ok_or_else(|| Wrong::new(Code::Malformed))
    }

    pub fn token(self) -> String {
        format!("{}-{}", self.started_at.timestamp_micros(), self.id)
    }
}

/// Which calls of those that match: after a place (constant cost at any depth), or past an offset (for old clients).
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub after: Option<Place>,
    pub offset: u64,
    pub limit: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    pub from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub until: Option<DateTime<Utc>>,
    /// Part of the number that called, or the whole of one that is shorter than a part.
    pub src: Option<String>,
    pub dst: Option<String>,
    pub outcome: Option<Outcome>,
    pub direction: Option<Direction>,
    /// What was asked for names no outcome: nothing can match.
    pub impossible: bool,
    /// Part of either number.
    pub text: Option<String>,
    /// Only calls in which this extension took part.
    pub extension: Option<ExtNumber>,
}

/// Shorter parts of numbers are in nearly every number.
pub const SHORTEST_PART: usize = 3;

impl CallFilter {
    /// Whether it can be looked for.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut invalid = Invalid::new();
        if self
            .text
            .as_ref()
            .is_some_and(|text| simple(text).chars().count() < SHORTEST_PART)
        {
            invalid.add_with(
                "q",
                Code::SearchTooShort,
                &[("min", SHORTEST_PART.to_string())],
            );
        }
        invalid.or(())
    }
}

/// A number as people write it, without what only makes it readable.
fn simple(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+ -/().".contains(c));
    if is_number {
        text.chars().filter(|c| !" -/().".contains(*c)).collect()
    } else {
        text
    }
}

/// What a number contains that somebody looks for, in every way in which it may have been kept: as people here dial it, and
/// international.
pub fn ways_to_write(text: &str, plan: &NumberPlan) -> Vec<String> {
    let text = simple(text);
    if text.chars().count() < SHORTEST_PART {
        return vec![text];
    }
    let prefix = plan.trunk_prefix();
    let international = format!("+{}", plan.country);
    let other = if let Some(abroad) = text.strip_prefix("00") {
        Some(format!("+{abroad}"))
    } else if let Some(national) = text.strip_prefix(&international) {
        Some(format!("{prefix}{national}"))
    } else {
        let national = text.strip_prefix(prefix).filter(|_| text.starts_with('0'));
        national.map(|national| format!("{international}{national}"))
    };
    std::iter::once(text).chain(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_picked_up_has_answered() {
        let leg = |dstchannel: &str, disposition: &str, billsec| Leg {
            uniqueid: "1.5".into(),
            clid: String::new(),
            channel: "PJSIP/1001-1".into(),
            dstchannel: dstchannel.into(),
            src: "1001".into(),
            dst: "1002".into(),
            application: "Dial".into(),
            arguments: String::new(),
            started_at: None,
            duration: billsec,
            billsec,
            disposition: disposition.into(),
        };
        let told = |mut legs: Vec<Leg>| {
            tell_pickups(&mut legs);
            let words: Vec<String> = legs.into_iter().map(|leg| leg.disposition).collect();
            words.join(", ")
        };
        let (rang, picked) = ("PJSIP/1002-2", "PJSIP/1003-3");
        assert_eq!(
            told(vec![leg(rang, "ANSWERED", 0), leg(picked, "ANSWERED", 9)]),
            "NO ANSWER, ANSWERED"
        );
        assert_eq!(
            told(vec![leg(rang, "ANSWERED", 4), leg(picked, "ANSWERED", 9)]),
            "ANSWERED, ANSWERED",
            "handed on"
        );
        assert_eq!(told(vec![leg(rang, "ANSWERED", 0)]), "ANSWERED");
    }

    #[test]
    fn a_place_survives_its_token() {
        let place = Place {
            started_at: DateTime::from_timestamp_micros(1_767_600_000_123_456).expect("time"),
            id: 42,
        };
        assert_eq!(Place::parse(&place.token()), Ok(place));
        for bad in ["", "x", "1-", "-1", "99999999999999999999-1", "1-2-3"] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
    }
    #[test]
    fn a_number_is_found_in_whichever_way_it_was_kept() {
        let plan = NumberPlan {
            country: "49".into(),
            area: "421".into(),
        };
        for (typed, ways) in [
            ("0421 98-76", &["04219876", "+494219876"][..]),
            ("+49 421", &["+49421", "0421"]),
            ("0033 1", &["00331", "+331"]),
            ("1001", &["1001"]),
            ("Anonymous", &["anonymous"]),
            ("04", &["04"]),
        ] {
            assert_eq!(ways_to_write(typed, &plan), ways, "{typed}");
        }
    }

    #[test]
    fn a_part_of_a_number_has_three_characters() {
        let filter = |text: &str| CallFilter {
            text: Some(text.into()),
            ..CallFilter::default()
        };
        assert!(filter("042").check().is_ok());
        assert!(filter("0-4 ").check().is_err());
        assert!(CallFilter::default().check().is_ok());
    }
}
