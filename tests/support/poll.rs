//! Waiting for something to become true, with a deadline.

use std::future::Future;
use std::time::{Duration, Instant};

/// Between two attempts.
const STEP: Duration = Duration::from_millis(20);

/// Longer than anything takes on a busy machine, and still an end.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Asks again and again until there is an answer. Fails the test when there is none within [`PATIENCE`].
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    attempt: impl FnMut() -> F,
) -> T {
    within(PATIENCE, what, attempt).await
}

/// The same with a deadline of its own, for what the product promises within a time.
pub async fn within<T, F: Future<Output = Option<T>>>(
    limit: Duration,
    what: &str,
    attempt: impl FnMut() -> F,
) -> T {
    let found = tried(limit, attempt).await;
    found.unwrap_or_else(|| panic!("not within {limit:?}: {what}"))
}

/// The same for who can tell better afterwards what is missing.
pub async fn tried<T, F: Future<Output = Option<T>>>(
    limit: Duration,
    mut attempt: impl FnMut() -> F,
) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = attempt().await {
            return Some(found);
        }
        if start.elapsed() >= limit {
            return None;
        }
        tokio::time::sleep(STEP).await;
    }
}

/// The future's result, or a failed test that says what it waited for.
pub async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"))
}
