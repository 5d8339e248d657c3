//! Rows of Asterisk's dialplan in our own contexts.

use std::collections::HashMap;

use super::{PgConnection, Result};
use crate::dialplan::{Context, Key, Row};

/// The one row of a key, or none. Whether anything was different.
pub async fn save(conn: &mut PgConnection, key: &Key, row: Option<&Row>) -> Result<bool> {
    let result = match row {
        Some(row) => {
            sqlx::query(
                "insert into extensions (context, exten, priority, app, appdata) values ($1, $2, 1, 'Gosub', $3)
                 on conflict (context, exten, priority) do update set app = 'Gosub', appdata = excluded.appdata
                 where extensions.appdata is distinct from excluded.appdata or extensions.app is distinct from 'Gosub'",
            )
            .bind(key.context.as_str())
            .bind(&key.exten)
            .bind(&row.appdata)
            .execute(conn)
            .await?
        }
        None => {
            sqlx::query("delete from extensions where context = $1 and exten = $2")
                .bind(key.context.as_str())
                .bind(&key.exten)
                .execute(conn)
                .await?
        }
    };
    Ok(result.rows_affected() > 0)
}

/// A row that is not there yet; one that is makes the number taken.
pub async fn create(conn: &mut PgConnection, row: &Row) -> Result<()> {
    sqlx::query("insert into extensions (context, exten, priority, app, appdata) values ($1, $2, 1, 'Gosub', $3)")
        .bind(row.key.context.as_str())
        .bind(&row.key.exten)
        .bind(&row.appdata)
        .execute(conn)
        .await?;
    Ok(())
}

/// All rows of a context: exten to appdata.
pub async fn list(conn: &mut PgConnection, context: Context) -> Result<HashMap<String, String>> {
    let rows: Vec<(String, Option<String>)> =
        sqlx::query_as("select exten, appdata from extensions where context = $1 and priority = 1")
            .bind(context.as_str())
            .fetch_all(conn)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(exten, appdata)| (exten, appdata.unwrap_or_default()))
        .collect())
}

/// Many at once, each its own row or none.
pub async fn save_all(conn: &mut PgConnection, rows: &[(Key, Option<Row>)]) -> Result<()> {
    let there = rows
        .iter()
        .filter_map(|(key, row)| row.as_ref().map(|row| (key, row)));
    let (contexts, extens, appdata) = there.fold(
        (Vec::new(), Vec::new(), Vec::new()),
        |(mut contexts, mut extens, mut appdata), (key, row)| {
            contexts.push(key.context.as_str());
            extens.push(key.exten.as_str());
            appdata.push(row.appdata.as_str());
            (contexts, extens, appdata)
        },
    );
    if !extens.is_empty() {
        sqlx::query(
            "insert into extensions (context, exten, priority, app, appdata)
             select c, e, 1, 'Gosub', a from unnest($1::text[], $2::text[], $3::text[]) rows (c, e, a)
             on conflict (context, exten, priority) do update set app = 'Gosub', appdata = excluded.appdata",
        )
        .bind(&contexts)
        .bind(&extens)
        .bind(&appdata)
        .execute(&mut *conn)
        .await?;
    }
    let (contexts, extens): (Vec<_>, Vec<_>) = rows
        .iter()
        .filter(|(_, row)| row.is_none())
        .map(|(key, _)| (key.context.as_str(), key.exten.as_str()))
        .unzip();
    if !extens.is_empty() {
        sqlx::query(
            "delete from extensions r using unnest($1::text[], $2::text[]) gone (c, e) where r.context = c and r.exten = e",
        )
        .bind(&contexts)
        .bind(&extens)
        .execute(conn)
        .await?;
    }
    Ok(())
}
