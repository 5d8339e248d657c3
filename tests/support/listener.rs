//! A program that listens to `/ws` with a client of its own.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::poll::PATIENCE;

#[derive(Debug)]
pub struct Listener(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Listener {
    pub async fn open(url: &str, token: &str) -> Self {
        Self::try_open(url, &format!("/ws?token={token}"), &[])
            .await
            .expect("a connection")
    }

    /// The status when it is refused.
    pub async fn try_open(
        url: &str,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let address = format!("{}{path}", url.replacen("http", "ws", 1));
        let mut request = address.into_client_request().expect("an address");
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("a value"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// The connection itself; reading it answers pings.
    pub fn raw(&mut self) -> &mut WebSocketStream<MaybeTlsStream<TcpStream>> {
        &mut self.0
    }

    /// The next frame that is JSON; or how the connection was closed.
    pub async fn next(&mut self) -> Result<Value, (u16, String)> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match message.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err((frame.code.into(), frame.reason.to_string()));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("the connection ended with {other:?}"),
            }
        }
    }

    /// The next frame that satisfies this, which must come soon.
    pub async fn hears(
        &mut self,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let heard = async {
            loop {
                let frame = self
                    .next()
                    .await
                    .unwrap_or_else(|why| panic!("{what}: closed with {why:?}"));
                if wanted(&frame) {
                    return frame;
                }
            }
        };
        tokio::time::timeout(limit, heard)
            .await
            .unwrap_or_else(|_| panic!("not within {limit:?}: {what}"))
    }

    /// Until it is closed, for this reason.
    pub async fn closes(mut self) -> (u16, String) {
        loop {
            if let Err(why) = self.next().await {
                return why;
            }
        }
    }
}
