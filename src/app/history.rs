//! What keeps the history of calls fast and as short as it is wanted: sums are added up, calls that could not be filed are
//! filed, and old ones are deleted in small steps.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::{App, Result};
use crate::store;

/// Between two looks at what waits to be added up.
const FOLD_EVERY: Duration = Duration::from_secs(5);
/// What calls have left for their numbers is added up in steps of so many rows.
const FOLD_AT_ONCE: i32 = 20_000;
/// Between two looks for calls that were not filed, and for old ones.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Calls that are deleted at once, and the pause in which others go on.
const STEP: i64 = 200;
const PAUSE: Duration = Duration::from_millis(50);
/// Numbers that are looked at, at once, to see whether a call still has them; and how often.
const NUMBERS: i32 = 500;
const NUMBERS_EVERY: Duration = Duration::from_hours(6);
/// Legs that the first look goes back.
const BACK: i64 = 200_000;

/// What was done when.
#[derive(Debug, Default)]
struct Kept {
    /// Legs before this one are filed.
    legs: Option<i64>,
    looked: Option<Instant>,
    /// Calls were deleted since numbers were forgotten.
    deleted: bool,
    forgot: Option<Instant>,
}

/// Whether it is time again.
fn is_due(last: Option<Instant>, every: Duration) -> bool {
    last.is_none_or(|last| last.elapsed() >= every)
}

impl App {
    /// As long as the program runs.
    pub async fn keep_history(self: Arc<Self>, stop: CancellationToken) {
        let mut kept = Kept::default();
        while !stop.is_cancelled() {
            let work = self.keep_up(&mut kept, &stop);
            if let Err(error) = work.await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the history of calls is not kept up; will try again"
                );
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(FOLD_EVERY) => {}
            }
        }
    }

    async fn keep_up(&self, kept: &mut Kept, stop: &CancellationToken) -> Result<()> {
        store::calls::fold(&mut *self.pool.acquire().await?).await?;
        self.fold_numbers(stop).await?;
        if !is_due(kept.looked, LOOK_EVERY) {
            return Ok(());
        }
        self.file_calls(kept, stop).await?;
        self.forget_calls(kept, stop).await?;
        if kept.deleted && is_due(kept.forgot, NUMBERS_EVERY) {
            // A number that still waits to be added up is kept.
            self.fold_numbers(stop).await?;
            self.forget_numbers(stop).await?;
            (kept.deleted, kept.forgot) = (false, Some(Instant::now()));
        }
        kept.looked = Some(Instant::now());
        Ok(())
    }

    async fn fold_numbers(&self, stop: &CancellationToken) -> Result<()> {
        let mut conn = self.pool.acquire().await?;
        let mut folded = i64::from(FOLD_AT_ONCE);
        while folded == i64::from(FOLD_AT_ONCE) && !stop.is_cancelled() {
            folded = store::calls::fold_numbers(&mut conn, FOLD_AT_ONCE).await?;
        }
        Ok(())
    }

    async fn file_calls(&self, kept: &mut Kept, stop: &CancellationToken) -> Result<()> {
        let mut conn = self.pool.acquire().await?;
        let newest = store::calls::newest_leg(&mut conn).await?;
        let from = kept.legs.unwrap_or(newest - BACK);
        while !stop.is_cancelled() && store::calls::unfiled(&mut conn, from).await? > 0 {}
        // Legs of transactions that have not ended may have smaller ids.
        kept.legs = Some(newest - 1_000);
        Ok(())
    }

    /// Nothing is deleted unless somebody has said after how many days.
    async fn forget_calls(&self, kept: &mut Kept, stop: &CancellationToken) -> Result<()> {
        let Some(days) = self.settings().await?.history_days else {
            return Ok(());
        };
        let before = self.clock.now() - TimeDelta::days(i64::from(days));
        while !stop.is_cancelled() {
            let mut conn = self.pool.acquire().await?;
            if store::calls::remove_before(&mut conn, before, STEP).await? == 0 {
                break;
            }
            drop(conn);
            kept.deleted = true;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn forget_numbers(&self, stop: &CancellationToken) -> Result<()> {
        let mut last = Some(String::new());
        while let Some(after) = last.filter(|_| !stop.is_cancelled()) {
            let mut conn = self.pool.acquire().await?;
            last = store::calls::forget_numbers(&mut conn, &after, NUMBERS).await?;
            drop(conn);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }
}
