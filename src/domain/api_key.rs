//! Keys of programs: what they may, how they look, and what is kept of them.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::invalid::{Code, Invalid};
use super::secret::hex;
use super::{Fields, Given, Role};

/// By its beginning a key that has leaked is found in files.
const MARK: &str = "gono_";
/// 62 letters and digits: 238 bits.
const LENGTH: usize = 40;
const SHOWN: usize = 6;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const NAME_LENGTH: usize = 50;

/// What a key may, within what its owner may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// To look at everything.
    Read,
    /// To change the telephone system.
    Write,
    /// To place and end calls.
    Calls,
    /// To make, change and delete people.
    Users,
}

impl Scope {
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Calls, Self::Users];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Calls => "calls",
            Self::Users => "users",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    /// What a request needs. None: it is for people who are logged in, and for no key; a key that makes keys or sets
    /// passwords would be no limit at all.
    pub fn needed(method: &str, path: &str) -> Option<Self> {
        let is_read = matches!(method, "GET" | "HEAD");
        let below = |folder: &str| {
            let rest = path.strip_prefix(folder);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if path == "/api/auth/me" && is_read {
            Some(Self::Read)
        } else if below("/api/auth") || below("/api/keys") {
            None
        } else if is_read {
            Some(Self::Read)
        } else if below("/api/calls") {
            Some(Self::Calls)
        } else if below("/api/users") {
            Some(Self::Users)
        } else {
            Some(Self::Write)
        }
    }
}

/// A new key, shown this once.
pub struct NewKey(SecretString);

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewKey(…)")
    }
}

impl NewKey {
    pub fn generate() -> Self {
        let mut rng = rand::rng();
        let letter = |_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())]);
        let letters: String = (0..LENGTH).map(letter).collect();
        Self(format!("{MARK}{letters}").into())
    }

    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// By which people tell keys apart.
    pub fn prefix(&self) -> &str {
        &self.expose()[..MARK.len() + SHOWN]
    }
}

/// What is kept of a key. None: this cannot be one.
pub fn hash(key: &str) -> Option<String> {
    let letters = key.strip_prefix(MARK)?;
    if letters.len() != LENGTH || !letters.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    Some(hex(&Sha256::digest(key.as_bytes())))
}

/// The key a request came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingKey {
    pub id: i64,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// As administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: i64,
    pub name: String,
    pub prefix: String,
    pub scopes: Vec<Scope>,
    pub owner_id: i64,
    pub owner: String,
    pub role: Role,
    pub expires_at: Option<DateTime<Utc>>,
    pub used_at: Option<DateTime<Utc>>,
    pub used_from: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Default)]
pub struct KeyDraft {
    pub name: Given<String>,
    /// Whose name it acts in; the maker's own when it is left out.
    pub user_id: Given<i64>,
    pub scopes: Given<Vec<String>>,
    /// A moment, or a day that counts as a whole.
    pub expires_at: Given<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEdit {
    pub name: String,
    pub user_id: Option<i64>,
    pub scopes: Vec<Scope>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl KeyDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            name: fields.text("name"),
            user_id: fields.int("user_id"),
            scopes: fields.words("scopes"),
            expires_at: fields.text("expires_at"),
        }
    }

    pub fn check(self, now: DateTime<Utc>) -> Result<KeyEdit, Invalid> {
        let mut invalid = Invalid::new();
        let name = self.name.value().unwrap_or_default().trim().to_owned();
        if name.is_empty() {
            invalid.add("name", Code::Required);
        } else if name.chars().count() > NAME_LENGTH {
            invalid.add_with("name", Code::TooLong, &[("max", NAME_LENGTH.to_string())]);
        } else if name.chars().any(char::is_control) {
            invalid.add("name", Code::InvalidCharacters);
        }
        let words = self.scopes.value().unwrap_or_default();
        let known: Option<Vec<Scope>> = words.iter().map(|word| Scope::parse(word)).collect();
        if words.is_empty() {
            invalid.add("scopes", Code::Required);
        } else if known.is_none() {
            invalid.add("scopes", Code::InvalidScope);
        }
        let mut scopes = known.unwrap_or_default();
        scopes.sort_unstable_by_key(|scope| scope.as_str());
        scopes.dedup();
        let expires_at = self
            .expires_at
            .value()
            .filter(|text| !text.trim().is_empty());
        let expires_at = expires_at.map(|text| end_of(text.trim()));
        let wrong = match expires_at {
            Some(None) => Some(Code::InvalidDate),
            Some(Some(end)) if end <= now => Some(Code::InThePast),
            _ => None,
        };
        if let Some(code) = wrong {
            invalid.add("expires_at", code);
        }
        invalid.or(KeyEdit {
            name,
            user_id: self.user_id.value(),
            scopes,
            expires_at: expires_at.flatten(),
        })
    }
}

fn end_of(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        // The database's years end earlier than the library's.
        let moment = moment.with_timezone(&Utc);
        return (moment
            < NaiveDate::from_ymd_opt(10_000, 1, 1)?
                .and_time(NaiveTime::MIN)
                .and_utc())
        .then_some(moment);
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let day = day.checked_add_days(Days::new(1))?;
    (text.len() == 10).then(|| day.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_needs_follows_from_method_and_path() {
        for (method, path, needed) in [
            ("GET", "/api/peers", Some("read")),
            ("HEAD", "/api/peers/1001", Some("read")),
            ("PUT", "/api/peers/1001", Some("write")),
            ("POST", "/api/calls/originate", Some("calls")),
            ("GET", "/api/calls/active", Some("read")),
            ("POST", "/api/callforward", Some("write")),
            ("PATCH", "/api/users/1/password", Some("users")),
            ("GET", "/api/users", Some("read")),
            ("GET", "/api/auth/me", Some("read")),
            ("PUT", "/api/auth/me", None),
            ("POST", "/api/auth/change-password", None),
            ("GET", "/api/auth/sessions", None),
            ("GET", "/api/keys", None),
            ("DELETE", "/api/keys/1", None),
        ] {
            let told = Scope::needed(method, path).map(Scope::as_str);
            assert_eq!(told, needed, "{method} {path}");
        }
    }

    #[test]
    fn a_key_is_new_each_time_and_only_its_hash_is_kept() {
        let (one, two) = (NewKey::generate(), NewKey::generate());
        assert_ne!(one.expose(), two.expose());
        assert!(one.expose().starts_with(one.prefix()) && one.prefix().len() == 11);
        let kept = hash(one.expose()).expect("a key");
        assert_eq!(kept.len(), 64);
        assert_ne!(Some(kept), hash(two.expose()));
        for other in ["", "gono_", "gono_short", &one.expose()[1..], "x"] {
            assert_eq!(hash(other), None, "{other}");
        }
        assert_eq!(format!("{one:?}"), "NewKey(…)");
    }

    #[test]
    fn a_draft_says_what_is_wrong_with_it() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let draft = |scopes: &[&str], expires: &str| KeyDraft {
            name: Given::Value(" Billing ".into()),
            user_id: Given::Absent,
            scopes: Given::Value(scopes.iter().map(|s| (*s).to_owned()).collect()),
            expires_at: Given::Value(expires.into()),
        };
        let edit = draft(&["write", "read", "read"], "2030-01-31")
            .check(now)
            .expect("legal");
        assert_eq!(edit.name, "Billing");
        assert_eq!(edit.scopes, [Scope::Read, Scope::Write]);
        let end = edit.expires_at.expect("an end");
        assert_eq!(end.to_rfc3339(), "2030-02-01T00:00:00+00:00");
        for (scopes, expires, field) in [
            (&["read"][..], "2020-01-01", "expires_at"),
            (&["read"], "soon", "expires_at"),
            (&["everything"], "", "scopes"),
            (&[], "", "scopes"),
        ] {
            let invalid = draft(scopes, expires).check(now).expect_err("wrong");
            assert_eq!(invalid.problems()[0].field, field);
        }
        assert!(KeyDraft::default().check(now).is_err());
    }
}
