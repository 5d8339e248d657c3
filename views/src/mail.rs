//! What mails say. Their shape is in `templates/mail`, their words are texts of the language.

use askama::Template;
use chrono::{DateTime, Utc};

use crate::texts::Texts;

/// A new message in a mailbox.
#[derive(Clone, Debug)]
pub struct Voicemail {
    /// Name and number as people write them; empty when the caller did not tell.
    pub caller_name: String,
    pub caller_number: String,
    pub at: DateTime<Utc>,
    pub seconds: u64,
    pub mailbox: String,
    /// Whose mailbox it is; may be empty.
    pub owner: String,
    pub is_attached: bool,
    /// It is removed from the mailbox when the mail is out.
    pub is_removed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail/voicemail.txt")]
struct Plain<'a> {
    intro: &'a str,
    facts: &'a [(&'a str, String)],
    lines: &'a [&'a str],
}

#[derive(Template)]
#[template(path = "mail/voicemail.html")]
struct Html<'a> {
    language: &'a str,
    subject: &'a str,
    intro: &'a str,
    facts: &'a [(&'a str, String)],
    lines: &'a [&'a str],
}

pub fn voicemail(message: &Voicemail, t: &Texts) -> Mail {
    let caller = caller(message, t);
    let mailbox = message.mailbox.as_str();
    let subject = t.t_args(
        "mail-voicemail-subject",
        &[("caller", caller.as_str().into())],
    );
    let intro = if message.owner.is_empty() {
        t.t_args("mail-voicemail-intro", &[("mailbox", mailbox.into())])
    } else {
        let owner = message.owner.as_str();
        t.t_args(
            "mail-voicemail-intro-owner",
            &[("owner", owner.into()), ("mailbox", mailbox.into())],
        )
    };
    let received = format!("{} {}", t.date(message.at), t.time(message.at));
    let facts = [
        (t.t("mail-voicemail-caller"), caller),
        (t.t("mail-voicemail-at"), received),
        (t.t("mail-voicemail-length"), t.clock(message.seconds)),
        (t.t("mail-voicemail-mailbox"), message.mailbox.clone()),
    ];
    let mut lines = Vec::new();
    if message.is_attached {
        lines.push(t.t("mail-voicemail-attached"));
    }
    lines.push(if message.is_removed {
        t.t("mail-voicemail-removed")
    } else {
        t.t("mail-voicemail-listen")
    });
    let (facts, lines) = (&facts[..], &lines[..]);
    let text = Plain {
        intro: &intro,
        facts,
        lines,
    };
    let html = Html {
        language: t.lang().code(),
        subject: &subject,
        intro: &intro,
        facts,
        lines,
    };
    Mail {
        text: rendered(&text),
        html: rendered(&html),
        subject,
    }
}

/// What the button on the settings page sends.
pub fn test(t: &Texts) -> Mail {
    let (subject, intro) = (t.t("mail-test-subject"), t.t("mail-test-body"));
    let text = Plain {
        intro,
        facts: &[],
        lines: &[],
    };
    let html = Html {
        language: t.lang().code(),
        subject,
        intro,
        facts: &[],
        lines: &[],
    };
    Mail {
        subject: subject.to_owned(),
        text: rendered(&text),
        html: rendered(&html),
    }
}

fn caller(message: &Voicemail, t: &Texts) -> String {
    let (name, number) = (&message.caller_name, &message.caller_number);
    match (name.is_empty(), number.is_empty()) {
        (true, true) => t.t("mail-voicemail-unknown").to_owned(),
        (true, false) => number.clone(),
        (false, true) => name.clone(),
        (false, false) if name == number => number.clone(),
        (false, false) => format!("{name} ({number})"),
    }
}

fn rendered(template: &impl Template) -> String {
    template
        .render()
        .expect("these templates hold only texts, and a String takes them all")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Lang;

    fn mail(code: &str, change: impl FnOnce(&mut Voicemail)) -> Mail {
        let at = "2026-11-22T13:05:09Z".parse().unwrap();
        let texts = Texts::new(Lang::find(code).unwrap(), chrono_tz::Europe::Berlin, at);
        let mut message = Voicemail {
            caller_name: "Ada <b>".into(),
            caller_number: "0421 98961300".into(),
            at,
            seconds: 83,
            mailbox: "1001".into(),
            owner: "Bob".into(),
            is_attached: true,
            is_removed: false,
        };
        change(&mut message);
        voicemail(&message, &texts)
    }

    #[test]
    fn a_mail_says_who_when_and_how_long() {
        let de = mail("de", |_| {});
        assert_eq!(de.subject, "Neue Nachricht von Ada <b> (0421 98961300)");
        let told = "In der Mailbox von Bob (1001) ist eine neue Nachricht.\n\n\
            Anrufer: Ada <b> (0421 98961300)\nEingegangen: 22.11.2026 14:05\nLänge: 1:23\nMailbox: 1001\n\n\
            Die Nachricht hängt an.\nAnhören im Browser oder mit *98.\n";
        assert_eq!(de.text, told);
        assert!(de.html.contains("Ada &#60;b&#62;"), "{}", de.html);
        assert!(de.html.contains("lang=\"de\""), "{}", de.html);
    }

    #[test]
    fn a_hidden_caller_is_unknown_and_what_is_not_kept_is_told() {
        let en = mail("en", |message| {
            message.caller_name.clear();
            message.caller_number.clear();
            message.owner.clear();
            message.is_attached = false;
            message.is_removed = true;
        });
        assert_eq!(en.subject, "New message from unknown");
        assert!(en.text.contains("in mailbox 1001."), "{}", en.text);
        assert!(!en.text.contains("attached"), "{}", en.text);
        assert!(en.text.contains("It is not kept in the mailbox."));
    }
}
