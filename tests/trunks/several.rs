//! Several trunks: none takes the calls of another.

use serde_json::json;

use super::{Trunk, draft};
use crate::support::provider::Provider;
use crate::support::{eventually, pbx};

#[tokio::test]
async fn two_trunks_at_one_provider_never_mix() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let first = Trunk::registered(&pbx, &provider).await;
    let second = Trunk::registered(&pbx, &provider).await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    first.leads(1, &ada.number).await;
    second.leads(1, &bob.number).await;

    for (trunk, other, phone) in [(&first, &second, &ada), (&second, &first, &bob)] {
        let number = trunk.numbers.plus(1);
        let call = provider.call_registered(&trunk.account, &number).await;
        let mut out = call.send().await;
        phone.rings().await.busy().await;
        assert_eq!(out.is_refused().await, 486);

        // A number that is not this line's.
        let foreign = other.numbers.plus(1);
        let call = provider.call_registered(&trunk.account, &foreign).await;
        let mut out = call.send().await;
        assert_eq!(out.is_refused().await, 404);

        let mut out = phone.dial("030123456").await;
        let call = provider.rings().await;
        assert_eq!(call.caller(), trunk.numbers.plus(1));
        assert_eq!(call.identity("Contact"), trunk.account, "the line it uses");
        call.refuse(486).await;
        assert_eq!(out.is_refused().await, 486);
    }
    assert!(!ada.has_rung().await && !bob.has_rung().await);

    for trunk in [&first, &second] {
        let what = format!("the calls of {} are counted for it", trunk.name);
        let stats = eventually(&what, || async {
            let stats = trunk.status().await["stats"].clone();
            (stats["calls_today"] == 3).then_some(stats)
        })
        .await;
        assert_eq!(stats["inbound_today"], 2, "{stats}");
        assert_eq!(stats["outbound_today"], 1, "{stats}");
    }

    // One goes; the other stays what it was.
    first.delete().await;
    provider.is_unregistered(&first.account).await;
    second.has_status("registered").await;
    let number = second.numbers.plus(1);
    let call = provider.call_registered(&second.account, &number).await;
    let mut out = call.send().await;
    bob.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    second.delete().await;
}

#[tokio::test]
async fn two_trunks_with_fixed_addresses_at_one_server_are_told_apart_by_their_numbers() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let stranger = Provider::open(&pbx).await;
    let first = Trunk::fixed(&pbx, &provider).await;
    let second = Trunk::fixed(&pbx, &provider).await;
    let elsewhere = Trunk::fixed(&pbx, &stranger).await;
    let ada = pbx.ext().phone().await;
    for trunk in [&first, &second, &elsewhere] {
        trunk.leads(1, &ada.number).await;
    }
    for trunk in [&first, &second] {
        let mut out = provider.call(&trunk.numbers.plus(1)).send().await;
        ada.rings().await.busy().await;
        assert_eq!(out.is_refused().await, 486);
    }
    let mut out = provider.call(&elsewhere.numbers.plus(1)).send().await;
    assert_eq!(
        out.is_refused().await,
        404,
        "it is a number of another provider"
    );
    for (trunk, inbound) in [(&first, 2), (&second, 1)] {
        let what = format!("the calls of {} are counted for it", trunk.name);
        eventually(&what, || async {
            let stats = trunk.status().await["stats"].clone();
            (stats["inbound_today"] == inbound).then_some(())
        })
        .await;
    }
    for trunk in [first, second, elsewhere] {
        trunk.delete().await;
    }
}

#[tokio::test]
async fn an_extension_calls_out_over_the_trunk_of_the_number_it_shows() {
    let pbx = pbx().await;
    let (one, two) = (Provider::open(&pbx).await, Provider::open(&pbx).await);
    let (first, second) = (
        Trunk::fixed(&pbx, &one).await,
        Trunk::fixed(&pbx, &two).await,
    );
    let ada = pbx.ext().phone().await;
    first.leads(1, &ada.number).await;
    second.leads(1, &ada.number).await;
    let mut out = ada.dial("030123456").await;
    one.rings().await.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);

    let choice = json!({"outbound_cid": second.numbers.plus(1)});
    super::shows(&pbx, &ada.number, choice).await;
    let mut out = ada.dial("030123456").await;
    let call = two.rings().await;
    assert_eq!(call.caller(), second.numbers.plus(1));
    call.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    assert!(!one.has_rung().await);

    // Without that trunk the other number is the first.
    second.delete().await;
    let mut out = ada.dial("030123456").await;
    let call = one.rings().await;
    assert_eq!(call.caller(), first.numbers.plus(1));
    call.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    first.delete().await;
}

#[tokio::test]
async fn a_stranger_reaches_nobody() {
    let pbx = pbx().await;
    let (provider, stranger) = (Provider::open(&pbx).await, Provider::open(&pbx).await);
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    for number in [trunk.numbers.plus(1), ada.number.clone(), "110".to_owned()] {
        let mut out = stranger.call(&number).send().await;
        if !out.is_ignored() {
            let status = out.is_refused().await;
            assert!([401, 403, 404].contains(&status), "{number}: {status}");
        }
    }
    // An extension is no number outside, and a trunk cannot call out over another.
    for number in [ada.number.as_str(), "110", "030123456", "*43"] {
        let mut out = provider.call(number).send().await;
        assert_eq!(out.is_refused().await, 404, "{number}");
    }
    assert!(!ada.has_rung().await && !provider.has_rung().await);
    trunk.delete().await;
}

#[tokio::test]
async fn the_name_of_a_trunk_is_its_own() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let admin = pbx.admin().await;
    let again = json!({
        "name": trunk.name.to_uppercase(), "provider": "custom", "auth_mode": "ip", "sip_server": provider.server(),
    });
    let answer = admin.post("/api/trunks/", &again).await;
    answer.expect_error(400, "name_taken");
    assert_eq!(answer.errors("name"), ["name_taken"]);
    let other = draft(&pbx, &provider).create().await;
    let answer = admin.put(&other.path(), &json!({"name": trunk.name})).await;
    answer.expect_error(400, "name_taken");
    other.delete().await;
    trunk.delete().await;
}
