//! From where phones may come, and who was refused.

use serde_json::json;

use crate::support::{eventually, own_pbx, pbx};

const PATH: &str = "/api/settings/ip-whitelist";

#[tokio::test]
async fn a_phone_from_elsewhere_can_neither_register_nor_call_and_trunks_go_on() {
    let pbx = own_pbx("addresses").await;
    let admin = pbx.admin().await;
    assert_eq!(
        admin.get(PATH).await.expect(200),
        json!({"enabled": false, "ips": []})
    );
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    assert_eq!(ada.tries(&bob).await, 486);

    // Phones of the tests are at 127.0.0.1. A page asks before it shuts out those that are registered.
    let visitor = pbx.visitor("en").await;
    let elsewhere = |form: &crate::support::html::Form| {
        let form = form.clone().check("enabled", true);
        form.force("ips", "192.0.2.0/24\r\n2001:db8::7")
    };
    let form = visitor.open("/settings").await.form("/settings/phones");
    let asked = visitor.submit(&elsewhere(&form)).await.expect(422);
    assert_eq!(asked.wrong_fields(), ["ips"]);
    assert!(
        asked.shows(&format!("{} (127.0.0.1)", ada.number)),
        "{}",
        asked.text()
    );
    assert_eq!(ada.register().await, 200, "nothing was saved");
    let sure = elsewhere(&asked.form("/settings/phones")).check("may_exclude", true);
    visitor.submit(&sure).await.expect(200);
    let saved = admin.get(PATH).await.expect(200);
    assert_eq!(
        saved,
        json!({"enabled": true, "ips": ["192.0.2.0/24", "2001:db8::7"]})
    );

    assert_eq!(ada.register().await, 401, "with the right password");
    assert_eq!(ada.dial(&bob.number).await.is_refused().await, 401);
    assert!(!bob.has_rung().await);
    // One that is made now is no exception, nor one that somebody makes in SQL.
    let new = pbx.ext().create().await;
    assert_eq!(new.new_phone().await.register().await, 401);
    eventually("the refusals are counted", || async {
        let refused = admin.get("/api/settings/refused-phones").await.expect(200);
        (refused["addresses"][0]["address"] == "127.0.0.1").then_some(())
    })
    .await;

    let saved = admin
        .put(PATH, &json!({"ips": ["127.0.0.0/8"]}))
        .await
        .expect(200);
    assert_eq!(
        saved,
        json!({"status": "ok", "enabled": true, "ips": ["127.0.0.0/8"], "excluded": [], "live": true})
    );
    assert_eq!(ada.register().await, 200);
    assert_eq!(ada.tries(&bob).await, 486);

    // In SQL it is live as well, and what would shut out everybody by mistake is refused.
    let dba = pbx.dba().await;
    let value =
        |json: &str| format!("update pbx.setting set value = '{json}' where key = 'ip_whitelist'");
    for wrong in [
        r#"{"enabled": true, "ips": []}"#,
        r#"{"enabled": true, "ips": ["x"]}"#,
        r#"{"enabled": true, "ips": ["0.0.0.0/0"]}"#,
        r#"{"enabled": "yes", "ips": ["10.0.0.0/8"]}"#,
        r#"["10.0.0.0/8"]"#,
    ] {
        let said = dba.is_refused(&value(wrong));
        assert!(
            said.contains("setting.ip_whitelist") && said.contains("HINT"),
            "{said}"
        );
    }
    dba.does(&value(r#"{"enabled": true, "ips": ["192.0.2.0/24"]}"#));
    eventually("the change made in SQL is live", || async {
        (ada.register().await == 401).then_some(())
    })
    .await;
    dba.does("delete from pbx.setting where key = 'ip_whitelist'");
    eventually("phones may come from everywhere", || async {
        (ada.register().await == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_rule_that_is_none_is_refused_at_its_field_and_only_admins_set_it() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for (body, code) in [
        (
            json!({"enabled": true, "ips": ["300.1.1.1"]}),
            "invalid_network",
        ),
        (json!({"ips": ["10.0.0.0/33"]}), "invalid_network"),
        (json!({"ips": ["::/0"]}), "invalid_network"),
        (
            json!({"ips": ["10.0.0.1; drop table acls"]}),
            "invalid_network",
        ),
        (json!({"enabled": true, "ips": []}), "required"),
        (json!({"enabled": true, "ips": null}), "required"),
        (json!({"ips": vec!["10.0.0.1"; 201]}), "out_of_range"),
    ] {
        let answer = admin.put(PATH, &body).await;
        answer.expect_error(if code == "required" { 422 } else { 400 }, code);
        assert_eq!(answer.errors("ips"), [code], "{body}");
    }
    admin
        .put(PATH, &json!({"ips": "10.0.0.1 x"}))
        .await
        .expect_error(400, "invalid_network");
    admin
        .put(PATH, &json!({"ips": [1]}))
        .await
        .expect_error(422, "malformed");
    admin
        .put(PATH, &json!({"enabled": 2}))
        .await
        .expect_error(422, "malformed");
    let eva = pbx.person("user").await.api;
    eva.get(PATH).await.expect_error(403, "forbidden");
    eva.put(PATH, &json!({"enabled": false}))
        .await
        .expect_error(403, "forbidden");
    eva.get("/api/settings/refused-phones")
        .await
        .expect_error(403, "forbidden");
}
