//! Calls that nobody takes: the caller always gets the true reason.

use std::time::Duration;

use super::{AT_ONCE, only_call_of};
use crate::support::pbx;

#[tokio::test]
async fn a_busy_phone_is_busy_to_the_caller() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let mut out = ada.dial(&bob.number).await;
    bob.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);

    let told = only_call_of(&pbx, &bob.number).await;
    assert_eq!(
        (&told["outcome"], &told["disposition"]),
        (&"busy".into(), &"BUSY".into()),
        "{told}"
    );
}

#[tokio::test]
async fn a_declined_call_ends_as_nobody_there() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let mut out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    call.ring().await;
    call.decline().await;
    assert_eq!(out.is_refused().await, 480);

    let told = only_call_of(&pbx, &bob.number).await;
    assert_eq!(told["outcome"], "missed", "{told}");
}

#[tokio::test]
async fn an_extension_without_a_phone_is_nobody_there_at_once() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let bob = pbx.ext().create().await;
    let mut out = ada.dial(&bob.number).await;
    assert_eq!(out.is_refused_within(AT_ONCE).await, 480);
    assert_eq!(out.heard, [480], "nothing rang");
}

#[tokio::test]
async fn a_phone_rings_for_its_ring_time_and_then_nobody_is_there() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let bob = pbx.ext().ring_time(5).phone().await;
    let mut out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    call.ring().await;
    let (status, ()) = tokio::join!(out.is_refused(), call.stops_ringing());
    let rang = out.started.elapsed();
    assert_eq!(status, 480);
    assert!(
        (Duration::from_millis(4500)..Duration::from_secs(8)).contains(&rang),
        "it rang for {rang:?} instead of 5 s"
    );
    assert_eq!(out.heard, [180, 480]);
}

#[tokio::test]
async fn an_unknown_number_is_unknown_at_once() {
    let pbx = pbx().await;
    let bob = pbx.ext().phone().await;
    let ada = pbx.ext().phone().await;
    let (shorter, longer) = (&bob.number[..3], format!("{}5", bob.number));
    for digits in [shorter, &longer, "7", "99999999999999999999", "*44", "#"] {
        let mut out = ada.dial(&digits.replace('#', "%23")).await;
        assert_eq!(out.is_refused_within(AT_ONCE).await, 404, "{digits}");
        assert_eq!(out.heard, [404], "{digits}");
    }
    assert!(!bob.has_rung().await);
}

#[tokio::test]
async fn letters_and_expressions_are_unknown_numbers_and_nothing_else() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let tricks = [
        "alice".to_owned(),
        "s".to_owned(),
        "h".to_owned(),
        "i".to_owned(),
        "db-is-here".to_owned(),
        format!("{}x", bob.number),
        // ${SHELL(id)}
        "%24%7BSHELL(id)%7D".to_owned(),
        // 2001,1,Answer() and 2001)&PJSIP/…
        format!("{}%2C1%2CAnswer()", bob.number),
        format!("{}%29%26PJSIP%2F{}", bob.number, bob.number),
        // "1" | "1" = "1
        "1%22%7C%221%22%3D%221".to_owned(),
        // a line break
        format!("{}%0d%0aX", bob.number),
        "%E6%97%A5".to_owned(),
    ];
    for trick in &tricks {
        let mut out = ada.dial(trick).await;
        let status = out.is_refused_within(AT_ONCE).await;
        assert!(
            [404, 484, 400].contains(&status),
            "{trick} ended with {status}"
        );
    }
    assert!(!bob.has_rung().await);
}

#[tokio::test]
async fn a_refused_call_is_never_answered_in_between() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    for (status, reason, heard) in [
        (480, "Temporarily Unavailable", 480),
        (404, "Not Found", 480),
        (503, "Service Unavailable", 480),
        (600, "Busy Everywhere", 486),
    ] {
        let mut out = ada.dial(&bob.number).await;
        bob.rings().await.refuse(status, reason).await;
        assert_eq!(out.is_refused().await, heard, "the phone said {status}");
    }
}
