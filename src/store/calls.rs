//! The history of calls: rows of pbx.call, and their legs in Asterisk's cdr.

use chrono::{DateTime, NaiveDateTime, Utc};
use sea_query::extension::postgres::PgExpr;
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use sqlx::FromRow;

use super::{PgConnection, Result, sql};
use crate::domain::call::{Call, CallFilter, Direction, Leg, Outcome, Page};
use crate::realtime::tables::{Call as C, Cdr, Pbx};

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
    duration: i32,
    billsec: i32,
    legs: i32,
    clid: Option<String>,
    channel: Option<String>,
    dstchannel: Option<String>,
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
            duration: self.duration,
            billsec: self.billsec,
            clid: self.clid,
            channel: self.channel,
            dstchannel: self.dstchannel,
            legs: self.legs,
        }
    }
}

fn filtered(filter: &CallFilter) -> SelectStatement {
    let mut query = Query::select();
    query.from((Pbx::Schema, C::Table));
    if let Some(from) = filter.from {
        query.and_where(Expr::col((C::Table, C::StartedAt)).gte(from));
    }
    if let Some(until) = filter.until {
        query.and_where(Expr::col((C::Table, C::StartedAt)).lt(until));
    }
    if let Some(outcome) = filter.outcome {
        query.and_where(Expr::col((C::Table, C::Outcome)).eq(outcome.as_str()));
    }
    if filter.impossible {
        query.and_where(Expr::val(false));
    }
    if let Some(extension) = &filter.extension {
        let taking_part = Expr::val(vec![extension.to_string()]).cast_as("text[]");
        query.and_where(Expr::col((C::Table, C::Extensions)).contains(taking_part));
    }
    let contains = |column: C, text: &str| {
        Expr::expr(
            Func::cust("strpos")
                .arg(Func::lower(Expr::col((C::Table, column))))
                .arg(Expr::val(text.to_lowercase())),
        )
        .gt(0)
    };
    if let Some(src) = &filter.src {
        query.and_where(contains(C::Src, src));
    }
    if let Some(dst) = &filter.dst {
        query.and_where(contains(C::Dst, dst));
    }
    if let Some(text) = &filter.text {
        query.and_where(
            contains(C::Src, text)
                .or(contains(C::Dst, text))
                .or(contains(C::SrcName, text)),
        );
    }
    query
}

pub async fn list(conn: &mut PgConnection, filter: &CallFilter, page: Page) -> Result<Vec<Call>> {
    let mut query = filtered(filter);
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
                C::Duration,
                C::Billsec,
                C::Legs,
            ]
            .map(|column| (C::Table, column)),
        )
        .order_by((C::Table, C::StartedAt), Order::Desc)
        .order_by((C::Table, C::Id), Order::Desc)
        .limit(page.limit);
    for column in [Cdr::Clid, Cdr::Channel] {
        query.expr_as(first_leg(column), column);
    }
    query.expr_as(longest_leg(Cdr::Dstchannel), Cdr::Dstchannel);
    if let Some(place) = page.after {
        query.and_where(
            Expr::tuple([
                Expr::col((C::Table, C::StartedAt)),
                Expr::col((C::Table, C::Id)),
            ])
            .lt(Expr::tuple([
                Expr::val(place.started_at),
                Expr::val(place.id),
            ])),
        );
    }
    if page.offset > 0 {
        query.offset(page.offset);
    }
    let rows: Vec<CallRow> = sql::fetch_all(conn, &query).await?;
    Ok(rows.into_iter().map(CallRow::domain).collect())
}

/// A column of the first leg of the call in the outer query.
fn first_leg(column: Cdr) -> Expr {
    let mut leg = leg(column);
    leg.order_by(Cdr::Sequence, Order::Asc);
    Expr::SubQuery(None, Box::new(leg.into()))
}

/// The same of the leg with most words spoken, which is the first one where nobody spoke: whoever answered is its other
/// end, also when another phone rang before.
fn longest_leg(column: Cdr) -> Expr {
    let mut leg = leg(column);
    leg.order_by_expr(
        Func::coalesce([Expr::col(Cdr::Billsec), Expr::val(0)]).into(),
        Order::Desc,
    )
    .order_by(Cdr::Sequence, Order::Asc);
    Expr::SubQuery(None, Box::new(leg.into()))
}

fn leg(column: Cdr) -> SelectStatement {
    let mut leg = Query::select();
    leg.column(column)
        .from(Cdr::Table)
        .and_where(Expr::col((Cdr::Table, Cdr::Linkedid)).equals((C::Table, C::Linkedid)))
        .limit(1);
    leg
}

#[derive(FromRow)]
struct Counted {
    n: i64,
}

pub async fn count(conn: &mut PgConnection, filter: &CallFilter) -> Result<i64> {
    let mut query = filtered(filter);
    query.expr_as(Func::count(Expr::col((C::Table, C::Id))), "n");
    let row: Counted = sql::fetch_one(conn, &query).await?;
    Ok(row.n)
}

/// How many calls had each outcome.
pub async fn outcomes(conn: &mut PgConnection, filter: &CallFilter) -> Result<Vec<(Outcome, i64)>> {
    let mut query = filtered(filter);
    query
        .column((C::Table, C::Outcome))
        .expr_as(Func::count(Expr::col((C::Table, C::Id))), "n")
        .add_group_by([Expr::col((C::Table, C::Outcome))]);
    let rows: Vec<(String, i64)> = sql::fetch_all(conn, &query).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(word, n)| Some((Outcome::parse(&word)?, n)))
        .collect())
}

#[derive(FromRow)]
struct LegRow {
    linkedid: Option<String>,
    uniqueid: Option<String>,
    channel: Option<String>,
    dstchannel: Option<String>,
    src: Option<String>,
    dst: Option<String>,
    lastapp: Option<String>,
    start: Option<NaiveDateTime>,
    duration: Option<i32>,
    billsec: Option<i32>,
    disposition: Option<String>,
}

/// The legs of these calls, each with its linkedid, in the order Asterisk made them.
pub async fn legs(conn: &mut PgConnection, linkedids: &[String]) -> Result<Vec<(String, Leg)>> {
    let rows: Vec<LegRow> = sqlx::query_as(
        "select linkedid, uniqueid, channel, dstchannel, src, dst, lastapp, start, duration, billsec, disposition
           from cdr where linkedid = any ($1) order by linkedid, sequence",
    )
    .bind(linkedids)
    .fetch_all(conn)
    .await?;
    let legs = rows.into_iter().map(|row| {
        let leg = Leg {
            uniqueid: row.uniqueid.unwrap_or_default(),
            channel: row.channel.unwrap_or_default(),
            dstchannel: row.dstchannel.unwrap_or_default(),
            src: row.src.unwrap_or_default(),
            dst: row.dst.unwrap_or_default(),
            application: row.lastapp.unwrap_or_default(),
            started_at: row.start.map(|start| start.and_utc()),
            duration: row.duration.unwrap_or_default(),
            billsec: row.billsec.unwrap_or_default(),
            disposition: row.disposition.unwrap_or_default(),
        };
        (row.linkedid.unwrap_or_default(), leg)
    });
    Ok(legs.collect())
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
