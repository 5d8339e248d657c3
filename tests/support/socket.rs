//! A program that listens at the server's WebSocket: it asks for it and reads texts, as RFC 6455 has them.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::poll::in_time;

#[derive(Debug)]
pub struct Socket {
    /// What the server answered to the question for a WebSocket: 101 when it is one.
    pub status: u16,
    stream: BufReader<TcpStream>,
}

impl Socket {
    pub async fn open(url: &str, path: &str) -> Self {
        let address = url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("the server");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut stream = BufReader::new(stream);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(
                in_time("the answer to a WebSocket", stream.read_u8())
                    .await
                    .expect("all of it"),
            );
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.unwrap_or_default(),
            stream,
        }
    }

    /// The next event.
    pub async fn next(&mut self) -> Value {
        in_time("an event of the WebSocket", async {
            loop {
                let (kind, text) = self.frame().await;
                if kind == 1 {
                    return serde_json::from_slice(&text).expect("JSON");
                }
            }
        })
        .await
    }

    /// Kind and content of the next one, also of one for the connection itself.
    pub async fn frame(&mut self) -> (u8, Vec<u8>) {
        let kind = self.stream.read_u8().await.expect("a frame") & 15;
        let length = match self.stream.read_u8().await.expect("a length") & 127 {
            126 => u64::from(self.stream.read_u16().await.expect("a length")),
            127 => self.stream.read_u64().await.expect("a length"),
            short => u64::from(short),
        };
        let mut text = vec![0; usize::try_from(length).expect("a length")];
        self.stream
            .read_exact(&mut text)
            .await
            .expect("a whole frame");
        (kind, text)
    }
}
