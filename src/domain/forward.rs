//! Forwards: where calls to an extension go instead.

use std::fmt;

use chrono::{DateTime, Utc};

use super::did::{Did, NumberPlan};
use super::invalid::{Code, Invalid, Wrong};
use super::{ExtNumber, Fields, Given};

/// Seconds, as for every phone that rings.
const RING_TIMES: std::ops::RangeInclusive<i64> = 5..=120;
const USUAL_RING_TIME: i16 = 20;

/// When a forward acts. One of each kind for an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// CFU: always; its phones do not ring.
    Unconditional,
    /// CFB: all its phones are busy.
    Busy,
    /// CFNA: nobody answers, or no phone is registered.
    NoAnswer,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Unconditional, Self::Busy, Self::NoAnswer];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unconditional => "unconditional",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Safe in dialplan arguments by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Extension(ExtNumber),
    Outside(Did),
}

impl Target {
    /// As a person writes it. Numbers outside begin as they are dialled: with 0 or +.
    pub fn parse(text: &str, plan: &NumberPlan) -> Result<Self, Wrong> {
        let text = text.trim();
        if text.starts_with(['0', '+']) {
            return Did::parse(text, plan).map(Self::Outside);
        }
        let number = ExtNumber::parse(text).map_err(|_| Wrong::new(Code::InvalidDestination))?;
        Ok(Self::Extension(number))
    }

    /// What a column of ours holds.
    pub fn from_canonical(text: &str) -> Option<Self> {
        Did::from_canonical(text)
            .map(Self::Outside)
            .or_else(|| ExtNumber::parse(text).ok().map(Self::Extension))
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Extension(number) => number.as_str(),
            Self::Outside(did) => did.as_str(),
        }
    }

    /// As it is dialled.
    pub fn dialled(&self, plan: &NumberPlan) -> String {
        match self {
            Self::Extension(number) => number.to_string(),
            Self::Outside(did) => did.national(plan),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    pub id: i64,
    pub extension: ExtNumber,
    pub kind: Kind,
    pub target: Target,
    pub ring_time: i16,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Default)]
pub struct ForwardDraft {
    pub extension: Given<String>,
    pub kind: Given<String>,
    pub target: Given<String>,
    pub ring_time: Given<i64>,
    pub enabled: Given<bool>,
}

/// What is to be saved. Extension and kind of a forward do not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardEdit {
    pub extension: ExtNumber,
    pub kind: Kind,
    pub target: Target,
    pub ring_time: i16,
    pub enabled: bool,
}

impl ForwardDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            extension: fields.text("extension"),
            kind: fields.text("forward_type"),
            target: fields.text("destination"),
            ring_time: fields.int("ring_time"),
            enabled: fields.flag("enabled"),
        }
    }

    /// `emergency`: numbers nobody is forwarded to.
    pub fn check(
        self,
        before: Option<&Forward>,
        plan: &NumberPlan,
        emergency: &[String],
    ) -> Result<ForwardEdit, Invalid> {
        let mut invalid = Invalid::new();
        let extension = match (before, self.extension) {
            (Some(before), _) => Some(before.extension.clone()),
            (None, Given::Value(text)) => invalid.note(
                "extension",
                ExtNumber::parse(&text).map_err(|_| Wrong::new(Code::UnknownExtension)),
            ),
            _ => missing(&mut invalid, "extension"),
        };
        let kind = match (before, self.kind) {
            (Some(before), _) => Some(before.kind),
            (None, Given::Value(text)) => invalid.note(
                "forward_type",
                Kind::parse(&text).ok_or(Wrong::new(Code::InvalidForwardType)),
            ),
            _ => missing(&mut invalid, "forward_type"),
        };
        let target = match (self.target, before) {
            (Given::Value(text), _) if text.trim().is_empty() => {
                missing(&mut invalid, "destination")
            }
            (Given::Value(text), _) => {
                let parsed = Target::parse(&text, plan);
                let is_emergency = emergency.iter().any(|number| *number == text.trim());
                invalid.note(
                    "destination",
                    parsed.and_then(|target| {
                        if is_emergency {
                            Err(Wrong::new(Code::InvalidDestination))
                        } else {
                            Ok(target)
                        }
                    }),
                )
            }
            (Given::Absent, Some(before)) => Some(before.target.clone()),
            _ => missing(&mut invalid, "destination"),
        };
        let usual = before.map_or(USUAL_RING_TIME, |b| b.ring_time);
        let ring_time = match self.ring_time {
            Given::Value(seconds) => invalid.note("ring_time", ring_time(seconds)),
            Given::Null | Given::Absent => Some(usual),
        };
        let enabled = self
            .enabled
            .value()
            .or(before.map(|b| b.enabled))
            .unwrap_or(true);
        let (Some(extension), Some(kind), Some(target)) = (extension, kind, target) else {
            return Err(invalid);
        };
        if target == Target::Extension(extension.clone()) {
            invalid.add("destination", Code::ForwardLoop);
        }
        invalid.or(ForwardEdit {
            extension,
            kind,
            target,
            ring_time: ring_time.unwrap_or(usual),
            enabled,
        })
    }
}

fn ring_time(seconds: i64) -> Result<i16, Wrong> {
    let wrong = || {
        Wrong::new(Code::OutOfRange)
            .with("min", RING_TIMES.start().to_string())
            .with("max", RING_TIMES.end().to_string())
    };
    if !RING_TIMES.contains(&seconds) {
        return Err(wrong());
    }
    i16::try_from(seconds).map_err(|_| wrong())
}

fn missing<T>(invalid: &mut Invalid, field: &'static str) -> Option<T> {
    invalid.add(field, Code::Required);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<ForwardEdit, Vec<(&'static str, &'static str)>> {
        let mut fields = Fields::from_json(serde_json::from_str(json).expect("test JSON"));
        let emergency = ["110".to_owned(), "112".to_owned()];
        ForwardDraft::read(&mut fields)
            .check(None, &NumberPlan::default(), &emergency)
            .map_err(|invalid| {
                let problems = invalid.problems().iter();
                problems.map(|p| (p.field, p.code.as_str())).collect()
            })
    }

    #[test]
    fn a_target_is_an_extension_or_a_number_outside() {
        let of = |target: &str| {
            check(&format!(
                r#"{{"extension": "1001", "forward_type": "busy", "destination": "{target}"}}"#
            ))
        };
        let edit = of("1002").expect("legal");
        assert_eq!(
            (edit.target.as_str(), edit.ring_time, edit.enabled),
            ("1002", 20, true)
        );
        assert_eq!(
            of("0171 123456").expect("legal").target.as_str(),
            "+49171123456"
        );
        assert_eq!(
            of("+39 06 123456").expect("legal").target.as_str(),
            "+3906123456"
        );
        for (wrong, code) in [
            ("1001", "forward_loop"),
            ("112", "invalid_destination"),
            ("zuhause", "invalid_destination"),
            ("1002,5)", "invalid_destination"),
            ("0", "invalid_did"),
            ("", "required"),
        ] {
            assert_eq!(of(wrong), Err(vec![("destination", code)]), "{wrong}");
        }
    }

    #[test]
    fn each_wrong_field_is_named() {
        let wrong = check(
            r#"{"extension": "x", "forward_type": "sometimes", "destination": "1002", "ring_time": 4}"#,
        );
        let wrong = wrong.expect_err("wrong");
        assert_eq!(
            wrong,
            [
                ("extension", "unknown_extension"),
                ("forward_type", "invalid_forward_type"),
                ("ring_time", "out_of_range"),
            ]
        );
    }
}
