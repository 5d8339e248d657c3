//! What is told of a new message, and the mail that tells it. Others chose the caller's name and number.

use chrono::{DateTime, Utc};

/// A new message in a mailbox, as its mail tells of it.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub context: String,
    pub mailbox: String,
    pub msg_id: String,
    pub recipient: String,
    /// As Asterisk writes it: `"Ada" <1001>`.
    pub caller: String,
    pub at: DateTime<Utc>,
    pub seconds: u32,
    pub owner: String,
    /// The language of the one whose mailbox it is.
    pub language: Option<String>,
    /// The sound, if it is to be attached.
    pub recording: Option<Vec<u8>>,
    pub is_removed: bool,
}

impl NewMessage {
    /// Name and number of the caller; empty when they are not known. Others chose both.
    pub fn caller(&self) -> (String, String) {
        let plain = |text: &str| -> String {
            let text: String = text
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            text.trim().trim_matches('"').trim().to_owned()
        };
        let (name, number) = match self.caller.rsplit_once('<') {
            Some((name, number)) => (plain(name), plain(number.trim_end().trim_end_matches('>'))),
            None => (String::new(), plain(&self.caller)),
        };
        let hidden = |text: &str| {
            let words = ["", "unknown", "anonymous", "unavailable", "restricted"];
            words.contains(&text.to_ascii_lowercase().as_str())
        };
        (
            Some(name).filter(|text| !hidden(text)).unwrap_or_default(),
            Some(number)
                .filter(|text| !hidden(text))
                .unwrap_or_default(),
        )
    }

    /// `voicemail-042198961300-2026-11-22-1405.wav`; only letters, digits and what stands between them.
    pub fn file_name(&self, zone: chrono_tz::Tz) -> String {
        let (_, number) = self.caller();
        let number: String = number
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '+')
            .take(40)
            .collect();
        let number = if number.is_empty() {
            "unknown"
        } else {
            &number
        };
        let at = self.at.with_timezone(&zone).format("%Y-%m-%d-%H%M");
        format!("voicemail-{number}-{at}.wav")
    }
}

/// The words of a mail, in one language.
#[derive(Debug, Clone)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// How the sound is called.
    pub file_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_a_name_and_a_number_on_one_line() {
        let caller = |text: &str| {
            let message = message(text);
            message.caller()
        };
        let pair = |name: &str, number: &str| (name.to_owned(), number.to_owned());
        assert_eq!(caller("\"Ada\" <1001>"), pair("Ada", "1001"));
        assert_eq!(caller("0421 123"), pair("", "0421 123"));
        assert_eq!(caller("\"Anonymous\" <anonymous>"), pair("", ""));
        assert_eq!(caller("Unknown"), pair("", ""));
        assert_eq!(
            caller("\"Ada\r\nBcc: x@y\" <1001>"),
            pair("Ada  Bcc: x@y", "1001")
        );
    }

    #[test]
    fn a_file_name_has_no_path() {
        let zone = chrono_tz::Europe::Berlin;
        assert_eq!(
            message("\"A\" <../0421/9>").file_name(zone),
            "voicemail-04219-2026-11-22-1405.wav"
        );
        assert_eq!(
            message("").file_name(zone),
            "voicemail-unknown-2026-11-22-1405.wav"
        );
    }

    fn message(caller: &str) -> NewMessage {
        NewMessage {
            context: "default".into(),
            mailbox: "1001".into(),
            msg_id: "1-1".into(),
            recipient: "a@b.de".into(),
            caller: caller.into(),
            at: "2026-11-22T13:05:00Z".parse().expect("a moment"),
            seconds: 1,
            owner: String::new(),
            language: None,
            recording: None,
            is_removed: false,
        }
    }
}
