//! Passwords of trunks that are gone. Asterisk tells the provider that it goes, and the provider may ask for the password
//! once more: only when that is over can it be removed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::work::Proof;
use super::{App, Result, TIDY_EVERY, dialplan};
use crate::ami::Action;
use crate::domain::Act;
use crate::live::{Notice, Topic};
use crate::realtime::trunk as rows;
use crate::store;

/// Between two looks at a farewell that goes on.
const SOON: Duration = Duration::from_millis(500);
/// Two unanswered requests of 32 seconds each, and some more: then nobody will ask any more.
const LONGEST: Duration = Duration::from_secs(90);

/// Trunks that are gone and whose password is still there, since when that is known.
type Leaving = HashMap<i64, Instant>;

impl App {
    /// Follows deletions, by whomever, as long as the program runs.
    pub async fn say_farewell(self: Arc<Self>, stop: CancellationToken) {
        let mut notices = self.hub.subscribe();
        let mut leaving = Leaving::new();
        loop {
            if let Err(error) = self.forget_passwords(&mut leaving).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "passwords of deleted trunks not removed; will try again"
                );
            }
            let pause = if leaving.is_empty() { TIDY_EVERY } else { SOON };
            let wake = async {
                while let Some(notice) = notices.next().await {
                    if matches!(notice, Notice::Everything | Notice::Changed(Topic::Trunks)) {
                        return;
                    }
                }
                // The hub is gone, and so is the program.
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = wake => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn forget_passwords(&self, leaving: &mut Leaving) -> Result<()> {
        let mut conn = self.pool.acquire().await?;
        let orphans = store::trunks::orphans(&mut conn).await?;
        drop(conn);
        leaving.retain(|id, _| orphans.contains(id));
        for id in orphans {
            let since = *leaving.entry(id).or_insert_with(Instant::now);
            if self.is_registering(id).await && since.elapsed() < LONGEST {
                continue;
            }
            let mut work = self.begin(&dialplan::server(), &Act::EditTrunks).await?;
            store::trunks::remove_orphan(work.conn(), id).await?;
            work.commit(Proof::NotNeeded).await?;
            leaving.remove(&id);
        }
        Ok(())
    }

    /// Whether Asterisk still has something to say to the provider. A deleted registration is on no list of Asterisk's
    /// any more; the queue of its work is there until the provider has answered or was given up.
    async fn is_registering(&self, id: i64) -> bool {
        // res_pjsip_outbound_registration.c: the queue is named so, and a number follows.
        let queue = format!("pjsip/outreg/{}-", rows::registration(id));
        let command = format!("core show taskprocessors like {queue}");
        let asked = Action::command(command);
        match self.ami.send(asked).await {
            Ok(reply) => {
                let printed = reply.response.output().unwrap_or_default();
                printed.lines().any(|line| line.contains(&queue))
            }
            // Not known: better too long than too short.
            Err(_) => true,
        }
    }
}
