//! The history of changes, and the marks that tie a transaction to what it tells the listener.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use serde_json::Value;
use sqlx::FromRow;

use super::{PgConnection, Result, sql};
use crate::domain::Actor;
use crate::domain::change::{Change, ChangeFilter, ChangePage, ChangeSet, Op};
use crate::domain::undo::Object;
use crate::realtime::tables::{Change as C, ChangeSet as S, Pbx};

/// Names who acts for the rest of the transaction, and returns its id: the history and the notifications carry both.
pub async fn begin(conn: &mut PgConnection, actor: &Actor, act: &str) -> Result<String> {
    let xid = sqlx::query_scalar(
        "select pg_current_xact_id()::text from (select set_config('pbx.actor', $1, true), set_config('pbx.act', $2, true),
           set_config('pbx.origin', $3, true), set_config('pbx.session', $4, true)) named",
    )
    .bind(actor.recorded_name())
    .bind(act)
    .bind(&actor.origin)
    .bind(actor.session.to_string())
    .fetch_one(conn)
    .await?;
    Ok(xid)
}

/// The last notification of the transaction: when it arrives, all others of it have. Whether anything is in the history.
pub async fn announce_end(conn: &mut PgConnection, xid: &str) -> Result<bool> {
    let is_recorded = sqlx::query_scalar(
        "select exists (select from pbx.change_set where tx = pg_current_xact_id() and began_at = now())
           from pg_notify('pbx', $1)",
    )
    .bind(format!(r#"{{"x":"{xid}","t":"end","s":true}}"#))
    .fetch_one(conn)
    .await?;
    Ok(is_recorded)
}

#[derive(FromRow)]
struct ChangeRow {
    tx: String,
    set_id: i64,
    at: DateTime<Utc>,
    actor: String,
    origin: Option<String>,
    act: Option<String>,
    tab: String,
    key: String,
    kind: String,
    object: String,
    op: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl ChangeRow {
    fn domain(self) -> Change {
        Change {
            xid: self.tx,
            set_id: self.set_id,
            at: self.at,
            actor: self.actor,
            origin: self.origin,
            act: self.act,
            table: self.tab,
            key: self.key,
            object: Object {
                kind: self.kind,
                name: self.object,
            },
            op: Op::from_column(&self.op),
            before: self.before.unwrap_or_default(),
            after: self.after.unwrap_or_default(),
        }
    }
}

/// The newest changes of an extension and of what goes with it.
pub async fn of_extension(
    conn: &mut PgConnection,
    number: &str,
    limit: i64,
) -> Result<Vec<Change>> {
    let rows: Vec<ChangeRow> = sqlx::query_as(
        "select pbx.tx_name(tx, set_id) as tx, set_id, at, actor, origin, act, tab, key, kind, object, op::text as op, before, after
           from pbx.change
          where object = $1 and kind in ('extension', 'mailbox', 'forward', 'dialplan')
          order by id desc limit $2",
    )
    .bind(number)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(ChangeRow::domain).collect())
}

/// The first changes of each of these transactions, those that nobody made by hand last.
pub async fn of_sets(conn: &mut PgConnection, ids: &[i64], each: i64) -> Result<Vec<Change>> {
    let rows: Vec<ChangeRow> = sqlx::query_as(
        "select c.* from unnest($1::bigint[]) with ordinality wanted (id, place), lateral (
           select pbx.tx_name(tx, set_id) as tx, set_id, at, actor, origin, act, tab, key, kind, object, op::text as op, before, after
             from pbx.change where set_id = wanted.id order by kind = 'dialplan' and before ->> 'context' is distinct from 'custom', id limit $2) c
          order by wanted.place",
    )
    .bind(ids)
    .bind(each)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(ChangeRow::domain).collect())
}

fn filtered(filter: &ChangeFilter) -> SelectStatement {
    let mut query = Query::select();
    query.from((Pbx::Schema, S::Table));
    let set = |column: S| Expr::col((S::Table, column));
    if let Some(from) = filter.from {
        query.and_where(set(S::BeganAt).gte(from));
    }
    if let Some(until) = filter.until {
        query.and_where(set(S::BeganAt).lt(until));
    }
    if let Some(actor) = &filter.actor {
        query.and_where(set(S::Actor).eq(actor.as_str()));
    }
    if let Some(act) = &filter.act {
        query.and_where(match act.as_str() {
            "sql" => set(S::Act).is_null(),
            act => set(S::Act).eq(act),
        });
    }
    if filter.kind.is_some() || filter.object.is_some() {
        let mut changes = Query::select();
        changes.column(C::SetId).from((Pbx::Schema, C::Table));
        for (column, value) in [(C::Kind, &filter.kind), (C::Object, &filter.object)] {
            if let Some(value) = value {
                changes.and_where(Expr::col((C::Table, column)).eq(value.as_str()));
            }
        }
        query.and_where(set(S::Id).in_subquery(changes));
    }
    if let Some(text) = &filter.text {
        let mut changes = Query::select();
        let escaped = text
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        changes
            .column(C::SetId)
            .from((Pbx::Schema, C::Table))
            .and_where(Expr::col((C::Table, C::Words)).like(format!("%{escaped}%")));
        query.and_where(set(S::Id).in_subquery(changes));
    }
    query
}

#[derive(FromRow)]
struct SetRow {
    id: i64,
    began_at: DateTime<Utc>,
    actor: String,
    origin: Option<String>,
    act: Option<String>,
}

/// Newest first.
pub async fn sets(
    conn: &mut PgConnection,
    filter: &ChangeFilter,
    page: ChangePage,
) -> Result<Vec<ChangeSet>> {
    let mut query = filtered(filter);
    query
        .columns([S::Id, S::BeganAt, S::Actor, S::Origin, S::Act].map(|c| (S::Table, c)))
        .order_by((S::Table, S::Id), Order::Desc)
        .limit(page.limit);
    if let Some(after) = page.after {
        query.and_where(Expr::col((S::Table, S::Id)).lt(after));
    }
    if page.offset > 0 {
        query.offset(page.offset);
    }
    let rows: Vec<SetRow> = sql::fetch_all(conn, &query).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let facts = facts(conn, &ids).await?;
    let sets = rows.into_iter().zip(facts).map(|(row, facts)| ChangeSet {
        id: row.id,
        tx: facts.tx,
        at: row.began_at,
        actor: row.actor,
        origin: row.origin,
        act: row.act,
        undoes: facts.undoes,
        undone_by: facts.undone_by,
        rows: facts.rows,
        objects: facts
            .kinds
            .into_iter()
            .zip(facts.objects)
            .map(|(kind, name)| Object { kind, name })
            .collect(),
        changes: Vec::new(),
    });
    Ok(sets.collect())
}

#[derive(FromRow)]
struct Facts {
    tx: String,
    rows: i64,
    kinds: Vec<String>,
    objects: Vec<String>,
    undoes: Option<String>,
    undone_by: Option<String>,
}

async fn facts(conn: &mut PgConnection, ids: &[i64]) -> Result<Vec<Facts>> {
    let rows = sqlx::query_as(
        "select pbx.tx_name(s.tx, s.id) as tx, c.rows, coalesce(o.kinds, '{}') as kinds, coalesce(o.objects, '{}') as objects,
                (select pbx.tx_name(u.tx, u.id) from pbx.change_set u where u.id = s.undoes) as undoes,
                (select pbx.tx_name(u.tx, u.id) from pbx.change_set u where u.undoes = s.id order by u.id desc limit 1) as undone_by
           from unnest($1::bigint[]) with ordinality wanted (id, place)
           join pbx.change_set s on s.id = wanted.id,
           lateral (select count(*) as rows from pbx.change c where c.set_id = s.id) c,
           lateral (select array_agg(kind order by first) as kinds, array_agg(object order by first) as objects from (
             select kind, object, min(place) as first from (
               select kind, object, row_number() over (order by id) as place from pbx.change where set_id = s.id order by id limit 200) early
              group by kind, object order by min(place) limit 5) named) o
          order by wanted.place",
    )
    .bind(ids)
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The newest with this transaction id, or the one of them that is named.
pub async fn find_set(
    conn: &mut PgConnection,
    tx: &str,
    which: Option<i64>,
) -> Result<Option<i64>> {
    let id = sqlx::query_scalar(
        "select id from pbx.change_set where tx = $1::text::xid8 and ($2::bigint is null or id = $2)
          order by id desc limit 1",
    )
    .bind(tx)
    .bind(which)
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

pub async fn set(conn: &mut PgConnection, id: i64) -> Result<Option<ChangeSet>> {
    let page = ChangePage {
        after: Some(id + 1),
        offset: 0,
        limit: 1,
    };
    let found = sets(conn, &ChangeFilter::default(), page).await?;
    Ok(found.into_iter().next().filter(|set| set.id == id))
}

#[derive(FromRow)]
struct Counted {
    n: i64,
}

pub async fn count(conn: &mut PgConnection, filter: &ChangeFilter) -> Result<i64> {
    let mut query = filtered(filter);
    query.expr_as(Func::count(Expr::col((S::Table, S::Id))), "n");
    let row: Counted = sql::fetch_one(conn, &query).await?;
    Ok(row.n)
}

/// Who has ever changed anything, for choosing from.
pub async fn actors(conn: &mut PgConnection) -> Result<Vec<String>> {
    // One step of the index for each name, however many changes they made.
    let names = sqlx::query_scalar(
        "with recursive names as (
           (select actor from pbx.change_set order by actor limit 1)
           union all
           select (select s.actor from pbx.change_set s where s.actor > names.actor order by s.actor limit 1)
             from names where names.actor is not null)
         select actor from names where actor is not null limit 200",
    )
    .fetch_all(conn)
    .await?;
    Ok(names)
}

/// Undo is offered for so long; secrets are not kept longer than that.
pub async fn forget_secrets(conn: &mut PgConnection, days: i32) -> Result<u64> {
    let result = sqlx::query(
        "delete from pbx.change_secret s using pbx.change c
          where c.id = s.change_id and c.at < now() - make_interval(days => $1)",
    )
    .bind(days)
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}
