//! What nobody has written is read from the spool, and the spool is kept from growing.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;

use super::read::{self, Piece};
use super::spool::{Part, Spool};
use super::{Records, in_time};
use crate::live::Topic;
use crate::store;

/// Without any sign of a gap, too: a line that nobody missed costs nothing.
const LOOK: Duration = Duration::from_secs(5);
/// A file of the spool is set aside when it is as long, or as old, as this.
const LONG: u64 = 1 << 20;
const OLD: TimeDelta = TimeDelta::days(1);
/// So long it is kept then, for a database that is restored from a backup.
const KEEP: TimeDelta = TimeDelta::days(2);

impl Records {
    /// Reads the spool at the start, after each login to Asterisk, each return of the database, and now and then.
    pub(super) async fn make_good(&self, spool: &Spool) {
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
