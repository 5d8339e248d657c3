//! Settings of the whole system, and the server's own secrets.

use serde_json::Value;

use super::{PgConnection, Result};

pub async fn list(conn: &mut PgConnection) -> Result<Vec<(String, Value)>> {
    Ok(sqlx::query_as("select key, value from pbx.setting")
        .fetch_all(conn)
        .await?)
}

/// The secret of this name; `fresh` becomes it when there is none yet.
pub async fn server_secret(conn: &mut PgConnection, name: &str, fresh: &str) -> Result<String> {
    let value = sqlx::query_scalar(
        "insert into pbx.server_secret (name, value) values ($1, $2)
         on conflict (name) do update set value = pbx.server_secret.value returning value",
    )
    .bind(name)
    .bind(fresh)
    .fetch_one(conn)
    .await?;
    Ok(value)
}

/// Whether the database answers.
pub async fn save(conn: &mut PgConnection, key: &str, value: &Value) -> Result<()> {
    sqlx::query(
        "insert into pbx.setting (key, value) values ($1, $2)
         on conflict (key) do update set value = excluded.value, updated_at = now()
         where pbx.setting.value is distinct from excluded.value",
    )
    .bind(key)
    .bind(value)
    .execute(conn)
    .await?;
    Ok(())
}
