//! Logins: a token is good for as long as its row is here.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::users::UserRow;
use super::{PgConnection, Result};
use crate::domain::session::Session;
use crate::domain::user::User;

#[derive(Debug)]
pub struct NewSession<'a> {
    pub user_id: i64,
    /// What the password was compared with.
    pub password_hash: &'a str,
    pub origin: &'a str,
    pub user_agent: &'a str,
    pub expires_at: DateTime<Utc>,
}

/// None when the password is another one since it was compared. Held by the lock, a change that comes later finds the
/// session, and ends it.
pub async fn create(conn: &mut PgConnection, new: &NewSession<'_>) -> Result<Option<Uuid>> {
    let id = sqlx::query_scalar(
        "insert into pbx.session (user_id, origin, user_agent, expires_at)
         select id, $3, $4, $5 from pbx.app_user where id = $1 and password_hash = $2 for share
         returning id",
    )
    .bind(new.user_id)
    .bind(new.password_hash)
    .bind(new.origin)
    .bind(new.user_agent)
    .bind(new.expires_at)
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// The user behind a session that is still good.
pub async fn find_user(conn: &mut PgConnection, session: Uuid) -> Result<Option<User>> {
    let row: Option<UserRow> = sqlx::query_as(
        "select u.id, u.username, u.role, u.full_name, u.email, u.language, u.must_change_password,
                x.number as extension, u.created_at, u.updated_at
           from pbx.session s join pbx.app_user u on u.id = s.user_id left join pbx.extension x on x.user_id = u.id
          where s.id = $1 and s.expires_at > now()",
    )
    .bind(session)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(UserRow::domain))
}

pub async fn remove(conn: &mut PgConnection, session: Uuid) -> Result<bool> {
    let result = sqlx::query("delete from pbx.session where id = $1")
        .bind(session)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn remove_expired(conn: &mut PgConnection) -> Result<u64> {
    let result = sqlx::query("delete from pbx.session where expires_at <= now()")
        .execute(conn)
        .await?;
    Ok(result.rows_affected())
}

#[derive(FromRow)]
struct SessionRow {
    id: Uuid,
    origin: Option<String>,
    user_agent: Option<String>,
    created_at: DateTime<Utc>,
    used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// The good sessions of one person, the one used last first.
pub async fn list(conn: &mut PgConnection, user_id: i64) -> Result<Vec<Session>> {
    let rows: Vec<SessionRow> = sqlx::query_as(
        "select id, origin, user_agent, created_at, used_at, expires_at from pbx.session
          where user_id = $1 and expires_at > now() order by used_at desc, created_at desc limit 200",
    )
    .bind(user_id)
    .fetch_all(conn)
    .await?;
    let domain = |row: SessionRow| Session {
        id: row.id,
        origin: row.origin.filter(|origin| !origin.is_empty()),
        user_agent: row.user_agent.filter(|agent| !agent.is_empty()),
        created_at: row.created_at,
        used_at: row.used_at,
        expires_at: row.expires_at,
    };
    Ok(rows.into_iter().map(domain).collect())
}

/// It is used now.
pub async fn touch(conn: &mut PgConnection, session: Uuid) -> Result<()> {
    // Several servers may note the same minute.
    sqlx::query(
        "update pbx.session set used_at = now() where id = $1 and used_at < now() - interval '50 seconds'",
    )
    .bind(session)
    .execute(conn)
    .await?;
    Ok(())
}

/// One of this person's; false when they have no such.
pub async fn remove_of(conn: &mut PgConnection, user_id: i64, session: Uuid) -> Result<bool> {
    let result = sqlx::query("delete from pbx.session where id = $1 and user_id = $2")
        .bind(session)
        .bind(user_id)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() > 0)
}

/// The history says that somebody ended so many sessions of this person.
pub async fn record_sign_out(conn: &mut PgConnection, user_id: i64, ended: u64) -> Result<()> {
    sqlx::query("select pbx.record_sign_out($1, $2)")
        .bind(user_id)
        .bind(i64::try_from(ended).unwrap_or(i64::MAX))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn remove_all_of(conn: &mut PgConnection, user_id: i64) -> Result<u64> {
    let result = sqlx::query("delete from pbx.session where user_id = $1")
        .bind(user_id)
        .execute(conn)
        .await?;
    Ok(result.rows_affected())
}
