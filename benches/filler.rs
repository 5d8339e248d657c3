//! Extensions in bulk, as a database administrator would make them.

use std::time::{Duration, Instant};

use crate::Outcome;
use crate::postgres;
use crate::stack::Stack;

/// Number of the first; all of one stack have the same length.
pub fn first_of(size: u32) -> u32 {
    if size > 5_000 { 10_001 } else { 1_001 }
}

/// Every row an extension has, in one transaction. What the triggers add is brought to what the server would write.
const ROWS: [&str; 5] = [
    "insert into ps_aors (id, max_contacts, remove_existing, remove_unavailable, qualify_frequency, qualify_timeout,
                          default_expiration, minimum_expiration, maximum_expiration, support_path)
     select n::text, 5, 'no', 'yes', 60, 3, 3600, 60, 7200, 'yes' from generate_series($1::integer, $2) n",
    "insert into ps_auths (id, auth_type, username, realm, password_digest)
     select n::text, 'userpass', n::text, 'gonopbx', 'MD5:' || md5(n || ':gonopbx:filler-' || n)
       from generate_series($1::integer, $2) n",
    "insert into ps_endpoints (id, aors, auth, context, callerid, disallow, allow, identify_by, direct_media, rtp_symmetric,
                               force_rport, rewrite_contact, dtmf_mode, allow_overlap, send_pai, trust_id_inbound)
     select n::text, n::text, n::text, 'internal', format('\"Person %s\" <%s>', n, n), 'all', 'ulaw,alaw,g722', 'username',
            'no', 'yes', 'yes', 'yes', 'auto', 'no', 'no', 'no'
       from generate_series($1::integer, $2) n",
    "insert into extensions (context, exten, priority, app, appdata)
     select 'internal', n::text, 1, 'Gosub', format('pbx-ring,s,1(%s,20)', n) from generate_series($1::integer, $2) n",
    "update pbx.extension set own_codecs = false, secret_score = 4
      where number::integer between $1 and $2 and own_codecs",
];

/// Makes them, and waits until the server knows them all.
pub async fn fill(stack: &Stack, size: u32) -> Outcome<()> {
    let first = i32::try_from(first_of(size))?;
    let last = first + i32::try_from(size)? - 1;
    let pool = postgres::pool(stack).await?;
    let mut transaction = pool.begin().await?;
    for rows in ROWS {
        sqlx::query(rows)
            .bind(first)
            .bind(last)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    for table in [
        "ps_aors",
        "ps_auths",
        "ps_endpoints",
        "extensions",
        "pbx.extension",
        "pbx.change",
    ] {
        stack.superuser(&format!("vacuum analyze {table}"))?;
    }
    let mut connection = stack.connect().await?;
    let path = format!("/api/peers/?limit=1&q={last}");
    let start = Instant::now();
    loop {
        let found = connection
            .json("GET", &path, &serde_json::Value::Null)
            .await?;
        let newest = found.get(0).and_then(|peer| peer["id"].as_i64());
        if newest == Some(i64::from(last)) {
            return Ok(());
        }
        if start.elapsed() > Duration::from_mins(1) {
            return Err(format!("the server does not know extension {last}").into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
