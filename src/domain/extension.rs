//! An extension: what it is, and what may be said about it.

use chrono::{DateTime, Utc};

use super::did::Did;
use super::forward::Kind;
use super::invalid::{Code, Invalid, Wrong};
use super::secret::MASK;
use super::{CallerName, Codecs, ExtNumber, Fields, Given, SipSecret};

pub const RING_TIME: std::ops::RangeInclusive<i64> = 5..=120;
pub const MAX_PHONES: std::ops::RangeInclusive<i64> = 1..=20;
const PICKUP_GROUP_LENGTH: usize = 40;

/// The contexts an extension may call from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    Internal,
    Custom,
}

impl Context {
    pub const ALL: [Self; 2] = [Self::Internal, Self::Custom];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Custom => "custom",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let found = Self::ALL.into_iter().find(|c| c.as_str() == text.trim());
        found.ok_or_else(|| Wrong::new(Code::InvalidContext))
    }
}

/// What a list shows besides an extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extras {
    /// Those that are on.
    pub forwards: Vec<Kind>,
    /// New ones and all; `None` without a mailbox.
    pub messages: Option<(i64, i64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub number: ExtNumber,
    pub name: CallerName,
    pub context: Context,
    /// What the phone is offered, in order.
    pub codecs: Codecs,
    /// false: `codecs` is the system's order, and follows it.
    pub own_codecs: bool,
    pub enabled: bool,
    pub ring_time: i16,
    pub max_phones: i32,
    pub blf: bool,
    pub pickup_group: Option<String>,
    pub user_id: Option<i64>,
    /// The number it shows outside, when one was chosen.
    pub outbound_did: Option<Did>,
    pub pai: Option<Did>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What a person or a program typed.
#[derive(Debug, Clone, Default)]
pub struct ExtensionDraft {
    pub number: Given<String>,
    pub name: Given<String>,
    pub secret: Given<String>,
    pub allow_weak: bool,
    pub context: Given<String>,
    pub codecs: Given<String>,
    pub enabled: Given<bool>,
    pub ring_time: Given<i64>,
    pub max_phones: Given<i64>,
    pub blf: Given<bool>,
    pub pickup_group: Given<String>,
}

/// A password to set, judged.
#[derive(Debug, Clone)]
pub struct NewSecret {
    pub secret: SipSecret,
    pub score: u8,
}

/// Checked. The state an extension is to have; a password only when it changes.
#[derive(Debug, Clone)]
pub struct ExtensionEdit {
    pub number: ExtNumber,
    pub name: CallerName,
    pub context: Context,
    /// None: the system's order.
    pub codecs: Option<Codecs>,
    pub enabled: bool,
    pub ring_time: i16,
    pub max_phones: i32,
    pub blf: bool,
    pub pickup_group: Option<String>,
    pub secret: Option<NewSecret>,
}

/// What the check needs to know besides the draft.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub emergency_numbers: &'a [String],
    /// Whether whoever asks may use a weak password if they insist.
    pub may_allow_weak: bool,
}

impl ExtensionDraft {
    /// The names are those of the REST contract; forms use them too.
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            number: fields.text("extension"),
            name: fields.text("caller_id"),
            secret: fields.text("secret"),
            allow_weak: fields.flag("allow_weak").value().unwrap_or(false),
            context: fields.text("context"),
            codecs: fields.text("codecs"),
            enabled: fields.flag("enabled"),
            ring_time: fields.int("ring_time"),
            max_phones: fields.int("max_contacts"),
            blf: fields.flag("blf_enabled"),
            pickup_group: fields.text("pickup_group"),
        }
    }

    /// `before` is None for a new extension. What the draft does not name stays, or gets its default.
    pub fn check(
        self,
        before: Option<&Extension>,
        rules: Rules<'_>,
    ) -> Result<ExtensionEdit, Invalid> {
        let mut invalid = Invalid::new();
        let number = match (self.number, before) {
            (Given::Absent, Some(before)) => Some(before.number.clone()),
            (Given::Absent | Given::Null, _) => {
                invalid.add("extension", Code::Required);
                None
            }
            (Given::Value(text), _) => invalid.note("extension", ExtNumber::parse(&text)),
        };
        let is_new = before.is_none_or(|before| number.as_ref() != Some(&before.number));
        if let Some(number) = number.as_ref().filter(|_| is_new)
            && rules
                .emergency_numbers
                .iter()
                .any(|emergency| emergency == number.as_str())
        {
            invalid.add("extension", Code::EmergencyNumber);
        }

        // A name's limit depends on the number; judged by a number of usual length if that one is wrong.
        let beside = number.clone().or_else(|| ExtNumber::parse("1000").ok());
        let typed = match self.name {
            Given::Absent => before
                .map(|b| b.name.as_str().to_owned())
                .unwrap_or_default(),
            Given::Null => String::new(),
            Given::Value(name) => name,
        };
        let name =
            beside.and_then(|beside| invalid.note("caller_id", CallerName::parse(&typed, &beside)));

        let context = match self.context {
            Given::Absent => Some(before.map_or(Context::Internal, |b| b.context)),
            Given::Null => Some(Context::Internal),
            Given::Value(text) => invalid.note("context", Context::parse(&text)),
        };
        let codecs = match self.codecs {
            Given::Absent => before.filter(|b| b.own_codecs).map(|b| b.codecs.clone()),
            Given::Null => None,
            Given::Value(text) => invalid.note("codecs", Codecs::parse(&text)),
        };
        let ring_time = whole(
            &mut invalid,
            "ring_time",
            &self.ring_time,
            RING_TIME,
            before.map_or(20, |b| i64::from(b.ring_time)),
        );
        let max_phones = whole(
            &mut invalid,
            "max_contacts",
            &self.max_phones,
            MAX_PHONES,
            before.map_or(5, |b| i64::from(b.max_phones)),
        );
        let pickup_group = match self.pickup_group {
            Given::Absent => before.and_then(|b| b.pickup_group.clone()),
            Given::Null => None,
            Given::Value(text) => invalid.note("pickup_group", pickup_group(&text)).flatten(),
        };
        let secret = match self.secret {
            Given::Value(text) if text != MASK || before.is_none() => invalid
                .note("secret", SipSecret::parse(&text))
                .map(|secret| {
                    let score = number.as_ref().map_or(0, |n| secret.score(n, typed.trim()));
                    NewSecret { secret, score }
                }),
            // A digest is only good for one number: a new number needs a new password.
            _ if is_new => Some(NewSecret {
                secret: SipSecret::generate(),
                score: 4,
            }),
            _ => None,
        };
        if let Some(new) = &secret
            && new.score < super::secret::STRONG_SCORE
            && !(self.allow_weak && rules.may_allow_weak)
        {
            invalid.add("secret", Code::SecretWeak);
        }

        let (Some(number), Some(name), Some(context)) = (number, name, context) else {
            return Err(invalid);
        };
        invalid.or(ExtensionEdit {
            number,
            name,
            context,
            codecs,
            enabled: self
                .enabled
                .value()
                .or(before.map(|b| b.enabled))
                .unwrap_or(true),
            ring_time: i16::try_from(ring_time).unwrap_or(20),
            max_phones: i32::try_from(max_phones).unwrap_or(5),
            blf: self.blf.value().or(before.map(|b| b.blf)).unwrap_or(true),
            pickup_group,
            secret,
        })
    }
}

pub(super) fn whole(
    invalid: &mut Invalid,
    field: &'static str,
    given: &Given<i64>,
    range: std::ops::RangeInclusive<i64>,
    otherwise: i64,
) -> i64 {
    let Given::Value(value) = *given else {
        return otherwise;
    };
    if !range.contains(&value) {
        let limits = [
            ("min", range.start().to_string()),
            ("max", range.end().to_string()),
        ];
        invalid.add_with(field, Code::OutOfRange, &limits);
    }
    value
}

/// Words separated by commas, as `named_call_group` and `named_pickup_group` have them.
pub(super) fn pickup_group(text: &str) -> Result<Option<String>, Wrong> {
    let groups: Vec<&str> = text
        .split(',')
        .map(str::trim)
        .filter(|group| !group.is_empty())
        .collect();
    let column = groups.join(",");
    if column.len() > PICKUP_GROUP_LENGTH {
        return Err(Wrong::new(Code::TooLong).with("max", PICKUP_GROUP_LENGTH.to_string()));
    }
    let plain = column
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b','));
    if !plain {
        return Err(Wrong::new(Code::InvalidPickupGroup));
    }
    Ok(Some(column).filter(|column| !column.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(json: &str) -> ExtensionDraft {
        let mut fields = Fields::from_json(serde_json::from_str(json).expect("test JSON"));
        ExtensionDraft::read(&mut fields)
    }

    fn rules(emergency: &[String]) -> Rules<'_> {
        Rules {
            emergency_numbers: emergency,
            may_allow_weak: true,
        }
    }

    fn codes(json: &str) -> Vec<(&'static str, &'static str)> {
        let emergency = ["110".to_owned()];
        match draft(json).check(None, rules(&emergency)) {
            Ok(_) => Vec::new(),
            Err(invalid) => invalid
                .problems()
                .iter()
                .map(|p| (p.field, p.code.as_str()))
                .collect(),
        }
    }

    #[test]
    fn a_number_is_enough() {
        let edit = draft(r#"{"extension": "1001"}"#)
            .check(None, rules(&[]))
            .expect("legal");
        assert_eq!(edit.secret.expect("generated").secret.expose().len(), 20);
        assert_eq!(
            (edit.ring_time, edit.max_phones, edit.enabled, edit.blf),
            (20, 5, true, true)
        );
        assert_eq!(edit.codecs, None);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        assert_eq!(
            codes(
                r#"{"extension": "01", "caller_id": "a\nb", "secret": "x", "context": "default",
                    "codecs": "foo", "ring_time": 4, "max_contacts": 0, "pickup_group": "a b"}"#
            ),
            [
                ("extension", "invalid_number"),
                ("caller_id", "invalid_characters"),
                ("context", "invalid_context"),
                ("codecs", "unknown_codec"),
                ("ring_time", "out_of_range"),
                ("max_contacts", "out_of_range"),
                ("pickup_group", "invalid_pickup_group"),
                ("secret", "secret_too_short"),
            ]
        );
        assert_eq!(
            codes(r#"{"extension": "110"}"#),
            [("extension", "emergency_number")]
        );
        assert_eq!(codes("{}"), [("extension", "required")]);
    }

    #[test]
    fn a_weak_password_needs_an_explicit_word() {
        let weak = r#"{"extension": "1001", "secret": "abc123"}"#;
        assert_eq!(codes(weak), [("secret", "secret_weak")]);
        assert!(
            codes(r#"{"extension": "1001", "secret": "abc123", "allow_weak": true}"#).is_empty()
        );
        let not_admin = Rules {
            emergency_numbers: &[],
            may_allow_weak: false,
        };
        let insisting = draft(r#"{"extension": "1001", "secret": "abc123", "allow_weak": true}"#);
        assert!(insisting.check(None, not_admin).is_err());
    }

    fn existing() -> Extension {
        Extension {
            number: ExtNumber::parse("1001").expect("legal"),
            name: CallerName::default(),
            context: Context::Custom,
            codecs: Codecs::parse("alaw").expect("legal"),
            own_codecs: true,
            enabled: false,
            ring_time: 33,
            max_phones: 2,
            blf: false,
            pickup_group: Some("sales".into()),
            user_id: None,
            outbound_did: None,
            pai: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_not_named_stays_and_null_takes_away() {
        let before = existing();
        let edit = draft(r#"{"caller_id": "Büro", "pickup_group": null}"#)
            .check(Some(&before), rules(&[]))
            .expect("legal");
        assert_eq!(
            (edit.ring_time, edit.max_phones, edit.enabled, edit.blf),
            (33, 2, false, false)
        );
        assert_eq!(edit.context, Context::Custom);
        assert_eq!(edit.codecs, Codecs::parse("alaw").ok());
        assert_eq!(edit.pickup_group, None);
        assert!(edit.secret.is_none());
    }

    #[test]
    fn the_mask_written_back_keeps_the_password_and_a_rename_never_does() {
        let before = existing();
        let kept = draft(r#"{"secret": "********"}"#).check(Some(&before), rules(&[]));
        assert!(kept.expect("legal").secret.is_none());
        let renamed = draft(r#"{"extension": "1101", "secret": "********"}"#)
            .check(Some(&before), rules(&[]));
        assert_eq!(
            renamed
                .expect("legal")
                .secret
                .expect("made")
                .secret
                .expose()
                .len(),
            20
        );
    }
}
