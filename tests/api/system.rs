//! `/`, `health`, `dashboard/status`, `calls/active`, and what every path has in common.

use reqwest::Method;
use serde_json::json;

use super::has_shape;
use crate::support::{eventually, pbx};

#[tokio::test]
async fn the_root_tells_programs_who_answers() {
    let pbx = pbx().await;
    for path in ["/", "/api", "/api/"] {
        let answer = pbx.anonymous().get(path).await;
        assert!(
            answer
                .header("content-type")
                .starts_with("application/json"),
            "{path}: {}",
            answer.text
        );
        let root = answer.expect(200);
        has_shape(&root, "name:text version:text status:text timestamp:time");
        assert_eq!(root["status"], "running");
    }
}

#[tokio::test]
async fn health_is_open_and_names_each_part() {
    let pbx = pbx().await;
    let health = pbx.anonymous().get("/api/health").await.expect(200);
    has_shape(&health, "status:text timestamp:time services:object");
    assert_eq!(health["status"], "healthy");
    let parts = json!({"api": "running", "asterisk": "connected", "database": "connected"});
    assert_eq!(health["services"], parts);
    pbx.anonymous().get("/api/health/").await.expect(200);
}

/// The value of a line of `/metrics`.
fn metric(text: &str, name: &str) -> f64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let line = line.unwrap_or_else(|| panic!("no {name} in {text}"));
    line.parse().expect("a number")
}

#[tokio::test]
async fn prometheus_reads_how_the_system_is_with_a_token_or_a_key_of_an_admin() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let admin = pbx.admin().await;
    pbx.anonymous().get("/metrics").await.expect(401);
    let user = pbx.person("user").await.api;
    user.get("/metrics").await.expect_error(403, "forbidden");

    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;
    eventually("the call is counted", || async {
        let answer = admin.get("/metrics").await;
        assert!(
            answer
                .header("content-type")
                .starts_with("application/openmetrics-text")
        );
        (metric(&answer.text, "gonopbx_calls{state=\"up\"}") >= 1.0).then_some(())
    })
    .await;
    out.hang_up().await;
    call.other_side_hangs_up().await;

    let answer = admin.get("/metrics").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for name in ["gonopbx_asterisk_connected", "gonopbx_database_connected"] {
        assert!(metric(&answer.text, name) >= 1.0, "{name}");
    }
    assert!(metric(&answer.text, "gonopbx_extensions_online") >= 2.0);
    let refused = r#"gonopbx_http_requests_total{method="GET",route="/metrics",status="401"}"#;
    assert!(metric(&answer.text, refused) >= 1.0);
    assert!(answer.text.ends_with("# EOF\n"), "{}", answer.text);
}

#[tokio::test]
async fn the_status_lists_every_enabled_extension() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    let off = pbx.ext().with("enabled", false).create().await;
    let admin = pbx.admin().await;
    let status = admin.get("/api/dashboard/status").await.expect(200);
    has_shape(
        &status,
        "timestamp:time version:text asterisk:text asterisk_since:time? endpoints:list system:object",
    );
    assert_eq!(status["asterisk"], "connected");
    has_shape(
        &status["system"],
        "health:text issues:list problems:list database:text api:text",
    );
    // What others do on this system at the same time may be a problem; the level follows from the worst.
    let problems = status["system"]["problems"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let issues = status["system"]["issues"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert_eq!(problems.len(), issues.len(), "{status}");
    for (problem, issue) in problems.iter().zip(&issues) {
        assert_eq!((&problem["detail"], issue.is_string()), (issue, true));
    }
    let order = ["healthy", "warning", "degraded", "critical"];
    let level = |word: &serde_json::Value| {
        order
            .iter()
            .position(|level| word == level)
            .expect("a level")
    };
    let worst = problems.iter().map(|p| level(&p["level"])).max();
    assert_eq!(
        level(&status["system"]["health"]),
        worst.unwrap_or(0),
        "{status}"
    );
    let endpoints = status["endpoints"].as_array().expect("a list");
    let mine = endpoints
        .iter()
        .find(|e| e["endpoint"] == *ada.number)
        .expect("in the list");
    has_shape(
        mine,
        "endpoint:text status:text rtt:number display_name:text type:text state:text",
    );
    assert_eq!(
        (&mine["status"], &mine["type"], &mine["display_name"]),
        (&json!("offline"), &json!("peer"), &json!("Ada"))
    );
    assert!(!endpoints.iter().any(|e| e["endpoint"] == *off.number));
}

#[tokio::test]
async fn active_calls_are_counted() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let active = admin.get("/api/calls/active").await.expect(200);
    has_shape(&active, "calls:list count:int timestamp:time");
    assert_eq!(
        active["count"].as_u64(),
        active["calls"].as_array().map(|calls| calls.len() as u64)
    );
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_told_in_json() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for path in ["/api/nothing", "/api/peers/1001/nothing", "/api/%00"] {
        admin.get(path).await.expect_error(404, "not_found");
        pbx.anonymous()
            .get(path)
            .await
            .expect_error(404, "not_found");
    }
    for (method, path) in [
        (Method::DELETE, "/api/peers/"),
        (Method::PATCH, "/api/peers/1001"),
        (Method::POST, "/api/cdr/"),
        (Method::GET, "/api/auth/logout"),
        (Method::PUT, "/api/health"),
    ] {
        let answer = admin.send(method.clone(), path, |request| request).await;
        assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text);
        answer.expect_error(405, "method_not_allowed");
        assert!(
            !answer.header("allow").is_empty(),
            "{method} {path} does not say what is allowed"
        );
    }
}

#[tokio::test]
async fn an_error_is_told_in_the_language_of_the_client_and_its_code_is_not() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let mut sentences = Vec::new();
    for language in ["de-DE,de;q=0.9", "en", "fr", ""] {
        let answer = admin
            .send(Method::POST, "/api/peers/", |request| {
                request
                    .header("accept-language", language)
                    .json(&json!({"extension": "01"}))
            })
            .await;
        answer.expect_error(400, "invalid_number");
        sentences.push(
            answer.json["detail"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    assert_ne!(sentences[0], sentences[1]);
    assert_eq!(
        sentences[1], sentences[2],
        "a language we do not have is answered in English"
    );
    assert_eq!(sentences[1], sentences[3]);
}

#[tokio::test]
async fn every_answer_is_protected_and_has_an_id() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for path in [
        "/",
        "/api/health",
        "/api/peers/",
        "/api/nothing",
        "/login",
        "/nothing",
    ] {
        let answer = admin.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'self'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "",
            "CORS is off: {path}"
        );
        assert!(answer.header("server").is_empty(), "{path}");
    }
    let peers = admin.get("/api/peers/").await;
    assert!(peers.header("cache-control").contains("no-store"));
}
