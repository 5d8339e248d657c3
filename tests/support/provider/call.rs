//! The two kinds of call at a provider: those it sends to Asterisk, and those it takes from it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::registrar::user_of;
use super::wire::{Way, Wire};
use super::{silence, token};
use crate::support::phone::Message;
use crate::support::poll::{PATIENCE, in_time};

/// Somebody outside, as the provider names them.
pub const OUTSIDE: &str = "+4930123456";

/// A call to be sent.
#[derive(Debug)]
pub struct Draft<'a> {
    wire: &'a Arc<Wire>,
    uri: String,
    to: String,
    from: String,
    over: Over,
    sdp: String,
}

/// How a call gets to Asterisk.
#[derive(Debug, Clone, Copy)]
enum Over {
    Udp,
    Tcp,
    /// To this port.
    Tls(u16),
    Registration,
}

/// A call the provider sent.
#[derive(Debug)]
pub struct Calling {
    wire: Arc<Wire>,
    way: Way,
    dialog: UnboundedReceiver<Message>,
    invite: Message,
    /// Statuses heard, in order, without 100.
    pub heard: Vec<u16>,
    answered: bool,
    answer: Option<Message>,
    /// Of the last request inside the call.
    sequence: u32,
}

/// A call the provider takes.
#[derive(Debug)]
pub struct Arrived {
    wire: Arc<Wire>,
    way: Way,
    dialog: UnboundedReceiver<Message>,
    pub invite: Message,
    tag: String,
    /// Of the last request inside the call.
    sequence: u32,
}

impl<'a> Draft<'a> {
    pub(super) fn new(wire: &'a Arc<Wire>, number: &str) -> Self {
        let uri = format!("sip:{number}@{}", wire.asterisk);
        Self {
            wire,
            to: format!("<{uri}>"),
            uri,
            from: format!("<sip:{OUTSIDE}@{}>", wire.address),
            over: Over::Udp,
            sdp: silence(wire.address),
        }
    }

    /// Another Request-URI.
    pub fn uri(self, uri: &str) -> Self {
        Self {
            uri: uri.to_owned(),
            ..self
        }
    }

    /// Another user in the Request-URI, and the same host.
    pub fn user(self, user: &str) -> Self {
        let host = self.uri.split_once('@').map_or("", |(_, host)| host);
        let uri = if user.is_empty() {
            format!("sip:{host}")
        } else {
            format!("sip:{user}@{host}")
        };
        self.uri(&uri)
    }

    pub fn to(self, to: &str) -> Self {
        Self {
            to: to.to_owned(),
            ..self
        }
    }

    pub fn from(self, from: &str) -> Self {
        Self {
            from: from.to_owned(),
            ..self
        }
    }

    pub fn over_tcp(self) -> Self {
        let over = Over::Tcp;
        Self { over, ..self }
    }

    pub fn over_tls(self, port: u16) -> Self {
        let over = Over::Tls(port);
        Self { over, ..self }
    }

    /// By the way the last registration came: the connection that Asterisk made.
    pub fn over_the_registration(self) -> Self {
        let over = Over::Registration;
        Self { over, ..self }
    }

    /// Another description of its sound.
    pub fn sdp(self, sdp: String) -> Self {
        Self { sdp, ..self }
    }

    pub async fn send(self) -> Calling {
        let wire = Arc::clone(self.wire);
        let way = match self.over {
            Over::Udp => Way::Udp(wire.asterisk),
            Over::Tcp => wire.connect().await,
            Over::Tls(port) => wire.connect_securely(port).await,
            Over::Registration => {
                let way = wire.desk().registered_over.clone();
                way.expect("somebody has registered")
            }
        };
        let call_id = token();
        let mut dialog = wire.join(&call_id);
        let invite = Message::request("INVITE", &self.uri)
            .with("Via", &wire.via(&way))
            .with("From", &format!("{};tag={}", self.from, token()))
            .with("To", &self.to)
            .with("Call-ID", &call_id)
            .with("CSeq", "1 INVITE")
            .with("Contact", &contact(&wire, &way))
            .with("Max-Forwards", "70")
            .with_sdp(self.sdp);
        let reply = wire.ask(&invite, &mut dialog, &way).await;
        let mut call = Calling {
            wire,
            way,
            dialog,
            invite,
            heard: Vec::new(),
            answered: reply.is_some(),
            answer: None,
            sequence: 1,
        };
        if let Some(reply) = reply {
            call.hears(reply).await;
        }
        call
    }
}

fn contact(wire: &Wire, way: &Way) -> String {
    match way {
        Way::Udp(_) => format!("<sip:{}>", wire.address),
        Way::Tcp(_) => format!("<sip:{};transport=tcp>", wire.address),
        Way::Tls(_) => format!("<sip:{};transport=tls>", wire.address),
    }
}

impl Calling {
    /// Until the caller hears ringing: 180, and nothing else before.
    pub async fn rings(&mut self) {
        while self.heard.is_empty() {
            self.next(PATIENCE).await;
        }
        assert_eq!(self.heard, [180], "the caller should hear ringing");
    }

    pub async fn is_answered(&mut self) -> Message {
        let status = self.last(PATIENCE).await;
        assert_eq!(
            status, 200,
            "the call should be answered; heard {:?}",
            self.heard
        );
        self.answer.clone().expect("kept when it came")
    }

    /// The status with which it ends unanswered.
    pub async fn is_refused(&mut self) -> u16 {
        let status = self.last(PATIENCE).await;
        assert!(
            status >= 300,
            "the call was answered; heard {:?}",
            self.heard
        );
        status
    }

    /// Whether nothing at all came back.
    pub fn is_ignored(&self) -> bool {
        !self.answered
    }

    /// Asks inside the call, and has it confirmed that the call is there.
    pub async fn is_up(&mut self) {
        let answer = self.answer.as_ref().expect("only an answered call is up");
        self.sequence += 1;
        let update = self.inside("UPDATE", answer, self.sequence);
        let reply = self.wire.ask(&update, &mut self.dialog, &self.way).await;
        let status = reply.map(|reply| reply.status());
        assert_eq!(status, Some(200), "UPDATE inside the call");
    }

    pub async fn hang_up(mut self) {
        let answer = self.answer.as_ref().expect("only an answered call ends so");
        let bye = self.inside("BYE", answer, self.sequence + 1);
        let reply = self.wire.ask(&bye, &mut self.dialog, &self.way).await;
        assert_eq!(reply.map(|reply| reply.status()), Some(200), "BYE");
    }

    pub async fn other_side_hangs_up(mut self) {
        wait_for(&mut self.dialog, "BYE").await;
    }

    async fn last(&mut self, limit: Duration) -> u16 {
        let start = Instant::now();
        loop {
            match self.heard.last() {
                Some(&status) if status >= 200 => return status,
                _ => self.next(limit.saturating_sub(start.elapsed())).await,
            }
        }
    }

    async fn next(&mut self, limit: Duration) {
        let Ok(reply) = timeout(limit, self.dialog.recv()).await else {
            panic!("nothing more within {limit:?}; heard {:?}", self.heard);
        };
        self.hears(reply.expect("the provider is there")).await;
    }

    async fn hears(&mut self, reply: Message) {
        let status = reply.status();
        if reply.header("CSeq") != self.invite.header("CSeq") || status <= 100 {
            return;
        }
        self.heard.push(status);
        if status >= 300 {
            let ack = self.ack_of_refusal(&reply);
            self.wire.confirm(&reply, &ack, &self.way).await;
        } else if status >= 200 {
            let ack = self.inside("ACK", &reply, 1);
            self.wire.confirm(&reply, &ack, &self.way).await;
            self.answer = Some(reply);
        }
    }

    fn inside(&self, method: &str, answer: &Message, sequence: u32) -> Message {
        Message::request(method, answer.uri("Contact"))
            .with("Via", &self.wire.via(&self.way))
            .with("From", self.invite.header("From"))
            .with("To", answer.header("To"))
            .with("Call-ID", self.invite.call_id())
            .with("CSeq", &format!("{sequence} {method}"))
            .with("Contact", &contact(&self.wire, &self.way))
            .with("Max-Forwards", "70")
    }

    /// A refusal is confirmed inside the transaction of its INVITE.
    fn ack_of_refusal(&self, reply: &Message) -> Message {
        let uri = self.invite.first.split(' ').nth(1).unwrap_or_default();
        Message::request("ACK", uri)
            .with("Via", self.invite.header("Via"))
            .with("From", self.invite.header("From"))
            .with("To", reply.header("To"))
            .with("Call-ID", self.invite.call_id())
            .with("CSeq", "1 ACK")
            .with("Max-Forwards", "70")
    }
}

impl Arrived {
    pub(super) fn new(
        wire: &Arc<Wire>,
        invite: Message,
        way: Way,
        dialog: UnboundedReceiver<Message>,
    ) -> Self {
        Self {
            wire: Arc::clone(wire),
            way,
            dialog,
            invite,
            tag: token(),
            sequence: 0,
        }
    }

    /// Which number is called.
    pub fn number(&self) -> String {
        user_of(self.invite.first.split(' ').nth(1).unwrap_or_default())
    }

    /// Who calls, by From.
    pub fn caller(&self) -> String {
        user_of(self.invite.uri("From"))
    }

    /// The number in an identity header; empty without one.
    pub fn identity(&self, header: &str) -> String {
        user_of(self.invite.uri(header))
    }

    pub async fn ring(&self) {
        self.reply(180, "Ringing", None).await;
    }

    pub async fn answer(&mut self) {
        self.answer_with(silence(self.wire.address)).await;
    }

    /// Answers with this description of its sound.
    pub async fn answer_with(&mut self, sdp: String) {
        self.reply(200, "OK", Some(sdp)).await;
        wait_for(&mut self.dialog, "ACK").await;
    }

    pub async fn refuse(mut self, status: u16) {
        self.reply(status, "Refused", None).await;
        wait_for(&mut self.dialog, "ACK").await;
    }

    /// Until the caller gives up.
    pub async fn stops_ringing(mut self) {
        wait_for(&mut self.dialog, "CANCEL").await;
        self.reply(487, "Request Terminated", None).await;
        wait_for(&mut self.dialog, "ACK").await;
    }

    /// Asks inside the call, and has it confirmed that the call is there.
    pub async fn is_up(&mut self) {
        self.sequence += 1;
        let update = self.inside("UPDATE", self.sequence);
        let reply = self.wire.ask(&update, &mut self.dialog, &self.way).await;
        let status = reply.map(|reply| reply.status());
        assert_eq!(status, Some(200), "UPDATE inside the call");
    }

    pub async fn hang_up(mut self) {
        let bye = self.inside("BYE", self.sequence + 1);
        let reply = self.wire.ask(&bye, &mut self.dialog, &self.way).await;
        assert_eq!(reply.map(|reply| reply.status()), Some(200), "BYE");
    }

    fn inside(&self, method: &str, sequence: u32) -> Message {
        let from = format!("{};tag={}", self.invite.header("To"), self.tag);
        Message::request(method, self.invite.uri("Contact"))
            .with("Via", &self.wire.via(&self.way))
            .with("From", &from)
            .with("To", self.invite.header("From"))
            .with("Call-ID", self.invite.call_id())
            .with("CSeq", &format!("{sequence} {method}"))
            .with("Contact", &contact(&self.wire, &self.way))
            .with("Max-Forwards", "70")
    }

    pub async fn other_side_hangs_up(mut self) {
        wait_for(&mut self.dialog, "BYE").await;
    }

    async fn reply(&self, status: u16, reason: &str, sdp: Option<String>) {
        let mut reply = Message::reply(&self.invite, status, reason);
        for (name, value) in &mut reply.headers {
            if name.eq_ignore_ascii_case("to") || name == "t" {
                value.push_str(";tag=");
                value.push_str(&self.tag);
            }
        }
        reply = reply.with("Contact", &contact(&self.wire, &self.way));
        if let Some(sdp) = sdp {
            reply = reply.with_sdp(sdp);
        }
        self.wire.answer(&self.invite, &reply, &self.way).await;
    }
}

async fn wait_for(dialog: &mut UnboundedReceiver<Message>, method: &str) {
    let arrives = async {
        loop {
            let message = dialog.recv().await.expect("the provider is there");
            if message.status() == 0 && message.method() == method {
                return;
            }
        }
    };
    in_time(method, arrives).await;
}
