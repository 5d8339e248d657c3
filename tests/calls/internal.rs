//! One extension calls another, and they talk.

use super::{has_state, only_call_of};
use crate::support::{eventually, pbx};

#[tokio::test]
async fn a_call_rings_and_is_answered_only_by_a_person() {
    let pbx = pbx().await;
    let (ada, bob) = (
        pbx.ext().name("Ada").phone().await,
        pbx.ext().name("Bob").phone().await,
    );

    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    assert_eq!(call.caller_name(), "Ada");
    assert_eq!(call.caller_number(), ada.number);
    call.ring().await;
    out.rings().await;
    assert_eq!(
        out.heard,
        [180],
        "ringing, and no answer before a person answers"
    );

    call.answer().await;
    out.is_answered().await;
    assert_eq!(out.heard, [180, 200]);
    out.hang_up().await;
    call.other_side_hangs_up().await;
}

#[tokio::test]
async fn either_side_may_hang_up() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;
    call.hang_up().await;
    out.other_side_hangs_up().await;
}

#[tokio::test]
async fn an_answered_call_is_in_the_history_with_all_that_is_known_about_it() {
    let pbx = pbx().await;
    let (ada, bob) = (
        pbx.ext().name("Ada Löwe").phone().await,
        pbx.ext().name("Bob").phone().await,
    );
    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.ring().await;
    call.answer().await;
    out.is_answered().await;
    // The history counts whole seconds.
    out.sings(std::time::Duration::from_millis(1100)).await;
    out.hang_up().await;
    call.other_side_hangs_up().await;

    let told = only_call_of(&pbx, &bob.number).await;
    assert_eq!(told["src"], *ada.number, "{told}");
    assert_eq!(told["src_name"], "Ada Löwe", "{told}");
    assert_eq!(told["dst"], *bob.number, "{told}");
    assert_eq!(told["direction"], "internal", "{told}");
    assert_eq!(told["outcome"], "answered", "{told}");
    assert_eq!(told["disposition"], "ANSWERED", "{told}");
    let (billsec, duration) = (told["billsec"].as_i64(), told["duration"].as_i64());
    assert!(billsec >= Some(1) && duration >= billsec, "{told}");
    let channel = format!("PJSIP/{}-", ada.number);
    assert!(
        told["channel"]
            .as_str()
            .unwrap_or_default()
            .starts_with(&channel),
        "{told}"
    );
    let channel = format!("PJSIP/{}-", bob.number);
    assert!(
        told["dstchannel"]
            .as_str()
            .unwrap_or_default()
            .starts_with(&channel),
        "{told}"
    );
    let date = told["call_date"].as_str().unwrap_or_default();
    assert!(date.ends_with('Z') && date.len() >= 20, "{told}");
    assert_eq!(told["legs"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(told["legs"][0]["disposition"], "ANSWERED", "{told}");

    let owner = pbx.owner().await;
    let linkedid = told["linkedid"].as_str().unwrap_or_default();
    let kept: Vec<(String, String, Vec<String>, i32)> = owner
        .rows(
            "select src, dst, extensions, legs from pbx.call where linkedid = $1",
            &[linkedid],
        )
        .await;
    let mut ends = vec![ada.number.clone(), bob.number.clone()];
    ends.sort_unstable();
    assert_eq!(kept, [(ada.number.clone(), bob.number.clone(), ends, 1)]);
    let raw = owner
        .count("select count(*) from cdr where linkedid = $1", &[linkedid])
        .await;
    assert_eq!(raw, 1, "one leg, one row, whoever wrote it");
}

#[tokio::test]
async fn a_call_in_progress_is_shown_with_its_state() {
    let pbx = pbx().await;
    let (ada, bob) = (
        pbx.ext().name("Ada").phone().await,
        pbx.ext().name("Bob").phone().await,
    );
    let admin = pbx.admin().await;
    let shown = |state: &'static str| {
        let (admin, caller) = (&admin, ada.number.clone());
        eventually(state, move || {
            let (admin, caller) = (admin.clone(), caller.clone());
            async move {
                let active = admin.get("/api/calls/active").await.expect(200);
                let calls = active["calls"].as_array().cloned().unwrap_or_default();
                let mine = calls.into_iter().find(|call| call["caller"] == *caller);
                mine.filter(|call| call["state"] == state)
            }
        })
    };

    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.ring().await;
    let ringing = shown("ringing").await;
    assert_eq!(ringing["destination"], *bob.number, "{ringing}");
    assert_eq!(ringing["caller_name"], "Ada", "{ringing}");
    has_state(&pbx, &bob.number, "ringing").await;

    call.answer().await;
    out.is_answered().await;
    let connected = shown("connected").await;
    assert!(connected["answer_time"].is_string(), "{connected}");
    let in_use = has_state(&pbx, &bob.number, "in_use").await;
    assert_eq!(in_use["status"], "online", "in use is online: {in_use}");

    out.hang_up().await;
    call.other_side_hangs_up().await;
    has_state(&pbx, &bob.number, "idle").await;
}

#[tokio::test]
async fn the_echo_test_answers_and_gives_back_what_it_hears() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let mut out = ada.dial("*43").await;
    out.is_answered().await;
    out.hears_an_echo().await;
    out.hang_up().await;
}

#[tokio::test]
async fn a_caller_who_gives_up_stops_the_ringing_and_is_a_missed_call() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let mut out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    call.ring().await;
    out.rings().await;
    let ((), ()) = tokio::join!(out.cancel(), call.stops_ringing());

    let told = only_call_of(&pbx, &bob.number).await;
    assert_eq!(told["outcome"], "missed", "{told}");
    assert_eq!(told["disposition"], "NO ANSWER", "{told}");
    assert_eq!(told["billsec"], 0, "{told}");
}

#[tokio::test]
async fn the_called_phone_is_offered_the_codecs_of_its_extension_and_no_others() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let bob = pbx.ext().with("codecs", "g722,alaw").phone().await;
    let out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    let offer = call.invite.body.clone();
    assert!(
        offer.contains("G722/8000") && offer.contains("PCMA/8000"),
        "{offer}"
    );
    assert!(!offer.contains("PCMU"), "{offer}");
    call.busy().await;
    drop(out);
}
