//! Second factors and the codes for whoever has lost the app. A code counts once: the statement that accepts it says so.

use chrono::{DateTime, Utc};

use super::{PgConnection, Result};
use crate::domain::second_factor::{SecondFactor, TotpSecret};

pub async fn find(conn: &mut PgConnection, user_id: i64) -> Result<Option<SecondFactor>> {
    let row: Option<(DateTime<Utc>, i64)> = sqlx::query_as(
        "select f.created_at, (select count(*) from pbx.recovery_code c where c.user_id = f.user_id and c.used_at is null)
           from pbx.second_factor f where f.user_id = $1",
    )
    .bind(user_id)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(since, recovery_codes_left)| SecondFactor {
        since,
        recovery_codes_left,
    }))
}

pub async fn secret(conn: &mut PgConnection, user_id: i64) -> Result<Option<TotpSecret>> {
    let secret = sqlx::query_scalar("select secret from pbx.second_factor where user_id = $1")
        .bind(user_id)
        .fetch_optional(conn)
        .await?;
    Ok(secret.map(TotpSecret::from_base32))
}

/// Whether this step is later than any that was accepted; from now on it is none.
pub async fn use_step(conn: &mut PgConnection, user_id: i64, step: i64) -> Result<bool> {
    let result = sqlx::query(
        "update pbx.second_factor set last_step = $2 where user_id = $1 and last_step < $2",
    )
    .bind(user_id)
    .bind(step)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn use_recovery_code(conn: &mut PgConnection, user_id: i64, hash: &str) -> Result<bool> {
    let result = sqlx::query(
        "update pbx.recovery_code set used_at = now() where user_id = $1 and hash = $2 and used_at is null",
    )
    .bind(user_id)
    .bind(hash)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// The secret that is shown until a code proves it; another one than before.
pub async fn save_draft(conn: &mut PgConnection, user_id: i64, secret: &TotpSecret) -> Result<()> {
    sqlx::query(
        "insert into pbx.second_factor_draft (user_id, secret) values ($1, $2)
         on conflict (user_id) do update set secret = excluded.secret, created_at = now()",
    )
    .bind(user_id)
    .bind(secret.base32())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn draft(conn: &mut PgConnection, user_id: i64) -> Result<Option<TotpSecret>> {
    let secret = sqlx::query_scalar(
        "select secret from pbx.second_factor_draft where user_id = $1 and created_at > now() - interval '1 hour'",
    )
    .bind(user_id)
    .fetch_optional(conn)
    .await?;
    Ok(secret.map(TotpSecret::from_base32))
}

/// Makes the draft the second factor; false when somebody else has just done so.
pub async fn switch_on(
    conn: &mut PgConnection,
    user_id: i64,
    secret: &TotpSecret,
    step: i64,
) -> Result<bool> {
    sqlx::query("delete from pbx.second_factor_draft where user_id = $1")
        .bind(user_id)
        .execute(&mut *conn)
        .await?;
    let result = sqlx::query(
        "insert into pbx.second_factor (user_id, secret, last_step) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(user_id)
    .bind(secret.base32())
    .bind(step)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// In place of those there were.
pub async fn save_recovery_codes(
    conn: &mut PgConnection,
    user_id: i64,
    hashes: &[String],
) -> Result<()> {
    sqlx::query("delete from pbx.recovery_code where user_id = $1")
        .bind(user_id)
        .execute(&mut *conn)
        .await?;
    sqlx::query("insert into pbx.recovery_code (user_id, hash) select $1, unnest($2::text[])")
        .bind(user_id)
        .bind(hashes)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether there was one.
pub async fn remove(conn: &mut PgConnection, user_id: i64) -> Result<bool> {
    let result = sqlx::query("delete from pbx.second_factor where user_id = $1")
        .bind(user_id)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() > 0)
}

/// What was shown and never proved.
pub async fn remove_old_drafts(conn: &mut PgConnection) -> Result<()> {
    sqlx::query(
        "delete from pbx.second_factor_draft where created_at <= now() - interval '1 hour'",
    )
    .execute(conn)
    .await?;
    Ok(())
}
