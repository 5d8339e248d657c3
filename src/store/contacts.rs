//! Registrations of phones. Asterisk writes them; here they are only ended.

use super::{PgConnection, Result};
use crate::domain::ExtNumber;

/// Marks the registrations as over. Asterisk removes an expired contact itself when it next reads the AOR, and only
/// then do device state and lamps follow; a deleted row would tell it nothing.
pub async fn expire(conn: &mut PgConnection, number: &ExtNumber) -> Result<u64> {
    let result = sqlx::query(
        "update ps_contacts set expiration_time = 1 where id ~>=~ ($1 || '^3B@') and id ~<~ ($1 || '^3BA')",
    )
    .bind(number.as_str())
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// The same for several.
pub async fn expire_all(conn: &mut PgConnection, numbers: &[ExtNumber]) -> Result<u64> {
    let result = sqlx::query(
        "update ps_contacts c set expiration_time = 1 from unnest($1::text[]) n
          where c.id ~>=~ (n || '^3B@') and c.id ~<~ (n || '^3BA')",
    )
    .bind(ids(numbers))
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// The same for every disabled extension: it may have been disabled while nobody told Asterisk.
pub async fn expire_disabled(conn: &mut PgConnection) -> Result<u64> {
    let result = sqlx::query(
        "update ps_contacts c set expiration_time = 1 from ps_endpoints e join pbx.extension x on x.number = e.id
          where c.endpoint = e.id and e.identify_by = 'ip' and c.expiration_time <> 1",
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

pub async fn remove(conn: &mut PgConnection, numbers: &[ExtNumber]) -> Result<u64> {
    let result = sqlx::query(
        "delete from ps_contacts c using unnest($1::text[]) n where c.id ~>=~ (n || '^3B@') and c.id ~<~ (n || '^3BA')",
    )
    .bind(ids(numbers))
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// Which of these are disabled.
pub async fn disabled_among(
    conn: &mut PgConnection,
    numbers: &[ExtNumber],
) -> Result<Vec<ExtNumber>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "select x.number from pbx.extension x join ps_endpoints e on e.id = x.number
          where x.number = any ($1) and e.identify_by = 'ip'",
    )
    .bind(ids(numbers))
    .fetch_all(conn)
    .await?;
    Ok(parsed(rows))
}

/// Whose registrations are over and still there: of those that are gone, or disabled.
pub async fn dead(conn: &mut PgConnection) -> Result<Vec<ExtNumber>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "select distinct c.endpoint from ps_contacts c left join ps_endpoints e on e.id = c.endpoint
          where e.id is null or e.identify_by = 'ip'",
    )
    .fetch_all(conn)
    .await?;
    Ok(parsed(rows))
}

fn ids(numbers: &[ExtNumber]) -> Vec<&str> {
    numbers.iter().map(ExtNumber::as_str).collect()
}

fn parsed(numbers: Vec<String>) -> Vec<ExtNumber> {
    let numbers = numbers.into_iter();
    numbers
        .filter_map(|number| ExtNumber::parse(&number).ok())
        .collect()
}
