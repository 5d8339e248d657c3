//! The pages of one extension.

use std::time::Duration;

use views::Texts;
use views::dashboard::CallsToday;
use views::extensions::{
    Title, credentials, delete, history, overview, password, rename, strength::Strength,
};
use views::ui::form::FieldErrors;
use views::ui::state::{Live, PhoneState};

use super::extensions::weak;
use super::{EVIL, ago, title};

pub fn overview(state: PhoneState) -> overview::Overview {
    let phone = |address: &str, agent: Option<&str>, is_reachable| overview::Phone {
        address: address.into(),
        user_agent: agent.map(Into::into),
        round_trip: (is_reachable == Some(true)).then_some(Duration::from_millis(12)),
        is_reachable,
        expires: Some(ago(-1_800)),
    };
    let phones = vec![
        phone(
            "192.168.1.20:5060",
            Some("Yealink SIP-T46S 66.86.0.15"),
            Some(true),
        ),
        phone("[2001:db8::17]:61234", None, Some(false)),
        phone("10.0.0.8:5062", Some(EVIL), None),
    ];
    overview::Overview {
        title: Title {
            may_edit: state != PhoneState::Unknown,
            ..title(state)
        },
        since: Some(ago(83)),
        peer: (state == PhoneState::Talking).then(|| "1002".into()),
        phones: match state {
            PhoneState::Unknown => Live::Unknown {
                since: Some(ago(90_000)),
            },
            PhoneState::Offline => Live::Known(vec![]),
            _ => Live::Known(phones),
        },
        max_phones: 5,
        ring_time: 20,
        detours: overview::Detours {
            busy: (state == PhoneState::Talking).then(|| "0171 123456".into()),
            ..overview::Detours::default()
        },
        context: "internal".into(),
        calls_today: (state != PhoneState::Unknown).then_some(CallsToday {
            total: 7,
            answered: 6,
            missed: 1,
            hours: vec![0, 7],
        }),
    }
}

pub fn set_password(texts: &Texts) -> password::SetPassword {
    let mut errors = FieldErrors::default();
    errors.add(
        "password",
        texts.error("secret_too_short", &[("min", 8.into())]),
    );
    let strength = Some(Strength {
        score: 3,
        is_weak: false,
        ..weak()
    });
    password::SetPassword {
        title: title(PhoneState::Idle),
        strength,
        min_password: 8,
        errors,
    }
}

pub fn rename(texts: &Texts) -> rename::Rename {
    let mut errors = FieldErrors::default();
    errors.add("number", texts.error("emergency_number", &[]));
    rename::Rename {
        title: title(PhoneState::Idle),
        number: "112".into(),
        errors,
    }
}

pub fn delete() -> delete::Delete {
    delete::Delete {
        title: title(PhoneState::Talking),
        phones: 2,
        calls: 1,
        messages: 3,
        numbers: 2,
        forwarding: 1,
        forwards: 2,
        history: 1_312,
    }
}

pub fn history() -> history::History {
    use history::{Act, By, Change, Field};
    let field = |column: &str, before: Option<&str>, after: Option<&str>| Field {
        column: column.into(),
        before: before.map(Into::into),
        after: after.map(Into::into),
    };
    let change = |act, by, seconds, fields| Change {
        at: ago(seconds),
        by,
        from: Some("192.168.1.5".into()),
        act,
        fields,
        undo: Some("4711".into()),
    };
    let admin = || By::User("admin".into());
    let callerid = "ps_endpoints.callerid";
    let renamed = field(
        callerid,
        Some("\"Nadja\" <1001>"),
        Some("\"Nadja Weber\" <1001>"),
    );
    let changes = vec![
        change(
            Act::Edited,
            admin(),
            300,
            vec![renamed, field("ps_aors.max_contacts", None, Some("5"))],
        ),
        change(
            Act::Sql,
            By::Role("gonopbx_dba".into()),
            4_000,
            vec![field(callerid, Some(EVIL), None)],
        ),
        change(
            Act::PasswordSet,
            admin(),
            90_000,
            vec![field(
                "ps_auths.password_digest",
                Some("********"),
                Some("********"),
            )],
        ),
        change(Act::Disabled, admin(), 100_000, vec![]),
        change(Act::Enabled, admin(), 110_000, vec![]),
        change(
            Act::Renamed,
            admin(),
            120_000,
            vec![field("ps_endpoints.id", Some("1010"), Some("1001"))],
        ),
        change(Act::Deleted, admin(), 40_000_000, vec![]),
        change(Act::Created, admin(), 40_000_100, vec![]),
    ];
    let next = Some("/extensions/1001/history?after=17".into());
    history::History {
        title: title(PhoneState::Idle),
        changes,
        next,
    }
}

pub fn credentials(is_registered: bool) -> credentials::Credentials {
    let phone = |agent: Option<&str>| credentials::Registered {
        address: "192.168.1.20:5060".into(),
        user_agent: agent.map(Into::into),
        since: Some(ago(2)),
    };
    let phones = if is_registered {
        vec![phone(Some("Yealink T46")), phone(None)]
    } else {
        vec![]
    };
    credentials::Credentials {
        number: "1001".into(),
        name: "Nadja Weber".into(),
        server: "192.168.1.10:5070".into(),
        password: "vX7pQ2mK9sT4wR8nB3cd".into(),
        qr: Some(QR.into()),
        registration: credentials::Registration {
            number: "1001".into(),
            phones: Live::Known(phones),
        },
    }
}

pub const QR: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 7 7"><path d="M0 0h3v3H0zM4 0h3v3H4zM0 4h3v3H0zM5 5h1v1H5z" fill="#000"/></svg>"##;
