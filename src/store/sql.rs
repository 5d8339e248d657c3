//! The one door from sea-query to sqlx. Statements built here have fixed shapes: columns and sort keys are
//! enums, values are always bound. Each is planned for its values: which way is the best depends on them.

use sea_query::PostgresQueryBuilder;
use sea_query_sqlx::SqlxBinder;
use sqlx::FromRow;
use sqlx::postgres::PgRow;

use super::{PgConnection, Result};

#[expect(
    clippy::disallowed_types,
    reason = "the only place where a built statement becomes one; sea-query quotes identifiers and binds values"
)]
use sqlx::AssertSqlSafe;

pub async fn fetch_all<T>(conn: &mut PgConnection, statement: &impl SqlxBinder) -> Result<Vec<T>>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let (sql, values) = statement.build_sqlx(PostgresQueryBuilder);
    let rows = sqlx::query_as_with::<_, T, _>(AssertSqlSafe(sql), values)
        .persistent(false)
        .fetch_all(conn)
        .await?;
    Ok(rows)
}

pub async fn fetch_one<T>(conn: &mut PgConnection, statement: &impl SqlxBinder) -> Result<T>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let (sql, values) = statement.build_sqlx(PostgresQueryBuilder);
    let row = sqlx::query_as_with::<_, T, _>(AssertSqlSafe(sql), values)
        .persistent(false)
        .fetch_one(conn)
        .await?;
    Ok(row)
}
