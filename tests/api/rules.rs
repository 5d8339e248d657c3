//! The rules that hold for every call, checked on every call that `openapi.json` describes.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};

use super::document::{Document, Operation};
use crate::support::client::{Answer, Api};
use crate::support::{Pbx, pbx};

/// Things there are, by the names that paths have for them.
struct Things {
    peer: String,
    trunk: String,
    route: String,
    forward: String,
    message: String,
}

impl Things {
    async fn of(pbx: &Pbx) -> Self {
        let admin = pbx.admin().await;
        let peer = pbx.ext().name("Ada").create().await.number;
        let trunk = json!({"name": format!("Rules {peer}"), "provider": "custom", "sip_server": "192.0.2.9", "username": "u", "password": "p"});
        let trunk = admin.post("/api/trunks/", &trunk).await.expect(200)["id"].to_string();
        let did = format!("+4942177{peer}");
        let route = json!({"did": did, "trunk_id": trunk, "destination_extension": peer});
        let route = admin.post("/api/routes/", &route).await.expect(200)["id"].to_string();
        let forward = json!({"extension": peer, "forward_type": "busy", "destination": "0421555", "enabled": false});
        let forward = admin.post("/api/callforward/", &forward).await.expect(200)["id"].to_string();
        admin
            .put(&format!("/api/voicemail/mailbox/{peer}"), &json!({}))
            .await
            .expect(200);
        pbx.owner().await.add_message(&peer, "Eva").await;
        let messages = admin
            .get(&format!("/api/voicemail/?mailbox={peer}"))
            .await
            .expect(200);
        Self {
            message: messages[0]["id"].to_string(),
            peer,
            trunk,
            route,
            forward,
        }
    }

    /// A path of something there is; none where the tests have nothing of that kind.
    fn fill(&self, path: &str) -> Option<String> {
        let id = match path.split('/').nth(2)? {
            "peers" => &self.peer,
            "trunks" => &self.trunk,
            "routes" => &self.route,
            "callforward" => &self.forward,
            "voicemail" => &self.message,
            _ if path.contains("{id}") => return None,
            _ => &self.peer,
        };
        let filled = path
            .replace("{id}", id)
            .replace("{extension}", &self.peer)
            .replace("{number}", &self.peer);
        (!filled.contains('{')).then_some(filled)
    }
}

async fn ask(api: &Api, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let method: Method = method.parse().expect("a method");
    api.send(method, path, |request| match body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

/// Nobody there, whatever the path names.
fn elsewhere(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "99999" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn is_error(answer: &Answer) -> bool {
    let body = &answer.json;
    body["detail"].is_string() && body["code"].is_string() && body["errors"].is_object()
}

/// What the server has, by path.
fn calls_of_the_server() -> BTreeMap<String, BTreeSet<String>> {
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let routes = gonopbx::web::routes().into_iter();
    for route in routes.filter(|route| route.path.starts_with("/api")) {
        let methods = calls.entry(route.path).or_default();
        methods.insert(route.method.to_string());
    }
    calls
}

#[tokio::test]
async fn every_path_of_the_code_is_described_with_the_methods_the_server_has() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let document = Document::of(&pbx.anonymous()).await;
    let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in document.operations() {
        described
            .entry(operation.path)
            .or_default()
            .insert(operation.method);
    }
    assert_eq!(calls_of_the_server(), described);
    let mut complaints = Vec::new();
    for (path, methods) in &described {
        let answer = ask(&admin, "PROPFIND", &elsewhere(path), None).await;
        let allowed = answer
            .header("allow")
            .split(',')
            .map(str::trim)
            .filter(|m| *m != "HEAD");
        let allowed: BTreeSet<String> = allowed.map(str::to_owned).collect();
        // A path that is written out also answers as the one with a name in it.
        if answer.status != 405 || !is_error(&answer) || allowed != *methods {
            complaints.push(format!(
                "{path}: {} {allowed:?}, described {methods:?}",
                answer.status
            ));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test]
async fn strangers_are_answered_401_and_nobody_else() {
    let pbx = pbx().await;
    let (admin, anonymous) = (pbx.admin().await, pbx.anonymous());
    let document = Document::of(&anonymous).await;
    for operation in document
        .operations()
        .iter()
        .filter(|operation| !operation.is_open())
    {
        let path = elsewhere(&operation.path);
        for path in [path.clone(), format!("{path}/")] {
            let answer = ask(&anonymous, &operation.method, &path, Some(&json!({}))).await;
            answer.expect_error(401, "unauthenticated");
            assert!(is_error(&answer), "{}", answer.text);
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{path}");
        }
        // Other tests go on with this session.
        if !["/api/auth/logout", "/api/auth/sessions"].contains(&&*operation.path) {
            let answer = ask(&admin, &operation.method, &path, Some(&json!({}))).await;
            assert_ne!(answer.status, 401, "{} {path}", operation.method);
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_no_id_is_422() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let document = Document::of(&admin).await;
    let by_id = |operation: &&Operation<'_>| {
        operation.value["parameters"][0]["schema"]["type"] == "integer"
            && operation.path.contains("{id}")
    };
    for operation in document.operations().iter().filter(by_id) {
        let method = &operation.method;
        let path = |id: &str| operation.path.replace("{id}", id);
        let body = operation
            .fields()
            .map(|_| json!({"codecs": null, "user_id": null}));
        let answer = ask(&admin, method, &path("99999"), body.as_ref()).await;
        assert!(
            answer.status == 404 || (answer.status == 422 && body.is_some()),
            "{method} {}: {}",
            operation.path,
            answer.text
        );
        assert!(is_error(&answer), "{}", answer.text);
        let answer = ask(&admin, method, &path("abc"), body.as_ref()).await;
        assert_eq!(
            answer.status, 422,
            "{method} {}: {}",
            operation.path, answer.text
        );
        assert!(is_error(&answer), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_limit_is_a_number_from_1_to_500() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let document = Document::of(&admin).await;
    let mut limited = 0;
    for operation in document
        .operations()
        .iter()
        .filter(|operation| operation.takes("limit"))
    {
        limited += 1;
        for (limit, status) in [
            ("0", 422),
            ("501", 422),
            ("abc", 422),
            ("-1", 422),
            ("", 422),
            ("1", 200),
            ("500", 200),
        ] {
            let answer = admin
                .get(&format!("{}?limit={limit}", operation.path))
                .await;
            assert_eq!(
                answer.status, status,
                "{} {limit:?}: {}",
                operation.path, answer.text
            );
            if status == 422 {
                assert_eq!(answer.errors("limit"), ["malformed"], "{}", answer.text);
            }
        }
    }
    assert!(limited >= 4, "lists with a limit: {limited}");
}

#[tokio::test]
async fn what_can_be_read_is_json_as_described_with_times_in_utc() {
    let pbx = pbx().await;
    let (admin, things) = (pbx.admin().await, Things::of(&pbx).await);
    let document = Document::of(&admin).await;
    let mut complaints = Vec::new();
    for operation in document
        .operations()
        .iter()
        .filter(|operation| operation.method == "GET")
    {
        let Some(path) = things.fill(&operation.path) else {
            continue;
        };
        let is_json =
            operation.value["responses"]["200"]["content"]["application/json"].is_object();
        let plain = admin.get(&path).await;
        let with_slash = admin.get(&format!("{path}/")).await;
        if (plain.status, with_slash.status) != (200, 200) {
            complaints.push(format!(
                "{path}: {} and with a slash {}",
                plain.status, with_slash.status
            ));
        }
        if is_json {
            if plain.header("content-type") != "application/json" {
                complaints.push(format!("{path}: {}", plain.header("content-type")));
            }
            complaints.extend(document.complaints("GET", &path, plain.status, &plain.json));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What no field takes gladly.
fn odd_values() -> Vec<Value> {
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    vec![
        json!("\0"),
        json!("a\0b"),
        json!("x".repeat(10_000)),
        json!("９".repeat(300)),
        json!([]),
        json!({"a": {"b": null}}),
        json!(1e300),
        json!(-1),
        json!(i64::MAX),
        json!(1.5),
        json!("'; drop table pbx.trunk; --"),
        deep,
    ]
}

#[tokio::test]
async fn no_body_makes_an_error_500() {
    let pbx = pbx().await;
    let (admin, things) = (pbx.admin().await, Things::of(&pbx).await);
    let document = Document::of(&admin).await;
    let mut complaints = Vec::new();
    let takes_fields = |operation: &&Operation<'_>| {
        // Throttled, and the sessions of the tests.
        operation.fields().is_some()
            && !operation.path.starts_with("/api/auth")
            && !operation.path.starts_with("/api/settings")
    };
    for operation in document.operations().iter().filter(takes_fields) {
        let path = things
            .fill(&operation.path)
            .unwrap_or_else(|| elsewhere(&operation.path));
        let method = &operation.method;
        for text in [
            "",
            "{",
            "[1,2]",
            "null",
            "\"x\"",
            "\u{0}",
            &"[".repeat(5_000),
        ] {
            let answer = admin
                .send(method.parse().expect("a method"), &path, |request| {
                    request
                        .header("content-type", "application/json")
                        .body(text.to_owned())
                })
                .await;
            if answer.status != 422 || !is_error(&answer) {
                complaints.push(format!(
                    "{method} {path} {text:.10}: {} {}",
                    answer.status, answer.text
                ));
            }
        }
        for field in operation.fields().unwrap_or_default() {
            for value in odd_values() {
                let answer = ask(&admin, method, &path, Some(&json!({field: value}))).await;
                if answer.status >= 500 || (answer.status >= 400 && !is_error(&answer)) {
                    let value: String = value.to_string().chars().take(30).collect();
                    complaints.push(format!(
                        "{method} {path} {field}={value}: {} {}",
                        answer.status, answer.text
                    ));
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test]
async fn put_keeps_what_it_does_not_name_and_ignores_what_nobody_knows() {
    let pbx = pbx().await;
    let (admin, things) = (pbx.admin().await, Things::of(&pbx).await);
    let document = Document::of(&admin).await;
    let mut tried = 0;
    for operation in document
        .operations()
        .iter()
        .filter(|operation| operation.method == "PUT")
    {
        let Some(path) = things.fill(&operation.path) else {
            continue;
        };
        let required =
            &operation.value["requestBody"]["content"]["application/json"]["schema"]["required"];
        if !operation.path.contains('{')
            || required.as_array().is_some_and(|fields| !fields.is_empty())
        {
            continue;
        }
        tried += 1;
        let read = |answer: &Value| {
            let mut object = answer.clone();
            object
                .as_object_mut()
                .expect("an object")
                .retain(|name, _| name != "updated_at" && name != "live");
            object
        };
        let before = admin.get(&path).await.expect(200);
        let saved = admin
            .put(
                &path,
                &json!({"foo": 1, "created_at": "1970-01-01T00:00:00Z"}),
            )
            .await
            .expect(200);
        assert_eq!(read(&saved), read(&before), "{path}");
        // Written back as it was read, masks and all.
        let saved = admin.put(&path, &before).await.expect(200);
        assert_eq!(read(&saved), read(&before), "{path}");
    }
    assert!(tried >= 5, "objects that were changed: {tried}");
}
