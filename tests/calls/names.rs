//! Names on displays.

use serde_json::json;

use crate::support::pbx;

/// Every kind of character a name may have, among them all that mean something to SIP, to Asterisk or to SQL.
const NAMES: [&str; 14] = [
    "Büro Nord",
    r#"Ada "The" L"#,
    r"back\slash",
    "semi;colon",
    "caret^3B",
    "${EXTEN} $[1+1]",
    "] [x]",
    "<b>bold</b>",
    "a > b < c",
    "O'Brien, 50 %",
    "Ω Жук 日本",
    "a=b&c|d",
    "1001",
    "@example.com:5060",
];

#[tokio::test]
async fn the_called_phone_shows_the_name_exactly_as_it_was_typed() {
    let pbx = pbx().await;
    let desk = pbx.ext().create().await;
    let (ada, bob) = (desk.phone().await, pbx.ext().phone().await);
    let admin = pbx.admin().await;
    for name in NAMES {
        desk.change(json!({ "caller_id": name })).await;
        let stored = admin.get(&desk.path()).await.expect(200);
        assert_eq!(stored["caller_id"], name, "stored");
        let mut out = ada.dial(&bob.number).await;
        let call = bob.rings().await;
        assert_eq!(call.caller_name(), name, "{}", call.invite.header("From"));
        assert_eq!(
            call.caller_number(),
            desk.number,
            "{}",
            call.invite.header("From")
        );
        call.busy().await;
        assert_eq!(out.is_refused().await, 486);
    }
}

#[tokio::test]
async fn a_name_that_is_taken_away_leaves_the_number() {
    let pbx = pbx().await;
    let desk = pbx.ext().name("Ada").create().await;
    let (ada, bob) = (desk.phone().await, pbx.ext().phone().await);
    let saved = desk.change(json!({"caller_id": null})).await;
    assert!(saved["caller_id"].is_null(), "{saved}");
    let mut out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    assert!(
        ["", &*desk.number].contains(&&*call.caller_name()),
        "{}",
        call.invite.header("From")
    );
    assert_eq!(call.caller_number(), desk.number);
    call.busy().await;
    assert_eq!(out.is_refused().await, 486);
}

#[tokio::test]
async fn a_phone_cannot_call_under_another_name_or_number() {
    let pbx = pbx().await;
    let desk = pbx.ext().name("Ada").create().await;
    let bob = pbx.ext().phone().await;
    let liar = desk.phone().await;
    let own = format!("\"The Boss\" <sip:{}@example.com>", desk.number);
    let mut out = liar.dial_as(&own, &bob.number).await;
    let call = bob.rings().await;
    assert_eq!(call.caller_name(), "Ada");
    assert_eq!(call.caller_number(), desk.number);
    call.busy().await;
    assert_eq!(out.is_refused().await, 486);

    let other = format!("<sip:{}@example.com>", bob.number);
    assert_eq!(
        liar.dial_as(&other, &bob.number).await.is_refused().await,
        401
    );
    assert!(!bob.has_rung().await);
}
