//! The history of changes, and taking them back.

mod live;
mod page;
mod rest;
mod sql;
mod undo;
mod users;

use serde_json::{Value, json};

use crate::support::Pbx;
use crate::support::client::{Answer, Api};

/// The newest transaction about an object.
pub async fn newest(admin: &Api, kind: &str, name: &str) -> Value {
    let path = format!(
        "/api/audit/?kind={kind}&object={}&limit=1",
        name.replace('+', "%2B")
    );
    let found = admin.get(&path).await.expect(200);
    assert!(!found["logs"][0].is_null(), "nothing about {kind} {name}");
    found["logs"][0].clone()
}

async fn undo(admin: &Api, tx: &Value, body: Value) -> Answer {
    let tx = tx.as_str().expect("a transaction");
    admin.post(&format!("/api/audit/{tx}/undo"), &body).await
}

/// Takes it back, without anything to decide.
pub async fn undone(admin: &Api, tx: &Value) -> Value {
    let done = undo(admin, tx, json!({})).await.expect(200);
    assert_eq!(done["live"], true, "not live when it was answered: {done}");
    assert_eq!(done["conflicts"], json!([]), "{done}");
    done
}

/// Every row that belongs to an extension, as it is.
pub async fn rows(pbx: &Pbx, number: &str) -> String {
    let rows: Vec<(String,)> = pbx
        .owner()
        .await
        .rows(
            "select r from (
               select 'endpoint ' || (to_jsonb(e))::text r from ps_endpoints e where id = $1
               union all select 'auth ' || (to_jsonb(a))::text from ps_auths a where id = $1
               union all select 'aor ' || (to_jsonb(a))::text from ps_aors a where id = $1
               union all select 'extension ' || (to_jsonb(x) - 'updated_at')::text from pbx.extension x where number = $1
               union all select 'forward ' || (to_jsonb(f))::text from pbx.forward f where extension = $1
               union all select 'route ' || (to_jsonb(d))::text from pbx.did_route d where extension = $1
               union all select 'mailbox ' || (to_jsonb(v) - 'stamp')::text from voicemail v where mailbox = $1
               union all select 'row ' || exten || ' ' || appdata from extensions where context = 'internal' and exten = $1
               union all select 'row ' || exten || ' ' || appdata from extensions r where context = 'from-trunk'
                 and exists (select from pbx.did_route d where d.did = r.exten and d.extension = $1)
               union all select 'message ' || m.id || ' ' || md5(recording) || ' ' || origtime from voicemail_messages v
                 join pbx.message m using (msg_id) where mailboxuser = $1) all_rows order by r",
            &[number],
        )
        .await;
    rows.into_iter().map(|row| row.0 + "\n").collect()
}
