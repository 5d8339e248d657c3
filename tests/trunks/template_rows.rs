//! What each provider's template comes to, row by row: a contract with Asterisk.

use serde_json::{Value, json};

use super::{Block, next_name};
use crate::support::pbx;

const NONE: [&str; 0] = [];

#[tokio::test]
async fn probe() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    let admin = pbx.admin().await;
    let _ = NONE;
    for (provider, mode) in [
        ("plusnet_basic", "registration"),
        ("plusnet_basic", "ip"),
        ("plusnet_connect", "registration"),
        ("plusnet_connect", "ip"),
        ("telekom_deutschlandlan", "registration"),
        ("telekom_deutschlandlan", "ip"),
        ("telekom_companyflex", "registration"),
        ("telekom_allip", "registration"),
        ("dusnet", "registration"),
        ("iliad_it", "registration"),
        ("sipgate", "registration"),
        ("custom", "registration"),
        ("custom", "ip"),
    ] {
        let numbers = Block::claim();
        let at = std::time::Instant::now();
        let mut fields = json!({"name": next_name().0, "provider": provider, "auth_mode": mode, "username": "kunde7", "password": "p;^",
            "sip_server": "127.4.0.1:5070", "from_user": "absender", "number_block": numbers.text()});
        if mode == "ip" {
            fields["username"] = Value::Null;
            fields["password"] = Value::Null;
        }
        let made = admin.post("/api/trunks/", &fields).await.expect(200);
        eprintln!(
            "== {provider} {mode} took {:?} live {} {}",
            at.elapsed(),
            made["live"],
            made
        );
        let id = made["id"].to_string();
        let out = owner.does(&format!("select 'endpoint', to_jsonb(e) from (select * from ps_endpoints where id = 'trunk-ep-{id}') e;
          select 'aor', to_jsonb(e) from (select * from ps_aors where id = 'trunk-aor-{id}') e;
          select 'auth', to_jsonb(e) from (select * from ps_auths where id = 'trunk-auth-{id}') e;
          select 'reg', to_jsonb(e) from (select * from ps_registrations where id = 'trunk-reg-{id}') e;
          select 'ident', to_jsonb(e) from (select * from ps_endpoint_id_ips where endpoint = 'trunk-ep-{id}') e;
          select 'ext', appdata from extensions where context = 'trunks' and exten = '{id}'").replace("{id}", &id));
        for line in out.lines() {
            let (what, json) = line.split_once('|').unwrap_or((line, ""));
            let short = match serde_json::from_str::<Value>(json) {
                Ok(Value::Object(map)) => map
                    .into_iter()
                    .filter(|(_, v)| !v.is_null())
                    .map(|(k, v)| {
                        format!("{k}={}", v.as_str().map_or(v.to_string(), str::to_owned))
                    })
                    .collect::<Vec<_>>()
                    .join(" "),
                _ => json.to_owned(),
            };
            eprintln!("   {what}: {short}");
        }
        admin.delete(&format!("/api/trunks/{id}")).await.expect(200);
    }
}
