//! SIP messages as text: enough to write requests and to read what Asterisk sends.

use std::fmt::Write as _;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Request line or status line.
    pub first: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Message {
    pub fn request(method: &str, uri: &str) -> Self {
        Self {
            first: format!("{method} {uri} SIP/2.0"),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// An answer with everything an answer repeats of its request.
    pub fn reply(to: &Self, status: u16, reason: &str) -> Self {
        let mut reply = Self {
            first: format!("SIP/2.0 {status} {reason}"),
            headers: Vec::new(),
            body: String::new(),
        };
        for (name, value) in &to.headers {
            if ["via", "record-route", "from", "to", "call-id", "cseq"]
                .contains(&long(name).as_str())
            {
                reply.headers.push((name.clone(), value.clone()));
            }
        }
        reply
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn with_if(self, name: &str, value: &str) -> Self {
        if value.is_empty() {
            self
        } else {
            self.with(name, value)
        }
    }

    pub fn with_sdp(self, sdp: String) -> Self {
        Self {
            body: sdp,
            ..self.with("Content-Type", "application/sdp")
        }
    }

    pub fn parse(datagram: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(datagram).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let first = lines.next()?.to_owned();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect();
        Some(Self {
            first,
            headers,
            body: body.to_owned(),
        })
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{}\r\n", self.first);
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").expect("text");
        }
        write!(
            text,
            "Content-Length: {}\r\n\r\n{}",
            self.body.len(),
            self.body
        )
        .expect("text");
        text.into_bytes()
    }

    /// The status of an answer; 0 for a request.
    pub fn status(&self) -> u16 {
        let status = self.first.strip_prefix("SIP/2.0 ");
        status
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .unwrap_or(0)
    }

    pub fn method(&self) -> &str {
        if self.status() > 0 {
            self.header("CSeq").split(' ').nth(1).unwrap_or_default()
        } else {
            self.first.split(' ').next().unwrap_or_default()
        }
    }

    /// The first header of this name, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let wanted = name.to_ascii_lowercase();
        let found = self.headers.iter().find(|(name, _)| long(name) == wanted);
        found.map_or("", |(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let wanted = name.to_ascii_lowercase();
        self.headers
            .iter()
            .filter(move |(name, _)| long(name) == wanted)
            .map(|(_, value)| value.as_str())
    }

    pub fn call_id(&self) -> &str {
        self.header("Call-ID")
    }

    pub fn sequence(&self) -> u32 {
        let number = self.header("CSeq").split(' ').next();
        number.and_then(|n| n.parse().ok()).unwrap_or(0)
    }

    /// The address inside a Contact, From or To.
    pub fn uri(&self, header: &str) -> &str {
        let value = self.header(header);
        // The last one: the name before it may hold anything.
        let after = value.rfind("<sip").map_or(value, |at| &value[at + 1..]);
        after.split('>').next().unwrap_or(after)
    }

    /// The name beside that address, as a phone shows it.
    pub fn display_name(&self, header: &str) -> String {
        let value = self.header(header);
        // The last one: the name may hold anything.
        let before = value.rfind("<sip").map_or("", |at| &value[..at]).trim();
        let Some(quoted) = before.strip_prefix('"').and_then(|b| b.strip_suffix('"')) else {
            return before.to_owned();
        };
        let mut name = String::new();
        let mut characters = quoted.chars();
        while let Some(c) = characters.next() {
            name.push(if c == '\\' {
                characters.next().unwrap_or(c)
            } else {
                c
            });
        }
        name
    }

    /// One request and its repetitions have the same.
    pub fn transaction(&self) -> String {
        let via = self.header("Via");
        let branch = via
            .split(';')
            .find_map(|part| part.trim().strip_prefix("branch="));
        format!("{} {}", branch.unwrap_or_default(), self.method())
    }
}

/// Header names may be one letter.
fn long(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "v" => "via".into(),
        "f" => "from".into(),
        "t" => "to".into(),
        "i" => "call-id".into(),
        "m" => "contact".into(),
        "c" => "content-type".into(),
        "l" => "content-length".into(),
        other => other.to_owned(),
    }
}
