//! Somebody outside calls a number.

use serde_json::json;

use super::{Trunk, empty_desk};
use crate::support::phone::Phone;
use crate::support::provider::{Calling, Provider};
use crate::support::{eventually, pbx};

/// The phone rings, and then it is busy: the number led there.
async fn leads_to(phone: &Phone, mut call: Calling) {
    phone.rings().await.busy().await;
    assert_eq!(call.is_refused().await, 486);
}

#[tokio::test]
async fn a_call_from_outside_rings_and_is_answered_only_by_a_person() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;

    let number = trunk.numbers.plus(1);
    let call = provider.call_registered(&trunk.account, &number).await;
    let mut out = call.send().await;
    let mut call = ada.rings().await;
    assert_eq!(
        call.caller_number(),
        "030123456",
        "as one would dial it back"
    );
    call.ring().await;
    out.rings().await;
    call.answer().await;
    out.is_answered().await;
    assert_eq!(out.heard, [180, 200], "ringing, and then a person");
    out.hang_up().await;
    call.other_side_hangs_up().await;

    let told = eventually("the call is in the history", || async {
        let calls = pbx
            .admin()
            .await
            .get(&format!("/api/cdr/?extension={}", ada.number))
            .await;
        calls.expect(200).as_array()?.first().cloned()
    })
    .await;
    assert_eq!(told["direction"], "incoming", "{told}");
    assert_eq!(told["outcome"], "answered", "{told}");
    let stats = trunk.status().await["stats"].clone();
    assert_eq!(
        stats,
        json!({"calls_today": 1, "calls_week": 1, "inbound_today": 1, "outbound_today": 0})
    );
    trunk.delete().await;
}

#[tokio::test]
async fn a_call_from_outside_can_be_picked_up_by_a_colleague() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let group = format!("g{}", pbx.free_number());
    let ada = pbx.ext().with("pickup_group", &*group).phone().await;
    let eve = pbx.ext().with("pickup_group", &*group).phone().await;
    trunk.leads(1, &ada.number).await;
    let mut out = provider.call(&trunk.numbers.plus(1)).send().await;
    let call = ada.rings().await;
    call.ring().await;
    out.rings().await;
    let picks = async {
        let mut picked = eve.dial("*8").await;
        picked.is_answered().await;
        picked
    };
    let (picked, _, ()) = tokio::join!(picks, out.is_answered(), call.stops_ringing());
    out.is_up().await;
    picked.hang_up().await;
    out.other_side_hangs_up().await;

    let told = eventually("the call is in the history", || async {
        let path = format!("/api/cdr/?extension={}", eve.number);
        let calls = pbx.admin().await.get(&path).await.expect(200);
        calls.as_array()?.first().cloned()
    })
    .await;
    assert_eq!(told["direction"], "incoming", "{told}");
    assert_eq!(told["outcome"], "answered", "{told}");
    assert_eq!(told["dst"], trunk.numbers.plus(1), "{told}");
    trunk.delete().await;
}

#[tokio::test]
async fn the_called_may_hang_up() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let mut out = provider.call(&trunk.numbers.plus(1)).send().await;
    let mut call = ada.rings().await;
    call.answer().await;
    out.is_answered().await;
    call.hang_up().await;
    out.other_side_hangs_up().await;
    trunk.delete().await;
}

#[tokio::test]
async fn the_caller_outside_hears_the_true_reason() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    let nobody = empty_desk(&pbx).await;
    trunk.leads(1, &ada.number).await;
    trunk.leads(2, &nobody.number).await;

    let mut out = provider.call(&trunk.numbers.plus(1)).send().await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486, "busy");

    let mut out = provider.call(&trunk.numbers.plus(1)).send().await;
    ada.rings().await.decline().await;
    assert_eq!(out.is_refused().await, 480, "declined");

    let mut out = provider.call(&trunk.numbers.plus(2)).send().await;
    assert_eq!(out.is_refused().await, 480, "no phone is registered");
    assert_eq!(out.heard, [480], "nothing rang");

    nobody.change(json!({"enabled": false})).await;
    let mut out = provider.call(&trunk.numbers.plus(2)).send().await;
    assert_eq!(out.is_refused().await, 404, "a disabled extension");
    trunk.delete().await;
}

#[tokio::test]
async fn an_unknown_number_is_404_and_counted() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let did = trunk.numbers.plus(7);
    // Every form is the same number.
    for form in [did.clone(), trunk.numbers.national(7), did.clone()] {
        let mut out = provider.call(&form).send().await;
        assert_eq!(out.is_refused().await, 404);
        assert_eq!(out.heard, [404], "at once");
    }
    trunk.unknown_calls_are(&did, 3).await;

    // Assigned, it is no longer unknown.
    let ada = pbx.ext().phone().await;
    trunk.leads(7, &ada.number).await;
    leads_to(&ada, provider.call(&did).send().await).await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_disabled_route_is_an_unknown_number() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    let route = trunk.leads(3, &ada.number).await;
    let path = format!("/api/routes/{}", route["id"]);
    let admin = pbx.admin().await;
    admin
        .put(&path, &json!({"enabled": false}))
        .await
        .expect(200);
    let did = trunk.numbers.plus(3);
    let mut out = provider.call(&did).send().await;
    assert_eq!(out.is_refused().await, 404);
    trunk.unknown_calls_are(&did, 1).await;
    admin
        .put(&path, &json!({"enabled": true}))
        .await
        .expect(200);
    leads_to(&ada, provider.call(&did).send().await).await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_number_is_one_number_however_the_provider_writes_it() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(4, &ada.number).await;
    let digits = trunk.numbers.digits(4);
    for form in [
        format!("+49{digits}"),
        format!("0049{digits}"),
        format!("49{digits}"),
        format!("0{digits}"),
        format!("+49{digits};phone-context=example.com"),
        format!("%2B49{digits}"),
    ] {
        leads_to(&ada, provider.call(&form).send().await).await;
    }
    trunk.delete().await;
}

#[tokio::test]
async fn a_number_that_is_only_in_to_is_found() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(5, &ada.number).await;
    let (plus, national) = (trunk.numbers.plus(5), trunk.numbers.national(5));
    let at = format!("{}@provider.example", trunk.account);
    for to in [
        format!("<sip:{plus}@provider.example>"),
        format!("sip:{plus}@provider.example"),
        format!("<sip:{national}@provider.example;user=phone>"),
        format!("<tel:{plus}>"),
        format!("\"Firma: Zentrale\" <sip:{plus}@provider.example>"),
        format!("\"a: <sip:{at}> b\" <sip:{plus}@provider.example>"),
    ] {
        for user in [trunk.account.as_str(), "s", ""] {
            let contact = provider.is_registered(&trunk.account).await;
            let (_, host) = contact.split_once('@').expect("a contact with a user");
            let uri = if user.is_empty() {
                format!("sip:{host}")
            } else {
                format!("sip:{user}@{host}")
            };
            let call = provider.call(&plus).uri(&uri).to(&to).send().await;
            leads_to(&ada, call).await;
        }
    }
    trunk.delete().await;
}

#[tokio::test]
async fn a_caller_without_a_number_is_put_through() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(6, &ada.number).await;
    for from in [
        "\"Anonymous\" <sip:anonymous@anonymous.invalid>",
        "<sip:provider.example>",
        "<tel:+4930123456>",
        "\"${SHELL(id)}\" <sip:%24%7BSHELL(id)%7D@provider.example>",
    ] {
        let call = provider.call(&trunk.numbers.plus(6)).from(from);
        leads_to(&ada, call.send().await).await;
    }
    trunk.delete().await;
}
