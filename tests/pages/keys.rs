//! Keys of programs in the browser.

use crate::support::browser::Browser;
use crate::support::html::text_of;
use crate::support::pbx;
use crate::support::stack::ADMIN_PASSWORD;

#[tokio::test]
async fn an_admin_makes_a_key_without_javascript_uses_and_revokes_it() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let page = visitor.open("/settings/keys").await.expect(200);
    let form = page.form("/settings/keys");
    let page = visitor
        .submit(&form.clone().set("expires_at", "2001-01-01"))
        .await;
    assert_eq!(page.status, 422);
    let mut wrong = page.wrong_fields();
    wrong.sort();
    assert_eq!(wrong, ["expires_at", "name"]);
    let name = format!("Wallboard <{}>", pbx.free_number());
    let page = visitor.submit(&form.set("name", &name)).await.expect(200);
    assert!(page.shows("shown only this once"), "{}", page.text());
    let key = text_of(&page.html, "api-key").expect("the key");
    let answer = pbx
        .anonymous()
        .send(reqwest::Method::GET, "/api/peers", |request| {
            request.header("x-api-key", &key)
        })
        .await;
    answer.expect(200);
    let page = visitor.open("/settings/keys").await.expect(200);
    assert!(page.shows(&name) && !page.html.contains(&key));
    let id = pbx
        .owner()
        .await
        .count("select id from pbx.api_key where name = $1", &[&name])
        .await;
    let form = page.form(&format!("/settings/keys/{id}/revoke"));
    let page = visitor.submit(&form).await.expect(200);
    assert!(page.shows("The key is revoked."), "{}", page.text());
    assert!(!page.shows(&name));
    let answer = pbx
        .anonymous()
        .send(reqwest::Method::GET, "/api/peers", |request| {
            request.header("x-api-key", &key)
        })
        .await;
    answer.expect_error(401, "unauthenticated");
}

#[tokio::test]
async fn in_chromium_the_new_key_can_be_copied() {
    let pbx = pbx().await;
    let eva = pbx.person("admin").await;
    let browser = Browser::open(pbx.url(), "de").await;
    browser.log_in(&eva.name, ADMIN_PASSWORD).await;
    browser.go("/settings/keys").await;
    let name = format!("Anzeige {}", pbx.free_number());
    browser.fill("#f-name", &name).await;
    browser
        .click("form[action='/settings/keys'] button[type=submit]")
        .await;
    browser.reads("#made-title", &name).await;
    browser
        .sees("button[data-copy='api-key']:not([hidden])")
        .await;
    assert!(browser.text("#api-key").await.starts_with("gono_"));
    browser.close().await;
}
