//! What the dialplan needs to know of a trunk over which calls leave.

use sqlx::FromRow;

use super::super::{PgConnection, Result};
use crate::domain::did::Did;

/// What the row of a trunk in the dialplan follows from.
#[derive(Debug)]
pub struct LeavingFacts {
    pub id: i64,
    pub enabled: bool,
    pub provider: String,
    /// The contract's own number, else the first of its block.
    pub own_number: Option<Did>,
}

#[derive(FromRow)]
struct LeavingRow {
    id: i64,
    enabled: bool,
    provider: String,
    caller_id: Option<String>,
    first: Option<i64>,
}

impl LeavingRow {
    fn facts(self) -> LeavingFacts {
        let first = self
            .first
            .and_then(|first| Did::from_value(u64::try_from(first).ok()?));
        LeavingFacts {
            id: self.id,
            enabled: self.enabled,
            provider: self.provider,
            own_number: self
                .caller_id
                .as_deref()
                .and_then(Did::from_canonical)
                .or(first),
        }
    }
}

/// Of one trunk, or of all.
pub async fn leaving(conn: &mut PgConnection, id: Option<i64>) -> Result<Vec<LeavingFacts>> {
    let rows: Vec<LeavingRow> = sqlx::query_as(
        "select t.id, t.enabled, t.provider, t.caller_id,
                (select min(lower(n.numbers)) from pbx.number_range n where n.trunk_id = t.id) as first
           from pbx.trunk t where $1::bigint is null or t.id = $1",
    )
    .bind(id)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(LeavingRow::facts).collect())
}

/// Extensions that have a number of this trunk: they call out over it.
pub async fn extensions(conn: &mut PgConnection, id: i64) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar("select distinct extension from pbx.did_route where trunk_id = $1")
            .bind(id)
            .fetch_all(conn)
            .await?,
    )
}
