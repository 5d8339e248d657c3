//! Web pages of other origins that use the API from a browser.

use reqwest::Method;

use crate::support::client::{Answer, Api};
use crate::support::stack::WEB_PROGRAM;
use crate::support::{pbx, pbx_behind_nat};

async fn preflight(api: &Api, path: &str, origin: &str) -> Answer {
    api.send(Method::OPTIONS, path, |request| {
        request
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            )
    })
    .await
}

async fn simple(api: &Api, path: &str, origin: &str) -> Answer {
    api.send(Method::GET, path, |request| {
        request.header("origin", origin)
    })
    .await
}

const ALLOWED: &str = "access-control-allow-origin";

#[tokio::test]
async fn no_origin_is_let_in_when_none_is_listed() {
    let pbx = pbx().await;
    let answer = preflight(&pbx.anonymous(), "/api/peers/", WEB_PROGRAM).await;
    answer.expect_error(405, "method_not_allowed");
    assert_eq!(answer.header(ALLOWED), "");
    let answer = simple(&pbx.admin().await, "/api/peers/", WEB_PROGRAM).await;
    assert_eq!(answer.header(ALLOWED), "");
}

#[tokio::test]
async fn a_listed_origin_is_let_in_with_every_answer() {
    let pbx = pbx_behind_nat().await;
    let (admin, anonymous) = (pbx.admin().await, pbx.anonymous());
    for path in ["/api/peers/", "/api/peers/2001", "/api/auth/login"] {
        let answer = preflight(&anonymous, path, WEB_PROGRAM).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header(ALLOWED), WEB_PROGRAM);
        assert!(
            answer
                .header("access-control-allow-methods")
                .contains("PUT")
        );
        let headers = answer.header("access-control-allow-headers");
        assert!(
            headers.contains("authorization") && headers.contains("content-type"),
            "{headers}"
        );
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "",
            "cookies stay ours"
        );
    }
    // An error can be read too.
    for (path, status) in [
        ("/api/peers/", 200),
        ("/api/peers/99999", 404),
        ("/api/nope", 404),
    ] {
        let answer = simple(&admin, path, WEB_PROGRAM).await;
        assert_eq!(
            (answer.status, answer.header(ALLOWED)),
            (status, WEB_PROGRAM),
            "{path}"
        );
    }
    let answer = simple(&anonymous, "/api/peers/", WEB_PROGRAM).await;
    assert_eq!((answer.status, answer.header(ALLOWED)), (401, WEB_PROGRAM));
}

#[tokio::test]
async fn an_origin_that_is_not_listed_stays_outside() {
    let pbx = pbx_behind_nat().await;
    let admin = pbx.admin().await;
    for origin in [
        "https://evil.example",
        "https://ui.example.evil.example",
        "http://ui.example",
        "null",
    ] {
        assert_eq!(
            preflight(&admin, "/api/peers/", origin)
                .await
                .header(ALLOWED),
            "",
            "{origin}"
        );
        assert_eq!(
            simple(&admin, "/api/peers/", origin).await.header(ALLOWED),
            "",
            "{origin}"
        );
    }
    let page = simple(&admin, "/login", WEB_PROGRAM).await;
    assert_eq!(
        page.header(ALLOWED),
        "",
        "pages are for browsers that are here"
    );
}
