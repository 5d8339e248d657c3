//! Where calls of a trunk come from.

use super::super::{PgConnection, Result};

pub async fn addresses(conn: &mut PgConnection, id: i64) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "select match from ps_endpoint_id_ips where endpoint = 'trunk-ep-' || $1 and match is not null",
    )
    .bind(id.to_string())
    .fetch_all(conn)
    .await?)
}

/// The addresses calls of this trunk come from; none while it is disabled. Only what differs is written.
pub async fn save_identify(
    conn: &mut PgConnection,
    id: i64,
    addresses: &[String],
    header: Option<&str>,
) -> Result<bool> {
    let gone = sqlx::query(
        "delete from ps_endpoint_id_ips where endpoint = 'trunk-ep-' || $1
            and not (coalesce(match, '') = any ($2) or coalesce(match_header, '') = coalesce($3, '-'))",
    )
    .bind(id.to_string())
    .bind(addresses)
    .bind(header)
    .execute(&mut *conn)
    .await?;
    let come = sqlx::query(
        "insert into ps_endpoint_id_ips (id, endpoint, match, match_header)
         select 'trunk-identify-' || $1 || '-' || md5(coalesce(m, '') || '/' || coalesce(h, '')), 'trunk-ep-' || $1, m, h
           from (select m, null::text as h from unnest($2::text[]) m union all select null, $3 where $3 is not null) wanted
         on conflict (id) do nothing",
    )
    .bind(id.to_string())
    .bind(addresses)
    .bind(header)
    .execute(conn)
    .await?;
    Ok(gone.rows_affected() + come.rows_affected() > 0)
}
