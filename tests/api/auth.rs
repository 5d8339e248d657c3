//! `auth/*`

use reqwest::Method;
use serde_json::{Value, json};

use super::has_shape;
use super::token::claims;
use crate::support::pbx;
use crate::support::stack::ADMIN_PASSWORD;

#[tokio::test]
async fn a_login_gives_a_token_and_says_who_it_is() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let answer = pbx
        .anonymous()
        .post(
            "/api/auth/login",
            &json!({"username": eva.name, "password": ADMIN_PASSWORD}),
        )
        .await
        .expect(200);
    has_shape(&answer, "access_token:text token_type:text user:object");
    assert_eq!(answer["token_type"], "bearer");
    has_shape(
        &answer["user"],
        "id:int username:text role:text full_name:text extension:text? must_change_password:bool",
    );
    let user = &answer["user"];
    assert_eq!(
        (&user["id"], &user["username"], &user["role"]),
        (&json!(eva.id), &json!(eva.name), &json!("user"))
    );

    let token = answer["access_token"].as_str().unwrap_or_default();
    let claims = claims(token);
    assert_eq!(claims["sub"], *eva.name, "sub is the user name: {claims}");
    let valid = claims["exp"]
        .as_i64()
        .zip(claims["iat"].as_i64())
        .map(|(exp, iat)| exp - iat);
    assert_eq!(valid, Some(24 * 3600));
}

#[tokio::test]
async fn the_name_may_be_written_in_any_case() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let session = pbx
        .anonymous()
        .log_in(&eva.name.to_uppercase(), ADMIN_PASSWORD)
        .await;
    let me = session.get("/api/auth/me").await.expect(200);
    assert_eq!(me["username"], *eva.name);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let anonymous = pbx.anonymous();
    let mut told = Vec::new();
    for (username, password) in [
        (eva.name.as_str(), "nope"),
        ("somebody-else", "nope"),
        (eva.name.as_str(), ""),
        ("", "nope"),
        ("a\0b", "nope"),
        ("' or 1=1 --", "nope"),
    ] {
        let body = json!({"username": username, "password": password});
        let answer = anonymous.post("/api/auth/login", &body).await;
        answer.expect_error(401, "login_failed");
        told.push(answer.text);
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    let long = json!({"username": "x".repeat(5000), "password": "y".repeat(5000)});
    anonymous
        .post("/api/auth/login", &long)
        .await
        .expect_error(401, "login_failed");
}

#[tokio::test]
async fn a_login_that_cannot_be_read_says_which_field_is_wrong() {
    let pbx = pbx().await;
    let anonymous = pbx.anonymous();
    for (body, field, code) in [
        (json!({"username": "admin"}), "password", "required"),
        (json!({"password": "x"}), "username", "required"),
        (
            json!({"username": 1, "password": "x"}),
            "username",
            "malformed",
        ),
        (
            json!({"username": "x", "password": null}),
            "password",
            "malformed",
        ),
        (
            json!({"username": ["x"], "password": {}}),
            "password",
            "malformed",
        ),
        (json!([1, 2]), "body", "malformed"),
        (Value::Null, "body", "malformed"),
    ] {
        let answer = anonymous.post("/api/auth/login", &body).await;
        answer.expect_error(422, answer.json["code"].as_str().unwrap_or_default());
        assert!(
            answer.errors(field).contains(&code),
            "{body}: {}",
            answer.text
        );
    }
    for (kind, body) in [
        ("application/json", ""),
        ("application/json", "{nope"),
        (
            "application/x-www-form-urlencoded",
            "username=admin&password=x",
        ),
        ("text/plain", "\u{0}\u{1}"),
    ] {
        let answer = anonymous
            .send(Method::POST, "/api/auth/login", |request| {
                request.header("content-type", kind).body(body)
            })
            .await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        assert_eq!(answer.json["code"], "malformed", "{body}: {}", answer.text);
    }
    let get = anonymous.get("/api/auth/login").await;
    assert_eq!((get.status, get.header("allow")), (405, "POST"));
    assert_eq!(get.json["code"], "method_not_allowed", "{}", get.text);
}

#[tokio::test]
async fn me_is_who_the_token_belongs_to() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let me = eva.api.get("/api/auth/me").await.expect(200);
    has_shape(
        &me,
        "id:int username:text role:text full_name:text email:text? avatar_url:null extension:text? language:text?
         must_change_password:bool created_at:time updated_at:time",
    );
    assert_eq!(
        (&me["id"], &me["username"], &me["role"]),
        (&json!(eva.id), &json!(eva.name), &json!("user"))
    );
}

#[tokio::test]
async fn a_refusal_says_how_to_log_in() {
    let pbx = pbx().await;
    let answer = pbx.anonymous().get("/api/auth/me").await;
    answer.expect_error(401, "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_cookie_is_no_token() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let cookie = format!("gonopbx_session={}", eva.api.token());
    let answer = pbx
        .anonymous()
        .send(Method::GET, "/api/auth/me", |request| {
            request.header("cookie", cookie)
        })
        .await;
    answer.expect_error(401, "unauthenticated");
}

#[tokio::test]
async fn logging_out_ends_this_session_at_once_and_no_other() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let other = pbx.anonymous().log_in(&eva.name, ADMIN_PASSWORD).await;
    eva.api
        .post("/api/auth/logout", &json!({}))
        .await
        .expect(200);
    eva.api
        .get("/api/auth/me")
        .await
        .expect_error(401, "unauthenticated");
    other.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_the_old_password() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let other = pbx.anonymous().log_in(&eva.name, ADMIN_PASSWORD).await;
    let change = json!({"current_password": ADMIN_PASSWORD, "new_password": "five-green-Herons-9"});
    eva.api
        .post("/api/auth/change-password", &change)
        .await
        .expect(200);

    eva.api.get("/api/auth/me").await.expect(200);
    other
        .get("/api/auth/me")
        .await
        .expect_error(401, "unauthenticated");
    let old = json!({"username": eva.name, "password": ADMIN_PASSWORD});
    pbx.anonymous()
        .post("/api/auth/login", &old)
        .await
        .expect_error(401, "login_failed");
    pbx.anonymous()
        .log_in(&eva.name, "five-green-Herons-9")
        .await;
}

#[tokio::test]
async fn a_bad_new_password_is_refused_at_its_field() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let long = "x".repeat(300);
    for (current, new, status, field, code) in [
        (
            "wrong",
            "five-green-Herons-9",
            400,
            "current_password",
            "wrong_password",
        ),
        (ADMIN_PASSWORD, "short", 400, "new_password", "too_short"),
        (ADMIN_PASSWORD, &*long, 400, "new_password", "too_long"),
        (
            ADMIN_PASSWORD,
            "password12",
            400,
            "new_password",
            "secret_weak",
        ),
        (
            ADMIN_PASSWORD,
            ADMIN_PASSWORD,
            400,
            "new_password",
            "same_password",
        ),
        (ADMIN_PASSWORD, "", 422, "new_password", "required"),
        (
            "",
            "five-green-Herons-9",
            422,
            "current_password",
            "required",
        ),
    ] {
        let change = json!({"current_password": current, "new_password": new});
        let answer = eva.api.post("/api/auth/change-password", &change).await;
        answer.expect_error(status, code);
        assert_eq!(answer.errors(field), [code], "{}", answer.text);
    }
    eva.api.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn a_session_ends_when_its_user_is_deleted_or_gets_another_role_in_sql() {
    let pbx = pbx().await;
    let (eva, max) = (pbx.person("user").await, pbx.person("user").await);
    let owner = pbx.owner().await;
    owner.does(&format!(
        "update pbx.app_user set role = 'admin' where id = {}",
        max.id
    ));
    owner.does(&format!("delete from pbx.app_user where id = {}", eva.id));
    for person in [eva, max] {
        crate::support::eventually("the session has ended", || async {
            (person.api.get("/api/auth/me").await.status == 401).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn no_password_is_in_the_log_or_in_the_history() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let secret = "seven-blue-Otters-3";
    let change = json!({"current_password": ADMIN_PASSWORD, "new_password": secret});
    eva.api
        .post("/api/auth/change-password", &change)
        .await
        .expect(200);
    let ada = pbx.ext().create().await;
    let log = pbx.log("server.log");
    let owner = pbx.owner().await;
    let history: Vec<(String,)> = owner
        .rows(
            "select coalesce(before, '{}')::text || coalesce(after, '{}')::text from pbx.change",
            &[],
        )
        .await;
    for hidden in [
        secret,
        ADMIN_PASSWORD,
        &ada.secret,
        &eva.api.token(),
        "$argon2",
        "MD5:",
    ] {
        assert!(!log.contains(hidden), "{hidden} is in the log");
        assert!(
            !history.iter().any(|row| row.0.contains(hidden)),
            "{hidden} is in the history"
        );
    }
}
