//! What a dialable thing becomes in Asterisk's table `extensions`: one row, a Gosub into the static dialplan whose
//! arguments are built from domain types only, so that nothing a person types can become dialplan. Pure.

use crate::domain::{ExtNumber, Extension};

/// What a row of an extension is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialable {
    pub number: ExtNumber,
    pub enabled: bool,
    pub ring_time: i16,
}

impl From<&Extension> for Dialable {
    fn from(extension: &Extension) -> Self {
        Self {
            number: extension.number.clone(),
            enabled: extension.enabled,
            ring_time: extension.ring_time,
        }
    }
}

/// A row of context `internal`, priority 1, application Gosub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub exten: String,
    pub appdata: String,
}

/// A disabled extension has no row: whoever dials it gets "unknown number".
pub fn compile(dialable: &Dialable) -> Option<Row> {
    dialable.enabled.then(|| Row {
        exten: dialable.number.to_string(),
        appdata: gosub(
            "pbx-ring",
            &[dialable.number.as_str(), &dialable.ring_time.to_string()],
        ),
    })
}

/// The arguments hold digits only by construction; the assertion guards the day somebody adds a free text.
fn gosub(subroutine: &str, arguments: &[&str]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@+*#.:/-".contains(c);
    assert!(
        arguments.iter().all(|argument| argument.chars().all(plain)),
        "an argument of {subroutine} is not plain"
    );
    format!("{subroutine},s,1({})", arguments.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialable(enabled: bool) -> Dialable {
        Dialable {
            number: ExtNumber::parse("1001").expect("legal"),
            enabled,
            ring_time: 20,
        }
    }

    #[test]
    fn an_enabled_extension_has_one_row_and_a_disabled_one_none() {
        let row = compile(&dialable(true)).expect("a row");
        assert_eq!(
            (row.exten.as_str(), row.appdata.as_str()),
            ("1001", "pbx-ring,s,1(1001,20)")
        );
        assert_eq!(compile(&dialable(false)), None);
    }
}
