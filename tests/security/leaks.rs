//! Tokens and passwords that must stay where they are.

use serde_json::json;

use crate::support::listener::Listener;
use crate::support::provider::Provider;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{own_talkative_pbx, pbx};

#[tokio::test]
async fn a_busy_session_leaves_no_secret_in_a_log_that_says_everything() {
    let pbx = own_talkative_pbx("leaks").await;
    let admin = pbx.admin().await;
    let eva = pbx.person("user").await;
    let mut secrets = vec![ADMIN_PASSWORD.to_owned(), admin.token(), eva.api.token()];
    let provider = Provider::open(&pbx).await;
    provider.has_account("firma", "Leitungs-Kennwort-9");
    let trunk = json!({
        "name": "Line", "provider": "custom", "sip_server": provider.server(), "auth_mode": "registration",
        "username": "firma", "password": "Leitungs-Kennwort-9",
    });
    admin.post("/api/trunks/", &trunk).await.expect(200);
    provider.is_registered("firma").await;
    secrets.push("Leitungs-Kennwort-9".into());
    let ada = pbx.ext().create().await;
    secrets.push(ada.secret.clone());
    ada.phone().await;
    let pin = json!({"pin": "8362915"});
    admin
        .put(&format!("/api/voicemail/mailbox/{}", ada.number), &pin)
        .await
        .expect(200);
    secrets.push("8362915".into());
    let mail = json!({"smtp_host": "127.0.0.1", "smtp_port": "2525", "smtp_user": "pbx", "smtp_password": "Post-Kennwort-5",
        "smtp_from": "pbx@example.com"});
    admin.put("/api/settings/", &mail).await.expect(200);
    secrets.push("Post-Kennwort-5".into());
    let change = json!({"current_password": ADMIN_PASSWORD, "new_password": "seven-blue-Otters-3"});
    eva.api
        .post("/api/auth/change-password", &change)
        .await
        .expect(200);
    secrets.push("seven-blue-Otters-3".into());
    // In the address, where a log usually shows it.
    let listener = Listener::open(pbx.url(), &admin.token()).await;
    pbx.anonymous()
        .get(&format!("/api/voicemail/1/audio?token={}", admin.token()))
        .await
        .expect_error(404, "not_found");
    let tried = json!({"username": "eva", "password": "mistyped-Kennwort-1"});
    pbx.anonymous()
        .post("/api/auth/login", &tried)
        .await
        .expect_error(401, "login_failed");
    secrets.push("mistyped-Kennwort-1".into());
    let visitor = pbx.visitor("en").await;
    visitor.open("/extensions").await.expect(200);
    let key = pbx.value("GONOPBX_JWT_SECRET").to_owned();
    secrets.push(key);
    drop(listener);

    let log = pbx.log("server.log");
    assert!(
        log.contains("TRACE") || log.contains("DEBUG"),
        "it says everything"
    );
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
    }
    for hash in ["$argon2", "MD5:"] {
        assert!(!log.contains(hash), "{hash} is in the log");
    }
    for part in ["asterisk/messages.log", "asterisk/messages", "postgres.log"] {
        let log = pbx.log(part);
        for secret in &secrets {
            assert!(!log.contains(secret.as_str()), "{secret} is in {part}");
        }
    }
}

#[tokio::test]
async fn no_answer_gives_a_secret_back() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let visitor = pbx.visitor("en").await;
    for path in [
        "/api/peers/",
        &ada.path(),
        "/api/peers/export",
        "/api/dashboard/status",
        "/api/audit/?limit=500",
        "/api/users/",
        "/api/openapi.json",
    ] {
        let answer = admin.get(path).await;
        for secret in [
            &*ada.secret,
            "$argon2",
            "MD5:",
            pbx.value("GONOPBX_JWT_SECRET"),
            &admin.token(),
        ] {
            assert!(!answer.text.contains(secret), "{path}");
        }
    }
    for path in [
        "/extensions".to_owned(),
        format!("/extensions/{}", ada.number),
        format!("/extensions/{}/edit", ada.number),
        "/changes".into(),
    ] {
        let page = visitor.open(&path).await;
        for secret in [&*ada.secret, "$argon2", "MD5:"] {
            assert!(!page.html.contains(secret), "{path}");
        }
        assert!(
            !page.html.contains("token="),
            "{path}: no token in an address"
        );
    }
}
