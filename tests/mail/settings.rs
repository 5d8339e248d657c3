//! The mail server as people set it, and the test of it.

use serde_json::json;

use super::{mailbox, message, states};
use crate::api::battery::bad_values;
use crate::support::certificate::Certificate;
use crate::support::smtp::{MailServer, PASSWORD, USER};
use crate::support::visitor::{Page, Visitor};
use crate::support::{eventually, own_pbx};

const PAGE: &str = "/settings/mail";

async fn test(visitor: &Visitor, recipient: &str) -> Page {
    let page = visitor.open(PAGE).await.expect(200);
    let form = page.form("/settings/mail/test").set("recipient", recipient);
    visitor.submit(&form).await
}

async fn set(visitor: &Visitor, fields: &[(&str, &str)]) -> Page {
    let mut form = visitor.open(PAGE).await.expect(200).form(PAGE);
    for (name, value) in fields {
        form = form.set(name, value);
    }
    visitor.submit(&form).await
}

#[tokio::test]
async fn the_test_button_says_what_the_mail_server_said() {
    let pbx = own_pbx("mail-settings").await;
    let visitor = pbx.visitor("en").await;
    let page = visitor.open("/settings").await.expect(200);
    assert!(
        page.html.contains("href=\"/settings/mail\""),
        "the way there"
    );
    let page = test(&visitor, "ada@example.com").await.expect(200);
    assert!(page.shows("No mail server is set."), "{}", page.text());
    let page = test(&visitor, "ada").await.expect(422);
    assert_eq!(page.wrong_fields(), ["recipient"]);

    let mut server = MailServer::open(&pbx);
    let port = server.port.to_string();
    let wrong = [
        ("smtp_host", "mail server"),
        ("smtp_port", "0"),
        ("smtp_user", USER),
        ("smtp_from", "nobody"),
    ];
    let page = set(&visitor, &wrong).await.expect(422);
    assert_eq!(
        page.wrong_fields(),
        ["smtp_host", "smtp_port", "smtp_password", "smtp_from"]
    );
    let right = [
        ("smtp_host", "127.0.0.1"),
        ("smtp_port", &port),
        ("smtp_encryption", "none"),
        ("smtp_user", USER),
        ("smtp_password", "wrong"),
        ("smtp_from", USER),
        ("smtp_from_name", "Müller"),
    ];
    let page = set(&visitor, &right).await.expect(200);
    assert!(
        page.shows("The mail settings are saved."),
        "{}",
        page.text()
    );
    let page = test(&visitor, "ada@example.com").await;
    let said = "The mail server refuses user name or password: 535";
    assert!(page.shows(said), "{}", page.text());

    // A wrong password keeps every mail waiting, and the right one sends them.
    let bob = mailbox(&pbx, "bob@example.com", "attach = 'no'").await;
    message(&pbx, &bob.number, 0, "").await;
    eventually("the queue says why it waits", || async {
        let page = visitor.open(PAGE).await;
        (page.shows("1 mail waits.") && page.shows(said)).then_some(())
    })
    .await;
    let page = set(&visitor, &[("smtp_password", PASSWORD)]).await;
    assert!(!page.expect(200).html.contains(PASSWORD));
    server.gets_one_for("bob@example.com").await;
    // An empty field keeps it.
    set(&visitor, &[("smtp_from_name", "Anlage Süd")])
        .await
        .expect(200);
    let page = test(&visitor, "ada@example.com").await;
    let said = "The mail server took the test mail for ada@example.com: 250";
    assert!(page.shows(said), "{}", page.text());
    let mail = server.gets_one_for("ada@example.com").await;
    assert_eq!(mail["headers"]["from"], "Anlage Süd <pbx@example.com>");
    let page = test(&visitor, "refused@example.com").await;
    assert!(page.shows("refuses the recipient: 550"), "{}", page.text());
    set(&visitor, &[("smtp_encryption", "starttls")]).await;
    let page = test(&visitor, "ada@example.com").await;
    assert!(page.shows("does not offer STARTTLS"), "{}", page.text());
    server.goes_away();
    let page = test(&visitor, "ada@example.com").await;
    assert!(page.shows("cannot be reached"), "{}", page.text());

    let owner = pbx.owner().await;
    let told = "select count(*) from pbx.change where tab = 'mail_server' and after->>'password' = '********'";
    assert!(owner.count(told, &[]).await >= 2);
    let leaked = "select count(*) from pbx.change where concat(before::text, after::text) like '%' || $1 || '%'";
    assert_eq!(owner.count(leaked, &[PASSWORD]).await, 0);
    let log = pbx.log("server.log");
    assert!(!log.contains(PASSWORD), "{log}");
    assert_eq!(states(&pbx, &bob.number).await[0].0, "done");
}

#[tokio::test]
async fn programs_set_it_with_the_original_s_names_and_users_not_at_all() {
    let pbx = own_pbx("mail-rest").await;
    let (admin, path) = (pbx.admin().await, "/api/settings/");
    let before = admin.get(path).await.expect(200);
    let usual = json!({"smtp_host": "", "smtp_port": "587", "smtp_tls": "true", "smtp_user": "", "smtp_password": "",
        "smtp_from": "", "smtp_encryption": "starttls", "smtp_from_name": "", "history_days": "",
        "country_code": "49", "area_code": "", "emergency_numbers": "110, 112", "barred_forwards": before["barred_forwards"]});
    assert_eq!(before, usual);
    let server = MailServer::open(&pbx);
    let saved = admin.put(path, &server.settings()).await.expect(200);
    assert_eq!(saved["smtp_password"], "********");
    assert_eq!(saved["smtp_tls"], "false");
    // What was read is written back: the mask keeps the password.
    assert_eq!(admin.put(path, &saved).await.expect(200), saved);
    let bob = mailbox(&pbx, "bob@example.com", "attach = 'no'").await;
    message(&pbx, &bob.number, 0, "").await;
    server.gets_one_for("bob@example.com").await;
    let tls = json!({"smtp_tls": "true", "smtp_port": 465, "smtp_encryption": null});
    let saved = admin.put(path, &tls).await.expect(200);
    assert_eq!(
        (&saved["smtp_encryption"], &saved["smtp_port"]),
        (&json!("tls"), &json!("465"))
    );
    let refused = admin
        .put(path, &json!({"smtp_from": "a@b.de, c@d.de"}))
        .await;
    assert_eq!(refused.errors("smtp_from"), ["invalid_email"]);

    let user = pbx.person("user").await.api;
    user.get(path).await.expect(403);
    user.put(path, &server.settings()).await.expect(403);
    pbx.anonymous().get(path).await.expect(401);
}

#[tokio::test]
async fn an_encrypted_connection_is_one_to_a_server_that_can_be_trusted() {
    let pbx = own_pbx("mail-tls").await;
    let visitor = pbx.visitor("en").await;
    for encryption in ["starttls", "tls"] {
        let trusted = Certificate::signed("IP:127.0.0.1");
        let server = MailServer::encrypted(&pbx, encryption, trusted);
        server.is_used_by(&pbx).await;
        let page = test(&visitor, "ada@example.com").await;
        assert!(page.shows("took the test mail"), "{}", page.text());
        let mail = server.gets_one_for("ada@example.com").await;
        assert_eq!(mail["encrypted"], true);

        let unknown = Certificate::unsigned("IP:127.0.0.1");
        let server = MailServer::encrypted(&pbx, encryption, unknown);
        server.is_used_by(&pbx).await;
        let page = test(&visitor, "ada@example.com").await;
        let said = "No encrypted connection to the mail server";
        assert!(page.shows(said), "{encryption}: {}", page.text());
    }
}

#[tokio::test]
async fn bad_values_are_told_at_their_field_or_do_no_harm() {
    let pbx = own_pbx("mail-battery").await;
    let (admin, path) = (pbx.admin().await, "/api/settings/");
    let server = MailServer::open(&pbx);
    for field in [
        "smtp_host",
        "smtp_port",
        "smtp_encryption",
        "smtp_user",
        "smtp_password",
        "smtp_from",
        "smtp_from_name",
    ] {
        for value in bad_values() {
            server.is_used_by(&pbx).await;
            let answer = admin.put(path, &json!({ field: value })).await;
            if answer.status != 200 {
                answer.expect_one_of(&[400, 422]);
                assert!(
                    !answer.errors(field).is_empty(),
                    "{field} {value:?}: {}",
                    answer.text
                );
            }
        }
        for odd in [json!([1]), json!({"a": 1})] {
            let answer = admin.put(path, &json!({ field: odd })).await;
            assert_eq!(answer.errors(field), ["malformed"]);
        }
    }
    // What a name may be is a name in a mail.
    let visitor = pbx.visitor("en").await;
    for value in [
        "a\"b",
        "a\\",
        "<b>",
        "a,b;c",
        "日本 😀 \u{202e}",
        "a@b",
        &"x".repeat(100),
    ] {
        let mut settings = server.settings();
        settings["smtp_from_name"] = json!(value);
        admin.put(path, &settings).await.expect(200);
        let page = test(&visitor, "ada@example.com").await;
        assert!(
            page.shows("took the test mail"),
            "{value:?}: {}",
            page.text()
        );
    }
    let mails = server.mails_to("ada@example.com");
    assert_eq!(mails.len(), 7, "{mails:#?}");
    assert!(mails.iter().all(|mail| mail["from"] == USER), "{mails:#?}");
    let log = pbx.log("server.log");
    assert!(!log.contains("panicked"), "{log}");
}
