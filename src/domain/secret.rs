//! Passwords of phones: made, judged and turned into the digest Asterisk compares with.

use md5::{Digest, Md5};
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};

use super::ExtNumber;
use super::invalid::{Code, Wrong};

/// The realm of every phone's digest. It is part of each stored digest, so it can never change.
pub const REALM: &str = "gonopbx";
/// What a REST answer shows instead of a secret; written back, it keeps the secret.
pub const MASK: &str = "********";
const GENERATED_LENGTH: usize = 20;
/// The shortest password a phone may have.
pub const SHORTEST: usize = 6;
const LENGTH: std::ops::RangeInclusive<usize> = SHORTEST..=80;
/// Without the characters people mistake for each other, and without any that a phone's web form mangles.
const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.!";
/// How many of them, at the end, are neither letter nor digit.
const SIGNS: usize = 4;

/// A phone's password in clear text; it lives only in the request that sets it.
#[derive(Clone)]
pub struct SipSecret(SecretString);

impl SipSecret {
    /// Any printable ASCII, 6 to 80 characters. Whether it is strong enough is a question of its own.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.len() < *LENGTH.start() {
            return Err(Wrong::new(Code::SecretTooShort).with("min", LENGTH.start().to_string()));
        }
        if text.chars().count() > *LENGTH.end() {
            return Err(Wrong::new(Code::TooLong).with("max", LENGTH.end().to_string()));
        }
        // A phone computes its digest over bytes of an encoding we cannot know, so only ASCII is the same everywhere.
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Wrong::new(Code::SecretCharacters));
        }
        Ok(Self(SecretString::from(text.to_owned())))
    }

    pub fn generate() -> Self {
        let mut rng = rand::rng();
        // Begins with a letter or digit: a spreadsheet takes what begins with `-` for a formula.
        let text: String = (0..GENERATED_LENGTH)
            .map(|at| {
                if at == 0 {
                    ALPHABET.len() - SIGNS
                } else {
                    ALPHABET.len()
                }
            })
            .map(|choice| char::from(ALPHABET[rng.random_range(0..choice)]))
            .collect();
        Self(SecretString::from(text))
    }

    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// `ps_auths.password_digest`: as good as the password, but for this realm and number only.
    pub fn digest(&self, number: &ExtNumber) -> String {
        let mut hash = Md5::new();
        hash.update(format!("{number}:{REALM}:{}", self.expose()));
        format!("MD5:{}", hex(&hash.finalize()))
    }

    /// 0 (guessed at once) to 4. What an attacker knows about this extension counts as guessable.
    pub fn score(&self, number: &ExtNumber, name: &str) -> u8 {
        score(
            self.expose(),
            &[number.as_str(), name, "gonopbx", "asterisk"],
        )
    }
}

impl std::fmt::Debug for SipSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SipSecret(…)")
    }
}

/// A password that is only allowed when somebody says so.
pub const STRONG_SCORE: u8 = 3;

pub fn score(text: &str, known: &[&str]) -> u8 {
    // zxcvbn's work grows with the square of the length; past this a password is strong anyway.
    let head: String = text.chars().take(80).collect();
    u8::from(zxcvbn::zxcvbn(&head, known).score())
}

/// Two digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing into a String cannot fail.
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> ExtNumber {
        ExtNumber::parse("1001").expect("legal")
    }

    #[test]
    fn the_digest_is_the_one_of_rfc_2617() {
        let secret = SipSecret::parse("secret").expect("legal");
        // printf '1001:gonopbx:secret' | md5sum
        assert_eq!(
            secret.digest(&number()),
            "MD5:69a0fa59f6018b2be6ac1913a58c424e"
        );
    }

    #[test]
    fn a_generated_password_is_strong_and_new_each_time() {
        let (one, two) = (SipSecret::generate(), SipSecret::generate());
        assert_eq!(one.expose().len(), 20);
        assert_ne!(one.expose(), two.expose());
        assert!(one.score(&number(), "") >= STRONG_SCORE);
    }

    #[test]
    fn the_number_and_common_words_are_weak() {
        for weak in ["1001001", "password", "gonopbx1"] {
            assert!(SipSecret::parse(weak).expect("legal").score(&number(), "") < STRONG_SCORE);
        }
    }

    #[test]
    fn what_a_phone_could_not_send_is_refused() {
        for bad in ["abc", "pässword", "pass word", "pass\0word", "pass\nword"] {
            assert!(SipSecret::parse(bad).is_err(), "{bad:?}");
        }
        assert!(SipSecret::parse(&"x".repeat(81)).is_err());
        assert!(SipSecret::parse(r#"a;b"c^d]{$}"#).is_ok());
    }

    #[test]
    fn debug_never_shows_it() {
        assert_eq!(format!("{:?}", SipSecret::generate()), "SipSecret(…)");
    }
}
