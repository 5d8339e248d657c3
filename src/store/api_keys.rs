//! Keys of programs, by the hash of what they show.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::domain::Role;
use crate::domain::api_key::{ActingKey, ApiKey, KeyEdit, NewKey, Scope, hash};
use crate::domain::user::User;

fn scopes(words: &[String]) -> Vec<Scope> {
    words.iter().filter_map(|word| Scope::parse(word)).collect()
}

#[derive(FromRow)]
struct KeyRow {
    id: i64,
    name: String,
    prefix: String,
    scopes: Vec<String>,
    user_id: i64,
    username: String,
    role: String,
    expires_at: Option<DateTime<Utc>>,
    used_at: Option<DateTime<Utc>>,
    origin: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// All there are, by name.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<ApiKey>> {
    let rows: Vec<KeyRow> = sqlx::query_as(
        "select k.id, k.name, k.prefix, k.scopes, k.user_id, u.username, u.role, k.expires_at, used.used_at, used.origin,
                k.created_at, k.updated_at
           from pbx.api_key k join pbx.app_user u on u.id = k.user_id left join pbx.api_key_use used on used.key_id = k.id
          order by lower(k.name)",
    )
    .fetch_all(conn)
    .await?;
    let domain = |row: KeyRow| ApiKey {
        id: row.id,
        name: row.name,
        prefix: row.prefix,
        scopes: scopes(&row.scopes),
        owner_id: row.user_id,
        owner: row.username,
        role: Role::parse(&row.role).unwrap_or(Role::User),
        expires_at: row.expires_at,
        used_at: row.used_at,
        used_from: row.origin,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.into_iter().map(domain).collect())
}

pub async fn create(
    conn: &mut PgConnection,
    user_id: i64,
    edit: &KeyEdit,
    key: &NewKey,
) -> Result<i64> {
    let words: Vec<&str> = edit.scopes.iter().map(|scope| scope.as_str()).collect();
    let id = sqlx::query_scalar(
        "insert into pbx.api_key (user_id, name, prefix, secret, scopes, expires_at) values ($1, $2, $3, $4, $5, $6)
         returning id",
    )
    .bind(user_id)
    .bind(&edit.name)
    .bind(key.prefix())
    .bind(hash(key.expose()))
    .bind(words)
    .bind(edit.expires_at)
    .fetch_one(conn)
    .await?;
    Ok(id)
}

pub async fn remove(conn: &mut PgConnection, id: i64) -> Result<bool> {
    let result = sqlx::query("delete from pbx.api_key where id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() > 0)
}

#[derive(FromRow)]
struct ActingRow {
    id: i64,
    user_id: i64,
    name: String,
    scopes: Vec<String>,
    expires_at: Option<DateTime<Utc>>,
}

/// The key with this hash, and whose it is.
pub async fn find(conn: &mut PgConnection, hash: &str) -> Result<Option<(ActingKey, User)>> {
    let row: Option<ActingRow> = sqlx::query_as(
        "select id, user_id, name, scopes, expires_at from pbx.api_key where secret = $1",
    )
    .bind(hash)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let user = super::users::find(conn, row.user_id).await?;
    let key = ActingKey {
        id: row.id,
        name: row.name,
        scopes: scopes(&row.scopes),
        expires_at: row.expires_at,
    };
    Ok(user.map(|user| (key, user)))
}

/// It is used now.
pub async fn touch(conn: &mut PgConnection, id: i64, origin: &str) -> Result<()> {
    // It may have been revoked a moment ago, and several servers may note the same minute.
    sqlx::query(
        "insert into pbx.api_key_use as used (key_id, used_at, origin) select id, now(), $2 from pbx.api_key where id = $1
         on conflict (key_id) do update set used_at = now(), origin = excluded.origin
         where used.used_at < now() - interval '50 seconds'",
    )
    .bind(id)
    .bind(origin)
    .execute(conn)
    .await?;
    Ok(())
}

/// Who a key can act for: id, name and whether it is an administrator.
pub async fn owners(conn: &mut PgConnection) -> Result<Vec<(i64, String, bool)>> {
    let rows = sqlx::query_as(
        "select id, username, role = 'admin' from pbx.app_user order by lower(username)",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
