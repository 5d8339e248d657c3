//! UDP, TCP or TLS to a provider, as a person chooses.

use serde_json::json;

use super::{Trunk, draft};
use crate::support::certificate::Certificate;
use crate::support::phone::{Message, Phone};
use crate::support::provider::Provider;
use crate::support::{eventually, pbx};

/// A call each way; the one from outside comes by the way of the registration.
async fn calls_both_ways(trunk: &Trunk, provider: &Provider, ada: &Phone, transport: &str) {
    let number = trunk.numbers.plus(1);
    let call = provider.call_registered(&trunk.account, &number).await;
    let mut out = call.over_the_registration().send().await;
    let mut call = ada.rings().await;
    call.ring().await;
    out.rings().await;
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;

    let mut out = ada.dial("030123456").await;
    let mut call = provider.rings().await;
    let via = call.invite.header("Via").to_owned();
    assert!(via.starts_with(&format!("SIP/2.0/{transport} ")), "{via}");
    assert_eq!(call.number(), "+4930123456");
    call.ring().await;
    out.rings().await;
    call.answer().await;
    out.is_answered().await;
    call.hang_up().await;
    out.other_side_hangs_up().await;
}

#[tokio::test]
async fn a_custom_provider_is_reached_over_tcp_when_somebody_says_so() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = draft(&pbx, &provider).with("transport", "tcp");
    let trunk = trunk.create().await;
    let contact = provider.is_registered(&trunk.account).await;
    assert!(contact.contains(";transport=TCP"), "{contact}");
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    calls_both_ways(&trunk, &provider, &ada, "TCP").await;

    // Changed to UDP, and what is not named stays.
    let saved = trunk.change(json!({"transport": "udp"})).await;
    assert_eq!(saved["transport"], "udp", "{saved}");
    let udp = |heard: &Message| heard.header("Via").starts_with("SIP/2.0/UDP ");
    eventually("it registers over UDP", || async {
        provider.requests("REGISTER").iter().any(udp).then_some(())
    })
    .await;
    trunk.has_status("registered").await;
    let saved = trunk.change(json!({"codecs": "alaw"})).await;
    assert_eq!(saved["transport"], "udp", "{saved}");
    trunk.delete().await;
}

/// This stack has no certificate of its own: none is needed to be a customer.
#[tokio::test]
async fn a_trunk_over_tls_registers_and_calls_both_ways() {
    let pbx = pbx().await;
    let provider = Provider::secure(&pbx, Certificate::signed).await;
    let trunk = draft(&pbx, &provider).with("transport", "tls");
    let trunk = trunk.create().await;
    let contact = provider.is_registered(&trunk.account).await;
    assert!(contact.contains(";transport=TLS"), "{contact}");
    let status = trunk.has_status("registered").await;
    assert_eq!(status["trunk"]["transport"], "tls", "{status}");
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    calls_both_ways(&trunk, &provider, &ada, "TLS").await;

    // Calls come in by that connection, so it is not only made again when the registration ends.
    provider.drops_connections();
    calls_both_ways(&trunk, &provider, &ada, "TLS").await;
    trunk.delete().await;
}

#[tokio::test]
async fn the_transport_of_a_template_cannot_be_changed() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let fields = json!({
        "name": super::next_name().0, "provider": "plusnet_connect", "auth_mode": "ip", "transport": "tls",
        "enabled": false,
    });
    let made = admin.post("/api/trunks/", &fields).await.expect(200);
    assert_eq!(made["transport"], "udp");
    let path = format!("/api/trunks/{}", made["id"]);
    let saved = admin.put(&path, &json!({"transport": "tcp"})).await;
    assert_eq!(saved.expect(200)["transport"], "udp");
    admin.delete(&path).await.expect(200);
}

#[tokio::test]
async fn the_form_offers_the_transports_and_keeps_the_chosen_one() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = draft(&pbx, &provider).with("transport", "tcp");
    let trunk = trunk.with("enabled", false).create().await;
    let visitor = pbx.visitor("en").await;
    let path = format!("/trunks/{}/edit", trunk.id);
    let page = visitor.open(&path).await.expect(200);
    for name in ["UDP", "TCP", "TLS (encrypted)"] {
        assert!(page.shows(name), "{}", page.text());
    }
    let form = page.form(&path);
    assert_eq!(form.value("transport"), Some("tcp"));
    let page = visitor.submit(&form.set("transport", "tls")).await;
    page.expect(200);
    let form = visitor.open(&path).await.form(&path);
    assert_eq!(form.value("transport"), Some("tls"));
    let wrong = form.force("transport", "pigeon");
    let page = visitor.submit(&wrong).await.expect(422);
    assert_eq!(page.wrong_fields(), ["transport"]);
    let saved = pbx.admin().await.get(&trunk.path()).await.expect(200);
    assert_eq!(saved["transport"], "tls");
    trunk.delete().await;
}
