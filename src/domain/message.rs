//! Messages that callers left.

use chrono::{DateTime, Utc};

use super::ExtNumber;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Stays the same when the message is heard, moved or restored.
    pub id: i64,
    pub mailbox: ExtNumber,
    /// As Asterisk writes it: `"Eva" <1002>`.
    pub caller_id: String,
    pub received_at: DateTime<Utc>,
    /// Seconds.
    pub duration: i32,
    pub is_read: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Message {
    /// Number and name; a caller who hides both has none.
    pub fn caller(&self) -> (&str, &str) {
        caller(&self.caller_id)
    }
}

pub fn caller(caller_id: &str) -> (&str, &str) {
    let text = caller_id.trim();
    match text.rsplit_once('<') {
        Some((name, number)) => (
            number.trim_end_matches('>').trim(),
            name.trim().trim_matches('"'),
        ),
        None => (text, ""),
    }
}

/// Which messages are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    pub mailbox: Option<ExtNumber>,
    pub new_only: bool,
    /// Nothing can match: a number that nobody has.
    pub impossible: bool,
}

/// A page of them, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessagePage {
    /// The id of the last one seen.
    pub after: Option<i64>,
    pub offset: i64,
    pub limit: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_a_number_and_perhaps_a_name() {
        let mut message = Message {
            id: 1,
            mailbox: ExtNumber::parse("1001").expect("legal"),
            caller_id: String::new(),
            received_at: DateTime::UNIX_EPOCH,
            duration: 1,
            is_read: false,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        for (text, number, name) in [
            ("\"Eva\" <1002>", "1002", "Eva"),
            ("\"Eva <b>\" <1002>", "1002", "Eva <b>"),
            ("<1002>", "1002", ""),
            ("1002", "1002", ""),
            ("", "", ""),
        ] {
            text.clone_into(&mut message.caller_id);
            assert_eq!(message.caller(), (number, name), "{text}");
        }
    }
}
