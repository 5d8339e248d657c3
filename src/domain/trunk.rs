//! A line to a provider: what a person types, and what the provider's template makes of it.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::did::{Did, NumberPlan};
use super::invalid::{Code, Invalid, Wrong};
use super::number_block::NumberBlock;
use super::provider::{AuthMode, Provider, Transport};
use super::secret::MASK;
use super::{Codecs, Fields, Given};

const NAME_LENGTH: usize = 100;
/// ps_auths.username
const USERNAME_LENGTH: usize = 40;
/// ps_auths.password
const PASSWORD_LENGTH: usize = 80;
/// ps_endpoints.from_user
const FROM_USER_LENGTH: usize = 40;
/// ps_endpoints.from_domain
const HOST_LENGTH: usize = 40;

#[derive(Debug, Clone)]
pub struct Trunk {
    pub id: i64,
    pub name: String,
    pub provider: String,
    pub auth_mode: AuthMode,
    /// Host, or host and port.
    pub server: String,
    pub transport: Transport,
    pub username: Option<String>,
    pub has_password: bool,
    pub from_user: Option<String>,
    pub caller_id: Option<Did>,
    pub numbers: NumberBlock,
    pub codecs: Codecs,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Default)]
pub struct TrunkDraft {
    pub name: Given<String>,
    pub provider: Given<String>,
    pub auth_mode: Given<String>,
    pub server: Given<String>,
    pub transport: Given<String>,
    pub username: Given<String>,
    pub password: Given<String>,
    pub from_user: Given<String>,
    pub caller_id: Given<String>,
    pub numbers: Given<String>,
    pub context: Given<String>,
    pub codecs: Given<String>,
    pub enabled: Given<bool>,
}

/// Checked. A password only when it changes.
#[derive(Debug, Clone)]
pub struct TrunkEdit {
    pub name: String,
    pub provider: String,
    pub auth_mode: AuthMode,
    pub server: String,
    pub transport: Transport,
    pub username: Option<String>,
    pub password: Option<SecretString>,
    pub from_user: Option<String>,
    pub caller_id: Option<Did>,
    pub numbers: NumberBlock,
    pub codecs: Codecs,
    pub enabled: bool,
}

impl TrunkDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            name: fields.text("name"),
            provider: fields.text("provider"),
            auth_mode: fields.text("auth_mode"),
            server: fields.text("sip_server"),
            transport: fields.text("transport"),
            username: fields.text("username"),
            password: fields.text("password"),
            from_user: fields.text("from_user"),
            caller_id: fields.text("caller_id"),
            numbers: fields.text("number_block"),
            context: fields.text("context"),
            codecs: fields.text("codecs"),
            enabled: fields.flag("enabled"),
        }
    }

    pub fn check(
        self,
        before: Option<&Trunk>,
        providers: &[Provider],
        plan: &NumberPlan,
    ) -> Result<TrunkEdit, Invalid> {
        let mut invalid = Invalid::new();
        let name = text(self.name, before.map(|b| b.name.clone()));
        let name = match name {
            None => {
                invalid.add("name", Code::Required);
                None
            }
            Some(name) => invalid.note("name", line(&name, NAME_LENGTH)),
        };
        let key = text(self.provider, before.map(|b| b.provider.clone()));
        let provider = match key {
            None => {
                invalid.add("provider", Code::Required);
                None
            }
            Some(key) => {
                let found = providers.iter().find(|p| p.key == key);
                invalid.note(
                    "provider",
                    found.ok_or_else(|| Wrong::new(Code::UnknownProvider)),
                )
            }
        };
        let mode = match self.auth_mode {
            Given::Absent => before
                .map(|b| b.auth_mode)
                .or(provider.and_then(Provider::usual_mode)),
            Given::Null => provider.and_then(Provider::usual_mode),
            Given::Value(word) => {
                let known = AuthMode::parse(&word)
                    .filter(|mode| provider.is_none_or(|p| p.auth_modes.contains(mode)));
                invalid.note(
                    "auth_mode",
                    known.ok_or_else(|| Wrong::new(Code::InvalidAuthMode)),
                )
            }
        };
        let server_before = before.map(|b| b.server.clone());
        let server = server(self.server, server_before, (provider, mode), &mut invalid);
        let transport_before = before.map(|b| b.transport);
        let transport = transport(self.transport, transport_before, provider, &mut invalid);
        let login = Login::check(
            self.username,
            self.password,
            self.from_user,
            before,
            mode,
            &mut invalid,
        );
        let caller_id = (self.caller_id, before.and_then(|b| b.caller_id.clone()));
        let caller_id = given(&mut invalid, "caller_id", caller_id, |text| {
            Did::parse(text, plan)
        });
        let numbers = (self.numbers, before.map(|b| b.numbers.clone()));
        let numbers = given(&mut invalid, "number_block", numbers, |text| {
            NumberBlock::parse(text, plan)
        });
        let codecs = match self.codecs {
            Given::Absent => before.map(|b| b.codecs.clone()),
            Given::Null => None,
            Given::Value(typed) => invalid.note("codecs", Codecs::parse(&typed)),
        };
        if let Given::Value(context) = &self.context
            && context != "from-trunk"
        {
            invalid.add("context", Code::InvalidContext);
        }
        let (Some(name), Some(provider), Some(auth_mode), Some(server)) =
            (name, provider, mode, server)
        else {
            return Err(invalid);
        };
        invalid.or(TrunkEdit {
            name,
            provider: provider.key.clone(),
            auth_mode,
            server,
            transport,
            username: login.username,
            password: login.password,
            from_user: login.from_user,
            caller_id,
            numbers: numbers.unwrap_or_default(),
            codecs: codecs.unwrap_or_else(|| provider.codecs.clone()),
            enabled: self
                .enabled
                .value()
                .or(before.map(|b| b.enabled))
                .unwrap_or(true),
        })
    }
}

/// Where the template knows it, what was typed does not matter.
fn server(
    typed: Given<String>,
    before: Option<String>,
    (provider, mode): (Option<&Provider>, Option<AuthMode>),
    invalid: &mut Invalid,
) -> Option<String> {
    let fixed = provider
        .zip(mode)
        .and_then(|(p, mode)| p.fixed_server(mode));
    if let Some(server) = fixed {
        return Some(server.to_owned());
    }
    let Some(typed) = text(typed, before) else {
        if provider.is_some() {
            invalid.add("sip_server", Code::ServerRequired);
        }
        return None;
    };
    invalid.note("sip_server", host(&typed))
}

/// What SIP travels on. Where the template knows it, what was typed does not matter either.
fn transport(
    typed: Given<String>,
    before: Option<Transport>,
    provider: Option<&Provider>,
    invalid: &mut Invalid,
) -> Transport {
    let usual = provider.map(|p| p.transport).unwrap_or_default();
    if !provider.is_some_and(Provider::asks_for_transport) {
        return usual;
    }
    match typed {
        Given::Absent => before.unwrap_or(usual),
        Given::Null => usual,
        Given::Value(word) => {
            let known = Transport::parse(&word).ok_or(Wrong::new(Code::InvalidTransport));
            invalid.note("transport", known).unwrap_or(usual)
        }
    }
}

/// Who we are at the provider.
struct Login {
    username: Option<String>,
    password: Option<SecretString>,
    from_user: Option<String>,
}

impl Login {
    fn check(
        username: Given<String>,
        secret: Given<String>,
        from_user: Given<String>,
        before: Option<&Trunk>,
        mode: Option<AuthMode>,
        invalid: &mut Invalid,
    ) -> Self {
        let mut wrong = Invalid::new();
        let username = text(username, before.and_then(|b| b.username.clone()));
        let username =
            username.and_then(|name| wrong.note("username", word(&name, USERNAME_LENGTH)));
        let password = match secret {
            Given::Value(typed) if typed != MASK => wrong.note("password", password(&typed)),
            _ => None,
        };
        if mode == Some(AuthMode::Registration) && wrong.is_empty() {
            if username.is_none() {
                wrong.add("username", Code::CredentialsRequired);
            }
            if password.is_none() && !before.is_some_and(|b| b.has_password) {
                wrong.add("password", Code::CredentialsRequired);
            }
        }
        let from_user = text(from_user, before.and_then(|b| b.from_user.clone()));
        let from_user =
            from_user.and_then(|name| wrong.note("from_user", user(&name, FROM_USER_LENGTH)));
        invalid.merge(wrong);
        Self {
            username,
            password,
            from_user,
        }
    }
}

/// What was given, read; a field that is not named keeps what was there.
fn given<T>(
    invalid: &mut Invalid,
    field: &'static str,
    (given, before): (Given<String>, Option<T>),
    read: impl FnOnce(&str) -> Result<T, Wrong>,
) -> Option<T> {
    match given {
        Given::Absent => before,
        Given::Null => None,
        Given::Value(text) => invalid.note(field, read(&text)),
    }
}

/// What was typed, or what was there; an empty text is none.
fn text(given: Given<String>, before: Option<String>) -> Option<String> {
    match given {
        Given::Absent => before,
        Given::Null => None,
        Given::Value(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
    }
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

/// A SIP user part: what may stand there without escaping, and `@` in names that are addresses.
fn word(text: &str, max: usize) -> Result<String, Wrong> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,?/@#".contains(&b);
    if !text.bytes().all(plain) || text.contains("${") || text.contains("$[") {
        return Err(Wrong::new(Code::InvalidCharacters));
    }
    line(text, max)
}

/// The part of an address before its @: `from_domain` is what stands behind it.
fn user(text: &str, max: usize) -> Result<String, Wrong> {
    if text.contains('@') {
        return Err(Wrong::new(Code::InvalidCharacters));
    }
    word(text, max)
}

fn password(text: &str) -> Result<SecretString, Wrong> {
    if text.chars().any(|c| !c.is_ascii() || c.is_ascii_control()) {
        return Err(Wrong::new(Code::SecretCharacters));
    }
    // These two take three places each in a row of Asterisk's.
    let escaped = text.bytes().filter(|b| matches!(b, b';' | b'^')).count() * 2;
    if text.len() + escaped > PASSWORD_LENGTH {
        return Err(Wrong::new(Code::TooLong).with("max", PASSWORD_LENGTH.to_string()));
    }
    Ok(SecretString::from(text.to_owned()))
}

/// A host name or an address, with or without a port.
fn host(text: &str) -> Result<String, Wrong> {
    let invalid = || Wrong::new(Code::InvalidHost);
    if text.len() > HOST_LENGTH {
        return Err(Wrong::new(Code::TooLong).with("max", HOST_LENGTH.to_string()));
    }
    let (name, port) = match text.strip_prefix('[') {
        // IPv6 with its brackets.
        Some(rest) => {
            let (address, after) = rest.split_once(']').ok_or_else(invalid)?;
            address
                .parse::<std::net::Ipv6Addr>()
                .map_err(|_| invalid())?;
            (
                "v6",
                after
                    .strip_prefix(':')
                    .or(after.is_empty().then_some("5060")),
            )
        }
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, Some("5060")),
        },
    };
    let port_is_legal = port
        .and_then(|port| port.parse::<u16>().ok())
        .is_some_and(|port| port > 0);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if port_is_legal && name.split('.').all(label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_port() {
        for good in [
            "sip.example.com",
            "192.0.2.10",
            "192.0.2.10:5080",
            "[2001:db8::1]:5060",
            "a-b.c_d",
        ] {
            assert!(host(good).is_ok(), "{good}");
        }
        for bad in [
            "", "a b", "a;b", "a..b", "-a", "x:0", "x:99999", "sip:x", "a/b", "x\n", "[zz]", "${X}",
        ] {
            assert!(host(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_that_could_leave_their_place_are_refused() {
        for bad in ["a b", "a;b", "a\r\nb", "${X}", "a<b>", "a\"b"] {
            assert!(word(bad, 40).is_err(), "{bad:?}");
        }
        assert!(word("user@t-online.de", 40).is_ok());
        assert!(word(&"x".repeat(41), 40).is_err());
    }
}
