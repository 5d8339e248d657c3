//! Mailboxes: one for an extension, opened by phone with a PIN.

use chrono::{DateTime, Utc};
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};

use super::extension::RING_TIME;
use super::invalid::{Code, Invalid, Wrong};
use super::secret::MASK;
use super::{ExtNumber, Extension, Fields, Given};

const PIN_LENGTH: std::ops::RangeInclusive<usize> = 4..=10;
const GENERATED_LENGTH: usize = 6;
/// Columns of `voicemail`.
const NAME_LENGTH: usize = 80;
const EMAIL_LENGTH: usize = 80;

/// What a person dials to listen. It is kept in clear text because Asterisk compares it so.
#[derive(Clone)]
pub struct Pin(SecretString);

impl Pin {
    /// Never what somebody tries first.
    pub fn parse(text: &str, number: &ExtNumber) -> Result<Self, Wrong> {
        let text = text.trim();
        if !PIN_LENGTH.contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Wrong::new(Code::InvalidPin)
                .with("min", PIN_LENGTH.start().to_string())
                .with("max", PIN_LENGTH.end().to_string()));
        }
        if is_obvious(text, number) {
            return Err(Wrong::new(Code::PinWeak));
        }
        Ok(Self(SecretString::from(text.to_owned())))
    }

    pub fn generate(number: &ExtNumber) -> Self {
        let mut rng = rand::rng();
        loop {
            let text: String = (0..GENERATED_LENGTH)
                .map(|_| char::from(b'0' + rng.random_range(0..10)))
                .collect();
            if !is_obvious(&text, number) {
                return Self(SecretString::from(text));
            }
        }
    }

    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn is_obvious(text: &str, number: &ExtNumber) -> bool {
    let same = text.bytes().all(|b| text.as_bytes().first() == Some(&b));
    same || text == "1234" || text == number.as_str()
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(…)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub number: ExtNumber,
    /// Switched off it takes no messages, and keeps those it has.
    pub enabled: bool,
    pub name: Option<String>,
    pub email: Option<String>,
    pub attach: bool,
    pub delete_after_mail: bool,
    /// The extension's.
    pub ring_time: i16,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Mailbox {
    /// The one that is made when somebody wants one.
    pub fn switched_off(extension: &Extension) -> Self {
        let name = extension.name.as_str();
        Self {
            number: extension.number.clone(),
            enabled: false,
            name: (!name.is_empty()).then(|| name.to_owned()),
            email: None,
            attach: false,
            delete_after_mail: false,
            ring_time: extension.ring_time,
            created_at: extension.created_at,
            updated_at: extension.updated_at,
        }
    }
}

/// How many messages a mailbox has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub mailbox: String,
    pub total: i64,
    pub new: i64,
}

/// What the lamp of a phone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub new: i64,
    pub old: i64,
}

/// What a person typed.
#[derive(Debug, Clone, Default)]
pub struct MailboxDraft {
    pub enabled: Given<bool>,
    pub pin: Given<String>,
    pub name: Given<String>,
    pub email: Given<String>,
    pub attach: Given<bool>,
    pub delete_after_mail: Given<bool>,
    pub ring_time: Given<i64>,
}

#[derive(Debug, Clone)]
pub struct MailboxEdit {
    pub enabled: bool,
    /// None keeps the one there is.
    pub pin: Option<Pin>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub attach: bool,
    pub delete_after_mail: bool,
    pub ring_time: Option<i16>,
}

impl MailboxDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            enabled: fields.flag("enabled"),
            pin: fields.text("pin"),
            name: fields.text("name"),
            email: fields.text("email"),
            attach: fields.flag("attach"),
            delete_after_mail: fields.flag("delete_after_mail"),
            ring_time: fields.int("ring_timeout"),
        }
    }

    /// `before` is None for a new mailbox, which always gets a PIN.
    pub fn check(
        self,
        number: &ExtNumber,
        before: Option<&Mailbox>,
    ) -> Result<MailboxEdit, Invalid> {
        let mut invalid = Invalid::new();
        let pin = match self.pin {
            Given::Value(text) if text != MASK || before.is_none() => {
                invalid.note("pin", Pin::parse(&text, number))
            }
            _ if before.is_none() => Some(Pin::generate(number)),
            _ => None,
        };
        let name = match self.name {
            Given::Absent => before.and_then(|before| before.name.clone()),
            Given::Null => None,
            Given::Value(text) => invalid.note("name", line(&text, NAME_LENGTH)).flatten(),
        };
        let email = match self.email {
            Given::Absent => before.and_then(|before| before.email.clone()),
            Given::Null => None,
            Given::Value(text) => invalid.note("email", email(&text)).flatten(),
        };
        let ring_time = match self.ring_time {
            Given::Value(value) if RING_TIME.contains(&value) => i16::try_from(value).ok(),
            Given::Value(_) => {
                let (min, max) = (RING_TIME.start(), RING_TIME.end());
                let limits = [("min", min.to_string()), ("max", max.to_string())];
                invalid.add_with("ring_timeout", Code::OutOfRange, &limits);
                None
            }
            Given::Absent | Given::Null => None,
        };
        let flag = |given: Given<bool>, before: Option<bool>, otherwise| {
            given.value().or(before).unwrap_or(otherwise)
        };
        invalid.or(MailboxEdit {
            enabled: flag(self.enabled, before.map(|b| b.enabled), true),
            pin,
            name,
            email,
            attach: flag(self.attach, before.map(|b| b.attach), true),
            delete_after_mail: flag(
                self.delete_after_mail,
                before.map(|b| b.delete_after_mail),
                false,
            ),
            ring_time,
        })
    }
}

pub(super) fn line(text: &str, limit: usize) -> Result<Option<String>, Wrong> {
    let text = text.trim();
    if text.chars().count() > limit {
        return Err(Wrong::new(Code::TooLong).with("max", limit.to_string()));
    }
    if text.chars().any(char::is_control) {
        return Err(Wrong::new(Code::InvalidCharacters));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Enough to tell a slip of the finger; whether it is somebody's, only mail can tell.
fn email(text: &str) -> Result<Option<String>, Wrong> {
    let Some(text) = line(text, EMAIL_LENGTH)? else {
        return Ok(None);
    };
    let is_address = text.split_once('@').is_some_and(|(user, host)| {
        let plain = |b: u8| b.is_ascii_graphic() && !b",;<>\"()[]\\@".contains(&b);
        let full = |part: &str| !part.is_empty() && part.bytes().all(plain);
        full(user) && full(host) && !host.starts_with('.') && !host.ends_with('.')
    });
    if is_address {
        Ok(Some(text))
    } else {
        Err(Wrong::new(Code::InvalidEmail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> ExtNumber {
        ExtNumber::parse("1001").expect("legal")
    }

    #[test]
    fn a_pin_is_never_what_somebody_tries_first() {
        for bad in ["1234", "1001", "0000", "777777"] {
            let wrong = Pin::parse(bad, &number()).expect_err(bad);
            assert_eq!(wrong.code, Code::PinWeak, "{bad}");
        }
        for bad in ["", "123", "12345678901", "12a4", "１２３５"] {
            let wrong = Pin::parse(bad, &number()).expect_err(bad);
            assert_eq!(wrong.code, Code::InvalidPin, "{bad}");
        }
        assert_eq!(
            Pin::parse("4321", &number()).expect("legal").expose(),
            "4321"
        );
        assert_eq!(Pin::generate(&number()).expose().len(), 6);
    }

    #[test]
    fn an_address_has_two_sides_and_no_second_line() {
        for good in ["a@b", "eva.müller@example.com".replace('ü', "ue").as_str()] {
            assert!(email(good).is_ok(), "{good}");
        }
        for bad in ["a", "@b", "a@", "a@b\nBcc: c@d", "a@b@c", "<a@b>", "a b@c"] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
        assert_eq!(email("  "), Ok(None));
    }

    #[test]
    fn what_is_not_named_stays_and_the_mask_keeps_the_pin() {
        let before = Mailbox {
            number: number(),
            enabled: false,
            name: Some("Ada".into()),
            email: Some("a@b".into()),
            attach: false,
            delete_after_mail: true,
            ring_time: 20,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let draft = MailboxDraft {
            pin: Given::Value(MASK.into()),
            email: Given::Null,
            ..MailboxDraft::default()
        };
        let edit = draft.check(&number(), Some(&before)).expect("legal");
        assert!(edit.pin.is_none() && !edit.enabled && !edit.attach && edit.delete_after_mail);
        assert_eq!((edit.name.as_deref(), edit.email), (Some("Ada"), None));
        let new = MailboxDraft::default()
            .check(&number(), None)
            .expect("legal");
        assert!(new.pin.is_some() && new.enabled && new.attach && !new.delete_after_mail);
    }
}
