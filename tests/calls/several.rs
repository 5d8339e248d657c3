//! Several phones on one extension.

use serde_json::json;

use crate::support::phone::Phone;
use crate::support::{Pbx, pbx};

/// A caller, and two phones of one extension.
async fn three(pbx: &Pbx) -> (Phone, Phone, Phone) {
    let caller = pbx.ext().phone().await;
    let desk = pbx.ext().ring_time(5).create().await;
    (caller, desk.phone().await, desk.phone().await)
}

#[tokio::test]
async fn all_phones_ring_and_the_others_stop_when_one_answers() {
    let pbx = pbx().await;
    let (caller, one, two) = three(&pbx).await;
    let mut out = caller.dial(&one.number).await;
    let (first, mut second) = tokio::join!(one.rings(), two.rings());
    first.ring().await;
    second.ring().await;
    out.rings().await;
    let ((), ()) = tokio::join!(second.answer(), first.stops_ringing());
    out.is_answered().await;
    out.hang_up().await;
    second.other_side_hangs_up().await;
}

#[tokio::test]
async fn it_is_busy_only_if_every_phone_is_busy() {
    let pbx = pbx().await;
    let (caller, one, two) = three(&pbx).await;

    let mut out = caller.dial(&one.number).await;
    let (first, second) = tokio::join!(one.rings(), two.rings());
    tokio::join!(first.busy(), second.busy());
    assert_eq!(out.is_refused().await, 486, "both are busy");

    let mut out = caller.dial(&one.number).await;
    let (first, second) = tokio::join!(one.rings(), two.rings());
    first.busy().await;
    second.decline().await;
    assert_eq!(out.is_refused().await, 480, "busy and declined");

    let mut out = caller.dial(&one.number).await;
    let (first, second) = tokio::join!(one.rings(), two.rings());
    first.decline().await;
    second.busy().await;
    assert_eq!(out.is_refused().await, 480, "declined and busy");
}

#[tokio::test]
async fn a_busy_phone_does_not_stop_the_other_from_ringing() {
    let pbx = pbx().await;
    let (caller, one, two) = three(&pbx).await;

    let mut out = caller.dial(&one.number).await;
    let (first, mut second) = tokio::join!(one.rings(), two.rings());
    first.busy().await;
    second.ring().await;
    out.rings().await;
    second.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    second.other_side_hangs_up().await;

    let mut out = caller.dial(&one.number).await;
    let (first, second) = tokio::join!(one.rings(), two.rings());
    first.busy().await;
    second.ring().await;
    let (status, ()) = tokio::join!(out.is_refused(), second.stops_ringing());
    assert_eq!(status, 480, "one was busy, the other rang to the end");
}

#[tokio::test]
async fn no_more_phones_register_than_allowed() {
    let pbx = pbx().await;
    let desk = pbx.ext().with("max_contacts", 2).create().await;
    let (_one, two) = (desk.phone().await, desk.phone().await);
    let third = desk.new_phone().await;
    assert_eq!(third.register().await, 403);
    assert_eq!(two.unregister().await, 200);
    assert_eq!(third.register().await, 200, "a place is free again");

    let admin = pbx.admin().await;
    let saved = admin
        .put(&desk.path(), &json!({"max_contacts": 3}))
        .await
        .expect(200);
    assert_eq!(saved["max_contacts"], 3);
    assert_eq!(two.register().await, 200, "the new limit counts at once");
}
