//! `auth/sessions` and the own account.

use serde_json::json;

use super::has_shape;
use crate::support::pbx;
use crate::support::stack::ADMIN_PASSWORD;

#[tokio::test]
async fn somebody_sees_the_own_sessions_and_ends_one() {
    let pbx = pbx().await;
    let (eva, max) = (pbx.person("user").await, pbx.person("admin").await);
    let other = pbx.anonymous().log_in(&eva.name, ADMIN_PASSWORD).await;
    let sessions = eva.api.get("/api/auth/sessions").await.expect(200);
    let list = sessions.as_array().expect("a list");
    assert_eq!(list.len(), 2, "{sessions}");
    has_shape(
        &list[0],
        "id:text origin:text? user_agent:text? is_current:bool last_used_at:time expires_at:time created_at:time",
    );
    let not_this = list.iter().find(|session| session["is_current"] == false);
    let id = not_this.expect("the other one")["id"]
        .as_str()
        .expect("an id");
    let path = format!("/api/auth/sessions/{id}");
    max.api.delete(&path).await.expect_error(404, "not_found");
    other.get("/api/auth/me").await.expect(200);
    eva.api.delete(&path).await.expect(200);
    other
        .get("/api/auth/me")
        .await
        .expect_error(401, "unauthenticated");
    eva.api.delete(&path).await.expect_error(404, "not_found");
    eva.api
        .delete("/api/auth/sessions/nonsense")
        .await
        .expect_error(404, "not_found");
    eva.api.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_own_session_and_nobody_elses() {
    let pbx = pbx().await;
    let (eva, max) = (pbx.person("user").await, pbx.person("user").await);
    let other = pbx.anonymous().log_in(&eva.name, ADMIN_PASSWORD).await;
    eva.api.delete("/api/auth/sessions").await.expect(200);
    for session in [&eva.api, &other] {
        session
            .get("/api/auth/me")
            .await
            .expect_error(401, "unauthenticated");
    }
    max.api.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn using_a_session_is_noted_once_a_minute_and_not_at_every_request() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let owner = pbx.owner().await;
    let id = eva.id.to_string();
    owner.does(&format!(
        "update pbx.session set used_at = now() - interval '1 hour' where user_id = {id}"
    ));
    let recent = "select count(*) from pbx.session where user_id = $1::bigint and used_at > now() - interval '1 minute'";
    // The first use was the login's own request or this one; from then on nothing is written for a minute.
    eva.api.get("/api/auth/me").await.expect(200);
    assert_eq!(owner.count(recent, &[&id]).await, 1);
    owner.does(&format!(
        "update pbx.session set used_at = now() - interval '1 hour' where user_id = {id}"
    ));
    for _ in 0..5 {
        eva.api.get("/api/auth/me").await.expect(200);
    }
    assert_eq!(owner.count(recent, &[&id]).await, 0);
}

#[tokio::test]
async fn the_own_account_is_changed_and_what_is_left_out_stays() {
    let pbx = pbx().await;
    let (eva, max) = (pbx.person("user").await, pbx.person("user").await);
    let mail = format!("{}@example.com", eva.name);
    let draft = json!({"full_name": "Eva Groß", "email": mail, "language": "de"});
    let me = eva.api.put("/api/auth/me", &draft).await.expect(200);
    assert_eq!(
        (&me["email"], &me["language"]),
        (&json!(mail), &json!("de"))
    );
    let me = eva.api.put("/api/auth/me", &json!({})).await.expect(200);
    assert_eq!(
        (&me["full_name"], &me["email"]),
        (&json!("Eva Groß"), &json!(mail))
    );
    for (draft, field, code) in [
        (json!({"email": "nobody"}), "email", "invalid_email"),
        (json!({"email": "a@b, c@d"}), "email", "invalid_email"),
        (json!({"email": mail}), "email", "taken"),
        (json!({"language": "xx"}), "language", "invalid_language"),
        (
            json!({"full_name": "x".repeat(101)}),
            "full_name",
            "too_long",
        ),
        (
            json!({"full_name": "a\u{0}b"}),
            "full_name",
            "invalid_characters",
        ),
    ] {
        let answer = max.api.put("/api/auth/me", &draft).await;
        answer.expect_error(400, code);
        assert_eq!(answer.errors(field), [code], "{}", answer.text);
    }
    let role = json!({"role": "admin", "username": "root"});
    let me = eva.api.put("/api/auth/me", &role).await.expect(200);
    assert_eq!(
        (&me["role"], &me["username"]),
        (&json!("user"), &json!(eva.name))
    );
}
