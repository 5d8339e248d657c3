//! Forwards of extensions.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::domain::ExtNumber;
use crate::domain::forward::{Forward, ForwardEdit, Kind, Target};

#[derive(FromRow)]
struct ForwardRow {
    id: i64,
    extension: String,
    kind: String,
    destination: String,
    ring_time: i16,
    enabled: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl ForwardRow {
    fn domain(self) -> Option<Forward> {
        Some(Forward {
            id: self.id,
            extension: ExtNumber::parse(&self.extension).ok()?,
            kind: Kind::parse(&self.kind)?,
            target: Target::from_canonical(&self.destination)?,
            ring_time: self.ring_time,
            enabled: self.enabled,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

pub async fn list(conn: &mut PgConnection) -> Result<Vec<Forward>> {
    let rows: Vec<ForwardRow> = sqlx::query_as(
        "select id, extension, kind, destination, ring_time, enabled, created_at, updated_at from pbx.forward order by id",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(ForwardRow::domain).collect())
}

pub async fn of_extension(conn: &mut PgConnection, number: &ExtNumber) -> Result<Vec<Forward>> {
    let rows: Vec<ForwardRow> = sqlx::query_as(
        "select id, extension, kind, destination, ring_time, enabled, created_at, updated_at from pbx.forward
          where extension = $1 order by id",
    )
    .bind(number.as_str())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(ForwardRow::domain).collect())
}

pub async fn find(conn: &mut PgConnection, id: i64) -> Result<Option<Forward>> {
    let row: Option<ForwardRow> = sqlx::query_as(
        "select id, extension, kind, destination, ring_time, enabled, created_at, updated_at from pbx.forward where id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(ForwardRow::domain))
}

/// Only one at a time may change what is forwarded where: two changes, each legal by itself, can make a circle together.
pub async fn lock(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('pbx.forward'))")
        .execute(conn)
        .await?;
    Ok(())
}

/// Who forwards calls to this extension.
pub async fn to(conn: &mut PgConnection, number: &ExtNumber) -> Result<Vec<ExtNumber>> {
    let numbers: Vec<String> =
        sqlx::query_scalar("select distinct extension from pbx.forward where destination = $1")
            .bind(number.as_str())
            .fetch_all(conn)
            .await?;
    Ok(numbers
        .iter()
        .filter_map(|number| ExtNumber::parse(number).ok())
        .collect())
}

/// Whether calls that are forwarded to `target` can come to `number`, by the forwards that are switched on. A number
/// outside that is one of ours comes back to its extension.
pub async fn leads_to(
    conn: &mut PgConnection,
    target: &Target,
    number: &ExtNumber,
) -> Result<bool> {
    let found = sqlx::query_scalar(
        "with recursive chain (number) as (
           select coalesce((select r.extension::text from pbx.did_route r where r.did = $1), $1)
           union
           select coalesce(r.extension::text, f.destination)
             from chain c join pbx.forward f on f.extension = c.number and f.enabled
             left join pbx.did_route r on r.did = f.destination
         )
         select exists (select from chain where number = $2)",
    )
    .bind(target.as_str())
    .bind(number.as_str())
    .fetch_one(conn)
    .await?;
    Ok(found)
}

pub async fn create(conn: &mut PgConnection, edit: &ForwardEdit) -> Result<i64> {
    let id = sqlx::query_scalar(
        "insert into pbx.forward (extension, kind, destination, ring_time, enabled) values ($1, $2, $3, $4, $5) returning id",
    )
    .bind(edit.extension.as_str())
    .bind(edit.kind.as_str())
    .bind(edit.target.as_str())
    .bind(edit.ring_time)
    .bind(edit.enabled)
    .fetch_one(conn)
    .await?;
    Ok(id)
}

pub async fn save(conn: &mut PgConnection, id: i64, edit: &ForwardEdit) -> Result<bool> {
    let result = sqlx::query(
        "update pbx.forward set destination = $2, ring_time = $3, enabled = $4, updated_at = now() where id = $1",
    )
    .bind(id)
    .bind(edit.target.as_str())
    .bind(edit.ring_time)
    .bind(edit.enabled)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn remove(conn: &mut PgConnection, id: i64) -> Result<bool> {
    let result = sqlx::query("delete from pbx.forward where id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() > 0)
}
