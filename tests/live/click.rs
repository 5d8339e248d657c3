//! Click to call, and hanging up by REST.

use serde_json::{Value, json};

use super::{SOON, call_between};
use crate::support::client::Api;
use crate::support::phone::{Incoming, Phone};
use crate::support::provider::Provider;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::Visitor;
use crate::support::{eventually, own_pbx, pbx, within};

const ORIGINATE: &str = "/api/calls/originate";

/// Rings, as phones do.
async fn takes(phone: &Phone) -> Incoming {
    let call = phone.rings().await;
    call.ring().await;
    call
}

async fn active(api: &Api) -> Value {
    api.get("/api/calls/active").await.expect(200)["calls"].clone()
}

#[tokio::test]
async fn the_own_phone_rings_and_then_calls_with_its_own_name_and_number() {
    let pbx = own_pbx("click").await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().name("Ada Löwe").create().await;
    // Each of her phones rings.
    let (desk, mobile) = (ada.phone().await, ada.phone().await);
    let bob = pbx.ext().phone().await;
    let asked = json!({"extension": ada.number, "number": format!(" {} ", bob.number)});
    let (placed, mut ringing, other) =
        tokio::join!(admin.post(ORIGINATE, &asked), takes(&desk), takes(&mobile));
    let placed = placed.expect(200);
    assert_eq!(placed["status"], "ok");
    assert_eq!(
        placed["message"],
        format!("Calling {} from {}", bob.number, ada.number)
    );
    assert_eq!(placed["ringing"], true, "{placed}");
    assert_eq!(
        ringing.caller_number(),
        bob.number,
        "who is going to be called"
    );
    let call = call_between(&active(&admin).await, &ada.number, &bob.number);
    let call = call.expect("among the calls in progress");
    assert_eq!(
        (&call["id"], &call["direction"]),
        (&placed["call_id"], &json!("internal"))
    );
    ringing.answer().await;
    other.stops_ringing().await;
    let mut called = bob.rings().await;
    assert_eq!(
        (called.caller_number(), called.caller_name()),
        (ada.number.clone(), "Ada Löwe".to_owned())
    );
    called.answer().await;
    within(SOON, "they talk", || async {
        let call = call_between(&active(&admin).await, &ada.number, &bob.number)?;
        (call["state"] == "connected" && call["id"] == placed["call_id"]).then_some(())
    })
    .await;

    let path = format!(
        "/api/calls/{}/hangup",
        placed["call_id"].as_str().unwrap_or_default()
    );
    admin.post(&path, &json!({})).await.expect(200);
    tokio::join!(ringing.other_side_hangs_up(), called.other_side_hangs_up());
    let call = eventually("it is one call in the history", || async {
        let calls = admin.get("/api/cdr/").await.expect(200);
        calls
            .as_array()
            .filter(|calls| calls.len() == 1)?
            .first()
            .cloned()
    })
    .await;
    assert_eq!(
        (&call["src"], &call["dst"], &call["disposition"]),
        (&json!(ada.number), &json!(bob.number), &json!("ANSWERED")),
        "{call}"
    );
    admin
        .post(&path, &json!({}))
        .await
        .expect_error(404, "not_found");
}

#[tokio::test]
async fn a_click_leaves_the_house_with_the_number_of_the_extension() {
    let pbx = own_pbx("click-outside").await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    provider.has_account("firma", "geheim");
    let fields = json!({
        "name": "Main", "provider": "custom", "auth_mode": "registration", "sip_server": provider.server(),
        "username": "firma", "password": "geheim", "number_block": "042198961300-09", "caller_id": "042198961300",
    });
    let trunk = admin.post("/api/trunks/", &fields).await.expect(200);
    provider.is_registered("firma").await;
    let ada = pbx.ext().create().await;
    let route = json!({"did": "042198961305", "trunk_id": trunk["id"], "destination_extension": ada.number});
    admin.post("/api/routes/", &route).await.expect(200);
    let phone = ada.phone().await;
    let asked = json!({"extension": ada.number, "number": "0171 / 123-456"});
    admin.post(ORIGINATE, &asked).await.expect(200);
    phone.rings().await.answer().await;
    let call = provider.rings().await;
    assert!(call.number().ends_with("171123456"), "{}", call.number());
    assert!(call.caller().ends_with("42198961305"), "{}", call.caller());
    call.refuse(486).await;
}

#[tokio::test]
async fn what_is_no_number_reaches_neither_asterisk_nor_the_dialplan() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let phone = ada.phone().await;
    for number in [
        "1002\r\nAction: Hangup\r\nChannel: /.*/",
        "1002,1,System(id)",
        "${SHELL(id)}",
        "1002&PJSIP/1003",
        "*21*0421#",
        "1002\u{0}",
        "٠٤٢١",
        "012345678901234567890",
    ] {
        let asked = json!({"extension": ada.number, "number": number});
        let answer = admin.post(ORIGINATE, &asked).await;
        answer.expect_error(400, "not_dialable");
        assert_eq!(answer.errors("number"), ["not_dialable"]);
    }
    let asked = |extension: &str, number: &str| json!({"extension": extension, "number": number});
    let own = admin
        .post(ORIGINATE, &asked(&ada.number, &ada.number))
        .await;
    own.expect_error(400, "own_number");
    let none = admin.post(ORIGINATE, &asked("9999", "1002")).await;
    none.expect_error(404, "not_found");
    let wrong = admin.post(ORIGINATE, &asked("1002\r\nX: y", "1002")).await;
    wrong.expect_error(400, "invalid_number");
    admin
        .post(ORIGINATE, &json!({}))
        .await
        .expect_error(422, "required");
    let away = pbx.ext().create().await;
    admin
        .post(ORIGINATE, &asked(&away.number, "1002"))
        .await
        .expect_error(400, "phone_offline");
    let off = pbx.ext().with("enabled", false).create().await;
    admin
        .post(ORIGINATE, &asked(&off.number, "1002"))
        .await
        .expect_error(400, "extension_disabled");
    assert!(!phone.has_rung().await);
}

#[tokio::test]
async fn the_answer_tells_a_phone_that_rings_from_one_that_says_nothing_or_no() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let phone = ada.phone().await;
    let asked = json!({"extension": ada.number, "number": "1002"});
    let (refused, ()) = tokio::join!(admin.post(ORIGINATE, &asked), async {
        phone.rings().await.decline().await;
    });
    refused.expect_error(400, "phone_refused");
    phone.goes_off();
    let answer = admin.post(ORIGINATE, &asked).await.expect(200);
    assert_eq!(
        answer["ringing"], false,
        "nobody says that it rings: {answer}"
    );
}

#[tokio::test]
async fn people_call_from_their_own_extension_only_and_end_nobodys_calls() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().create().await);
    let eva = pbx.person("user").await;
    let admin = pbx.admin().await;
    let path = format!("/api/peers/{}/user", ada.number);
    admin
        .patch(&path, &json!({"user_id": eva.id}))
        .await
        .expect(200);
    let phone = ada.phone().await;
    let foreign = json!({"extension": bob.number, "number": "1002"});
    eva.api
        .post(ORIGINATE, &foreign)
        .await
        .expect_error(403, "forbidden");
    // The own one need not be named.
    let wanted = json!({"number": bob.number});
    let (placed, call) = tokio::join!(eva.api.post(ORIGINATE, &wanted), takes(&phone));
    let placed = placed.expect(200);
    assert_eq!(
        (&placed["extension"], &placed["ringing"]),
        (&json!(ada.number), &json!(true))
    );
    let path = format!(
        "/api/calls/{}/hangup",
        placed["call_id"].as_str().unwrap_or_default()
    );
    eva.api
        .post(&path, &json!({}))
        .await
        .expect_error(403, "forbidden");
    admin.post(&path, &json!({})).await.expect(200);
    call.stops_ringing().await;
}

#[tokio::test]
async fn a_person_calls_from_the_dashboard_without_javascript() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().phone().await);
    let eva = pbx.person("user").await;
    let admin = pbx.admin().await;
    let path = format!("/api/peers/{}/user", ada.number);
    admin
        .patch(&path, &json!({"user_id": eva.id}))
        .await
        .expect(200);
    let phone = ada.phone().await;
    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    let dashboard = visitor.open("/").await;
    let form = dashboard.form("/calls/new");
    let refused = visitor
        .submit(&form.clone().set("number", "abc"))
        .await
        .expect(200);
    assert!(refused.shows("two to twenty digits"), "{}", refused.text());
    let placed = visitor
        .submit(&form.set("number", &bob.number))
        .await
        .expect(200);
    assert!(
        placed.shows(&format!("Whoever answers calls {}", bob.number)),
        "{}",
        placed.text()
    );
    phone.rings().await.answer().await;
    bob.rings().await.busy().await;
}
