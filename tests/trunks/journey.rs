//! A person connects a provider in the browser, gives a number to an extension, and calls go in and out.

use crate::support::browser::Browser;
use crate::support::own_pbx;
use crate::support::provider::Provider;
use crate::support::stack::ADMIN_PASSWORD;

#[tokio::test]
async fn a_provider_is_connected_and_a_number_assigned_in_the_browser() {
    let pbx = own_pbx("trunk-journey").await;
    let provider = Provider::open(&pbx).await;
    provider.has_account("company", "right");
    let ada = pbx.ext().name("Ada Löwe").phone().await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;

    // Provider, then only its fields.
    browser.go("/trunks").await;
    browser.reads("main", "There is no trunk yet").await;
    browser.click("a[href='/trunks/new']").await;
    browser.click("a[href='/trunks/new?provider=custom']").await;
    browser.sees("form[action='/trunks']").await;
    browser.fill("#f-name", "Main line").await;
    browser.fill("#f-sip_server", &provider.server()).await;
    browser.fill("#f-username", "company").await;
    browser.fill("#f-password", "wrong").await;
    browser
        .fill("#f-number_block", "042198961300-042198961399")
        .await;
    browser
        .click("form[action='/trunks'] button[type=submit]")
        .await;

    // The check says what happens while it happens, in plain words.
    browser
        .reads("#trunk-check", "The server answers within")
        .await;
    browser
        .reads("#trunk-check", "wrong user name or password")
        .await;
    browser.reads("#trunk-check", "403").await;
    browser.click("#trunk-check a.primary").await;
    browser.sees("#f-password").await;
    browser.fill("#f-password", "right").await;
    browser.click("form[action$='/edit'] button.primary").await;
    browser.reads("main", "Registered").await;
    browser.reads("main", "200 OK").await;
    browser.reads("main", "0 of 100 numbers used").await;

    // A number from the block, on the extension's own page.
    browser
        .go(&format!("/extensions/{}/numbers", ada.number))
        .await;
    browser.click("nav.chips a").await;
    browser
        .click("button[name=did][value='+4942198961301']")
        .await;
    browser.reads("#flash", "Live").await;
    browser.reads("main", "0421 98961301").await;

    let call = provider.call_registered("company", "+4942198961301").await;
    let mut out = call.send().await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    let mut out = ada.dial("030123456").await;
    let mut call = provider.rings().await;
    assert_eq!(call.caller(), "+4942198961301");
    call.answer().await;
    out.is_answered().await;

    // One who is deleted takes what depends on it along, and says so before; the call goes on.
    browser.go("/trunks").await;
    browser.reads("main", "1 of 100 numbers used").await;
    browser.click("main ul.tiles a.tile").await;
    browser.reads("#trunk-now", "1 incoming").await;
    browser.click("a[href$='/delete']").await;
    browser.reads("#confirm", "1 assigned number").await;
    browser.reads("#confirm", "Ada Löwe").await;
    browser.reads("#confirm", "1 call in progress").await;
    browser.click("#confirm button.danger").await;
    browser.reads("main", "There is no trunk yet").await;
    provider.is_unregistered("company").await;
    assert!(!out.is_over());
    call.hang_up().await;
    out.other_side_hangs_up().await;

    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "console: {complaints:#?}");
    browser.close().await;
}

#[tokio::test]
async fn a_number_that_nobody_has_is_offered_and_assigned_in_place() {
    let pbx = own_pbx("unknown-number").await;
    let provider = Provider::open(&pbx).await;
    let trunk = super::Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().name("Ada Löwe").phone().await;
    let did = trunk.numbers.plus(7);
    for calls in 1..=3 {
        let mut out = provider.call(&did).send().await;
        assert_eq!(out.is_refused().await, 404);
        trunk.unknown_calls_are(&did, calls).await;
    }
    let browser = Browser::open(pbx.url(), "de").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser.go("/numbers").await;
    browser.reads("main", "heute 3 Mal angerufen").await;
    browser
        .fill(
            "form[action='/numbers'] input[name=destination_extension]",
            &ada.number,
        )
        .await;
    browser
        .click("form[action='/numbers'] button.primary")
        .await;
    browser.reads("#number-list", "Ada Löwe").await;
    let mut out = provider.call(&did).send().await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    browser.close().await;
}
