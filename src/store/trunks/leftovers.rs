//! What is left of trunks that were deleted, and goes in its time.

use super::super::{PgConnection, Result};

/// Those whose server Asterisk asks, or asked until they were deleted.
pub async fn watched(conn: &mut PgConnection) -> Result<Vec<i64>> {
    Ok(
        sqlx::query_scalar("select substring(id, '^trunk-aor-([0-9]{1,15})$')::bigint from ps_aors where id ~ '^trunk-aor-[0-9]{1,15}$'")
            .fetch_all(conn)
            .await?,
    )
}

/// What is left of a deleted trunk's AOR.
pub async fn remove_unwatched(conn: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query(
        "delete from ps_aors where id = 'trunk-aor-' || $1::bigint and contact is null
            and not exists (select from pbx.trunk where id = $1::bigint)",
    )
    .bind(id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Trunks that are gone and whose password is still there.
pub async fn orphans(conn: &mut PgConnection) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar(
        "select substring(a.id from '^trunk-auth-([0-9]{1,15})$')::bigint from ps_auths a where a.id ~ '^trunk-auth-[0-9]{1,15}$'
            and not exists (select from pbx.trunk t where 'trunk-auth-' || t.id = a.id)",
    )
    .fetch_all(conn)
    .await?)
}

pub async fn remove_orphan(conn: &mut PgConnection, id: i64) -> Result<bool> {
    let result = sqlx::query(
        "delete from ps_auths where id = 'trunk-auth-' || $1::bigint and not exists (select from pbx.trunk where id = $1::bigint)",
    )
    .bind(id)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}
