//! Passwords of people: argon2id (and bcrypt for those who come from a GonoPBX 2, until they log in), never on an async thread, never more than two at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::{Error, Result};

/// A hash takes 19 MiB and a core for some 30 ms; more at once would only make all of them wait.
const AT_ONCE: usize = 2;

#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Compared with when a name is unknown, so that an answer takes as long as for one that exists.
    nobody: Arc<str>,
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| Error::internal(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// As a GonoPBX 2 kept them.
pub(super) fn is_bcrypt(hash: &str) -> bool {
    let marks = ["$2a$", "$2b$", "$2x$", "$2y$"];
    hash.len() == 60 && marks.iter().any(|mark| hash.starts_with(mark))
}

impl Passwords {
    pub async fn new() -> Result<Self> {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let mut passwords = Self {
            turns,
            nobody: Arc::from(""),
        };
        passwords.nobody = Arc::from(
            passwords
                .hash(SecretString::from("nobody has this password"))
                .await?,
        );
        Ok(passwords)
    }

    pub async fn hash(&self, password: SecretString) -> Result<String> {
        // Held by the work itself: whoever asked may have gone.
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let hash = argon2()?.hash_password(password.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string())
                .map_err(|e| Error::internal(e.to_string()))
        })
        .await
        .map_err(Error::internal)?
    }

    /// Whether the password is the one behind the hash; without a hash it never is, and takes as long. As long as somebody
    /// has an old hash, everybody's password is compared with one of each kind, or the time would tell whose is which.
    pub async fn verify(&self, password: SecretString, known: impl Into<Known>) -> Result<bool> {
        let known = known.into();
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        let is_old = |hash: &SecretString| is_bcrypt(hash.expose_secret());
        let (old, new) = match known.own {
            Some(own) if is_old(&own) => (Some(own), None),
            own => (None, own),
        };
        let nobody = SecretString::from(self.nobody.to_string());
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut is_right = false;
            if let Some(hash) = old.as_ref().or(known.any_old.as_ref()) {
                let same = bcrypt::verify(password.expose_secret(), hash.expose_secret());
                is_right = same.unwrap_or(false) && old.is_some();
            }
            let hash = new.as_ref().unwrap_or(&nobody);
            let parsed = PasswordHash::new(hash.expose_secret())
                .map_err(|e| Error::internal(e.to_string()))?;
            let same = argon2()?.verify_password(password.expose_secret().as_bytes(), &parsed);
            Ok(is_right || (same.is_ok() && new.is_some()))
        })
        .await
        .map_err(Error::internal)?
    }
}

/// What a password is compared with.
#[derive(Debug, Default)]
pub struct Known {
    pub own: Option<SecretString>,
    /// Somebody's, if anybody still has one of a GonoPBX 2.
    pub any_old: Option<SecretString>,
}

impl From<Option<SecretString>> for Known {
    fn from(own: Option<SecretString>) -> Self {
        Self { own, any_old: None }
    }
}
