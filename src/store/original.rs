//! Reads the database of a GonoPBX 2, and writes what has no place elsewhere. Rows come as JSON: its tables grew over time,
//! and a column that is not there yet is simply not given.

use serde_json::{Map, Value};
use sqlx::FromRow;

use super::{PgConnection, Result};

pub type Object = Map<String, Value>;

macro_rules! rows_of {
    ($name:ident, $table:literal) => {
        pub async fn $name(conn: &mut PgConnection) -> Result<Vec<Object>> {
            let rows: Vec<Value> = sqlx::query_scalar(concat!(
                "select to_jsonb(t) from ",
                $table,
                " t order by id"
            ))
            .fetch_all(conn)
            .await?;
            Ok(objects(rows))
        }
    };
}

rows_of!(users, "users");
rows_of!(peers, "sip_peers");
rows_of!(trunks, "sip_trunks");
rows_of!(routes, "inbound_routes");
rows_of!(forwards, "call_forwards");
rows_of!(mailboxes, "voicemail_mailboxes");

fn objects(rows: Vec<Value>) -> Vec<Object> {
    let objects = rows.into_iter().filter_map(|row| match row {
        Value::Object(object) => Some(object),
        _ => None,
    });
    objects.collect()
}

/// Which of the tables that are read are there.
pub async fn tables(conn: &mut PgConnection) -> Result<Vec<String>> {
    let names = sqlx::query_scalar(
        "select table_name::text from information_schema.tables where table_schema = any (current_schemas(false))
            and table_name in ('users', 'sip_peers', 'sip_trunks', 'inbound_routes', 'call_forwards', 'voicemail_mailboxes', 'cdr')",
    )
    .fetch_all(conn)
    .await?;
    Ok(names)
}

/// A call as it was written there: one row each, times in UTC.
#[derive(Debug, FromRow)]
pub struct Call {
    pub id: i32,
    pub call_date: chrono::NaiveDateTime,
    pub clid: Option<String>,
    pub src: Option<String>,
    pub dst: Option<String>,
    pub dcontext: Option<String>,
    pub channel: Option<String>,
    pub dstchannel: Option<String>,
    pub lastapp: Option<String>,
    pub lastdata: Option<String>,
    pub duration: i32,
    pub billsec: i32,
    pub disposition: String,
    pub uniqueid: Option<String>,
    pub userfield: Option<String>,
}

/// The next after this id. The words it kept are those of a dial; here they are those of a call.
pub async fn calls(conn: &mut PgConnection, after: i32, limit: i64) -> Result<Vec<Call>> {
    Ok(sqlx::query_as(
        "select id, call_date, clid, src, dst, dcontext, channel, dstchannel, lastapp, lastdata,
                greatest(coalesce(duration, 0), 0) as duration, greatest(coalesce(billsec, 0), 0) as billsec,
                case upper(coalesce(disposition, '')) when 'ANSWER' then 'ANSWERED' when 'ANSWERED' then 'ANSWERED' when 'BUSY' then 'BUSY'
                  when 'CHANUNAVAIL' then 'FAILED' when 'CONGESTION' then 'FAILED' when 'FAILED' then 'FAILED' else 'NO ANSWER' end as disposition,
                nullif(uniqueid, '') as uniqueid, userfield
           from cdr where id > $1 and call_date is not null order by id limit $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Those that are not there already; their old id tells.
pub async fn write_calls(conn: &mut PgConnection, calls: &[Call]) -> Result<u64> {
    fn each<T>(calls: &[Call], value: impl Fn(&Call) -> T) -> Vec<T> {
        calls.iter().map(value).collect()
    }
    let result = sqlx::query(
        "insert into cdr (start, answer, \"end\", clid, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, duration,
                          billsec, disposition, amaflags, uniqueid, linkedid, userfield, sequence)
         select c.at, case when c.disposition = 'ANSWERED' then c.at + make_interval(secs => greatest(c.duration - c.billsec, 0)) end,
                c.at + make_interval(secs => c.duration), c.clid, c.src, c.dst, c.dcontext, c.channel, c.dstchannel, c.lastapp,
                c.lastdata, c.duration, c.billsec, c.disposition, 'DOCUMENTATION', c.uniqueid, c.uniqueid, c.userfield, c.id
           from unnest($1::timestamp[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                       $10::integer[], $11::integer[], $12::text[], $13::text[], $14::text[], $15::integer[])
             c (at, clid, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, duration, billsec, disposition, uniqueid,
                userfield, id)",
    )
    .bind(each(calls, |c| c.call_date))
    .bind(each(calls, |c| c.clid.clone()))
    .bind(each(calls, |c| c.src.clone()))
    .bind(each(calls, |c| c.dst.clone()))
    .bind(each(calls, |c| c.dcontext.clone()))
    .bind(each(calls, |c| c.channel.clone()))
    .bind(each(calls, |c| c.dstchannel.clone()))
    .bind(each(calls, |c| c.lastapp.clone()))
    .bind(each(calls, |c| c.lastdata.clone()))
    .bind(each(calls, |c| c.duration))
    .bind(each(calls, |c| c.billsec))
    .bind(each(calls, |c| c.disposition.clone()))
    .bind(each(calls, |c| {
        // Two rows of one call may have had the same, or none.
        let own = c.uniqueid.as_deref().unwrap_or_default();
        let own: String = own.chars().take(120).collect();
        format!("{own}/gonopbx2-{}", c.id)
    }))
    .bind(each(calls, |c| c.userfield.clone()))
    .bind(each(calls, |c| c.id))
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// Somebody who logged in there; None when the name is taken.
pub async fn create_user(
    conn: &mut PgConnection,
    username: &str,
    hash: &str,
    role: &str,
    full_name: &str,
    email: Option<&str>,
) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(
        "insert into pbx.app_user (username, password_hash, role, full_name, email)
         select $1, $2, $3, $4, $5 where not exists (select from pbx.app_user where lower(username) = lower($1)) returning id",
    )
    .bind(username)
    .bind(hash)
    .bind(role)
    .bind(full_name)
    .bind(email)
    .fetch_optional(conn)
    .await?)
}

pub async fn find_user(conn: &mut PgConnection, username: &str) -> Result<Option<i64>> {
    Ok(
        sqlx::query_scalar("select id from pbx.app_user where lower(username) = lower($1)")
            .bind(username)
            .fetch_optional(conn)
            .await?,
    )
}
