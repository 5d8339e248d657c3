//! The history of changes, and the marks that tie a transaction to what it tells the listener.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::domain::Actor;
use crate::domain::change::{Change, Op};

/// Names who acts for the rest of the transaction, and returns its id: the history and the notifications carry both.
pub async fn begin(conn: &mut PgConnection, actor: &Actor, act: &str) -> Result<String> {
    let xid = sqlx::query_scalar(
        "select pg_current_xact_id()::text from (select set_config('pbx.actor', $1, true), set_config('pbx.act', $2, true),
           set_config('pbx.origin', $3, true), set_config('pbx.session', $4, true)) named",
    )
    .bind(&actor.username)
    .bind(act)
    .bind(&actor.origin)
    .bind(actor.session.to_string())
    .fetch_one(conn)
    .await?;
    Ok(xid)
}

/// The last notification of the transaction: when it arrives, all others of it have.
pub async fn announce_end(conn: &mut PgConnection, xid: &str) -> Result<()> {
    sqlx::query("select pg_notify('pbx', $1)")
        .bind(format!(r#"{{"x":"{xid}","t":"end","s":true}}"#))
        .execute(conn)
        .await?;
    Ok(())
}

#[derive(FromRow)]
struct ChangeRow {
    tx: String,
    at: DateTime<Utc>,
    actor: String,
    origin: Option<String>,
    act: Option<String>,
    tab: String,
    op: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl ChangeRow {
    fn domain(self) -> Change {
        Change {
            xid: self.tx,
            at: self.at,
            actor: self.actor,
            origin: self.origin,
            act: self.act,
            table: self.tab,
            // The column's check allows these three.
            op: match self.op.as_str() {
                "I" => Op::Insert,
                "D" => Op::Delete,
                _ => Op::Update,
            },
            before: self.before.unwrap_or_default(),
            after: self.after.unwrap_or_default(),
        }
    }
}

/// The newest changes of everything that has this key, its dialplan row included.
pub async fn of_extension(
    conn: &mut PgConnection,
    number: &str,
    limit: i64,
) -> Result<Vec<Change>> {
    let rows: Vec<ChangeRow> = sqlx::query_as(
        "select tx::text as tx, at, actor, origin, act, tab, op::text as op, before, after from pbx.change
          where key in ($1, 'internal/' || $1 || '/1') and tab in ('ps_endpoints', 'ps_auths', 'ps_aors', 'extension', 'extensions')
          order by id desc limit $2",
    )
    .bind(number)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(ChangeRow::domain).collect())
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
