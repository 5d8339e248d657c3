//! `/ws` as programs meet it.

use serde_json::{Value, json};

use super::{SOON, call_between};
use crate::support::listener::Listener;
use crate::support::pbx::Person;
use crate::support::phone::Phone;
use crate::support::stack::{ADMIN_PASSWORD, Part};
use crate::support::visitor::Visitor;
use crate::support::{Pbx, own_pbx, pbx};

#[tokio::test]
async fn the_first_frames_are_those_of_the_original() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let mut socket = Listener::open(pbx.url(), &admin.token()).await;
    let hello = socket.next().await.expect("a frame");
    assert_eq!(
        (&hello["type"], &hello["status"]),
        (&json!("connection"), &json!("connected"))
    );
    assert!(hello["timestamp"].is_string());
    let calls = socket.next().await.expect("a frame");
    assert_eq!(
        (&calls["type"], calls["active_calls"].is_array()),
        (&json!("active_calls"), true)
    );
    // A phone that registers is an event like any other.
    let phone = pbx.ext().phone().await;
    let is_contact = |frame: &Value| frame["event_name"] == "ContactStatus";
    let event = socket.hears("a phone comes", SOON * 5, is_contact).await;
    assert_eq!(
        (&event["type"], event["active_calls"].is_array()),
        (&json!("ami_event"), true)
    );
    phone.unregister().await;
}

#[tokio::test]
async fn nobody_listens_without_a_good_token_or_from_a_foreign_page() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let bearer = format!("Bearer {}", admin.token());
    let with_token = format!("/ws?token={}", admin.token());
    let host = pbx.url().replacen("http://", "", 1);
    let own = format!("http://{host}");
    let none: &[(&'static str, &str)] = &[];
    let tries = [
        ("/ws", none, Some(403)),
        ("/ws?token=abc", &[], Some(403)),
        ("/ws?token=", &[("authorization", "Bearer x")], Some(403)),
        ("/ws", &[("authorization", &bearer)], None),
        (
            with_token.as_str(),
            &[("origin", "http://evil.example")],
            Some(403),
        ),
        (&with_token, &[("origin", "null")], Some(403)),
        (&with_token, &[("origin", &own)], None),
        ("/ws/?token=abc", &[], Some(403)),
    ];
    for (path, headers, refused) in tries {
        let opened = Listener::try_open(pbx.url(), path, headers).await;
        assert_eq!(opened.err(), refused, "{path} {headers:?}");
    }
    let cookie = format!("gonopbx_session={}", admin.token());
    let opened = Listener::try_open(pbx.url(), "/ws", &[("cookie", &cookie)]).await;
    assert_eq!(
        opened.err(),
        Some(403),
        "a browser sends the cookie by itself"
    );
    assert!(
        !pbx.log("server.log").contains(&admin.token()),
        "a token is in the log"
    );
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_connections_within_a_second() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let second = pbx.anonymous().log_in(&eva.name, ADMIN_PASSWORD).await;
    let socket = Listener::open(pbx.url(), &eva.api.token()).await;
    let other = Listener::open(pbx.url(), &second.token()).await;
    eva.api
        .post("/api/auth/logout", &json!({}))
        .await
        .expect(200);
    let closed = tokio::time::timeout(SOON, socket.closes()).await;
    assert_eq!(
        closed.expect("in time"),
        (1008, "the session has ended".to_owned())
    );
    let gone = format!("delete from pbx.app_user where id = {}", eva.id);
    pbx.owner().await.does(&gone);
    let closed = tokio::time::timeout(SOON, other.closes()).await;
    assert_eq!(
        closed.expect("in time"),
        (1008, "the session has ended".to_owned())
    );
}

#[tokio::test]
async fn a_server_that_stops_says_goodbye_and_one_without_asterisk_says_since_when() {
    let pbx = own_pbx("goodbye").await;
    let admin = pbx.admin().await;
    let mut socket = Listener::open(pbx.url(), &admin.token()).await;
    pbx.kill(Part::Asterisk).await;
    let is_away = |frame: &Value| frame["type"] == "asterisk" && frame["status"] == "disconnected";
    let away = socket.hears("Asterisk is away", SOON * 3, is_away).await;
    assert!(away["since"].is_string(), "{away}");
    let (closed, ()) = tokio::join!(socket.closes(), pbx.stop(Part::Server));
    assert_eq!(closed, (1001, "the server stops".to_owned()));
}

/// A person who has an extension, with its phone.
pub async fn somebody(pbx: &Pbx) -> (Person, Phone) {
    let extension = pbx.ext().create().await;
    let person = pbx.person("user").await;
    let path = format!("/api/peers/{}/user", extension.number);
    let admin = pbx.admin().await;
    admin
        .patch(&path, &json!({"user_id": person.id}))
        .await
        .expect(200);
    (person, extension.phone().await)
}

#[tokio::test]
async fn people_see_their_own_calls_and_nothing_of_others() {
    let pbx = own_pbx("discreet").await;
    let (eva, phone) = somebody(&pbx).await;
    let (ada, bob) = (
        pbx.ext().name("Secret Ada").phone().await,
        pbx.ext().phone().await,
    );
    let mut socket = Listener::open(pbx.url(), &eva.api.token()).await;
    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;

    // A foreign call, from its beginning to its end.
    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;
    for path in ["/fragments/calls-now", "/fragments/last-calls"] {
        let page = visitor.open(path).await.expect(200);
        assert!(
            !page.shows(&ada.number) && !page.shows(&bob.number),
            "{path}: {}",
            page.text()
        );
    }
    let tiles = visitor.open("/fragments/tiles").await.expect(200);
    assert!(
        !tiles.html.contains("call-") && tiles.text().matches("Secret Ada").count() == 1,
        "with whom is a secret: {}",
        tiles.text()
    );
    out.hang_up().await;
    call.other_side_hangs_up().await;

    // Then an own one: whatever came before it was of nobody else.
    let mut out = phone.dial(&bob.number).await;
    let call = bob.rings().await;
    let own = socket
        .hears("the own call", SOON, |frame| {
            // Not the number alone, whose digits may be in a time.
            let told = frame.to_string();
            let names = [
                format!("\"{}\"", ada.number),
                format!("PJSIP/{}-", ada.number),
                "Secret Ada".to_owned(),
            ];
            assert!(!names.iter().any(|name| told.contains(name)), "{told}");
            call_between(&frame["active_calls"], &phone.number, &bob.number).is_some()
        })
        .await;
    assert_eq!(own["active_calls"].as_array().map(Vec::len), Some(1));
    let page = visitor.open("/fragments/calls-now").await.expect(200);
    assert!(
        page.shows(&phone.number) && !page.html.contains("/end"),
        "{}",
        page.text()
    );
    call.busy().await;
    assert_eq!(out.is_refused().await, 486);
}

/// A connection that asks for something and then never reads.
async fn never_reads(pbx: &Pbx, path: &str, header: &str) -> tokio::net::TcpStream {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = pbx.url().replacen("http://", "", 1);
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(1024).expect("a small buffer");
    let server = address.parse().expect("an address");
    let mut stream = socket.connect(server).await.expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{header}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.expect("an answer");
    assert!(
        [b"HTTP/1.1 101", b"HTTP/1.1 200"].contains(&&status),
        "{}",
        String::from_utf8_lossy(&status)
    );
    stream
}

#[tokio::test]
async fn whoever_does_not_read_slows_nobody() {
    let pbx = own_pbx("slow").await;
    let admin = pbx.admin().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let upgrade = format!(
        "Authorization: Bearer {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        admin.token()
    );
    let cookie = format!("Cookie: gonopbx_session={}", admin.token());
    let mut deaf = Vec::new();
    for _ in 0..20 {
        deaf.push(never_reads(&pbx, "/ws", &upgrade).await);
        deaf.push(never_reads(&pbx, "/events", &cookie).await);
    }
    let mut socket = Listener::open(pbx.url(), &admin.token()).await;
    for _ in 0..20 {
        let mut out = ada.dial(&bob.number).await;
        let call = bob.rings().await;
        let is_there = |frame: &Value| {
            call_between(&frame["active_calls"], &ada.number, &bob.number).is_some()
        };
        socket.hears("the call comes", SOON, is_there).await;
        call.busy().await;
        assert_eq!(out.is_refused().await, 486);
        let is_gone = |frame: &Value| frame["active_calls"].as_array().is_some_and(Vec::is_empty);
        socket.hears("the call ends", SOON, is_gone).await;
    }
    drop(deaf);
}
