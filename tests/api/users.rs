//! `users/*`: making, changing and removing the people who log in.

use reqwest::redirect::Policy;
use serde_json::{Value, json};

use super::has_shape;
use crate::changes::{newest, undone};
use crate::support::client::{Api, own_address};
use crate::support::listener::Listener;
use crate::support::poll::eventually;
use crate::support::{Pbx, own_pbx, pbx};

const PASSWORD: &str = "gelbe Tassen im Regen";
const SHAPE: &str = "id:int username:text role:text full_name:text email:text? avatar_url:null extension:text? \
                     language:text? must_change_password:bool created_at:time updated_at:time";

/// A name nobody else in this run has.
fn free_name(pbx: &Pbx) -> String {
    format!("u{}", pbx.free_number())
}

async fn create(pbx: &Pbx, role: &str) -> (String, Value) {
    let name = free_name(pbx);
    let draft = json!({"username": name, "password": PASSWORD, "role": role});
    let made = pbx.admin().await.post("/api/users/", &draft).await;
    (name, made.expect(201))
}

fn path(user: &Value) -> String {
    format!("/api/users/{}", user["id"])
}

#[tokio::test]
async fn an_admin_makes_a_user_who_then_logs_in() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let name = free_name(&pbx);
    let email = format!("{name}@example.com");
    let draft = json!({"username": name, "password": PASSWORD, "full_name": "Eva Muster", "email": email, "language": "de"});
    let made = admin.post("/api/users/", &draft).await.expect(201);
    has_shape(&made, SHAPE);
    assert_eq!(
        (&made["role"], &made["email"]),
        (&json!("user"), &json!(email))
    );
    assert!(!made.to_string().contains(PASSWORD));

    let listed = admin.get("/api/users/").await.expect(200);
    let listed = listed.as_array().expect("a list").clone();
    assert!(listed.contains(&made), "{listed:?}");
    assert_eq!(admin.get(&path(&made)).await.expect(200), made);

    let eva = pbx.anonymous().log_in(&name, PASSWORD).await;
    let me = eva.get("/api/auth/me").await.expect(200);
    assert_eq!(
        (&me["full_name"], &me["must_change_password"]),
        (&json!("Eva Muster"), &json!(false))
    );

    let name = json!({"full_name": "Eva M."});
    let kept = admin.put(&path(&made), &name).await.expect(200);
    assert_eq!(
        (&kept["full_name"], &kept["email"], &kept["language"]),
        (&json!("Eva M."), &json!(email), &json!("de"))
    );
    eva.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_with_a_user_is_said_at_its_field() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (name, other) = create(&pbx, "user").await;
    let email = format!("{name}@example.com");
    admin
        .put(&path(&other), &json!({"email": email}))
        .await
        .expect(200);
    let long = "u".repeat(51);
    let wrong = [
        ("username", json!(name.to_uppercase()), 400, "taken"),
        ("username", json!(""), 422, "required"),
        ("username", json!(null), 422, "required"),
        ("username", json!(7), 422, "malformed"),
        ("username", json!("a b"), 400, "invalid_username"),
        ("username", json!("a\u{0}"), 400, "invalid_username"),
        ("username", json!("<b>"), 400, "invalid_username"),
        ("username", json!(long), 400, "too_long"),
        ("email", json!(email), 400, "taken"),
        ("email", json!("nobody"), 400, "invalid_email"),
        ("email", json!("a@b\r\nBcc: c@d"), 400, "invalid_email"),
        ("role", json!("superuser"), 400, "invalid_role"),
        ("role", json!(null), 422, "required"),
        ("language", json!("xx"), 400, "invalid_language"),
        ("full_name", json!("a\u{0}b"), 400, "invalid_characters"),
        ("full_name", json!("x".repeat(101)), 400, "too_long"),
        ("password", json!("short"), 400, "too_short"),
        ("password", json!("password123"), 400, "secret_weak"),
        ("password", json!("x".repeat(257)), 400, "too_long"),
        ("password", json!(null), 422, "required"),
    ];
    for (field, value, status, code) in wrong {
        let mut draft = json!({"username": free_name(&pbx), "password": PASSWORD});
        draft[field] = value.clone();
        let answer = admin.post("/api/users/", &draft).await;
        answer.expect_error(status, code);
        assert_eq!(answer.errors(field), [code], "{field} {value}");
        if field == "password" {
            let password = format!("{}/password", path(&other));
            let answer = admin.patch(&password, &draft).await;
            answer.expect_error(status, code);
        } else if value != json!(name.to_uppercase()) && value != json!(email) {
            let answer = admin.put(&path(&other), &json!({field: value})).await;
            answer.expect_error(status, code);
        }
    }
    let kept = admin.get(&path(&other)).await.expect(200);
    assert_eq!(
        (&kept["username"], &kept["email"]),
        (&json!(name), &json!(email))
    );
}

/// A browser's page, a program's call, a browser's stream and a program's socket, all of one login.
struct Everywhere {
    api: Api,
    stream: reqwest::Response,
    socket: Listener,
    url: String,
}

impl Everywhere {
    async fn of(pbx: &Pbx, name: &str, password: &str) -> Self {
        let api = pbx.anonymous().log_in(name, password).await;
        let socket = Listener::open(pbx.url(), &api.token()).await;
        let url = pbx.url().to_owned();
        let stream = asked(&url, "/events", &api.token()).await;
        assert_eq!(stream.status(), 200);
        let page = asked(&url, "/help", &api.token()).await;
        assert_eq!(page.status(), 200);
        Self {
            api,
            stream,
            socket,
            url,
        }
    }

    /// All of it ends at once.
    async fn ends(self, why: &str) {
        let Self {
            api,
            mut stream,
            socket,
            url,
        } = self;
        let me = api.get("/api/auth/me").await;
        assert_eq!(me.status, 401, "{why}: {}", me.text);
        let page = asked(&url, "/help", &api.token()).await;
        assert_eq!(page.status(), 303, "{why}: the page");
        let soon = std::time::Duration::from_secs(2);
        let closed = tokio::time::timeout(soon, socket.closes()).await;
        assert_eq!(closed.expect(why).0, 1008, "{why}");
        let ended = async { while let Ok(Some(_)) = stream.chunk().await {} };
        tokio::time::timeout(soon, ended)
            .await
            .unwrap_or_else(|_| panic!("{why}: the stream goes on"));
    }
}

async fn asked(url: &str, path: &str, token: &str) -> reqwest::Response {
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .local_address(own_address())
        .build()
        .expect("a client");
    let request = client
        .get(format!("{url}{path}"))
        .header("cookie", format!("gonopbx_session={token}"))
        .header("accept", "text/html");
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn a_new_password_role_or_name_signing_out_and_deletion_end_all_sessions_at_once() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (name, user) = create(&pbx, "user").await;
    let user = path(&user);

    let eva = Everywhere::of(&pbx, &name, PASSWORD).await;
    let new = json!({"password": "blaue Tassen im Regen"});
    admin
        .patch(&format!("{user}/password"), &new)
        .await
        .expect(200);
    eva.ends("a new password").await;

    let new = "blaue Tassen im Regen";
    let eva = Everywhere::of(&pbx, &name, new).await;
    admin
        .put(&user, &json!({"role": "admin"}))
        .await
        .expect(200);
    eva.ends("another role").await;

    let eva = Everywhere::of(&pbx, &name, new).await;
    let renamed = free_name(&pbx);
    admin
        .put(&user, &json!({"username": renamed}))
        .await
        .expect(200);
    eva.ends("another name").await;

    let eva = Everywhere::of(&pbx, &renamed, new).await;
    let sessions = format!("{user}/sessions");
    let listed = admin.get(&sessions).await.expect(200);
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    has_shape(
        &listed[0],
        "id:text origin:text? user_agent:text? is_current:bool last_used_at:time expires_at:time created_at:time",
    );
    let out = admin.delete(&sessions).await.expect(200);
    assert_eq!(out["count"], 1);
    eva.ends("signing out").await;

    let eva = Everywhere::of(&pbx, &renamed, new).await;
    admin.delete(&user).await.expect(200);
    eva.ends("deletion").await;
    let login = json!({"username": renamed, "password": new});
    let answer = pbx.anonymous().post("/api/auth/login", &login).await;
    answer.expect_error(401, "login_failed");
}

#[tokio::test]
async fn the_history_says_who_signed_whom_out_and_logging_out_is_in_none() {
    let pbx = pbx().await;
    let admin = pbx.person("admin").await;
    let (name, user) = create(&pbx, "user").await;
    let sessions = format!("{}/sessions", path(&user));
    let eva = Everywhere::of(&pbx, &name, PASSWORD).await;
    admin.api.delete(&sessions).await.expect(200);
    eva.ends("signing out").await;

    let found = format!("/api/audit/?kind=user&object={name}&action=user.sign_out");
    let found = admin.api.get(&found).await.expect(200);
    assert_eq!(found["total"], 1, "{found}");
    let entry = &found["logs"][0];
    assert_eq!(entry["username"], *admin.name, "{entry}");
    let origin = entry["ip_address"].as_str().unwrap_or_default();
    assert!(origin.starts_with("127."), "{entry}");
    let change = &entry["details"]["changes"][0];
    assert_eq!(
        (&change["table"], &change["before"]),
        (&json!("session"), &json!({"sessions": 1}))
    );
    // Nobody is logged in again by it.
    let undo = format!("/api/audit/{}/undo", entry["tx"].as_str().expect("tx"));
    let answer = admin.api.post(&undo, &json!({})).await;
    answer.expect_error(400, "not_undoable");

    // Where nobody was logged in nothing happened, and a logout is nobody else's business.
    admin.api.delete(&sessions).await.expect(200);
    let eva = pbx.anonymous().log_in(&name, PASSWORD).await;
    eva.post("/api/auth/logout", &json!({})).await.expect(200);
    let all = format!("/api/audit/?kind=user&object={name}");
    let all = admin.api.get(&all).await.expect(200);
    assert_eq!(all["total"], 2, "it was made, and signed out: {all}");
}

#[tokio::test]
async fn an_extension_is_given_taken_over_and_taken_away_and_is_seen_at_once() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().create().await);
    let (eva, tom) = (pbx.person("user").await, pbx.person("user").await);
    let give = |id: i64, number: Value| {
        let admin = admin.clone();
        async move {
            let path = format!("/api/users/{id}/extension");
            admin.patch(&path, &json!({"extension": number})).await
        }
    };
    let given = give(eva.id, json!(ada.number)).await.expect(200);
    assert_eq!(given["extension"], json!(ada.number));
    eva.api.get(&ada.path()).await.expect(200);

    // One has one: the other is left, and whoever had it has it no more.
    give(eva.id, json!(bob.number)).await.expect(200);
    eva.api
        .get(&ada.path())
        .await
        .expect_error(403, "forbidden");
    give(tom.id, json!(bob.number)).await.expect(200);
    eva.api
        .get(&bob.path())
        .await
        .expect_error(403, "forbidden");
    tom.api.get(&bob.path()).await.expect(200);

    give(tom.id, json!("9999"))
        .await
        .expect_error(404, "not_found");
    give(tom.id, json!("x"))
        .await
        .expect_error(404, "not_found");
    give(99_999, json!(bob.number))
        .await
        .expect_error(404, "not_found");
    tom.api.get(&bob.path()).await.expect(200);
    give(tom.id, Value::Null).await.expect(200);
    tom.api
        .get(&bob.path())
        .await
        .expect_error(403, "forbidden");

    let sql = format!(
        "update pbx.extension set user_id = {} where number = '{}'",
        tom.id, ada.number
    );
    pbx.owner().await.does(&sql);
    eventually("the extension is seen", || async {
        (tom.api.get(&ada.path()).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_last_admin_stays_one_whoever_tries() {
    let pbx = own_pbx("last-admin").await;
    let admin = pbx.admin().await;
    let me = admin.get("/api/auth/me").await.expect(200);
    let myself = path(&me);
    admin.delete(&myself).await.expect_error(400, "last_admin");
    let demoted = admin.put(&myself, &json!({"role": "user"})).await;
    demoted.expect_error(400, "last_admin");
    assert_eq!(demoted.errors("role"), ["last_admin"]);
    admin.get("/api/users/").await.expect(200);

    let owner = pbx.owner().await;
    for statement in [
        "update pbx.app_user set role = 'user'",
        "delete from pbx.app_user",
        "delete from pbx.app_user where role = 'admin'",
        "truncate pbx.app_user cascade",
    ] {
        let said = owner.is_refused(statement);
        let expected = if statement.starts_with("truncate") {
            "cannot be truncated"
        } else {
            "admin is the last administrator"
        };
        assert!(said.contains(expected), "{statement}: {said}");
    }
    // Who is no admin may go, and may come back.
    let (_, user) = create(&pbx, "user").await;
    admin.delete(&path(&user)).await.expect(200);

    // Two that would take away both admins at the same moment: one is refused.
    let password = crate::support::stack::ADMIN_PASSWORD;
    for round in 0..6 {
        let second = owner.add_user(&format!("second-{round}"), "admin").await;
        let theirs = format!("/api/users/{second}");
        let admin = pbx.anonymous().log_in("admin", password).await;
        let other = pbx
            .anonymous()
            .log_in(&format!("second-{round}"), password)
            .await;
        let demote = json!({"role": "user"});
        let (a, b) = if round % 2 == 0 {
            tokio::join!(other.put(&theirs, &demote), admin.put(&myself, &demote))
        } else {
            tokio::join!(admin.delete(&theirs), other.put(&myself, &demote))
        };
        let left = owner
            .count(
                "select count(*) from pbx.app_user where role = 'admin'",
                &[],
            )
            .await;
        assert_eq!(left, 1, "round {round}: {} {}", a.text, b.text);
        owner.does("update pbx.app_user set role = 'admin' where username = 'admin'");
        owner.does("delete from pbx.app_user where username <> 'admin'");
    }
}

#[tokio::test]
async fn a_user_who_was_deleted_comes_back_with_password_and_extension() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let (name, user) = create(&pbx, "user").await;
    let give = format!("{}/extension", path(&user));
    let number = json!({"extension": ada.number});
    admin.patch(&give, &number).await.expect(200);
    admin.delete(&path(&user)).await.expect(200);

    let deletion = newest(&admin, "user", &name).await;
    assert_eq!(deletion["action"], "user.delete");
    let told = deletion.to_string();
    assert!(!told.contains("argon2"), "{told}");
    undone(&admin, &deletion["tx"]).await;

    let back = admin.get(&path(&user)).await.expect(200);
    assert_eq!(back["extension"], json!(ada.number));
    let eva = pbx.anonymous().log_in(&name, PASSWORD).await;
    eva.get(&ada.path()).await.expect(200);
}
