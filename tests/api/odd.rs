//! Requests about extensions that no careful program sends.

use reqwest::Method;
use serde_json::json;

use crate::support::pbx;

#[tokio::test]
async fn two_who_take_the_same_number_at_once_do_not_both_get_it() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let body = json!({"extension": pbx.free_number()});
    let both = tokio::join!(
        admin.post("/api/peers/", &body),
        admin.post("/api/peers/", &body),
        admin.post("/api/peers/", &body)
    );
    let mut statuses = [both.0.status, both.1.status, both.2.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400]);
}

#[tokio::test]
async fn an_id_that_is_no_number_of_ours_names_nothing() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for (id, status) in [
        ("99999", 404),
        ("7", 404),
        ("0", 404),
        ("-1001", 404),
        ("99999999999999999999", 404),
        ("abc", 422),
        ("1001x", 422),
        ("%00", 422),
        ("%27", 422),
        ("%F0%9F%98%80", 422),
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let path = format!("/api/peers/{id}");
            let answer = admin
                .send(method.clone(), &path, |request| request.json(&json!({})))
                .await;
            assert_eq!(answer.status, status, "{method} {id}: {}", answer.text);
            assert!(
                answer.json["detail"].is_string(),
                "{method} {id}: {}",
                answer.text
            );
        }
    }
    admin
        .delete("/api/peers/%FF")
        .await
        .expect_one_of(&[400, 404, 422]);
}

#[tokio::test]
async fn unknown_fields_are_ignored_and_truth_has_many_words() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for (word, truth) in [("yes", true), ("off", false), ("1", true), ("FALSE", false)] {
        let body = json!({
            "extension": pbx.free_number(), "enabled": word, "foo": 1, "id": 77, "created_at": "1970-01-01T00:00:00Z",
        });
        let made = admin.post("/api/peers/", &body).await.expect(200);
        assert_eq!(made["enabled"], truth, "{word}");
        assert_ne!(made["id"], 77);
    }
    let answer = admin
        .post(
            "/api/peers/",
            &json!({"extension": pbx.free_number(), "enabled": "maybe"}),
        )
        .await;
    answer.expect_error(422, "malformed");
    assert_eq!(answer.errors("enabled"), ["malformed"]);
}

#[tokio::test]
async fn a_body_that_is_no_object_is_malformed() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for body in [
        "",
        "{",
        "[1,2]",
        "null",
        "\"x\"",
        "{\"extension\":\"1\"",
        "\u{0}",
        "{\"a\":1}}",
    ] {
        let answer = admin
            .send(Method::POST, "/api/peers/", |request| {
                request
                    .header("content-type", "application/json")
                    .body(body)
            })
            .await;
        answer.expect_error(422, "malformed");
    }
    let deep = format!(
        "{{\"extension\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let answer = admin
        .send(Method::POST, "/api/peers/", |request| request.body(deep))
        .await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    let empty = admin.post("/api/peers/", &json!({})).await;
    empty.expect_error(422, "required");
    assert_eq!(empty.errors("extension"), ["required"]);
    let huge = "x".repeat(2_000_000);
    let answer = admin
        .send(Method::POST, "/api/peers/", |request| request.body(huge))
        .await;
    assert!([413, 422].contains(&answer.status), "{}", answer.status);
}
