//! No finished call is lost. `cdr_pgsql` writes each leg; so does this, from Asterisk's event, with a queue for the time
//! when the database is away; and what neither saw is read from the spool, a file Asterisk writes beside both. The
//! database knows a leg by (uniqueid, sequence), so it does not matter who comes first.

mod read;
mod spool;

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
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
use read::Piece;
use spool::{Part, Spool};

/// Legs that wait for the database: an hour of three calls a second. What comes then is read from the spool.
const MOST_WAITING: usize = 10_000;
/// Written with one statement.
const BATCH: usize = 100;
/// A database that does not answer within this is away.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_secs(1);
/// Without any sign of a gap, too: a line that nobody missed costs nothing.
const LOOK: Duration = Duration::from_secs(5);
/// A file of the spool is set aside when it is as long, or as old, as this.
const LONG: u64 = 1 << 20;
const OLD: TimeDelta = TimeDelta::days(1);
/// So long it is kept then, for a database that is restored from a backup.
const KEEP: TimeDelta = TimeDelta::days(2);

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

    /// Reads the spool at the start, after each login to Asterisk, each return of the database, and now and then.
    async fn make_good(&self, spool: &Spool) {
        let mut connection = self.ami.watch();
        let mut read = HashMap::new();
        loop {
            match self.read_spool(spool, &mut read).await {
                Ok(kept) => self.can_read(kept),
                Err(Missed::Disk(error)) => self.cannot_read(&error),
                Err(Missed::Database(error)) => {
                    // People hear of it elsewhere. What the database knows may be something else when it is back.
                    read.clear();
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "the spool is read when the database takes it"
                    );
                }
            }
            tokio::select! {
                () = sleep(LOOK) => {}
                () = self.gap.notified() => {}
                Ok(()) = connection.changed() => {}
            }
        }
    }

    fn can_read(&self, kept: u64) {
        let mut state = self.state();
        let was_unread = state.unread.take().is_some();
        let before = std::mem::replace(&mut state.kept, kept);
        drop(state);
        if was_unread {
            tracing::info!("the spool of finished calls can be read again");
        }
        if was_unread || before != kept {
            self.hub.publish(Topic::System);
        }
    }

    fn cannot_read(&self, error: &std::io::Error) {
        let mut state = self.state();
        if state.unread.is_none() {
            state.unread = Some(self.clock.now());
            drop(state);
            tracing::error!(%error, "the spool of finished calls cannot be read");
            self.hub.publish(Topic::System);
        }
    }

    /// How many lines are kept for a person. `read` is how far each file was read, as far as this program did it itself.
    async fn read_spool(
        &self,
        spool: &Spool,
        read: &mut HashMap<String, u64>,
    ) -> Result<u64, Missed> {
        let parts = on_disk(spool, Spool::parts).await?;
        let is_read = |part: &Part| read.get(&part.id) == Some(&part.length);
        if !parts.iter().all(is_read) {
            let positions = in_time(async {
                store::cdr::spool_positions(&mut *self.pool.acquire().await?).await
            });
            let positions = positions.await?;
            for part in &parts {
                let from = positions.get(&part.id).map_or(0, |p| p.cast_unsigned());
                let until = self.read_part(spool, part, from).await?;
                read.insert(part.id.clone(), until);
            }
        }
        self.tidy(spool, &parts, read).await?;
        on_disk(spool, Spool::kept).await
    }

    async fn read_part(
        &self,
        spool: &Spool,
        part: &Part,
        mut position: u64,
    ) -> Result<u64, Missed> {
        loop {
            let path = part.path.clone();
            let bytes = on_disk(spool, move |_| Spool::read(&path, position)).await?;
            if bytes.is_empty() {
                return Ok(position);
            }
            let (mut legs, mut others) = (Vec::new(), Vec::new());
            for piece in read::from_lines(&bytes) {
                match piece {
                    Piece::Leg(leg) => legs.push(*leg),
                    Piece::Unreadable(line) => others.extend_from_slice(line),
                }
            }
            if !others.is_empty() {
                tracing::error!(file = %part.path.display(), position, "lines of the spool cannot be read");
            }
            position += bytes.len() as u64;
            for refused in self.store(&legs, Some((part, position))).await? {
                others.extend_from_slice(format!("{refused:?}\n").as_bytes());
            }
            if !others.is_empty() {
                on_disk(spool, move |spool| spool.keep(&others)).await?;
            }
        }
    }

    /// Keeps the spool from growing for ever. Nothing goes that was not read.
    async fn tidy(
        &self,
        spool: &Spool,
        parts: &[Part],
        read: &mut HashMap<String, u64>,
    ) -> Result<(), Missed> {
        let now = self.clock.now();
        for part in parts {
            if read.get(&part.id) != Some(&part.length) {
                continue;
            }
            let Some(time) = part.set_aside else {
                let is_old = match read::from_lines(&part.first).first() {
                    Some(Piece::Leg(leg)) => leg.end.is_some_and(|end| end.and_utc() + OLD < now),
                    _ => false,
                };
                if is_old || part.length >= LONG {
                    on_disk(spool, move |spool| spool.set_aside(now.timestamp())).await?;
                }
                continue;
            };
            if time + KEEP.num_seconds() < now.timestamp() {
                let path = part.path.clone();
                on_disk(spool, move |_| std::fs::remove_file(path)).await?;
                read.remove(&part.id);
                let forget = async {
                    store::cdr::forget_file(&mut *self.pool.acquire().await?, &part.id).await
                };
                in_time(forget).await?;
            }
        }
        Ok(())
    }
}

/// Why the spool was not read to its end.
#[derive(Debug)]
enum Missed {
    Disk(std::io::Error),
    Database(store::Error),
}

impl From<store::Error> for Missed {
    fn from(error: store::Error) -> Self {
        Self::Database(error)
    }
}

/// Work with files, on a thread that may wait.
async fn on_disk<T: Send + 'static>(
    spool: &Spool,
    work: impl FnOnce(&Spool) -> std::io::Result<T> + Send + 'static,
) -> Result<T, Missed> {
    let spool = spool.clone();
    let done = tokio::task::spawn_blocking(move || work(&spool)).await;
    done.unwrap_or_else(|panicked| Err(std::io::Error::other(panicked)))
        .map_err(Missed::Disk)
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
