//! Who gets to see which page, and from where a page may be changed.

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::json;

use crate::support::pbx;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::Visitor;

fn browser() -> Client {
    Client::builder()
        .redirect(Policy::none())
        .build()
        .expect("a client")
}

fn header(response: &Response, name: &str) -> String {
    let value = response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn who_is_not_logged_in_is_led_to_the_login_and_back() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let eva = pbx.person("admin").await;
    let visitor = Visitor::new(pbx.url(), "en");
    let wanted = format!("/extensions/{}?x=1", ada.number);
    let page = visitor.open(&wanted).await.expect(200);
    assert!(page.at.starts_with("/login?next="), "{}", page.at);
    let form = page
        .form("/login")
        .set("username", &eva.name)
        .set("password", ADMIN_PASSWORD);
    let page = visitor.submit(&form).await.expect(200);
    assert_eq!(page.at, wanted);
}

#[tokio::test]
async fn the_login_leads_to_no_other_site() {
    let pbx = pbx().await;
    let eva = pbx.person("admin").await;
    for next in [
        "https://example.com/",
        "//example.com/",
        "/\\example.com",
        "javascript:alert(1)",
        "\r\nSet-Cookie: a=b",
        "",
    ] {
        let response = browser()
            .post(format!("{}/login", pbx.url()))
            .header("accept", "text/html")
            .form(&[
                ("username", eva.name.as_str()),
                ("password", ADMIN_PASSWORD),
                ("next", next),
            ])
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 303, "{next}");
        assert_eq!(header(&response, "location"), "/", "{next}");
    }
}

#[tokio::test]
async fn a_fragment_tells_htmx_where_to_log_in() {
    let pbx = pbx().await;
    for path in ["/extensions", "/fragments/tiles", "/calls"] {
        let response = browser()
            .get(format!("{}{path}", pbx.url()))
            .header("accept", "*/*")
            .header("hx-request", "true")
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 401, "{path}");
        assert!(
            header(&response, "hx-redirect").starts_with("/login"),
            "{path}"
        );
        let body = response.text().await.expect("a body");
        assert!(!body.contains("<form"), "no login form inside a widget");
    }
}

#[tokio::test]
async fn a_wrong_login_says_so_and_keeps_the_name() {
    let pbx = pbx().await;
    for (language, sentence) in [
        ("en", "The user name or the password is not right."),
        ("de", "stimmt nicht"),
    ] {
        let visitor = Visitor::new(pbx.url(), language);
        let form = visitor.open("/login").await.form("/login");
        let page = visitor
            .submit(&form.set("username", "nobody-here").set("password", "x"))
            .await;
        assert_eq!(page.status, 401);
        assert!(page.shows(sentence), "{}", page.text());
        assert_eq!(page.form("/login").value("username"), Some("nobody-here"));
    }
}

#[tokio::test]
async fn the_cookie_is_for_this_site_and_not_for_scripts() {
    let pbx = pbx().await;
    let eva = pbx.person("admin").await;
    let response = browser()
        .post(format!("{}/login", pbx.url()))
        .form(&[
            ("username", eva.name.as_str()),
            ("password", ADMIN_PASSWORD),
        ])
        .send()
        .await
        .expect("an answer");
    let cookies: Vec<&str> = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let session = cookies
        .iter()
        .find(|cookie| cookie.starts_with("gonopbx_session="))
        .expect("a session");
    assert!(session.contains("HttpOnly"), "{session}");
    assert!(
        session.contains("SameSite=Lax") || session.contains("SameSite=Strict"),
        "{session}"
    );
    assert!(session.contains("Path=/"), "{session}");
}

#[tokio::test]
async fn another_site_cannot_press_a_button() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let eva = pbx.person("admin").await;
    let cookie = format!("gonopbx_session={}", eva.api.token());
    for (name, value) in [
        ("origin", "https://example.com"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let response = browser()
            .post(format!("{}/extensions/{}/delete", pbx.url(), ada.number))
            .header("cookie", &cookie)
            .header("accept", "text/html")
            .header(name, value)
            .form(&[("x", "y")])
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 403, "{name}: {value}");
    }
    pbx.admin().await.get(&ada.path()).await.expect(200);
    for action in ["delete", "disable", "rename"] {
        let response = browser()
            .get(format!("{}/extensions/{}/{action}", pbx.url(), ada.number))
            .header("cookie", &cookie)
            .header("accept", "text/html")
            .send()
            .await
            .expect("an answer");
        assert!(
            [200, 405].contains(&response.status().as_u16()),
            "GET {action}"
        );
    }
    let kept = pbx.admin().await.get(&ada.path()).await.expect(200);
    assert_eq!(kept["enabled"], true, "nothing is changed by GET");
}

#[tokio::test]
async fn a_user_sees_the_directory_and_changes_nothing() {
    let pbx = pbx().await;
    let (own, other) = (
        pbx.ext().name("Own").create().await,
        pbx.ext().name("Other").create().await,
    );
    let eva = pbx.person("user").await;
    let admin = pbx.admin().await;
    admin
        .patch(&format!("{}/user", own.path()), &json!({"user_id": eva.id}))
        .await
        .expect(200);
    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;

    let list = visitor
        .open(&format!("/extensions?q={}", other.number))
        .await
        .expect(200);
    assert!(
        list.shows("Other") && !list.html.contains("/disable"),
        "{}",
        list.text()
    );
    assert!(!list.html.contains("href=\"/extensions/new\""));
    visitor
        .open(&format!("/extensions/{}", own.number))
        .await
        .expect(200);
    for path in [
        "/extensions/new".to_owned(),
        format!("/extensions/{}", other.number),
        format!("/extensions/{}/edit", own.number),
        format!("/extensions/{}/password", own.number),
        format!("/extensions/{}/rename", own.number),
        format!("/extensions/{}/delete", own.number),
        format!("/extensions/{}/history", own.number),
    ] {
        let page = visitor.open(&path).await;
        assert_eq!(page.status, 403, "{path}: {}", page.text());
        assert!(
            page.shows("You may not see this"),
            "{path}: {}",
            page.text()
        );
    }
    for action in ["edit", "password", "rename", "delete", "disable", "enable"] {
        let url = format!("{}/extensions/{}/{action}", pbx.url(), own.number);
        let request = visitor
            .client()
            .post(url)
            .form(&[("extension", "4712"), ("caller_id", "Mallory")]);
        let page = visitor.send(request).await;
        assert_eq!(page.status, 403, "POST {action}: {}", page.text());
    }
    let kept = admin.get(&own.path()).await.expect(200);
    assert_eq!(
        (&kept["caller_id"], &kept["enabled"]),
        (&json!("Own"), &json!(true))
    );
}

#[tokio::test]
async fn logging_out_ends_the_session_of_the_page() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let form = visitor.open("/").await.expect(200).form("/logout");
    let page = visitor.submit(&form).await.expect(200);
    assert_eq!(page.at, "/login");
    assert!(page.shows("You are logged out."), "{}", page.text());
    let page = visitor.open("/extensions").await;
    assert!(page.at.starts_with("/login"), "{}", page.at);
}

#[tokio::test]
async fn an_unknown_page_says_what_to_do_next() {
    let pbx = pbx().await;
    for (language, words) in [("en", "There is nothing here"), ("de", "Hier ist nichts")] {
        let visitor = pbx.visitor(language).await;
        let page = visitor.open("/no/such/page").await;
        assert_eq!(page.status, 404);
        assert!(page.shows(words), "{}", page.text());
    }
}

#[tokio::test]
async fn pages_are_small_and_hold_no_script_or_style_of_their_own() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let ada = pbx.ext().create().await;
    for path in [
        "/",
        "/extensions",
        "/extensions/new",
        "/calls",
        "/profile",
        "/help",
        &format!("/extensions/{}", ada.number),
    ] {
        let page = visitor.open(path).await.expect(200);
        assert!(
            !page.html.contains("<style") && !page.html.contains(" style=\""),
            "{path}"
        );
        assert!(
            !page.html.contains("<script>") && !page.html.contains(" onclick="),
            "{path}"
        );
        let packed = visitor
            .client()
            .get(format!("{}{path}", pbx.url()))
            .header("accept", "text/html")
            .header("accept-encoding", "gzip")
            .send()
            .await
            .expect("an answer");
        assert_eq!(header(&packed, "content-encoding"), "gzip", "{path}");
        let length = packed.bytes().await.expect("a page").len();
        assert!(length < 30_000, "{path} is {length} bytes compressed");
    }
}

#[tokio::test]
async fn static_files_are_kept_for_ever_under_a_name_that_changes_with_them() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let page = visitor.open("/").await.expect(200);
    let mut files = crate::support::html::attributes(&page.html, "link", "href");
    files.extend(crate::support::html::attributes(
        &page.html, "script", "src",
    ));
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let response = browser()
            .get(format!("{}{file}", pbx.url()))
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 200, "{file}");
        let kept = header(&response, "cache-control");
        assert!(
            kept.contains("immutable") && kept.contains("max-age="),
            "{file}: {kept}"
        );
        assert!(
            !response.bytes().await.expect("a file").is_empty(),
            "{file}"
        );
    }
}
