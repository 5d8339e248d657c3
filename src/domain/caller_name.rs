//! The name a called phone shows, and its form in `ps_endpoints.callerid`.

use super::ExtNumber;
use super::invalid::{Code, Wrong};

/// ps_endpoints.callerid is varchar(40), and holds name, quotes and number.
pub const CALLERID_LENGTH: usize = 40;

/// A display name; may be empty. Never holds a control character.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallerName(String);

impl CallerName {
    /// The limit depends on the number beside it, because both share one column.
    pub fn parse(text: &str, number: &ExtNumber) -> Result<Self, Wrong> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(Wrong::new(Code::InvalidCharacters));
        }
        let name = Self(text.to_owned());
        let over = name
            .column(number)
            .chars()
            .count()
            .saturating_sub(CALLERID_LENGTH);
        if over > 0 {
            // What still fits: the characters there are, less those too many.
            let max = text.chars().count().saturating_sub(over);
            return Err(Wrong::new(Code::TooLong).with("max", max.to_string()));
        }
        Ok(name)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `"Name" <number>` as Asterisk parses it. Realtime splits a value at `;` and decodes `^XX`, so these two
    /// characters are stored in that form; quotes and backslashes are escaped as in a SIP display name.
    pub fn column(&self, number: &ExtNumber) -> String {
        if self.0.is_empty() {
            return format!("<{number}>");
        }
        let mut stored = String::with_capacity(self.0.len() + 12);
        stored.push('"');
        for c in self.0.chars() {
            match c {
                '"' => stored.push_str("\\\""),
                '\\' => stored.push_str("\\\\"),
                ';' => stored.push_str("^3B"),
                '^' => stored.push_str("^5E"),
                other => stored.push(other),
            }
        }
        stored.push_str("\" <");
        stored.push_str(number.as_str());
        stored.push('>');
        stored
    }

    /// Reads the column back, also as people write it in SQL (`Name <1001>`, `1001`, NULL).
    pub fn from_column(column: Option<&str>) -> Self {
        let Some(stored) = column else {
            return Self::default();
        };
        let before = stored.rfind('<').map_or_else(
            || {
                if stored.bytes().all(|b| b.is_ascii_digit()) {
                    ""
                } else {
                    stored
                }
            },
            |at| &stored[..at],
        );
        let before = before.trim();
        let inner = before
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(before);
        Self(unescape(&decode_caret(inner)))
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' {
            chars.next().unwrap_or('\\')
        } else {
            c
        });
    }
    plain
}

/// Undoes realtime's `^XX`.
pub fn decode_caret(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('^') {
        plain.push_str(&rest[..at]);
        let code = rest
            .get(at + 1..at + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) if byte.is_ascii() => {
                plain.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            _ => {
                plain.push('^');
                rest = &rest[at + 1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> ExtNumber {
        ExtNumber::parse("1001").expect("legal")
    }

    #[test]
    fn every_printable_name_comes_back_from_the_column() {
        for name in [
            "Büro Nord",
            r#"Ada "The" L"#,
            r"back\slash",
            "a;b^c",
            "${X}",
            "]<b>",
            "Ω 日本",
            "",
            "x > y",
        ] {
            let parsed = CallerName::parse(name, &number()).expect(name);
            let column = parsed.column(&number());
            assert_eq!(CallerName::from_column(Some(&column)), parsed, "{column}");
        }
    }

    #[test]
    fn the_column_is_never_longer_than_asterisks() {
        assert!(CallerName::parse(&"x".repeat(31), &number()).is_ok());
        let wrong = CallerName::parse(&"x".repeat(32), &number()).expect_err("too long");
        assert_eq!(wrong, Wrong::new(Code::TooLong).with("max", 31.to_string()));
    }

    #[test]
    fn control_characters_are_refused() {
        for bad in ["a\nb", "a\0b", "a\u{7f}b"] {
            assert_eq!(
                CallerName::parse(bad, &number()).expect_err("refused").code,
                Code::InvalidCharacters
            );
        }
    }

    #[test]
    fn names_written_in_sql_are_read() {
        assert_eq!(
            CallerName::from_column(Some("Empfang <1001>")).as_str(),
            "Empfang"
        );
        assert_eq!(CallerName::from_column(Some("1001")).as_str(), "");
        assert_eq!(CallerName::from_column(Some("Empfang")).as_str(), "Empfang");
        assert_eq!(CallerName::from_column(None).as_str(), "");
    }
}
