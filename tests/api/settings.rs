//! `settings`, `settings/codecs`, and the mailbox that every extension has.

use serde_json::json;

use super::has_shape;
use crate::support::{eventually, own_pbx, pbx};

const PATH: &str = "/api/settings/";

#[tokio::test]
async fn settings_are_saved_all_or_not_at_all_and_each_wrong_field_is_named() {
    let pbx = own_pbx("settings-rest").await;
    let admin = pbx.admin().await;
    let before = admin.get(PATH).await.expect(200);
    for (field, wrong, code) in [
        ("history_days", "0", "out_of_range"),
        ("country_code", "4x", "invalid_did"),
        ("area_code", "12345678", "invalid_did"),
        ("emergency_numbers", "", "required"),
        ("emergency_numbers", "one", "invalid_did"),
        ("barred_forwards", "premium", "invalid_prefix"),
    ] {
        let draft =
            json!({"smtp_host": "mail.example.com", "smtp_from": "pbx@example.com", field: wrong});
        let refused = admin.put(PATH, &draft).await;
        refused.expect_error(if code == "required" { 422 } else { 400 }, code);
        assert_eq!(refused.errors(field), [code], "{}", refused.text);
        let after = admin.get(PATH).await.expect(200);
        assert_eq!(after, before, "half of it was saved with a wrong {field}");
    }
    let both = json!({"smtp_port": "0", "history_days": "0"});
    let refused = admin.put(PATH, &both).await;
    assert_eq!(refused.errors("smtp_port"), ["out_of_range"]);
    assert_eq!(refused.errors("history_days"), ["out_of_range"]);

    let draft = json!({"smtp_host": "mail.example.com", "smtp_from": "pbx@example.com", "history_days": "30",
        "country_code": "+43", "area_code": "01", "emergency_numbers": "112,133", "barred_forwards": "0930"});
    let saved = admin.put(PATH, &draft).await.expect(200);
    for (field, value) in [
        ("smtp_host", "mail.example.com"),
        ("history_days", "30"),
        ("country_code", "43"),
        ("area_code", "1"),
        ("emergency_numbers", "112, 133"),
        ("barred_forwards", "0930"),
    ] {
        assert_eq!(saved[field], value, "{field}: {saved}");
    }
    assert_eq!(admin.get(PATH).await.expect(200), saved);
    let owner = pbx.owner().await;
    let sets =
        "select count(distinct c.set_id) from pbx.change c join pbx.change_set s on s.id = c.set_id
        where s.act = 'settings.edit' and c.tab in ('setting', 'mail_server')";
    assert_eq!(owner.count(sets, &[]).await, 1, "it is one change");

    // What was read is written back, and what is not named stays.
    assert_eq!(admin.put(PATH, &saved).await.expect(200), saved);
    let named = json!({"area_code": "", "nobody_knows": "this"});
    let after = admin.put(PATH, &named).await.expect(200);
    assert_eq!(after["area_code"], "");
    assert_eq!(after["emergency_numbers"], "112, 133");
    assert_eq!(owner.count(sets, &[]).await, 2);
}

#[tokio::test]
async fn an_emergency_number_is_no_extension_and_an_extension_no_emergency_number() {
    let pbx = own_pbx("emergency-numbers").await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let phone = ada.phone().await;
    let bob = pbx.ext().phone().await;
    let both = format!("110, 112, {}", ada.number);
    let refused = admin.put(PATH, &json!({"emergency_numbers": both})).await;
    refused.expect_error(400, "emergency_is_extension");
    let told = refused.errors("emergency_numbers");
    assert_eq!(told, ["emergency_is_extension"]);
    for (language, words) in [
        ("de", "Eine dieser Nummern ist eine Nebenstelle."),
        ("en", "One of these numbers is an extension."),
    ] {
        let visitor = pbx.visitor(language).await;
        let page = visitor.open("/settings").await.expect(200);
        let form = page.form("/settings").set("emergency_numbers", &both);
        let page = visitor.submit(&form).await.expect(422);
        assert_eq!(page.wrong_fields(), ["emergency_numbers"]);
        assert!(page.shows(words), "{}", page.text());
    }
    let dba = pbx.dba().await;
    let said = dba.is_refused(&format!(
        "update pbx.setting set value = '[\"110\", \"{}\"]' where key = 'emergency_numbers'",
        ada.number
    ));
    let words = format!("{} is an extension", ada.number);
    assert!(said.contains(&words) && said.contains("HINT:"), "{said}");
    let mut call = bob.dial(&ada.number).await;
    phone.rings().await.busy().await;
    assert_eq!(call.is_refused().await, 486, "it can be called");

    // The other way round: by the browser's rule, and by SQL.
    let free = pbx.free_number();
    let numbers = format!("110, 112, {free}");
    let draft = json!({"emergency_numbers": numbers});
    admin.put(PATH, &draft).await.expect(200);
    let answer = admin.post("/api/peers", &json!({"extension": free})).await;
    answer.expect_error(400, "emergency_number");
    let answer = admin.put(&ada.path(), &json!({"extension": free})).await;
    answer.expect_error(400, "emergency_number");
    let said = dba.is_refused(&format!(
        "insert into ps_auths (id, auth_type, password) values ('{free}', 'userpass', 'Correct-Horse-Battery-9');
         insert into ps_aors (id, max_contacts) values ('{free}', 1);
         insert into ps_endpoints (id, context, auth, aors) values ('{free}', 'internal', '{free}', '{free}')"
    ));
    assert!(said.contains("this is an emergency number"), "{said}");

    // Taken off the list, it is a number as any other.
    let draft = json!({"emergency_numbers": "110, 112"});
    admin.put(PATH, &draft).await.expect(200);
    let made = admin.post("/api/peers", &json!({"extension": free})).await;
    assert!([200, 201].contains(&made.status), "{}", made.text);
    let owner = pbx.owner().await;
    eventually("it has a row of the dialplan", || async {
        let rows = owner
            .count(
                "select count(*) from dialplan_internal where exten = $1",
                &[&free],
            )
            .await;
        (rows == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_order_of_codecs_reaches_extensions_without_one_of_their_own() {
    // Each extension of the others would be changed, too.
    let pbx = own_pbx("codecs-rest").await;
    let admin = pbx.admin().await;
    let (follows, own) = (
        pbx.ext().create().await,
        pbx.ext().with("codecs", "gsm").create().await,
    );
    let path = "/api/settings/codecs";
    let before = admin.get(path).await.expect(200);
    has_shape(&before, "global_codecs:text available_codecs:list");
    has_shape(
        &before["available_codecs"][0],
        "id:text name:text description:text",
    );

    let saved = admin
        .put(path, &json!({"global_codecs": "alaw, ulaw, g722"}))
        .await
        .expect(200);
    assert_eq!(
        saved,
        json!({"status": "ok", "global_codecs": "alaw,ulaw,g722", "live": true})
    );
    let seen = pbx
        .cli(&format!("pjsip show endpoint {}", follows.number))
        .await;
    assert!(seen.contains("(alaw|ulaw|g722)"), "{seen}");
    let seen = pbx
        .cli(&format!("pjsip show endpoint {}", own.number))
        .await;
    assert!(seen.contains("(gsm)"), "{seen}");
    admin
        .put(path, &json!({"global_codecs": before["global_codecs"]}))
        .await
        .expect(200);

    for (order, status, code) in [
        (json!("alaw,foo"), 400, "unknown_codec"),
        (json!(" , "), 400, "no_codec"),
        (json!(null), 400, "no_codec"),
        (json!(["alaw"]), 422, "malformed"),
    ] {
        let answer = admin.put(path, &json!({"global_codecs": order})).await;
        answer.expect_error(status, code);
        assert_eq!(answer.errors("global_codecs"), [code]);
    }
    admin
        .put(path, &json!({}))
        .await
        .expect_error(422, "required");
    let eva = pbx.person("user").await;
    eva.api.get(path).await.expect_error(403, "forbidden");
    eva.api
        .put(path, &json!({"global_codecs": "alaw"}))
        .await
        .expect_error(403, "forbidden");
}

#[tokio::test]
async fn an_extension_has_a_mailbox_that_is_off_until_somebody_wants_one() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().name("Ada").ring_time(25).create().await;
    let path = format!("/api/voicemail/mailbox/{}", ada.number);
    let mailbox = admin.get(&path).await.expect(200);
    assert_eq!(
        (&mailbox["enabled"], &mailbox["name"]),
        (&json!(false), &json!("Ada"))
    );
    assert_eq!(
        (&mailbox["ring_timeout"], &mailbox["pin"]),
        (&json!(25), &json!("********"))
    );
    let made = admin.put(&path, &json!({})).await.expect(200);
    assert_eq!(made["enabled"], true);
    assert_ne!(made["pin"], "********", "shown once");
    admin
        .get("/api/voicemail/mailbox/99999")
        .await
        .expect_error(404, "not_found");
}
