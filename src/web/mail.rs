//! The words of mails, in the language of the one who reads them.

use std::sync::Arc;

use views::mail::{Mail, Voicemail};
use views::{Lang, Texts};

use crate::app::App;
use crate::app::postman::Write;
use crate::domain::did::{Did, NumberPlan};
use crate::domain::letter::{Letter, NewMessage};

/// `language` is for those who have chosen none.
pub fn writer(app: Arc<App>, language: Lang, zone: chrono_tz::Tz) -> Write {
    Arc::new(move |message, plan| {
        let lang = message.language.as_deref().and_then(Lang::find);
        let texts = Texts::new(lang.unwrap_or(language), zone, app.clock().now());
        let mail = views::mail::voicemail(&described(message, plan), &texts);
        letter(mail, message.file_name(zone))
    })
}

pub fn test(texts: &Texts) -> Letter {
    letter(views::mail::test(texts), String::new())
}

fn letter(mail: Mail, file_name: String) -> Letter {
    Letter {
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        file_name,
    }
}

fn described(message: &NewMessage, plan: &NumberPlan) -> Voicemail {
    let (caller_name, number) = message.caller();
    // Short ones are extensions: they would be read as a number of the town.
    let outside = number.starts_with(['0', '+']);
    let did = outside.then(|| Did::parse(&number, plan).ok()).flatten();
    Voicemail {
        caller_name,
        caller_number: did.map_or(number, |did| did.for_people(plan)),
        at: message.at,
        seconds: u64::from(message.seconds),
        mailbox: message.mailbox.clone(),
        owner: message.owner.clone(),
        is_attached: message.recording.is_some(),
        is_removed: message.is_removed,
    }
}
