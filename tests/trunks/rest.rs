//! `trunks/*`: names, shapes and codes.

use serde_json::{Value, json};

use super::{Trunk, draft, next_name};
use crate::support::provider::Provider;
use crate::support::{Pbx, pbx};

const FIELDS: [&str; 16] = [
    "id",
    "name",
    "provider",
    "auth_mode",
    "sip_server",
    "transport",
    "username",
    "password",
    "from_user",
    "caller_id",
    "number_block",
    "context",
    "codecs",
    "enabled",
    "created_at",
    "updated_at",
];

#[track_caller]
pub(super) fn has_fields(object: &Value, fields: &[&str]) {
    let mut there: Vec<&str> = object
        .as_object()
        .unwrap_or_else(|| panic!("no object: {object}"))
        .keys()
        .map(String::as_str)
        .filter(|name| *name != "live")
        .collect();
    let mut wanted = fields.to_vec();
    there.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(there, wanted, "{object}");
}

#[track_caller]
pub(super) fn is_time(value: &Value) {
    let text = value.as_str().unwrap_or_default();
    let legal = text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok();
    assert!(legal, "{value} is no time in UTC");
}

#[tokio::test]
async fn a_trunk_is_made_read_changed_and_deleted() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    let draft = draft(&pbx, &provider);
    let numbers = draft.numbers;
    let draft = draft.with("caller_id", numbers.national(0));
    let mut fields = draft.fields.clone();
    fields.insert("no_such_field".into(), json!(1));
    let made = admin
        .post("/api/trunks", &Value::Object(fields))
        .await
        .expect(200);
    has_fields(&made, &FIELDS);
    let (id, name) = (made["id"].as_i64().expect("an id"), made["name"].clone());
    let secret = draft.fields["password"].clone();
    let expected = [
        ("provider", json!("custom")),
        ("auth_mode", json!("registration")),
        ("sip_server", json!(provider.server())),
        ("transport", json!("udp")),
        ("username", draft.fields["username"].clone()),
        ("password", secret.clone()),
        ("from_user", Value::Null),
        ("caller_id", json!(numbers.national(0))),
        ("number_block", json!(numbers.text())),
        ("context", json!("from-trunk")),
        ("codecs", json!("ulaw,alaw,g722")),
        ("enabled", json!(true)),
    ];
    for (field, value) in &expected {
        assert_eq!(made[field], *value, "{field}");
    }
    is_time(&made["created_at"]);
    is_time(&made["updated_at"]);

    let path = format!("/api/trunks/{id}");
    let read = admin.get(&path).await.expect(200);
    has_fields(&read, &FIELDS);
    assert_eq!(read["password"], "********", "a password is shown once");
    let listed = admin.get("/api/trunks/").await.expect(200);
    let listed = listed.as_array().cloned().unwrap_or_default();
    let mine = listed.iter().find(|trunk| trunk["id"] == id);
    assert_eq!(mine, Some(&read), "the list says the same");

    // What is not named stays; null empties.
    let saved = admin
        .put(&path, &json!({"codecs": "alaw"}))
        .await
        .expect(200);
    for (field, value) in &expected {
        match *field {
            "codecs" => assert_eq!(saved[field], "alaw"),
            "password" => assert_eq!(saved[field], "********"),
            _ => assert_eq!(saved[field], *value, "{field}"),
        }
    }
    let saved = admin
        .put(
            &format!("{path}/"),
            &json!({"caller_id": null, "number_block": null, "codecs": null}),
        )
        .await
        .expect(200);
    assert_eq!(saved["caller_id"], Value::Null);
    assert_eq!(saved["number_block"], Value::Null);
    assert_eq!(saved["codecs"], "ulaw,alaw,g722");
    assert!(saved["updated_at"].as_str() > made["updated_at"].as_str());
    assert_eq!(saved["created_at"], made["created_at"]);

    let gone = admin.delete(&path).await.expect(200);
    assert_eq!((&gone["status"], &gone["name"]), (&json!("deleted"), &name));
    admin.get(&path).await.expect_error(404, "not_found");
    admin
        .put(&path, &json!({}))
        .await
        .expect_error(404, "not_found");
    admin.delete(&path).await.expect_error(404, "not_found");
}

async fn refused(pbx: &Pbx, fields: Value, status: u16, field: &str, code: &str) {
    let admin = pbx.admin().await;
    let answer = admin.post("/api/trunks/", &fields).await;
    answer.expect_error(status, code);
    assert!(
        answer.errors(field).contains(&code),
        "{fields}: {}",
        answer.text
    );
}

#[tokio::test]
async fn what_is_missing_or_unknown_is_told_at_its_field() {
    let pbx = pbx().await;
    let name = next_name().0;
    let login =
        json!({"name": name, "provider": "plusnet_basic", "username": "u", "password": "p"});
    let but = |field: &str, value: Value| {
        let mut fields = login.clone();
        fields[field] = value;
        fields
    };
    refused(&pbx, but("name", Value::Null), 422, "name", "required").await;
    refused(
        &pbx,
        but("provider", Value::Null),
        422,
        "provider",
        "required",
    )
    .await;
    refused(
        &pbx,
        but("provider", json!("foo")),
        400,
        "provider",
        "unknown_provider",
    )
    .await;
    let code = "credentials_required";
    refused(&pbx, but("username", Value::Null), 400, "username", code).await;
    refused(&pbx, but("password", Value::Null), 400, "password", code).await;
    refused(
        &pbx,
        but("auth_mode", json!("banana")),
        400,
        "auth_mode",
        "invalid_auth_mode",
    )
    .await;
    for transport in ["sctp", "tls;lr", ""] {
        let mut fields = but("provider", json!("custom"));
        fields["sip_server"] = json!("sip.example.com");
        fields["transport"] = json!(transport);
        refused(&pbx, fields, 400, "transport", "invalid_transport").await;
    }
    refused(
        &pbx,
        but("context", json!("internal")),
        400,
        "context",
        "invalid_context",
    )
    .await;
    refused(
        &pbx,
        but("codecs", json!("foo")),
        400,
        "codecs",
        "unknown_codec",
    )
    .await;
    refused(
        &pbx,
        but("caller_id", json!("x")),
        400,
        "caller_id",
        "invalid_did",
    )
    .await;
    for provider in ["custom", "telekom_companyflex"] {
        refused(
            &pbx,
            but("provider", json!(provider)),
            400,
            "sip_server",
            "server_required",
        )
        .await;
    }
    for server in [
        "a b",
        "host:0",
        "-x",
        "sip:host",
        "a..b",
        "[::1",
        "http://x/",
    ] {
        let mut fields = but("provider", json!("custom"));
        fields["sip_server"] = json!(server);
        refused(&pbx, fields, 400, "sip_server", "invalid_host").await;
    }
    let answer = pbx.admin().await.post("/api/trunks/", &json!([])).await;
    answer.expect_error(422, "malformed");
}

#[tokio::test]
async fn what_is_too_long_is_told_with_its_limit() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let login = json!({
        "name": next_name().0, "provider": "plusnet_basic", "username": "u", "password": "p",
    });
    for (field, limit) in [
        ("name", 100),
        ("username", 40),
        ("password", 80),
        ("from_user", 40),
    ] {
        let mut long = login.clone();
        long[field] = json!("x".repeat(limit + 1));
        let answer = admin.post("/api/trunks/", &long).await;
        answer.expect_error(400, "too_long");
        let sentence = answer.json["detail"].as_str().unwrap_or_default();
        assert!(
            sentence.contains(&limit.to_string()),
            "it says the limit: {sentence}"
        );
    }
}

#[tokio::test]
async fn the_status_has_the_recorded_form() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().create().await;
    trunk.leads(1, &ada.number).await;
    let status = trunk.status().await;
    has_fields(
        &status,
        &["trunk", "registration", "endpoint", "routes", "stats"],
    );
    let known = [
        "status",
        "since",
        "expires",
        "last_response",
        "next_attempt",
    ];
    has_fields(&status["registration"], &known);
    for field in ["state", "rtt", "contact_uri"] {
        assert!(status["endpoint"].get(field).is_some(), "{field}: {status}");
    }
    assert_eq!(status["routes"].as_array().map(Vec::len), Some(1));
    assert_eq!(status["routes"][0]["did"], trunk.numbers.plus(1));
    let none = json!({"calls_today": 0, "calls_week": 0, "inbound_today": 0, "outbound_today": 0});
    assert_eq!(status["stats"], none);
    trunk.delete().await;
}

#[tokio::test]
async fn only_an_admin_sees_and_changes_trunks_and_routes() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().create().await;
    let route = trunk.leads(1, &ada.number).await;
    let route = format!("/api/routes/{}", route["id"]);
    let user = pbx.person("user").await.api;
    let status = format!("{}/status", trunk.path());
    for path in [
        "/api/trunks/",
        "/api/trunks/available-dids",
        &trunk.path(),
        &status,
        "/api/routes/",
        &route,
    ] {
        user.get(path).await.expect_error(403, "forbidden");
        pbx.anonymous()
            .get(path)
            .await
            .expect_error(401, "unauthenticated");
    }
    for path in [&trunk.path(), &route] {
        user.put(path, &json!({}))
            .await
            .expect_error(403, "forbidden");
        user.delete(path).await.expect_error(403, "forbidden");
    }
    for path in ["/api/trunks/", "/api/routes/"] {
        user.post(path, &json!({}))
            .await
            .expect_error(403, "forbidden");
    }
    trunk.delete().await;
}
