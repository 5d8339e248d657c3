//! What was changed about people who log in, taken back: their role and their password.

use serde_json::{Value, json};

use super::{newest, undo, undone};
use crate::support::client::{Answer, Api};
use crate::support::pbx::Person;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{Pbx, pbx};

const OTHER: &str = "gelbe Tassen im Regen";
const THIRD: &str = "vierzehn Boote am Kai";

async fn log_in(pbx: &Pbx, of: &Person, password: &str) -> Answer {
    let credentials = json!({"username": of.name, "password": password});
    let anonymous = pbx.anonymous();
    anonymous.post("/api/auth/login", &credentials).await
}

async fn set_password(admin: &Api, of: &Person, password: &str) -> Value {
    let path = format!("/api/users/{}/password", of.id);
    let draft = json!({"password": password, "must_change_password": false});
    admin.patch(&path, &draft).await.expect(200);
    newest(admin, "user", &of.name).await
}

async fn set_role(admin: &Api, of: &Person, role: &str) -> Value {
    let path = format!("/api/users/{}", of.id);
    admin.put(&path, &json!({ "role": role })).await.expect(200);
    newest(admin, "user", &of.name).await
}

/// No answer may hold a part of a hash, whichever kind it is.
fn shows_no_hash(text: &str) {
    for mark in ["$argon2", "argon2id", "$2b$", "m=19456"] {
        assert!(!text.contains(mark), "{mark} is in {text}");
    }
}

#[tokio::test]
async fn a_role_that_is_taken_back_by_rest_ends_what_it_opened() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let eva = pbx.person("user").await;
    let given = set_role(&admin, &eva, "admin").await;
    let change = &given["details"]["changes"][0];
    assert_eq!(
        (&change["before"]["role"], &change["after"]["role"]),
        (&json!("user"), &json!("admin")),
        "{given}"
    );
    let promoted = pbx.anonymous().log_in(&eva.name, ADMIN_PASSWORD).await;
    promoted.get("/api/users/").await.expect(200);

    undone(&admin, &given["tx"]).await;
    promoted
        .get("/api/users/")
        .await
        .expect_error(401, "unauthenticated");
    let again = pbx.anonymous().log_in(&eva.name, ADMIN_PASSWORD).await;
    again
        .get("/api/users/")
        .await
        .expect_error(403, "forbidden");
    let me = again.get("/api/auth/me").await.expect(200);
    assert_eq!(me["role"], "user");
    // Somebody whose role was taken may not take that back.
    let taken = newest(&admin, "user", &eva.name).await;
    undo(&again, &taken["tx"], json!({}))
        .await
        .expect_error(403, "forbidden");
}

#[tokio::test]
async fn a_role_is_taken_back_on_the_page_and_what_came_later_is_asked_about() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let eva = pbx.person("user").await;
    let first = set_role(&admin, &eva, "admin").await;
    let action = format!("/changes/{}/undo", first["tx"].as_str().expect("tx"));
    let visitor = pbx.visitor("en").await;
    let page = visitor.open(&format!("/changes?object={}", eva.name)).await;
    let done = visitor.submit(&page.form(&action)).await.expect(200);
    assert!(done.shows("is undone"), "{}", done.text());
    let path = format!("/api/users/{}", eva.id);
    assert_eq!(admin.get(&path).await.expect(200)["role"], "user");

    let second = set_role(&admin, &eva, "admin").await;
    set_role(&admin, &eva, "user").await;
    set_role(&admin, &eva, "admin").await;
    let third = newest(&admin, "user", &eva.name).await;
    undone(&admin, &third["tx"]).await;
    // It is as before already: nothing is left to take back, and nothing to ask about.
    let nothing = undo(&admin, &second["tx"], json!({})).await.expect(200);
    assert_eq!(
        (&nothing["conflicts"], &nothing["undone"]),
        (&json!([]), &json!(0)),
        "{nothing}"
    );
}

#[tokio::test]
async fn a_password_that_is_taken_back_is_the_old_one_and_is_shown_nowhere() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let eva = pbx.person("user").await;
    let change = set_password(&admin, &eva, OTHER).await;
    assert_eq!(change["action"], "user.password", "{change}");
    let after = &change["details"]["changes"][0]["after"];
    assert_eq!(after["password_hash"], "********", "{change}");
    shows_no_hash(&change.to_string());
    let tx = change["tx"].as_str().expect("tx");
    for path in [
        format!("/api/audit/{tx}"),
        format!("/api/audit/{tx}/undo"),
        format!("/api/audit/?object={}", eva.name),
    ] {
        let answer = admin.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        shows_no_hash(&answer.text);
    }
    log_in(&pbx, &eva, ADMIN_PASSWORD)
        .await
        .expect_error(401, "login_failed");
    let with_new = pbx.anonymous().log_in(&eva.name, OTHER).await;

    undone(&admin, &change["tx"]).await;
    with_new
        .get("/api/auth/me")
        .await
        .expect_error(401, "unauthenticated");
    log_in(&pbx, &eva, OTHER)
        .await
        .expect_error(401, "login_failed");
    log_in(&pbx, &eva, ADMIN_PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_page_takes_a_password_back_and_asks_about_a_later_one_without_showing_either() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let eva = pbx.person("user").await;
    let first = set_password(&admin, &eva, OTHER).await;
    set_password(&admin, &eva, THIRD).await;
    let visitor = pbx.visitor("de").await;
    let page = visitor.open(&format!("/changes?object={}", eva.name)).await;
    assert!(page.shows("********"), "{}", page.text());
    shows_no_hash(&page.html);
    let action = format!("/changes/{}/undo", first["tx"].as_str().expect("tx"));
    let asked = visitor.submit(&page.form(&action)).await.expect(409);
    assert!(asked.shows("********"), "{}", asked.text());
    shows_no_hash(&asked.html);
    log_in(&pbx, &eva, THIRD).await.expect(200);

    let id = format!("c:app_user/{}/password_hash", eva.id);
    let form = asked.form(&action).set(&id, "take");
    let done = visitor.submit(&form).await.expect(200);
    assert!(done.shows("zurückgenommen"), "{}", done.text());
    shows_no_hash(&done.html);
    log_in(&pbx, &eva, THIRD)
        .await
        .expect_error(401, "login_failed");
    log_in(&pbx, &eva, ADMIN_PASSWORD).await.expect(200);
}
