//! `keys`, and what a program may do that shows one.

use reqwest::Method;
use serde_json::{Value, json};

use super::has_shape;
use crate::support::client::{Answer, Api};
use crate::support::pbx::Person;
use crate::support::{Pbx, eventually, pbx};

/// A key, and the program that uses it.
pub struct Program {
    api: Api,
    pub id: i64,
    name: String,
    key: String,
}

impl Program {
    pub async fn new(pbx: &Pbx, admin: &Person, draft: Value) -> Self {
        let mut draft = draft;
        let name = format!("Program {}", pbx.free_number());
        draft["name"] = json!(name);
        let made = admin.api.post("/api/keys", &draft).await.expect(200);
        Self {
            api: pbx.anonymous(),
            id: made["id"].as_i64().expect("an id"),
            key: made["key"].as_str().expect("a key").to_owned(),
            name,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let method: Method = method.parse().expect("a method");
        self.api
            .send(method.clone(), path, |request| {
                let request = request.header("X-API-Key", &self.key);
                if method == Method::GET {
                    request
                } else {
                    request.json(&body)
                }
            })
            .await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, Value::Null).await
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_listed_without_it() {
    let pbx = pbx().await;
    let admin = pbx.person("admin").await;
    let draft = json!({"name": "Billing of the year", "scopes": ["read", "calls"], "expires_at": "2099-12-31"});
    let made = admin.api.post("/api/keys", &draft).await.expect(200);
    let shape = "id:int name:text prefix:text scopes:list user_id:int username:text role:text expires_at:time?
        last_used_at:time? last_used_from:text? created_at:time updated_at:time";
    has_shape(&made, &format!("{shape} key:text"));
    assert_eq!(made["expires_at"], "2100-01-01T00:00:00Z");
    assert_eq!(made["username"], *admin.name);
    let key = made["key"].as_str().expect("a key");
    assert!(key.starts_with("gono_") && key.len() == 45, "{key}");
    let list = admin.api.get("/api/keys").await;
    assert!(!list.text.contains(key), "{}", list.text);
    let listed = list.expect(200);
    let listed = listed.as_array().expect("a list").iter();
    let listed = listed.filter(|one| one["id"] == made["id"]).count();
    assert_eq!(listed, 1);
    admin
        .api
        .post("/api/keys", &draft)
        .await
        .expect_error(400, "taken");
    for (draft, status, field, code) in [
        (json!({"scopes": ["read"]}), 422, "name", "required"),
        (json!({"name": "x"}), 422, "scopes", "required"),
        (
            json!({"name": "x", "scopes": "root"}),
            400,
            "scopes",
            "invalid_scope",
        ),
        (
            json!({"name": "x".repeat(51), "scopes": "read"}),
            400,
            "name",
            "too_long",
        ),
        (
            json!({"name": "x", "scopes": "read", "expires_at": "2001-01-01"}),
            400,
            "expires_at",
            "in_the_past",
        ),
    ] {
        let answer = admin.api.post("/api/keys", &draft).await;
        answer.expect_error(status, code);
        assert_eq!(answer.errors(field), [code], "{}", answer.text);
    }
    let nobody = json!({"name": "x", "scopes": "read", "user_id": 999_999_999});
    let answer = admin.api.post("/api/keys", &nobody).await;
    assert!([400, 404].contains(&answer.status), "{}", answer.text);
    let user = pbx.person("user").await;
    user.api
        .get("/api/keys")
        .await
        .expect_error(403, "forbidden");
}

#[tokio::test]
async fn a_key_does_what_its_scopes_name_and_nothing_else() {
    let pbx = pbx().await;
    let admin = pbx.person("admin").await;
    let ada = pbx.ext().create().await;
    let scope = |scopes: &str| json!({"scopes": scopes});
    let reader = Program::new(&pbx, &admin, scope("read")).await;
    let writer = Program::new(&pbx, &admin, scope("write")).await;
    let caller = Program::new(&pbx, &admin, scope("calls")).await;
    let change = || json!({"caller_id": "Changed by a program"});
    reader.get(&ada.path()).await.expect(200);
    reader.get("/api/audit").await.expect(200);
    let me = reader.get("/api/auth/me").await.expect(200);
    assert_eq!(me["username"], *admin.name);
    for (program, method, path) in [
        (&reader, "PUT", ada.path()),
        (&reader, "DELETE", ada.path()),
        (&reader, "POST", "/api/calls/originate".to_owned()),
        (&writer, "GET", ada.path()),
        (&writer, "POST", "/api/calls/originate".to_owned()),
        (&caller, "PUT", ada.path()),
        (&caller, "GET", ada.path()),
        (
            &writer,
            "DELETE",
            format!("/api/users/{}/second-factor", admin.id),
        ),
    ] {
        let answer = program.ask(method, &path, change()).await;
        answer.expect_error(403, "scope_missing");
    }
    writer.ask("PUT", &ada.path(), change()).await.expect(200);
    let nowhere = json!({"extension": ada.number, "destination": "x"});
    let asked = caller.ask("POST", "/api/calls/originate", nowhere).await;
    assert!(![401, 403].contains(&asked.status), "{}", asked.text);

    let all = Program::new(&pbx, &admin, scope("read,write,calls,users")).await;
    for (method, path) in [
        ("GET", "/api/keys"),
        ("POST", "/api/keys"),
        ("DELETE", "/api/keys/1"),
        ("POST", "/api/auth/change-password"),
        ("POST", "/api/auth/logout"),
        ("PUT", "/api/auth/me"),
        ("GET", "/api/auth/sessions"),
        ("DELETE", "/api/auth/sessions"),
        ("POST", "/api/auth/second-factor"),
    ] {
        let answer = all.ask(method, path, json!({})).await;
        answer.expect_error(403, "scope_missing");
    }
    // Pages know people only.
    let page = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
        .get(format!("{}/extensions", pbx.url()))
        .header("X-API-Key", &all.key)
        .send()
        .await
        .expect("an answer");
    assert_eq!(page.status(), 303);
}

#[tokio::test]
async fn a_revoked_an_expired_and_an_invented_key_open_nothing() {
    let pbx = pbx().await;
    let admin = pbx.person("admin").await;
    let program = Program::new(&pbx, &admin, json!({"scopes": "read"})).await;
    program.get("/api/peers").await.expect(200);
    let owner = pbx.owner().await;
    owner.does(&format!(
        "update pbx.api_key set expires_at = now() - interval '1 second' where id = {}",
        program.id
    ));
    eventually("the key has expired", || async {
        (program.get("/api/peers").await.status == 401).then_some(())
    })
    .await;
    let program = Program::new(&pbx, &admin, json!({"scopes": "read"})).await;
    program.get("/api/peers").await.expect(200);
    let path = format!("/api/keys/{}", program.id);
    admin.api.delete(&path).await.expect(200);
    program
        .get("/api/peers")
        .await
        .expect_error(401, "unauthenticated");
    admin.api.delete(&path).await.expect_error(404, "not_found");
    for key in ["", "gono_", &program.key[1..], &"x".repeat(5000)] {
        let answer = pbx
            .anonymous()
            .send(Method::GET, "/api/peers", |request| {
                request.header("X-API-Key", key)
            })
            .await;
        answer.expect_error(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_key_is_never_above_its_owner_and_ends_with_its_owner() {
    let pbx = pbx().await;
    let (admin, other) = (pbx.person("admin").await, pbx.person("admin").await);
    let draft = json!({"scopes": "read,write", "user_id": other.id});
    let program = Program::new(&pbx, &admin, draft).await;
    program.get("/api/trunks").await.expect(200);
    let owner = pbx.owner().await;
    owner.does(&format!(
        "update pbx.app_user set role = 'user' where id = {}",
        other.id
    ));
    eventually("the owner is no administrator any more", || async {
        (program.get("/api/trunks").await.status == 403).then_some(())
    })
    .await;
    program.get("/api/peers").await.expect(200);
    program
        .ask(
            "POST",
            "/api/peers",
            json!({"extension": pbx.free_number()}),
        )
        .await
        .expect_error(403, "forbidden");
    owner.does(&format!("delete from pbx.app_user where id = {}", other.id));
    eventually("the key has ended", || async {
        (program.get("/api/peers").await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_history_names_the_key_and_neither_it_nor_the_log_knows_it() {
    let pbx = pbx().await;
    let admin = pbx.person("admin").await;
    let ada = pbx.ext().create().await;
    let program = Program::new(&pbx, &admin, json!({"scopes": "read,write"})).await;
    let change = json!({"caller_id": "Changed by a program"});
    program.ask("PUT", &ada.path(), change).await.expect(200);
    let actor = format!("API key {}", program.name);
    let filter = format!("/api/audit?username={}", actor.replace(' ', "%20"));
    let audit = admin.api.get(&filter).await;
    assert!(
        audit.text.contains("Changed by a program"),
        "{}",
        audit.text
    );
    let owner = pbx.owner().await;
    let made: Vec<(String, String)> = owner
        .rows(
            "select actor, after::text from pbx.change where kind = 'api_key' and object = $1",
            &[&program.name],
        )
        .await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].0, admin.name);
    assert!(made[0].1.contains("********"), "masked: {}", made[0].1);
    let all: Vec<(String,)> = owner
        .rows(
            "select coalesce(before, '{}')::text || coalesce(after, '{}')::text from pbx.change
             union all select coalesce(before, '{}')::text || coalesce(after, '{}')::text from pbx.change_secret
             union all select to_jsonb(k)::text from pbx.api_key k",
            &[],
        )
        .await;
    assert!(!all.iter().any(|row| row.0.contains(&program.key)));
    assert!(!pbx.log("server.log").contains(&program.key));
}

#[tokio::test]
async fn the_last_use_is_shown_and_written_once_a_minute() {
    let pbx = pbx().await;
    let admin = pbx.person("admin").await;
    let program = Program::new(&pbx, &admin, json!({"scopes": "read"})).await;
    program.get("/api/peers").await.expect(200);
    let keys = admin.api.get("/api/keys").await.expect(200);
    let listed = keys.as_array().expect("a list").iter();
    let used = listed.clone().find(|key| key["id"] == program.id);
    let used = used.expect("it is listed");
    assert!(used["last_used_at"].is_string(), "{used}");
    assert!(
        used["last_used_from"]
            .as_str()
            .is_some_and(|from| from.starts_with("127.1.")),
        "{used}"
    );
    let owner = pbx.owner().await;
    owner.does(&format!(
        "update pbx.api_key_use set used_at = now() - interval '1 hour' where key_id = {}",
        program.id
    ));
    for _ in 0..5 {
        program.get("/api/peers").await.expect(200);
    }
    let recent = owner
        .count(
            "select count(*) from pbx.api_key_use where key_id = $1::bigint and used_at > now() - interval '1 minute'",
            &[&program.id.to_string()],
        )
        .await;
    assert_eq!(recent, 0);
}
