//! Trunks: a row of pbx.trunk, and those of Asterisk's tables that are made of it.

mod addresses;
mod leaving;
mod leftovers;
mod login;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use sqlx::FromRow;
use sqlx::postgres::types::PgRange;

use super::{PgConnection, Result};
use crate::domain::Codecs;
use crate::domain::did::Did;
use crate::domain::number_block::{NumberBlock, Range};
use crate::domain::provider::AuthMode;
use crate::domain::trunk::{Trunk, TrunkEdit};
use crate::realtime::trunk::{Rows, escaped, registers, server_of, transport_of};

pub use addresses::{addresses, save_identify};
pub use leaving::{LeavingFacts, extensions, leaving};
pub use leftovers::{orphans, remove_orphan, remove_unwatched, watched};
pub use login::{Login, login, wrongly_registered};

#[derive(FromRow)]
struct TrunkRow {
    id: i64,
    name: String,
    provider: String,
    auth_mode: String,
    caller_id: Option<String>,
    enabled: bool,
    contact: Option<String>,
    outbound_proxy: Option<String>,
    username: Option<String>,
    has_password: bool,
    from_user: Option<String>,
    allow: Option<String>,
    firsts: Vec<i64>,
    lasts: Vec<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TrunkRow {
    fn domain(self) -> Trunk {
        let ranges = self
            .firsts
            .iter()
            .zip(&self.lasts)
            .filter_map(|(first, last)| {
                Some(Range {
                    first: u64::try_from(*first).ok()?,
                    last: u64::try_from(*last).ok()?,
                })
            });
        Trunk {
            id: self.id,
            name: self.name,
            provider: self.provider,
            // The column's check allows these two.
            auth_mode: AuthMode::parse(&self.auth_mode).unwrap_or(AuthMode::Ip),
            server: server_of(self.contact.as_deref(), self.outbound_proxy.as_deref()),
            transport: transport_of(self.contact.as_deref()),
            username: self.username,
            has_password: self.has_password,
            from_user: self.from_user,
            caller_id: self.caller_id.as_deref().and_then(Did::from_canonical),
            numbers: NumberBlock::from_ranges(ranges.collect()),
            codecs: self
                .allow
                .as_deref()
                .map(Codecs::from_column)
                .unwrap_or_default(),
            enabled: self.enabled,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

pub async fn list(conn: &mut PgConnection) -> Result<Vec<Trunk>> {
    let rows: Vec<TrunkRow> = sqlx::query_as(
        "select t.id, t.name, t.provider, t.auth_mode, t.caller_id, t.enabled, a.contact, e.outbound_proxy, u.username,
                u.password is not null as has_password, e.from_user, e.allow,
                array(select lower(n.numbers) from pbx.number_range n where n.trunk_id = t.id order by n.numbers) as firsts,
                array(select upper(n.numbers) - 1 from pbx.number_range n where n.trunk_id = t.id order by n.numbers) as lasts,
                t.created_at, t.updated_at
           from pbx.trunk t join ps_endpoints e on e.id = t.endpoint
           left join ps_aors a on a.id = 'trunk-aor-' || t.id left join ps_auths u on u.id = 'trunk-auth-' || t.id
          order by t.id",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(TrunkRow::domain).collect())
}

pub async fn find(conn: &mut PgConnection, id: i64) -> Result<Option<Trunk>> {
    let row: Option<TrunkRow> = sqlx::query_as(
        "select t.id, t.name, t.provider, t.auth_mode, t.caller_id, t.enabled, a.contact, e.outbound_proxy, u.username,
                u.password is not null as has_password, e.from_user, e.allow,
                array(select lower(n.numbers) from pbx.number_range n where n.trunk_id = t.id order by n.numbers) as firsts,
                array(select upper(n.numbers) - 1 from pbx.number_range n where n.trunk_id = t.id order by n.numbers) as lasts,
                t.created_at, t.updated_at
           from pbx.trunk t join ps_endpoints e on e.id = t.endpoint
           left join ps_aors a on a.id = 'trunk-aor-' || t.id left join ps_auths u on u.id = 'trunk-auth-' || t.id
          where t.id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(TrunkRow::domain))
}

/// Holds a trunk against other writers until the transaction ends.
pub async fn lock(conn: &mut PgConnection, id: i64) -> Result<bool> {
    let row: Option<(i64,)> = sqlx::query_as("select id from pbx.trunk where id = $1 for update")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// The id a new trunk will have: the ids of its rows are made of it.
pub async fn next_id(conn: &mut PgConnection) -> Result<i64> {
    let id = sqlx::query_scalar("select nextval(pg_get_serial_sequence('pbx.trunk', 'id'))")
        .fetch_one(conn)
        .await?;
    Ok(id)
}

pub async fn create(
    conn: &mut PgConnection,
    id: i64,
    edit: &TrunkEdit,
    rows: &Rows,
) -> Result<DateTime<Utc>> {
    sqlx::query(
        "with aor as (
           insert into ps_aors (id, contact, qualify_frequency, qualify_timeout, outbound_proxy)
           values ('trunk-aor-' || $1, $2, case when $15 then 60 else 0 end, 3, $3)
         ), auth as (
           insert into ps_auths (id, auth_type, username, password, realm)
           select 'trunk-auth-' || $1, 'userpass', $4, $5, $6 where $4 is not null
         )
         insert into ps_endpoints (id, aors, outbound_auth, context, disallow, allow, from_user, from_domain, identify_by,
                                   outbound_proxy, send_diversion, send_history_info, set_var, direct_media, rtp_symmetric,
                                   force_rport, rewrite_contact, dtmf_mode, allow_overlap, send_pai, send_rpid, trust_id_inbound,
                                   trust_id_outbound, allow_transfer, contact_user, media_encryption, media_encryption_optimistic)
         values ('trunk-ep-' || $1, 'trunk-aor-' || $1, case when $4 is not null then 'trunk-auth-' || $1 end, 'from-trunk', 'all',
                 $7, $8, $9, $10, $3, $11::text::ast_bool_values, $12::text::ast_bool_values, $13, 'no', 'yes', 'yes', 'yes', 'auto', 'no', 'no',
                 'no', 'no', 'yes', 'no', $14,
                 -- A provider that speaks only plain RTP is taken as well.
                 case when $16 then 'sdes'::pjsip_media_encryption_values end, case when $16 then 'yes'::ast_bool_values end)",
    )
    .bind(id.to_string())
    .bind(&rows.contact)
    .bind(&rows.outbound_proxy)
    .bind(&edit.username)
    .bind(edit.password.as_ref().map(|p| escaped(p.expose_secret())))
    .bind(&rows.realm)
    .bind(edit.codecs.column())
    .bind(&rows.from_user)
    .bind(&rows.from_domain)
    .bind(rows.identify_by)
    .bind(rows.diversion)
    .bind(rows.history_info)
    .bind(&rows.set_var)
    .bind(&rows.contact_user)
    .bind(edit.enabled)
    .bind(rows.is_secure)
    .execute(&mut *conn)
    .await?;
    let created_at = sqlx::query_scalar(
        "insert into pbx.trunk (id, name, provider, auth_mode, caller_id, enabled) overriding system value
         values ($1, $2, $3, $4, $5, $6) returning created_at",
    )
    .bind(id)
    .bind(&edit.name)
    .bind(&edit.provider)
    .bind(edit.auth_mode.as_str())
    .bind(edit.caller_id.as_ref().map(Did::as_str))
    .bind(edit.enabled)
    .fetch_one(&mut *conn)
    .await?;
    save_numbers(conn, id, &edit.numbers).await?;
    save_registration(conn, id, edit, rows).await?;
    Ok(created_at)
}

pub async fn save(
    conn: &mut PgConnection,
    id: i64,
    edit: &TrunkEdit,
    rows: &Rows,
) -> Result<DateTime<Utc>> {
    sqlx::query(
        "with aor as (
           update ps_aors set contact = $2, outbound_proxy = $3, qualify_frequency = case when $15 then 60 else 0 end
            where id = 'trunk-aor-' || $1
         ), auth as (
           insert into ps_auths (id, auth_type, username, password, realm)
           select 'trunk-auth-' || $1, 'userpass', $4, $5, $6 where $4 is not null
           on conflict (id) do update set username = excluded.username, realm = excluded.realm,
             password = coalesce(excluded.password, ps_auths.password)
         )
         update ps_endpoints set allow = $7, from_user = $8, from_domain = $9, identify_by = $10, outbound_proxy = $3,
                outbound_auth = case when $4 is not null then 'trunk-auth-' || $1 end, set_var = $13, contact_user = $14,
                send_diversion = $11::text::ast_bool_values, send_history_info = $12::text::ast_bool_values,
                -- Only when the transport becomes secure, or no longer is: otherwise it is as somebody wants it.
                media_encryption = case when $16 = was.secure then media_encryption when $16 then 'sdes'::pjsip_media_encryption_values end,
                media_encryption_optimistic = case when $16 = was.secure then media_encryption_optimistic when $16 then 'yes'::ast_bool_values end
           from (select coalesce((select contact like '%transport=tls%' from ps_aors where id = 'trunk-aor-' || $1), false) as secure) was
          where id = 'trunk-ep-' || $1",
    )
    .bind(id.to_string())
    .bind(&rows.contact)
    .bind(&rows.outbound_proxy)
    .bind(&edit.username)
    .bind(edit.password.as_ref().map(|p| escaped(p.expose_secret())))
    .bind(&rows.realm)
    .bind(edit.codecs.column())
    .bind(&rows.from_user)
    .bind(&rows.from_domain)
    .bind(rows.identify_by)
    .bind(rows.diversion)
    .bind(rows.history_info)
    .bind(&rows.set_var)
    .bind(&rows.contact_user)
    .bind(edit.enabled)
    .bind(rows.is_secure)
    .execute(&mut *conn)
    .await?;
    let updated_at = sqlx::query_scalar(
        "update pbx.trunk set name = $2, provider = $3, auth_mode = $4, caller_id = $5, enabled = $6, updated_at = now()
          where id = $1 returning updated_at",
    )
    .bind(id)
    .bind(&edit.name)
    .bind(&edit.provider)
    .bind(edit.auth_mode.as_str())
    .bind(edit.caller_id.as_ref().map(Did::as_str))
    .bind(edit.enabled)
    .fetch_one(&mut *conn)
    .await?;
    save_numbers(conn, id, &edit.numbers).await?;
    save_registration(conn, id, edit, rows).await?;
    Ok(updated_at)
}

/// Only what differs: an unchanged block is no change in the history.
async fn save_numbers(conn: &mut PgConnection, id: i64, numbers: &NumberBlock) -> Result<()> {
    let ranges: Vec<PgRange<i64>> = numbers
        .ranges()
        .iter()
        .filter_map(|range| {
            Some((
                i64::try_from(range.first).ok()?,
                i64::try_from(range.last).ok()?,
            ))
        })
        .map(|(first, last)| PgRange::from(first..last + 1))
        .collect();
    sqlx::query("delete from pbx.number_range where trunk_id = $1 and numbers <> all ($2)")
        .bind(id)
        .bind(&ranges)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "insert into pbx.number_range (trunk_id, numbers)
         select $1, n from unnest($2::int8range[]) n
          where not exists (select from pbx.number_range r where r.trunk_id = $1 and r.numbers = n)",
    )
    .bind(id)
    .bind(&ranges)
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// The row is there exactly while the trunk is to register.
async fn save_registration(
    conn: &mut PgConnection,
    id: i64,
    edit: &TrunkEdit,
    rows: &Rows,
) -> Result<()> {
    if !registers(edit) {
        sqlx::query("delete from ps_registrations where id = 'trunk-reg-' || $1")
            .bind(id.to_string())
            .execute(conn)
            .await?;
        return Ok(());
    }
    sqlx::query(
        "insert into ps_registrations (id, auth_rejection_permanent, client_uri, contact_user, expiration, max_retries,
                                       outbound_auth, outbound_proxy, retry_interval, forbidden_retry_interval,
                                       fatal_retry_interval, server_uri, line, endpoint, max_random_initial_delay)
         values ('trunk-reg-' || $1, 'no', $2, $3, $4, 1000000, 'trunk-auth-' || $1, $5, 30, 60, 60, $6, 'yes', 'trunk-ep-' || $1, 0)
         on conflict (id) do update set client_uri = excluded.client_uri, contact_user = excluded.contact_user,
           -- Asterisk registers again only when it sees a changed row; a new password alone is none. One second more or
           -- less is. (PJSIPRegister would do while the provider answers, and leave the trunk unregistered otherwise.)
           expiration = case when $7 then 2 * excluded.expiration + 1 - ps_registrations.expiration else excluded.expiration end,
           outbound_proxy = excluded.outbound_proxy, server_uri = excluded.server_uri",
    )
    .bind(id.to_string())
    .bind(&rows.client_uri)
    .bind(&rows.contact_user)
    .bind(rows.expiration)
    .bind(&rows.outbound_proxy)
    .bind(&rows.server_uri)
    .bind(edit.password.is_some())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn remove(conn: &mut PgConnection, id: i64) -> Result<bool> {
    let result = sqlx::query("delete from pbx.trunk where id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn enabled_ids(conn: &mut PgConnection) -> Result<Vec<i64>> {
    Ok(
        sqlx::query_scalar("select id from pbx.trunk where enabled order by id")
            .fetch_all(conn)
            .await?,
    )
}
