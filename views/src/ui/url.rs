//! Addresses with values in them.

use std::fmt::Write as _;

/// A value as one part of a path or query.
pub fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// A path with the parameters that have a value.
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut url = path.to_owned();
    let mut separator = '?';
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(url, "{separator}{name}={}", escape(value));
        separator = '&';
    }
    url
}

/// An address with one more parameter.
pub fn with_more(url: &str, name: &str, value: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{name}={}", escape(value))
}

/// The page of an extension, or one of its parts (`"/edit"`).
pub fn extension(number: &str, part: &str) -> String {
    format!("/extensions/{}{part}", escape(number))
}

/// The page of a trunk, or one of its parts (`"/edit"`).
pub fn trunk(id: i64, part: &str) -> String {
    format!("/trunks/{id}{part}")
}

/// A transaction in the history, or what can be done with it (`"/undo"`).
pub fn change(tx: &str, part: &str) -> String {
    format!("/changes/{}{part}", escape(tx))
}

/// What can be done with a route (`"/edit"`).
pub fn number(id: i64, part: &str) -> String {
    format!("/numbers/{id}{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_place_in_an_address() {
        assert_eq!(
            extension("10/../1?x#", ""),
            "/extensions/10%2F..%2F1%3Fx%23"
        );
        assert_eq!(
            with_query("/calls", &[("q", "ä & b"), ("from", "")]),
            "/calls?q=%C3%A4%20%26%20b"
        );
        assert_eq!(with_query("/calls", &[]), "/calls");
    }
}
