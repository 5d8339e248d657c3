//! Extensions call out.

use std::time::Duration;

use serde_json::json;

use super::{Trunk, shows};
use crate::support::provider::Provider;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::Visitor;
use crate::support::{own_pbx, pbx};

#[tokio::test]
async fn a_call_to_the_outside_rings_and_is_answered_by_the_one_called() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().name("Ada").phone().await;
    trunk.leads(1, &ada.number).await;

    let mut out = ada.dial("030123456").await;
    let mut call = provider.rings().await;
    call.ring().await;
    out.rings().await;
    call.answer().await;
    out.is_answered().await;
    assert_eq!(out.heard, [180, 200]);
    out.hang_up().await;
    call.other_side_hangs_up().await;

    let mut out = ada.dial("030123456").await;
    let mut call = provider.rings().await;
    call.answer().await;
    out.is_answered().await;
    call.hang_up().await;
    out.other_side_hangs_up().await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_caller_who_gives_up_stops_the_ringing_outside() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let mut out = ada.dial("030123456").await;
    let call = provider.rings().await;
    call.ring().await;
    out.rings().await;
    tokio::join!(out.cancel(), call.stops_ringing());
    trunk.delete().await;
}

#[tokio::test]
async fn the_first_number_is_shown_until_another_is_chosen() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().name("Ada").phone().await;
    let first = trunk.leads(21, &ada.number).await;
    trunk.leads(22, &ada.number).await;
    let shown = |number: u32, pai: Option<u32>| {
        let (ada, provider, trunk) = (&ada, &provider, &trunk);
        async move {
            let mut out = ada.dial("030123456").await;
            let call = provider.rings().await;
            assert_eq!(call.caller(), trunk.numbers.plus(number), "From");
            let pai = pai.map_or_else(String::new, |n| trunk.numbers.plus(n));
            assert_eq!(call.identity("P-Asserted-Identity"), pai);
            assert_eq!(call.identity("P-Preferred-Identity"), "");
            call.refuse(486).await;
            assert_eq!(out.is_refused().await, 486);
        }
    };
    shown(21, None).await;

    let chosen = json!({"outbound_cid": trunk.numbers.national(22), "pai": trunk.numbers.plus(50)});
    let saved = shows(&pbx, &ada.number, chosen).await;
    assert_eq!(saved["outbound_cid"], trunk.numbers.plus(22), "{saved}");
    assert_eq!(saved["pai"], trunk.numbers.plus(50), "{saved}");
    shown(22, Some(50)).await;

    shows(&pbx, &ada.number, json!({"pai": null})).await;
    shown(22, None).await;

    shows(&pbx, &ada.number, json!({"outbound_cid": null})).await;
    shown(21, None).await;

    // The first goes, and the next is the first.
    let admin = pbx.admin().await;
    let path = format!("/api/routes/{}", first["id"]);
    admin.delete(&path).await.expect(200);
    shown(22, None).await;
    trunk.delete().await;
}

#[tokio::test]
async fn whose_extension_it_is_chooses_its_number_and_the_next_call_shows_it() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let extension = pbx.ext().create().await;
    let ada = extension.phone().await;
    let bob = pbx.ext().create().await;
    for number in [11, 12, 13] {
        trunk.leads(number, &ada.number).await;
    }
    trunk.leads(14, &bob.number).await;
    let person = pbx.person("user").await;
    let admin = pbx.admin().await;
    let user = json!({"user_id": person.id});
    let path = format!("{}/user", extension.path());
    admin.patch(&path, &user).await.expect(200);
    let shown = || async {
        let mut out = ada.dial("030123456").await;
        let call = provider.rings().await;
        let caller = call.caller();
        call.refuse(486).await;
        assert_eq!(out.is_refused().await, 486);
        caller
    };
    assert_eq!(shown().await, trunk.numbers.plus(11));

    let path = format!("{}/outbound", extension.path());
    let choice = json!({"outbound_cid": trunk.numbers.plus(12)});
    let saved = person.api.patch(&path, &choice).await.expect(200);
    assert_eq!(saved["live"], true, "{saved}");
    assert_eq!(shown().await, trunk.numbers.plus(12));

    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&person.name, ADMIN_PASSWORD).await;
    let page = format!("/extensions/{}/numbers", ada.number);
    let form = visitor.open(&page).await.expect(200);
    let form = form.form(&format!("/extensions/{}/outbound", ada.number));
    let form = form.set("outbound_cid", &trunk.numbers.plus(13));
    visitor.submit(&form).await.expect(200);
    assert_eq!(shown().await, trunk.numbers.plus(13));

    // Neither another one's number, nor for another one.
    let choice = json!({"outbound_cid": trunk.numbers.plus(14)});
    let answer = person.api.patch(&path, &choice).await;
    answer.expect_error(400, "did_not_assigned");
    let foreign = format!("{}/outbound", bob.path());
    let answer = person.api.patch(&foreign, &choice).await;
    answer.expect_error(403, "forbidden");
    assert_eq!(shown().await, trunk.numbers.plus(13));
    trunk.delete().await;
}

#[tokio::test]
async fn only_an_own_number_can_be_shown() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().create().await);
    trunk.leads(1, &ada.number).await;
    trunk.leads(2, &bob.number).await;
    let admin = pbx.admin().await;
    let path = format!("{}/outbound", ada.path());
    for number in [trunk.numbers.plus(2), trunk.numbers.plus(3)] {
        let answer = admin.patch(&path, &json!({"outbound_cid": number})).await;
        answer.expect_error(400, "did_not_assigned");
        assert_eq!(answer.errors("outbound_cid"), ["did_not_assigned"]);
    }
    let answer = admin.patch(&path, &json!({"pai": "+3930123456"})).await;
    answer.expect_error(400, "did_not_assigned");
    let answer = admin.patch(&path, &json!({"outbound_cid": "x"})).await;
    answer.expect_error(400, "invalid_did");
    trunk.delete().await;
}

#[tokio::test]
async fn without_a_number_one_hears_the_announcement_and_the_call_is_never_answered() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    for number in ["030123456", "+4930123456", "004930123456"] {
        let mut out = ada.dial(number).await;
        let status = out.is_refused_within(Duration::from_secs(25));
        assert_eq!(status.await, 403, "{number}");
        assert_eq!(
            out.heard,
            [183, 403],
            "{number}: early media, and no answer"
        );
    }
}

#[tokio::test]
async fn a_provider_that_asks_for_the_password_at_each_call_gets_it() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    provider.challenges_calls();
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let mut out = ada.dial("030123456").await;
    let mut call = provider.rings().await;
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    trunk.delete().await;
}

#[tokio::test]
async fn emergency_calls_go_out_from_every_extension() {
    // Its own: an emergency call tries all trunks there are.
    let pbx = own_pbx("emergency").await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    trunk.leads(1, &ada.number).await;
    for number in ["110", "112"] {
        // Ada has a number, Bob has none.
        for (phone, shown) in [(&ada, trunk.numbers.plus(1)), (&bob, trunk.numbers.plus(0))] {
            let mut out = phone.dial(number).await;
            let mut call = provider.rings().await;
            assert_eq!(call.number(), number, "as it is");
            assert_eq!(call.caller(), shown);
            call.answer().await;
            out.is_answered().await;
            out.hang_up().await;
            call.other_side_hangs_up().await;
        }
    }
    // The own trunk is dead: the call does not wait for it.
    let silent = Provider::open(&pbx).await;
    silent.stops();
    let dead = Trunk::fixed(&pbx, &silent).await;
    dead.leads(1, &bob.number).await;
    dead.is_unreachable().await;
    let asked = std::time::Instant::now();
    let mut out = bob.dial("112").await;
    let mut call = provider.rings().await;
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "it waited for the dead trunk"
    );
    assert_eq!(call.number(), "112");
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    dead.delete().await;
    // A disabled trunk takes no part in it, and without any trunk the caller hears so at once.
    trunk.change(json!({"enabled": false})).await;
    let mut out = ada.dial("112").await;
    let status = out.is_refused().await;
    assert!([404, 503].contains(&status), "without a trunk: {status}");
    assert!(!provider.has_rung().await);
}
