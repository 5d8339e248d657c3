//! Sound: enough to be heard by an echo.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::message::Message;
use crate::support::poll::PATIENCE;

/// What all phones say.
pub const TONE: [u8; 160] = [0x2A; 160];

/// Where a phone's sound comes from and goes to.
#[derive(Debug)]
pub struct Media {
    socket: UdpSocket,
}

impl Media {
    pub async fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        Self { socket }
    }

    /// The session description that names it.
    pub fn sdp(&self) -> String {
        describe(self.socket.local_addr().expect("an address").port())
    }

    /// The same, of a side that speaks but does not listen.
    pub fn sdp_on_hold(&self) -> String {
        self.sdp().replace("a=sendrecv", "a=sendonly")
    }

    /// Listens until it has heard a second of something that is neither silence nor what phones say.
    pub async fn hears_music(&self) {
        let mut packets = 0;
        self.listen("music", |sound| {
            let still = |byte: &&u8| matches!(**byte, 0xD4 | 0xD5 | 0x54 | 0x55);
            let quiet = sound.iter().filter(still).count();
            packets += usize::from(quiet < sound.len() / 2 && *sound != TONE);
            packets >= 50
        })
        .await;
    }

    async fn listen(&self, what: &str, mut is_heard: impl FnMut(&[u8]) -> bool) {
        let start = std::time::Instant::now();
        let mut buffer = [0; 2048];
        loop {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let heard = timeout(left, self.socket.recv(&mut buffer)).await;
            let length = heard.unwrap_or_else(|_| panic!("no {what} is heard"));
            // Twelve bytes before the sound, and payload type 8.
            if let Some(sound) = buffer[..length.expect("a port")].get(12..)
                && buffer[1] & 0x7F == 8
                && is_heard(sound)
            {
                return;
            }
        }
    }

    /// What has come until now is not listened to.
    pub fn forget(&self) {
        let mut buffer = [0; 2048];
        while self.socket.try_recv(&mut buffer).is_ok() {}
    }

    /// Whether this comes next: the tone of the other phone.
    pub async fn hears_tone(&self) {
        self.listen("tone", |sound| *sound == TONE).await;
    }

    /// Twenty milliseconds to the address in the other side's description.
    pub async fn speak(&self, other: &Message, sequence: u16) {
        let port = other
            .body
            .split("m=audio ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next()?.parse().ok())
            .expect("a description with audio");
        let other: SocketAddr = ([127, 0, 0, 1], port).into();
        // RTP version 2, payload type 8 (A-law), 20 ms of the same tone.
        let mut packet = vec![0x80, 8];
        packet.extend(sequence.to_be_bytes());
        packet.extend((u32::from(sequence) * 160).to_be_bytes());
        packet.extend(0x00C0_FFEE_u32.to_be_bytes());
        packet.extend(TONE);
        self.socket.send_to(&packet, other).await.expect("sent");
    }

    /// Speaks to the other side until something comes back.
    pub async fn is_echoed(&self, other: &Message) {
        let start = std::time::Instant::now();
        let mut buffer = [0; 2048];
        for sequence in 0_u16.. {
            self.speak(other, sequence).await;
            let heard = timeout(Duration::from_millis(20), self.socket.recv(&mut buffer)).await;
            if let Ok(Ok(length)) = heard
                && buffer[..length].ends_with(&TONE)
            {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "the echo is not heard");
        }
    }
}

/// A description for a side that is there but says nothing.
pub fn silence() -> String {
    // The discard port: nobody listens.
    describe(9)
}

fn describe(port: u16) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n"
    )
}
