//! The second factor in the browser, with and without JavaScript.

use crate::support::authenticator::Authenticator;
use crate::support::browser::Browser;
use crate::support::html::attributes;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::{Page, Visitor};
use crate::support::{Pbx, html, pbx};

/// Goes through the set-up; the app, and the page with the codes.
async fn set_up(visitor: &Visitor) -> (Authenticator, Page) {
    let page = visitor.open("/profile/second-factor").await.expect(200);
    let start = page.form("/profile/second-factor/start");
    let page = visitor.submit(&start).await.expect(200);
    assert_eq!(page.at, "/profile/second-factor/setup");
    let pictures = attributes(&page.html, "img", "src");
    assert!(
        pictures.iter().any(|src| src.starts_with("data:image/svg")),
        "a QR code: {pictures:?}"
    );
    let app = Authenticator::new(&html::text_of(&page.html, "totp-secret").expect("a key"));
    let form = page.form("/profile/second-factor/on");
    let form = form.set("current_password", ADMIN_PASSWORD);
    let page = visitor.submit(&form.clone().set("otp", &app.wrong())).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.wrong_fields(), ["otp"]);
    let page = visitor.submit(&form.set("otp", &app.now())).await;
    (app, page.expect(200))
}

async fn forget_last_code(pbx: &Pbx, id: i64) {
    let id = format!("update pbx.second_factor set last_step = 0 where user_id = {id}");
    pbx.owner().await.does(&id);
}

#[tokio::test]
async fn a_user_sets_it_up_logs_in_with_it_and_switches_it_off() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    let (app, page) = set_up(&visitor).await;
    let text = page.text();
    assert!(text.contains("shown only this once"), "{text}");
    let page = visitor.open("/profile").await.expect(200);
    assert!(page.shows("10 recovery codes are left."), "{}", page.text());
    forget_last_code(&pbx, eva.id).await;

    let other = Visitor::new(pbx.url(), "en");
    let form = other.open("/login?next=%2Fcalls").await.form("/login");
    let form = form.set("username", &eva.name);
    let page = other.submit(&form.set("password", ADMIN_PASSWORD)).await;
    assert!(page.at.starts_with("/login/code"), "{}", page.at);
    assert!(
        other.open("/profile").await.at.starts_with("/login?"),
        "the password alone opens nothing"
    );
    let form = page.form("/login/code");
    let page = other.submit(&form.clone().set("otp", &app.wrong())).await;
    assert_eq!(page.status, 401);
    assert!(page.shows("This code is not right"), "{}", page.text());
    let page = other.submit(&form.set("otp", &app.now())).await.expect(200);
    assert_eq!(page.at, "/calls");

    forget_last_code(&pbx, eva.id).await;
    let page = other.open("/profile/second-factor").await.expect(200);
    let mut form = page.form("/profile/second-factor/codes");
    form.action = "/profile/second-factor/off".to_owned();
    let form = form.set("otp", &app.now());
    let page = other
        .submit(&form.clone().set("current_password", "nope"))
        .await;
    assert_eq!(page.wrong_fields(), ["current_password"]);
    let form = form.set("current_password", ADMIN_PASSWORD);
    let page = other.submit(&form).await.expect(200);
    assert!(
        page.shows("The second factor is switched off."),
        "{}",
        page.text()
    );
    let third = Visitor::new(pbx.url(), "en");
    third.log_in(&eva.name, ADMIN_PASSWORD).await;
}

#[tokio::test]
async fn the_second_step_is_for_who_has_taken_the_first() {
    let pbx = pbx().await;
    let visitor = Visitor::new(pbx.url(), "de");
    let page = visitor.open("/login/code").await;
    assert_eq!(page.at, "/login");
    let url = format!("{}/login/code", pbx.url());
    let fields = [("otp", "123456"), ("next", "//example.com/")];
    let page = visitor
        .send(visitor.client().post(&url).form(&fields))
        .await;
    assert_eq!(page.at, "/login");
    assert!(page.shows("zu lange gedauert"), "{}", page.text());
    for step in ["nonsense", &pbx.person("admin").await.api.token()] {
        let request = visitor.client().post(&url).form(&fields);
        let request = request.header("cookie", format!("gonopbx_login={step}"));
        assert_eq!(visitor.send(request).await.at, "/login", "{step}");
    }
}

#[tokio::test]
async fn in_chromium_an_admin_takes_it_off_somebody_who_has_lost_the_app() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    set_up(&visitor).await;
    let step = Visitor::new(pbx.url(), "en");
    assert!(
        step.log_in(&eva.name, ADMIN_PASSWORD)
            .await
            .at
            .starts_with("/login/code")
    );

    let max = pbx.person("admin").await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in(&max.name, ADMIN_PASSWORD).await;
    browser.go(&format!("/users/{}", eva.id)).await;
    let form = format!("form[action='/users/{}/second-factor/off']", eva.id);
    browser.click(&format!("{form} button")).await;
    let words = format!("The second factor of {} is switched off.", eva.name);
    browser.reads("body", &words).await;
    let gone = format!("return document.querySelector(\"{form}\") === null");
    assert_eq!(browser.script(&gone).await, true);
    browser.close().await;

    // The password alone is enough from now on, and the code that was asked for is nobody's any more.
    let page = Visitor::new(pbx.url(), "en");
    assert_eq!(page.log_in(&eva.name, ADMIN_PASSWORD).await.at, "/");
    let late = step.open("/login/code").await.form("/login/code");
    let late = step.submit(&late.set("otp", "123456")).await;
    assert_ne!(late.at, "/");
}

#[tokio::test]
async fn in_chromium_the_code_is_asked_for_after_the_password() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    let (app, _) = set_up(&visitor).await;
    forget_last_code(&pbx, eva.id).await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.go("/login").await;
    browser.fill("input[name=username]", &eva.name).await;
    browser.fill("input[name=password]", ADMIN_PASSWORD).await;
    browser
        .click("form[action='/login'] button[type=submit]")
        .await;
    browser.fill("#f-otp", &app.now()).await;
    browser
        .click("form[action='/login/code'] button[type=submit]")
        .await;
    browser.sees("header.top .user").await;
    browser.go("/profile").await;
    browser
        .reads("#second-factor-title + p", "Switched on")
        .await;
    browser.close().await;
}
