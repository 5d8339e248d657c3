//! Devices and their contacts, as Asterisk names them.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::ami::event::{self, ContactListed};

/// Asterisk's state of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DeviceState {
    #[default]
    Unknown,
    NotInUse,
    InUse,
    Busy,
    Invalid,
    /// No phone is registered.
    Unavailable,
    Ringing,
    RingInUse,
    OnHold,
}

impl DeviceState {
    /// Reads Asterisk's word; a word that is not known yet is `Unknown`.
    pub fn of(word: &str) -> Self {
        match word {
            "NOT_INUSE" => Self::NotInUse,
            "INUSE" => Self::InUse,
            "BUSY" => Self::Busy,
            "INVALID" => Self::Invalid,
            "UNAVAILABLE" => Self::Unavailable,
            "RINGING" => Self::Ringing,
            "RINGINUSE" => Self::RingInUse,
            "ONHOLD" => Self::OnHold,
            _ => Self::Unknown,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotInUse => "not_in_use",
            Self::InUse => "in_use",
            Self::Busy => "busy",
            Self::Invalid => "invalid",
            Self::Unavailable => "unavailable",
            Self::Ringing => "ringing",
            Self::RingInUse => "ring_in_use",
            Self::OnHold => "on_hold",
        }
    }

    /// A phone is there and can be called, or is in a call already.
    pub fn is_online(self) -> bool {
        !matches!(self, Self::Unknown | Self::Invalid | Self::Unavailable)
    }
}

/// What an endpoint is doing, as people and programs are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Presence {
    Idle,
    Ringing,
    InUse,
    /// Registered, and no phone of it answers.
    Unreachable,
    Unregistered,
    /// Asterisk is away, or has not asked the phone yet whether it is there.
    #[default]
    Unknown,
}

impl Presence {
    pub(super) fn of<'c>(state: DeviceState, contacts: impl Iterator<Item = &'c Contact>) -> Self {
        match state {
            DeviceState::NotInUse => Self::Idle,
            DeviceState::Ringing | DeviceState::RingInUse => Self::Ringing,
            DeviceState::InUse | DeviceState::Busy | DeviceState::OnHold => Self::InUse,
            DeviceState::Unavailable | DeviceState::Invalid | DeviceState::Unknown => {
                let mut presence = Self::Unregistered;
                for contact in contacts {
                    if contact.status == ContactStatus::Unreachable {
                        return Self::Unreachable;
                    }
                    presence = Self::Unknown;
                }
                presence
            }
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Ringing => "ringing",
            Self::InUse => "in_use",
            Self::Unreachable => "unreachable",
            Self::Unregistered => "unregistered",
            Self::Unknown => "unknown",
        }
    }

    /// A phone is there and can be called, or is in a call already.
    pub fn is_online(self) -> bool {
        matches!(self, Self::Idle | Self::Ringing | Self::InUse)
    }
}

/// Whether a registered contact answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContactStatus {
    Reachable,
    Unreachable,
    /// Registered, and nobody asks whether it answers.
    NotQualified,
}

impl ContactStatus {
    pub fn of(word: &str) -> Self {
        match word {
            "Reachable" => Self::Reachable,
            "Unreachable" => Self::Unreachable,
            _ => Self::NotQualified,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Unreachable => "unreachable",
            Self::NotQualified => "not_qualified",
        }
    }
}

/// One registered phone or app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub uri: String,
    /// The `host:port` of the URI.
    pub address: String,
    pub user_agent: Option<String>,
    pub round_trip: Option<Duration>,
    pub status: ContactStatus,
    /// When it was first seen here; a refresh of the registration keeps it.
    pub since: DateTime<Utc>,
}

impl Contact {
    pub(super) fn new(uri: &str, at: DateTime<Utc>) -> Self {
        let uri = decoded(uri);
        let address = address(&uri).to_owned();
        let status = ContactStatus::NotQualified;
        Self {
            uri,
            address,
            user_agent: None,
            round_trip: None,
            status,
            since: at,
        }
    }

    pub(super) fn listed(item: ContactListed<'_>, at: DateTime<Utc>) -> Option<Self> {
        let mut contact = Self::new(item.uri()?, at);
        contact.user_agent = item.user_agent().map(decoded);
        contact.round_trip = item.round_trip();
        contact.status = ContactStatus::of(item.status().unwrap_or_default());
        Some(contact)
    }

    /// Returns whether anything is different now.
    pub(super) fn hear(&mut self, news: event::ContactStatus<'_>) -> bool {
        let before = (self.status, self.round_trip);
        match news.status() {
            // The registration was refreshed; says nothing about whether it answers.
            Some("Updated") | None => {}
            Some(word) => {
                self.status = ContactStatus::of(word);
                self.round_trip = news.round_trip();
            }
        }
        before != (self.status, self.round_trip)
    }
}

/// The name of a PJSIP endpoint in a device or channel name: `PJSIP/1001`, `PJSIP/1001-0000002a`.
pub(super) fn device_endpoint(device: &str) -> Option<&str> {
    device.strip_prefix("PJSIP/")
}

/// Undoes the escapes of Asterisk's realtime storage, where `;` separates values.
pub(super) fn decoded(value: &str) -> String {
    if value.contains('^') {
        value
            .replace("^3B", ";")
            .replace("^3b", ";")
            .replace("^5E", "^")
            .replace("^5e", "^")
    } else {
        value.to_owned()
    }
}

fn address(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    host.split([';', '>', '?']).next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_uri_is_decoded_and_its_address_found() {
        let contact = Contact::new(
            "sip:1001@10.0.0.7:5062^3Btransport=udp",
            DateTime::UNIX_EPOCH,
        );
        assert_eq!(contact.uri, "sip:1001@10.0.0.7:5062;transport=udp");
        assert_eq!(contact.address, "10.0.0.7:5062");
        let v6 = Contact::new("sip:1001@[2001:db8::1]:5060;x", DateTime::UNIX_EPOCH);
        assert_eq!(v6.address, "[2001:db8::1]:5060");
        assert_eq!(decoded("a^5E3B"), "a^3B");
    }

    #[test]
    fn an_endpoint_without_an_answering_phone_says_which_it_is() {
        let contact = |status| Contact {
            status,
            ..Contact::new("sip:1001@10.0.0.7", DateTime::UNIX_EPOCH)
        };
        let (silent, unasked) = (
            contact(ContactStatus::Unreachable),
            contact(ContactStatus::NotQualified),
        );
        let of = |contacts: &[Contact]| Presence::of(DeviceState::Unavailable, contacts.iter());
        assert_eq!(of(&[]), Presence::Unregistered);
        assert_eq!(of(std::slice::from_ref(&unasked)), Presence::Unknown);
        assert_eq!(of(&[unasked, silent]), Presence::Unreachable);
        for (word, presence) in [
            ("NOT_INUSE", Presence::Idle),
            ("RINGINUSE", Presence::Ringing),
            ("ONHOLD", Presence::InUse),
        ] {
            let seen = Presence::of(DeviceState::of(word), std::iter::empty());
            assert_eq!((seen, seen.is_online()), (presence, true));
        }
    }

    #[test]
    fn only_a_phone_that_is_there_is_online() {
        let online = [
            "NOT_INUSE",
            "INUSE",
            "RINGING",
            "BUSY",
            "ONHOLD",
            "RINGINUSE",
        ];
        assert!(online.iter().all(|word| DeviceState::of(word).is_online()));
        let offline = ["UNAVAILABLE", "INVALID", "UNKNOWN", "something new"];
        assert!(!offline.iter().any(|word| DeviceState::of(word).is_online()));
    }
}
