//! What each provider's template comes to, column by column: the contract with Asterisk is `template_rows.txt`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::next_name;
use crate::support::pbx;

const TEMPLATES: [(&str, &str); 13] = [
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
];

const ROWS: &str = "
  select 'ps_endpoints', to_jsonb(r) from ps_endpoints r where id = 'trunk-ep-{id}';
  select 'ps_aors', to_jsonb(r) from ps_aors r where id = 'trunk-aor-{id}';
  select 'ps_auths', to_jsonb(r) from ps_auths r where id = 'trunk-auth-{id}';
  select 'ps_registrations', to_jsonb(r) from ps_registrations r where id = 'trunk-reg-{id}';
  select 'ps_endpoint_id_ips', to_jsonb(r) - 'id' from ps_endpoint_id_ips r where endpoint = 'trunk-ep-{id}';
  select 'extensions', to_jsonb(r) - 'id' from extensions r where context = 'trunks' and exten = '{id}'";

/// Values by `table.column`.
type Columns = BTreeMap<String, String>;

fn columns(rows: &str, id: &str) -> Columns {
    let ours = |text: &str| {
        let mut text = text.to_owned();
        for place in ["ep-", "aor-", "auth-", "reg-", "PBX_TRUNK=", "s,1("] {
            text = text.replace(&format!("{place}{id}"), &format!("{place}ID"));
        }
        text
    };
    let mut columns = Columns::new();
    for line in rows.lines() {
        let (table, row) = line.split_once('|').expect("a table and its row");
        let row: BTreeMap<String, Value> = serde_json::from_str(row).expect("a row");
        for (column, value) in row {
            let value = match value {
                Value::Null => continue,
                Value::String(text) => ours(&text),
                other => other.to_string(),
            };
            let value = if column == "exten" {
                "ID".into()
            } else {
                value
            };
            columns.insert(format!("{table}.{column}"), value);
        }
    }
    columns
}

#[tokio::test]
async fn each_template_yields_the_rows_of_its_contract() {
    let pbx = pbx().await;
    let (owner, admin) = (pbx.owner().await, pbx.admin().await);
    let mut all = Vec::new();
    for (provider, mode) in TEMPLATES {
        let mut fields = json!({
            "name": next_name().0, "provider": provider, "auth_mode": mode, "caller_id": "042198961300",
        });
        if ["telekom_allip", "iliad_it"].contains(&provider) {
            fields["from_user"] = json!("sender7");
        }
        if mode == "registration" {
            fields["username"] = json!("customer7");
            fields["password"] = json!("p;^");
        }
        if ["custom", "telekom_companyflex"].contains(&provider) {
            fields["sip_server"] = json!("127.4.0.1:5070");
        }
        // Its name leads nowhere here, and it is made all the same.
        let made = admin.post("/api/trunks/", &fields).await.expect(200);
        let id = made["id"].to_string();
        let rows = owner.does(&ROWS.replace("{id}", &id));
        admin.delete(&format!("/api/trunks/{id}")).await.expect(200);
        all.push((provider, mode, columns(&rows, &id)));
    }
    assert_eq!(described(&all), include_str!("template_rows.txt"));
}

/// What all rows have in common comes first, and is not said again.
fn described(all: &[(&str, &str, Columns)]) -> String {
    let table = |column: &str| column.split('.').next().unwrap_or_default().to_owned();
    let mut common = Columns::new();
    for (_, _, columns) in all {
        common.extend(columns.clone());
    }
    for (_, _, columns) in all {
        let here: Vec<String> = columns.keys().map(|column| table(column)).collect();
        common.retain(|column, value| {
            !here.contains(&table(column)) || columns.get(column) == Some(value)
        });
    }
    let mut text = String::from("[all]\n");
    for (column, value) in &common {
        writeln!(text, "{column} = {value}").expect("text");
    }
    for (provider, mode, columns) in all {
        writeln!(text, "\n[{provider} by {mode}]").expect("text");
        let own = columns
            .iter()
            .filter(|(column, _)| !common.contains_key(*column));
        for (column, value) in own {
            writeln!(text, "{column} = {value}").expect("text");
        }
    }
    text
}
