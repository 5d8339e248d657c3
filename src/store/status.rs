//! What is asked of the database to say how the system is.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::domain::ExtNumber;
use crate::domain::call::Outcome;

/// A trunk that is switched on.
#[derive(Debug, FromRow)]
pub struct Line {
    pub id: i64,
    pub name: String,
}

/// Also tells that the database is there.
pub async fn lines(conn: &mut PgConnection) -> Result<Vec<Line>> {
    let lines = sqlx::query_as("select id, name from pbx.trunk where enabled order by id");
    Ok(lines.fetch_all(conn).await?)
}

/// Who an extension is assigned to, by user.
pub async fn user_names(conn: &mut PgConnection) -> Result<Vec<(i64, String)>> {
    let names = sqlx::query_as(
        "select id, full_name from pbx.app_user where full_name is not null and full_name <> ''",
    );
    Ok(names.fetch_all(conn).await?)
}

/// Calls since a moment, of everybody or of one extension, by outcome and the hours that had passed.
pub async fn calls_by_hour(
    conn: &mut PgConnection,
    extension: Option<&ExtNumber>,
    from: DateTime<Utc>,
) -> Result<Vec<(Outcome, i32, i64)>> {
    let rows: Vec<(String, i32, i64)> = sqlx::query_as(
        "select outcome, floor(extract(epoch from started_at - $1) / 3600)::integer as hour, count(*)
           from pbx.call where started_at >= $1 and ($2::text is null or extensions @> array[$2])
          group by outcome, hour",
    )
    .bind(from)
    .bind(extension.map(ExtNumber::as_str))
    .fetch_all(conn)
    .await?;
    let counted = rows.into_iter();
    Ok(counted
        .filter_map(|(outcome, hour, count)| Some((Outcome::parse(&outcome)?, hour, count)))
        .collect())
}
