//! Who may register, and from when on.

use std::time::Duration;

use serde_json::json;

use super::has_state;
use crate::support::{eventually, pbx, within};

#[tokio::test]
async fn a_phone_registers_in_the_moment_its_extension_is_made() {
    let pbx = pbx().await;
    for _ in 0..5 {
        let ada = pbx.ext().create().await;
        let phone = ada.new_phone().await;
        assert_eq!(phone.register().await, 200);
    }
}

#[tokio::test]
async fn a_new_password_works_at_once_and_the_old_one_never_again() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let old = ada.phone().await;
    for n in 0..5 {
        let secret = format!("Correct-Horse-{n}-Battery");
        let saved = ada.change(json!({ "secret": secret })).await;
        assert_eq!(
            saved["secret"], *secret,
            "in the answer that sets it, and nowhere else"
        );
        let new = pbx.phone(&ada.number, &secret).await;
        assert_eq!(new.register().await, 200, "the new password, change {n}");
        assert_eq!(old.register().await, 401, "the old password, change {n}");
        assert_eq!(new.unregister().await, 200);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let wrong = pbx.phone(&ada.number, "wrong-password").await;
    let nobody = pbx.phone("999998", "wrong-password").await;
    let (first, second) = (
        wrong.send_register(60).await,
        nobody.send_register(60).await,
    );
    assert_eq!((first.status(), second.status()), (401, 401));
    let challenge = |answer: &crate::support::phone::Message| {
        let offer = answer.header("WWW-Authenticate").to_owned();
        offer
            .split('"')
            .step_by(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(challenge(&first), challenge(&second));
    assert!(
        first
            .header("WWW-Authenticate")
            .contains("realm=\"gonopbx\"")
    );
}

#[tokio::test]
async fn a_call_with_a_wrong_password_is_not_made() {
    let pbx = pbx().await;
    let bob = pbx.ext().phone().await;
    let ada = pbx.ext().create().await;
    let thief = pbx.phone(&ada.number, "wrong-password").await;
    assert_eq!(thief.dial(&bob.number).await.is_refused().await, 401);
    let nobody = pbx.phone("999997", "wrong-password").await;
    assert_eq!(nobody.dial(&bob.number).await.is_refused().await, 401);
    assert!(!bob.has_rung().await);
}

#[tokio::test]
async fn the_dashboard_follows_a_phone_that_comes_and_goes() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    let phone = ada.new_phone().await;
    let offline = has_state(&pbx, &ada.number, "unregistered").await;
    assert_eq!(
        (&offline["status"], &offline["display_name"]),
        (&json!("offline"), &json!("Ada"))
    );
    assert_eq!(phone.register().await, 200);
    let idle = has_state(&pbx, &ada.number, "idle").await;
    assert_eq!(idle["status"], "online");
    phone.is_asked().await;
    let admin = pbx.admin().await;
    eventually("the round trip is known", || async {
        let status = admin.get("/api/dashboard/status").await.expect(200);
        let endpoints = status["endpoints"].as_array().cloned().unwrap_or_default();
        let mine = endpoints
            .into_iter()
            .find(|e| e["endpoint"] == *ada.number)?;
        (mine["rtt"].as_f64()? > 0.0).then_some(())
    })
    .await;
    assert_eq!(phone.unregister().await, 200);
    has_state(&pbx, &ada.number, "unregistered").await;
}

#[tokio::test]
async fn a_phone_is_stored_as_asterisk_stores_it_and_removed_when_it_goes() {
    let pbx = pbx().await;
    let phone = pbx.ext().phone().await;
    let owner = pbx.owner().await;
    let contacts: Vec<(String, String)> = owner
        .rows(
            "select endpoint, uri from ps_contacts where endpoint = $1",
            &[&phone.number],
        )
        .await;
    assert_eq!(contacts, [(phone.number.clone(), phone.contact())]);
    assert_eq!(phone.unregister().await, 200);
    let left = owner
        .count(
            "select count(*) from ps_contacts where endpoint = $1",
            &[&phone.number],
        )
        .await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_phone_that_was_off_is_called_again_as_soon_as_it_registers() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let bob = pbx.ext().create().await.new_phone().await;
    bob.goes_off();
    assert_eq!(bob.register().await, 200);
    // It is asked at once, and given three seconds to answer.
    has_state(&pbx, &bob.number, "unreachable").await;
    bob.comes_back();
    assert_eq!(bob.register().await, 200);
    let soon = Duration::from_secs(3);
    within(soon, "it rings", || async {
        (ada.tries(&bob).await == 486).then_some(())
    })
    .await;
}
