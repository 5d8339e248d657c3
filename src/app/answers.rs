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

/// What a provider was asked and said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub at: DateTime<Utc>,
    pub answer: Option<Answer>,
}

/// By trunk; `answer` is none when its name leads nowhere.
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

    fn keep(&self, id: i64, said: Said) {
        self.known().insert(id, said);
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
        let due: Vec<i64> = self
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
            .map(|(id, _)| id)
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        for asked in join_all(due.into_iter().map(|id| self.ask_provider(id))).await {
            asked?;
        }
        self.hub.publish(Topic::Trunks);
        Ok(())
    }

    async fn ask_provider(&self, id: i64) -> Result<()> {
        let mut conn = self.pool.acquire().await?;
        let Some(login) = store::trunks::login(&mut conn, id).await? else {
            return Ok(());
        };
        drop(conn);
        let targets = self.names.targets(&login.server, login.transport).await;
        let account = Account {
            registrar: &login.registrar,
            address: &login.address,
            user: &login.user,
            password: login.password.expose_secret(),
        };
        let mut answer = None;
        // The next one only when the one before is not there, as Asterisk does it.
        for address in targets.into_iter().take(2) {
            let target = Target {
                name: name_of(&login.server),
                address,
                transport: login.transport,
            };
            answer = Some(probe::register(target, account).await);
            if answer != Some(Answer::Silent) {
                break;
            }
        }
        let at = self.clock.now();
        self.answers.keep(id, Said { at, answer });
        Ok(())
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
