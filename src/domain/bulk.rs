//! One change of many extensions.

use super::extension::{RING_TIME, pickup_group, whole};
use super::invalid::{Code, Invalid};
use super::{Codecs, Fields, Given};

/// What is to be the same for all of them afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Enabled(bool),
    /// None: the system's order.
    Codecs(Option<Codecs>),
    PickupGroup(Option<String>),
    RingTime(i16),
    Delete,
}

/// What a person or a program typed.
#[derive(Debug, Clone, Default)]
pub struct ChangeDraft {
    pub action: Given<String>,
    pub codecs: Given<String>,
    pub pickup_group: Given<String>,
    pub ring_time: Given<i64>,
}

impl ChangeDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            action: fields.text("action"),
            codecs: fields.text("codecs"),
            pickup_group: fields.text("pickup_group"),
            ring_time: fields.int("ring_time"),
        }
    }

    pub fn check(self) -> Result<Change, Invalid> {
        let mut invalid = Invalid::new();
        let Some(action) = self.action.value() else {
            return Err(Invalid::one("action", Code::Required));
        };
        let change = match action.as_str() {
            "enable" => Some(Change::Enabled(true)),
            "disable" => Some(Change::Enabled(false)),
            "delete" => Some(Change::Delete),
            "codecs" => match self.codecs {
                Given::Absent => named(&mut invalid, "codecs"),
                Given::Null => Some(Change::Codecs(None)),
                Given::Value(text) => {
                    let codecs = invalid.note("codecs", Codecs::parse(&text));
                    codecs.map(|codecs| Change::Codecs(Some(codecs)))
                }
            },
            "pickup_group" => match self.pickup_group {
                Given::Absent => named(&mut invalid, "pickup_group"),
                Given::Null => Some(Change::PickupGroup(None)),
                Given::Value(text) => {
                    let group = invalid.note("pickup_group", pickup_group(&text));
                    group.map(Change::PickupGroup)
                }
            },
            "ring_time" if !matches!(self.ring_time, Given::Value(_)) => {
                named(&mut invalid, "ring_time")
            }
            "ring_time" => {
                let time = whole(&mut invalid, "ring_time", &self.ring_time, RING_TIME, 0);
                i16::try_from(time).ok().map(Change::RingTime)
            }
            _ => {
                invalid.add("action", Code::Malformed);
                None
            }
        };
        match change {
            Some(change) if invalid.is_empty() => Ok(change),
            _ => Err(invalid),
        }
    }
}

fn named(invalid: &mut Invalid, field: &'static str) -> Option<Change> {
    invalid.add(field, Code::Required);
    None
}

/// What goes with extensions that are deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependants {
    pub numbers: i64,
    pub forwards: i64,
    /// Of others, which lead nowhere afterwards.
    pub forwards_to: i64,
    pub mailboxes: i64,
    pub messages: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<Change, Vec<(&'static str, &'static str)>> {
        let mut fields = Fields::from_json(serde_json::from_str(json).expect("test JSON"));
        let draft = ChangeDraft::read(&mut fields);
        draft.check().map_err(|invalid| {
            let problems = invalid.problems().iter();
            problems.map(|p| (p.field, p.code.as_str())).collect()
        })
    }

    #[test]
    fn each_change_needs_its_own_value() {
        assert_eq!(
            check(r#"{"action": "disable"}"#),
            Ok(Change::Enabled(false))
        );
        assert_eq!(
            check(r#"{"action": "codecs", "codecs": null}"#),
            Ok(Change::Codecs(None))
        );
        assert_eq!(
            check(r#"{"action": "codecs", "codecs": "alaw"}"#),
            Ok(Change::Codecs(Codecs::parse("alaw").ok()))
        );
        assert_eq!(
            check(r#"{"action": "ring_time", "ring_time": 30}"#),
            Ok(Change::RingTime(30))
        );
        for (json, field, code) in [
            ("{}", "action", "required"),
            (r#"{"action": "explode"}"#, "action", "malformed"),
            (r#"{"action": "codecs"}"#, "codecs", "required"),
            (
                r#"{"action": "codecs", "codecs": "foo"}"#,
                "codecs",
                "unknown_codec",
            ),
            (
                r#"{"action": "pickup_group", "pickup_group": "a b"}"#,
                "pickup_group",
                "invalid_pickup_group",
            ),
            (
                r#"{"action": "ring_time", "ring_time": 4}"#,
                "ring_time",
                "out_of_range",
            ),
            (
                r#"{"action": "ring_time", "ring_time": null}"#,
                "ring_time",
                "required",
            ),
        ] {
            assert_eq!(check(json), Err(vec![(field, code)]), "{json}");
        }
    }
}
