//! What a template says, and what a person may say instead.

use serde_json::{Value, json};

use super::Trunk;
use crate::support::pbx;
use crate::support::provider::Provider;

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
