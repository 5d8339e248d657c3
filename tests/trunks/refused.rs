//! The provider does not put a call through: the caller hears the provider's reason.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Trunk;
use crate::support::pbx;
use crate::support::provider::Provider;

#[tokio::test]
async fn the_reason_of_the_provider_is_the_reason_the_caller_hears() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    for (said, heard) in [
        (403, 403),
        (404, 404),
        (486, 486),
        (503, 503),
        (480, 480),
        (600, 486),
    ] {
        let mut out = ada.dial("030123456").await;
        provider.rings().await.refuse(said).await;
        assert_eq!(out.is_refused().await, heard, "the provider said {said}");
        assert_eq!(out.heard, [heard], "the provider said {said}");
    }
    // Also after it rang.
    let mut out = ada.dial("030123456").await;
    let call = provider.rings().await;
    call.ring().await;
    out.rings().await;
    call.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    trunk.delete().await;
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_waited_for_only_so_long() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    provider.ignores_calls();
    let mut out = ada.dial("030123456").await;
    let status = out.is_refused_within(Duration::from_secs(40)).await;
    assert!([408, 503].contains(&status), "{status}");
    assert_eq!(out.heard.len(), 1, "nothing was heard meanwhile");
    trunk.delete().await;
}

#[tokio::test]
async fn nothing_leaves_over_a_disabled_trunk_and_nothing_comes_in() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let number = trunk.numbers.plus(1);
    let known = provider.call_registered(&trunk.account, &number).await;

    let saved = trunk.change(json!({"enabled": false})).await;
    assert_eq!(saved["enabled"], false);
    provider.is_unregistered(&trunk.account).await;
    let before = provider.requests("REGISTER").len();

    let at = Instant::now();
    let mut out = ada.dial("030123456").await;
    assert_eq!(out.is_refused().await, 503);
    assert!(at.elapsed() < Duration::from_secs(2), "at once");
    for call in [known, provider.call(&number)] {
        let mut out = call.send().await;
        if !out.is_ignored() {
            let status = out.is_refused().await;
            assert!((400..500).contains(&status), "{status}");
        }
    }
    assert!(!ada.has_rung().await && !provider.has_rung().await);
    assert_eq!(provider.requests("REGISTER").len(), before);

    trunk.change(json!({"enabled": true})).await;
    provider.is_registered(&trunk.account).await;
    let call = provider.call_registered(&trunk.account, &number).await;
    let mut out = call.send().await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    let mut out = ada.dial("030123456").await;
    provider.rings().await.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    trunk.delete().await;
}
