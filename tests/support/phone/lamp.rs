//! A lamp: a phone that watches another extension (BLF) or a mailbox, and what it is told about it.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::message::Message;
use super::wire::Wire;
use super::{Phone, digest, token};
use crate::support::poll::PATIENCE;

/// What a phone wants to be told, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Package {
    /// RFC 4235: `terminated`, `early`, `confirmed`.
    Dialog,
    /// RFC 3856: words for people, such as `Ready` and `Unavailable`.
    Presence,
    /// RFC 3842: how many messages are new and how many old, such as `1/0`.
    Messages,
}

impl Package {
    fn event(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Presence => "presence",
            Self::Messages => "message-summary",
        }
    }

    fn body(self) -> &'static str {
        match self {
            Self::Dialog => "application/dialog-info+xml",
            Self::Presence => "application/pidf+xml",
            Self::Messages => "application/simple-message-summary",
        }
    }

    /// What the lamp shows after this notice.
    fn state(self, notice: &Message) -> Option<String> {
        let (begin, end) = match self {
            Self::Dialog => ("<state>", '<'),
            Self::Presence => ("<note>", '<'),
            Self::Messages => ("Voice-Message: ", ' '),
        };
        let (_, rest) = notice.body.split_once(begin)?;
        Some(rest.split(end).next()?.trim().to_owned())
    }
}

#[derive(Debug)]
pub struct Lamp {
    wire: Arc<Wire>,
    notices: UnboundedReceiver<Message>,
    package: Package,
    request: Message,
    accepted: Message,
    /// Every state it has shown, in order, without repetitions.
    pub shown: Vec<String>,
}

impl Lamp {
    /// The status of a refusal, if it is one.
    pub(super) async fn light(phone: &Phone, number: &str, package: Package) -> Result<Self, u16> {
        let wire = Arc::clone(&phone.wire);
        let (call_id, tag) = (token(), token());
        let mut notices = wire.join(&call_id);
        let uri = format!("sip:{number}@{}", wire.server);
        let subscribe = |sequence: u32, authorization: &str| {
            Message::request("SUBSCRIBE", &uri)
                .with("Via", &wire.via())
                .with(
                    "From",
                    &format!("<sip:{}@{}>;tag={tag}", phone.number, wire.server),
                )
                .with("To", &format!("<{uri}>"))
                .with("Call-ID", &call_id)
                .with("CSeq", &format!("{sequence} SUBSCRIBE"))
                .with("Contact", &format!("<{}>", phone.contact()))
                .with("Max-Forwards", "70")
                .with("Event", package.event())
                .with("Accept", package.body())
                .with("Expires", "600")
                .with_if("Authorization", authorization)
        };
        let challenge = wire.ask(&subscribe(1, ""), &mut notices).await;
        assert_eq!(challenge.status(), 401, "a subscription needs a password");
        let authorization =
            digest::authorize(&challenge, "SUBSCRIBE", &uri, &phone.number, &phone.secret);
        let request = subscribe(2, &authorization);
        let accepted = wire.ask(&request, &mut notices).await;
        if accepted.status() >= 300 {
            return Err(accepted.status());
        }
        Ok(Self {
            wire,
            notices,
            package,
            request,
            accepted,
            shown: Vec::new(),
        })
    }

    /// Until it shows this.
    pub async fn shows(&mut self, state: &str) {
        let start = Instant::now();
        while self.shown.last().is_none_or(|last| last != state) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let Ok(heard) = timeout(left, self.notices.recv()).await else {
                panic!("the lamp does not show {state}, but {:?}", self.shown);
            };
            let notice = heard.expect("the phone is on");
            self.take(&notice);
        }
    }

    /// Gives up watching, and hears that this was the last.
    pub async fn ends(mut self) {
        let uri = self.accepted.uri("Contact").to_owned();
        let end = Message::request("SUBSCRIBE", &uri)
            .with("Via", &self.wire.via())
            .with("From", self.request.header("From"))
            .with("To", self.accepted.header("To"))
            .with("Call-ID", self.request.call_id())
            .with("CSeq", "3 SUBSCRIBE")
            .with("Contact", self.request.header("Contact"))
            .with("Max-Forwards", "70")
            .with("Event", self.package.event())
            .with("Expires", "0");
        let reply = self.wire.ask(&end, &mut self.notices).await;
        assert_eq!(reply.status(), 200, "the end of a subscription");
    }

    fn take(&mut self, notice: &Message) {
        let state = (notice.method() == "NOTIFY" && notice.status() == 0)
            .then(|| self.package.state(notice))
            .flatten();
        if state.is_some() && state.as_ref() != self.shown.last() {
            self.shown.extend(state);
        }
    }
}
