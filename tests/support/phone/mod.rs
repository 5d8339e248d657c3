//! SIP phones: exactly what they are told to send, and everything they hear. They answer by themselves only
//! what every phone answers by itself: whether it is there, and that the other side has hung up.

mod call;
mod digest;
mod lamp;
mod media;
mod message;
mod wire;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

pub use call::{Incoming, Outgoing};
pub use lamp::{Lamp, Package};
pub use media::TONE;
pub use message::Message;

use super::poll::{eventually, in_time, within};
pub use wire::Over;
use wire::{Ring, Wire};

#[derive(Debug)]
pub struct Phone {
    pub number: String,
    secret: String,
    wire: Arc<Wire>,
    rings: Mutex<UnboundedReceiver<Ring>>,
    registrations: AtomicU32,
    registration: String,
    /// What it says to be when it registers.
    agent: OnceLock<String>,
    _ears: JoinSet<()>,
}

impl Phone {
    /// A phone on a port of its own that has not registered yet.
    pub async fn new(server: &str, number: &str, secret: &str) -> Self {
        Self::over(Over::Udp, server, number, secret).await
    }

    pub async fn over(over: Over, server: &str, number: &str, secret: &str) -> Self {
        let server: SocketAddr = server.parse().expect("an address");
        let mut ears = JoinSet::new();
        let (wire, rings) = Wire::open(over, server, &mut ears).await;
        Self {
            number: number.to_owned(),
            secret: secret.to_owned(),
            wire,
            rings: Mutex::new(rings),
            registrations: AtomicU32::new(1),
            registration: token(),
            agent: OnceLock::new(),
            _ears: ears,
        }
    }

    /// The status REGISTER ends with, after the password was asked for.
    pub async fn register(&self) -> u16 {
        self.send_register(3600).await.status()
    }

    pub async fn unregister(&self) -> u16 {
        self.send_register(0).await.status()
    }

    /// A phone of this make, as far as it says.
    pub fn says_to_be(&self, agent: &str) {
        self.agent.get_or_init(|| agent.to_owned());
    }

    /// The whole answer.
    pub async fn send_register(&self, seconds: u32) -> Message {
        let mut replies = self.wire.join(&self.registration);
        let uri = format!("sip:{}", self.wire.server);
        let mut authorization = String::new();
        loop {
            let request = Message::request("REGISTER", &uri)
                .with("Via", &self.wire.via())
                .with(
                    "From",
                    &format!("<sip:{}@{}>;tag={}", self.number, self.wire.server, token()),
                )
                .with("To", &format!("<sip:{}@{}>", self.number, self.wire.server))
                .with("Call-ID", &self.registration)
                .with(
                    "CSeq",
                    &format!(
                        "{} REGISTER",
                        self.registrations.fetch_add(1, Ordering::Relaxed)
                    ),
                )
                .with(
                    "Contact",
                    &format!("<{}>;expires={seconds}", self.contact()),
                )
                .with("Max-Forwards", "70")
                .with_if("User-Agent", self.agent.get().map_or("", String::as_str))
                .with_if("Authorization", &authorization);
            let reply = self.wire.ask(&request, &mut replies).await;
            if reply.status() != 401 || !authorization.is_empty() {
                return reply;
            }
            authorization = digest::authorize(&reply, "REGISTER", &uri, &self.number, &self.secret);
        }
    }

    /// Asks as a stranger would: without a password, whatever it is answered.
    pub async fn asks_without_password(&self, method: &str, number: &str) -> Message {
        let call = token();
        let mut replies = self.wire.join(&call);
        let uri = format!("sip:{number}@{}", self.wire.server);
        let package = if method == "SUBSCRIBE" { "dialog" } else { "" };
        let request = Message::request(method, &uri)
            .with("Via", &self.wire.via())
            .with(
                "From",
                &format!("<sip:{}@{}>;tag={}", self.number, self.wire.server, token()),
            )
            .with("To", &format!("<{uri}>"))
            .with("Call-ID", &call)
            .with("CSeq", &format!("1 {method}"))
            .with("Contact", &format!("<{}>", self.contact()))
            .with("Max-Forwards", "70")
            .with_if("Event", package);
        self.wire.ask(&request, &mut replies).await
    }

    /// Dials what a person would dial.
    pub async fn dial(&self, digits: &str) -> Outgoing {
        let from = format!("<sip:{}@{}>", self.number, self.wire.server);
        Outgoing::start(self, &from, digits, None).await
    }

    /// Dials because it was called itself, and says so.
    pub async fn dial_for(&self, called: &str, digits: &str) -> Outgoing {
        let from = format!("<sip:{}@{}>", self.number, self.wire.server);
        let diversion = format!("<sip:{called}@{}>;reason=unconditional", self.wire.server);
        Outgoing::start(self, &from, digits, Some(&diversion)).await
    }

    /// Dials and claims to be somebody else; the password is still its own.
    pub async fn dial_as(&self, from: &str, digits: &str) -> Outgoing {
        Outgoing::start(self, from, digits, None).await
    }

    /// The status a call to the other phone ends with, which is busy if it rings at all.
    pub async fn tries(&self, other: &Self) -> u16 {
        let mut out = self.dial(&other.number).await;
        tokio::select! {
            status = out.is_refused() => status,
            call = other.rings() => {
                call.busy().await;
                out.is_refused().await
            }
        }
    }

    /// A lamp for another extension.
    pub async fn watches(&self, number: &str) -> Lamp {
        let lit = Lamp::light(self, number, Package::Dialog).await;
        lit.unwrap_or_else(|status| panic!("a lamp for {number} is refused with {status}"))
    }

    /// One that is told in words whether somebody is there.
    pub async fn watches_presence(&self, number: &str) -> Lamp {
        let lit = Lamp::light(self, number, Package::Presence).await;
        lit.unwrap_or_else(|status| panic!("a lamp for {number} is refused with {status}"))
    }

    /// Asks to be told of messages, as many phones do by themselves.
    pub async fn watches_messages(&self, number: &str) -> Lamp {
        let lit = Lamp::light(self, number, Package::Messages).await;
        lit.unwrap_or_else(|status| panic!("messages of {number} are refused with {status}"))
    }

    pub async fn may_not_watch_messages(&self, number: &str) -> u16 {
        let lit = Lamp::light(self, number, Package::Messages).await;
        lit.err()
            .unwrap_or_else(|| panic!("messages of {number} are told"))
    }

    /// The status with which a lamp is refused.
    pub async fn may_not_watch(&self, number: &str) -> u16 {
        let lit = Lamp::light(self, number, Package::Dialog).await;
        lit.err()
            .unwrap_or_else(|| panic!("a lamp for {number} is accepted"))
    }

    /// The next call that comes in.
    pub async fn rings(&self) -> Incoming {
        let what = format!("the phone of {} rings", self.number);
        let mut rings = self.rings.lock().await;
        let (invite, dialog) = in_time(&what, rings.recv()).await.expect("the phone is on");
        Incoming::new(self, invite, dialog)
    }

    /// Whether it has rung until now without anybody taking notice.
    pub async fn has_rung(&self) -> bool {
        !self.rings.lock().await.is_empty()
    }

    /// Stops to answer what it is asked, and begins again.
    pub fn goes_off(&self) {
        self.wire.set_deaf(true);
    }

    pub fn comes_back(&self) {
        self.wire.set_deaf(false);
    }

    pub fn contact(&self) -> String {
        let parameter = self.wire.over.parameter();
        format!("sip:{}@{}{parameter}", self.number, self.wire.address)
    }

    /// Everything that was sent and heard, one line each.
    pub fn transcript(&self) -> Vec<String> {
        self.wire.transcript()
    }

    /// Until the lamp for messages is on, or off, and how many it tells of: new and old.
    pub async fn lamp_tells(&self, new: u32, old: u32) {
        let what = format!("the lamp of {} tells {new}/{old}", self.number);
        eventually(&what, || async {
            let last = self.wire.lamps().pop()?;
            let waiting = if new > 0 { "yes" } else { "no" };
            let told = last.contains(&format!("Messages-Waiting: {waiting}"))
                && last.contains(&format!("Voice-Message: {new}/{old}"));
            told.then_some(())
        })
        .await;
    }

    /// Until Asterisk has asked this phone whether it is there.
    pub async fn is_asked(&self) {
        within(super::poll::PATIENCE, "Asterisk asks the phone", || async {
            let asked = |line: &String| line.contains("< OPTIONS");
            self.transcript().iter().any(asked).then_some(())
        })
        .await;
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the phone of {} ({}):", self.number, self.wire.address);
            for line in self.transcript() {
                eprintln!("{line}");
            }
        }
    }
}

/// Text that nobody else uses.
fn token() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
