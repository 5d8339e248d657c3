//! Text that would mean something to SQL, to the dialplan, to AMI or to HTTP, wherever text is taken.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::db::Database;
use crate::support::html::forms;
use crate::support::{own_pbx, pbx};

const SQL: [&str; 10] = [
    "'",
    "' or '1'='1",
    "1; drop table pbx.extension",
    "'; delete from pbx.app_user; --",
    "number desc; select pg_sleep(5)",
    "(select password_hash from pbx.app_user limit 1)",
    "\\'; copy (select 1) to program 'id'; --",
    "%' union select null, username, password_hash from pbx.app_user --",
    "$1",
    "\"; drop schema pbx cascade; --",
];

/// Everything that must be there after all of it.
const COUNTED: &str =
    "select (select count(*) from pbx.app_user where username = 'admin') * 1000000
    + (select count(*) from information_schema.tables where table_schema in ('pbx', 'public'))";

async fn counted(owner: &Database) -> i64 {
    owner.count(COUNTED, &[]).await
}

/// Each operation of the description: method, path with something in it, and its object.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            if let Ok(method) = method.to_uppercase().parse() {
                all.push((method, path.clone(), operation.clone()));
            }
        }
    }
    assert!(all.len() > 50, "{}", all.len());
    all
}

#[tokio::test]
async fn every_parameter_of_every_list_takes_sql_for_text() {
    let pbx = pbx().await;
    let (admin, owner) = (pbx.admin().await, pbx.owner().await);
    let ada = pbx.ext().create().await;
    let before = counted(&owner).await;
    let document = admin.get("/api/openapi.json").await.expect(200);
    let mut tried = 0;
    for (method, path, operation) in operations(&document) {
        if method != Method::GET || path.ends_with("/ws") {
            continue;
        }
        let path = path.trim_start_matches("/api");
        let names: Vec<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        for sql in SQL {
            let value: String = reqwest::Url::parse_with_params("http://x/", [("v", sql)])
                .expect("an address")
                .query()
                .unwrap_or_default()
                .replacen("v=", "", 1);
            let in_path: Vec<&str> = path.split('/').collect();
            let filled: Vec<String> = in_path
                .iter()
                .map(|part| {
                    if part.starts_with('{') {
                        value.replace('+', "%20")
                    } else {
                        (*part).to_owned()
                    }
                })
                .collect();
            let filled = filled.join("/");
            let mut asked = vec![format!("/api{filled}")];
            if !path.contains('{') {
                asked.extend(
                    names
                        .iter()
                        .map(|name| format!("/api{path}?{name}={value}")),
                );
                // Names that nobody has asked for.
                asked.extend(
                    ["sort", "order", "order_by"].map(|name| format!("/api{path}?{name}={value}")),
                );
            }
            for path in asked {
                tried += 1;
                let answer = admin.get(&path).await;
                assert!(
                    [200, 400, 404, 422].contains(&answer.status),
                    "{path}: {} {}",
                    answer.status,
                    answer.text
                );
                assert!(!answer.text.contains("$argon2"), "{path}");
            }
        }
    }
    assert!(tried > 300, "{tried}");
    // The lists of the pages sort by keys of their own.
    let visitor = pbx.visitor("en").await;
    for path in [
        "/extensions",
        "/calls",
        "/trunks",
        "/numbers",
        "/voicemail",
        "/changes",
    ] {
        for sql in SQL {
            for name in ["q", "sort", "state", "after", "direction", "from"] {
                let url = reqwest::Url::parse_with_params(
                    &format!("{}{path}", visitor.url()),
                    [(name, sql)],
                );
                let page = visitor
                    .send(visitor.client().get(url.expect("an address")))
                    .await;
                assert!(page.status < 500, "{path} {name}={sql}: {}", page.status);
                assert!(!page.html.contains("$argon2"), "{path} {name}={sql}");
            }
        }
    }
    assert_eq!(counted(&owner).await, before);
    admin.get(&ada.path()).await.expect(200);
}

#[tokio::test]
async fn every_text_is_refused_or_kept_as_it_is() {
    let pbx = own_pbx("sql").await;
    let (admin, owner) = (pbx.admin().await, pbx.owner().await);
    let ada = pbx.ext().create().await;
    let before = counted(&owner).await;
    let document = admin.get("/api/openapi.json").await.expect(200);
    let (mut tried, mut kept) = (0, 0);
    for (method, path, operation) in operations(&document) {
        let schema =
            &operation["requestBody"]["content"]["application/json"]["schema"]["properties"];
        let Some(fields) = schema.as_object() else {
            continue;
        };
        if path.contains("/auth/") || path.contains("/users") {
            continue;
        }
        let path = path
            .replace("{extension}", &ada.number)
            .replace("{id}", &ada.number);
        let path = if path.starts_with("/api") {
            path
        } else {
            format!("/api{path}")
        };
        for field in fields.keys() {
            for sql in SQL {
                tried += 1;
                let answer = admin
                    .send(method.clone(), &path, |request| {
                        request.json(&json!({field: sql}))
                    })
                    .await;
                assert!(
                    answer.status < 500,
                    "{method} {path} {field}={sql}: {}",
                    answer.text
                );
                if answer.status == 200
                    && answer.json[field].is_string()
                    && !field.contains("password")
                    && answer.json[field] != "********"
                {
                    assert_eq!(answer.json[field], sql, "{method} {path} {field}");
                    kept += 1;
                }
            }
        }
    }
    assert!(tried > 300 && kept > 10, "{tried} {kept}");
    assert_eq!(counted(&owner).await, before);
    admin.get(&ada.path()).await.expect(200);
}

#[tokio::test]
async fn a_line_break_reaches_neither_asterisk_nor_a_header() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let evil = "1002\r\nAction: Command\r\nCommand: core stop now\r\n\r\n";
    for fields in [
        json!({"extension": ada.number, "number": evil}),
        json!({"extension": evil, "number": "1002"}),
        json!({"extension": ada.number, "number": "1002\nVariable: X=1"}),
        json!({"extension": ada.number, "number": "1002,1,System(id)"}),
        json!({"extension": ada.number, "number": "${SHELL(id)}"}),
        json!({"extension": ada.number, "number": "1002&PJSIP/1003"}),
        json!({"extension": ada.number, "number": "1002@from-trunk"}),
    ] {
        let answer = admin.post("/api/calls/originate", &fields).await;
        assert!(
            [400, 404, 422].contains(&answer.status),
            "{fields}: {} {}",
            answer.status,
            answer.text
        );
    }
    for (field, value) in [
        ("caller_id", "Ada\r\nX-Evil: 1"),
        ("caller_id", "Ada\nEvil"),
        ("pickup_group", "1,2\r\nsystem"),
        ("context", "internal\r\nx"),
        ("codecs", "alaw\nulaw\r\n[x]"),
        ("secret", "abc\r\ndef-123-XYZ"),
    ] {
        let answer = admin.put(&ada.path(), &json!({field: value})).await;
        assert!(
            [400, 422].contains(&answer.status),
            "{field}: {} {}",
            answer.status,
            answer.text
        );
    }
    let forward =
        |to: &str| json!({"extension": ada.number, "forward_type": "busy", "destination": to});
    for to in [
        "1002)&System(id",
        "0171${SHELL(id)}",
        "1002,20,tT",
        "1002|x",
        "0171\r\n1234",
        "*98",
        "1002@internal",
        "Local/1002",
    ] {
        let answer = admin.post("/api/callforward/", &forward(to)).await;
        assert!(
            [400, 422].contains(&answer.status),
            "{to:?}: {} {}",
            answer.status,
            answer.text
        );
    }
    for path in [
        "/login?next=/%0d%0aSet-Cookie:%20evil=1",
        "/login?next=https://evil.example/",
        "/login?next=//evil.example",
        "/extensions?after=%0d%0aX-Evil:1",
        "/api/peers/export?q=%0d%0aX-Evil:1",
        "/api/cdr/export?src=1001%0d%0aX-Evil:1",
    ] {
        let answer = admin.get(path).await;
        assert!(answer.status < 500, "{path}");
        for name in ["x-evil", "set-cookie"] {
            assert!(
                !answer.header(name).contains("evil") && answer.header("x-evil").is_empty(),
                "{path}"
            );
        }
    }
    let page = pbx
        .visitor("en")
        .await
        .open("/login?next=/%0d%0aevil")
        .await;
    assert!(
        forms(&page.html)
            .iter()
            .all(|form| !form.action.contains("evil")),
        "{}",
        page.html
    );
    assert!(
        pbx.cli("core show uptime").await.contains("System uptime"),
        "Asterisk goes on"
    );
}
