//! Brings rows that follow from other rows up to date after changes made in SQL, beside the listener: a row that somebody
//! holds, or ten thousand rows at once, hold up nobody else's change.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::dialplan::{self, ONE_BY_ONE, Stale};
use super::{Result, settings};
use crate::store::PgPool;

const RETRY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Reconciler {
    pool: PgPool,
    stale: Mutex<BTreeSet<Stale>>,
    wake: Notify,
}

impl Reconciler {
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            stale: Mutex::default(),
            wake: Notify::new(),
        }
    }

    pub fn add(&self, stale: impl IntoIterator<Item = Stale>) {
        self.stale
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(stale);
        self.wake.notify_one();
    }

    fn take(&self) -> BTreeSet<Stale> {
        let mut stale =
            std::mem::take(&mut *self.stale.lock().unwrap_or_else(PoisonError::into_inner));
        if stale.len() > ONE_BY_ONE {
            stale = BTreeSet::from([Stale::Everything]);
        }
        stale
    }

    pub async fn run(&self, stop: CancellationToken) {
        loop {
            let mut failed = BTreeSet::new();
            for stale in self.take() {
                if let Err(error) = self.follow(&stale).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        ?stale,
                        "not brought up to date; will try again"
                    );
                    failed.insert(stale);
                }
            }
            let is_clean = failed.is_empty();
            self.stale
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(failed);
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(RETRY), if !is_clean => {}
            }
        }
    }

    async fn follow(&self, stale: &Stale) -> Result<()> {
        let settings = settings::load(&self.pool).await?;
        if *stale != Stale::Everything {
            return dialplan::reconcile(&self.pool, stale, &settings).await;
        }
        let mended = dialplan::reconcile_all(&self.pool, &settings).await?;
        if mended > 0 {
            tracing::info!(rows = mended, "dialplan rows brought up to date");
        }
        Ok(())
    }
}
