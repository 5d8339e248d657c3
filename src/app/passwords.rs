//! Passwords of people: argon2id, never on an async thread, never more than two at once.

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

    /// Whether the password is the one behind the hash; without a hash it never is, and takes as long.
    pub async fn verify(&self, password: SecretString, hash: Option<SecretString>) -> Result<bool> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| SecretString::from(self.nobody.to_string()));
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let parsed = PasswordHash::new(hash.expose_secret())
                .map_err(|e| Error::internal(e.to_string()))?;
            let same = argon2()?.verify_password(password.expose_secret().as_bytes(), &parsed);
            Ok(same.is_ok() && exists)
        })
        .await
        .map_err(Error::internal)?
    }
}
