//! Mailboxes and messages.

use views::extensions::voicemail::{Mailbox, Values};
use views::ui::form::FieldErrors;
use views::ui::state::{Party, PhoneState};
use views::voicemail::{self, Deleted, Message, Voicemail};
use views::{Markup, Page, extensions};

use super::{EVIL, ago, title};

pub fn pages(page: &Page<'_>) -> Vec<(&'static str, Markup)> {
    let none = Voicemail {
        mailboxes: Vec::new(),
        messages: Vec::new(),
        ..messages()
    };
    let no_new = Voicemail {
        new_only: true,
        messages: Vec::new(),
        ..messages()
    };
    let mut errors = FieldErrors::default();
    errors.add("pin", page.texts.error("pin_weak", &[]));
    let empty = Mailbox {
        latest: Vec::new(),
        ..mailbox()
    };
    let refused = Mailbox {
        errors,
        exists: false,
        ..mailbox()
    };
    let fresh = Mailbox {
        pin: Some("482913".into()),
        ..mailbox()
    };
    vec![
        ("voicemail", voicemail::page(page, &messages())),
        ("voicemail-none", voicemail::page(page, &none)),
        ("voicemail-no-new", voicemail::page(page, &no_new)),
        (
            "extension-voicemail",
            extensions::voicemail::page(page, &mailbox()),
        ),
        (
            "extension-voicemail-empty",
            extensions::voicemail::page(page, &empty),
        ),
        (
            "extension-voicemail-refused",
            extensions::voicemail::page(page, &refused),
        ),
        (
            "extension-voicemail-pin",
            extensions::voicemail::page(page, &fresh),
        ),
    ]
}

fn messages() -> Voicemail {
    let message = |id: i64, number: &str, name: Option<&str>, is_read| Message {
        id,
        mailbox: "1001".into(),
        caller: Party {
            number: number.into(),
            name: name.map(str::to_owned),
            is_extension: id == 3,
        },
        at: ago(id * 4000),
        seconds: 83,
        is_read,
    };
    let mailbox = |number: &str, name: &str, new| voicemail::Mailbox {
        number: number.into(),
        name: name.into(),
        total: 12,
        new,
    };
    Voicemail {
        mailboxes: vec![mailbox("1001", "Nadja Weber", 0), mailbox("1002", EVIL, 2)],
        mailbox: None,
        new_only: false,
        messages: vec![
            message(3, "1002", Some(EVIL), false),
            message(2, "042198961300", None, false),
            message(1, "", None, true),
        ],
        after: Some(9),
        next: Some(1),
        deleted: Some(Deleted {
            id: 4,
            caller: EVIL.into(),
        }),
    }
}

fn mailbox() -> Mailbox {
    Mailbox {
        title: title(PhoneState::Idle),
        exists: true,
        values: Values {
            enabled: true,
            name: EVIL.into(),
            email: "nadja@example.com".into(),
            attach: true,
            delete_after_mail: false,
        },
        total: 12,
        latest: messages().messages,
        deleted: messages().deleted,
        pin: None,
        may_delete: true,
        errors: FieldErrors::default(),
    }
}
