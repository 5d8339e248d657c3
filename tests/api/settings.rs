//! `settings`, `settings/codecs`, and the mailbox that every extension has.

use serde_json::json;

use super::has_shape;
use crate::support::{own_pbx, pbx};

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
async fn the_order_of_codecs_reaches_extensions_without_one_of_their_own() {
    let pbx = pbx().await;
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
