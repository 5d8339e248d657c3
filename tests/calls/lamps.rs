//! Lamps (BLF): one phone shows what another extension does.

use serde_json::json;

use crate::support::stack::Part;
use crate::support::{eventually, own_pbx, pbx};

#[tokio::test]
async fn a_lamp_shows_idle_then_ringing_then_in_use_then_idle() {
    let pbx = pbx().await;
    let (ada, bob, eve) = (
        pbx.ext().phone().await,
        pbx.ext().phone().await,
        pbx.ext().phone().await,
    );
    let mut lamp = eve.watches(&bob.number).await;
    lamp.shows("terminated").await;

    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.ring().await;
    lamp.shows("early").await;
    call.answer().await;
    out.is_answered().await;
    lamp.shows("confirmed").await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    lamp.shows("terminated").await;
    assert_eq!(
        lamp.shown,
        ["terminated", "early", "confirmed", "terminated"]
    );
}

#[tokio::test]
async fn a_number_can_be_watched_before_and_a_moment_after_it_is_created() {
    let pbx = pbx().await;
    let eve = pbx.ext().phone().await;
    let early = pbx.ext().create().await;
    let mut lamp = eve.watches(&early.number).await;
    lamp.shows("terminated").await;
    let bob = early.phone().await;
    let out = eve.dial(&bob.number).await;
    let call = bob.rings().await;
    call.ring().await;
    lamp.shows("early").await;
    drop(out);
    call.busy().await;

    let number = pbx.free_number();
    let mut lamp = eve.watches(&number).await;
    lamp.shows("terminated").await;
    let late = pbx.ext().with("extension", number).phone().await;
    let out = eve.dial(&late.number).await;
    let call = late.rings().await;
    call.ring().await;
    lamp.shows("early").await;
    drop(out);
    call.busy().await;
}

#[tokio::test]
async fn the_lamp_of_a_disabled_extension_shows_that_nobody_is_there() {
    let pbx = pbx().await;
    let (extension, eve) = (pbx.ext().create().await, pbx.ext().phone().await);
    let phone = extension.phone().await;
    let mut lamp = eve.watches_presence(&extension.number).await;
    lamp.shows("Ready").await;
    extension.change(json!({"enabled": false})).await;
    lamp.shows("Unavailable").await;
    extension.change(json!({"enabled": true})).await;
    assert_eq!(phone.register().await, 200);
    lamp.shows("Ready").await;
}

/// Asterisk asks only whether a hint matches the number, and the hints are patterns that cannot be changed without a
/// reload: there is no place for a list of numbers whose lamps are refused.
#[tokio::test]
async fn lamps_are_on_whatever_the_field_of_the_extension_says() {
    let pbx = pbx().await;
    let (extension, eve) = (
        pbx.ext().with("blf_enabled", false).create().await,
        pbx.ext().phone().await,
    );
    let bob = extension.phone().await;
    let mut lamp = eve.watches(&extension.number).await;
    lamp.shows("terminated").await;
    let out = eve.dial(&bob.number).await;
    let call = bob.rings().await;
    call.ring().await;
    lamp.shows("early").await;
    drop(out);
    call.busy().await;
}

#[tokio::test]
async fn what_no_extension_can_be_called_is_not_watched_and_leaves_nothing() {
    let pbx = pbx().await;
    let eve = pbx.ext().phone().await;
    let owner = pbx.owner().await;
    for number in ["1", "1234567", "0421", "1a", "*43", "_X", "s"] {
        assert_eq!(eve.may_not_watch(number).await, 404, "{number}");
    }
    let contact = format!("%sip:{}@%", eve.number);
    let kept = || async {
        let sql = "select count(*) from ps_subscription_persistence where contact_uri like $1";
        owner.count(sql, &[contact.as_str()]).await
    };
    assert_eq!(kept().await, 0, "a refusal");

    let number = pbx.free_number();
    let mut lamp = eve.watches(&number).await;
    lamp.shows("terminated").await;
    assert_eq!(kept().await, 1, "a subscription outlives a restart");
    lamp.ends().await;
    eventually("the subscription is forgotten", || async {
        (kept().await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn lamps_go_on_after_every_restart_and_what_nobody_watches_is_forgotten() {
    let pbx = own_pbx("lamps").await;
    let (ada, bob, eve) = (
        pbx.ext().phone().await,
        pbx.ext().phone().await,
        pbx.ext().phone().await,
    );
    let nobody = pbx.free_number();
    let mut gone = eve.watches(&nobody).await;
    gone.shows("terminated").await;
    let mut lamp = eve.watches(&bob.number).await;
    lamp.shows("terminated").await;
    gone.ends().await;
    let hints = || pbx.cli("core show hints");
    let (nobody, watched) = (format!("{nobody}@"), format!("{}@", bob.number));
    assert!(hints().await.contains(&nobody), "nothing to forget");

    // It looks after each login, and once an hour.
    pbx.stop(Part::Server).await;
    pbx.begin(Part::Server).await;
    eventually("it is forgotten", || async {
        (!hints().await.contains(&nobody)).then_some(())
    })
    .await;
    assert!(hints().await.contains(&watched));

    pbx.stop(Part::Asterisk).await;
    pbx.begin(Part::Asterisk).await;
    let out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    call.ring().await;
    lamp.shows("early").await;
    drop(out);
    call.busy().await;
    lamp.shows("terminated").await;
}
