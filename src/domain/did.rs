//! External numbers: one canonical form, E.164, however a person, a provider or a phone writes them.

use std::fmt;

use super::invalid::{Code, Wrong};

/// Where the company is: what a number without a country or area code means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPlan {
    /// Without `+`, as in `49`.
    pub country: String,
    /// Without the leading 0, as in `421`; may be empty.
    pub area: String,
}

impl NumberPlan {
    /// What is dialled before a number of this country, inside it.
    pub fn trunk_prefix(&self) -> &'static str {
        if self.country == ITALY { "" } else { "0" }
    }
}

impl Default for NumberPlan {
    fn default() -> Self {
        Self {
            country: "49".into(),
            area: String::new(),
        }
    }
}

/// E.164 allows 15 digits; country code and a subscriber together have at least 6.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=15;
/// From this length on, digits that begin with the country code are an international number written without its plus
/// (as some providers send it) and not a local one that happens to begin so.
const INTERNATIONAL: usize = 10;
const ITALY: &str = "39";

/// `+` and 6 to 15 digits. Safe in dialplan arguments and SIP headers by construction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Did(String);

impl Did {
    pub fn parse(text: &str, plan: &NumberPlan) -> Result<Self, Wrong> {
        let invalid = || Wrong::new(Code::InvalidDid);
        let text = text.trim();
        // What people put between digits to read them better.
        let dense: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '/' | '(' | ')' | '.'))
            .collect();
        let (plus, digits) = match dense.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, dense.as_str()),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let NumberPlan { country, area } = plan;
        let international = if plus {
            digits.to_owned()
        } else if let Some(rest) = digits.strip_prefix("00") {
            rest.to_owned()
        } else if let Some(rest) = digits.strip_prefix('0') {
            // Italy's area codes keep their 0 from abroad.
            let rest = if country == ITALY { digits } else { rest };
            format!("{country}{rest}")
        } else if digits.starts_with(country.as_str()) && digits.len() >= INTERNATIONAL {
            digits.to_owned()
        } else {
            format!("{country}{area}{digits}")
        };
        if !DIGITS.contains(&international.len()) || international.starts_with('0') {
            return Err(invalid());
        }
        Ok(Self(format!("+{international}")))
    }

    /// What a column of ours holds.
    pub fn from_canonical(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let legal = DIGITS.contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        legal.then(|| Self(text.to_owned()))
    }

    pub fn from_value(value: u64) -> Option<Self> {
        Self::from_canonical(&format!("+{value}"))
    }

    /// The digits as one number: blocks are ranges of these.
    pub fn value(&self) -> u64 {
        self.0
            .bytes()
            .skip(1)
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is dialled inside the country, and from abroad for others.
    pub fn national(&self, plan: &NumberPlan) -> String {
        match self.0[1..].strip_prefix(plan.country.as_str()) {
            Some(rest) => format!("{}{rest}", plan.trunk_prefix()),
            None => format!("00{}", &self.0[1..]),
        }
    }

    /// As people of the country write it: `0421 98961300`, `+39 06 12345678`.
    pub fn for_people(&self, plan: &NumberPlan) -> String {
        use phonenumber::Mode;
        let Ok(number) = phonenumber::parse(None, &self.0) else {
            return self.0.clone();
        };
        let home = number.country().code().to_string() == plan.country;
        let mode = if home {
            Mode::National
        } else {
            Mode::International
        };
        number.format().mode(mode).to_string()
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bremen() -> NumberPlan {
        NumberPlan {
            country: "49".into(),
            area: "421".into(),
        }
    }

    #[test]
    fn every_way_of_writing_is_one_number() {
        for text in [
            "042198961300",
            "+4942198961300",
            "004942198961300",
            "4942198961300",
            "98961300",
            "0421 / 989 613-00",
            "+49 (421) 98961300",
        ] {
            let did = Did::parse(text, &bremen()).expect(text);
            assert_eq!(did.as_str(), "+4942198961300", "{text}");
        }
        assert_eq!(
            Did::parse("0039 06 123456", &bremen())
                .expect("Rome")
                .as_str(),
            "+3906123456"
        );
    }

    #[test]
    fn italy_keeps_its_zero() {
        let rome = NumberPlan {
            country: "39".into(),
            area: "06".into(),
        };
        for text in ["0612345678", "+390612345678", "12345678"] {
            assert_eq!(
                Did::parse(text, &rome).expect(text).as_str(),
                "+390612345678",
                "{text}"
            );
        }
        let did = Did::from_canonical("+390612345678").expect("legal");
        assert_eq!(did.national(&rome), "0612345678");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "+",
            "abc",
            "0421x",
            "+49421989613001234567",
            "12",
            "+0123456",
            "0421\n1",
            "${X}",
            "０４２１",
        ] {
            assert!(
                Did::parse(text, &NumberPlan::default()).is_err(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn it_is_shown_as_the_country_writes_it() {
        let did = Did::parse("042198961300", &bremen()).expect("legal");
        assert_eq!(did.for_people(&bremen()), "0421 98961300");
        assert_eq!(did.national(&bremen()), "042198961300");
        let rome = Did::parse("+390612345678", &bremen()).expect("legal");
        assert_eq!(rome.for_people(&bremen()), "+39 06 1234 5678");
        assert_eq!(rome.national(&bremen()), "00390612345678");
    }

    #[test]
    fn the_value_and_the_column_lead_back() {
        let did = Did::parse("042198961300", &bremen()).expect("legal");
        assert_eq!(Did::from_value(did.value()), Some(did.clone()));
        assert_eq!(Did::from_canonical(did.as_str()), Some(did));
        assert_eq!(Did::from_canonical("042198961300"), None);
    }
}
