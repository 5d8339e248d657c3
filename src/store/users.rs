//! People who log in.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::domain::user::{ProfileEdit, User};
use crate::domain::user_draft::UserEdit;
use crate::domain::{ExtNumber, Role};

#[derive(FromRow)]
pub(super) struct UserRow {
    id: i64,
    username: String,
    role: String,
    full_name: String,
    email: Option<String>,
    language: Option<String>,
    must_change_password: bool,
    extension: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl UserRow {
    pub(super) fn domain(self) -> User {
        User {
            id: self.id,
            username: self.username,
            // The column's check allows these two; anything else must never become an admin.
            role: Role::parse(&self.role).unwrap_or(Role::User),
            full_name: self.full_name,
            email: self.email,
            language: self.language,
            must_change_password: self.must_change_password,
            extension: self
                .extension
                .and_then(|number| ExtNumber::parse(&number).ok()),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

pub async fn find(conn: &mut PgConnection, id: i64) -> Result<Option<User>> {
    let row: Option<UserRow> = sqlx::query_as(
        "select u.id, u.username, u.role, u.full_name, u.email, u.language, u.must_change_password,
                x.number as extension, u.created_at, u.updated_at
           from pbx.app_user u left join pbx.extension x on x.user_id = u.id where u.id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(UserRow::domain))
}

pub async fn list(conn: &mut PgConnection) -> Result<Vec<User>> {
    let rows: Vec<UserRow> = sqlx::query_as(
        "select u.id, u.username, u.role, u.full_name, u.email, u.language, u.must_change_password,
                x.number as extension, u.created_at, u.updated_at
           from pbx.app_user u left join pbx.extension x on x.user_id = u.id order by lower(u.username), u.id",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(UserRow::domain).collect())
}

/// The user as it is now, for whoever is about to change it: held until the end of the transaction.
pub async fn lock(conn: &mut PgConnection, id: i64) -> Result<Option<User>> {
    sqlx::query("select from pbx.app_user where id = $1 for update")
        .bind(id)
        .execute(&mut *conn)
        .await?;
    find(conn, id).await
}

pub async fn create(
    conn: &mut PgConnection,
    edit: &UserEdit,
    hash: &str,
    must_change: bool,
) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "insert into pbx.app_user (username, full_name, email, role, language, password_hash, must_change_password)
         values ($1, $2, $3, $4, $5, $6, $7) returning id",
    )
    .bind(&edit.username)
    .bind(&edit.full_name)
    .bind(&edit.email)
    .bind(edit.role.as_str())
    .bind(&edit.language)
    .bind(hash)
    .bind(must_change)
    .fetch_one(conn)
    .await?)
}

pub async fn save(conn: &mut PgConnection, id: i64, edit: &UserEdit) -> Result<bool> {
    let result = sqlx::query(
        "update pbx.app_user set username = $2, full_name = $3, email = $4, role = $5, language = $6, updated_at = now()
          where id = $1",
    )
    .bind(id)
    .bind(&edit.username)
    .bind(&edit.full_name)
    .bind(&edit.email)
    .bind(edit.role.as_str())
    .bind(&edit.language)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn remove(conn: &mut PgConnection, id: i64) -> Result<bool> {
    let result = sqlx::query("delete from pbx.app_user where id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() > 0)
}

/// The user has no extension any more, but for this one.
pub async fn leave_extensions(
    conn: &mut PgConnection,
    id: i64,
    but: Option<&ExtNumber>,
) -> Result<()> {
    sqlx::query(
        "update pbx.extension set user_id = null, updated_at = now() where user_id = $1 and number is distinct from $2",
    )
    .bind(id)
    .bind(but.map(ExtNumber::as_str))
    .execute(conn)
    .await?;
    Ok(())
}

/// For login: the id and the stored hash, by name in any case.
pub async fn find_hash(
    conn: &mut PgConnection,
    username: &str,
) -> Result<Option<(i64, SecretString)>> {
    let row: Option<(i64, String)> = sqlx::query_as(
        "select id, password_hash from pbx.app_user where lower(username) = lower($1)",
    )
    .bind(username)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(id, hash)| (id, SecretString::from(hash))))
}

/// The name and the stored hash.
pub async fn find_with_hash(
    conn: &mut PgConnection,
    id: i64,
) -> Result<Option<(String, SecretString)>> {
    let row: Option<(String, String)> =
        sqlx::query_as("select username, password_hash from pbx.app_user where id = $1")
            .bind(id)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|(name, hash)| (name, SecretString::from(hash))))
}

/// A hash that came from a GonoPBX 2 and was not renewed yet, whoever has it.
pub async fn find_old_hash(conn: &mut PgConnection) -> Result<Option<SecretString>> {
    let hash: Option<String> = sqlx::query_scalar(
        "select password_hash from pbx.app_user where password_hash like '$2%' and length(password_hash) = 60
          order by id limit 1",
    )
    .fetch_optional(conn)
    .await?;
    Ok(hash.map(SecretString::from))
}

pub async fn save_password(
    conn: &mut PgConnection,
    id: i64,
    hash: &str,
    must_change: bool,
) -> Result<bool> {
    let result = sqlx::query(
        "update pbx.app_user set password_hash = $2, must_change_password = $3, updated_at = now() where id = $1",
    )
    .bind(id)
    .bind(hash)
    .bind(must_change)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// Another password of one's own; false when it is not the one any more that was given with it.
pub async fn change_password(
    conn: &mut PgConnection,
    id: i64,
    old: &str,
    new: &str,
) -> Result<bool> {
    let result = sqlx::query(
        "update pbx.app_user set password_hash = $3, must_change_password = false, updated_at = now()
          where id = $1 and password_hash = $2",
    )
    .bind(id)
    .bind(old)
    .bind(new)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// Another form of the same password; false when somebody has changed it meanwhile.
pub async fn renew_hash(conn: &mut PgConnection, id: i64, old: &str, new: &str) -> Result<bool> {
    let result = sqlx::query(
        "update pbx.app_user set password_hash = $3 where id = $1 and password_hash = $2",
    )
    .bind(id)
    .bind(old)
    .bind(new)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn save_profile(conn: &mut PgConnection, id: i64, edit: &ProfileEdit) -> Result<bool> {
    let result = sqlx::query(
        "update pbx.app_user set full_name = $2, email = $3, language = $4, updated_at = now() where id = $1",
    )
    .bind(id)
    .bind(&edit.full_name)
    .bind(&edit.email)
    .bind(&edit.language)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// Inserts the first admin if there is no user yet; false when there was one.
pub async fn create_first_admin(
    conn: &mut PgConnection,
    hash: &str,
    must_change: bool,
) -> Result<bool> {
    // The lock makes two servers that start at once agree on one admin and one printed password.
    sqlx::query("lock table pbx.app_user in share row exclusive mode")
        .execute(&mut *conn)
        .await?;
    let result = sqlx::query(
        "insert into pbx.app_user (username, password_hash, role, full_name, must_change_password)
         select 'admin', $1, 'admin', 'Administrator', $2 where not exists (select from pbx.app_user)",
    )
    .bind(hash)
    .bind(must_change)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn any(conn: &mut PgConnection) -> Result<bool> {
    Ok(
        sqlx::query_scalar("select exists (select from pbx.app_user)")
            .fetch_one(conn)
            .await?,
    )
}
