//! Providers whose server a person names: calls both ways, as each of them wants it.

use serde_json::{Value, json};

use super::{Trunk, draft};
use crate::support::pbx;
use crate::support::provider::Provider;

#[tokio::test]
async fn companyflex_registers_and_calls_over_tcp_by_its_proxy() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let draft = draft(&pbx, &provider).with("provider", "telekom_companyflex");
    let trunk = draft.create().await;
    let contact = provider.is_registered(&trunk.account).await;
    assert!(
        contact.to_lowercase().contains("transport=tcp"),
        "{contact}"
    );
    let register = &provider.requests("REGISTER")[0];
    assert_eq!(
        register.first, "REGISTER sip:tel.t-online.de;transport=tcp SIP/2.0",
        "the registrar is the domain, the proxy only the way to it"
    );
    let address = format!("sip:{}@tel.t-online.de", trunk.account);
    assert_eq!(register.uri("To"), address);
    assert!(register.header("Via").starts_with("SIP/2.0/TCP"));

    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let number = trunk.numbers.plus(1);
    let call = provider.call_registered(&trunk.account, &number).await;
    let mut out = call.over_tcp().send().await;
    let mut call = ada.rings().await;
    call.ring().await;
    out.rings().await;
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;

    let mut out = ada.dial("030123456").await;
    let mut call = provider.rings().await;
    assert!(call.invite.header("Via").starts_with("SIP/2.0/TCP"));
    assert_eq!(
        call.invite.uri("From"),
        format!("sip:{number}@tel.t-online.de")
    );
    assert!(
        call.invite
            .first
            .starts_with("INVITE sip:+4930123456@tel.t-online.de"),
        "{}",
        call.invite.first
    );
    assert_eq!(call.identity("P-Preferred-Identity"), "");
    assert_eq!(call.identity("P-Asserted-Identity"), "");
    call.answer().await;
    out.is_answered().await;
    call.hang_up().await;
    out.other_side_hangs_up().await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_sender_that_the_provider_wants_is_in_from() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let saved = trunk.change(json!({"from_user": "sender7"})).await;
    assert_eq!(saved["from_user"], "sender7", "{saved}");
    let mut out = ada.dial("030123456").await;
    let call = provider.rings().await;
    let from = call.caller();
    call.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    assert_eq!(from, "sender7");
    trunk.delete().await;
}

/// The template alone says where it goes, whatever is typed.
#[tokio::test]
async fn the_server_of_a_template_cannot_be_changed() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let fields = json!({
        "name": super::next_name().0, "provider": "plusnet_connect", "auth_mode": "ip", "sip_server": "evil.example",
        "enabled": false,
    });
    let made = admin.post("/api/trunks/", &fields).await.expect(200);
    assert_eq!(made["sip_server"], "sipconnect.ipfonie.de");
    assert_eq!(made["password"], Value::Null);
    let path = format!("/api/trunks/{}", made["id"]);
    let saved = admin
        .put(&path, &json!({"sip_server": "evil.example"}))
        .await;
    assert_eq!(saved.expect(200)["sip_server"], "sipconnect.ipfonie.de");
    admin.delete(&path).await.expect(200);
}
