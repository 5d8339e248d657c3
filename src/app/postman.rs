//! Sends the mails that wait, one after the other: each once, however often this program or the mail server ends
//! meanwhile. What is removed after its mail is removed by Asterisk, so that the lamp follows.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::changes::MAIL;
use super::{App, Error, Result, smtp};
use crate::ami::{Action, Failure};
use crate::domain::did::NumberPlan;
use crate::domain::letter::{Letter, NewMessage};
use crate::domain::mail::{self, Undelivered};
use crate::live::topic::{Notice, Subscription};
use crate::store::mail::{Due, State};
use crate::store::{self, PgConnection};

/// The words for a message; the program's face knows languages.
pub type Write = Arc<dyn Fn(&NewMessage, &NumberPlan) -> Letter + Send + Sync>;

/// Also without news: the listener may have been away.
const LOOK_AGAIN: Duration = Duration::from_mins(1);
/// For a mail with sound, over a slow line.
const TAKE: Duration = Duration::from_mins(2);
const AFTER_FAILURE: Duration = Duration::from_secs(5);

impl App {
    pub async fn deliver_mails(self: Arc<Self>, write: Write, stop: CancellationToken) {
        let mut notices = self.hub.subscribe();
        while !stop.is_cancelled() {
            let pause = match self.deliver_due(&write, &stop).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "mails wait; will try again"
                    );
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
                is_there = news(&mut notices) => if !is_there { break },
            }
        }
    }

    /// All whose time has come; how long to wait for the next.
    async fn deliver_due(&self, write: &Write, stop: &CancellationToken) -> Result<Duration> {
        let mut conn = self.pool.acquire().await?;
        if store::mail::next_due(&mut conn).await?.is_some() {
            // Closed at the end, and with it goes the lock; a program that is killed lets it go as well.
            let mut conn = conn.detach();
            if !store::mail::lock(&mut conn).await? {
                return Ok(AFTER_FAILURE);
            }
            while let Some(due) = store::mail::next_due(&mut conn).await? {
                if stop.is_cancelled() {
                    break;
                }
                if due.is_delivered {
                    self.remove_message(&mut conn, &due).await?;
                } else {
                    self.deliver(&mut conn, &due, write).await?;
                }
                self.hub.publish(MAIL_PAGE);
            }
            return Ok(next(store::mail::until_next(&mut conn).await?));
        }
        Ok(next(store::mail::until_next(&mut conn).await?))
    }

    async fn deliver(&self, conn: &mut PgConnection, due: &Due, write: &Write) -> Result<()> {
        let Some(mut message) = store::mail::message(conn, due).await? else {
            tracing::info!(mail.id = due.id, mailbox = %due.mailbox, "no mail: the message or the address is gone");
            return Ok(store::mail::settle(conn, due.id, State::Dropped).await?);
        };
        let server = store::mail::server(conn).await?;
        let letter = write(&message, &self.settings().await?.numbers);
        let recording = message.recording.take();
        let cover = smtp::Cover {
            recipient: &message.recipient,
            id: &mail_id(due),
            at: self.clock.now(),
            recording,
        };
        let sent = match smtp::seal(&server, letter, cover) {
            Ok(sealed) => smtp::send(&server, sealed, TAKE).await,
            Err(refused) => Err(refused),
        };
        let why = match sent {
            Ok(answer) => {
                tracing::info!(mail.id = due.id, mailbox = %due.mailbox, answer, "mail sent");
                let state = if message.is_removed {
                    State::Delivered
                } else {
                    State::Done
                };
                self.settle_for_sure(conn, due.id, state).await;
                return Ok(store::mail::hurry(conn).await?);
            }
            Err(why) => why,
        };
        self.not_delivered(conn, due, &why).await
    }

    /// The mail server has the mail, and nobody else knows: nothing is sent before it is written down.
    async fn settle_for_sure(&self, conn: &mut PgConnection, id: i64, state: State) {
        let mut settled = store::mail::settle(conn, id, state)
            .await
            .map_err(Error::from);
        while let Err(error) = settled {
            tracing::warn!(
                mail.id = id,
                error = &error as &dyn std::error::Error,
                "a mail that was sent is not noted yet"
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
            settled = async {
                let mut conn = self.pool.acquire().await?;
                Ok(store::mail::settle(&mut conn, id, state).await?)
            }
            .await;
        }
    }

    async fn not_delivered(
        &self,
        conn: &mut PgConnection,
        due: &Due,
        why: &Undelivered,
    ) -> Result<()> {
        tracing::warn!(mail.id = due.id, mailbox = %due.mailbox, attempts = due.attempts + 1,
            problem = why.problem.as_str(), answer = why.answer, "mail not sent");
        let pause = pause(due);
        store::mail::postpone(conn, due.id, pause, Some(why)).await?;
        if why.problem.is_final() || self.clock.now() - due.created_at > mail::PATIENCE {
            store::mail::settle(conn, due.id, State::Failed).await?;
        } else if why.problem.is_everybodys() {
            store::mail::postpone_others(conn, pause, why).await?;
        }
        Ok(())
    }

    async fn remove_message(&self, conn: &mut PgConnection, due: &Due) -> Result<()> {
        let Some(folder) = store::mail::folder(conn, due).await? else {
            return Ok(store::mail::settle(conn, due.id, State::Done).await?);
        };
        let remove = Action::new("VoicemailRemove")
            .set("Mailbox", &due.mailbox)
            .set("Context", &due.context)
            .set("Folder", folder)
            .set("ID", &due.msg_id);
        match self.ami.send(remove).await {
            Ok(_) => Ok(store::mail::settle(conn, due.id, State::Done).await?),
            Err(failure) => {
                let level = matches!(failure, Failure::Refused { .. });
                tracing::warn!(mail.id = due.id, mailbox = %due.mailbox, refused = level, %failure,
                    "the message stays in its mailbox for now");
                Ok(store::mail::postpone(conn, due.id, pause(due), None).await?)
            }
        }
    }
}

/// The page's own topic: what we did ourselves is no news for us.
pub const MAIL_PAGE: crate::live::Topic = crate::live::Topic::Other("mails");

/// False when there will be none any more.
async fn news(notices: &mut Subscription) -> bool {
    loop {
        match notices.next().await {
            None => return false,
            Some(Notice::Everything) => return true,
            Some(Notice::Changed(topic)) if topic == MAIL => return true,
            Some(Notice::Changed(_)) => {}
        }
    }
}

fn next(seconds: Option<f64>) -> Duration {
    let wait = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    wait.map_or(LOOK_AGAIN, |wait| {
        wait.clamp(Duration::from_millis(50), LOOK_AGAIN)
    })
}

fn pause(due: &Due) -> f64 {
    let attempts = u32::try_from(due.attempts).unwrap_or(0).saturating_add(1);
    mail::pause(attempts, rand::random()).as_secs_f64()
}

fn mail_id(due: &Due) -> String {
    let words = format!("voicemail.{}.{}.{}", due.context, due.mailbox, due.msg_id);
    words
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        .collect()
}
