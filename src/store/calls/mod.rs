//! The history of calls: rows of pbx.call, and their legs in Asterisk's cdr.

mod counts;
mod numbers;
mod search;
mod sums;
mod upkeep;

use chrono::{DateTime, NaiveDateTime, Utc};
use sea_query::{Expr, ExprTrait, JoinType, Order, Query, SelectStatement};
use sqlx::FromRow;

use super::{PgConnection, Result, sql};
use crate::domain::call::{Call, Direction, Leg, Outcome, Page};
use crate::realtime::tables::{Call as C, Pbx};
use search::As;

pub use counts::count;
pub use search::Search;
pub use sums::{charts, sums};
pub use upkeep::{fold, fold_numbers, forget_numbers, newest_leg, remove_before, unfiled};

#[derive(FromRow)]
struct CallRow {
    id: i64,
    linkedid: String,
    started_at: DateTime<Utc>,
    direction: String,
    outcome: String,
    src: String,
    src_name: String,
    dst: String,
    extensions: Vec<String>,
    duration: i32,
    billsec: i32,
    legs: i32,
}

impl CallRow {
    fn domain(self) -> Call {
        Call {
            id: self.id,
            linkedid: self.linkedid,
            started_at: self.started_at,
            // Both columns are checked by the schema.
            direction: Direction::parse(&self.direction).unwrap_or(Direction::Internal),
            outcome: Outcome::parse(&self.outcome).unwrap_or(Outcome::Failed),
            src: self.src,
            src_name: self.src_name,
            dst: self.dst,
            extensions: self.extensions,
            duration: self.duration,
            billsec: self.billsec,
            legs: self.legs,
        }
    }
}

/// The newest calls that are looked through for those of many numbers, and more of them for a longer list.
const LOOK_THROUGH: u64 = 20_000;
const LOOK_THROUGH_FOR_EACH: u64 = 100;

pub async fn list(conn: &mut PgConnection, search: &Search, page: Page) -> Result<Vec<Call>> {
    if search.has_many_numbers() {
        // Their calls are most likely among the newest; else each number is worth looking at.
        let more = page.limit.saturating_mul(LOOK_THROUGH_FOR_EACH);
        let through = LOOK_THROUGH.saturating_add(more);
        let calls = read(conn, search.keys_among_newest(page, through)).await?;
        if u64::try_from(calls.len()).is_ok_and(|found| found == page.limit) {
            return Ok(calls);
        }
    }
    match search.keys(page) {
        Some(keys) => read(conn, keys).await,
        None => Ok(Vec::new()),
    }
}

async fn read(conn: &mut PgConnection, keys: SelectStatement) -> Result<Vec<Call>> {
    let mut query = Query::select();
    query
        .columns(
            [
                C::Id,
                C::Linkedid,
                C::StartedAt,
                C::Direction,
                C::Outcome,
                C::Src,
                C::SrcName,
                C::Dst,
                C::Extensions,
                C::Duration,
                C::Billsec,
                C::Legs,
            ]
            .map(|column| (As::C, column)),
        )
        .from_subquery(keys, As::K)
        .join_as(
            JoinType::InnerJoin,
            (Pbx::Schema, C::Table),
            As::C,
            Expr::col((As::C, C::Id)).equals((As::K, C::Id)),
        )
        .order_by((As::C, C::StartedAt), Order::Desc)
        .order_by((As::C, C::Id), Order::Desc);
    let rows: Vec<CallRow> = sql::fetch_all(conn, &query).await?;
    Ok(rows.into_iter().map(CallRow::domain).collect())
}

#[derive(FromRow)]
struct LegRow {
    linkedid: Option<String>,
    uniqueid: Option<String>,
    clid: Option<String>,
    channel: Option<String>,
    dstchannel: Option<String>,
    src: Option<String>,
    dst: Option<String>,
    lastapp: Option<String>,
    lastdata: Option<String>,
    start: Option<NaiveDateTime>,
    duration: Option<i32>,
    billsec: Option<i32>,
    disposition: Option<String>,
}

/// The legs of these calls, each with its linkedid, in the order Asterisk made them.
pub async fn legs(conn: &mut PgConnection, linkedids: &[String]) -> Result<Vec<(String, Leg)>> {
    let rows: Vec<LegRow> = sqlx::query_as(
        "select linkedid, uniqueid, clid, channel, dstchannel, src, dst, lastapp, lastdata, start, duration, billsec, disposition
           from cdr where linkedid = any ($1) order by linkedid, sequence, uniqueid, channel",
    )
    .bind(linkedids)
    .fetch_all(conn)
    .await?;
    let legs = rows.into_iter().map(|row| {
        let leg = Leg {
            uniqueid: row.uniqueid.unwrap_or_default(),
            clid: row.clid.unwrap_or_default(),
            channel: row.channel.unwrap_or_default(),
            dstchannel: row.dstchannel.unwrap_or_default(),
            src: row.src.unwrap_or_default(),
            dst: row.dst.unwrap_or_default(),
            application: row.lastapp.unwrap_or_default(),
            arguments: row.lastdata.unwrap_or_default(),
            started_at: row.start.map(|start| start.and_utc()),
            duration: row.duration.unwrap_or_default(),
            billsec: row.billsec.unwrap_or_default(),
            disposition: row.disposition.unwrap_or_default(),
        };
        (row.linkedid.unwrap_or_default(), leg)
    });
    Ok(legs.collect())
}

/// The messages that callers left in these calls: the call, the message and its mailbox.
pub async fn messages(conn: &mut PgConnection, calls: &[i64]) -> Result<Vec<(i64, i64, String)>> {
    Ok(sqlx::query_as(
        "select distinct on (c.id) c.id, m.id, m.mailbox from pbx.call c
           join voicemail_messages v on v.mailboxuser = any (c.extensions || c.dst::text) and v.msgnum >= 0
            and v.origtime between extract(epoch from c.started_at)::integer - 1 and extract(epoch from c.ended_at)::integer + 2
            and position(c.src in coalesce(v.callerid, '')) > 0
           join pbx.message m on m.msg_id = v.msg_id
          where c.id = any ($1) and c.outcome = 'missed' order by c.id, m.id",
    )
    .bind(calls)
    .fetch_all(conn)
    .await?)
}

/// How many calls went over a trunk since a moment: by the name of its channels, or by what the dialplan noted where that
/// was the name of another trunk at the same server.
pub async fn of_trunk(
    conn: &mut PgConnection,
    trunk_id: i64,
    from: DateTime<Utc>,
) -> Result<Vec<(Direction, Outcome, i64)>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "select c.direction, c.outcome, count(*) from pbx.call c
          where c.started_at >= $2 and c.direction <> 'internal' and exists (
            select from cdr l where l.linkedid = c.linkedid
               and case when l.accountcode like 'trunk-ep-%' then l.accountcode = 'trunk-ep-' || $1
                   else l.channel like 'PJSIP/trunk-ep-' || $1 || '-%' or l.dstchannel like 'PJSIP/trunk-ep-' || $1 || '-%' end)
          group by c.direction, c.outcome",
    )
    .bind(trunk_id.to_string())
    .bind(from)
    .fetch_all(conn)
    .await?;
    let counted = rows.into_iter().filter_map(|(direction, outcome, n)| {
        Some((Direction::parse(&direction)?, Outcome::parse(&outcome)?, n))
    });
    Ok(counted.collect())
}
