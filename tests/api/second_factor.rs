//! The second factor by REST: `auth/second-factor`, `auth/login` with `otp`, `users/{id}/second-factor`.

use serde_json::{Value, json};

use super::has_shape;
use crate::support::authenticator::Authenticator;
use crate::support::client::{Answer, Api};
use crate::support::pbx::Person;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{Pbx, pbx};

/// Somebody with a second factor, whose last code is long ago.
pub async fn guarded(pbx: &Pbx) -> (Person, Authenticator, Vec<String>) {
    let eva = pbx.person("user").await;
    let draft = eva.api.post("/api/auth/second-factor", &json!({})).await;
    let draft = draft.expect(200);
    has_shape(&draft, "secret:text url:text");
    let app = Authenticator::new(draft["secret"].as_str().expect("a secret"));
    let proof = json!({"current_password": ADMIN_PASSWORD, "otp": app.now()});
    let on = eva.api.post("/api/auth/second-factor/on", &proof).await;
    let codes: Vec<String> = on.expect(200)["recovery_codes"]
        .as_array()
        .expect("codes")
        .iter()
        .filter_map(|code| code.as_str().map(str::to_owned))
        .collect();
    assert_eq!(codes.len(), 10);
    forget_last_code(pbx, eva.id).await;
    (eva, app, codes)
}

/// As if time had passed.
async fn forget_last_code(pbx: &Pbx, id: i64) {
    pbx.owner().await.does(&format!(
        "update pbx.second_factor set last_step = 0 where user_id = {id}"
    ));
}

pub async fn log_in(api: &Api, name: &str, otp: Option<&str>) -> Answer {
    let mut credentials = json!({"username": name, "password": ADMIN_PASSWORD});
    if let Some(otp) = otp {
        credentials["otp"] = json!(otp);
    }
    api.post("/api/auth/login", &credentials).await
}

#[tokio::test]
async fn a_login_without_the_code_is_refused_and_says_what_is_missing() {
    let pbx = pbx().await;
    let (eva, app, _) = guarded(&pbx).await;
    let anonymous = pbx.anonymous();
    for otp in [None, Some(""), Some(" ")] {
        log_in(&anonymous, &eva.name, otp)
            .await
            .expect_error(401, "otp_required");
    }
    // Who does not know the password does not hear of a second factor.
    let wrong = json!({"username": eva.name, "password": "nope", "otp": app.now()});
    anonymous
        .post("/api/auth/login", &wrong)
        .await
        .expect_error(401, "login_failed");
    let answer = log_in(&anonymous, &eva.name, Some(&app.now())).await;
    let token = answer.expect(200)["access_token"].clone();
    let session = anonymous.with_token(token.as_str().expect("a token"));
    let factor = session.get("/api/auth/second-factor").await.expect(200);
    assert_eq!(
        (&factor["enabled"], &factor["recovery_codes_left"]),
        (&json!(true), &json!(10))
    );
}

#[tokio::test]
async fn a_wrong_an_old_and_a_used_code_are_refused() {
    let pbx = pbx().await;
    let (eva, app, _) = guarded(&pbx).await;
    let anonymous = pbx.anonymous();
    for otp in [&*app.wrong(), &app.at(-4), &app.at(4), "12345", "abcdef"] {
        log_in(&anonymous, &eva.name, Some(otp))
            .await
            .expect_error(401, "otp_wrong");
    }
    let code = app.now();
    log_in(&anonymous, &eva.name, Some(&code)).await.expect(200);
    log_in(&anonymous, &eva.name, Some(&code))
        .await
        .expect_error(401, "otp_wrong");
}

#[tokio::test]
async fn a_code_that_arrives_twice_at_once_opens_one_session() {
    let pbx = pbx().await;
    let (eva, app, _) = guarded(&pbx).await;
    let (one, two) = (pbx.anonymous(), pbx.anonymous());
    let code = app.now();
    let (one, two) = tokio::join!(
        log_in(&one, &eva.name, Some(&code)),
        log_in(&two, &eva.name, Some(&code))
    );
    let mut told = [one.status, two.status];
    told.sort_unstable();
    assert_eq!(told, [200, 401]);
}

#[tokio::test]
async fn a_recovery_code_replaces_the_app_once() {
    let pbx = pbx().await;
    let (eva, _, codes) = guarded(&pbx).await;
    let anonymous = pbx.anonymous();
    let typed = codes[3].to_uppercase().replace('-', " ");
    log_in(&anonymous, &eva.name, Some(&typed))
        .await
        .expect(200);
    log_in(&anonymous, &eva.name, Some(&codes[3]))
        .await
        .expect_error(401, "otp_wrong");
    let factor = eva.api.get("/api/auth/second-factor").await.expect(200);
    assert_eq!(factor["recovery_codes_left"], 9);
    // New ones replace all of them.
    let proof = json!({"current_password": ADMIN_PASSWORD, "otp": codes[4]});
    eva.api
        .post("/api/auth/second-factor/recovery-codes", &proof)
        .await
        .expect(200);
    log_in(&anonymous, &eva.name, Some(&codes[5]))
        .await
        .expect_error(401, "otp_wrong");
}

#[tokio::test]
async fn guessing_codes_is_throttled_even_for_who_knows_the_password() {
    let pbx = pbx().await;
    let (eva, app, _) = guarded(&pbx).await;
    let mut told = Vec::new();
    for _ in 0..12 {
        // From everywhere.
        let answer = log_in(&pbx.anonymous(), &eva.name, Some(&app.wrong())).await;
        told.push(answer.status);
    }
    assert!(told.contains(&429), "{told:?}");
    let answer = log_in(&pbx.anonymous(), &eva.name, Some(&app.now())).await;
    answer.expect_error(429, "throttled");
}

#[tokio::test]
async fn it_is_switched_on_and_off_with_password_and_code_only() {
    let pbx = pbx().await;
    let (eva, app, _) = guarded(&pbx).await;
    let again = eva.api.post("/api/auth/second-factor", &json!({})).await;
    again.expect_error(400, "second_factor_on");
    for (password, otp, field, code) in [
        ("nope", &*app.now(), "current_password", "wrong_password"),
        (ADMIN_PASSWORD, &app.wrong(), "otp", "otp_wrong"),
    ] {
        let proof = json!({"current_password": password, "otp": otp});
        let answer = eva.api.post("/api/auth/second-factor/off", &proof).await;
        answer.expect_error(400, code);
        assert_eq!(answer.errors(field), [code], "{}", answer.text);
    }
    let missing = eva
        .api
        .post("/api/auth/second-factor/off", &json!({}))
        .await;
    missing.expect_error(422, "required");
    let proof = json!({"current_password": ADMIN_PASSWORD, "otp": app.now()});
    eva.api
        .post("/api/auth/second-factor/off", &proof)
        .await
        .expect(200);
    log_in(&pbx.anonymous(), &eva.name, None).await.expect(200);
    // What was never begun cannot be switched on.
    eva.api
        .post("/api/auth/second-factor/on", &proof)
        .await
        .expect_error(404, "not_found");
}

#[tokio::test]
async fn an_admin_takes_it_off_and_the_history_says_so() {
    let pbx = pbx().await;
    let (eva, _, _) = guarded(&pbx).await;
    let path = format!("/api/users/{}/second-factor", eva.id);
    eva.api.delete(&path).await.expect_error(403, "forbidden");
    let admin = pbx.person("admin").await;
    admin.api.delete(&path).await.expect(200);
    admin.api.delete(&path).await.expect_error(404, "not_found");
    log_in(&pbx.anonymous(), &eva.name, None).await.expect(200);
    let changes: Vec<(String, String, Value, Value)> = pbx
        .owner()
        .await
        .rows(
            "select actor, act, before, after from pbx.change where object = $1 and act = 'user.second_factor'",
            &[&eva.name],
        )
        .await;
    let [(actor, _, before, after)] = &changes[..] else {
        panic!("{changes:?}");
    };
    assert_eq!(*actor, admin.name);
    assert_eq!(
        (&before["second_factor"], &after["second_factor"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn no_secret_is_in_the_log_or_in_the_history_and_sql_cannot_pretend() {
    let pbx = pbx().await;
    let (eva, app, codes) = guarded(&pbx).await;
    log_in(&pbx.anonymous(), &eva.name, Some(&codes[0]))
        .await
        .expect(200);
    let owner = pbx.owner().await;
    let log = pbx.log("server.log");
    let history: Vec<(String,)> = owner
        .rows(
            "select coalesce(before, '{}')::text || coalesce(after, '{}')::text from pbx.change
             union all select coalesce(before, '{}')::text || coalesce(after, '{}')::text from pbx.change_secret",
            &[],
        )
        .await;
    for hidden in [app.secret(), &codes[0], &codes[0].replace('-', "")] {
        assert!(!log.contains(hidden), "{hidden} is in the log");
        assert!(
            !history.iter().any(|row| row.0.contains(hidden)),
            "{hidden} is in the history"
        );
    }
    let kept = owner
        .count(
            "select count(*) from pbx.recovery_code where user_id = $1::bigint and length(hash) = 64",
            &[&eva.id.to_string()],
        )
        .await;
    assert_eq!(kept, 10, "only hashes are kept");
    let said = owner.is_refused(&format!(
        "update pbx.app_user set second_factor = false where id = {}",
        eva.id
    ));
    assert!(said.contains("follows from pbx.second_factor"), "{said}");
}
