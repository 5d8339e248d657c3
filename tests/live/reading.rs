//! News does not take away what somebody reads: the list of calls waits until its reader has finished.

use serde_json::Value;

use crate::support::browser::Browser;
use crate::support::phone::Phone;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{eventually, own_pbx};

/// Notes what becomes of each fetch of the list: held back or not. The page's own script has had its say before.
const WATCH: &str = "window.asked = [];
    document.addEventListener('htmx:beforeRequest', (event) => {
        if (event.target.id !== 'call-list') return;
        if (window.asked.length === 0) window.began = performance.now();
        window.asked.push(event.defaultPrevented);
    });";
/// Also a fetch that only waits for its time is held back, but for no more than a second.
const HELD: &str =
    "return window.asked.length > 0 && performance.now() - window.began > 1500 ? window.asked : []";

async fn call(from: &Phone, to: &Phone) {
    let mut out = from.dial(&to.number).await;
    let mut call = to.rings().await;
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
}

/// Until a fetch that news had asked for was held back.
async fn is_held_back(browser: &Browser) {
    eventually("news is held back", || async {
        let asked = browser.script(HELD).await;
        let asked = asked.as_array().cloned().unwrap_or_default();
        assert!(!asked.contains(&Value::Bool(false)), "{asked:?}");
        (!asked.is_empty()).then_some(())
    })
    .await;
}

async fn rows(browser: &Browser) -> Value {
    let count = "return document.querySelectorAll('#call-list tbody').length";
    browser.script(count).await
}

#[tokio::test]
async fn a_list_of_calls_stands_still_while_a_row_is_read_or_a_filter_is_typed() {
    let pbx = own_pbx("reader").await;
    let ada = pbx.ext().name("Ada").phone().await;
    let (bob, eve) = (pbx.ext().phone().await, pbx.ext().name("Eve").phone().await);
    call(&ada, &bob).await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser.go("/calls").await;
    browser.reads("#call-list", "Ada").await;

    // The legs of a call are open.
    browser.click("#call-list .legs-switch summary").await;
    browser.reads("#call-list .legs", "PJSIP/").await;
    browser.script(WATCH).await;
    call(&eve, &bob).await;
    is_held_back(&browser).await;
    browser.reads("#call-list .legs", "PJSIP/").await;
    assert_eq!(
        rows(&browser).await,
        1,
        "a row came under the reader's eyes"
    );
    browser.click("#call-list .legs-switch summary").await;
    browser.reads("#call-list", "Eve").await;
    assert_eq!(rows(&browser).await, 2);

    // Somebody types what to look for.
    browser.click("#f-src").await;
    browser.script(WATCH).await;
    call(&ada, &eve).await;
    is_held_back(&browser).await;
    assert_eq!(rows(&browser).await, 2, "a row came while somebody typed");
    browser.click("h1").await;
    eventually("the list has the third call", || async {
        (rows(&browser).await == 3).then_some(())
    })
    .await;
    browser.close().await;
}
