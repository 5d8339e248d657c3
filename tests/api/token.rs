//! Tokens, forged and real.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::pbx;

#[tokio::test]
async fn only_a_token_of_ours_opens_the_door() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let good = eva.api.token();
    let (head, body) = (part(&good, 0), part(&good, 1));
    let secret = pbx.value("GONOPBX_JWT_SECRET").as_bytes();
    let mut expired = claims(&good);
    expired["exp"] = json!(1_700_000_000);
    expired["iat"] = json!(1_700_000_000 - 3600);
    let mut other_name = claims(&good);
    other_name["sub"] = json!("admin");
    let mut no_name = claims(&good);
    no_name.as_object_mut().map(|claims| claims.remove("sub"));
    let mut other_session = claims(&good);
    other_session["sid"] = json!(uuid::Uuid::new_v4());

    assert_eq!(
        signed(&head, &body, secret),
        good,
        "this is how it is signed"
    );
    for (what, token) in [
        ("no token", String::new()),
        ("nonsense", "abc.def.ghi".into()),
        (
            "another key",
            signed(&head, &body, b"another key, long enough to be one"),
        ),
        ("no signature", format!("{head}.{body}.")),
        (
            "algorithm none",
            format!("{}.{body}.", encode(br#"{"alg":"none","typ":"JWT"}"#)),
        ),
        (
            "expired",
            signed(&head, &encode(expired.to_string().as_bytes()), secret),
        ),
        (
            "another name",
            signed(&head, &encode(other_name.to_string().as_bytes()), secret),
        ),
        (
            "no name",
            signed(&head, &encode(no_name.to_string().as_bytes()), secret),
        ),
        (
            "another session",
            signed(&head, &encode(other_session.to_string().as_bytes()), secret),
        ),
        ("too long", "x".repeat(6000)),
    ] {
        let answer = pbx.anonymous().with_token(&token).get("/api/auth/me").await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text);
        answer.expect_error(401, "unauthenticated");
    }
    for header in ["Basic YWRtaW46eA==", "Bearer", "bearer\u{a0}x", "Token x"] {
        let answer = pbx
            .anonymous()
            .send(Method::GET, "/api/auth/me", |request| {
                request.header("authorization", header.as_bytes())
            })
            .await;
        answer.expect_error(401, "unauthenticated");
    }
}

pub fn part(token: &str, n: usize) -> String {
    token.split('.').nth(n).unwrap_or_default().to_owned()
}

pub fn claims(token: &str) -> Value {
    serde_json::from_slice(&decode(&part(token, 1))).expect("claims")
}

pub fn signed(head: &str, body: &str, key: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(format!("{head}.{body}").as_bytes());
    format!("{head}.{body}.{}", encode(&mac.finalize().into_bytes()))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 as tokens have it.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = bits >> (18 - 6 * place) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

fn decode(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for c in text.bytes() {
        let value = ALPHABET
            .iter()
            .position(|known| *known == c)
            .expect("base64");
        bits = bits << 6 | u32::try_from(value).expect("6 bits");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
    }
    bytes
}
