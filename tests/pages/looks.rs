//! How every page looks: on a desktop and on a telephone, light and dark, in both languages.

use serde_json::json;

use crate::support::browser::{Browser, DESKTOP, Look, TELEPHONE};
use crate::support::provider::Provider;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{Pbx, eventually, own_pbx};

/// A small company, with one call in its history and one in progress.
pub async fn company(pbx: &Pbx) -> Vec<crate::support::phone::Phone> {
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
    assert_eq!(pbx.phone("1003", "mistyped").await.register().await, 401);
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

/// Lines to the outside: one that works, one that is refused, one that nobody answers, one that is switched off.
async fn lines(pbx: &Pbx) -> Provider {
    let admin = pbx.admin().await;
    let provider = Provider::open(pbx).await;
    provider.has_account("firma", "geheim");
    let mut fields = json!({
        "name": "Hauptanschluss", "provider": "custom", "auth_mode": "registration", "sip_server": provider.server(),
        "username": "firma", "password": "geheim", "number_block": "042198961300-042198961349", "caller_id": "042198961300",
    });
    let main = admin.post("/api/trunks/", &fields).await.expect(200);
    provider.is_registered("firma").await;
    for (name, field, value) in [
        (
            "Falsches Kennwort bei einem langen Namen",
            "password",
            json!("falsch"),
        ),
        ("Kein Server", "sip_server", json!("no-such-host.invalid")),
        ("Abgeschaltet", "enabled", json!(false)),
    ] {
        fields["name"] = json!(name);
        fields["number_block"] = json!(null);
        let before = fields[field].clone();
        fields[field] = value;
        admin.post("/api/trunks/", &fields).await.expect(200);
        fields[field] = before;
    }
    for (did, number) in [
        ("042198961300", "1001"),
        ("042198961301", "1002"),
        ("042198961302", "1002"),
        ("042198961303", "1003"),
    ] {
        let route = json!({"did": did, "trunk_id": main["id"], "destination_extension": number, "description": "Verkauf"});
        admin.post("/api/routes/", &route).await.expect(200);
    }
    let mut out = provider.call("+4942198961340").send().await;
    assert_eq!(out.is_refused().await, 404);
    let owner = pbx.owner().await;
    eventually("the refusal and the unknown number are known", || async {
        let status = admin.get("/api/trunks/2/status").await.expect(200);
        let counted = owner
            .count("select count(*) from pbx.unknown_did", &[])
            .await;
        (status["registration"]["last_response"].is_string() && counted == 1).then_some(())
    })
    .await;
    provider
}

/// Mailboxes with messages, one of which was deleted a moment ago.
async fn boxes(pbx: &Pbx) {
    let admin = pbx.admin().await;
    for number in ["1002", "1003"] {
        let path = format!("/api/voicemail/mailbox/{number}");
        admin.put(&path, &json!({})).await.expect(200);
    }
    let owner = pbx.owner().await;
    for (number, caller) in [
        (
            "1002",
            "<b>Eva</b> mit einem sehr langen Namen, der nicht passt",
        ),
        ("1002", "Hans"),
        ("1003", "Empfang"),
    ] {
        owner.add_message(number, caller).await;
    }
    admin
        .patch("/api/voicemail/1/mark-read", &json!({}))
        .await
        .expect(200);
    admin.delete("/api/voicemail/2").await.expect(200);
}

/// Name of the picture, and address.
const PAGES: [(&str, &str); 42] = [
    ("dashboard", "/"),
    ("extensions", "/extensions"),
    ("extensions-none", "/extensions?q=nothing"),
    ("extension-new", "/extensions/new"),
    ("extension", "/extensions/1002"),
    ("extension-edit", "/extensions/1002/edit"),
    ("extension-password", "/extensions/1002/password"),
    ("extension-rename", "/extensions/1002/rename"),
    ("extension-delete", "/extensions/1002/delete"),
    ("extension-forwards", "/extensions/1002/forwards"),
    ("extension-history", "/extensions/1002/history"),
    ("extension-numbers", "/extensions/1002/numbers?trunk=1"),
    ("extension-without-number", "/extensions/1004/numbers"),
    ("trunks", "/trunks"),
    ("trunk-choose", "/trunks/new"),
    ("trunk-new", "/trunks/new?provider=telekom_companyflex"),
    ("trunk", "/trunks/1"),
    ("trunk-refused", "/trunks/2"),
    ("trunk-check", "/trunks/1/check"),
    ("trunk-check-refused", "/trunks/2/check"),
    ("trunk-numbers", "/trunks/1/numbers"),
    ("trunk-edit", "/trunks/1/edit"),
    ("trunk-delete", "/trunks/1/delete"),
    ("numbers", "/numbers"),
    ("number-new", "/numbers/new"),
    ("calls", "/calls"),
    ("voicemail", "/voicemail"),
    ("voicemail-deleted", "/voicemail?mailbox=1002&deleted=2"),
    ("extension-voicemail", "/extensions/1002/voicemail"),
    ("extension-without-mailbox", "/extensions/1004/voicemail"),
    ("settings", "/settings"),
    ("settings-mail", "/settings/mail"),
    ("settings-keys", "/settings/keys"),
    ("profile", "/profile"),
    ("second-factor", "/profile/second-factor"),
    ("password", "/password"),
    ("users", "/users"),
    ("user-new", "/users/new"),
    ("user", "/users/1"),
    ("user-delete", "/users/1/delete"),
    ("changes", "/changes"),
    ("help", "/help"),
];

#[tokio::test]
async fn every_page_fits_every_screen_in_both_languages_light_and_dark() {
    let pbx = own_pbx("looks").await;
    let phones = company(&pbx).await;
    let _provider = lines(&pbx).await;
    boxes(&pbx).await;
    let mut echo = phones[1].dial("*43").await;
    echo.is_answered().await;
    // Waits for a restart, which would end the call to the echo.
    let outside = "insert into pbx.setting (key, value) values ('external_address', '\"2001:db8:1234:5678::7\"')";
    pbx.dba().await.does(outside);
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
        browser.go("/profile/second-factor").await;
        browser
            .click("form[action='/profile/second-factor/start'] button")
            .await;
        browser.sees("#totp-secret").await;
        let setup = "/profile/second-factor/setup";
        faults.extend(look(&browser, "second-factor-setup", setup, language).await);
        // A form with an error, and a page that is not there, are pages too.
        browser.go("/extensions/new").await;
        browser.fill("#f-extension", "01").await;
        browser
            .click("form[action='/extensions'] button[type=submit]")
            .await;
        browser.sees("#errors").await;
        faults.extend(look(&browser, "extension-new-wrong", "(a wrong form)", language).await);
        browser.go("/settings").await;
        browser.fill("#f-rtp_ports", "10000-10001").await;
        browser
            .click("form[action='/settings/network'] button")
            .await;
        browser.sees("#errors").await;
        browser.click("#restart-now summary").await;
        faults.extend(
            look(
                &browser,
                "settings-wrong",
                "(wrong network values)",
                language,
            )
            .await,
        );
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
pub async fn look(
    browser: &Browser,
    name: &str,
    path: &str,
    language: &'static str,
) -> Vec<String> {
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
    let nameless = "const named = (e) => e.labels?.length || e.getAttribute('aria-label')
            || e.getAttribute('aria-labelledby')?.split(' ').every((id) => document.getElementById(id)?.textContent.trim());
        return [...document.querySelectorAll('input:not([type=hidden]), select, textarea, [role=switch]')]
        .filter((e) => !named(e) && !e.hidden).map((e) => e.name || e.id).join(', ')";
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
