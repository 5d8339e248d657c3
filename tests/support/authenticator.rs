//! An authenticator app.

use std::time::{SystemTime, UNIX_EPOCH};

use totp_rs::{Builder, Secret, Totp};

#[derive(Debug, Clone)]
pub struct Authenticator {
    secret: String,
}

impl Authenticator {
    /// As it is typed or scanned.
    pub fn new(secret: &str) -> Self {
        Self {
            secret: secret.replace(' ', ""),
        }
    }

    pub fn secret(&self) -> &str {
        &self.secret
    }

    pub fn now(&self) -> String {
        self.at(0)
    }

    /// So many codes later.
    pub fn at(&self, steps: i64) -> String {
        let secret = Secret::try_from_base32(&self.secret).expect("base32");
        let totp: Totp = Builder::new().with_secret(secret).build().expect("legal");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        totp.generate(now.as_secs().saturating_add_signed(30 * steps))
            .to_string()
    }

    /// Six digits that are none of its codes now or soon.
    pub fn wrong(&self) -> String {
        let right: Vec<String> = (-2..=2).map(|steps| self.at(steps)).collect();
        (0..10)
            .map(|n| format!("{n:06}"))
            .find(|code| !right.contains(code))
            .expect("five codes are not ten")
    }
}
