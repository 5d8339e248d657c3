//! Extension numbers.

use std::fmt;

use super::invalid::{Code, Wrong};

/// A dialable number inside the company: 2 to 6 digits, the first 1 to 9. Safe in dialplan arguments, in SIP user
/// parts and in AMI headers by construction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtNumber(String);

impl ExtNumber {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = text.trim();
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        if digits && (2..=6).contains(&text.len()) && !text.starts_with('0') {
            Ok(Self(text.to_owned()))
        } else {
            Err(Wrong::new(Code::InvalidNumber))
        }
    }

    /// The number as the integer the REST API calls `id`.
    pub fn from_id(id: i64) -> Option<Self> {
        Self::parse(&id.to_string()).ok()
    }

    pub fn id(&self) -> i64 {
        self.0
            .bytes()
            .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExtNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_to_six_digits_and_no_leading_zero() {
        for good in ["10", "1001", "999999", " 42 "] {
            assert!(ExtNumber::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "1", "0123", "1234567", "12a", "+49", "１２", "1 2", "12\n3", "*43",
        ] {
            assert!(ExtNumber::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_id_is_the_number() {
        let number = ExtNumber::parse("1001").expect("legal");
        assert_eq!(number.id(), 1001);
        assert_eq!(ExtNumber::from_id(1001), Some(number));
        assert_eq!(ExtNumber::from_id(7), None);
        assert_eq!(ExtNumber::from_id(-1001), None);
    }
}
