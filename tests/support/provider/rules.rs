//! What a provider insists on, as its customers find out: who says something else is refused.

use super::registrar::user_of;
use crate::support::phone::Message;

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// +4942198961300
    Plus,
    /// 4942198961300
    Digits,
    /// 042198961300, and 00 before the country of others
    National,
    /// 004942198961300
    Zeros,
}

impl Written {
    /// A number in E.164, for somebody in this country.
    pub fn write(self, number: &str, country: &str) -> String {
        let digits = number.trim_start_matches('+');
        match (self, digits.strip_prefix(country)) {
            (Self::Plus, _) => format!("+{digits}"),
            (Self::Digits, _) => digits.to_owned(),
            // In Italy the 0 is part of the number.
            (Self::National, Some(rest)) if country == "39" => rest.to_owned(),
            (Self::National, Some(rest)) => format!("0{rest}"),
            (Self::National, None) | (Self::Zeros, _) => format!("00{digits}"),
        }
    }
}

/// Who is in From.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// One of the customer's numbers, the one that calls.
    Number(Written),
    /// Always the same.
    Line(String),
}

#[derive(Debug, Clone)]
pub struct Rules {
    /// As it stands in Via.
    pub transport: &'static str,
    /// Of all addresses, ours and those of the called.
    pub domain: String,
    /// The address calls are registered for; without one nobody registers here.
    pub line: Option<String>,
    pub sender: Sender,
    /// How the number that calls is written in P-Preferred-Identity; with none that header is not there.
    pub preferred: Option<Written>,
    pub dialled: Written,
    /// Where customers live, and the beginning of their numbers in E.164.
    pub country: &'static str,
    pub customer: String,
}

impl Rules {
    /// The refusal of a REGISTER.
    pub fn refuse_register(&self, request: &Message) -> Option<(u16, &'static str)> {
        let Some(line) = &self.line else {
            return Some((403, "Nobody registers here"));
        };
        let address = format!("sip:{line}@{}", self.domain);
        if !self.travels_well(request) {
            return Some((403, "Wrong transport"));
        }
        if host_of(request_uri(request)) != self.domain {
            return Some((404, "Wrong registrar"));
        }
        if request.uri("To") != address || request.uri("From") != address {
            return Some((404, "Unknown address"));
        }
        None
    }

    /// The refusal of a call.
    pub fn refuse_call(&self, invite: &Message) -> Option<(u16, &'static str)> {
        if !self.travels_well(invite) {
            return Some((403, "Wrong transport"));
        }
        let called = request_uri(invite);
        if host_of(called) != self.domain || host_of(invite.uri("To")) != self.domain {
            return Some((404, "Wrong domain"));
        }
        let number = user_of(called);
        if !self.is_written(&number, self.dialled) || user_of(invite.uri("To")) != number {
            return Some((404, "Unknown number"));
        }
        let from = invite.uri("From");
        let sender = user_of(from);
        let is_sender = match &self.sender {
            Sender::Line(line) => sender == *line,
            Sender::Number(written) => self.is_customers(&sender, *written),
        };
        if host_of(from) != self.domain || !is_sender {
            return Some((403, "Unknown sender"));
        }
        let identity = invite.uri("P-Preferred-Identity");
        let is_known = match self.preferred {
            None => identity.is_empty(),
            Some(written) => {
                host_of(identity) == self.domain && self.is_customers(&user_of(identity), written)
            }
        };
        (!is_known).then_some((403, "Unknown identity"))
    }

    fn travels_well(&self, request: &Message) -> bool {
        let way = format!("SIP/2.0/{} ", self.transport);
        request.header("Via").starts_with(&way)
    }

    fn is_customers(&self, user: &str, written: Written) -> bool {
        user.starts_with(&written.write(&self.customer, self.country))
    }

    fn is_written(&self, number: &str, written: Written) -> bool {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let is_number = digits.len() > 5 && digits.bytes().all(|b| b.is_ascii_digit());
        let begins = match written {
            Written::Plus => number.starts_with('+'),
            Written::Zeros => number.starts_with("00"),
            Written::Digits => !number.starts_with(['+', '0']),
            Written::National => number.starts_with('0') || self.country == "39",
        };
        is_number && begins && number.starts_with('+') == (written == Written::Plus)
    }
}

fn request_uri(request: &Message) -> &str {
    request.first.split(' ').nth(1).unwrap_or_default()
}

/// `sip:user@host:port;parameters`
fn host_of(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let host = rest.split_once('@').map_or(rest, |(_, host)| host);
    host.split([':', ';']).next().unwrap_or(host)
}
