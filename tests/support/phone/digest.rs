//! The answer to "what is your password?" (RFC 2617, MD5).

use std::fmt::Write as _;

use md5::{Digest, Md5};

use super::message::Message;
use super::token;

/// The Authorization header for a challenge.
pub fn authorize(challenge: &Message, method: &str, uri: &str, user: &str, secret: &str) -> String {
    let offered = challenge
        .all("WWW-Authenticate")
        .find(|offer| !offer.contains("SHA"))
        .expect("a challenge with MD5");
    let (realm, nonce) = (part(offered, "realm"), part(offered, "nonce"));
    let (secret_hash, request_hash) = (
        hex(&format!("{user}:{realm}:{secret}")),
        hex(&format!("{method}:{uri}")),
    );
    let cnonce = token();
    let response = hex(&format!(
        "{secret_hash}:{nonce}:00000001:{cnonce}:auth:{request_hash}"
    ));
    let opaque = part(offered, "opaque");
    format!(
        "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
         algorithm=MD5, cnonce=\"{cnonce}\", opaque=\"{opaque}\", qop=auth, nc=00000001"
    )
}

fn part<'a>(challenge: &'a str, name: &str) -> &'a str {
    let start = format!("{name}=\"");
    challenge
        .split_once(&start)
        .and_then(|(_, rest)| rest.split('"').next())
        .unwrap_or_default()
}

fn hex(text: &str) -> String {
    let mut hex = String::with_capacity(32);
    for byte in Md5::digest(text) {
        write!(hex, "{byte:02x}").expect("text");
    }
    hex
}
