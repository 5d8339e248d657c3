//! A server of our own that is asked.

use std::net::IpAddr;

use tokio::net::UdpSocket;

use super::*;

async fn server() -> (UdpSocket, Target<'static>) {
    let server = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let target = Target {
        name: "provider.example",
        address: server.local_addr().expect("bound"),
        transport: Transport::Udp,
    };
    (server, target)
}

/// Answers the next request; `{…}` of it are copied.
async fn answers(server: &UdpSocket, first: &str, more: &str) -> String {
    let mut request = [0; 1500];
    let (length, from) = server.recv_from(&mut request).await.expect("asked");
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let sequence = request
        .lines()
        .find(|line| line.starts_with("CSeq"))
        .expect("it has one");
    let reply = format!("SIP/2.0 {first}\r\n{sequence}\r\n{more}\r\n");
    server
        .send_to(reply.as_bytes(), from)
        .await
        .expect("answered");
    request
}

#[tokio::test]
async fn a_server_that_answers_is_there_and_a_silent_one_is_not() {
    let (server, target) = server().await;
    assert_eq!(target.address.ip(), IpAddr::from([127, 0, 0, 1]));
    let answering = async {
        let request = answers(&server, "404 Not Found", "").await;
        assert!(request.starts_with("OPTIONS sip:127.0.0.1:"), "{request}");
    };
    let (took, ()) = tokio::join!(options(target), answering);
    assert!(took.is_ok());
    assert_eq!(options(target).await, Err(Answer::Silent));
}

#[tokio::test]
async fn the_words_of_a_refusal_are_told() {
    let (server, target) = server().await;
    let account = Account {
        registrar: "sip:provider.example",
        address: "sip:me@provider.example",
        user: "me",
        password: "secret",
    };
    let answering = async {
        let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";
        let first = answers(&server, "401 Unauthorized", challenge).await;
        assert!(
            !first.contains("Contact:"),
            "nothing is to be changed: {first}"
        );
        // A provisional answer is not the last word.
        let mut request = [0; 1500];
        let (length, from) = server.recv_from(&mut request).await.expect("asked again");
        for answer in ["100 Trying", "403 Account locked"] {
            let reply = format!("SIP/2.0 {answer}\r\nCSeq: 2 REGISTER\r\n\r\n");
            server
                .send_to(reply.as_bytes(), from)
                .await
                .expect("answered");
        }
        let second = String::from_utf8_lossy(&request[..length]);
        assert!(
            second.contains("Authorization: Digest username=\"me\""),
            "{second}"
        );
        assert!(!second.contains("secret"), "{second}");
    };
    let (answer, ()) = tokio::join!(register(target, account), answering);
    let words = "Account locked".to_owned();
    assert_eq!(answer, Answer::Said { status: 403, words });
}

/// Whoever reads "certificate" looks for the wrong thing.
#[tokio::test]
async fn a_server_without_tls_is_not_said_to_have_a_wrong_certificate() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let target = Target {
        name: "provider.example",
        address: server.local_addr().expect("bound"),
        transport: Transport::Tls,
    };
    let answering = async {
        let (mut connection, _) = server.accept().await.expect("asked");
        let reply = b"SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
        connection.write_all(reply).await.expect("answered");
        let mut heard = Vec::new();
        drop(connection.read_to_end(&mut heard).await);
    };
    let (answer, ()) = tokio::join!(options(target), answering);
    assert!(matches!(answer, Err(Answer::NoTls(_))), "{answer:?}");
}
