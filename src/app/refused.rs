//! Who tried to register or call and was refused: counted by address since the program started, so that guessing is seen.
//! Asterisk says each refusal as an event; phones with an old password are among them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::{App, Result, permit};
use crate::ami::Frame;
use crate::domain::{Act, Actor};

/// Guessers are many: of so many addresses the ones heard of last are kept.
const ADDRESSES: usize = 1000;
/// More are on no page.
const SHOWN: usize = 20;
const LONGEST_NAME: usize = 40;
const LONGEST_REQUEST: usize = 200;
/// Asterisk's word for a name that is none of its endpoints.
const UNKNOWN: &str = "<unknown>";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    WrongPassword,
    /// There is no extension of this name.
    UnknownName,
    /// Phones may not come from there.
    Address,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::UnknownName => "unknown_name",
            Self::Address => "address",
        }
    }

    fn of_event(name: &str) -> Option<Self> {
        match name {
            "InvalidPassword" | "ChallengeResponseFailed" => Some(Self::WrongPassword),
            "InvalidAccountID" => Some(Self::UnknownName),
            "FailedACL" => Some(Self::Address),
            _ => None,
        }
    }
}

/// What came from one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    pub address: IpAddr,
    pub count: u64,
    /// Of the last one whose name Asterisk told: of names that are none it tells some only.
    pub name: String,
    pub reason: Reason,
    pub last: DateTime<Utc>,
    /// Call-ID of the last one, and whether Asterisk told its name: it may say in both ways that a name is none.
    request: String,
    was_named: bool,
}

/// One refusal as Asterisk tells it.
#[derive(Debug, Clone, Copy)]
struct Refusal<'f> {
    address: IpAddr,
    name: Option<&'f str>,
    reason: Reason,
    request: &'f str,
}

impl<'f> Refusal<'f> {
    fn of(frame: &'f Frame) -> Option<Self> {
        let reason = frame.event().and_then(Reason::of_event)?;
        let name = frame.get("AccountID").filter(|name| *name != UNKNOWN);
        Some(Self {
            address: frame.get("RemoteAddress").and_then(address)?,
            // A challenge that nobody could have answered.
            reason: if name.is_none() {
                Reason::UnknownName
            } else {
                reason
            },
            name,
            request: frame.get("SessionID").unwrap_or_default(),
        })
    }
}

#[derive(Debug)]
pub struct Refused {
    since: DateTime<Utc>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    total: u64,
    by_address: HashMap<IpAddr, Attempts>,
}

/// The addresses with the most attempts, and how many attempts there were at all.
#[derive(Debug)]
pub struct Picture {
    pub since: DateTime<Utc>,
    pub total: u64,
    pub worst: Vec<Attempts>,
}

impl Refused {
    pub fn new(since: DateTime<Utc>) -> Self {
        Self {
            since,
            seen: Mutex::default(),
        }
    }

    fn note(&self, refusal: Refusal<'_>, now: DateTime<Utc>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let address = refusal.address;
        if seen.by_address.len() >= ADDRESSES && !seen.by_address.contains_key(&address) {
            let oldest = seen
                .by_address
                .values()
                .min_by_key(|attempts| attempts.last);
            if let Some(oldest) = oldest.map(|attempts| attempts.address) {
                seen.by_address.remove(&oldest);
            }
        }
        let attempts = seen.by_address.entry(address).or_insert(Attempts {
            address,
            count: 0,
            name: String::new(),
            reason: refusal.reason,
            last: now,
            request: String::new(),
            was_named: false,
        });
        if let Some(name) = refusal.name {
            let name = name.chars().filter(|c| !c.is_control());
            attempts.name = name.take(LONGEST_NAME).collect();
        }
        attempts.reason = refusal.reason;
        attempts.last = now;
        let request: String = refusal.request.chars().take(LONGEST_REQUEST).collect();
        let is_same = !request.is_empty()
            && attempts.request == request
            && attempts.was_named != refusal.name.is_some();
        if is_same {
            // Twice, and not for ever: who sends one Call-ID again and again is counted.
            attempts.request.clear();
        } else {
            attempts.count += 1;
            attempts.request = request;
            attempts.was_named = refusal.name.is_some();
            seen.total += 1;
        }
    }

    fn picture(&self) -> Picture {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut worst: Vec<Attempts> = seen.by_address.values().cloned().collect();
        worst.sort_by(|a, b| b.count.cmp(&a.count).then(b.last.cmp(&a.last)));
        worst.truncate(SHOWN);
        Picture {
            since: self.since,
            total: seen.total,
            worst,
        }
    }
}

/// As in `IPV4/UDP/192.0.2.7/5060`.
fn address(remote: &str) -> Option<IpAddr> {
    let address = remote.split('/').nth(2)?.trim_matches(['[', ']']);
    Some(address.parse::<IpAddr>().ok()?.to_canonical())
}

impl App {
    pub fn refused(&self, actor: &Actor) -> Result<Picture> {
        permit(actor, &Act::EditSettings)?;
        Ok(self.refused.picture())
    }

    /// Counts as long as the program runs.
    pub async fn count_refused(self: Arc<Self>, stop: CancellationToken) {
        let mut events = self.hub.observe();
        loop {
            let event = tokio::select! {
                () = stop.cancelled() => break,
                event = events.recv() => event,
            };
            match event {
                Ok(frame) => self.note_refused(&frame),
                Err(RecvError::Lagged(missed)) => {
                    tracing::debug!(missed, "refused phones may not have been counted");
                }
                Err(RecvError::Closed) => break,
            }
        }
    }

    fn note_refused(&self, frame: &Frame) {
        if let Some(refusal) = Refusal::of(frame) {
            self.refused.note(refusal, self.clock.now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_counted_and_the_oldest_are_forgotten() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let refused = Refused::new(now);
        let note = |from: &str, name, reason, request: &str, at| {
            let refusal = Refusal {
                address: from.parse().expect("an address"),
                name,
                reason,
                request,
            };
            refused.note(refusal, at);
        };
        let (first, long) = ("192.0.2.1", "9".repeat(100));
        note(first, Some("1001\r\n"), Reason::WrongPassword, "a", now);
        note(first, None, Reason::UnknownName, "a", now);
        note(first, Some(long.as_str()), Reason::UnknownName, "a", now);
        note(first, Some(long.as_str()), Reason::UnknownName, "a", now);
        let picture = refused.picture();
        assert_eq!((picture.total, picture.worst.len()), (3, 1));
        assert_eq!(
            (picture.worst[0].count, picture.worst[0].name.len()),
            (3, LONGEST_NAME)
        );
        for n in 1..=2000_u32 {
            let later = now + chrono::TimeDelta::seconds(i64::from(n));
            let address = std::net::Ipv4Addr::from_bits(0x0a00_0000 + n).to_string();
            note(&address, Some("x"), Reason::UnknownName, "", later);
        }
        let picture = refused.picture();
        assert_eq!((picture.total, picture.worst.len()), (2003, SHOWN));
        assert!(
            picture
                .worst
                .iter()
                .all(|attempts| attempts.address.to_string() != first)
        );
    }

    #[test]
    fn an_address_is_read_from_asterisks_words() {
        let of = |text: &str| address(text).map(|address| address.to_string());
        assert_eq!(
            of("IPV6/TLS/2001:db8::1/5061").as_deref(),
            Some("2001:db8::1")
        );
        assert_eq!(of("IPV4/UDP//5060"), None);
        assert_eq!(of(""), None);
    }
}
