//! Mails: the server that takes them, and what may go wrong on the way.

use std::time::Duration;

use secrecy::SecretString;

use super::invalid::{Code, Invalid, Wrong};
use super::secret::MASK;
use super::{Fields, Given};

const HOST_LENGTH: usize = 253;
const ADDRESS_LENGTH: usize = 254;
const NAME_LENGTH: usize = 100;
const LOGIN_LENGTH: usize = 200;

/// The first pause after an attempt that failed, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_mins(30);
/// For how long a mail is tried.
pub const PATIENCE: chrono::TimeDelta = chrono::TimeDelta::days(3);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encryption {
    #[default]
    StartTls,
    Tls,
    None,
}

impl Encryption {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::StartTls, Self::Tls, Self::None]
            .into_iter()
            .find(|encryption| encryption.as_str() == text)
    }
}

/// An empty host: no mails are sent.
#[derive(Debug, Clone)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub encryption: Encryption,
    pub username: Option<String>,
    pub password: Option<SecretString>,
    pub sender: String,
    pub sender_name: String,
}

impl Default for MailServer {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            encryption: Encryption::default(),
            username: None,
            password: None,
            sender: String::new(),
            sender_name: String::new(),
        }
    }
}

/// What a person typed.
#[derive(Debug, Clone, Default)]
pub struct MailServerDraft {
    host: Given<String>,
    port: Given<i64>,
    encryption: Given<String>,
    /// The original's word for it: encrypted or not; the port says in which way.
    tls: Given<bool>,
    username: Given<String>,
    password: Given<String>,
    sender: Given<String>,
    sender_name: Given<String>,
}

impl MailServerDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            host: fields.text("smtp_host"),
            port: fields.int("smtp_port"),
            encryption: fields.text("smtp_encryption"),
            tls: fields.flag("smtp_tls"),
            username: fields.text("smtp_user"),
            password: fields.text("smtp_password"),
            sender: fields.text("smtp_from"),
            sender_name: fields.text("smtp_from_name"),
        }
    }

    pub fn check(self, before: MailServer) -> Result<MailServer, Invalid> {
        let mut invalid = Invalid::new();
        let text = |given: Given<String>, before: String| match given {
            Given::Absent => before,
            Given::Null => String::new(),
            Given::Value(text) => text.trim().to_owned(),
        };
        let host = text(self.host, before.host);
        let host = invalid.note("smtp_host", checked_host(&host));
        let port = match self.port {
            Given::Absent => Some(before.port),
            Given::Null => Some(MailServer::default().port),
            Given::Value(port) => invalid.note("smtp_port", checked_port(port)),
        };
        let encryption = match (self.encryption, self.tls) {
            (Given::Value(word), _) => {
                let known = Encryption::parse(&word).ok_or(Wrong::new(Code::Malformed));
                invalid.note("smtp_encryption", known)
            }
            (_, Given::Value(false)) => Some(Encryption::None),
            (_, Given::Value(true)) if port == Some(465) => Some(Encryption::Tls),
            (_, Given::Value(true)) if before.encryption == Encryption::None => {
                Some(Encryption::StartTls)
            }
            _ => Some(before.encryption),
        };
        let username = text(self.username, before.username.unwrap_or_default());
        let username = invalid.note("smtp_user", line(&username, LOGIN_LENGTH));
        let username = username.filter(|name| !name.is_empty());
        let password = match self.password {
            Given::Value(typed) if typed != MASK => invalid
                .note("smtp_password", line(&typed, LOGIN_LENGTH))
                .map(SecretString::from),
            _ => before.password,
        };
        if username.is_some() && password.is_none() {
            invalid.add("smtp_password", Code::Required);
        }
        let sender = text(self.sender, before.sender);
        if !sender.is_empty() {
            invalid.note("smtp_from", address(&sender));
        } else if host.as_deref().is_some_and(|host| !host.is_empty()) {
            invalid.add("smtp_from", Code::Required);
        }
        let sender_name = text(self.sender_name, before.sender_name);
        invalid.note("smtp_from_name", line(&sender_name, NAME_LENGTH));
        invalid.or(MailServer {
            host: host.unwrap_or_default(),
            port: port.unwrap_or_default(),
            encryption: encryption.unwrap_or_default(),
            // Without a name there is nothing to log in with.
            password: password.filter(|_| username.is_some()),
            username,
            sender,
            sender_name,
        })
    }
}

fn checked_port(port: i64) -> Result<u16, Wrong> {
    let legal = u16::try_from(port).ok().filter(|port| *port > 0);
    legal.ok_or_else(|| {
        Wrong::new(Code::OutOfRange)
            .with("min", "1")
            .with("max", u16::MAX.to_string())
    })
}

fn checked_host(text: &str) -> Result<String, Wrong> {
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    if text.is_empty() || is_address || (text.len() <= HOST_LENGTH && is_host(text)) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Wrong::new(Code::InvalidHost))
    }
}

fn is_host(text: &str) -> bool {
    text.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

fn line(text: &str, max: usize) -> Result<String, Wrong> {
    if text.chars().any(char::is_control) {
        return Err(Wrong::new(Code::InvalidCharacters));
    }
    if text.chars().count() > max {
        return Err(Wrong::new(Code::TooLong).with("max", max.to_string()));
    }
    Ok(text.to_owned())
}

/// One mail address as providers write them: nothing in quotes, no comments, no list.
pub fn address(text: &str) -> Result<String, Wrong> {
    let invalid = || Wrong::new(Code::InvalidEmail);
    let text = text.trim();
    let (user, host) = text.rsplit_once('@').ok_or_else(invalid)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-.".contains(&b);
    let legal = (1..=64).contains(&user.len())
        && user.bytes().all(plain)
        && !user.starts_with('.')
        && !user.ends_with('.')
        && !user.contains("..")
        && is_host(host)
        && text.len() <= ADDRESS_LENGTH;
    if legal {
        Ok(text.to_owned())
    } else {
        Err(invalid())
    }
}

/// What kept a mail from being delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    NotConfigured,
    Unreachable,
    Tls,
    NoStartTls,
    Login,
    NoLogin,
    Sender,
    Recipient,
    Content,
    /// Not now, but perhaps soon.
    Later,
    /// What the mailbox has is no mail address.
    Address,
}

impl Problem {
    pub const ALL: [Self; 11] = [
        Self::NotConfigured,
        Self::Unreachable,
        Self::Tls,
        Self::NoStartTls,
        Self::Login,
        Self::NoLogin,
        Self::Sender,
        Self::Recipient,
        Self::Content,
        Self::Later,
        Self::Address,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::NoStartTls => "no_starttls",
            Self::Login => "login",
            Self::NoLogin => "no_login",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Content => "content",
            Self::Later => "later",
            Self::Address => "address",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|problem| problem.as_str() == text)
    }

    /// To try again would change nothing: the mail server has said no to this very mail.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Recipient | Self::Content | Self::Address)
    }

    /// Every other mail would meet it as well, until the mail server or its settings are mended.
    pub fn is_everybodys(self) -> bool {
        !self.is_final() && self != Self::Later
    }
}

/// A mail that was not delivered, and what the mail server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    pub problem: Problem,
    pub answer: String,
}

/// How long to wait after so many attempts. `chance` is from 0 to 1, so that not all wake up at once.
pub fn pause(attempts: u32, chance: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(20));
    doubled.min(LONGEST_PAUSE).mul_f64(0.8 + 0.2 * chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(pairs: &[(&str, &str)], before: MailServer) -> Result<MailServer, Vec<String>> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut fields = Fields::from_form(pairs.collect(), &[]);
        let draft = MailServerDraft::read(&mut fields);
        draft.check(before).map_err(|invalid| {
            let problems = invalid.problems().iter();
            problems
                .map(|p| format!("{} {}", p.field, p.code.as_str()))
                .collect()
        })
    }

    #[test]
    fn a_server_needs_a_sender_and_a_user_name_a_password() {
        let wrong = checked(
            &[("smtp_host", "mail.example.com"), ("smtp_user", "pbx")],
            MailServer::default(),
        );
        assert_eq!(
            wrong.map(|_| ()),
            Err(vec![
                "smtp_password required".to_owned(),
                "smtp_from required".to_owned()
            ])
        );
    }

    #[test]
    fn the_mask_and_an_empty_field_keep_the_password() {
        use secrecy::ExposeSecret;
        let before = MailServer {
            username: Some("pbx".into()),
            password: Some("secret".to_owned().into()),
            ..MailServer::default()
        };
        for typed in [MASK, ""] {
            let kept = checked(&[("smtp_password", typed)], before.clone()).expect("legal");
            assert_eq!(
                kept.password.expect("a password").expose_secret(),
                "secret",
                "{typed:?}"
            );
        }
        let gone = checked(&[("smtp_user", "")], before).expect("legal");
        assert!(gone.password.is_none());
    }

    #[test]
    fn an_address_is_one_and_nothing_else() {
        for good in [
            "a@b.de",
            "ada.lovelace+pbx@mail.example.com",
            "root@localhost",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b.de",
            "a@",
            "a@b@c",
            "a b@c.de",
            "a@b.de, c@d.de",
            "a@b.de\r\nBcc: c@d.de",
            "\"a\"@b.de",
            "<a@b.de>",
            ".a@b.de",
            "a..b@c.de",
            "a@-b.de",
            "ä@b.de",
        ] {
            assert!(address(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_pause_doubles_to_half_an_hour() {
        let seconds: Vec<u64> = (1..=10).map(|n| pause(n, 1.0).as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]);
        assert_eq!(pause(1, 0.0), Duration::from_secs(8));
        assert_eq!(pause(u32::MAX, 1.0), LONGEST_PAUSE);
    }
}
