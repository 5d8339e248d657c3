//! External numbers and where they lead.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::dialplan::Inbound;
use crate::domain::ExtNumber;
use crate::domain::did::{Did, NumberPlan};
use crate::domain::route::{Route, RouteEdit, RouteSearch};

#[derive(FromRow)]
struct RouteRow {
    id: i64,
    did: String,
    trunk_id: i64,
    extension: String,
    description: Option<String>,
    enabled: bool,
    last_called: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl RouteRow {
    fn domain(self) -> Option<Route> {
        Some(Route {
            id: self.id,
            did: Did::from_canonical(&self.did)?,
            trunk_id: self.trunk_id,
            extension: ExtNumber::parse(&self.extension).ok()?,
            description: self.description,
            enabled: self.enabled,
            last_called: self.last_called,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

pub async fn list(conn: &mut PgConnection) -> Result<Vec<Route>> {
    let rows: Vec<RouteRow> = sqlx::query_as(
        "select r.id, r.did, r.trunk_id, r.extension, r.description, r.enabled, c.last_called, r.created_at, r.updated_at
           from pbx.did_route r left join pbx.did_called c on c.did = r.did and c.trunk_id = r.trunk_id
          order by r.id",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(RouteRow::domain).collect())
}

/// What a search means in SQL: $1 trunk, $2 digits, $3 text, $4 extensions, $5 country, $6 what is dialled before a number of it.
macro_rules! matching {
    () => {
        "($1::bigint is null or r.trunk_id = $1)
            and ($3::text is null or strpos(r.did, $2) > 0 or strpos(lower(r.description), $3) > 0 or r.extension = any ($4)
              or strpos(case when starts_with(r.did, '+' || $5) then $6 || substr(r.did, 2 + length($5)) else '00' || substr(r.did, 2) end, $2) > 0)"
    };
}

/// A page of those that match, in the order of their digits.
pub async fn page(
    conn: &mut PgConnection,
    search: &RouteSearch,
    plan: &NumberPlan,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Route>> {
    let words = search.words.as_ref();
    let rows: Vec<RouteRow> = sqlx::query_as(concat!(
        "select r.id, r.did, r.trunk_id, r.extension, r.description, r.enabled, c.last_called, r.created_at, r.updated_at
           from pbx.did_route r left join pbx.did_called c on c.did = r.did and c.trunk_id = r.trunk_id
          where ", matching!(), " and r.did > $7 order by r.did limit $8",
    ))
    .bind(search.trunk)
    .bind(words.and_then(|words| words.digits.as_deref()))
    .bind(words.map(|words| &words.text))
    .bind(words.map(|words| &words.extensions))
    .bind(&plan.country)
    .bind(plan.trunk_prefix())
    .bind(after.unwrap_or_default())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(RouteRow::domain).collect())
}

pub async fn count(
    conn: &mut PgConnection,
    search: &RouteSearch,
    plan: &NumberPlan,
) -> Result<i64> {
    let words = search.words.as_ref();
    let count = sqlx::query_scalar(concat!(
        "select count(*) from pbx.did_route r where ",
        matching!()
    ))
    .bind(search.trunk)
    .bind(words.and_then(|words| words.digits.as_deref()))
    .bind(words.map(|words| &words.text))
    .bind(words.map(|words| &words.extensions))
    .bind(&plan.country)
    .bind(plan.trunk_prefix())
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// The digits of every number that leads somewhere.
pub async fn values(conn: &mut PgConnection) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar(
        "select coalesce(array_agg(substr(did, 2)::bigint), '{}') from pbx.did_route",
    )
    .fetch_one(conn)
    .await?)
}

/// In the order they were assigned: the first is shown outside unless another was chosen.
pub async fn of_extension(conn: &mut PgConnection, number: &ExtNumber) -> Result<Vec<Route>> {
    let rows: Vec<RouteRow> = sqlx::query_as(
        "select r.id, r.did, r.trunk_id, r.extension, r.description, r.enabled, c.last_called, r.created_at, r.updated_at
           from pbx.did_route r left join pbx.did_called c on c.did = r.did and c.trunk_id = r.trunk_id
          where r.extension = $1 order by r.id",
    )
    .bind(number.as_str())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(RouteRow::domain).collect())
}

pub async fn of_extensions(conn: &mut PgConnection, numbers: &[&ExtNumber]) -> Result<Vec<Route>> {
    let numbers: Vec<&str> = numbers.iter().map(|number| number.as_str()).collect();
    let rows: Vec<RouteRow> = sqlx::query_as(
        "select r.id, r.did, r.trunk_id, r.extension, r.description, r.enabled, c.last_called, r.created_at, r.updated_at
           from pbx.did_route r left join pbx.did_called c on c.did = r.did and c.trunk_id = r.trunk_id
          where r.extension = any ($1) order by r.id",
    )
    .bind(numbers)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(RouteRow::domain).collect())
}

pub async fn of_trunk(conn: &mut PgConnection, trunk_id: i64) -> Result<Vec<Route>> {
    let rows: Vec<RouteRow> = sqlx::query_as(
        "select r.id, r.did, r.trunk_id, r.extension, r.description, r.enabled, c.last_called, r.created_at, r.updated_at
           from pbx.did_route r left join pbx.did_called c on c.did = r.did and c.trunk_id = r.trunk_id
          where r.trunk_id = $1 order by r.did",
    )
    .bind(trunk_id)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(RouteRow::domain).collect())
}

pub async fn find(conn: &mut PgConnection, id: i64) -> Result<Option<Route>> {
    let row: Option<RouteRow> = sqlx::query_as(
        "select r.id, r.did, r.trunk_id, r.extension, r.description, r.enabled, c.last_called, r.created_at, r.updated_at
           from pbx.did_route r left join pbx.did_called c on c.did = r.did and c.trunk_id = r.trunk_id
          where r.id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(RouteRow::domain))
}

/// Like `find`, and holds it against other writers until the transaction ends.
pub async fn lock(conn: &mut PgConnection, id: i64) -> Result<Option<Route>> {
    let row: Option<RouteRow> = sqlx::query_as(
        "select r.id, r.did, r.trunk_id, r.extension, r.description, r.enabled, c.last_called, r.created_at, r.updated_at
           from pbx.did_route r left join pbx.did_called c on c.did = r.did and c.trunk_id = r.trunk_id
          where r.id = $1 for update of r",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(RouteRow::domain))
}

/// What the database knows of a route that was written.
#[derive(Debug, FromRow)]
pub struct Written {
    pub id: i64,
    pub last_called: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub async fn create(conn: &mut PgConnection, edit: &RouteEdit) -> Result<Written> {
    let made = sqlx::query_as(
        "insert into pbx.did_route as r (did, trunk_id, extension, description, enabled) values ($1, $2, $3, $4, $5)
         returning id, (select c.last_called from pbx.did_called c where c.did = r.did and c.trunk_id = r.trunk_id), created_at, updated_at",
    )
    .bind(edit.did.as_str())
    .bind(edit.trunk_id)
    .bind(edit.extension.as_str())
    .bind(&edit.description)
    .bind(edit.enabled)
    .fetch_one(&mut *conn)
    .await?;
    forget_unknown(conn, &edit.did, None).await?;
    Ok(made)
}

pub async fn save(conn: &mut PgConnection, id: i64, edit: &RouteEdit) -> Result<Written> {
    let saved = sqlx::query_as(
        "update pbx.did_route r set did = $2, trunk_id = $3, extension = $4, description = $5, enabled = $6, updated_at = now()
          where id = $1
         returning id, (select c.last_called from pbx.did_called c where c.did = r.did and c.trunk_id = r.trunk_id), created_at, updated_at",
    )
    .bind(id)
    .bind(edit.did.as_str())
    .bind(edit.trunk_id)
    .bind(edit.extension.as_str())
    .bind(&edit.description)
    .bind(edit.enabled)
    .fetch_one(&mut *conn)
    .await?;
    forget_unknown(conn, &edit.did, None).await?;
    Ok(saved)
}

pub async fn remove(conn: &mut PgConnection, id: i64) -> Result<bool> {
    let result = sqlx::query("delete from pbx.did_route where id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() > 0)
}

#[derive(FromRow)]
struct InboundRow {
    did: String,
    trunk_id: i64,
    enabled: bool,
    number: String,
}

impl InboundRow {
    fn domain(self) -> Option<Inbound> {
        Some(Inbound {
            did: Did::from_canonical(&self.did)?,
            trunk_id: self.trunk_id,
            enabled: self.enabled,
            destination: ExtNumber::parse(&self.number).ok()?,
        })
    }
}

/// What the row of one number follows from.
pub async fn inbound(conn: &mut PgConnection, did: &Did) -> Result<Option<Inbound>> {
    let row: Option<InboundRow> = sqlx::query_as(
        "select r.did, r.trunk_id, r.enabled and t.enabled as enabled, r.extension as number
           from pbx.did_route r join pbx.trunk t on t.id = r.trunk_id where r.did = $1",
    )
    .bind(did.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(InboundRow::domain))
}

/// The same for all numbers of one extension.
pub async fn inbound_of(conn: &mut PgConnection, number: &ExtNumber) -> Result<Vec<Inbound>> {
    let rows: Vec<InboundRow> = sqlx::query_as(
        "select r.did, r.trunk_id, r.enabled and t.enabled as enabled, r.extension as number
           from pbx.did_route r join pbx.trunk t on t.id = r.trunk_id where r.extension = $1",
    )
    .bind(number.as_str())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(InboundRow::domain).collect())
}

pub async fn inbound_of_trunk(conn: &mut PgConnection, trunk_id: i64) -> Result<Vec<Inbound>> {
    let rows: Vec<InboundRow> = sqlx::query_as(
        "select r.did, r.trunk_id, r.enabled and t.enabled as enabled, r.extension as number
           from pbx.did_route r join pbx.trunk t on t.id = r.trunk_id where r.trunk_id = $1",
    )
    .bind(trunk_id)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(InboundRow::domain).collect())
}

pub async fn all_inbound(conn: &mut PgConnection) -> Result<Vec<Inbound>> {
    let rows: Vec<InboundRow> = sqlx::query_as(
        "select r.did, r.trunk_id, r.enabled and t.enabled as enabled, r.extension as number
           from pbx.did_route r join pbx.trunk t on t.id = r.trunk_id",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(InboundRow::domain).collect())
}

/// A number that was called and leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDid {
    pub did: String,
    pub trunk_id: i64,
    pub calls_today: i64,
    pub calls: i64,
    pub last_called: DateTime<Utc>,
}

/// Those of the last thirty days; `today` is when the day began.
pub async fn unknown(conn: &mut PgConnection, today: DateTime<Utc>) -> Result<Vec<UnknownDid>> {
    let rows: Vec<(String, i64, i64, i64, DateTime<Utc>)> = sqlx::query_as(
        "select u.did, u.trunk_id, (
                  select count(*) from pbx.call c join cdr l on l.linkedid = c.linkedid
                   where c.dst = u.did and c.started_at >= $1 and l.dcontext = 'from-trunk-unknown'
                     and l.channel like 'PJSIP/trunk-ep-' || u.trunk_id || '-%'), u.calls, u.last_called
           from (select did, trunk_id, sum(calls)::bigint as calls, max(last_called) as last_called from pbx.unknown_did
                  where last_called > $1 - interval '30 days' group by did, trunk_id order by max(last_called) desc limit 100) u
          order by u.last_called desc",
    )
    .bind(today)
    .fetch_all(conn)
    .await?;
    let rows =
        rows.into_iter().map(
            |(did, trunk_id, calls_today, calls, last_called)| UnknownDid {
                did,
                trunk_id,
                calls_today,
                calls,
                last_called,
            },
        );
    Ok(rows.collect())
}

/// When numbers without a route were last called. Numbers to assign are shown for thirty days, so they are not kept longer
/// than that.
pub async fn forget_called(conn: &mut PgConnection, days: i32) -> Result<()> {
    sqlx::query(
        "delete from pbx.did_called c where last_called < now() - make_interval(days => $1)
           and not exists (select from pbx.did_route r where r.did = c.did)",
    )
    .bind(days)
    .execute(&mut *conn)
    .await?;
    // A day more: theirs begins at midnight.
    sqlx::query("delete from pbx.unknown_did where last_called < now() - interval '31 days'")
        .execute(conn)
        .await?;
    Ok(())
}

/// On one trunk, or on all.
pub async fn forget_unknown(
    conn: &mut PgConnection,
    did: &Did,
    trunk_id: Option<i64>,
) -> Result<u64> {
    let result = sqlx::query(
        "delete from pbx.unknown_did where did = $1 and ($2::bigint is null or trunk_id = $2)",
    )
    .bind(did.as_str())
    .bind(trunk_id)
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}
