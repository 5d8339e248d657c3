//! The main job, end to end: a person makes two extensions in the browser, and phones call each other.

use crate::support::browser::Browser;
use crate::support::sipp::SippPhone;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{own_pbx, pbx, within};

async fn create(browser: &Browser, number: &str, name: &str) -> String {
    browser.go("/extensions").await;
    browser.click("a[href='/extensions/new']").await;
    browser.sees("form[action='/extensions']").await;
    browser.fill("#f-extension", number).await;
    browser.fill("#f-caller_id", name).await;
    browser
        .click("form[action='/extensions'] button[type=submit]")
        .await;
    browser.reads("#flash", "created").await;
    browser
        .reads("#registration", "Waiting for the phone")
        .await;
    browser.text("#secret").await
}

#[tokio::test]
async fn two_extensions_made_in_the_browser_call_each_other_and_the_history_shows_it() {
    let pbx = own_pbx("journey").await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser.reads("main", "There is no extension yet").await;

    let secret = create(&browser, "1001", "Ada Löwe").await;
    let ada = SippPhone::new(&pbx, "1001", &secret);
    ada.registers().await;
    // Without a reload.
    browser
        .reads("#registration", "Registered from 127.0.0.1")
        .await;

    let secret = create(&browser, "1002", "Bob").await;
    let bob = SippPhone::new(&pbx, "1002", &secret);
    bob.registers().await;
    browser
        .reads("#registration", "Registered from 127.0.0.1")
        .await;

    browser.go("/").await;
    let answering = bob.answers();
    let calling = ada.calls("1002");
    browser.reads("main", "Talking").await;
    tokio::join!(calling.ends_well(), answering.ends_well());
    // The last call appears without a reload too.
    browser.reads("main", "Answered").await;

    browser.go("/calls").await;
    browser.reads("#call-list", "Ada Löwe").await;
    let row = browser.text("#call-list tbody tr").await;
    assert!(
        row.contains("1001") && row.contains("1002") && row.contains("Answered"),
        "{row}"
    );
    let duration = ["0:04", "0:05", "0:06"]
        .iter()
        .any(|duration| row.contains(duration));
    assert!(duration, "the duration is not in {row}");
    browser.click("#call-list .legs-switch summary").await;
    browser.reads("#call-list .legs", "PJSIP/1002-").await;
    browser.close().await;
}

#[tokio::test]
async fn an_open_page_follows_what_happens_elsewhere() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    let eva = pbx.person("admin").await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in(&eva.name, ADMIN_PASSWORD).await;
    browser.go(&format!("/extensions?q={}", ada.number)).await;
    let row = format!("#row-{}", ada.number);
    browser.reads(&row, "Offline").await;
    let phone = ada.phone().await;
    browser.reads(&row, "Idle").await;

    let echo = async {
        let mut out = phone.dial("*43").await;
        out.is_answered().await;
        out
    };
    let out = echo.await;
    browser.reads(&row, "Talking").await;
    out.hang_up().await;
    browser.reads(&row, "Idle").await;

    pbx.dba().await.does(&format!(
        "update ps_endpoints set callerid = '\"From psql\" <{0}>' where id = '{0}'",
        ada.number
    ));
    browser.reads(&row, "From psql").await;
    browser.close().await;
}

#[tokio::test]
async fn the_switch_in_the_list_works_at_once_and_says_so() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let phone = ada.new_phone().await;
    let eva = pbx.person("admin").await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in(&eva.name, ADMIN_PASSWORD).await;
    browser.go(&format!("/extensions?q={}", ada.number)).await;
    let switch = format!("#switch-{}", ada.number);
    for (state, register, words) in [("false", 401, "disabled"), ("true", 200, "enabled")] {
        browser.click(&switch).await;
        browser
            .sees(&format!("{switch}[aria-checked={state}]"))
            .await;
        browser.reads("#flash", words).await;
        assert_eq!(phone.register().await, register);
    }
    assert_eq!(
        browser.at().await,
        format!("/extensions?q={}", ada.number),
        "the page stayed"
    );
    browser.close().await;
}

#[tokio::test]
async fn the_search_finds_while_typing_and_is_in_the_address() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Zwölf Boxkämpfer").create().await;
    let bob = pbx.ext().name("Somebody").create().await;
    let eva = pbx.person("admin").await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in(&eva.name, ADMIN_PASSWORD).await;
    browser.go("/extensions").await;
    browser.fill("#q", "boxkämpfer").await;
    browser.reads("#extension-list", "1 extension").await;
    browser.sees(&format!("#row-{}", ada.number)).await;
    let others = format!(
        "return document.querySelector('#row-{}') === null",
        bob.number
    );
    assert_eq!(browser.script(&others).await, true);
    within(
        std::time::Duration::from_secs(2),
        "the address says so",
        || async { browser.at().await.contains("q=boxk").then_some(()) },
    )
    .await;
    browser.close().await;
}

#[tokio::test]
async fn the_strength_of_a_password_is_shown_while_typing() {
    let pbx = pbx().await;
    let number = pbx.free_number();
    let eva = pbx.person("admin").await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in(&eva.name, ADMIN_PASSWORD).await;
    browser.go("/extensions/new").await;
    browser.fill("#f-extension", &number).await;
    browser.fill("#f-caller_id", "Ada").await;
    browser.fill("#f-secret", "abc123").await;
    browser.reads("#strength", "Use it anyway").await;
    browser.fill("#f-secret", "Correct-Horse-Battery-2").await;
    browser.reads("#strength", "ood").await;
    browser
        .click("form[action='/extensions'] button[type=submit]")
        .await;
    assert_eq!(browser.text("#secret").await, "Correct-Horse-Battery-2");
    browser.close().await;
}

#[tokio::test]
async fn deleting_asks_in_a_dialog() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let eva = pbx.person("admin").await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in(&eva.name, ADMIN_PASSWORD).await;
    browser.go(&format!("/extensions/{}", ada.number)).await;
    browser
        .click(&format!(
            "a.danger[href='/extensions/{}/delete']",
            ada.number
        ))
        .await;
    browser
        .reads("dialog[open]", &format!("Delete extension {}?", ada.number))
        .await;
    browser.click("dialog[open] [data-close]").await;
    browser.sees("dialog:not([open])").await;
    pbx.admin().await.get(&ada.path()).await.expect(200);
    browser
        .click(&format!(
            "a.danger[href='/extensions/{}/delete']",
            ada.number
        ))
        .await;
    browser.click("dialog[open] form button[type=submit]").await;
    browser.reads("#flash", "deleted").await;
    browser.is_at("/extensions").await;
    pbx.admin()
        .await
        .get(&ada.path())
        .await
        .expect_error(404, "not_found");
    browser.close().await;
}

#[tokio::test]
async fn a_lost_server_is_said_and_the_page_recovers() {
    use crate::support::stack::Part;
    let pbx = own_pbx("stream").await;
    let ada = pbx.ext().name("Before").create().await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser.go("/extensions").await;
    let row = format!("#row-{}", ada.number);
    browser.reads(&row, "Before").await;
    pbx.kill(Part::Server).await;
    browser.sees("#stream-lost:not([hidden])").await;
    pbx.dba().await.does(&format!(
        "update ps_endpoints set callerid = '\"After\" <{0}>' where id = '{0}'",
        ada.number
    ));
    pbx.begin(Part::Server).await;
    browser.sees("#stream-lost[hidden]").await;
    browser.reads(&row, "After").await;
    // That the connection was lost is in the console: the browser says so itself.
}
