//! Forwards to those who forward.

use std::time::Instant;

use serde_json::json;

use super::{change, forward, remove};
use crate::support::phone::Phone;
use crate::support::{Pbx, eventually, pbx};

async fn phones(pbx: &Pbx, count: usize) -> Vec<Phone> {
    let mut phones = Vec::new();
    for _ in 0..count {
        phones.push(pbx.ext().phone().await);
    }
    phones
}

async fn refused(pbx: &Pbx, number: &str, destination: &str) {
    let fields =
        json!({"extension": number, "forward_type": "unconditional", "destination": destination});
    let admin = pbx.admin().await;
    let answer = admin.post("/api/callforward/", &fields).await;
    assert_eq!(
        answer.errors("destination"),
        ["forward_loop"],
        "{number} to {destination}"
    );
}

#[tokio::test]
async fn a_circle_is_refused_when_it_is_saved() {
    let pbx = pbx().await;
    let phones = phones(&pbx, 3).await;
    let [a, b, c] = [0, 1, 2].map(|i| phones[i].number.as_str());
    refused(&pbx, a, a).await;
    forward(&pbx, a, "unconditional", b).await;
    let last = forward(&pbx, b, "busy", c).await;
    refused(&pbx, c, a).await;
    // One that is off makes no circle, until it is switched on.
    change(&pbx, &last, json!({"enabled": false})).await;
    forward(&pbx, c, "unconditional", a).await;
    let path = format!("/api/callforward/{}", last["id"]);
    let answer = pbx
        .admin()
        .await
        .put(&path, &json!({"enabled": true}))
        .await;
    assert_eq!(answer.errors("destination"), ["forward_loop"]);
}

#[tokio::test]
async fn a_circle_that_got_past_the_guard_is_cut() {
    let pbx = pbx().await;
    let phones = phones(&pbx, 4).await;
    let owner = pbx.owner().await;
    for i in 0..3 {
        let (from, to) = (&phones[i].number, &phones[(i + 1) % 3].number);
        let sql = format!(
            "alter table pbx.forward disable trigger guard;
             insert into pbx.forward (extension, kind, destination) values ('{from}', 'unconditional', '{to}');
             alter table pbx.forward enable trigger guard"
        );
        owner.does(&sql);
    }
    is_compiled(&pbx, &phones[2].number, &phones[0].number).await;
    let mut out = phones[3].dial(&phones[0].number).await;
    assert_eq!(out.is_refused().await, 480);
    for phone in &phones {
        assert!(!phone.has_rung().await);
    }
}

async fn is_compiled(pbx: &Pbx, number: &str, target: &str) {
    let owner = pbx.owner().await;
    eventually("the row of the extension follows", || async {
        let row = "select count(*) from extensions where context = 'internal' and exten = $1 and appdata like '%,' || $2 || '%'";
        (owner.count(row, &[number, target]).await == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn five_in_a_row_arrive_and_six_do_not() {
    let pbx = pbx().await;
    let phones = phones(&pbx, 8).await;
    for i in 1..6 {
        forward(
            &pbx,
            &phones[i].number,
            "unconditional",
            &phones[i + 1].number,
        )
        .await;
    }
    let mut out = phones[7].dial(&phones[1].number).await;
    let mut call = phones[6].rings().await;
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    forward(&pbx, &phones[0].number, "unconditional", &phones[1].number).await;
    let mut out = phones[7].dial(&phones[0].number).await;
    assert_eq!(out.is_refused().await, 480);
    assert!(!phones[6].has_rung().await);
}

#[tokio::test]
async fn a_target_that_is_busy_is_busy_whatever_rang_before() {
    let pbx = pbx().await;
    let phones = phones(&pbx, 4).await;
    let [a, b, c] = [0, 1, 2].map(|i| phones[i].number.as_str());
    forward(&pbx, a, "no_answer", b).await;
    let mut out = phones[3].dial(a).await;
    phones[0].rings().await.decline().await;
    phones[1].rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    // And what it does when it is busy is done.
    forward(&pbx, b, "busy", c).await;
    let mut out = phones[3].dial(a).await;
    phones[0].rings().await.decline().await;
    phones[1].rings().await.busy().await;
    phones[2].rings().await.decline().await;
    assert_eq!(out.is_refused().await, 480);
}

#[tokio::test]
async fn a_target_that_is_gone_is_nobody_there() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let gone = pbx.ext().create().await;
    forward(&pbx, &bob.number, "unconditional", &gone.number).await;
    gone.delete().await;
    let mut out = ada.dial(&bob.number).await;
    assert_eq!(out.is_refused().await, 480);
}

#[tokio::test]
async fn a_target_that_gets_another_number_keeps_its_calls() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let eve = pbx.ext().create().await;
    forward(&pbx, &bob.number, "unconditional", &eve.number).await;
    let number = pbx.free_number();
    let renamed = eve.change(json!({"extension": number})).await;
    let phone = pbx
        .phone(&number, renamed["secret"].as_str().expect("a new one"))
        .await;
    assert_eq!(phone.register().await, 200);
    let mut out = ada.dial(&bob.number).await;
    phone.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
}

#[tokio::test]
async fn one_that_is_switched_off_never_acts_whatever_else_is_saved() {
    let pbx = pbx().await;
    let (ada, bob, eve) = (
        pbx.ext().phone().await,
        pbx.ext().create().await,
        pbx.ext().phone().await,
    );
    let phone = bob.phone().await;
    let off = forward(&pbx, &bob.number, "unconditional", &eve.number).await;
    change(&pbx, &off, json!({"enabled": false})).await;
    let rings = async || {
        let mut out = ada.dial(&bob.number).await;
        phone.rings().await.busy().await;
        assert_eq!(out.is_refused().await, 486);
    };
    rings().await;
    bob.change(json!({"caller_id": "Bob", "ring_time": 30}))
        .await;
    rings().await;
    let other = forward(&pbx, &bob.number, "no_answer", &eve.number).await;
    rings().await;
    change(
        &pbx,
        &off,
        json!({"destination": ada.number, "ring_time": 9}),
    )
    .await;
    rings().await;
    remove(&pbx, &other).await;
    rings().await;
    assert!(!eve.has_rung().await);
}

#[tokio::test]
async fn a_forward_when_nobody_answers_has_a_ring_time_of_its_own() {
    let pbx = pbx().await;
    let (ada, eve) = (pbx.ext().phone().await, pbx.ext().phone().await);
    // The extension would ring for much longer; its forward says five seconds.
    let bob = pbx.ext().ring_time(60).phone().await;
    let made = forward(&pbx, &bob.number, "no_answer", &eve.number).await;
    let rings = async |seconds: u32| {
        let mut out = ada.dial(&bob.number).await;
        let call = bob.rings().await;
        call.ring().await;
        let began = Instant::now();
        let mut taken = eve.rings().await;
        let rang = began.elapsed().as_secs_f64().round();
        // A second more or less is what a busy machine makes of it.
        assert!((rang - f64::from(seconds)).abs() <= 1.0, "{rang}");
        call.stops_ringing().await;
        taken.answer().await;
        out.is_answered().await;
        out.hang_up().await;
        taken.other_side_hangs_up().await;
    };
    rings(5).await;
    change(&pbx, &made, json!({"ring_time": 8})).await;
    rings(8).await;
}
