//! What the history says of each kind of call: whence, whither, and how it ended, as a person means it.

use std::time::Duration;

use serde_json::{Value, json};

use super::only_call_of;
use crate::support::phone::Phone;
use crate::support::provider::Provider;
use crate::support::{Pbx, eventually, pbx};

/// A line at a provider, and one of its numbers for an extension.
async fn line(pbx: &Pbx, provider: &Provider, did: &str, extension: &str) {
    let admin = pbx.admin().await;
    let fields = json!({
        "name": format!("History {did}"), "provider": "custom", "auth_mode": "ip", "sip_server": provider.server(),
    });
    let trunk = admin.post("/api/trunks/", &fields).await.expect(200);
    let route = json!({"did": did, "trunk_id": trunk["id"], "destination_extension": extension});
    admin.post("/api/routes/", &route).await.expect(200);
}

async fn forward(pbx: &Pbx, number: &str, kind: &str, destination: &str) {
    let fields = json!({
        "extension": number, "forward_type": kind, "destination": destination, "ring_time": 5,
    });
    let admin = pbx.admin().await;
    admin.post("/api/callforward/", &fields).await.expect(200);
}

/// The only call of an extension as the history has it in the end: `direction outcome src > dst`. Whatever the order in
/// which its legs come, it is the same.
async fn filed(pbx: &Pbx, number: &str, expected: &str) -> Value {
    let told = eventually(&format!("{number}: {expected}"), || async {
        let told = only_call_of(pbx, number).await;
        let word = |name: &str| told[name].as_str().unwrap_or_default();
        let (from, to) = (word("src"), word("dst"));
        let words = format!("{} {} {from} > {to}", word("direction"), word("outcome"));
        (words == expected).then_some(told)
    })
    .await;
    let linkedid = told["linkedid"].as_str().unwrap_or_default();
    in_any_order(pbx, linkedid).await;
    told
}

async fn in_any_order(pbx: &Pbx, linkedid: &str) {
    let owner = pbx.owner().await;
    // The copies of the legs, one by one from the last to the first, under another name.
    owner.does(&format!(
        "do $$ declare l cdr; begin
           for l in select * from cdr where linkedid = '{linkedid}' order by sequence desc loop
             l.id := nextval('cdr_id_seq');
             l.uniqueid := 'back-' || l.uniqueid;
             l.linkedid := 'back-' || l.linkedid;
             insert into cdr select l.*;
           end loop; end $$"
    ));
    let row = "select concat_ws(' ', started_at, ended_at, direction, outcome, src, src_name, dst, extensions, duration, billsec, legs)
                 from pbx.call where linkedid = $1";
    let back = format!("back-{linkedid}");
    let there: Vec<(String,)> = owner.rows(row, &[linkedid]).await;
    let again: Vec<(String,)> = owner.rows(row, &[&back]).await;
    owner.does(&format!("delete from cdr where linkedid = '{back}'"));
    assert_eq!(there, again, "in another order");
}

/// What its legs tell, as the page has it.
async fn story(pbx: &Pbx, number: &str) -> String {
    let visitor = pbx.visitor("en").await;
    let page = visitor.open(&format!("/calls?extension={number}")).await;
    let page = page.expect(200);
    let (_, story) = page.html.split_once("class=\"story\">").expect("a story");
    let (story, _) = story.split_once("</ol>").expect("its end");
    let mut words = String::new();
    let mut is_tag = false;
    for c in story.replace("</li>", ";").chars() {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            c if !is_tag => words.push(c),
            _ => {}
        }
    }
    words.trim_end_matches(';').trim().to_owned()
}

#[tokio::test]
async fn a_forward_inside_is_one_answered_call_of_all_three() {
    let pbx = pbx().await;
    for (kind, why) in [
        ("unconditional", "forwarded"),
        ("busy", "forwarded (busy)"),
        ("no_answer", "forwarded (no answer)"),
    ] {
        let (ada, bob, eve) = (
            pbx.ext().phone().await,
            pbx.ext().phone().await,
            pbx.ext().phone().await,
        );
        forward(&pbx, &bob.number, kind, &eve.number).await;
        let mut out = ada.dial(&bob.number).await;
        match kind {
            "busy" => bob.rings().await.busy().await,
            "no_answer" => bob.rings().await.decline().await,
            _ => {}
        }
        let mut call = eve.rings().await;
        call.answer().await;
        out.is_answered().await;
        out.hang_up().await;
        call.other_side_hangs_up().await;
        let expected = format!("internal answered {} > {}", ada.number, bob.number);
        let told = filed(&pbx, &ada.number, &expected).await;
        let mut ends = [&ada.number, &bob.number, &eve.number];
        ends.sort_unstable();
        assert_eq!(told["extensions"], json!(ends), "{kind}: {told}");
        let story = story(&pbx, &ada.number).await;
        assert!(story.contains(&format!("{why};")), "{kind}: {story}");
        assert!(story.contains("answered, 0:0"), "{kind}: {story}");
    }
}

#[tokio::test]
async fn a_forward_that_leaves_the_house_is_outgoing_and_names_the_extension_that_called() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    line(&pbx, &provider, "04216209901", &bob.number).await;
    forward(&pbx, &bob.number, "no_answer", "0171123456").await;
    let mut out = ada.dial(&bob.number).await;
    bob.rings().await.decline().await;
    let mut call = provider.rings().await;
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    let expected = format!("outgoing answered {} > {}", ada.number, bob.number);
    filed(&pbx, &ada.number, &expected).await;
    let story = story(&pbx, &ada.number).await;
    assert!(story.contains("+49171123456 answered"), "{story}");
}

#[tokio::test]
async fn what_the_provider_says_is_how_the_call_ended() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    for (n, (status, outcome)) in [
        (486, "busy"),
        (404, "failed"),
        (480, "missed"),
        (503, "failed"),
    ]
    .into_iter()
    .enumerate()
    {
        let ada = pbx.ext().phone().await;
        line(&pbx, &provider, &format!("0421620991{n}"), &ada.number).await;
        let mut out = ada.dial("030123456").await;
        provider.rings().await.refuse(status).await;
        out.is_refused().await;
        // The outside saw the number, the history has the extension.
        let expected = format!("outgoing {outcome} {} > 030123456", ada.number);
        filed(&pbx, &ada.number, &expected).await;
    }
}

#[tokio::test]
async fn an_emergency_call_is_outgoing() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let ada = pbx.ext().phone().await;
    line(&pbx, &provider, "04216209921", &ada.number).await;
    let mut out = ada.dial("112").await;
    let mut call = provider.rings().await;
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    let expected = format!("outgoing answered {} > 112", ada.number);
    filed(&pbx, &ada.number, &expected).await;
}

#[tokio::test]
async fn a_call_from_outside_is_incoming_whether_somebody_takes_it_or_not() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    for (did, is_taken) in [("04216209931", true), ("04216209932", false)] {
        let ada = pbx.ext().phone().await;
        line(&pbx, &provider, did, &ada.number).await;
        let canonical = format!("+49{}", &did[1..]);
        let from = format!("<sip:+498912345678@{}>", provider.address());
        let mut out = provider.call(&canonical).from(&from).send().await;
        let mut call = ada.rings().await;
        let outcome = if is_taken {
            call.answer().await;
            out.is_answered().await;
            out.hang_up().await;
            call.other_side_hangs_up().await;
            "answered"
        } else {
            call.decline().await;
            out.is_refused().await;
            "missed"
        };
        let expected = format!("incoming {outcome} 08912345678 > {canonical}");
        filed(&pbx, &ada.number, &expected).await;
    }
}

#[tokio::test]
async fn what_the_system_itself_says_is_answered_or_failed() {
    let pbx = pbx().await;
    for (digits, status, outcome, told) in [
        ("*43", 200, "answered", "Echo test, 0:0"),
        ("99999", 404, "failed", "No such number"),
        // The announcement that one may not call out is heard and never answered.
        (
            "0421555",
            403,
            "failed",
            "Not allowed to call out, or refused",
        ),
        ("*98", 404, "failed", "No such number"),
    ] {
        let ada = pbx.ext().phone().await;
        let mut out = ada.dial(digits).await;
        assert_eq!(out.ends_with().await, status, "{digits}");
        if status == 200 {
            // Only then is it the echo that Asterisk does.
            out.hears_an_echo().await;
            out.hang_up().await;
        }
        let expected = format!("internal {outcome} {} > {digits}", ada.number);
        filed(&pbx, &ada.number, &expected).await;
        let story = story(&pbx, &ada.number).await;
        assert!(story.starts_with(told), "{digits}: {story}");
    }
}

#[tokio::test]
async fn a_busy_one_is_busy_and_one_who_is_away_has_missed_it() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let mut out = ada.dial(&bob.number).await;
    bob.rings().await.busy().await;
    out.is_refused().await;
    let expected = format!("internal busy {} > {}", ada.number, bob.number);
    filed(&pbx, &ada.number, &expected).await;

    let (eve, away) = (pbx.ext().phone().await, pbx.ext().create().await);
    let mut out = eve.dial(&away.number).await;
    out.is_refused().await;
    let expected = format!("internal missed {} > {}", eve.number, away.number);
    // It is a call of the one whose phones were off as well.
    filed(&pbx, &away.number, &expected).await;
}

#[tokio::test]
async fn one_phone_of_several_is_busy_and_the_caller_gives_up() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().create().await);
    let (desk, softphone) = (bob.phone().await, bob.phone().await);
    let mut out = ada.dial(&bob.number).await;
    let (call, other) = tokio::join!(desk.rings(), softphone.rings());
    call.ring().await;
    out.rings().await;
    other.busy().await;
    tokio::join!(out.cancel(), call.stops_ringing());
    let expected = format!("internal missed {} > {}", ada.number, bob.number);
    filed(&pbx, &ada.number, &expected).await;
    let story = story(&pbx, &ada.number).await;
    assert!(story.ends_with("The caller hung up"), "{story}");
}

/// Leaves a message and ends it with # or by hanging up.
async fn leave(from: &Phone, number: &str, is_hash: bool) {
    let mut out = from.dial(number).await;
    out.is_answered().await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.sings(Duration::from_secs(2)).await;
    if is_hash {
        out.presses("#").await;
        out.other_side_hangs_up().await;
    } else {
        out.hang_up().await;
    }
}

#[tokio::test]
async fn only_the_mailbox_answered_so_the_call_is_missed_and_leads_to_its_message() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for is_hash in [false, true] {
        let bob = pbx.ext().create().await;
        let mailbox = format!("/api/voicemail/mailbox/{}", bob.number);
        admin
            .put(&mailbox, &json!({"name": "Bob"}))
            .await
            .expect(200);
        let ada = pbx.ext().phone().await;
        leave(&ada, &bob.number, is_hash).await;
        let expected = format!("internal missed {} > {}", ada.number, bob.number);
        let told = filed(&pbx, &bob.number, &expected).await;
        assert_eq!(told["billsec"], 0, "nobody spoke with anybody: {told}");
        let story = story(&pbx, &bob.number).await;
        assert!(story.contains("mailbox, 0:0"), "{story}");
        let visitor = pbx.visitor("en").await;
        let link = format!("/voicemail?mailbox={}#message-", bob.number);
        eventually("the call leads to its message", || async {
            let page = visitor
                .open(&format!("/calls?extension={}", bob.number))
                .await;
            page.html.contains(&link).then_some(())
        })
        .await;
    }
}
