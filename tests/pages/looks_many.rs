//! How the pages look that are about many extensions, about people, and for somebody who can call by a click.

use serde_json::json;

use super::looks::{company, look};
use crate::support::browser::Browser;
use crate::support::own_pbx;
use crate::support::stack::ADMIN_PASSWORD;

const BAD: &str = "number,name,password,ring_time\n01,x,,20\n1001,Doppelt,abc,2\n2099,Gut,,20\n2100,Ein ziemlich langer Name der keinem nützt,kurz,500";

/// What was typed is looked at, and imported.
async fn import(browser: &Browser, language: &'static str) -> Vec<String> {
    let path = "/extensions/import";
    browser.go(path).await;
    let mut faults = look(browser, "import", path, language).await;
    let send = "form[action='/extensions/import'] button.primary";
    browser.fill("#f-text", BAD).await;
    browser.click(send).await;
    browser.sees("#bad-rows").await;
    faults.extend(look(browser, "import-wrong", "(a wrong table)", language).await);
    let number = if language == "en" { "2001" } else { "2002" };
    let good =
        format!("number,name,password,mailbox\n{number},Lager,,yes\n{number}1,Büro,abc123,no");
    browser.fill("#f-text", &good).await;
    browser.click(send).await;
    browser.sees("button[name=confirm]").await;
    faults.extend(look(browser, "import-good", "(a good table)", language).await);
    browser.click("button[name=confirm]").await;
    browser.sees("#made").await;
    faults.extend(look(browser, "import-done", "(an imported table)", language).await);
    faults
}

async fn bulk(browser: &Browser, language: &'static str) -> Vec<String> {
    let mut faults = Vec::new();
    for action in ["codecs", "pickup_group", "ring_time", "delete"] {
        browser.go("/extensions").await;
        for number in ["1002", "1003"] {
            browser.click(&format!("#select-{number}")).await;
        }
        if action == "codecs" {
            faults.extend(look(browser, "many-selected", "(two are selected)", language).await);
        }
        let button = format!("#many button[value='{action}']");
        browser.click_in_news(&button).await;
        browser.sees("input[name=confirmed]").await;
        let name = format!("many-{}", action.replace('_', "-"));
        faults.extend(look(browser, &name, &format!("({action} of many)"), language).await);
    }
    browser.go("/extensions").await;
    browser.click("#select-1002").await;
    browser.click("#many button[value='ring_time']").await;
    browser.fill("#f-ring_time", "1").await;
    browser
        .click("form[action='/extensions/bulk'] button.primary")
        .await;
    browser.sees("#errors").await;
    faults.extend(look(browser, "many-wrong", "(a wrong value for many)", language).await);
    faults
}

/// A form that is wrong, a password that is shown once, and what goes with somebody.
async fn people(browser: &Browser, language: &'static str) -> Vec<String> {
    browser.go("/users/new").await;
    let mut faults = look(browser, "user-new", "/users/new", language).await;
    let send = "form[action='/users'] button[type=submit]";
    browser.fill("#f-username", "a b").await;
    browser.fill("#f-email", "nobody").await;
    browser.click(send).await;
    browser.sees("#errors").await;
    faults.extend(look(browser, "user-new-wrong", "(a wrong user)", language).await);
    browser
        .fill("#f-username", &format!("eva-{language}"))
        .await;
    browser.fill("#f-email", "").await;
    browser.click(send).await;
    browser.sees("main code").await;
    faults.extend(look(browser, "user-made", "(a new user)", language).await);
    for (name, path) in [
        ("user-delete-own", "/users/1/delete"),
        ("user-delete", "/users/2/delete"),
    ] {
        browser.go(path).await;
        faults.extend(look(browser, name, path, language).await);
    }
    faults
}

#[tokio::test]
async fn pages_about_many_about_people_and_for_who_calls_by_a_click_fit_every_screen() {
    let pbx = own_pbx("looks-many").await;
    let phones = company(&pbx).await;
    let admin = pbx.admin().await;
    let own = json!({"extension": "1001"});
    admin
        .patch("/api/users/1/extension", &own)
        .await
        .expect(200);
    let mailbox = json!({"email": "ada@example.com"});
    admin
        .put("/api/voicemail/mailbox/1002", &mailbox)
        .await
        .expect(200);
    let mut faults = Vec::new();
    for language in ["en", "de"] {
        let browser = Browser::open(pbx.url(), language).await;
        browser.log_in("admin", ADMIN_PASSWORD).await;
        for (name, path) in [
            ("callable-list", "/extensions"),
            ("callable-calls", "/calls"),
        ] {
            browser.go(path).await;
            browser.sees("button.call").await;
            faults.extend(look(&browser, name, path, language).await);
        }
        faults.extend(bulk(&browser, language).await);
        faults.extend(people(&browser, language).await);
        faults.extend(import(&browser, language).await);
        let complaints: Vec<String> = browser
            .complaints()
            .await
            .into_iter()
            .filter(|line| !line.contains("status of 422"))
            .collect();
        assert!(complaints.is_empty(), "console: {complaints:#?}");
        browser.close().await;
    }
    drop(phones);
    assert!(faults.is_empty(), "{faults:#?}");
}
