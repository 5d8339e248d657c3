//! The two sides of a call, as the phones see them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::media::Media;
use super::message::Message;
use super::wire::Wire;
use super::{Phone, digest, token};
use crate::support::poll::{PATIENCE, in_time};

/// The side that dialled.
#[derive(Debug)]
pub struct Outgoing {
    wire: Arc<Wire>,
    dialog: UnboundedReceiver<Message>,
    invite: Message,
    /// Statuses heard, in order, without 100 and 401.
    pub heard: Vec<u16>,
    pub started: Instant,
    answer: Option<Message>,
    /// Of the last request inside the call.
    sequence: u32,
    media: Media,
}

/// The side that rings.
#[derive(Debug)]
pub struct Incoming {
    wire: Arc<Wire>,
    dialog: UnboundedReceiver<Message>,
    pub invite: Message,
    contact: String,
    tag: String,
    /// Of the last request inside the call.
    sequence: u32,
    media_port: Option<Media>,
}

impl Outgoing {
    pub(super) async fn start(
        phone: &Phone,
        from: &str,
        digits: &str,
        diversion: Option<&str>,
    ) -> Self {
        let wire = Arc::clone(&phone.wire);
        let media = Media::open().await;
        let (call_id, tag) = (token(), token());
        let mut dialog = wire.join(&call_id);
        let uri = format!("sip:{digits}@{}", wire.server);
        let started = Instant::now();
        let invite = |sequence: u32, authorization: &str| {
            Message::request("INVITE", &uri)
                .with("Via", &wire.via())
                .with("From", &format!("{from};tag={tag}"))
                .with("To", &format!("<{uri}>"))
                .with("Call-ID", &call_id)
                .with("CSeq", &format!("{sequence} INVITE"))
                .with("Contact", &format!("<{}>", phone.contact()))
                .with("Max-Forwards", "70")
                .with_if("Diversion", diversion.unwrap_or_default())
                .with_if("Authorization", authorization)
                .with_sdp(media.sdp())
        };
        let first = invite(1, "");
        let mut reply = wire.ask(&first, &mut dialog).await;
        while reply.status() < 200 {
            reply = in_time("an answer to INVITE", dialog.recv())
                .await
                .expect("the phone is on");
        }
        wire.confirm(&reply, &ack_of_refusal(&first, &reply)).await;
        let (mut sent, mut heard) = (first, Vec::new());
        if reply.status() == 401 {
            let authorization =
                digest::authorize(&reply, "INVITE", &uri, &phone.number, &phone.secret);
            sent = invite(2, &authorization);
            wire.send(&sent).await;
        } else {
            heard.push(reply.status());
        }
        Self {
            wire,
            dialog,
            invite: sent,
            heard,
            started,
            answer: None,
            sequence: 2,
            media,
        }
    }

    /// Until the caller hears ringing: 180, and nothing else before.
    pub async fn rings(&mut self) {
        let status = self.next(PATIENCE).await;
        assert_eq!(status, 180, "the caller should hear ringing");
    }

    /// Until somebody answers.
    pub async fn is_answered(&mut self) -> Message {
        let status = self.last(PATIENCE).await;
        assert_eq!(
            status, 200,
            "the call should be answered; heard {:?}",
            self.heard
        );
        self.answer.clone().expect("kept when it came")
    }

    /// The status with which it is answered or refused, whichever comes.
    pub async fn ends_with(&mut self) -> u16 {
        self.last(PATIENCE).await
    }

    /// The status with which it ends unanswered.
    pub async fn is_refused(&mut self) -> u16 {
        self.is_refused_within(PATIENCE).await
    }

    pub async fn is_refused_within(&mut self, limit: Duration) -> u16 {
        let status = self.last(limit).await;
        assert!(
            status >= 300,
            "the call was answered; heard {:?}",
            self.heard
        );
        status
    }

    pub async fn hears_an_echo(&self) {
        let answer = self.answer.as_ref().expect("answered before");
        self.media.is_echoed(answer).await;
    }

    /// Says twenty milliseconds of the tone.
    pub async fn speaks(&self, sequence: u16) {
        let answer = self.answer.as_ref().expect("answered before");
        self.media.speak(answer, sequence).await;
    }

    /// Puts the other side on hold.
    pub async fn holds(&mut self) {
        let description = self.media.sdp_on_hold();
        self.describe(description).await;
    }

    /// Takes it back.
    pub async fn resumes(&mut self) {
        let description = self.media.sdp();
        self.describe(description).await;
    }

    async fn describe(&mut self, description: String) {
        let answer = self.answer.clone().expect("only an answered call is held");
        self.sequence += 1;
        let invite = self
            .inside("INVITE", &answer, self.sequence)
            .with_sdp(description);
        let mut reply = self.wire.ask(&invite, &mut self.dialog).await;
        while reply.status() < 200 {
            reply = in_time("an answer inside the call", self.dialog.recv())
                .await
                .expect("the phone is on");
        }
        assert_eq!(reply.status(), 200, "INVITE inside the call");
        let ack = self.inside("ACK", &answer, self.sequence);
        self.wire.confirm(&reply, &ack).await;
    }

    /// Before or after somebody answers.
    pub async fn hears_music(&self) {
        self.media.hears_music().await;
    }

    /// Says something until the other side hears it.
    pub async fn is_heard_by(&self, other: &Incoming) {
        let media = other.media_port.as_ref().expect("it has answered");
        self.reaches(media).await;
    }

    /// The same where the other side has dialled, too.
    pub async fn is_heard_by_caller(&self, other: &Self) {
        self.reaches(&other.media).await;
    }

    async fn reaches(&self, media: &Media) {
        media.forget();
        let says = async {
            for sequence in 0_u16.. {
                self.speaks(sequence).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = media.hears_tone() => {}
            () = says => {}
        }
    }

    /// Says a clear tone of 440 Hz.
    pub async fn sings(&mut self, time: Duration) {
        let answer = self.answer.as_ref().expect("answered before");
        self.media.sing(answer, time).await;
    }

    /// Presses keys, as RFC 4733 sends them.
    pub async fn presses(&mut self, keys: &str) {
        let answer = self.answer.as_ref().expect("answered before");
        self.media.press(answer, keys).await;
    }

    /// Until nothing has been heard for a while: for how long something was.
    pub async fn hears_nothing_more(&mut self) -> Duration {
        self.media.falls_silent().await
    }

    /// Until the tone that another phone sang has been heard for a second.
    pub async fn hears_singing(&mut self) {
        self.media.hears_singing().await;
    }

    /// The same to its end: how long it was.
    pub async fn hears_singing_out(&mut self) -> Duration {
        self.media.hears_singing_out().await
    }

    /// Whether the other side has hung up until now.
    pub fn is_over(&mut self) -> bool {
        while let Ok(message) = self.dialog.try_recv() {
            if message.method() == "BYE" && message.status() == 0 {
                return true;
            }
        }
        false
    }

    /// Asks inside the call, and has it confirmed that the call is there.
    pub async fn is_up(&mut self) {
        let answer = self.answer.as_ref().expect("only an answered call is up");
        self.sequence += 1;
        let update = self.inside("UPDATE", answer, self.sequence);
        let reply = self.wire.ask(&update, &mut self.dialog).await;
        assert_eq!(reply.status(), 200, "UPDATE inside the call");
    }

    pub async fn hang_up(mut self) {
        let answer = self
            .answer
            .as_ref()
            .expect("only an answered call is hung up");
        let bye = self.inside("BYE", answer, self.sequence + 1);
        let reply = self.wire.ask(&bye, &mut self.dialog).await;
        assert_eq!(reply.status(), 200, "BYE");
    }

    pub async fn other_side_hangs_up(mut self) {
        wait_for(&mut self.dialog, "BYE").await;
    }

    /// Gives up before anybody answered.
    pub async fn cancel(mut self) {
        let uri = self.invite.first.split(' ').nth(1).unwrap_or_default();
        let cancel = Message::request("CANCEL", uri)
            .with("Via", self.invite.header("Via"))
            .with("From", self.invite.header("From"))
            .with("To", self.invite.header("To"))
            .with("Call-ID", self.invite.call_id())
            .with("CSeq", &format!("{} CANCEL", self.invite.sequence()))
            .with("Max-Forwards", "70");
        let reply = self.wire.ask(&cancel, &mut self.dialog).await;
        assert_eq!(reply.status(), 200, "CANCEL");
        assert_eq!(self.last(PATIENCE).await, 487, "the cancelled INVITE");
    }

    /// The next status that tells the caller something new.
    async fn next(&mut self, limit: Duration) -> u16 {
        let start = Instant::now();
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let Ok(heard) = timeout(left, self.dialog.recv()).await else {
                panic!("nothing more within {limit:?}; heard {:?}", self.heard);
            };
            let reply = heard.expect("the phone is on");
            let status = reply.status();
            if reply.header("CSeq") != self.invite.header("CSeq") || status <= 100 {
                continue;
            }
            self.heard.push(status);
            if (200..300).contains(&status) {
                let ack = self.inside("ACK", &reply, self.invite.sequence());
                self.wire.confirm(&reply, &ack).await;
                self.answer = Some(reply);
            } else if status >= 300 {
                self.wire
                    .confirm(&reply, &ack_of_refusal(&self.invite, &reply))
                    .await;
            }
            return status;
        }
    }

    async fn last(&mut self, limit: Duration) -> u16 {
        let start = Instant::now();
        loop {
            match self.heard.last() {
                Some(&status) if status >= 200 => return status,
                _ => self.next(limit.saturating_sub(start.elapsed())).await,
            };
        }
    }

    fn inside(&self, method: &str, answer: &Message, sequence: u32) -> Message {
        Message::request(method, answer.uri("Contact"))
            .with("Via", &self.wire.via())
            .with("From", self.invite.header("From"))
            .with("To", answer.header("To"))
            .with("Call-ID", self.invite.call_id())
            .with("CSeq", &format!("{sequence} {method}"))
            .with("Contact", self.invite.header("Contact"))
            .with("Max-Forwards", "70")
    }
}

/// A refusal is confirmed inside the transaction of its INVITE.
fn ack_of_refusal(invite: &Message, reply: &Message) -> Message {
    let uri = invite.first.split(' ').nth(1).unwrap_or_default();
    Message::request("ACK", uri)
        .with("Via", invite.header("Via"))
        .with("From", invite.header("From"))
        .with("To", reply.header("To"))
        .with("Call-ID", invite.call_id())
        .with("CSeq", &format!("{} ACK", invite.sequence()))
        .with("Max-Forwards", "70")
}

async fn wait_for(dialog: &mut UnboundedReceiver<Message>, method: &str) -> Message {
    let arrives = async {
        loop {
            let message = dialog.recv().await.expect("the phone is on");
            if message.status() == 0 && message.method() == method {
                return message;
            }
        }
    };
    in_time(method, arrives).await
}

impl Incoming {
    pub(super) fn new(phone: &Phone, invite: Message, dialog: UnboundedReceiver<Message>) -> Self {
        Self {
            wire: Arc::clone(&phone.wire),
            dialog,
            invite,
            contact: format!("<{}>", phone.contact()),
            tag: token(),
            sequence: 0,
            media_port: None,
        }
    }

    /// What the display shows.
    pub fn caller_name(&self) -> String {
        self.invite.display_name("From")
    }

    pub fn caller_number(&self) -> String {
        let uri = self.invite.uri("From").trim_start_matches("sip:");
        uri.split('@').next().unwrap_or_default().to_owned()
    }

    /// Tells the caller that it rings.
    pub async fn ring(&self) {
        self.reply(180, "Ringing", None).await;
    }

    pub async fn answer(&mut self) {
        let media = Media::open().await;
        self.reply(200, "OK", Some(media.sdp())).await;
        self.media_port = Some(media);
        wait_for(&mut self.dialog, "ACK").await;
    }

    pub async fn hears_music(&self) {
        let media = self.media_port.as_ref().expect("answered before");
        media.hears_music().await;
    }

    pub async fn busy(self) {
        self.refuse(486, "Busy Here").await;
    }

    pub async fn decline(self) {
        self.refuse(603, "Decline").await;
    }

    pub async fn refuse(mut self, status: u16, reason: &str) {
        self.reply(status, reason, None).await;
        wait_for(&mut self.dialog, "ACK").await;
    }

    /// Until the caller, or the time, ends the ringing.
    pub async fn stops_ringing(mut self) {
        wait_for(&mut self.dialog, "CANCEL").await;
        self.reply(487, "Request Terminated", None).await;
        wait_for(&mut self.dialog, "ACK").await;
    }

    pub async fn other_side_hangs_up(mut self) {
        wait_for(&mut self.dialog, "BYE").await;
    }

    /// Whether the other side has hung up until now.
    pub fn is_over(&mut self) -> bool {
        while let Ok(message) = self.dialog.try_recv() {
            if message.method() == "BYE" && message.status() == 0 {
                return true;
            }
        }
        false
    }

    /// Asks inside the call, and has it confirmed that the call is there.
    pub async fn is_up(&mut self) {
        self.sequence += 1;
        let update = self.inside("UPDATE", self.sequence);
        let reply = self.wire.ask(&update, &mut self.dialog).await;
        assert_eq!(reply.status(), 200, "UPDATE inside the call");
    }

    /// Hands the other side over to a number, as the transfer key does, and is out of the call when it hears that the
    /// other side is on its way: who hangs up before may take the other side along. Both talk when it happens; Asterisk
    /// hands over nobody in the moment between the answer and the first word.
    pub async fn transfers(mut self, other: &Outgoing, digits: &str) {
        other.is_heard_by(&self).await;
        self.sequence += 1;
        let digits = digits.replace('#', "%23");
        let refer = self
            .inside("REFER", self.sequence)
            .with("Refer-To", &format!("<sip:{digits}@{}>", self.wire.server));
        let reply = self.wire.ask(&refer, &mut self.dialog).await;
        assert_eq!(reply.status(), 202, "REFER");
        loop {
            let news = wait_for(&mut self.dialog, "NOTIFY").await;
            if !news.body.starts_with("SIP/2.0 100") {
                assert!(!news.body.starts_with("SIP/2.0 4"), "{}", news.body);
                break;
            }
        }
        let bye = self.inside("BYE", self.sequence + 1);
        let reply = self.wire.ask(&bye, &mut self.dialog).await;
        // Asterisk may have hung up at the same time.
        assert!(matches!(reply.status(), 200 | 481), "{}", reply.first);
    }

    pub async fn hang_up(mut self) {
        let bye = self.inside("BYE", self.sequence + 1);
        let reply = self.wire.ask(&bye, &mut self.dialog).await;
        assert_eq!(reply.status(), 200, "BYE");
    }

    fn inside(&self, method: &str, sequence: u32) -> Message {
        let from = format!("{};tag={}", self.invite.header("To"), self.tag);
        Message::request(method, self.invite.uri("Contact"))
            .with("Via", &self.wire.via())
            .with("From", &from)
            .with("To", self.invite.header("From"))
            .with("Call-ID", self.invite.call_id())
            .with("CSeq", &format!("{sequence} {method}"))
            .with("Contact", &self.contact)
            .with("Max-Forwards", "70")
    }

    async fn reply(&self, status: u16, reason: &str, sdp: Option<String>) {
        let mut reply = Message::reply(&self.invite, status, reason);
        for (name, value) in &mut reply.headers {
            if name.eq_ignore_ascii_case("to") || name == "t" {
                value.push_str(";tag=");
                value.push_str(&self.tag);
            }
        }
        reply = reply.with("Contact", &self.contact);
        if let Some(sdp) = sdp {
            reply = reply.with_sdp(sdp);
        }
        self.wire.answer(&self.invite, &reply).await;
    }
}
