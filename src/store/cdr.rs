//! Legs of calls that the server writes itself, and how far it has read the spool.

use std::collections::HashMap;

use super::{Error, PgConnection, Result};
use crate::domain::Cdr;

/// Writes the legs that are not there yet, in this order, and says how many these were.
///
/// A trigger drops a leg that somebody else writes at the same moment. What is longer than its column is cut, which
/// Asterisk itself never lets happen.
pub async fn insert(conn: &mut PgConnection, legs: &[Cdr]) -> Result<u64> {
    fn column<'l, T>(legs: &'l [Cdr], of: impl Fn(&'l Cdr) -> T) -> Vec<T> {
        legs.iter().map(of).collect()
    }
    let done = sqlx::query(
        "insert into cdr (accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer, \"end\",
           duration, billsec, disposition, amaflags, uniqueid, userfield, peeraccount, linkedid, sequence)
         select nullif(accountcode, '')::varchar(80), nullif(src, '')::varchar(80), nullif(dst, '')::varchar(80),
           nullif(dcontext, '')::varchar(80), nullif(clid, '')::varchar(80), nullif(channel, '')::varchar(80),
           nullif(dstchannel, '')::varchar(80), nullif(lastapp, '')::varchar(80), nullif(lastdata, '')::varchar(80),
           start, answer, ended, duration, billsec, nullif(disposition, '')::varchar(45), nullif(amaflags, '')::varchar(45),
           uniqueid::varchar(150), nullif(userfield, '')::varchar(256), nullif(peeraccount, '')::varchar(80),
           nullif(linkedid, '')::varchar(150), sequence
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
           $10::timestamp[], $11::timestamp[], $12::timestamp[], $13::integer[], $14::integer[], $15::text[], $16::text[],
           $17::text[], $18::text[], $19::text[], $20::text[], $21::integer[])
           with ordinality as leg (accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer,
             ended, duration, billsec, disposition, amaflags, uniqueid, userfield, peeraccount, linkedid, sequence, place)
         where not exists (select from cdr known where known.uniqueid = leg.uniqueid and known.sequence = leg.sequence)
         order by place",
    )
    .bind(column(legs, |leg| leg.accountcode.as_str()))
    .bind(column(legs, |leg| leg.src.as_str()))
    .bind(column(legs, |leg| leg.dst.as_str()))
    .bind(column(legs, |leg| leg.dcontext.as_str()))
    .bind(column(legs, |leg| leg.clid.as_str()))
    .bind(column(legs, |leg| leg.channel.as_str()))
    .bind(column(legs, |leg| leg.dstchannel.as_str()))
    .bind(column(legs, |leg| leg.lastapp.as_str()))
    .bind(column(legs, |leg| leg.lastdata.as_str()))
    .bind(column(legs, |leg| leg.start))
    .bind(column(legs, |leg| leg.answer))
    .bind(column(legs, |leg| leg.end))
    .bind(column(legs, |leg| leg.duration))
    .bind(column(legs, |leg| leg.billsec))
    .bind(column(legs, |leg| leg.disposition.as_str()))
    .bind(column(legs, |leg| leg.amaflags.as_str()))
    .bind(column(legs, |leg| leg.uniqueid.as_str()))
    .bind(column(legs, |leg| leg.userfield.as_str()))
    .bind(column(legs, |leg| leg.peeraccount.as_str()))
    .bind(column(legs, |leg| leg.linkedid.as_str()))
    .bind(column(legs, |leg| leg.sequence))
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Whether the same leg would be refused again.
pub fn is_refusal(error: &Error) -> bool {
    match error {
        Error::Conflict { .. } | Error::Guard { .. } => true,
        // Wrong data, a broken constraint, a trigger that says no.
        Error::Failed(sqlx::Error::Database(refusal)) => {
            let code = refusal.code().unwrap_or_default();
            ["22", "23", "P0"]
                .iter()
                .any(|class| code.starts_with(class))
        }
        _ => false,
    }
}

/// How far each file of the spool was read, by the digest of its first line.
pub async fn spool_positions(conn: &mut PgConnection) -> Result<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = sqlx::query_as("select file, position from pbx.cdr_spool")
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

pub async fn note_position(conn: &mut PgConnection, file: &str, position: i64) -> Result<()> {
    sqlx::query(
        "insert into pbx.cdr_spool (file, position) values ($1, $2)
         on conflict (file) do update set position = excluded.position, read_at = now()",
    )
    .bind(file)
    .bind(position)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn forget_file(conn: &mut PgConnection, file: &str) -> Result<()> {
    sqlx::query("delete from pbx.cdr_spool where file = $1")
        .bind(file)
        .execute(conn)
        .await?;
    Ok(())
}
