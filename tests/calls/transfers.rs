//! Calls that somebody hands over to another number.

use serde_json::json;

use crate::support::pbx::{Draft, Extension};
use crate::support::phone::Outgoing;
use crate::support::{Pbx, eventually, pbx};

/// What its phone says arrives as it is.
fn talker(pbx: &Pbx) -> Draft<'_> {
    pbx.ext().with("codecs", "alaw")
}

async fn forward(pbx: &Pbx, number: &str, kind: &str, destination: &str) {
    let fields = json!({"extension": number, "forward_type": kind, "destination": destination, "ring_time": 5});
    let admin = pbx.admin().await;
    admin.post("/api/callforward/", &fields).await.expect(200);
}

async fn with_mailbox(pbx: &Pbx) -> Extension {
    let extension = pbx.ext().ring_time(5).create().await;
    let path = format!("/api/voicemail/mailbox/{}", extension.number);
    let admin = pbx.admin().await;
    admin.put(&path, &json!({})).await.expect(200);
    extension
}

/// Nobody is there for whoever was handed over: the call is over, and no mailbox was heard.
async fn ends(out: Outgoing, pbx: &Pbx, boxes: &[&str]) {
    out.other_side_hangs_up().await;
    for number in boxes {
        let path = format!("/api/voicemail/?mailbox={number}");
        let kept = pbx.admin().await.get(&path).await.expect(200);
        assert_eq!(kept, json!([]), "{number}");
    }
}

#[tokio::test]
async fn a_call_is_handed_over_to_where_the_new_number_is_forwarded_to() {
    let pbx = pbx().await;
    let ada = talker(&pbx).name("Ada").phone().await;
    let (bob, joe) = (talker(&pbx).phone().await, talker(&pbx).phone().await);
    let eve = pbx.ext().create().await.number;
    forward(&pbx, &eve, "unconditional", &joe.number).await;
    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;
    let ((), mut taken) = tokio::join!(call.transfers(&out, &eve), async {
        let mut rings = joe.rings().await;
        assert_eq!(rings.caller_name(), "Ada");
        rings.answer().await;
        rings
    });
    out.is_heard_by(&taken).await;
    taken.is_up().await;
    out.hang_up().await;
    taken.other_side_hangs_up().await;
}

#[tokio::test]
async fn what_was_said_of_a_forwarded_call_ends_when_it_is_handed_over() {
    let pbx = pbx().await;
    // Whoever calls Bob talks to Eve, and would hear Bob's mailbox were she away.
    let bob = with_mailbox(&pbx).await;
    let (ada, eve) = (talker(&pbx).phone().await, talker(&pbx).phone().await);
    forward(&pbx, &bob.number, "unconditional", &eve.number).await;
    let away = pbx.ext().create().await.number;
    let mut out = ada.dial(&bob.number).await;
    let mut call = eve.rings().await;
    call.answer().await;
    out.is_answered().await;
    call.transfers(&out, &away).await;
    ends(out, &pbx, &[&bob.number]).await;

    // As many hops as any call has, and not those that the first one has used up.
    let joe = pbx.ext().phone().await;
    let mut target = joe.number.clone();
    for _ in 0..5 {
        let next = pbx.ext().create().await.number;
        forward(&pbx, &next, "unconditional", &target).await;
        target = next;
    }
    let mut out = ada.dial(&bob.number).await;
    let mut call = eve.rings().await;
    call.answer().await;
    out.is_answered().await;
    let ((), mut taken) = tokio::join!(call.transfers(&out, &target), async {
        let mut rings = joe.rings().await;
        rings.answer().await;
        rings
    });
    taken.is_up().await;
    out.hang_up().await;
    taken.other_side_hangs_up().await;
}

#[tokio::test]
async fn nobody_sets_a_forward_of_whoever_is_handed_over() {
    let pbx = pbx().await;
    let (ada, bob, joe) = (
        talker(&pbx).phone().await,
        talker(&pbx).phone().await,
        pbx.ext().phone().await,
    );
    for code in [
        format!("*21*{}#", joe.number),
        format!("*67*{}#", joe.number),
        "#21#".to_owned(),
    ] {
        let mut out = ada.dial(&bob.number).await;
        let mut call = bob.rings().await;
        call.answer().await;
        out.is_answered().await;
        call.transfers(&out, &code).await;
        out.other_side_hangs_up().await;
        let owner = pbx.owner().await;
        let forwards = "select count(*) from pbx.forward where extension in ($1, $2)";
        let count = owner.count(forwards, &[&ada.number, &bob.number]).await;
        assert_eq!(count, 0, "{code}");
    }
    // The same code does it from the own phone.
    let mut out = ada.dial(&format!("*21*{}#", joe.number)).await;
    out.is_answered().await;
    eventually("the forward is there", || async {
        let forwards = "select count(*) from pbx.forward where extension = $1";
        let count = pbx.owner().await.count(forwards, &[&ada.number]).await;
        (count == 1).then_some(())
    })
    .await;
    out.other_side_hangs_up().await;
}

#[tokio::test]
async fn a_call_is_handed_over_to_the_echo_test_and_to_nobody_by_an_unknown_number() {
    let pbx = pbx().await;
    let (ada, bob) = (talker(&pbx).phone().await, talker(&pbx).phone().await);
    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;
    // It is on its way when it is answered there, which the echo does with what it hears.
    tokio::join!(call.transfers(&out, "*43"), out.hears_an_echo());
    out.hang_up().await;

    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;
    call.transfers(&out, &pbx.free_number()).await;
    ends(out, &pbx, &[]).await;
}
