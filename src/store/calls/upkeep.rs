//! What is done for the history in the background, in steps that nobody has to wait for.

use chrono::{DateTime, Utc};

use crate::store::{PgConnection, Result};

/// Adds up what calls have left to be added. Returns how much that was.
pub async fn fold(conn: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("select pbx.fold_calls()")
        .fetch_one(conn)
        .await?)
}

/// The same of at most so much that calls have left for their numbers.
pub async fn fold_numbers(conn: &mut PgConnection, most: i32) -> Result<i64> {
    Ok(sqlx::query_scalar("select pbx.fold_numbers($1)")
        .bind(most)
        .fetch_one(conn)
        .await?)
}

/// The newest leg; what comes later has a greater id.
pub async fn newest_leg(conn: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("select coalesce(max(id), 0) from cdr")
        .fetch_one(conn)
        .await?)
}

/// Files calls that could not be filed when their legs came, of legs from this one on. Returns how many.
pub async fn unfiled(conn: &mut PgConnection, from_leg: i64) -> Result<i64> {
    Ok(sqlx::query_scalar("select pbx.file_unfiled($1)")
        .bind(from_leg)
        .fetch_one(conn)
        .await?)
}

/// Deletes some of the oldest calls that are older than this, with their legs, and some legs that are no call. Returns how
/// many rows were deleted; none when none is left. What somebody is working on is left for the next time.
pub async fn remove_before(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
    most: i64,
) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "with old as (
           select linkedid from pbx.call where started_at < $1 order by started_at limit $2 for update skip locked
         ), alone as (
           select id from cdr where start < $1 at time zone 'UTC' and linkedid is null order by start limit $2
         ), legs as (
           delete from cdr where linkedid in (select linkedid from old) or id in (select id from alone) returning 1
         ), empty as (
           delete from pbx.call c using old where c.linkedid = old.linkedid
              and not exists (select from cdr l where l.linkedid = old.linkedid)
         )
         select (select count(*) from old) + (select count(*) from legs)",
    )
    .bind(before)
    .bind(most)
    .fetch_one(conn)
    .await?)
}

/// Forgets numbers that no call has any more, of so many after the last one. Returns the last one that was looked at, the
/// same while calls are being filed; none at the end.
pub async fn forget_numbers(
    conn: &mut PgConnection,
    after: &str,
    most: i32,
) -> Result<Option<String>> {
    Ok(
        sqlx::query_scalar("select last from pbx.forget_numbers($1, $2)")
            .bind(after)
            .bind(most)
            .fetch_one(conn)
            .await?,
    )
}
