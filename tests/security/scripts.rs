//! Scripts that come as a name: by SIP, where nobody has logged in, and shown to an admin in a real browser.

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::provider::Provider;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{eventually, own_pbx};

const SCRIPT: &str = "<img src=x onerror=document.title='owned'><script>window.owned=1</script>";

async fn is_unharmed(browser: &Browser, path: &str) {
    let harm = r#"return [window.owned === undefined, document.title === 'owned', document.querySelectorAll('img[src="x"]').length]"#;
    let seen = browser.script(harm).await;
    assert_eq!(seen, json!([true, false, 0]), "{path}");
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "every way in, and then every page")]
async fn no_name_number_or_make_of_a_phone_runs_as_a_script() {
    let pbx = own_pbx("scripts").await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    provider.has_account("firma", "geheim");
    let trunk = json!({
        "name": SCRIPT, "provider": "custom", "sip_server": provider.server(), "auth_mode": "registration",
        "username": "firma", "password": "geheim", "number_block": "042198961300-042198961309",
    });
    let trunk = admin.post("/api/trunks/", &trunk).await.expect(200);
    provider.is_registered("firma").await;
    let ada = pbx
        .ext()
        .name("<svg onload=owned()>")
        .ring_time(120)
        .create()
        .await;
    let route = json!({"did": "042198961300", "trunk_id": trunk["id"], "destination_extension": ada.number, "description": SCRIPT});
    admin.post("/api/routes/", &route).await.expect(200);
    let phone = ada.new_phone().await;
    phone.says_to_be(SCRIPT);
    assert_eq!(phone.register().await, 200);

    // A caller with a script for a name, one with a script for a number, and one who calls a script.
    let address = provider.address();
    let quoted = SCRIPT.replace('\\', "");
    let callers = [
        format!("\"{quoted}\" <sip:0301234567@{address}>"),
        format!(
            "\"${{SHELL(touch /tmp/owned)}}\" <sip:%3Cscript%3Eowned%3C%2Fscript%3E@{address}>"
        ),
        format!("\"=cmd|' /C calc'!A0\" <sip:0301234568@{address}>"),
    ];
    for from in &callers {
        let mut call = provider.call("+4942198961300").from(from).send().await;
        phone.rings().await.busy().await;
        call.is_refused().await;
    }
    let mut unknown = provider
        .call("+4942198961309")
        .from(&callers[0])
        .send()
        .await;
    assert_eq!(unknown.is_refused().await, 404);
    let mut odd = provider
        .call("x")
        .user("%3Cscript%3Eowned()%3C%2Fscript%3E")
        .from(&callers[0])
        .send()
        .await;
    assert_eq!(odd.is_refused().await, 404);
    // Guessed names are shown to the admin as well.
    for _ in 0..8 {
        pbx.phone("%3Cscript%3Eowned()%3C%2Fscript%3E", "x")
            .await
            .register()
            .await;
    }
    eventually("the calls are in the history", || async {
        let calls = admin.get("/api/cdr/?limit=50").await.expect(200);
        let calls = calls.as_array().map_or(0, Vec::len);
        (calls >= 4).then_some(())
    })
    .await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    let trunk_path = format!("/trunks/{}", trunk["id"]);
    let extension = format!("/extensions/{}", ada.number);
    let history = format!("{extension}/history");
    let numbers = format!("{extension}/numbers");
    for path in [
        "/",
        "/calls",
        "/extensions",
        &extension,
        &history,
        &numbers,
        "/trunks",
        &trunk_path,
        "/numbers",
        "/voicemail",
        "/changes",
        "/settings",
    ] {
        browser.go(path).await;
        browser.sees("main").await;
        is_unharmed(&browser, path).await;
    }
    // While one is ringing, it is on the dashboard.
    let mut ringing = provider
        .call("+4942198961300")
        .from(&callers[0])
        .send()
        .await;
    let incoming = phone.rings().await;
    incoming.ring().await;
    browser.go("/").await;
    browser.sees("main").await;
    eventually("the call in progress is shown as text", || async {
        let text = browser.script("return document.body.innerText").await;
        text.as_str()?.contains("onerror=").then_some(())
    })
    .await;
    is_unharmed(&browser, "/").await;
    incoming.busy().await;
    ringing.is_refused().await;
    assert!(
        !std::path::Path::new("/tmp/owned").exists(),
        "nothing is run for a name"
    );

    // Even if a page had a hole: the policy runs no script in the page, and sends nothing elsewhere.
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    let tried = browser
        .script(
            "const script = document.createElement('script'); script.textContent = 'window.owned = 1';
             document.body.append(script);
             const image = document.createElement('div'); image.innerHTML = '<img src=/nothing onerror=\"window.owned = 2\">';
             document.body.append(image);
             return window.owned ?? null",
        )
        .await;
    assert_eq!(tried, Value::Null);
    eventually("the browser says that it was forbidden", || async {
        let said = browser.complaints().await.join(" ");
        said.contains("Content Security Policy").then_some(())
    })
    .await;
    assert_eq!(
        browser.script("return window.owned ?? null").await,
        Value::Null
    );
}
