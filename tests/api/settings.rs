//! `settings/codecs`, and the mailbox that every extension has.

use serde_json::json;

use super::has_shape;
use crate::support::pbx;

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
