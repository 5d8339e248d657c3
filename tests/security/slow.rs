//! Requests that are too large or never end.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Pbx, pbx};

async fn connection(pbx: &Pbx) -> TcpStream {
    let address = pbx.url().trim_start_matches("http://").to_owned();
    TcpStream::connect(address).await.expect("a connection")
}

/// All that comes until the server ends it.
async fn heard(mut connection: TcpStream, limit: Duration) -> String {
    let mut text = Vec::new();
    // One that is reset has ended, too.
    let ended = timeout(limit, connection.read_to_end(&mut text)).await;
    assert!(ended.is_ok(), "it is still open after {limit:?}");
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_what_is_endless_is_ended() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let large = "x".repeat(300 * 1024);
    for path in [
        "/api/peers/",
        "/api/trunks/",
        "/api/callforward/",
        "/api/auth/login",
        "/api/settings/ip-whitelist",
    ] {
        let method = if path.ends_with("whitelist") {
            Method::PUT
        } else {
            Method::POST
        };
        let answer = admin
            .send(method, path, |request| {
                request.json(&json!({"caller_id": large}))
            })
            .await;
        assert!(
            [413, 422].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
    let visitor = pbx.visitor("en").await;
    let form = visitor
        .client()
        .post(format!("{}/extensions", visitor.url()))
        .form(&[("caller_id", &large)]);
    let page = visitor
        .send(form.header("sec-fetch-site", "same-origin"))
        .await;
    assert!([400, 413, 422].contains(&page.status), "{}", page.status);
    let head = admin
        .try_send(Method::GET, "/api/peers/", |request| {
            request.header("x-large", "x".repeat(600_000))
        })
        .await;
    let refused = head.map_or(431, |answer| answer.status);
    assert!([400, 413, 431].contains(&refused), "{refused}");

    // Two lengths for one body are a trick on whoever stands in between.
    let mut trick = connection(&pbx).await;
    let request = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\nabcd";
    trick.write_all(request.as_bytes()).await.expect("sent");
    let answer = heard(trick, Duration::from_secs(15)).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn those_who_never_finish_hold_nobody_up_and_are_let_go() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let mut half_heads = Vec::new();
    let mut half_bodies = Vec::new();
    for _ in 0..100 {
        let mut slow = connection(&pbx).await;
        slow.write_all(b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            .await
            .expect("sent");
        half_heads.push(slow);
        let mut slow = connection(&pbx).await;
        let head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
        slow.write_all(head.as_bytes()).await.expect("sent");
        half_bodies.push(slow);
    }
    // Everybody else is served meanwhile, with a password as well, which is work.
    for _ in 0..5 {
        admin.get("/api/peers/").await.expect(200);
    }
    pbx.visitor("en").await.open("/").await.expect(200);
    for slow in half_heads {
        heard(slow, Duration::from_secs(30)).await;
    }
    for slow in half_bodies {
        let answer = heard(slow, Duration::from_mins(1)).await;
        assert!(
            answer.is_empty()
                || answer.starts_with("HTTP/1.1 4")
                || answer.starts_with("HTTP/1.1 503"),
            "{answer}"
        );
    }
}
