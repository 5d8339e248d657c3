//! What no key may, whatever its scopes: become an administrator, or bring back what its owner took away.

use serde_json::{Value, json};

use super::keys::Program;
use crate::changes::newest;
use crate::support::pbx::Person;
use crate::support::{Pbx, pbx};

const PASSWORD: &str = "Correct-Horse-Battery-9";

async fn tx(admin: &Person, kind: &str, name: &str) -> String {
    let entry = newest(&admin.api, kind, name).await;
    entry["tx"].as_str().expect("a transaction").to_owned()
}

async fn undo(program: &Program, tx: &str) -> crate::support::client::Answer {
    let path = format!("/api/audit/{tx}/undo");
    program
        .ask("POST", &path, json!({"conflicts": "take"}))
        .await
}

/// Somebody made by an administrator, and the name.
async fn somebody(pbx: &Pbx, admin: &Person, role: &str) -> (String, String) {
    let name = format!("somebody-{}", pbx.free_number());
    let draft = json!({"username": name, "password": PASSWORD, "role": role});
    let made = admin.api.post("/api/users", &draft).await.expect(201);
    (format!("/api/users/{}", made["id"]), name)
}

async fn opens(pbx: &Pbx, name: &str, password: &str) -> bool {
    let login = json!({"username": name, "password": password});
    let answer = pbx.anonymous().post("/api/auth/login", &login).await;
    assert!([200, 401].contains(&answer.status), "{}", answer.text);
    answer.status == 200
}

#[tokio::test]
async fn a_key_takes_back_what_it_could_have_done_itself_and_nothing_else() {
    let pbx = pbx().await;
    let admin = pbx.person("admin").await;
    let writer = Program::new(&pbx, &admin, json!({"scopes": "read,write"})).await;
    let provisioner = json!({"scopes": "read,write,users"});
    let provisioner = Program::new(&pbx, &admin, provisioner).await;

    let ada = pbx.ext().create().await;
    ada.change(json!({"caller_id": "Ada the second"})).await;
    let change = tx(&admin, "extension", &ada.number).await;
    undo(&writer, &change).await.expect(200);

    // A key that was revoked stays revoked.
    let revoked = Program::new(&pbx, &admin, json!({"scopes": "read"})).await;
    let path = format!("/api/keys/{}", revoked.id);
    admin.api.delete(&path).await.expect(200);
    let change = tx(&admin, "api_key", revoked.name()).await;
    for program in [&writer, &provisioner] {
        let answer = undo(program, &change).await;
        answer.expect_error(403, "scope_missing");
    }
    revoked.get("/api/peers").await.expect(401);

    // So does a person who is gone, for a key that is not about people.
    let (path, name) = somebody(&pbx, &admin, "user").await;
    admin.api.delete(&path).await.expect(200);
    let change = tx(&admin, "user", &name).await;
    undo(&writer, &change)
        .await
        .expect_error(403, "scope_missing");
    assert!(!opens(&pbx, &name, PASSWORD).await);
    undo(&provisioner, &change).await.expect(200);
    assert!(opens(&pbx, &name, PASSWORD).await);

    // A preview changes nothing, so it is for whoever may read.
    let reader = Program::new(&pbx, &admin, json!({"scopes": "read"})).await;
    let change = tx(&admin, "extension", &ada.number).await;
    let path = format!("/api/audit/{change}/undo");
    let preview = reader.get(&path).await.expect(200);
    assert_eq!(preview["undone"], 1, "{preview}");
    let answer = undo(&reader, &change).await;
    answer.expect_error(403, "scope_missing");
}

#[tokio::test]
async fn a_key_brings_back_no_administrator_and_no_administrators_password() {
    let pbx = pbx().await;
    let admin = pbx.person("admin").await;
    let program = json!({"scopes": "read,write,users"});
    let program = Program::new(&pbx, &admin, program).await;

    let (path, name) = somebody(&pbx, &admin, "admin").await;
    let new = json!({"password": "Another-Horse-Battery-7"});
    let password = format!("{path}/password");
    admin.api.patch(&password, &new).await.expect(200);
    let change = tx(&admin, "user", &name).await;
    undo(&program, &change)
        .await
        .expect_error(403, "scope_missing");
    assert!(!opens(&pbx, &name, PASSWORD).await);

    let role = json!({"role": "user"});
    admin.api.put(&path, &role).await.expect(200);
    let change = tx(&admin, "user", &name).await;
    undo(&program, &change)
        .await
        .expect_error(403, "scope_missing");
    let found = admin.api.get(&path).await.expect(200);
    assert_eq!(found["role"], "user");

    admin
        .api
        .put(&path, &json!({"role": "admin"}))
        .await
        .expect(200);
    admin.api.delete(&path).await.expect(200);
    let change = tx(&admin, "user", &name).await;
    undo(&program, &change)
        .await
        .expect_error(403, "scope_missing");
    admin.api.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_key_for_people_makes_and_changes_no_administrator() {
    let pbx = pbx().await;
    let admin = pbx.person("admin").await;
    let program = Program::new(&pbx, &admin, json!({"scopes": "users"})).await;
    let (boss, boss_name) = somebody(&pbx, &admin, "admin").await;
    let (clerk, clerk_name) = somebody(&pbx, &admin, "user").await;
    let new = "Another-Horse-Battery-7";
    let stranger = format!("stranger-{}", pbx.free_number());
    let draft = |role: &str| json!({"username": stranger, "password": new, "role": role});

    for (method, path, body) in [
        (
            "PATCH",
            format!("{boss}/password"),
            json!({"password": new}),
        ),
        ("PUT", boss.clone(), json!({"full_name": "Somebody else"})),
        ("PUT", boss.clone(), json!({"role": "user"})),
        ("DELETE", boss.clone(), Value::Null),
        ("DELETE", format!("{boss}/sessions"), Value::Null),
        ("DELETE", format!("{boss}/second-factor"), Value::Null),
        ("PUT", clerk.clone(), json!({"role": "admin"})),
        ("POST", "/api/users".to_owned(), draft("admin")),
        (
            "PATCH",
            format!("/api/users/{}/password", admin.id),
            json!({"password": new}),
        ),
    ] {
        let answer = program.ask(method, &path, body).await;
        answer.expect_error(403, "scope_missing");
    }
    assert!(opens(&pbx, &boss_name, PASSWORD).await);
    assert!(!opens(&pbx, &boss_name, new).await);
    assert!(!opens(&pbx, &stranger, new).await);
    let found = admin.api.get(&clerk).await.expect(200);
    assert_eq!(found["role"], "user");

    // Its own work goes on.
    let password = format!("{clerk}/password");
    let answer = program
        .ask("PATCH", &password, json!({"password": new}))
        .await;
    answer.expect(200);
    assert!(opens(&pbx, &clerk_name, new).await);
    program
        .ask("POST", "/api/users", draft("user"))
        .await
        .expect(201);
    program.ask("DELETE", &clerk, Value::Null).await.expect(200);
}
