//! Phones over UDP: they register, call, and answer what comes in.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::Outcome;
use crate::sip::{Message, SDP, token};

/// After this a phone would repeat itself. Nothing is repeated here: what takes longer has failed.
pub const PATIENCE: Duration = Duration::from_millis(500);
/// A call that has failed is still followed to its end, as a phone would; a lost one would be in the way for ever.
const TO_THE_END: Duration = Duration::from_mins(1);
/// How long it rings before it is answered.
const RINGING: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub struct Phone {
    pub number: String,
    secret: String,
    wire: Arc<Wire>,
    _ear: JoinSet<()>,
}

#[derive(Debug)]
struct Wire {
    socket: UdpSocket,
    address: SocketAddr,
    server: SocketAddr,
    /// Who waits for what is said in a call.
    listeners: Mutex<HashMap<String, UnboundedSender<Message>>>,
}

/// A call that was set up and ended.
#[derive(Debug, Clone, Copy)]
pub struct Called {
    /// From the last INVITE, the one with the password if one is asked for.
    pub rang_after: Duration,
    /// The longest wait for an answer in it.
    pub slowest: Duration,
}

/// One exchange of messages with the same Call-ID.
struct Talk<'a> {
    phone: &'a Phone,
    call_id: String,
    tag: String,
    patience: Duration,
    slowest: Duration,
    heard: UnboundedReceiver<Message>,
}

impl Phone {
    pub async fn new(server: SocketAddr, number: &str, secret: &str) -> Outcome<Self> {
        Self::at("127.0.0.1", server, number, secret).await
    }

    /// One with an address of its own. A provider is known by its address, and is called like a phone.
    pub async fn at(ip: &str, server: SocketAddr, number: &str, secret: &str) -> Outcome<Self> {
        let socket = UdpSocket::bind((ip, 0)).await?;
        let wire = Arc::new(Wire {
            address: socket.local_addr()?,
            socket,
            server,
            listeners: Mutex::default(),
        });
        let mut ear = JoinSet::new();
        ear.spawn(Arc::clone(&wire).listen());
        Ok(Self {
            number: number.to_owned(),
            secret: secret.to_owned(),
            wire,
            _ear: ear,
        })
    }

    /// REGISTER, and once more with the password. Anything but acceptance is an error.
    pub async fn register(&self) -> Outcome<()> {
        self.register_within(PATIENCE).await
    }

    /// The same for who would wait longer for each of the two answers.
    pub async fn register_within(&self, patience: Duration) -> Outcome<()> {
        let uri = format!("sip:{}", self.wire.server);
        let mut talk = self.talk();
        talk.patience = patience;
        let request = |sequence| {
            talk.request("REGISTER", &uri, &self.own_uri(), sequence)
                .with("Contact", &format!("<{}>;expires=3600", self.contact()))
        };
        let (first, second) = (request(1), request(2));
        talk.send(first, "").await?;
        let challenge = talk.reply(1, |status| status >= 200).await?;
        want(401, &challenge)?;
        let credentials = challenge.credentials("REGISTER", &uri, &self.number, &self.secret);
        talk.send(second.with("Authorization", &credentials), "")
            .await?;
        let answer = talk.reply(2, |status| status >= 200).await?;
        want(200, &answer)
    }

    /// Dials, lets it ring (the moment is told to `rang`), talks, and hangs up.
    pub async fn call(
        &self,
        digits: &str,
        talking: Duration,
        rang: impl FnOnce() + Send,
    ) -> Outcome<Called> {
        let uri = format!("sip:{digits}@{}", self.wire.server);
        let mut talk = self.talk();
        talk.patience = TO_THE_END;
        let invite = |sequence| {
            talk.request("INVITE", &uri, &uri, sequence)
                .with("Contact", &format!("<{}>", self.contact()))
        };
        let (first, second) = (invite(1), invite(2));
        let (mut start, mut last) = (Instant::now(), 1);
        talk.send(first, SDP).await?;
        let mut ringing = talk.reply(1, |status| status >= 180).await?;
        // Only a provider is not asked for a password.
        if ringing.status() == 401 {
            talk.acknowledge(&ringing, &uri, 1).await?;
            let credentials = ringing.credentials("INVITE", &uri, &self.number, &self.secret);
            (start, last) = (Instant::now(), 2);
            talk.send(second.with("Authorization", &credentials), SDP)
                .await?;
            ringing = talk.reply(2, |status| status >= 180).await?;
        }
        want(180, &ringing)?;
        let rang_after = start.elapsed();
        rang();
        let answered = talk.reply(last, |status| status >= 200).await?;
        want(200, &answered)?;
        let target = answered.contact().to_owned();
        talk.acknowledge(&answered, &target, last).await?;
        sleep(talking).await;
        let to = answered.header("To").to_owned();
        let bye = talk.request_to("BYE", &target, &to, 3);
        talk.send(bye, "").await?;
        want(200, &talk.reply(3, |status| status >= 200).await?)?;
        Ok(Called {
            rang_after,
            slowest: talk.slowest,
        })
    }

    fn talk(&self) -> Talk<'_> {
        let call_id = token();
        let (sender, heard) = unbounded_channel();
        self.wire.listeners().insert(call_id.clone(), sender);
        Talk {
            phone: self,
            call_id,
            tag: token(),
            patience: PATIENCE,
            slowest: Duration::ZERO,
            heard,
        }
    }

    fn own_uri(&self) -> String {
        format!("sip:{}@{}", self.number, self.wire.server)
    }

    pub fn address(&self) -> SocketAddr {
        self.wire.address
    }

    fn contact(&self) -> String {
        format!("sip:{}@{}", self.number, self.wire.address)
    }
}

fn want(status: u16, message: &Message) -> Outcome<()> {
    if message.status() == status {
        Ok(())
    } else {
        Err(format!("{} and not {status}", message.status()).into())
    }
}

impl Talk<'_> {
    fn request(&self, method: &str, uri: &str, to: &str, sequence: u32) -> Message {
        self.request_to(method, uri, &format!("<{to}>"), sequence)
    }

    fn request_to(&self, method: &str, uri: &str, to: &str, sequence: u32) -> Message {
        let wire = &self.phone.wire;
        Message::request(method, uri)
            .with(
                "Via",
                &format!(
                    "SIP/2.0/UDP {};branch=z9hG4bK{};rport",
                    wire.address,
                    token()
                ),
            )
            .with(
                "From",
                &format!("<{}>;tag={}", self.phone.own_uri(), self.tag),
            )
            .with("To", to)
            .with("Call-ID", &self.call_id)
            .with("CSeq", &format!("{sequence} {method}"))
            .with("Max-Forwards", "70")
    }

    async fn acknowledge(&self, answer: &Message, uri: &str, sequence: u32) -> Outcome<()> {
        let ack = self.request_to("ACK", uri, answer.header("To"), sequence);
        // For a refusal it belongs to the same transaction, and Asterisk knows it by the branch.
        let ack = if answer.status() >= 300 {
            ack.in_transaction_of(answer)
        } else {
            ack
        };
        self.send(ack, "").await
    }

    async fn send(&self, message: Message, sdp: &str) -> Outcome<()> {
        self.phone.wire.send(&message.finish(sdp)).await
    }

    /// The next answer to the request of this number that is wanted.
    async fn reply(&mut self, sequence: u32, wanted: impl Fn(u16) -> bool) -> Outcome<Message> {
        let next = async {
            loop {
                let message = self.heard.recv().await?;
                if message.sequence() == sequence && wanted(message.status()) {
                    return Some(message);
                }
            }
        };
        let patience = self.patience;
        let start = Instant::now();
        let reply = timeout(patience, next).await;
        self.slowest = self.slowest.max(start.elapsed());
        reply
            .ok()
            .flatten()
            .ok_or_else(|| format!("no answer to request {sequence} within {patience:?}").into())
    }
}

impl Drop for Talk<'_> {
    fn drop(&mut self) {
        self.phone.wire.listeners().remove(&self.call_id);
    }
}

impl Wire {
    /// Hears until it is dropped.
    async fn listen(self: Arc<Self>) {
        let mut buffer = vec![0; 16 * 1024];
        let mut answering = JoinSet::new();
        loop {
            // An error is a message of ours that nobody took.
            let Ok((length, _)) = self.socket.recv_from(&mut buffer).await else {
                continue;
            };
            let Some(message) = Message::read(&buffer[..length]) else {
                continue;
            };
            if message.status() > 0 {
                let listener = self.listeners().get(message.header("Call-ID")).cloned();
                // Nobody waits for an answer that comes too late.
                let _late = listener.map(|listener| listener.send(message));
                continue;
            }
            match message.method() {
                "INVITE" => {
                    answering.spawn(Arc::clone(&self).pick_up(message));
                }
                "ACK" => {}
                _ => {
                    let ok = Message::answer(&message, "200 OK", &token()).finish("");
                    let _lost = self.send(&ok).await;
                }
            }
            while answering.try_join_next().is_some() {}
        }
    }

    async fn pick_up(self: Arc<Self>, invite: Message) {
        let tag = token();
        let contact = format!("<sip:phone@{}>", self.address);
        let answer = |status| Message::answer(&invite, status, &tag).with("Contact", &contact);
        let _lost = self.send(&answer("180 Ringing").finish("")).await;
        sleep(RINGING).await;
        let _lost = self.send(&answer("200 OK").finish(SDP)).await;
    }

    async fn send(&self, text: &str) -> Outcome<()> {
        self.socket.send_to(text.as_bytes(), self.server).await?;
        Ok(())
    }

    fn listeners(&self) -> MutexGuard<'_, HashMap<String, UnboundedSender<Message>>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
