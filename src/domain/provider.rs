//! What a provider's template says. The files are data; `asterisk/providers/README.md` describes them.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::Codecs;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    Registration,
    Ip,
}

impl AuthMode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Ip => "ip",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Registration, Self::Ip]
            .into_iter()
            .find(|mode| mode.as_str() == text.trim())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    #[default]
    Udp,
    Tcp,
    Tls,
}

impl Transport {
    pub const ALL: [Self; 3] = [Self::Udp, Self::Tcp, Self::Tls];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|transport| transport.as_str().eq_ignore_ascii_case(text.trim()))
    }

    /// What a URI says, or means when it says nothing.
    pub fn of_uri(uri: &str) -> Self {
        let parameters = uri.split(';').skip(1);
        let named = parameters
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.eq_ignore_ascii_case("transport"));
        match named {
            Some((_, value)) if value.eq_ignore_ascii_case("tcp") => Self::Tcp,
            Some((_, value)) if value.eq_ignore_ascii_case("tls") => Self::Tls,
            _ => Self::Udp,
        }
    }

    /// What a URI needs so that Asterisk takes this transport: without it, it takes the first of TLS, TCP and UDP that
    /// DNS knows of the host (pjsip_resolver.c).
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Udp => ";transport=udp",
            Self::Tcp => ";transport=tcp",
            Self::Tls => ";transport=tls",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub key: String,
    pub name: String,
    /// In other languages.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    pub country: String,
    pub logo: String,
    pub order: i32,
    pub transport: Transport,
    #[serde(deserialize_with = "known_codecs")]
    pub codecs: Codecs,
    pub realm: Option<String>,
    #[serde(default = "ten_minutes")]
    pub expiration: i32,
    pub registration: Option<Connecting>,
    pub ip: Option<Connecting>,
    pub identity: Identity,
    pub numbers: Numbers,
    #[serde(default)]
    pub inbound: Inbound,
    #[serde(rename = "field", default)]
    pub fields: Vec<Field>,
    /// Which of `registration` and `ip` there are; filled in by [`Provider::read`].
    #[serde(skip)]
    pub auth_modes: Vec<AuthMode>,
}

fn ten_minutes() -> i32 {
    600
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connecting {
    pub server: Option<String>,
    pub port: Option<u16>,
    pub domain: Option<String>,
    #[serde(default)]
    pub account: Account,
}

/// Whose calls a registration is for; who logs in may be somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    #[default]
    Username,
    FromUser,
    CallerId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FromUser {
    Did,
    Username,
    Field,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdentityHeader {
    None,
    Pai,
    Ppi,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub from_user: FromUser,
    pub from_domain: Option<String>,
    pub header: IdentityHeader,
    pub foreign_caller_id: bool,
    pub diversion: bool,
    pub history_info: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberFormat {
    Plus,
    E164,
    National,
    International00,
}

impl NumberFormat {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plus => "plus",
            Self::E164 => "e164",
            Self::National => "national",
            Self::International00 => "international00",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    pub dialled: NumberFormat,
    pub caller_id: NumberFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DidPlace {
    #[default]
    RequestUri,
    To,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbound {
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub addresses: Vec<String>,
    pub header: Option<String>,
    #[serde(default)]
    pub did: DidPlace,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    #[serde(default = "yes")]
    pub required: bool,
    #[serde(default = "both")]
    pub modes: Vec<AuthMode>,
    pub example: Option<String>,
    /// By language.
    pub label: BTreeMap<String, String>,
    #[serde(default)]
    pub help: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

fn both() -> Vec<AuthMode> {
    vec![AuthMode::Registration, AuthMode::Ip]
}

impl Provider {
    pub fn read(text: &str) -> Result<Self, String> {
        let mut provider: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let modes = [
            (AuthMode::Registration, provider.registration.is_some()),
            (AuthMode::Ip, provider.ip.is_some()),
        ];
        provider.auth_modes = modes
            .into_iter()
            .filter(|(_, there)| *there)
            .map(|(mode, _)| mode)
            .collect();
        if provider.auth_modes.is_empty() {
            return Err("neither [registration] nor [ip]".to_owned());
        }
        Ok(provider)
    }

    pub fn name_in(&self, language: &str) -> &str {
        self.names.get(language).unwrap_or(&self.name)
    }

    pub fn usual_mode(&self) -> Option<AuthMode> {
        self.auth_modes.first().copied()
    }

    pub fn connecting(&self, mode: AuthMode) -> Option<&Connecting> {
        match mode {
            AuthMode::Registration => self.registration.as_ref(),
            AuthMode::Ip => self.ip.as_ref(),
        }
    }

    /// Whether a person says what SIP travels on; else the template does.
    pub fn asks_for_transport(&self) -> bool {
        self.fields.iter().any(|field| field.name == "transport")
    }

    /// The server that nobody is asked for.
    pub fn fixed_server(&self, mode: AuthMode) -> Option<&str> {
        self.connecting(mode)?.server.as_deref()
    }
}

fn known_codecs<'de, D: Deserializer<'de>>(from: D) -> Result<Codecs, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    Codecs::parse(&names.join(",")).map_err(|_| D::Error::custom("an unknown codec"))
}
