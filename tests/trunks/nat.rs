//! Behind a router: a provider is told the address outside, a phone in the own network the address inside.

use super::draft;
use crate::support::certificate::Certificate;
use crate::support::pbx_behind_nat;
use crate::support::phone::Message;
use crate::support::provider::Provider;
use crate::support::stack::EXTERNAL_ADDRESS;

/// Wherever an address of ours is named.
#[track_caller]
fn names(message: &Message, address: &str) {
    if message.status() == 0 {
        let via = message.header("Via").split(' ').nth(1).unwrap_or_default();
        assert!(via.starts_with(&format!("{address}:")), "Via: {via}");
    }
    let contact = message.uri("Contact").trim_start_matches("sip:");
    let host = contact.rsplit('@').next().unwrap_or_default();
    assert!(
        host.starts_with(&format!("{address}:")),
        "Contact: {contact}"
    );
    if !message.body.is_empty() {
        let connection = format!("c=IN IP4 {address}\r\n");
        assert!(message.body.contains(&connection), "{}", message.body);
        let origin = message.body.lines().find(|line| line.starts_with("o="));
        let origin = origin.unwrap_or_default();
        assert!(origin.ends_with(&format!(" {address}")), "{origin}");
    }
}

#[tokio::test]
async fn providers_are_told_the_address_outside_and_phones_the_one_inside() {
    let pbx = pbx_behind_nat().await;
    for transport in ["udp", "tcp", "tls"] {
        let provider = match transport {
            "tls" => Provider::secure(&pbx, Certificate::signed).await,
            _ => Provider::open(&pbx).await,
        };
        let trunk = draft(&pbx, &provider).with("transport", transport);
        let trunk = trunk.create().await;
        provider.is_registered(&trunk.account).await;
        for register in provider.requests("REGISTER") {
            names(&register, EXTERNAL_ADDRESS);
        }
        let ada = pbx.ext().phone().await;
        trunk.leads(1, &ada.number).await;

        let mut out = ada.dial("030123456").await;
        let mut call = provider.rings().await;
        names(&call.invite, EXTERNAL_ADDRESS);
        call.answer().await;
        names(&out.is_answered().await, "127.0.0.1");
        out.hang_up().await;
        call.other_side_hangs_up().await;

        let call = provider.call(&trunk.numbers.plus(1));
        let call = match transport {
            "udp" => call,
            "tcp" => call.over_tcp(),
            _ => call.over_tls(pbx.ports.sips),
        };
        let mut out = call.send().await;
        let mut call = ada.rings().await;
        names(&call.invite, "127.0.0.1");
        call.answer().await;
        names(&out.is_answered().await, EXTERNAL_ADDRESS);
        out.hang_up().await;
        call.other_side_hangs_up().await;
        trunk.delete().await;
    }
}
