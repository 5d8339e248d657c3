//! The guided restart: Asterisk reads some values at its start only. It is ended from here, at once or when nobody is on
//! the phone; whoever keeps it running (`asterisk/stack`, Docker) starts it again, with start-up files made anew.
//!
//! Asterisk's own `core stop when convenient` would hold up the connection that asked, for as long as it waits, so it is
//! waited for here. The wish itself is kept in Asterisk: it ends with the process that it is about, and only with that.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::{App, Result, permit};
use crate::ami::{Action, Failure, State};
use crate::domain::{Act, Actor};
use crate::live::Topic;

/// Since when a restart is wanted, in seconds of the epoch.
const WISH: &str = "PBX_RESTART";
/// How long calls that are ended may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(3);
const STEP: Duration = Duration::from_millis(50);
const AGAIN: Duration = Duration::from_secs(1);
/// Until an Asterisk that was told to end has closed the connection.
const END: Duration = Duration::from_secs(10);

/// What became of the last restart that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restart {
    None,
    /// For the end of the last call.
    Waiting {
        since: DateTime<Utc>,
    },
    /// Asterisk is ending, or has ended and is not back yet.
    Ending {
        since: DateTime<Utc>,
        generation: u64,
        /// Since when it waited for the end of the last call; none when calls are to end with it.
        waited: Option<DateTime<Utc>>,
    },
    Done {
        since: DateTime<Utc>,
        back: DateTime<Utc>,
        /// It uses what was saved; false when it came back with other values.
        applied: bool,
    },
    /// Asterisk did not do it, or was not reached.
    Refused {
        words: String,
    },
}

/// What an admin asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Calls in progress end.
    Now,
    WhenIdle,
    Cancel,
}

impl App {
    pub fn restart(&self) -> Restart {
        self.restart.borrow().clone()
    }

    /// Nothing is done while Asterisk is away: there is nothing to end then.
    pub async fn ask_restart(&self, actor: &Actor, wish: Wish) -> Result<()> {
        permit(actor, &Act::RestartAsterisk)?;
        let State::Connected { generation, .. } = self.ami.state() else {
            return Ok(());
        };
        let before = self.restart();
        if matches!(before, Restart::Ending { .. }) {
            return Ok(());
        }
        tracing::info!(user = %actor.username, ?wish, act = Act::RestartAsterisk.name(), "restart of Asterisk");
        let since = self.clock.now();
        match wish {
            Wish::Now => self.tell_restart(Restart::Ending {
                since,
                generation,
                waited: None,
            }),
            Wish::WhenIdle if matches!(before, Restart::Waiting { .. }) => {}
            Wish::WhenIdle => {
                self.keep_wish(since.timestamp().to_string()).await;
                self.tell_restart(Restart::Waiting { since });
            }
            Wish::Cancel => {
                self.keep_wish(String::new()).await;
                if matches!(before, Restart::Waiting { .. }) {
                    self.tell_restart(Restart::None);
                }
            }
        }
        Ok(())
    }

    /// So that the wish outlives this program. Without that it still holds for as long as we run.
    async fn keep_wish(&self, value: String) {
        if let Err(error) = self.ami.send(Action::setvar(None, WISH, value)).await {
            tracing::warn!(%error, "the wish for a restart is not kept in Asterisk");
        }
    }

    fn tell_restart(&self, restart: Restart) {
        self.restart.send_replace(restart);
        self.hub.publish(Topic::System);
    }

    /// Does what was asked for, when its time has come.
    pub async fn follow_restart(self: Arc<Self>, stop: CancellationToken) {
        stop.run_until_cancelled(self.restart_when_wanted()).await;
    }

    async fn restart_when_wanted(&self) {
        let mut wishes = self.restart.subscribe();
        let mut notices = self.hub.subscribe();
        let mut seen = 0;
        // When the Asterisk was started that was told to end.
        let mut ended = None;
        loop {
            if let State::Connected { generation, .. } = self.ami.state()
                && self.hub.asterisk().connected
                && generation != seen
            {
                seen = generation;
                self.look_at_start_files().await;
                self.meet_asterisk(generation, ended.take()).await;
            }
            match self.restart() {
                Restart::Waiting { since } if self.is_idle().await => {
                    self.tell_if(
                        &Restart::Waiting { since },
                        Restart::Ending {
                            since: self.clock.now(),
                            generation: seen,
                            waited: Some(since),
                        },
                    );
                    continue;
                }
                Restart::Ending {
                    generation, waited, ..
                } if generation == seen && ended.is_none() => {
                    ended = self.end_asterisk(generation, waited).await;
                    continue;
                }
                _ => {}
            }
            let is_waiting = matches!(self.restart(), Restart::Waiting { .. });
            tokio::select! {
                changed = wishes.changed() => if changed.is_err() { return },
                notice = notices.next() => if notice.is_none() { return },
                // The last channel goes a moment after its call.
                () = tokio::time::sleep(AGAIN), if is_waiting => {}
            }
        }
    }

    /// Unless somebody has asked for something else meanwhile.
    fn tell_if(&self, expected: &Restart, next: Restart) {
        let told = self.restart.send_if_modified(|restart| {
            let as_expected = restart == expected;
            if as_expected {
                *restart = next;
            }
            as_expected
        });
        if told {
            self.hub.publish(Topic::System);
        }
    }

    /// After each login: the one that was to end has ended, or this program has been away and does not know of a wish.
    async fn meet_asterisk(&self, generation: u64, ended: Option<String>) {
        let before = self.restart();
        if let Restart::Ending {
            since,
            generation: then,
            ..
        } = before
            && then != generation
        {
            // A new connection alone is no new Asterisk.
            match self.started().await {
                Ok(started) if ended.is_some_and(|ended| ended != started) => {}
                Ok(_) => return self.not_restarted("it runs as before".to_owned()).await,
                Err(failure) => return self.not_restarted(failure.to_string()).await,
            }
            let applied = self.uses_saved_network().await.unwrap_or(false);
            tracing::info!(applied, "Asterisk has restarted");
            let back = self.hub.asterisk().since;
            self.tell_restart(Restart::Done {
                since,
                back,
                applied,
            });
            return;
        }
        let wish = self.ami.getvar(None, WISH).await.ok().flatten();
        let since = wish.and_then(|since| DateTime::from_timestamp(since.parse().ok()?, 0));
        match (since, &before) {
            (Some(since), Restart::None) => self.tell_if(&before, Restart::Waiting { since }),
            // It has ended in another way, and with it the wish.
            (None, Restart::Waiting { .. }) => self.tell_if(&before, Restart::None),
            _ => {}
        }
    }

    /// Asked once more when the picture has no calls: one may just be beginning.
    async fn is_idle(&self) -> bool {
        self.hub.asterisk().connected && self.hub.calls().is_empty() && self.has_no_channels().await
    }

    async fn has_no_channels(&self) -> bool {
        let channels = self.ami.send(Action::channels()).await;
        channels.is_ok_and(|reply| reply.items.is_empty())
    }

    /// As Asterisk writes it: for telling one process from the next.
    async fn started(&self) -> std::result::Result<String, Failure> {
        let reply = self.ami.send(Action::core_status()).await?.response;
        let part = |name| reply.get(name).unwrap_or_default();
        Ok([part("CoreStartupDate"), part("CoreStartupTime")].join(" "))
    }

    /// It can be asked for again.
    async fn not_restarted(&self, words: String) {
        tracing::error!(reason = words, "Asterisk does not restart");
        self.keep_wish(String::new()).await;
        self.tell_restart(Restart::Refused { words });
    }

    /// When the Asterisk was started that is ending now; none when it does not end.
    async fn end_asterisk(&self, generation: u64, waited: Option<DateTime<Utc>>) -> Option<String> {
        let started = match self.started().await {
            Ok(started) => started,
            Err(failure) => {
                self.not_restarted(failure.to_string()).await;
                return None;
            }
        };
        if let Some(since) = waited
            && !self.has_no_channels().await
        {
            // A call has begun meanwhile.
            self.tell_restart(Restart::Waiting { since });
            return None;
        }
        match self.tell_to_end(generation).await {
            Ok(()) => Some(started),
            Err(words) => {
                self.not_restarted(words).await;
                None
            }
        }
    }

    /// `core stop now` alone would leave the phones with a call that is dead.
    async fn tell_to_end(&self, generation: u64) -> std::result::Result<(), String> {
        if !self.has_no_channels().await {
            // An error says that the last one has just gone.
            drop(self.ami.send(Action::hangup("/^.*$/")).await);
            let gone = async {
                while !self.has_no_channels().await {
                    tokio::time::sleep(STEP).await;
                }
            };
            if tokio::time::timeout(GOODBYE, gone).await.is_err() {
                tracing::warn!("some calls end with Asterisk and not before");
            }
        }
        match self.ami.send(Action::command("core stop now")).await {
            Err(Failure::Refused { message }) => return Err(message),
            Err(failure @ Failure::NotSent(_)) => return Err(failure.to_string()),
            // It closes the connection rather than to answer.
            Ok(_) | Err(Failure::Unknown(_)) => {}
        }
        let mut state = self.ami.watch();
        let is_gone = |state: &State| !matches!(state, State::Connected { generation: now, .. } if *now == generation);
        match tokio::time::timeout(END, state.wait_for(is_gone)).await {
            Ok(_) => Ok(()),
            Err(_) => Err("it has not ended".to_owned()),
        }
    }
}
