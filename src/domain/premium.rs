//! Numbers that cost much more than a call, and earn whoever is called: nobody is forwarded to what begins with these,
//! unless an admin wants it.

use super::did::{Did, NumberPlan};
use super::invalid::{Code, Wrong};

/// Until somebody says something else. Germany: 0900, 0137 and 0138, 0180, 0118 (directory enquiries), 012; Austria,
/// Switzerland and Liechtenstein, United Kingdom, North America; then satellites and international premium rate.
const USUAL: [&str; 22] = [
    "+49900", "+49137", "+49138", "+49180", "+49118", "+4912", "+43900", "+43901", "+43930",
    "+43931", "+43939", "+41900", "+41901", "+41906", "+449", "+1900", "+870", "+881", "+882",
    "+883", "+888", "+979",
];
pub const MOST: usize = 100;
const LENGTH: std::ops::RangeInclusive<usize> = 2..=12;

/// Beginnings of numbers in E.164.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barred(Vec<String>);

impl Default for Barred {
    fn default() -> Self {
        Self(USUAL.iter().map(|&prefix| prefix.to_owned()).collect())
    }
}

impl Barred {
    /// As they are stored; anything else bars nothing.
    pub fn from_canonical(prefixes: Vec<String>) -> Self {
        let is_prefix = |text: &String| {
            text.strip_prefix('+').is_some_and(|digits| {
                digits.bytes().all(|b| b.is_ascii_digit()) && LENGTH.contains(&digits.len())
            })
        };
        Self(prefixes.into_iter().filter(is_prefix).collect())
    }

    /// As a person writes them: `0900, +979`. None of them bars nothing.
    pub fn parse(text: &str, plan: &NumberPlan) -> Result<Self, Wrong> {
        let mut prefixes: Vec<String> = Vec::new();
        for word in text
            .split([',', ';', '\n'])
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            let prefix = prefix(word, plan).ok_or_else(|| {
                let shown: String = word.chars().take(30).collect();
                Wrong::new(Code::InvalidPrefix).with("value", shown)
            })?;
            if !prefixes.contains(&prefix) {
                prefixes.push(prefix);
            }
        }
        if prefixes.len() > MOST {
            return Err(Wrong::new(Code::OutOfRange)
                .with("min", "0".to_owned())
                .with("max", MOST.to_string()));
        }
        Ok(Self(prefixes))
    }

    pub fn canonical(&self) -> &[String] {
        &self.0
    }

    pub fn for_people(&self, plan: &NumberPlan) -> String {
        let home = format!("+{}", plan.country);
        let words = self
            .0
            .iter()
            .map(|prefix| match prefix.strip_prefix(&home) {
                Some(rest) if !plan.trunk_prefix().is_empty() => {
                    format!("{}{rest}", plan.trunk_prefix())
                }
                _ => prefix.clone(),
            });
        words.collect::<Vec<_>>().join(", ")
    }

    /// The beginning that this number has.
    pub fn of(&self, did: &Did) -> Option<&str> {
        let begins = |prefix: &&String| did.as_str().starts_with(prefix.as_str());
        self.0.iter().find(begins).map(String::as_str)
    }
}

fn prefix(word: &str, plan: &NumberPlan) -> Option<String> {
    let dense: String = word
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '/' | '(' | ')' | '.'))
        .collect();
    let digits = if let Some(rest) = dense.strip_prefix('+') {
        rest.to_owned()
    } else if let Some(rest) = dense.strip_prefix("00") {
        rest.to_owned()
    } else {
        // A number of the country begins with its 0; without one it would be a local number, which costs nothing special.
        let rest = dense.strip_prefix('0')?;
        // Where numbers keep their 0 from abroad, so does their beginning.
        let rest = if plan.trunk_prefix().is_empty() {
            &dense
        } else {
            rest
        };
        format!("{}{rest}", plan.country)
    };
    let legal = LENGTH.contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0')
        && digits != plan.country;
    legal.then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn did(text: &str) -> Did {
        Did::parse(text, &NumberPlan::default()).expect("legal")
    }

    #[test]
    fn premium_numbers_are_barred_however_they_are_written() {
        let barred = Barred::default();
        for number in [
            "0900 123456",
            "+49900123456",
            "0049 137 7123456",
            "01805 123456",
            "+979 123456789",
            "+44 909 1234567",
        ] {
            assert!(barred.of(&did(number)).is_some(), "{number}");
        }
        for number in [
            "0421 98961300",
            "0171 1234567",
            "+39 06 12345678",
            "+44 20 12345678",
        ] {
            assert_eq!(barred.of(&did(number)), None, "{number}");
        }
    }

    #[test]
    fn an_admin_writes_beginnings_as_they_are_dialled() {
        let plan = NumberPlan::default();
        let own = Barred::parse("0900, 0190 ,+979;00881", &plan).expect("legal");
        assert_eq!(own.canonical(), ["+49900", "+49190", "+979", "+881"]);
        assert_eq!(own.for_people(&plan), "0900, 0190, +979, +881");
        assert_eq!(
            Barred::parse(" ", &plan).expect("legal").canonical(),
            [] as [&str; 0]
        );
        for wrong in ["900", "0900x", "+", "0", "+49", "00", "0900,a"] {
            let refused = Barred::parse(wrong, &plan).expect_err(wrong);
            assert_eq!(refused.code, Code::InvalidPrefix, "{wrong}");
        }
    }
}
