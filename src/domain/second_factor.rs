//! Codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds) and codes for whoever has lost it.

use chrono::{DateTime, Utc};
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

use super::invalid::{Code, Invalid};
use super::secret::hex;
use super::{Fields, Given};

/// How many codes somebody gets for the time without the app.
pub const RECOVERY_CODES: usize = 10;
/// Without the characters that people mistake for each other.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
const GROUPS: usize = 4;
const GROUP: usize = 4;

/// What makes the codes.
#[derive(Clone)]
pub struct TotpSecret(SecretString);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    /// 160 bits, as the RFC recommends.
    pub fn generate() -> Self {
        let bytes: [u8; 20] = rand::rng().random();
        Self(Secret::new_stack(bytes).to_base32().into())
    }

    pub fn from_base32(text: String) -> Self {
        Self(text.into())
    }

    /// As people type it into an app.
    pub fn base32(&self) -> &str {
        self.0.expose_secret()
    }

    /// What an app reads from a QR code. Neither name has a colon or anything else that would need care.
    pub fn url(&self, escaped_name: &str) -> String {
        format!(
            "otpauth://totp/GonoPBX:{escaped_name}?secret={}&issuer=GonoPBX&algorithm=SHA1&digits=6&period=30",
            self.base32()
        )
    }

    /// The 30 seconds this code belongs to: now, or those before or after, because clocks differ.
    pub fn step_of(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let secret = Secret::try_from_base32(self.base32()).ok()?;
        let totp: Totp = Builder::new().with_secret(secret).build().ok()?;
        let now = u64::try_from(now.timestamp()).ok()?;
        i64::try_from(totp.check(code, now)?).ok()
    }
}

/// What somebody typed as the second factor.
#[derive(Debug, PartialEq, Eq)]
pub enum Proof {
    /// Six digits of the app.
    Code(String),
    /// The hash of a code for whoever has lost it.
    Recovery(String),
}

impl Proof {
    /// However it is grouped.
    pub fn read(typed: &str) -> Self {
        let bare: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .take(100)
            .collect();
        if bare.len() == 6 && bare.bytes().all(|b| b.is_ascii_digit()) {
            Self::Code(bare)
        } else {
            Self::Recovery(hash(&bare.to_lowercase()))
        }
    }
}

/// 80 random bits need no slow hash.
fn hash(bare: &str) -> String {
    hex(&Sha256::digest(bare.as_bytes()))
}

/// Codes as they are shown this once, and what is kept of them.
pub fn recovery_codes() -> (Vec<String>, Vec<String>) {
    let mut rng = rand::rng();
    let mut code = || {
        let mut group = || -> String {
            let letter = |_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())]);
            (0..GROUP).map(letter).collect()
        };
        let groups: Vec<String> = (0..GROUPS).map(|_| group()).collect();
        (groups.join("-"), hash(&groups.concat()))
    };
    (0..RECOVERY_CODES).map(|_| code()).unzip()
}

/// What changes of the second factor are proved with.
#[derive(Clone, Default)]
pub struct ProofDraft {
    pub password: String,
    pub otp: String,
}

impl std::fmt::Debug for ProofDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofDraft(…)")
    }
}

impl ProofDraft {
    pub fn read(fields: &mut Fields) -> Self {
        let text = |given: Given<String>| given.value().unwrap_or_default();
        Self {
            password: text(fields.text("current_password")),
            otp: text(fields.text("otp")),
        }
    }

    pub fn check(&self) -> Result<(), Invalid> {
        let mut invalid = Invalid::new();
        for (name, value) in [("current_password", &self.password), ("otp", &self.otp)] {
            if value.trim().is_empty() {
                invalid.add(name, Code::Required);
            }
        }
        invalid.or(())
    }
}

/// Whether somebody has one, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    pub since: DateTime<Utc>,
    pub recovery_codes_left: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a time")
    }

    /// The secret of RFC 6238, appendix B; its codes there have eight digits, of which apps show the last six.
    fn rfc() -> TotpSecret {
        TotpSecret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into())
    }

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(rfc().step_of(code, at(time)), Some(time / 30), "{code}");
        }
    }

    #[test]
    fn clocks_may_differ_by_one_step_and_no_more() {
        for (now, is_right) in [
            (0, true),
            (59, true),
            (89, true),
            (90, false),
            (3000, false),
        ] {
            assert_eq!(
                rfc().step_of("287082", at(now)).is_some(),
                is_right,
                "at {now}"
            );
        }
    }

    #[test]
    fn what_is_no_code_is_refused_and_breaks_nothing() {
        for typed in [
            "",
            "28708",
            "2870822",
            "abcdef",
            "٢٨٧٠٨٢",
            "-87082",
            "28708\0",
        ] {
            assert_eq!(rfc().step_of(typed, at(59)), None, "{typed:?}");
        }
        let broken = TotpSecret::from_base32("not base32!".into());
        assert_eq!(broken.step_of("287082", at(59)), None);
    }

    #[test]
    fn a_code_may_be_typed_in_groups_and_in_any_case() {
        assert_eq!(Proof::read(" 287 082 "), Proof::Code("287082".into()));
        let (shown, kept) = recovery_codes();
        assert_eq!(shown.len(), RECOVERY_CODES);
        assert_eq!(shown[0].len(), 19);
        let typed = shown[0].to_uppercase().replace('-', " ");
        assert_eq!(Proof::read(&typed), Proof::Recovery(kept[0].clone()));
        assert_ne!(shown[0], shown[1]);
        assert!(!kept[0].contains(&shown[0]));
    }

    #[test]
    fn debug_never_shows_it() {
        assert_eq!(format!("{:?}", rfc()), "TotpSecret(…)");
    }
}
