//! How a number is dialled, and how the provider is told.

use super::Trunk;
use crate::support::pbx;
use crate::support::provider::Provider;

#[tokio::test]
async fn every_way_of_dialling_a_number_outside_is_one_number() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    for (dialled, sent) in [
        ("030123456", "+4930123456"),
        ("+4930123456", "+4930123456"),
        ("004930123456", "+4930123456"),
        ("%2B4930123456", "+4930123456"),
        ("00390612345678", "+390612345678"),
        ("+14155550100", "+14155550100"),
    ] {
        let mut out = ada.dial(dialled).await;
        let call = provider.rings().await;
        assert_eq!(call.number(), sent, "{dialled}");
        assert_eq!(call.caller(), trunk.numbers.plus(1), "{dialled}");
        call.refuse(486).await;
        assert_eq!(out.is_refused().await, 486, "{dialled}");
    }
    trunk.delete().await;
}

#[tokio::test]
async fn what_is_no_number_never_leaves() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    for dialled in [
        "0",
        "00",
        "+",
        "03",
        "0301234567890123456789",
        "0301*2#3",
        "0301x",
        "0301%26PJSIP%2F1",
    ] {
        let mut out = ada.dial(dialled).await;
        assert_eq!(out.is_refused().await, 404, "{dialled}");
    }
    assert!(!provider.has_rung().await);
    trunk.delete().await;
}

#[tokio::test]
async fn a_number_of_the_house_that_is_dialled_as_outside_goes_out() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    trunk.leads(1, &ada.number).await;
    trunk.leads(2, &bob.number).await;
    let mut out = ada.dial(&trunk.numbers.national(2)).await;
    let arrived = provider.rings().await;
    assert_eq!(arrived.number(), trunk.numbers.plus(2));
    // The provider brings it back.
    let mut back = provider.call(&trunk.numbers.plus(2)).send().await;
    bob.rings().await.busy().await;
    assert_eq!(back.is_refused().await, 486);
    arrived.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    trunk.delete().await;
}
