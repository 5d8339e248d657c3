//! What providers say to a registration that did not succeed. Asterisk tells that it was refused, but not with which words,
//! so the provider is asked once more from here, with the same account: see [`probe::register`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use super::probe::{self, Account, Answer, Target};
use super::{App, Result};
use crate::live::{Notice, Topic};
use crate::realtime::trunk as rows;
use crate::store;

/// A provider that refuses is not asked more often: some lock an account after too many wrong passwords.
const AGAIN: TimeDelta = TimeDelta::minutes(5);
/// A registration that has had no answer for so long is looked into.
const UNANSWERED: TimeDelta = TimeDelta::seconds(5);
const LOOK: Duration = Duration::from_secs(5);

/// What came of asking a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub at: DateTime<Utc>,
    pub heard: Heard,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Its rows hold no account to ask with.
    NotAsked,
    /// Its name leads nowhere.
    NoAddress,
    /// The name server does not say where its name leads.
    NoNameServer,
    Said(Answer),
}

/// By trunk.
#[derive(Debug, Default)]
pub struct Answers(Mutex<HashMap<i64, Said>>);

impl Answers {
    pub fn get(&self, id: i64) -> Option<Said> {
        self.known().get(&id).cloned()
    }

    /// What was said to the values of before.
    pub fn forget(&self, id: i64) {
        self.known().remove(&id);
    }

    /// Whether that is news to whoever has seen what was said since then.
    fn keep(&self, id: i64, since: DateTime<Utc>, said: Said) -> bool {
        let heard = said.heard.clone();
        let before = self.known().insert(id, said);
        let before = before.filter(|before| before.at >= since);
        before.map_or(Heard::NotAsked, |before| before.heard) != heard
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Said>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Looks into registrations that are refused, as long as the program runs.
    pub async fn ask_providers(self: Arc<Self>, stop: CancellationToken) {
        let mut notices = self.hub.subscribe();
        loop {
            if let Err(error) = self.ask_who_refuses().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "providers not asked why they refuse"
                );
            }
            // A refusal is news of trunks; one that nobody answers is none.
            let news = async {
                while let Some(notice) = notices.next().await {
                    if matches!(notice, Notice::Changed(Topic::Trunks) | Notice::Everything) {
                        return true;
                    }
                }
                false
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(LOOK) => {}
                is_there = news => if !is_there { break },
            }
        }
    }

    async fn ask_who_refuses(&self) -> Result<()> {
        let now = self.clock.now();
        let due: Vec<(i64, DateTime<Utc>)> = self
            .hub
            .registrations()
            .into_iter()
            .filter(|(_, view)| match view.status.as_str() {
                "Registered" | "Stopped" | "Stopping" => false,
                "Rejected" => true,
                _ => now - view.since > UNANSWERED,
            })
            .filter_map(|(name, view)| Some((rows::trunk_of(&name)?, view)))
            .filter(|(id, view)| {
                let said = self.answers.get(*id);
                said.is_none_or(|said| now - said.at > AGAIN || said.at < view.since)
            })
            .map(|(id, view)| (id, view.since))
            .collect();
        let ask = async |(id, since)| (id, since, self.ask_provider(id).await);
        let mut is_news = false;
        let mut asked = Ok(());
        for (id, since, heard) in join_all(due.into_iter().map(ask)).await {
            match heard {
                Ok(heard) => {
                    let at = self.clock.now();
                    is_news |= self.answers.keep(id, since, Said { at, heard });
                }
                // The others have been asked all the same.
                Err(error) => asked = asked.and(Err(error)),
            }
        }
        // This loop is woken by it, so never without a reason.
        if is_news {
            self.hub.publish(Topic::Trunks);
        }
        asked
    }

    async fn ask_provider(&self, id: i64) -> Result<Heard> {
        let mut conn = self.pool.acquire().await?;
        let Some(login) = store::trunks::login(&mut conn, id).await? else {
            return Ok(Heard::NotAsked);
        };
        drop(conn);
        let found = self.names.look_up(&login.server, login.transport).await;
        let account = Account {
            registrar: &login.registrar,
            address: &login.address,
            user: &login.user,
            password: login.password.expose_secret(),
        };
        let mut heard = if found.complete {
            Heard::NoAddress
        } else {
            Heard::NoNameServer
        };
        // The next one only when the one before is not there, as Asterisk does it.
        for address in found.targets.into_iter().take(2) {
            let target = Target {
                name: name_of(&login.server),
                address,
                transport: login.transport,
            };
            heard = Heard::Said(probe::register(target, account).await);
            if heard != Heard::Said(Answer::Silent) {
                break;
            }
        }
        Ok(heard)
    }
}

/// A server without its port.
pub(super) fn name_of(server: &str) -> &str {
    match server.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
            name.trim_matches(['[', ']'])
        }
        _ => server.trim_matches(['[', ']']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_what_people_see_is_news() {
        let answers = Answers::default();
        let start = DateTime::UNIX_EPOCH;
        let keep = |since: i64, at: i64, heard: &Heard| {
            let (since, at) = (TimeDelta::seconds(since), TimeDelta::seconds(at));
            let said = Said {
                at: start + at,
                heard: heard.clone(),
            };
            answers.keep(1, start + since, said)
        };
        let silent = Heard::Said(Answer::Silent);
        assert!(!keep(0, 1, &Heard::NotAsked));
        assert_eq!(
            answers.get(1).map(|said| said.at),
            Some(start + TimeDelta::seconds(1))
        );
        assert!(!keep(0, 2, &Heard::NotAsked));
        assert!(keep(0, 3, &silent));
        assert!(!keep(0, 4, &silent));
        // It has registered meanwhile: the answer of before was not shown any more.
        assert!(keep(5, 6, &silent));
        assert!(keep(5, 7, &Heard::NotAsked));
    }
}
