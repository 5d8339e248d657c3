//! As whom a trunk registers: its rows as Asterisk reads them.

use secrecy::SecretString;
use sqlx::FromRow;

use super::super::{PgConnection, Result};
use crate::domain::caller_name::decode_caret;
use crate::domain::provider::Transport;
use crate::realtime::trunk::server_of;

/// Those that register though they are switched off, or the other way round: somebody changed them in SQL.
pub async fn wrongly_registered(conn: &mut PgConnection) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar(
        "select t.id from pbx.trunk t
          where (t.enabled and t.auth_mode = 'registration')
                <> exists (select from ps_registrations r where r.id = 'trunk-reg-' || t.id)",
    )
    .fetch_all(conn)
    .await?)
}

/// As whom a trunk registers, and where; its rows as Asterisk reads them.
#[derive(Debug)]
pub struct Login {
    /// Host, and port if there is one.
    pub server: String,
    pub transport: Transport,
    /// `sip:example.com`
    pub registrar: String,
    /// `sip:account@example.com`
    pub address: String,
    pub user: String,
    pub password: SecretString,
}

#[derive(FromRow)]
struct LoginRow {
    server_uri: String,
    client_uri: String,
    outbound_proxy: Option<String>,
    username: String,
    password: String,
}

/// None while it does not register.
pub async fn login(conn: &mut PgConnection, id: i64) -> Result<Option<Login>> {
    let row: Option<LoginRow> = sqlx::query_as(
        "select r.server_uri, r.client_uri, r.outbound_proxy, a.username, a.password
           from ps_registrations r join ps_auths a on a.id = r.outbound_auth
          where r.id = 'trunk-reg-' || $1 and r.server_uri is not null and r.client_uri is not null
            and a.username is not null and a.password is not null",
    )
    .bind(id.to_string())
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| {
        let registrar = decode_caret(&row.server_uri);
        Login {
            server: server_of(Some(&row.server_uri), row.outbound_proxy.as_deref()),
            transport: Transport::of_uri(&registrar),
            registrar: registrar.split(';').next().unwrap_or_default().to_owned(),
            address: decode_caret(&row.client_uri),
            user: row.username,
            password: decode_caret(&row.password).into(),
        }
    }))
}
