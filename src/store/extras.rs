//! What a list of extensions shows besides them: forwards that are on, and what is in the mailbox.

use std::collections::HashMap;

use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::domain::extension::Extras;
use crate::domain::forward::Kind;

#[derive(FromRow)]
struct ExtrasRow {
    number: String,
    forwards: Vec<String>,
    has_mailbox: bool,
    total: i64,
    new: i64,
}

/// By number. Reads nothing of other extensions.
pub async fn of(conn: &mut PgConnection, numbers: &[String]) -> Result<HashMap<String, Extras>> {
    let rows: Vec<ExtrasRow> = sqlx::query_as(
        "select n.number,
                array(select f.kind from pbx.forward f where f.extension = n.number and f.enabled order by f.kind) as forwards,
                exists (select from voicemail v where v.mailbox = n.number and v.context = 'default') as has_mailbox,
                box.total, box.new
           from unnest($1::text[]) n (number)
           cross join lateral (
             select count(*) as total, count(*) filter (where v.dir ~ '/(INBOX|Urgent)$') as new
               from voicemail_messages v join pbx.message m on m.msg_id = v.msg_id where v.mailboxuser = n.number) box",
    )
    .bind(numbers)
    .fetch_all(conn)
    .await?;
    let extras = rows.into_iter().map(|row| {
        // The column's check allows no other kind.
        let forwards = row.forwards.iter().filter_map(|kind| Kind::parse(kind));
        let extras = Extras {
            forwards: forwards.collect(),
            messages: (row.has_mailbox || row.total > 0).then_some((row.new, row.total)),
        };
        (row.number, extras)
    });
    Ok(extras.collect())
}
