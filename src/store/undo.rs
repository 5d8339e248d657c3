//! Rows of recorded tables as they are, were, and shall be again. Which tables, columns and keys there are comes from
//! `realtime::recorded`; the functions of the schema quote names and bind values.

use serde_json::Value;
use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::domain::change::Op;
use crate::domain::undo::{Dependant, Fields, Object, Recorded, Step, Table};
use crate::realtime::recorded::{RECORDED, find, is_derived};

#[derive(FromRow)]
struct RecordedRow {
    tab: String,
    op: String,
    key: String,
    ident: Option<Value>,
    before: Option<Value>,
    after: Option<Value>,
    secret_before: Option<Value>,
    secret_after: Option<Value>,
    is_forgotten: bool,
    kind: String,
    object: String,
}

/// What a transaction did, or why it cannot be taken back.
#[derive(Debug, Default)]
pub struct Past {
    pub recorded: Vec<Recorded>,
    /// Tables that were changed and cannot be written here.
    pub foreign: Vec<String>,
    /// Passwords are kept for undo only so long.
    pub is_forgotten: bool,
}

macro_rules! recorded {
    ($rest:literal) => {
        concat!(
            "select c.tab, c.op::text as op, c.key, c.ident, c.before, c.after, s.before as secret_before, s.after as secret_after,
                    s.change_id is null and coalesce(c.before, c.after) ?| pbx.masked_columns()
                      and (coalesce(c.before, '{}') || coalesce(c.after, '{}'))::text like '%\"********\"%' as is_forgotten,
                    c.kind, c.object
               from pbx.change c left join pbx.change_secret s on s.change_id = c.id ",
            $rest
        )
    };
}

pub async fn past(conn: &mut PgConnection, set_id: i64) -> Result<Past> {
    let rows: Vec<RecordedRow> = sqlx::query_as(recorded!("where c.set_id = $1 order by c.id"))
        .bind(set_id)
        .fetch_all(conn)
        .await?;
    Ok(gathered(rows))
}

/// What the server removed of trunks some time after they were deleted: the password, and where their server was.
pub async fn removed_later(
    conn: &mut PgConnection,
    set_id: i64,
    trunks: &[String],
) -> Result<Vec<Recorded>> {
    let rows: Vec<RecordedRow> = sqlx::query_as(recorded!(
        "where c.kind = 'trunk' and c.object = any ($2) and c.set_id > $1 and c.op = 'D' and c.tab in ('ps_auths', 'ps_aors')
           and not exists (select from pbx.trunk t where t.id::text = c.object)
           and not exists (select from ps_auths a where c.tab = 'ps_auths' and a.id = c.key)
           and not exists (select from ps_aors a where c.tab = 'ps_aors' and a.id = c.key)
           and not exists (select from pbx.change n where n.kind = c.kind and n.object = c.object and n.tab = c.tab and n.key = c.key and n.id > c.id)
         order by c.id"
    ))
    .bind(set_id)
    .bind(trunks)
    .fetch_all(conn)
    .await?;
    Ok(gathered(rows).recorded)
}

fn gathered(rows: Vec<RecordedRow>) -> Past {
    let mut past = Past::default();
    for row in rows {
        let Some(table) = find(&row.tab) else {
            past.foreign.push(row.tab);
            continue;
        };
        let ident = ident(&row, &RECORDED[table]);
        if is_derived(&row.tab, &ident) {
            continue;
        }
        past.is_forgotten |= row.is_forgotten;
        past.recorded.push(Recorded {
            table,
            op: Op::from_column(&row.op),
            ident,
            before: joined(row.before, row.secret_before),
            after: joined(row.after, row.secret_after),
            object: Object {
                kind: row.kind,
                name: row.object,
            },
        });
    }
    past
}

/// Changes that were recorded before there was such a column have only the key.
fn ident(row: &RecordedRow, table: &Table) -> Fields {
    if let Some(Value::Object(ident)) = &row.ident {
        return ident.clone();
    }
    let whole = row.after.as_ref().or(row.before.as_ref());
    let mut parts = row.key.splitn(table.key.len().max(2), '/');
    let columns = table.key.iter().map(|column| {
        let part = parts.next().unwrap_or_default();
        let said = whole.and_then(|whole| whole.get(*column)).cloned();
        ((*column).to_owned(), said.unwrap_or_else(|| part.into()))
    });
    columns.collect()
}

fn joined(shown: Option<Value>, hidden: Option<Value>) -> Fields {
    let fields = |value| match value {
        Some(Value::Object(fields)) => fields,
        _ => Fields::new(),
    };
    let mut all = fields(shown);
    all.extend(fields(hidden));
    all
}

/// Columns that no answer may show.
pub async fn masked_columns(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar("select unnest(pbx.masked_columns())")
        .fetch_all(conn)
        .await?)
}

fn keys(table: &Table) -> Vec<String> {
    table.key.iter().map(|c| (*c).to_owned()).collect()
}

fn array(rows: impl IntoIterator<Item = Fields>) -> Value {
    rows.into_iter().map(Value::Object).collect()
}

/// The rows with these keys that are there, held until the end of the transaction.
pub async fn now(
    conn: &mut PgConnection,
    table: &Table,
    wanted: Vec<Fields>,
) -> Result<Vec<Fields>> {
    let rows: Vec<Value> = sqlx::query_scalar("select pbx.rows_now($1::text::regclass, $2, $3)")
        .bind(table.place)
        .bind(keys(table))
        .bind(array(wanted))
        .fetch_all(conn)
        .await?;
    let fields = rows.into_iter().filter_map(|row| match row {
        Value::Object(fields) => Some(fields),
        _ => None,
    });
    Ok(fields.collect())
}

pub async fn remove(conn: &mut PgConnection, table: &Table, wanted: Vec<Fields>) -> Result<i64> {
    Ok(
        sqlx::query_scalar("select pbx.rows_remove($1::text::regclass, $2, $3)")
            .bind(table.place)
            .bind(keys(table))
            .bind(array(wanted))
            .fetch_one(conn)
            .await?,
    )
}

pub async fn put(conn: &mut PgConnection, table: &Table, rows: Vec<Fields>) -> Result<i64> {
    Ok(
        sqlx::query_scalar("select pbx.rows_put($1::text::regclass, $2, $3)")
            .bind(table.place)
            .bind(keys(table))
            .bind(array(rows))
            .fetch_one(conn)
            .await?,
    )
}

/// All of these set the same columns.
pub async fn set(conn: &mut PgConnection, table: &Table, steps: Vec<Step>) -> Result<i64> {
    let columns: Vec<String> = steps
        .first()
        .map(|step| step.set.keys().cloned().collect())
        .unwrap_or_default();
    let changes: Value = steps
        .into_iter()
        .map(|step| serde_json::json!({"key": step.key, "set": step.set}))
        .collect();
    Ok(
        sqlx::query_scalar("select pbx.rows_set($1::text::regclass, $2, $3, $4)")
            .bind(table.place)
            .bind(keys(table))
            .bind(columns)
            .bind(changes)
            .fetch_one(conn)
            .await?,
    )
}

/// The messages of mailboxes that went in that transaction and are there again.
pub async fn bring_messages_back(conn: &mut PgConnection, set_id: i64) -> Result<i64> {
    Ok(sqlx::query_scalar("select pbx.bring_messages_back($1)")
        .bind(set_id)
        .fetch_one(conn)
        .await?)
}

pub async fn forget_messages(conn: &mut PgConnection, days: i32) -> Result<u64> {
    let result = sqlx::query(
        "delete from pbx.removed_message where removed_at < now() - make_interval(days => $1)",
    )
    .bind(days)
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// The transaction that is taken back by what follows.
pub async fn names(conn: &mut PgConnection, set_id: i64) -> Result<()> {
    sqlx::query("select set_config('pbx.undoes', $1, true)")
        .bind(set_id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Rows that have gone along in this transaction.
pub async fn gone_along(conn: &mut PgConnection, xid: &str) -> Result<Vec<Dependant>> {
    let rows: Vec<RecordedRow> = sqlx::query_as(recorded!(
        "where c.set_id = (select id from pbx.change_set where tx = $1::text::xid8 and began_at = now()) and c.op = 'D' order by c.id"
    ))
    .bind(xid)
    .fetch_all(conn)
    .await?;
    let gone = gathered(rows).recorded.into_iter();
    let gone = gone.map(|change| Dependant {
        table: change.table,
        row: change.before,
        object: change.object,
    });
    Ok(gone.collect())
}

/// What is checked at the end of a transaction, now.
pub async fn check_now(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("set constraints all immediate")
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn mark(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("savepoint undo").execute(conn).await?;
    Ok(())
}

pub async fn back_to_mark(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("rollback to savepoint undo")
        .execute(conn)
        .await?;
    Ok(())
}
