//! No finished call is lost. `cdr_pgsql` writes each leg; so does this, from Asterisk's event, with a queue for the time
//! when the database is away; and what neither saw is read from the spool, a file Asterisk writes beside both. The
//! database knows a leg by (uniqueid, sequence), so it does not matter who comes first.

mod gap;
mod read;
mod spool;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::status::Problem;
use super::{App, Clock};
use crate::ami::{Ami, Frame};
use crate::domain::Cdr;
use crate::live::{Hub, Topic};
use crate::store;
use spool::{Part, Spool};
pub use spool::{look_at as look_at_spool, unreadable};

/// Legs that wait for the database: an hour of three calls a second. What comes then is read from the spool.
const MOST_WAITING: usize = 10_000;
/// Written with one statement.
const BATCH: usize = 100;
/// A database that does not answer within this is away.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_secs(1);
#[derive(Debug)]
pub(super) struct Records {
    pool: PgPool,
    ami: Ami,
    hub: Hub,
    clock: Clock,
    spool: Option<Spool>,
    state: Mutex<State>,
    arrived: Notify,
    /// Something may have been missed.
    gap: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Cdr>,
    /// Since when the database takes none.
    stalled: Option<DateTime<Utc>>,
    is_full: bool,
    /// Since when the spool cannot be read.
    unread: Option<DateTime<Utc>>,
    /// Lines of the spool that are no legs.
    kept: u64,
}

impl Records {
    pub(super) fn new(
        pool: PgPool,
        ami: Ami,
        hub: Hub,
        clock: Clock,
        spool: Option<PathBuf>,
    ) -> Self {
        Self {
            pool,
            ami,
            hub,
            clock,
            spool: spool.map(Spool::new),
            state: Mutex::default(),
            arrived: Notify::new(),
            gap: Notify::new(),
        }
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let state = self.state();
        let waiting = state.waiting.len();
        let waits = state.stalled.filter(|_| waiting > 0);
        let waits = waits.map(|since| Problem::CallsWaiting {
            count: waiting,
            since,
        });
        let unread = state.unread.map(|since| Problem::SpoolUnreadable { since });
        let kept = (state.kept > 0).then_some(Problem::CallsUnreadable { count: state.kept });
        waits.into_iter().chain(unread).chain(kept).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes legs from the events, and never waits for the database.
    async fn hear(&self) {
        let mut events = self.hub.observe();
        loop {
            match events.recv().await {
                Ok(frame) if frame.event() == Some("Cdr") => self.take(&frame),
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "events were missed; reading the spool");
                    self.gap.notify_one();
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn take(&self, frame: &Frame) {
        let Some(leg) = read::from_event(frame) else {
            let uniqueid = frame.get("UniqueID");
            tracing::error!(
                uniqueid,
                "the record of a call cannot be read from its event"
            );
            return self.gap.notify_one();
        };
        let mut state = self.state();
        if state.waiting.len() < MOST_WAITING {
            state.waiting.push_back(leg);
        } else if !std::mem::replace(&mut state.is_full, true) {
            tracing::error!("too many records of calls wait; more are in the spool only");
        }
        drop(state);
        self.arrived.notify_one();
    }

    async fn write(&self) {
        loop {
            self.arrived.notified().await;
            loop {
                let batch: Vec<Cdr> = self.state().waiting.iter().take(BATCH).cloned().collect();
                if batch.is_empty() {
                    break;
                }
                match self.store(&batch, None).await {
                    Ok(_) => self.flows(batch.len()),
                    Err(error) => {
                        self.stalls(&error);
                        sleep(AGAIN).await;
                    }
                }
            }
        }
    }

    fn flows(&self, written: usize) {
        let mut state = self.state();
        state.waiting.drain(..written);
        let left = state.waiting.len();
        if left > 0 && state.stalled.is_some() {
            return;
        }
        state.is_full = false;
        if state.stalled.take().is_some() {
            drop(state);
            tracing::info!("the records of calls that waited are written");
            self.hub.publish(Topic::System);
            self.gap.notify_one();
        }
    }

    fn stalls(&self, error: &store::Error) {
        let mut state = self.state();
        if state.stalled.is_none() {
            state.stalled = Some(self.clock.now());
            drop(state);
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "records of calls wait for the database"
            );
        }
        // How many there are has changed.
        self.hub.publish(Topic::System);
    }

    /// Writes legs, and how far the spool was read with them; returns those that the database refuses for what they are.
    async fn store<'l>(
        &self,
        legs: &'l [Cdr],
        read: Option<(&Part, u64)>,
    ) -> store::Result<Vec<&'l Cdr>> {
        match self.store_all(legs, read).await {
            Ok(made_good) => {
                if made_good > 0 && read.is_some() {
                    tracing::info!(legs = made_good, "calls were made good from the spool");
                }
                return Ok(Vec::new());
            }
            Err(error) if !store::cdr::is_refusal(&error) => return Err(error),
            Err(_) => {}
        }
        let mut refused = Vec::new();
        for leg in legs {
            let Err(error) = self.store_all(std::slice::from_ref(leg), None).await else {
                continue;
            };
            if !store::cdr::is_refusal(&error) {
                return Err(error);
            }
            tracing::error!(
                error = &error as &dyn std::error::Error,
                uniqueid = leg.uniqueid,
                sequence = leg.sequence,
                "the database refuses the record of a call"
            );
            refused.push(leg);
        }
        self.store_all(&[], read).await?;
        Ok(refused)
    }

    async fn store_all(&self, legs: &[Cdr], read: Option<(&Part, u64)>) -> store::Result<u64> {
        in_time(async {
            let mut work = self.pool.begin().await?;
            let mut written = 0;
            if !legs.is_empty() {
                written = store::cdr::insert(&mut work, legs).await?;
            }
            if let Some((part, position)) = read {
                store::cdr::note_position(&mut work, &part.id, position.cast_signed()).await?;
            }
            work.commit().await?;
            Ok(written)
        })
        .await
    }
}

/// A database that hangs is away.
async fn in_time<T>(work: impl Future<Output = store::Result<T>>) -> store::Result<T> {
    timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_elapsed| Err(store::Error::Away(sqlx::Error::PoolTimedOut)))
}

impl App {
    /// Writes finished calls as long as the program runs, and what waits at its end if the database takes it.
    pub async fn keep_records(self: Arc<Self>, stop: CancellationToken) {
        let records = &self.records;
        let reading = async {
            match &records.spool {
                Some(spool) => records.make_good(spool).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = records.hear() => {}
            () = records.write() => {}
            () = reading => {}
        }
        let left: Vec<Cdr> = records.state().waiting.drain(..).collect();
        for legs in left.chunks(BATCH) {
            if records.store(legs, None).await.is_err() {
                return tracing::warn!("records of calls are left to the spool");
            }
        }
    }
}
