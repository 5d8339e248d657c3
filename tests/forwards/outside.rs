//! Forwards that leave the house: in whose name, and who is named.

use serde_json::json;

use super::forward;
use crate::support::provider::Provider;
use crate::support::{Pbx, pbx};

/// A line whose template names the caller who was forwarded, and one of its numbers for an extension.
async fn line(pbx: &Pbx, provider: &Provider, did: &str, extension: &str) {
    let admin = pbx.admin().await;
    let fields = json!({
        "name": format!("Forwarding {did}"), "provider": "custom", "auth_mode": "ip", "sip_server": provider.server(),
    });
    let trunk = admin.post("/api/trunks/", &fields).await.expect(200);
    let route = json!({"did": did, "trunk_id": trunk["id"], "destination_extension": extension});
    admin.post("/api/routes/", &route).await.expect(200);
}

#[tokio::test]
async fn a_call_from_outside_shows_who_called_and_who_forwards() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let bob = pbx.ext().create().await;
    line(&pbx, &provider, "04216109901", &bob.number).await;
    forward(&pbx, &bob.number, "unconditional", "0171123456").await;
    let from = format!("<sip:+498912345678@{}>", provider.address());
    let mut out = provider.call("+494216109901").from(&from).send().await;
    let mut call = provider.rings().await;
    assert_eq!(call.number(), "+49171123456");
    assert_eq!(call.caller(), "+498912345678");
    let diversion = call.invite.header("Diversion").to_owned();
    assert!(diversion.contains("+494216109901"), "{diversion}");
    assert!(diversion.contains("reason=unconditional"), "{diversion}");
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
}

#[tokio::test]
async fn a_colleague_is_shown_as_the_one_who_forwards_and_not_with_the_own_number() {
    let pbx = pbx().await;
    let (provider, other) = (Provider::open(&pbx).await, Provider::open(&pbx).await);
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().create().await);
    line(&pbx, &provider, "04216109911", &bob.number).await;
    line(&pbx, &other, "04216109912", &ada.number).await;
    forward(&pbx, &bob.number, "no_answer", "0171123456").await;
    let mut out = ada.dial(&bob.number).await;
    let call = provider.rings().await;
    assert_eq!(call.caller(), "+494216109911");
    let diversion = call.invite.header("Diversion").to_owned();
    assert!(diversion.contains("reason=no-answer"), "{diversion}");
    call.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    assert!(!other.has_rung().await);
}

#[tokio::test]
async fn without_a_number_of_its_own_nothing_leaves() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().create().await);
    forward(&pbx, &bob.number, "unconditional", "0171123456").await;
    let mut out = ada.dial(&bob.number).await;
    assert_eq!(out.is_refused().await, 480);
}

#[tokio::test]
async fn a_number_of_our_own_is_the_extension_it_leads_to() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().create().await);
    line(&pbx, &provider, "04216109921", &ada.number).await;
    line(&pbx, &provider, "04216109922", &bob.number).await;
    let admin = pbx.admin().await;
    let to = |extension: &str, destination: &str, enabled: bool| {
        json!({
            "extension": extension, "forward_type": "unconditional", "destination": destination, "enabled": enabled,
        })
    };
    let itself = to(&ada.number, "04216109921", true);
    let answer = admin.post("/api/callforward/", &itself).await;
    assert_eq!(answer.errors("destination"), ["forward_loop"]);
    // Nor by way of another, whether the last step is a number of ours or an extension.
    forward(&pbx, &ada.number, "busy", "04216109922").await;
    for destination in ["04216109921", ada.number.as_str()] {
        let back = to(&bob.number, destination, true);
        let answer = admin.post("/api/callforward/", &back).await;
        assert_eq!(
            answer.errors("destination"),
            ["forward_loop"],
            "{destination}"
        );
    }
    let off = to(&bob.number, "04216109921", false);
    let made = admin.post("/api/callforward/", &off).await.expect(200);
    let path = format!("/api/callforward/{}", made["id"]);
    let answer = admin.put(&path, &json!({"enabled": true})).await;
    assert_eq!(answer.errors("destination"), ["forward_loop"]);
}
