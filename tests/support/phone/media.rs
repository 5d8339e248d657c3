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
    /// Of the last packet: number, and time in samples.
    sequence: u16,
    samples: u32,
}

const KEYS: &str = "0123456789*#";
const PACKET: Duration = Duration::from_millis(20);

impl Media {
    pub async fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        Self {
            socket,
            sequence: 1000,
            samples: 0,
        }
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
        let other = address(other);
        // RTP version 2, payload type 8 (A-law), 20 ms of the same tone.
        let mut packet = vec![0x80, 8];
        packet.extend(sequence.to_be_bytes());
        packet.extend((u32::from(sequence) * 160).to_be_bytes());
        packet.extend(0x00C0_FFEE_u32.to_be_bytes());
        packet.extend(TONE);
        self.socket.send_to(&packet, other).await.expect("sent");
    }

    async fn send(&mut self, other: &Message, kind: u8, time: u32, content: &[u8]) {
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = vec![0x80, kind];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(time.to_be_bytes());
        packet.extend(0x00C0_FFEE_u32.to_be_bytes());
        packet.extend(content);
        let other = address(other);
        self.socket.send_to(&packet, other).await.expect("sent");
    }

    /// 440 Hz in A-law, as fast as it is heard.
    pub async fn sing(&mut self, other: &Message, time: Duration) {
        let mut beat = tokio::time::interval(PACKET);
        for _ in 0..time.as_millis() / PACKET.as_millis() {
            beat.tick().await;
            let sound: Vec<u8> = (0..160).map(|at| alaw(self.samples + at)).collect();
            self.samples += 160;
            self.send(other, 8, self.samples, &sound).await;
        }
        // Whoever hangs up after the last note still had to say it: what is on its way then is lost.
        tokio::time::sleep(5 * PACKET).await;
    }

    /// Keys of 100 ms, 100 ms apart.
    pub async fn press(&mut self, other: &Message, keys: &str) {
        let mut beat = tokio::time::interval(PACKET);
        for key in keys.chars() {
            let event = KEYS.find(key).expect("a key of a telephone");
            let event = u8::try_from(event).expect("twelve keys");
            self.samples += 1600;
            let began = self.samples;
            for step in 1..=8_u16 {
                beat.tick().await;
                let (first, end) = (step == 1, step > 5);
                // The first one is marked.
                let kind = if first { 101 + 128 } else { 101 };
                let length = step.min(5) * 160;
                let [high, low] = length.to_be_bytes();
                let flags = if end { 0x8A } else { 0x0A };
                self.send(other, kind, began, &[event, flags, high, low])
                    .await;
            }
            for _ in 0..5 {
                beat.tick().await;
            }
        }
    }

    /// Until something was heard, and then nothing for a second: how long it was.
    pub async fn falls_silent(&mut self) -> Duration {
        let mut buffer = [0; 2048];
        let start = std::time::Instant::now();
        let mut packets = 0;
        loop {
            match timeout(Duration::from_secs(1), self.socket.recv(&mut buffer)).await {
                Ok(_) => packets += 1,
                Err(_) if packets > 0 => return PACKET * packets,
                Err(_) => {}
            }
            assert!(start.elapsed() < 2 * PATIENCE, "it does not end");
        }
    }

    /// Fifty packets of 440 Hz, one after the other.
    pub async fn hears_singing(&mut self) {
        let start = std::time::Instant::now();
        let mut in_a_row = 0;
        while in_a_row < 50 {
            assert!(start.elapsed() < 2 * PATIENCE, "the tone is not heard");
            let is_tone = self.hears_packet_of_tone().await;
            in_a_row = if is_tone { in_a_row + 1 } else { 0 };
        }
    }

    /// The same, and all that follow until one is none.
    pub async fn hears_singing_out(&mut self) -> Duration {
        self.hears_singing().await;
        let mut packets = 50;
        while self.hears_packet_of_tone().await {
            packets += 1;
        }
        PACKET * packets
    }

    /// Whether the next packet is one of 440 Hz; what does not come in time is none.
    async fn hears_packet_of_tone(&self) -> bool {
        let mut buffer = [0; 2048];
        let heard = timeout(PACKET * 50, self.socket.recv(&mut buffer)).await;
        let Ok(Ok(length)) = heard else {
            return false;
        };
        let sound = &buffer[12.min(length)..length];
        // The sign is the first bit.
        let crossings = sound.windows(2).filter(|two| (two[0] ^ two[1]) & 0x80 != 0);
        sound.len() == 160 && (16..=19).contains(&crossings.count())
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

/// Where the other side wants to hear.
fn address(other: &Message) -> SocketAddr {
    let port = other
        .body
        .split("m=audio ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next()?.parse().ok())
        .expect("a description with audio");
    ([127, 0, 0, 1], port).into()
}

/// One sample of 440 Hz at 8000 Hz, half as loud as can be, as G.711 writes it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "13 bits"
)]
fn alaw(at: u32) -> u8 {
    let phase = f64::from(at % 8000) * 440.0 / 8000.0 * std::f64::consts::TAU;
    let value = (phase.sin() * 2000.0) as i16;
    let (sign, mut size) = if value >= 0 {
        (0xD5, value as u16)
    } else {
        (0x55, (-value - 1) as u16)
    };
    let mut segment = 0;
    if size >= 32 {
        segment = 1;
        while size >= 64 {
            size >>= 1;
            segment += 1;
        }
    }
    let low = if segment == 0 {
        size >> 1
    } else {
        (size >> 1) & 0x0F
    };
    ((segment << 4) as u8 | (low & 0x0F) as u8) ^ sign
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
