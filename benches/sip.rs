//! SIP messages as text, just as much of them as a load generator needs.

use std::fmt::Write;

use md5::{Digest, Md5};

#[derive(Debug, Clone)]
pub struct Message(String);

/// Audio is offered and never sent.
pub const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n";

impl Message {
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        (text.len() > 4).then(|| Self(text.to_owned()))
    }

    pub fn request(method: &str, uri: &str) -> Self {
        Self(format!("{method} {uri} SIP/2.0\r\n"))
    }

    /// The answer to a request, with what has to be repeated of it.
    pub fn answer(request: &Self, status: &str, tag: &str) -> Self {
        let mut answer = Self(format!("SIP/2.0 {status}\r\n"));
        for name in ["Via", "Record-Route", "From", "Call-ID", "CSeq"] {
            for value in request.all(name) {
                answer = answer.with(name, value);
            }
        }
        let to = request.header("To");
        if to.contains(";tag=") {
            answer.with("To", to)
        } else {
            answer.with("To", &format!("{to};tag={tag}"))
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        // Writing to a String cannot fail.
        let _written = write!(self.0, "{name}: {value}\r\n");
        self
    }

    /// The same branch as the request that was answered so.
    pub fn in_transaction_of(self, answer: &Self) -> Self {
        let own = format!("Via: {}\r\n", self.header("Via"));
        let theirs = format!("Via: {}\r\n", answer.header("Via"));
        Self(self.0.replacen(&own, &theirs, 1))
    }

    /// The text to send.
    pub fn finish(self, sdp: &str) -> String {
        let with = if sdp.is_empty() {
            self
        } else {
            self.with("Content-Type", "application/sdp")
        };
        let Self(head) = with.with("Content-Length", &sdp.len().to_string());
        format!("{head}\r\n{sdp}")
    }

    fn first(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }

    pub fn method(&self) -> &str {
        self.first().split(' ').next().unwrap_or_default()
    }

    /// 0 for a request.
    pub fn status(&self) -> u16 {
        let code = self.first().strip_prefix("SIP/2.0 ");
        code.and_then(|code| code.get(..3)?.parse().ok())
            .unwrap_or(0)
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty())
            .filter_map(move |line| {
                let (found, value) = line.split_once(':')?;
                found
                    .trim()
                    .eq_ignore_ascii_case(name)
                    .then_some(value.trim())
            })
    }

    pub fn header(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    pub fn sequence(&self) -> u32 {
        let number = self.header("CSeq").split(' ').next();
        number
            .and_then(|number| number.parse().ok())
            .unwrap_or_default()
    }

    /// Where the other side wants requests of the dialog.
    pub fn contact(&self) -> &str {
        let value = self.header("Contact");
        value
            .split_once('<')
            .and_then(|(_, rest)| rest.split('>').next())
            .unwrap_or(value)
    }

    /// What answers the question for a password.
    pub fn credentials(&self, method: &str, uri: &str, user: &str, secret: &str) -> String {
        let offer = self
            .all("WWW-Authenticate")
            .find(|offer| !offer.contains("SHA"))
            .unwrap_or_default();
        let (realm, nonce, opaque) = (
            part(offer, "realm"),
            part(offer, "nonce"),
            part(offer, "opaque"),
        );
        let account = md5(&format!("{user}:{realm}:{secret}"));
        let request = md5(&format!("{method}:{uri}"));
        let cnonce = token();
        let response = md5(&format!(
            "{account}:{nonce}:00000001:{cnonce}:auth:{request}"
        ));
        format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", algorithm=MD5, cnonce=\"{cnonce}\", opaque=\"{opaque}\", qop=auth, nc=00000001"
        )
    }
}

fn part<'a>(offer: &'a str, name: &str) -> &'a str {
    offer
        .split_once(&format!("{name}=\""))
        .and_then(|(_, rest)| rest.split('"').next())
        .unwrap_or_default()
}

fn md5(text: &str) -> String {
    let mut digits = String::with_capacity(32);
    for byte in Md5::digest(text) {
        // Writing to a String cannot fail.
        let _written = write!(digits, "{byte:02x}");
    }
    digits
}

/// Text that nobody else uses.
pub fn token() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
