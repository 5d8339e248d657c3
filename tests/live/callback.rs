//! Calling by a click from the history and from the list of extensions.

use serde_json::json;

use crate::support::browser::Browser;
use crate::support::client::Api;
use crate::support::html::buttons_of;
use crate::support::phone::Phone;
use crate::support::provider::Provider;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::{Page, Visitor};
use crate::support::{eventually, own_pbx, pbx};

/// Whom the buttons of a page call.
fn offered(page: &Page) -> Vec<String> {
    let mut numbers = buttons_of(&page.html, "place-call");
    numbers.sort();
    numbers.dedup();
    numbers
}

/// Somebody calls, and is told no.
async fn calls_in_vain(from: &Phone, to: &Phone) {
    let mut out = from.dial(&to.number).await;
    to.rings().await.decline().await;
    out.is_refused().await;
}

async fn is_in_history(api: &Api, from: &str) {
    eventually("the call is in the history", || async {
        let calls = api.get(&format!("/api/cdr/?src={from}")).await.expect(200);
        calls
            .as_array()
            .is_some_and(|calls| !calls.is_empty())
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_click_in_the_history_and_in_the_list_calls_with_the_own_phone() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().phone().await);
    let eva = pbx.person("user").await;
    let path = format!("/api/peers/{}/user", ada.number);
    let own = json!({"user_id": eva.id});
    admin.patch(&path, &own).await.expect(200);
    let phone = ada.phone().await;
    calls_in_vain(&bob, &phone).await;
    is_in_history(&eva.api, &bob.number).await;

    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in(&eva.name, ADMIN_PASSWORD).await;
    let button = format!("button[form='place-call'][value='{}']", bob.number);
    let list = format!("/extensions?q={}", bob.number);
    for page in ["/calls", &list] {
        browser.go(page).await;
        let takes = async {
            let call = phone.rings().await;
            call.ring().await;
            call
        };
        let ((), mut ringing) = tokio::join!(browser.click_in_news(&button), takes);
        let words = format!("Whoever answers calls {}", bob.number);
        browser.reads("body", &words).await;
        browser.is_at(page).await;
        ringing.answer().await;
        let mut called = bob.rings().await;
        assert_eq!(called.caller_number(), ada.number);
        called.answer().await;
        ringing.hang_up().await;
        called.other_side_hangs_up().await;
    }
    browser.close().await;
}

#[tokio::test]
async fn nobody_is_offered_a_call_to_the_own_number_or_without_a_phone() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().name("Klick und Ruf").create().await;
    let bob = pbx.ext().name("Klick und Ruf").create().await;
    let off = pbx.ext().name("Klick und Ruf").with("enabled", false);
    off.create().await;
    let eva = pbx.person("user").await;
    let path = format!("/api/peers/{}/user", ada.number);
    let own = json!({"user_id": eva.id});
    admin.patch(&path, &own).await.expect(200);
    let phone = ada.phone().await;
    let mut echo = phone.dial("*43").await;
    echo.is_answered().await;
    echo.hang_up().await;
    calls_in_vain(&phone, &bob.phone().await).await;
    let last = format!("{}&dst={}", ada.number, bob.number);
    is_in_history(&eva.api, &last).await;

    let visitor = Visitor::new(pbx.url(), "de");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    for path in ["/extensions?q=klick", "/calls"] {
        let page = visitor.open(path).await.expect(200);
        assert_eq!(offered(&page), [bob.number.as_str()], "{path}");
        assert!(page.html.contains(&format!("{} anrufen", bob.number)));
        assert_eq!(page.form("/calls/new").value("next"), Some(path));
    }
    // An administrator without an extension has no phone to call with.
    let visitor = pbx.visitor("en").await;
    for path in ["/extensions?q=klick", "/calls"] {
        let page = visitor.open(path).await.expect(200);
        assert!(offered(&page).is_empty(), "{path}");
        assert!(!page.html.contains("/calls/new"), "{path}");
    }
}

#[tokio::test]
async fn who_called_from_outside_is_called_back_over_the_own_trunk() {
    let pbx = own_pbx("callback").await;
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
    let eva = pbx.person("user").await;
    let path = format!("/api/peers/{}/user", ada.number);
    let own = json!({"user_id": eva.id});
    admin.patch(&path, &own).await.expect(200);
    let phone = ada.phone().await;
    // As some providers send it: without a plus.
    let caller = format!("<sip:49171123456@{}>", provider.address());
    let draft = provider.call("+4942198961305").from(&caller);
    let mut from = draft.send().await;
    phone.rings().await.decline().await;
    from.is_refused().await;
    is_in_history(&eva.api, "171123456").await;

    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    let page = visitor.open("/calls").await.expect(200);
    assert_eq!(offered(&page), ["+49171123456"]);
    let form = page.form("/calls/new").force("number", "+49171123456");
    let placed = visitor.submit(&form).await.expect(200);
    assert_eq!(placed.at, "/calls");
    phone.rings().await.answer().await;
    let call = provider.rings().await;
    assert!(call.number().ends_with("171123456"), "{}", call.number());
    call.refuse(486).await;
}
