//! What a change does to phones and calls.

use serde_json::json;

use super::{AT_ONCE, has_state};
use crate::support::pbx;

#[tokio::test]
async fn a_disabled_extension_cannot_register_call_or_be_called_and_comes_back() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let desk = pbx.ext().create().await;
    let bob = desk.phone().await;

    desk.change(json!({"enabled": false})).await;
    assert_eq!(bob.register().await, 401, "register");
    assert_eq!(bob.dial(&ada.number).await.is_refused().await, 401, "call");
    let mut out = ada.dial(&desk.number).await;
    assert_eq!(out.is_refused_within(AT_ONCE).await, 404, "be called");
    assert!(!bob.has_rung().await && !ada.has_rung().await);
    let owner = pbx.owner().await;
    let live = owner
        .count(
            "select count(*) from ps_contacts where endpoint = $1 and expiration_time > extract(epoch from now())",
            &[&desk.number],
        )
        .await;
    assert_eq!(live, 0, "no phone stays registered");

    desk.change(json!({"enabled": true})).await;
    assert_eq!(bob.register().await, 200, "the password is still the same");
    let mut out = ada.dial(&desk.number).await;
    bob.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    let mut out = bob.dial(&ada.number).await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
}

#[tokio::test]
async fn an_extension_made_disabled_is_unknown_until_it_is_enabled() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let desk = pbx.ext().with("enabled", false).create().await;
    let bob = desk.new_phone().await;
    assert_eq!(bob.register().await, 401);
    assert_eq!(ada.dial(&desk.number).await.is_refused().await, 404);
    desk.change(json!({"enabled": true})).await;
    assert_eq!(bob.register().await, 200);
    let mut out = ada.dial(&desk.number).await;
    bob.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
}

#[tokio::test]
async fn a_call_in_progress_survives_that_its_extension_is_disabled_renamed_and_deleted() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let desk = pbx.ext().create().await;
    let bob = desk.phone().await;
    let mut out = ada.dial(&desk.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;

    desk.change(json!({"enabled": false})).await;
    desk.change(json!({"enabled": true})).await;
    let new = pbx.free_number();
    desk.change(json!({ "extension": new })).await;
    let admin = pbx.admin().await;
    admin.delete(&format!("/api/peers/{new}")).await.expect(200);
    assert!(!out.is_over() && !call.is_over(), "the call goes on");
    out.hang_up().await;
    call.other_side_hangs_up().await;
}

#[tokio::test]
async fn a_deleted_extension_is_gone_with_its_phones() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let desk = pbx.ext().create().await;
    let bob = desk.phone().await;
    desk.delete().await;
    assert_eq!(bob.register().await, 401);
    assert_eq!(bob.dial(&ada.number).await.is_refused().await, 401);
    assert_eq!(ada.dial(&desk.number).await.is_refused().await, 404);
    assert!(!bob.has_rung().await);

    let owner = pbx.owner().await;
    let left = owner
        .count(
            "select (select count(*) from ps_endpoints where id = $1) + (select count(*) from ps_auths where id = $1)
                  + (select count(*) from ps_aors where id = $1) + (select count(*) from ps_contacts where endpoint = $1)
                  + (select count(*) from extensions where exten = $1) + (select count(*) from pbx.extension where number = $1)",
            &[&desk.number],
        )
        .await;
    assert_eq!(left, 0, "nothing of it is left");
    let admin = pbx.admin().await;
    admin.get(&desk.path()).await.expect_error(404, "not_found");
}

#[tokio::test]
async fn a_renamed_extension_answers_under_its_new_number_and_password_only() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let desk = pbx.ext().name("Desk").ring_time(33).create().await;
    let before = desk.phone().await;
    let new = pbx.free_number();
    let saved = desk.change(json!({ "extension": new })).await;
    let secret = saved["secret"].as_str().unwrap_or_default().to_owned();
    assert_eq!(secret.len(), 20, "a new password, shown once: {saved}");
    assert_eq!(
        (&saved["caller_id"], &saved["ring_time"]),
        (&json!("Desk"), &json!(33))
    );

    assert_eq!(before.register().await, 401, "the old number");
    assert_eq!(
        ada.dial(&desk.number).await.is_refused().await,
        404,
        "the old number"
    );
    let old_secret = pbx.phone(&new, &desk.secret).await;
    assert_eq!(old_secret.register().await, 401, "the old password");
    let bob = pbx.phone(&new, &secret).await;
    assert_eq!(bob.register().await, 200);
    let mut out = ada.dial(&new).await;
    bob.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    let mut out = bob.dial(&ada.number).await;
    let call = ada.rings().await;
    assert_eq!(
        (call.caller_name(), call.caller_number()),
        ("Desk".into(), new)
    );
    call.busy().await;
    assert_eq!(out.is_refused().await, 486);
}

#[tokio::test]
async fn a_new_ring_time_counts_from_the_next_call_on() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let desk = pbx.ext().ring_time(60).create().await;
    let bob = desk.phone().await;
    desk.change(json!({"ring_time": 5})).await;
    let mut out = ada.dial(&desk.number).await;
    let call = bob.rings().await;
    let (status, ()) = tokio::join!(out.is_refused(), call.stops_ringing());
    assert_eq!(status, 480);
    assert!(out.started.elapsed() < std::time::Duration::from_secs(8));
}

#[tokio::test]
async fn the_state_of_a_disabled_extension_does_not_stay_online() {
    let pbx = pbx().await;
    let desk = pbx.ext().create().await;
    let _bob = desk.phone().await;
    has_state(&pbx, &desk.number, "idle").await;
    desk.change(json!({"enabled": false})).await;
    desk.change(json!({"enabled": true})).await;
    has_state(&pbx, &desk.number, "unregistered").await;
}
