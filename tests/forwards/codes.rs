//! Forwards that are dialled on the phone.

use serde_json::{Value, json};

use crate::support::phone::Phone;
use crate::support::stack::Part;
use crate::support::{Pbx, own_pbx, pbx};

async fn forwards(pbx: &Pbx, number: &str) -> Vec<Value> {
    let path = format!("/api/callforward/by-extension/{number}");
    let list = pbx.admin().await.get(&path).await.expect(200);
    list.as_array().expect("a list").clone()
}

/// It is confirmed by voice, once it is so.
async fn confirmed(phone: &Phone, code: &str) {
    let mut out = phone.dial(code).await;
    out.is_answered().await;
    out.hang_up().await;
}

#[tokio::test]
async fn each_kind_is_set_and_switched_off_and_the_history_names_the_extension() {
    let pbx = pbx().await;
    let (ada, bob, eve) = (
        pbx.ext().phone().await,
        pbx.ext().phone().await,
        pbx.ext().phone().await,
    );
    for (code, kind) in [("21", "unconditional"), ("67", "busy"), ("61", "no_answer")] {
        confirmed(&bob, &format!("*{code}*{}#", eve.number)).await;
        let list = forwards(&pbx, &bob.number).await;
        assert_eq!(list.len(), 1, "{list:?}");
        assert_eq!(list[0]["forward_type"], kind);
        assert_eq!(list[0]["destination"], *eve.number);
        assert_eq!(list[0]["enabled"], true);
        if kind != "no_answer" {
            let mut out = ada.dial(&bob.number).await;
            if kind == "busy" {
                bob.rings().await.busy().await;
            }
            eve.rings().await.busy().await;
            assert_eq!(out.is_refused().await, 486);
        }
        confirmed(&bob, &format!("#{code}#")).await;
        assert_eq!(forwards(&pbx, &bob.number).await[0]["enabled"], false);
        let path = format!(
            "/api/callforward/{}",
            forwards(&pbx, &bob.number).await[0]["id"]
        );
        pbx.admin().await.delete(&path).await.expect(200);
    }
    // What is off already is off.
    confirmed(&bob, "#21#").await;
    let owner = pbx.owner().await;
    let actor = format!("extension {}", bob.number);
    let recorded = owner
        .count("select count(*) from pbx.change where tab = 'forward' and actor = $1 and origin = 'phone'", &[&actor])
        .await;
    assert_eq!(recorded, 6, "three were made, three were switched off");
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_nothing_changes() {
    let pbx = pbx().await;
    let bob = pbx.ext().phone().await;
    // A number with a ring time behind it, as mobile phones have it, is not another number.
    for target in [
        bob.number.as_str(),
        "112",
        "99999",
        "0171123456*20",
        "0171123456##",
    ] {
        let mut out = bob.dial(&format!("*21*{target}#")).await;
        assert_eq!(out.is_refused().await, 403, "{target}");
    }
    assert_eq!(forwards(&pbx, &bob.number).await, Vec::<Value>::new());
}

#[tokio::test]
async fn without_the_server_nothing_is_confirmed() {
    let pbx = own_pbx("codes").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    pbx.stop(Part::Server).await;
    let mut out = bob.dial(&format!("*21*{}#", ada.number)).await;
    assert_eq!(out.is_refused().await, 503);
    pbx.begin(Part::Server).await;
    let fields = json!({"extension": bob.number});
    assert_eq!(
        forwards(&pbx, fields["extension"].as_str().expect("text")).await,
        Vec::<Value>::new()
    );
}

#[tokio::test]
async fn one_whose_target_is_gone_is_switched_off() {
    let pbx = pbx().await;
    let (bob, gone) = (pbx.ext().phone().await, pbx.ext().create().await);
    confirmed(&bob, &format!("*21*{}#", gone.number)).await;
    gone.delete().await;
    confirmed(&bob, "#21#").await;
    assert_eq!(forwards(&pbx, &bob.number).await[0]["enabled"], false);
}
