//! Session tokens: JWT, HS256 only. The token names the session; whether it is still good is a row in the database.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use signature::{Signer, Verifier};
use uuid::Uuid;

use crate::domain::secret::hex;

pub const KEY_LENGTH: usize = 32;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The user name.
    pub sub: String,
    pub sid: Uuid,
    pub iat: i64,
    pub exp: i64,
}

/// Half a login: who it is, and after which password. The hash has a salt of its own, so its digest tells nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step {
    /// Under this name, which no session has.
    #[serde(rename = "second_step")]
    user: i64,
    after: String,
    exp: i64,
}

impl Step {
    pub fn user_id(&self) -> i64 {
        self.user
    }

    /// Whether the password was the one behind this hash.
    pub fn is_after(&self, password_hash: &SecretString) -> bool {
        self.after == digest(password_hash)
    }
}

fn digest(password_hash: &SecretString) -> String {
    hex(&Sha256::digest(password_hash.expose_secret()))
}

pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

impl Tokens {
    pub fn new(secret: &SecretString) -> Self {
        // Only the first call in a process installs it; it is the same provider each time.
        let _first = PROVIDER.install_default();
        let key = secret.expose_secret().as_bytes();
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
        }
    }

    pub fn issue(&self, claims: &Claims) -> Result<String, JwtError> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
    }

    /// For whoever has given the password and still owes the second factor. It opens no session: it names none.
    pub fn issue_step(
        &self,
        user_id: i64,
        password_hash: &SecretString,
        until: DateTime<Utc>,
    ) -> Result<String, JwtError> {
        let claims = Step {
            user: user_id,
            after: digest(password_hash),
            exp: until.timestamp(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    pub fn read_step(&self, token: &str, now: DateTime<Utc>) -> Option<Step> {
        let step: Step = self.verified(token)?;
        (step.exp > now.timestamp()).then_some(step)
    }

    /// The claims of a token we signed that has not expired.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let claims: Claims = self.verified(token)?;
        (claims.exp > now.timestamp()).then_some(claims)
    }

    fn verified<T: DeserializeOwned + Clone>(&self, token: &str) -> Option<T> {
        let mut validation = Validation::new(Algorithm::HS256);
        // Time comes from our clock.
        validation.validate_exp = false;
        let read = jsonwebtoken::decode::<T>(token, &self.decoding, &validation);
        Some(read.ok()?.claims)
    }
}

/// The crate wants one complete backend; those it ships bring RSA with an open advisory, or a C library that is the
/// longest part of the build. HS256 is all we speak, so this is all there is.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        require(*algorithm, key.family())?;
        Ok(Box::new(Hs256::new(key.as_bytes())?))
    },
    verifier_factory: |algorithm, key| {
        require(*algorithm, key.family())?;
        Ok(Box::new(Hs256::new(key.try_get_as_bytes()?)?))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

fn require(algorithm: Algorithm, family: AlgorithmFamily) -> Result<(), JwtError> {
    if algorithm == Algorithm::HS256 && family == AlgorithmFamily::Hmac {
        Ok(())
    } else {
        Err(ErrorKind::InvalidAlgorithm.into())
    }
}

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(key: &[u8]) -> Result<Self, JwtError> {
        if key.len() < KEY_LENGTH {
            return Err(ErrorKind::InvalidKeyFormat.into());
        }
        let hmac =
            Hmac::new_from_slice(key).map_err(|_| JwtError::from(ErrorKind::InvalidKeyFormat))?;
        Ok(Self(hmac))
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self
            .0
            .clone()
            .chain_update(message)
            .finalize()
            .into_bytes()
            .to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let sum = self.0.clone().chain_update(message);
        sum.verify_slice(signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&SecretString::from(secret.to_owned()))
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("time")
    }

    fn claims() -> Claims {
        Claims {
            sub: "admin".into(),
            sid: Uuid::nil(),
            iat: NOW,
            exp: NOW + 60,
        }
    }

    #[test]
    fn a_token_is_good_until_it_expires() {
        let tokens = tokens(&"k".repeat(32));
        let token = tokens.issue(&claims()).expect("issued");
        assert_eq!(
            tokens.read(&token, at(NOW)).map(|c| c.sub),
            Some("admin".into())
        );
        assert!(tokens.read(&token, at(NOW + 60)).is_none());
    }

    #[test]
    fn a_token_of_another_key_or_changed_or_unsigned_is_not() {
        let ours = tokens(&"k".repeat(32));
        let token = tokens(&"x".repeat(32)).issue(&claims()).expect("issued");
        assert!(ours.read(&token, at(NOW)).is_none());
        let good = ours.issue(&claims()).expect("issued");
        let (body, _) = good.rsplit_once('.').expect("three parts");
        for bad in [
            format!("{body}."),
            format!("{body}.AAAA"),
            body.to_owned(),
            String::new(),
        ] {
            assert!(ours.read(&bad, at(NOW)).is_none(), "{bad}");
        }
        // {"alg":"none","typ":"JWT"}
        let unsigned = format!(
            "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.",
            good.split('.').nth(1).expect("claims")
        );
        assert!(ours.read(&unsigned, at(NOW)).is_none());
    }

    #[test]
    fn a_second_step_is_no_session_and_a_session_no_second_step() {
        let tokens = tokens(&"k".repeat(32));
        let hash = SecretString::from("$argon2id$…");
        let step = tokens.issue_step(7, &hash, at(NOW + 60)).expect("issued");
        let read = tokens.read_step(&step, at(NOW)).expect("good");
        assert_eq!(read.user_id(), 7);
        assert!(read.is_after(&hash));
        assert!(!read.is_after(&SecretString::from("$argon2id$…other")));
        assert!(tokens.read_step(&step, at(NOW + 60)).is_none());
        assert!(tokens.read(&step, at(NOW)).is_none());
        let session = tokens.issue(&claims()).expect("issued");
        assert!(tokens.read_step(&session, at(NOW)).is_none());
    }

    #[test]
    fn a_short_key_signs_nothing() {
        assert!(tokens("short").issue(&claims()).is_err());
    }
}
