//! One change of many extensions, in one statement each.

use super::{PgConnection, Result};
use crate::domain::bulk::Dependants;
use crate::domain::{Codecs, ExtNumber};
use crate::realtime;

fn ids(numbers: &[ExtNumber]) -> Vec<&str> {
    numbers.iter().map(ExtNumber::as_str).collect()
}

/// Holds them against other writers, in the order everybody uses; those that are there, with whether they are enabled.
pub async fn lock(
    conn: &mut PgConnection,
    numbers: &[ExtNumber],
) -> Result<Vec<(ExtNumber, bool)>> {
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(
        "select e.id, e.identify_by from ps_endpoints e
          where e.id = any ($1) and exists (select from pbx.extension x where x.number = e.id)
          order by e.id for update of e",
    )
    .bind(ids(numbers))
    .fetch_all(conn)
    .await?;
    let found = rows.into_iter().filter_map(|(number, identify_by)| {
        let number = ExtNumber::parse(&number).ok()?;
        Some((number, realtime::is_enabled(identify_by.as_deref())))
    });
    Ok(found.collect())
}

pub async fn set_enabled(
    conn: &mut PgConnection,
    numbers: &[ExtNumber],
    enabled: bool,
) -> Result<u64> {
    let is_disabled = realtime::identify_by(false);
    let result = sqlx::query(
        "update ps_endpoints set identify_by = $2 where id = any ($1) and (coalesce(identify_by, '') = $3) = $4",
    )
    .bind(ids(numbers))
    .bind(realtime::identify_by(enabled))
    .bind(is_disabled)
    .bind(enabled)
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

pub async fn set_codecs(
    conn: &mut PgConnection,
    numbers: &[ExtNumber],
    codecs: &Codecs,
    are_own: bool,
) -> Result<()> {
    sqlx::query(
        "update ps_endpoints set allow = $2 where id = any ($1) and allow is distinct from $2",
    )
    .bind(ids(numbers))
    .bind(codecs.column())
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "update pbx.extension set own_codecs = $2, updated_at = now() where number = any ($1) and own_codecs <> $2",
    )
    .bind(ids(numbers))
    .bind(are_own)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn set_pickup_group(
    conn: &mut PgConnection,
    numbers: &[ExtNumber],
    group: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "update ps_endpoints set named_call_group = $2, named_pickup_group = $2
          where id = any ($1) and (named_call_group is distinct from $2 or named_pickup_group is distinct from $2)",
    )
    .bind(ids(numbers))
    .bind(group)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn set_ring_time(
    conn: &mut PgConnection,
    numbers: &[ExtNumber],
    time: i16,
) -> Result<()> {
    sqlx::query(
        "update pbx.extension set ring_time = $2, updated_at = now() where number = any ($1) and ring_time <> $2",
    )
    .bind(ids(numbers))
    .bind(time)
    .execute(conn)
    .await?;
    Ok(())
}

/// With all that is theirs, as the triggers of the schema do it.
pub async fn remove(conn: &mut PgConnection, numbers: &[ExtNumber]) -> Result<()> {
    sqlx::query("delete from ps_endpoints where id = any ($1)")
        .bind(ids(numbers))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn dependants(conn: &mut PgConnection, numbers: &[ExtNumber]) -> Result<Dependants> {
    let (numbers, forwards, forwards_to, mailboxes, messages) = sqlx::query_as(
        "select (select count(*) from pbx.did_route where extension = any ($1)),
                (select count(*) from pbx.forward where extension = any ($1)),
                (select count(*) from pbx.forward where destination = any ($1) and not extension = any ($1)),
                (select count(*) from voicemail where mailbox = any ($1) and context in ('default', 'disabled')),
                (select count(*) from pbx.message where mailbox = any ($1))",
    )
    .bind(ids(numbers))
    .fetch_one(conn)
    .await?;
    Ok(Dependants {
        numbers,
        forwards,
        forwards_to,
        mailboxes,
        messages,
    })
}
