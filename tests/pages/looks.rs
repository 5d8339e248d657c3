//! How every page looks: on a desktop and on a telephone, light and dark, in both languages.

use serde_json::json;

use crate::support::browser::{Browser, DESKTOP, Look, TELEPHONE};
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{Pbx, own_pbx};

/// A small company, with one call in its history and one in progress.
async fn company(pbx: &Pbx) -> Vec<crate::support::phone::Phone> {
    let admin = pbx.admin().await;
    let mut phones = Vec::new();
    for (number, name) in [
        ("1001", "Empfang"),
        ("1002", "Ada Löwe"),
        ("1003", "Werkstatt und Lager Nord, Halle"),
        ("1004", "<b>Büro</b> & Co"),
    ] {
        let fields = json!({"extension": number, "caller_id": name, "ring_time": 30});
        let made = admin.post("/api/peers/", &fields).await.expect(200);
        let phone = pbx
            .phone(number, made["secret"].as_str().unwrap_or_default())
            .await;
        if number != "1004" {
            assert_eq!(phone.register().await, 200);
        }
        phones.push(phone);
    }
    let off = json!({"extension": "1005", "caller_id": "Alt", "enabled": false});
    admin.post("/api/peers/", &off).await.expect(200);
    let mut out = phones[0].dial("1002").await;
    phones[1].rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    let mut out = phones[2].dial("1001").await;
    let mut call = phones[0].rings().await;
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    phones
}

/// Name of the picture, and address.
const PAGES: [(&str, &str); 14] = [
    ("dashboard", "/"),
    ("extensions", "/extensions"),
    ("extensions-none", "/extensions?q=nothing"),
    ("extension-new", "/extensions/new"),
    ("extension", "/extensions/1002"),
    ("extension-edit", "/extensions/1002/edit"),
    ("extension-password", "/extensions/1002/password"),
    ("extension-rename", "/extensions/1002/rename"),
    ("extension-delete", "/extensions/1002/delete"),
    ("extension-history", "/extensions/1002/history"),
    ("calls", "/calls"),
    ("profile", "/profile"),
    ("password", "/password"),
    ("help", "/help"),
];

#[tokio::test]
async fn every_page_fits_every_screen_in_both_languages_light_and_dark() {
    let pbx = own_pbx("looks").await;
    let phones = company(&pbx).await;
    let mut echo = phones[1].dial("*43").await;
    echo.is_answered().await;
    let mut faults = Vec::new();
    for language in ["en", "de"] {
        let browser = Browser::open(pbx.url(), language).await;
        browser.go("/login").await;
        faults.extend(look(&browser, "login", "/login", language).await);
        browser.log_in("admin", ADMIN_PASSWORD).await;
        for (name, path) in PAGES {
            browser.go(path).await;
            faults.extend(look(&browser, name, path, language).await);
        }
        // A form with an error, and a page that is not there, are pages too.
        browser.go("/extensions/new").await;
        browser.fill("#f-extension", "01").await;
        browser
            .click("form[action='/extensions'] button[type=submit]")
            .await;
        browser.sees("#errors").await;
        faults.extend(look(&browser, "extension-new-wrong", "(a wrong form)", language).await);
        browser.go("/no-such-page").await;
        faults.extend(look(&browser, "not-found", "/no-such-page", language).await);
        // The browser itself notes these two answers; nothing else may be in its console.
        let complaints: Vec<String> = browser
            .complaints()
            .await
            .into_iter()
            .filter(|line| !line.contains("status of 422") && !line.contains("status of 404"))
            .collect();
        assert!(complaints.is_empty(), "console: {complaints:#?}");
        browser.close().await;
    }
    echo.hang_up().await;
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Takes the pictures, and says what is wrong.
async fn look(browser: &Browser, name: &str, path: &str, language: &'static str) -> Vec<String> {
    let mut faults = Vec::new();
    let shown = browser.script("return document.documentElement.lang").await;
    if shown != language {
        faults.push(format!("{path} is in {shown}, not in {language}"));
    }
    for width in [DESKTOP, TELEPHONE] {
        browser.resize(width, 900).await;
        let (sideways, wide) = browser.sideways().await;
        if sideways > 0 {
            faults.push(format!(
                "{path} ({language}) is {sideways} px too wide for {width} px: {wide}"
            ));
        }
        for dark in [false, true] {
            browser.colours(dark).await;
            browser
                .picture(
                    name,
                    Look {
                        width,
                        dark,
                        language,
                    },
                )
                .await;
        }
        browser.colours(false).await;
    }
    browser.resize(DESKTOP, 900).await;
    let nameless = "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
        .filter((e) => !e.labels?.length && !e.getAttribute('aria-label') && !e.hidden).map((e) => e.name).join(', ')";
    let nameless = browser.script(nameless).await;
    if nameless != "" {
        faults.push(format!("{path} has fields without a label: {nameless}"));
    }
    let twice = "const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
        return ids.filter((id, at) => ids.indexOf(id) !== at).join(', ')";
    let twice = browser.script(twice).await;
    if twice != "" {
        faults.push(format!("{path} has ids twice: {twice}"));
    }
    faults
}
