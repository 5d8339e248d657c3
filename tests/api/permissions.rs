//! Who may do what over REST.

use reqwest::Method;
use serde_json::json;

use crate::support::pbx;

/// Every call that needs somebody.
fn calls(number: &str) -> Vec<(Method, String)> {
    let peer = format!("/api/peers/{number}");
    vec![
        (Method::GET, "/api/auth/me".into()),
        (Method::POST, "/api/auth/logout".into()),
        (Method::POST, "/api/auth/change-password".into()),
        (Method::GET, "/api/peers/".into()),
        (Method::POST, "/api/peers/".into()),
        (Method::GET, "/api/peers/generate-password".into()),
        (Method::GET, "/api/peers/weak-passwords".into()),
        (Method::GET, peer.clone()),
        (Method::PUT, peer.clone()),
        (Method::DELETE, peer.clone()),
        (Method::PATCH, format!("{peer}/codecs")),
        (Method::PATCH, format!("{peer}/user")),
        (Method::GET, "/api/cdr/".into()),
        (Method::GET, "/api/cdr/count".into()),
        (Method::GET, "/api/cdr/recent".into()),
        (Method::GET, "/api/calls/active".into()),
        (Method::GET, "/api/dashboard/status".into()),
    ]
}

#[tokio::test]
async fn the_anonymous_are_refused_everywhere() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let anonymous = pbx.anonymous();
    for (method, path) in calls(&ada.number) {
        let body = json!({"extension": "4711", "codecs": null, "user_id": null});
        let answer = anonymous
            .send(method.clone(), &path, |request| request.json(&body))
            .await;
        assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text);
        answer.expect_error(401, "unauthenticated");
    }
    assert_eq!(
        ada.new_phone().await.register().await,
        200,
        "nothing was changed"
    );
}

#[tokio::test]
async fn a_user_reads_the_own_extension_and_changes_none() {
    let pbx = pbx().await;
    let (own, other) = (pbx.ext().create().await, pbx.ext().create().await);
    let eva = pbx.person("user").await;
    let admin = pbx.admin().await;
    admin
        .patch(&format!("{}/user", own.path()), &json!({"user_id": eva.id}))
        .await
        .expect(200);

    eva.api.get(&own.path()).await.expect(200);
    eva.api
        .get(&other.path())
        .await
        .expect_error(403, "forbidden");
    let directory = eva.api.get("/api/peers/").await.expect(200);
    let secrets: Vec<_> = directory
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| &e["secret"])
        .collect();
    assert!(secrets.iter().all(|secret| **secret == "********"));
    for path in [own.path(), other.path()] {
        let name = json!({"caller_id": "Mallory"});
        eva.api
            .put(&path, &name)
            .await
            .expect_error(403, "forbidden");
        eva.api.delete(&path).await.expect_error(403, "forbidden");
        let codecs = json!({"codecs": "alaw"});
        eva.api
            .patch(&format!("{path}/codecs"), &codecs)
            .await
            .expect_error(403, "forbidden");
        let user = json!({"user_id": eva.id});
        eva.api
            .patch(&format!("{path}/user"), &user)
            .await
            .expect_error(403, "forbidden");
    }
    let new = json!({"extension": pbx.free_number()});
    eva.api
        .post("/api/peers/", &new)
        .await
        .expect_error(403, "forbidden");
    eva.api
        .get("/api/peers/weak-passwords")
        .await
        .expect_error(403, "forbidden");
}

#[tokio::test]
async fn a_user_sees_the_own_calls_only() {
    let pbx = pbx().await;
    let (ada, bob, eve) = (
        pbx.ext().phone().await,
        pbx.ext().phone().await,
        pbx.ext().phone().await,
    );
    let eva = pbx.person("user").await;
    let admin = pbx.admin().await;
    let path = format!("/api/peers/{}/user", ada.number);
    admin
        .patch(&path, &json!({"user_id": eva.id}))
        .await
        .expect(200);
    for (from, to) in [(&ada, &bob), (&bob, &eve)] {
        let mut out = from.dial(&to.number).await;
        to.rings().await.busy().await;
        assert_eq!(out.is_refused().await, 486);
    }
    crate::support::eventually("both calls are in the history", || async {
        let count = admin
            .get(&format!("/api/cdr/count?extension={}", bob.number))
            .await
            .expect(200);
        (count["count"] == 2).then_some(())
    })
    .await;

    let mine = eva.api.get("/api/cdr/").await.expect(200);
    let ends: Vec<_> = mine
        .as_array()
        .expect("a list")
        .iter()
        .map(|c| (&c["src"], &c["dst"]))
        .collect();
    assert_eq!(ends, [(&json!(ada.number), &json!(bob.number))]);
    assert_eq!(eva.api.get("/api/cdr/count").await.expect(200)["count"], 1);
    assert_eq!(eva.api.get("/api/cdr/recent").await.expect(200)["count"], 1);
    let asked = eva
        .api
        .get(&format!("/api/cdr/?extension={}", bob.number))
        .await
        .expect(200);
    assert_eq!(asked, json!([]), "nor by asking for another's");

    // A call in progress of others is not theirs either.
    let mut out = bob.dial(&eve.number).await;
    let call = eve.rings().await;
    call.ring().await;
    out.rings().await;
    crate::support::eventually("the call is shown to the admin", || async {
        let active = admin.get("/api/calls/active").await.expect(200);
        let calls = active["calls"].as_array().cloned().unwrap_or_default();
        calls
            .iter()
            .any(|call| call["caller"] == *bob.number)
            .then_some(())
    })
    .await;
    assert_eq!(
        eva.api.get("/api/calls/active").await.expect(200)["count"],
        0
    );
    call.busy().await;
    assert_eq!(out.is_refused().await, 486);
}

#[tokio::test]
async fn a_user_without_an_extension_has_no_calls() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    assert_eq!(eva.api.get("/api/cdr/").await.expect(200), json!([]));
    assert_eq!(eva.api.get("/api/cdr/count").await.expect(200)["count"], 0);
    assert_eq!(
        eva.api.get("/api/calls/active").await.expect(200)["count"],
        0
    );
}

#[tokio::test]
async fn who_must_change_the_password_can_do_nothing_else() {
    let pbx = pbx().await;
    let eva = pbx.person("admin").await;
    let owner = pbx.owner().await;
    owner.does(&format!(
        "update pbx.app_user set must_change_password = true where id = {}",
        eva.id
    ));
    let eva = pbx
        .anonymous()
        .log_in(&eva.name, crate::support::stack::ADMIN_PASSWORD)
        .await;
    eva.get("/api/peers/").await.expect_error(403, "forbidden");
    assert_eq!(
        eva.get("/api/auth/me").await.expect(200)["must_change_password"],
        true
    );
    let change = json!({
        "current_password": crate::support::stack::ADMIN_PASSWORD, "new_password": "nine-red-Foxes-77",
    });
    eva.post("/api/auth/change-password", &change)
        .await
        .expect(200);
    eva.get("/api/peers/").await.expect(200);
}
