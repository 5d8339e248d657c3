//! The list of extensions and the forms.

use views::extensions::{bulk, form, forwards::Kind, import, list, strength::Strength};
use views::ui::form::FieldErrors;
use views::ui::state::PhoneState;
use views::{Markup, Page, Texts};

use super::dashboard::PEOPLE;
use super::{EVIL, title};

pub fn extensions() -> list::List {
    let row = |(number, name, state): &(&str, &str, PhoneState)| list::Row {
        number: (*number).into(),
        name: (*name).into(),
        state: *state,
        is_enabled: *state != PhoneState::Disabled,
        may_call: *state != PhoneState::Disabled,
        phones: match state {
            PhoneState::Unknown => None,
            PhoneState::Offline | PhoneState::Disabled => Some(0),
            _ => Some(2),
        },
        max_phones: 5,
        forwards: match *number {
            "1001" => vec![Kind::Busy, Kind::NoAnswer],
            _ => vec![],
        },
        messages: (*number != "1003").then_some(list::Messages { new: 2, total: 12 }),
        context: (*number == "1004").then(|| "custom".into()),
    };
    list::List {
        query: list::Query {
            sort: list::Sort::Name,
            ..list::Query::default()
        },
        rows: PEOPLE.iter().map(row).collect(),
        next: Some("1008".into()),
        total: 1_240,
        any: true,
        may_edit: true,
        may_call: true,
    }
}

pub fn no_match() -> list::List {
    let query = list::Query {
        q: EVIL.into(),
        state: list::Filter::Offline,
        after: Some("1050".into()),
        ..list::Query::default()
    };
    list::List {
        query,
        rows: vec![],
        next: None,
        total: 0,
        any: true,
        may_edit: true,
        may_call: true,
    }
}

pub fn no_extensions() -> list::List {
    list::List {
        any: false,
        query: list::Query::default(),
        ..no_match()
    }
}

pub fn codecs(is_own: bool) -> Vec<form::Codec> {
    let codec = |name: &str, label: &str, rank| form::Codec {
        name: name.into(),
        label: label.into(),
        rank,
    };
    vec![
        codec("ulaw", "G.711 µ-law", is_own.then_some(2)),
        codec("alaw", "G.711 A-law", is_own.then_some(1)),
        codec("g722", "G.722", None),
        codec("opus", "Opus", None),
    ]
}

pub fn values(is_refused: bool) -> form::Values {
    form::Values {
        name: if is_refused {
            EVIL.into()
        } else {
            String::new()
        },
        is_enabled: true,
        context: "internal".into(),
        has_own_codecs: is_refused,
        codecs: codecs(is_refused),
        ring_time: if is_refused {
            "700".into()
        } else {
            "20".into()
        },
        max_phones: "5".into(),
        has_lamp: true,
        pickup_group: String::new(),
    }
}

pub fn choices() -> form::Choices {
    form::Choices {
        contexts: vec!["internal".into(), "custom".into()],
        system_codecs: vec!["G.722".into(), "G.711 A-law".into(), "G.711 µ-law".into()],
        ring_time: (5, 120),
    }
}

pub fn weak() -> Strength {
    Strength {
        score: 1,
        is_weak: true,
        may_override: true,
        is_overridden: false,
    }
}

pub fn new(texts: &Texts, is_refused: bool) -> form::New {
    let mut errors = FieldErrors::default();
    if is_refused {
        errors.add("extension", texts.error("taken", &[]));
        errors.add("caller_id", texts.error("invalid_characters", &[]));
        errors.add("secret", texts.error("secret_weak", &[]));
        let range = [("min", 5.into()), ("max", 120.into())];
        errors.add("ring_time", texts.error("out_of_range", &range));
        errors.add("somewhere_else", texts.error("conflict", &[]));
    }
    form::New {
        number: "1001".into(),
        strength: is_refused.then(weak),
        values: values(is_refused),
        choices: choices(),
        errors,
        min_password: 8,
    }
}

pub fn edit() -> form::Edit {
    form::Edit {
        title: title(PhoneState::Idle),
        values: form::Values {
            name: "Nadja Weber".into(),
            ..values(false)
        },
        choices: choices(),
        errors: FieldErrors::default(),
    }
}

pub fn upload(is_refused: bool) -> import::Upload {
    let mut errors = FieldErrors::default();
    if is_refused {
        errors.add("file", "There is no row below the headings.".into());
    }
    import::Upload {
        errors,
        most_rows: 5000,
        most_kilobytes: 1024,
    }
}

pub fn preview(is_good: bool) -> import::Preview {
    let bad = import::Bad {
        row: 12,
        number: "01".into(),
        name: EVIL.into(),
        reasons: vec![import::Reason {
            field: "Number".into(),
            sentence: "It begins with 0.".into(),
        }],
    };
    import::Preview {
        total: 1000,
        good: 999,
        bad: if is_good { Vec::new() } else { vec![bad] },
        weak: vec!["1001".into(), "1002".into()],
        unknown: vec![EVIL.into()],
        was_windows: true,
        text: format!("Nummer;Name\n1001;{EVIL}\n"),
    }
}

pub fn imported() -> import::Imported {
    import::Imported {
        count: 2,
        weak: vec!["1001".into()],
        made: vec![import::Made {
            number: "1002".into(),
            name: EVIL.into(),
            password: "aB3-x_Z.q9!wErTyUiOp".into(),
            pin: "482913".into(),
        }],
        list: format!("Number,Name\n1002,{EVIL}\n"),
    }
}

pub fn many(action: bulk::Action) -> bulk::Many {
    let mut errors = FieldErrors::default();
    if action == bulk::Action::RingTime {
        errors.add("ring_time", "Please enter a number from 5 to 120.".into());
    }
    let numbers: Vec<String> = (1001..1030).map(|n: u32| n.to_string()).collect();
    bulk::Many {
        action,
        count: 312,
        numbers: numbers.join(","),
        next: "/extensions?q=x".into(),
        has_own_codecs: true,
        codecs: codecs(true),
        pickup_group: EVIL.into(),
        ring_time: "500".into(),
        choices: form::Choices {
            contexts: vec!["internal".into()],
            system_codecs: vec!["G.711".into()],
            ring_time: (5, 120),
        },
        dependants: bulk::Dependants {
            numbers: 1,
            forwards: 2,
            forwards_to: 1,
            mailboxes: 312,
            messages: 4,
            phones: 1,
        },
        errors,
    }
}

/// Tables that come and go, and changes of many.
pub fn tables(page: &Page<'_>) -> Vec<(&'static str, Markup)> {
    vec![
        ("import", import::upload(page, &upload(false))),
        ("import-refused", import::upload(page, &upload(true))),
        ("import-good", import::preview(page, &preview(true))),
        ("import-bad", import::preview(page, &preview(false))),
        ("imported", import::done(page, &imported())),
        ("many-codecs", bulk::page(page, &many(bulk::Action::Codecs))),
        (
            "many-pickup",
            bulk::page(page, &many(bulk::Action::PickupGroup)),
        ),
        ("many-ring", bulk::page(page, &many(bulk::Action::RingTime))),
        ("many-delete", bulk::page(page, &many(bulk::Action::Delete))),
    ]
}
