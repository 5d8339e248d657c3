//! Who may register, with which password (RFC 2617, MD5), and who is registered where.

use std::collections::HashMap;
use std::fmt::Write as _;

use md5::{Digest, Md5};

use super::rules::Rules;
use super::token;
use crate::support::phone::Message;

/// What becomes of a REGISTER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// By the rules: asks for the password, and looks whether it is right.
    Checked,
    /// Refused, whatever the password.
    Refused(u16),
    None,
}

#[derive(Debug)]
pub struct Registrar {
    pub realm: String,
    nonce: String,
    pub accounts: HashMap<String, String>,
    /// Contacts by account.
    pub bindings: HashMap<String, String>,
    pub answer: Answer,
    pub grants: Option<u64>,
    pub challenges_calls: bool,
    /// None: whoever has an account may say what they like.
    pub rules: Option<Rules>,
}

impl Registrar {
    pub fn new() -> Self {
        Self {
            realm: "provider.example".into(),
            nonce: token(),
            accounts: HashMap::new(),
            bindings: HashMap::new(),
            answer: Answer::Checked,
            grants: None,
            challenges_calls: false,
            rules: None,
        }
    }

    pub fn register(&mut self, request: &Message) -> Option<Message> {
        match self.answer {
            Answer::None => return None,
            Answer::Refused(status) => return Some(Message::reply(request, status, "Refused")),
            Answer::Checked => {}
        }
        let rules = self.rules.as_ref();
        if let Some((status, why)) = rules.and_then(|rules| rules.refuse_register(request)) {
            return Some(Message::reply(request, status, why));
        }
        if let Some(challenge) = self.challenge(request, 401) {
            return Some(challenge);
        }
        // It only asks which contacts there are.
        if request.header("Contact").is_empty() {
            return Some(Message::reply(request, 200, "OK"));
        }
        let (user, contact) = (user_of(request.uri("To")), request.header("Contact"));
        let asked = contact
            .rsplit_once("expires=")
            .map_or(request.header("Expires"), |(_, seconds)| seconds);
        let asked: u64 = asked.trim().parse().unwrap_or(3600);
        let reply = Message::reply(request, 200, "OK");
        if asked == 0 {
            self.bindings.remove(&user);
            return Some(reply);
        }
        let uri = request.uri("Contact").to_owned();
        let seconds = self.grants.unwrap_or(asked);
        let granted = format!("<{uri}>;expires={seconds}");
        self.bindings.insert(user, uri);
        Some(reply.with("Contact", &granted))
    }

    /// The first answer to a call, if it is not the bell.
    pub fn call(&self, invite: &Message) -> Option<Message> {
        let rules = self.rules.as_ref();
        if let Some((status, why)) = rules.and_then(|rules| rules.refuse_call(invite)) {
            return Some(Message::reply(invite, status, why));
        }
        if self.challenges_calls {
            return self.challenge(invite, 407);
        }
        None
    }

    /// The question for a password, or the refusal of a wrong one; none for a right one.
    pub fn challenge(&self, request: &Message, status: u16) -> Option<Message> {
        let (asks, says) = match status {
            401 => ("WWW-Authenticate", "Authorization"),
            _ => ("Proxy-Authenticate", "Proxy-Authorization"),
        };
        let given = request.header(says);
        // A nonce it does not know is no answer to its question.
        if part(given, "nonce") != self.nonce {
            let (realm, nonce) = (&self.realm, &self.nonce);
            let offer =
                format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\"");
            return Some(Message::reply(request, status, "Who are you?").with(asks, &offer));
        }
        let right = self.accounts.get(&part(given, "username"));
        let right = right.is_some_and(|password| self.proves(given, request.method(), password));
        (!right).then(|| Message::reply(request, 403, "Wrong password"))
    }

    fn proves(&self, given: &str, method: &str, password: &str) -> bool {
        let [user, uri, nc, cnonce] =
            ["username", "uri", "nc", "cnonce"].map(|name| part(given, name));
        let (realm, nonce) = (&self.realm, &self.nonce);
        let secret = hex(&format!("{user}:{realm}:{password}"));
        let request = hex(&format!("{method}:{uri}"));
        let expected = hex(&format!("{secret}:{nonce}:{nc}:{cnonce}:auth:{request}"));
        part(given, "response") == expected
    }
}

/// `sip:user@host;parameters`
pub fn user_of(uri: &str) -> String {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let user = rest.split_once('@').map_or("", |(user, _)| user);
    user.split(';').next().unwrap_or_default().to_owned()
}

fn part(header: &str, name: &str) -> String {
    let parts = header.strip_prefix("Digest ").unwrap_or(header).split(',');
    let found = parts
        .filter_map(|part| part.trim().split_once('='))
        .find(|(key, _)| *key == name);
    found.map_or_else(String::new, |(_, value)| value.trim_matches('"').to_owned())
}

fn hex(text: &str) -> String {
    let digest = Md5::digest(text);
    digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("text");
        hex
    })
}
