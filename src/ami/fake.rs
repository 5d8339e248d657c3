//! A scripted Asterisk on a loopback port, for the faults that a real one does not show on demand.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::wire::{Decoder, Frame};
use super::{Ami, Config, Events, Incoming, connect};

const PATIENCE: Duration = Duration::from_secs(10);

/// The listening side and a client that is connecting to it.
pub(crate) struct FakeAsterisk {
    listener: Option<TcpListener>,
    pub(crate) ami: Ami,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: JoinSet<()>,
}

/// One connection of the client.
pub(crate) struct Peer {
    stream: TcpStream,
    decoder: Decoder,
}

impl FakeAsterisk {
    /// A client with short deadlines begins to connect at once.
    pub(crate) async fn start(adjust: impl FnOnce(&mut Config)) -> (Self, Events) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut config = Config::new(address, "gonopbx", "geheim".to_owned());
        config.first_retry = Duration::from_millis(5);
        config.longest_retry = Duration::from_millis(20);
        adjust(&mut config);
        let stop = CancellationToken::new();
        let (ami, events, connection) = connect(config, stop.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(connection.run());
        (
            Self {
                listener: Some(listener),
                ami,
                stop,
                tasks,
            },
            events,
        )
    }

    /// Nothing listens any more.
    pub(crate) fn close(&mut self) {
        self.listener = None;
    }

    pub(crate) async fn accept(&self) -> Peer {
        let listener = self.listener.as_ref().unwrap();
        let (stream, _) = in_time(listener.accept()).await.unwrap();
        Peer {
            stream,
            decoder: Decoder::default(),
        }
    }

    /// Accepts the next connection up to the point where Asterisk is fully booted.
    pub(crate) async fn accept_and_boot(&self) -> Peer {
        let mut peer = self.accept().await;
        peer.log_in().await;
        peer.send("Event: FullyBooted\n\n").await;
        peer
    }
}

impl Peer {
    pub(crate) async fn log_in(&mut self) {
        self.send("Asterisk Call Manager/11.0.0\n").await;
        let challenge = self.action("Challenge").await;
        self.answer(&challenge, "Response: Success\nChallenge: 4711")
            .await;
        let login = self.action("Login").await;
        // printf 4711geheim | md5sum
        assert_eq!(login.get("Key"), Some("fb049c15665d103d4cba430cbeee96a0"));
        assert_eq!(login.get("Secret"), None);
        self.answer(
            &login,
            "Response: Success\nMessage: Authentication accepted",
        )
        .await;
    }

    /// The next action, which must have this name; pings in between are answered.
    pub(crate) async fn action(&mut self, name: &str) -> Frame {
        loop {
            let frame = self.any_action().await.unwrap();
            match frame.get("Action") {
                Some("Ping") if name != "Ping" => self.answer(&frame, "Response: Success").await,
                found => {
                    assert_eq!(found, Some(name));
                    return frame;
                }
            }
        }
    }

    /// The next action, `None` when the client hung up.
    pub(crate) async fn any_action(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.decoder.next_frame() {
                return Some(frame);
            }
            let read = in_time(self.stream.read_buf(self.decoder.buffer())).await;
            if read.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    /// Answers with the `ActionID` of the action.
    pub(crate) async fn answer(&mut self, action: &Frame, text: &str) {
        let id = action.get("ActionID").unwrap();
        self.send(&format!("{text}\nActionID: {id}\n\n")).await;
    }

    /// Answers with a whole list.
    pub(crate) async fn list(&mut self, action: &Frame, items: &[&str]) {
        self.answer(action, "Response: Success\nEventList: start")
            .await;
        for item in items {
            self.answer(action, item).await;
        }
        self.answer(action, "Event: Done\nEventList: Complete")
            .await;
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream
            .write_all(text.replace('\n', "\r\n").as_bytes())
            .await
            .unwrap();
    }
}

/// The next thing that comes in; a test that waits for nothing fails.
pub(crate) async fn incoming(events: &mut Events) -> Incoming {
    in_time(events.recv()).await.unwrap()
}

pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it takes too long")
}
