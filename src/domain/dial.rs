//! A number that somebody wants to call from a browser or a program.

use super::did::{Did, NumberPlan};
use super::invalid::{Code, Wrong};
use super::{ExtNumber, Fields, Given, Invalid};

/// Longer than any number in the world with what is dialled before it.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=20;

/// Digits, perhaps with a plus before them, and nothing else: safe in AMI and dialplan by construction. Whether it leads
/// somewhere is the dialplan's business, as for every number that is dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dial(String);

impl Dial {
    /// As people write numbers: with spaces, slashes, hyphens, dots and parentheses.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Wrong::new(Code::Required));
        }
        let is_between = |c: &char| matches!(c, ' ' | '-' | '/' | '.' | '(' | ')' | '\u{a0}');
        let dialled: String = text.chars().filter(|c| !is_between(c)).collect();
        let digits = dialled.strip_prefix('+').unwrap_or(&dialled);
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        if is_number && LENGTH.contains(&digits.len()) {
            Ok(Self(dialled))
        } else {
            Err(Wrong::new(Code::NotDialable))
        }
    }

    /// What reaches who called from outside, however the provider writes the number. None: nobody who could be called.
    pub fn back(caller: &str, plan: &NumberPlan) -> Option<Self> {
        let did = Did::parse(caller, plan).ok()?;
        Some(Self(did.as_str().to_owned()))
    }

    /// The same number once more. Nobody calls for help by a slip of the mouse.
    pub fn again(dialled: &str, emergency: &[String]) -> Option<Self> {
        let dial = Self::parse(dialled).ok()?;
        (!emergency.contains(&dial.0)).then_some(dial)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who is to call whom.
#[derive(Debug, Clone, Default)]
pub struct DialDraft {
    /// Where it rings first; left out, that is the own extension.
    pub extension: Given<String>,
    pub number: Given<String>,
}

impl DialDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            extension: fields.text("extension"),
            number: fields.text("number"),
        }
    }

    pub fn check(&self, own: Option<&ExtNumber>) -> Result<(ExtNumber, Dial), Invalid> {
        let mut invalid = Invalid::new();
        let extension = match (&self.extension, own) {
            (Given::Value(text), _) => invalid.note("extension", ExtNumber::parse(text)),
            (_, Some(own)) => Some(own.clone()),
            (_, None) => invalid.note("extension", Err(Wrong::new(Code::Required))),
        };
        let text = if let Given::Value(text) = &self.number {
            text
        } else {
            ""
        };
        let number = invalid.note("number", Dial::parse(text));
        extension.zip(number).ok_or(invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_called_from_outside_is_reached_however_the_provider_writes_it() {
        let plan = NumberPlan {
            country: "49".into(),
            area: "421".into(),
        };
        let back = |caller| Dial::back(caller, &plan).map(|dial| dial.0);
        for caller in [
            "+4942198961300",
            "4942198961300",
            "042198961300",
            "98961300",
        ] {
            assert_eq!(back(caller).as_deref(), Some("+4942198961300"), "{caller}");
        }
        for nobody in ["anonymous", "", "Restricted", "+49421\r\nX: y"] {
            assert_eq!(back(nobody), None, "{nobody:?}");
        }
    }

    #[test]
    fn what_was_dialled_is_dialled_again_but_for_help_and_codes() {
        let emergency = ["110".to_owned(), "112".to_owned()];
        let again = |dialled| Dial::again(dialled, &emergency).map(|dial| dial.0);
        assert_eq!(again("0171123456").as_deref(), Some("0171123456"));
        for not in ["110", "112", "*21*0421#", ""] {
            assert_eq!(again(not), None, "{not}");
        }
    }

    #[test]
    fn only_digits_are_left_of_what_people_write() {
        let parse = |text| Dial::parse(text).map(|dial| dial.0);
        let written = parse(" +49 (421) 98/96 ");
        assert_eq!(written.as_deref(), Ok("+494219896"));
        assert_eq!(parse("1002").as_deref(), Ok("1002"));
        assert_eq!(parse("110").as_deref(), Ok("110"));
        assert_eq!(parse("  "), Err(Wrong::new(Code::Required)));
        for wrong in [
            "1",
            "+",
            "a",
            "10a",
            "1+2",
            "++49421",
            "*43",
            "*21*0421#",
            "1002,1",
            "1002\r\nAction: Logoff",
            "1002\0",
            "${SHELL(id)}",
            "1002@internal",
            "012345678901234567890",
            "١٢٣",
        ] {
            assert_eq!(
                parse(wrong),
                Err(Wrong::new(Code::NotDialable)),
                "{wrong:?}"
            );
        }
    }
}
