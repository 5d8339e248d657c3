//! What a page of somebody else can make a browser do: send forms, show ours in a frame, read answers.

use gonopbx::web::routes;
use reqwest::redirect::Policy;
use reqwest::{Client, Method};

use crate::support::client::own_address;
use crate::support::pbx;

fn client() -> Client {
    let builder = Client::builder().redirect(Policy::none());
    builder
        .local_address(own_address())
        .build()
        .expect("a client")
}

fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') {
            "999999"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn no_form_of_another_site_is_taken_by_any_page() {
    let pbx = pbx().await;
    let cookie = format!("gonopbx_session={}", pbx.person("admin").await.api.token());
    let client = client();
    let mut tried = 0;
    for route in routes() {
        if route.method == Method::GET || route.path.starts_with("/api/") {
            continue;
        }
        tried += 1;
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ] {
            for kind in [
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "text/plain",
            ] {
                let request = client.request(
                    route.method.clone(),
                    format!("{}{}", pbx.url(), filled(&route.path)),
                );
                let request = request
                    .header("cookie", &cookie)
                    .header("accept", "text/html")
                    .header(name, value);
                let answer = request
                    .header("content-type", kind)
                    .body("x=y")
                    .send()
                    .await
                    .expect("an answer");
                assert_eq!(
                    answer.status(),
                    403,
                    "{} {} {name} {kind}",
                    route.method,
                    route.path
                );
            }
        }
    }
    assert!(tried > 30, "{tried}");
}

#[tokio::test]
async fn every_page_is_shown_in_no_frame_and_tells_nobody_where_it_was() {
    let pbx = pbx().await;
    let cookie = format!("gonopbx_session={}", pbx.person("admin").await.api.token());
    let client = client();
    let mut tried = 0;
    for route in routes() {
        if route.method != Method::GET
            || route.path == "/events"
            || route.path.contains('{')
            || route.path == "/ws"
        {
            continue;
        }
        tried += 1;
        let request = client
            .get(format!("{}{}", pbx.url(), route.path))
            .header("cookie", &cookie);
        let answer = request
            .header("accept", "text/html")
            .send()
            .await
            .expect("an answer");
        let header = |name: &str| {
            let value = answer
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        assert_eq!(header("x-frame-options"), "DENY", "{}", route.path);
        assert_eq!(header("referrer-policy"), "no-referrer", "{}", route.path);
        assert_eq!(
            header("x-content-type-options"),
            "nosniff",
            "{}",
            route.path
        );
        let policy = header("content-security-policy");
        for rule in [
            "default-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
        ] {
            assert!(policy.contains(rule), "{}: {policy}", route.path);
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{}: {policy}",
            route.path
        );
        assert!(
            header("cache-control").contains("no-store"),
            "{}",
            route.path
        );
        assert_eq!(header("access-control-allow-origin"), "", "{}", route.path);
    }
    assert!(tried > 30, "{tried}");
}
