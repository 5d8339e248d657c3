//! Logins that meet a change of the password: what was right a moment ago opens nothing.

use serde_json::json;
use sqlx::{Postgres, Transaction};
use tokio::task::JoinSet;

use crate::api::second_factor::{guarded, log_in};
use crate::support::client::Answer;
use crate::support::db::Database;
use crate::support::pbx;
use crate::support::poll::{eventually, in_time};
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::Visitor;

const OTHER: &str = "quite another password";

/// Somebody else changes the password, and has not committed yet.
async fn begin_change(owner: &Database, id: i64) -> (Transaction<'static, Postgres>, String) {
    let mut change = owner.pool.begin().await.expect("a transaction");
    let (backend,): (String,) = sqlx::query_as("select pg_backend_pid()::text")
        .fetch_one(&mut *change)
        .await
        .expect("a number");
    sqlx::query("update pbx.app_user set password_hash = 'another' where id = $1")
        .bind(id)
        .execute(&mut *change)
        .await
        .expect("changed");
    (change, backend)
}

/// How many wait for what this connection does.
async fn waiting(owner: &Database, backend: &str) -> i64 {
    let sql =
        "select count(*) from pg_stat_activity where $1::integer = any(pg_blocking_pids(pid))";
    owner.count(sql, &[backend]).await
}

async fn answered(mut request: JoinSet<Answer>) -> Answer {
    let answer = in_time("an answer", request.join_next()).await;
    answer.expect("one").expect("no panic")
}

#[tokio::test]
async fn a_login_that_is_being_checked_while_its_password_changes_opens_no_session() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let owner = pbx.owner().await;
    let (change, backend) = begin_change(&owner, eva.id).await;
    // The old password is still the one that everybody else sees, so it is right.
    let anonymous = pbx.anonymous();
    let name = eva.name.clone();
    let mut login = JoinSet::new();
    login.spawn(async move { log_in(&anonymous, &name, None).await });
    eventually("the login waits for the change", || async {
        (waiting(&owner, &backend).await > 0).then_some(())
    })
    .await;
    change.commit().await.expect("committed");
    let answer = answered(login).await;
    answer.expect_error(401, "login_failed");
    let id = eva.id.to_string();
    let sql = "select count(*) from pbx.session where user_id = $1::bigint";
    assert_eq!(owner.count(sql, &[&id]).await, 0);
}

#[tokio::test]
async fn a_change_of_the_password_ends_a_second_step_that_was_begun_before() {
    let pbx = pbx().await;
    let (eva, app, _) = guarded(&pbx).await;
    let visitor = Visitor::new(pbx.url(), "en");
    let form = visitor.open("/login").await.form("/login");
    let form = form.set("username", &eva.name);
    let page = visitor.submit(&form.set("password", ADMIN_PASSWORD)).await;
    let step = page.form("/login/code");
    // The code is looked at only after the password: a step that is over does not use it up.
    let path = format!("/api/users/{}/password", eva.id);
    let admin = pbx.admin().await;
    let change = json!({"password": OTHER, "must_change_password": false});
    admin.patch(&path, &change).await.expect(200);
    let code = app.now();
    let page = visitor.submit(&step.set("otp", &code)).await;
    assert!(page.at.starts_with("/login"), "{}", page.at);
    assert!(
        page.shows("the password is another one by now"),
        "{}",
        page.text()
    );
    assert!(visitor.open("/profile").await.at.starts_with("/login"));
    let credentials = json!({"username": eva.name, "password": OTHER, "otp": code});
    let answer = pbx.anonymous().post("/api/auth/login", &credentials).await;
    answer.expect(200);
}

#[tokio::test]
async fn a_change_of_the_own_password_gives_way_to_an_administrators() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let owner = pbx.owner().await;
    let (change, backend) = begin_change(&owner, eva.id).await;
    let draft = json!({"current_password": ADMIN_PASSWORD, "new_password": OTHER});
    let api = eva.api.clone();
    let mut own = JoinSet::new();
    own.spawn(async move { api.post("/api/auth/change-password", &draft).await });
    eventually("the own change waits", || async {
        (waiting(&owner, &backend).await > 0).then_some(())
    })
    .await;
    change.commit().await.expect("committed");
    let answer = answered(own).await;
    answer.expect_error(400, "wrong_password");
    let id = eva.id.to_string();
    let sql =
        "select count(*) from pbx.app_user where id = $1::bigint and password_hash = 'another'";
    assert_eq!(owner.count(sql, &[&id]).await, 1);
}
