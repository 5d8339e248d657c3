//! Trunks in every state, the way to a new one, and the pages of one.

use std::time::Duration;

use views::Texts;
use views::trunks::check::{Answer, Check, Name, Registration};
use views::trunks::choose::Offer;
use views::trunks::delete::Delete;
use views::trunks::form::{Edit, New, ProviderField, ProviderForm, Values};
use views::trunks::list::{Entry, List};
use views::trunks::numbers::{BlockNumber, Numbers, Route};
use views::trunks::overview::{Calls, LastAnswer, Link, Overview};
use views::trunks::{AuthMode, Provider, Refusal, Trunk, TrunkRef, TrunkState};
use views::ui::did::Did;
use views::ui::form::FieldErrors;
use views::ui::state::{Live, Party};

use super::extensions::codecs;
use super::{EVIL, ago, party};

pub fn provider(base: &str, logo: &str, name: &str) -> Provider {
    Provider {
        name: name.into(),
        logo: format!("{base}/providers/{logo}.svg"),
    }
}

pub fn trunk_ref(id: i64) -> TrunkRef {
    let name = if id == 2 { EVIL } else { "Hauptanschluss" };
    TrunkRef {
        id,
        name: name.into(),
    }
}

/// The `index`th number of a block in Bremen.
pub fn did(index: u64) -> Did {
    Did {
        e164: format!("+49421989613{index:02}"),
        shown: format!("0421 989613{index:02}"),
    }
}

pub fn states() -> Vec<TrunkState> {
    let since = Some(ago(1_380));
    let round_trip = Some(Duration::from_millis(12));
    let refused = |why| TrunkState::Rejected { since, why };
    vec![
        TrunkState::Registered { round_trip },
        refused(Some(Refusal::of(403, "Forbidden"))),
        TrunkState::Reachable { round_trip },
        TrunkState::Registering,
        TrunkState::Unanswered { since, why: None },
        TrunkState::Unreachable { since },
        TrunkState::Disabled,
        TrunkState::FixedIp,
        TrunkState::Unknown { since },
        TrunkState::Registered { round_trip: None },
        TrunkState::Reachable { round_trip: None },
        refused(Some(Refusal::of(503, EVIL))),
        refused(Some(Refusal::of(604, "Does Not Exist Anywhere"))),
        refused(Some(Refusal::of(488, "Not Acceptable Here"))),
        refused(Some(Refusal::of(408, "Request Timeout"))),
        refused(Some(Refusal::NoAddress)),
        TrunkState::Rejected {
            since: None,
            why: None,
        },
        TrunkState::Unanswered {
            since: None,
            why: None,
        },
        TrunkState::Unreachable { since: None },
        TrunkState::Unanswered {
            since,
            why: Some(Refusal::NoAddress),
        },
        TrunkState::Unanswered {
            since,
            why: Some(Refusal::Certificate("UnknownIssuer".to_owned())),
        },
        TrunkState::Unanswered {
            since,
            why: Some(Refusal::NoNameServer),
        },
        TrunkState::Unanswered {
            since,
            why: Some(Refusal::NoTls("received corrupt message".to_owned())),
        },
    ]
}

/// One trunk for each state, of changing providers.
pub fn trunks(base: &str) -> Vec<Trunk> {
    let providers = [
        ("plusnet", "Plusnet IPfonie basic", "Hauptanschluss"),
        ("telekom", "Telekom CompanyFlex", EVIL),
        (
            "dusnet",
            "dus.net",
            "Filiale Süd mit einem recht langen Namen",
        ),
        ("sipgate", "sipgate trunking", "Hotline"),
        ("iliad", "Iliad Italia", "Milano"),
        ("custom", "Anderer Anbieter", "Labor"),
    ];
    let trunk =
        |((id, state), (logo, company, name)): ((i64, TrunkState), &(&str, &str, &str))| Trunk {
            id,
            name: (*name).into(),
            provider: provider(base, logo, company),
            state,
        };
    (1..)
        .zip(states())
        .zip(providers.iter().cycle())
        .map(trunk)
        .collect()
}

pub fn trunk(base: &str, state: TrunkState) -> Trunk {
    Trunk {
        id: 1,
        name: "Hauptanschluss".into(),
        provider: provider(base, "plusnet", "Plusnet IPfonie basic"),
        state,
    }
}

pub fn list(base: &str) -> List {
    let entry = |trunk: Trunk| Entry {
        used: 12,
        total: 100,
        calls_today: (trunk.id != 3).then_some(1_048),
        trunk,
    };
    List {
        trunks: trunks(base).into_iter().map(entry).collect(),
    }
}

pub fn offers(base: &str) -> Vec<Offer> {
    let offer = |key: &str, logo, name, country: &str| Offer {
        key: key.into(),
        provider: provider(base, logo, name),
        country: country.into(),
    };
    vec![
        offer("plusnet_basic", "plusnet", "IPfonie basic", "DE"),
        offer("plusnet_connect", "plusnet", "IPfonie connect", "DE"),
        offer(
            "telekom_deutschlandlan",
            "telekom",
            "DeutschlandLAN SIP-Trunk",
            "DE",
        ),
        offer(
            "telekom_companyflex",
            "telekom",
            "CompanyFlex SIP-Trunk",
            "DE",
        ),
        offer("dusnet", "dusnet", "dus.net", "DE"),
        offer("sipgate", "sipgate", "sipgate trunking", "DE"),
        offer("iliad_it", "iliad", "Iliad Italia", "IT"),
        offer("a&b", "custom", EVIL, "XK"),
        offer("custom", "custom", "SIP", ""),
    ]
}

fn form(base: &str, modes: &[AuthMode]) -> ProviderForm {
    let field = |name: &str, label: &str, help: &str, example: &str| ProviderField {
        name: name.into(),
        label: label.into(),
        help: help.into(),
        is_required: true,
        is_secret: name == "password",
        example: example.into(),
        only: ["username", "password"]
            .contains(&name)
            .then_some(AuthMode::Registration),
    };
    ProviderForm {
        key: "plusnet_basic".into(),
        provider: provider(base, "plusnet", "Plusnet IPfonie basic"),
        country: "DE".into(),
        fields: vec![
            field(
                "sip_server",
                "Registrar",
                "Seite 2, „Zugangsdaten“.",
                "sip.example.net",
            ),
            field(
                "username",
                "SIP-Benutzername",
                "Seite 2, „SIP-Benutzer“.",
                "iph1234567890",
            ),
            field("password", "SIP-Passwort", EVIL, ""),
            field(
                "number_block",
                "Rufnummernblock",
                "Seite 1.",
                "042198961300-99",
            ),
        ],
        auth_modes: modes.to_vec(),
        usual_codecs: vec!["G.711 A-law".into(), "G.722".into()],
    }
}

fn values(is_refused: bool) -> Values {
    let typed = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Values {
        name: if is_refused {
            EVIL.into()
        } else {
            "Hauptanschluss".into()
        },
        auth_mode: AuthMode::Registration,
        typed: [
            typed("sip_server", "sip.ipfonie.de"),
            typed("username", "iph0815"),
            typed("number_block", "042198961300-99"),
            typed("from_user", if is_refused { EVIL } else { "" }),
        ]
        .into(),
        is_enabled: true,
        has_own_codecs: is_refused,
        codecs: codecs(is_refused),
    }
}

pub fn new(base: &str) -> New {
    New {
        provider: form(base, &[AuthMode::Registration]),
        values: Values {
            typed: [].into(),
            ..values(false)
        },
        errors: FieldErrors::default(),
    }
}

pub fn new_refused(base: &str, texts: &Texts) -> New {
    let mut errors = FieldErrors::default();
    errors.add("name", texts.error("name_taken", &[]));
    errors.add("auth_mode", texts.error("invalid_auth_mode", &[]));
    errors.add("sip_server", texts.error("invalid_host", &[]));
    errors.add("password", texts.error("credentials_required", &[]));
    errors.add(
        "number_block",
        texts.error("block_too_large", &[("max", 10_000.into())]),
    );
    errors.add("from_user", texts.error("invalid_characters", &[]));
    errors.add("codecs", texts.error("no_codec", &[]));
    New {
        provider: form(base, &[AuthMode::Registration, AuthMode::Ip]),
        values: values(true),
        errors,
    }
}

pub fn edit(base: &str) -> Edit {
    Edit {
        trunk: trunk(base, TrunkState::Registering),
        provider: form(base, &[AuthMode::Registration, AuthMode::Ip]),
        values: values(false),
        errors: FieldErrors::default(),
    }
}

pub fn check(base: &str, state: TrunkState) -> Check {
    let good = matches!(state, TrunkState::Registered { .. });
    Check {
        name: Name::Found(vec!["203.0.113.17".into(), "203.0.113.18".into()]),
        answer: Answer::In(Duration::from_millis(12)),
        registration: Some(if good {
            Registration::Done {
                until: Some(ago(-540)),
            }
        } else {
            Registration::Refused {
                status: Some(403),
                why: Refusal::of(403, "Forbidden"),
            }
        }),
        trunk: trunk(base, state),
        server: "sip.ipfonie.de".into(),
    }
}

/// A list with the other things that can happen.
pub fn check_open(
    base: &str,
    name: Name,
    answer: Answer,
    registration: Option<Registration>,
) -> Check {
    Check {
        name,
        answer,
        registration,
        server: "203.0.113.17".into(),
        trunk: trunk(base, TrunkState::Registering),
    }
}

pub fn overview(base: &str, state: TrunkState) -> Overview {
    let mode = match state {
        TrunkState::Reachable { .. } | TrunkState::Unreachable { .. } => AuthMode::Ip,
        _ => AuthMode::Registration,
    };
    let is_known = !matches!(state, TrunkState::Unknown { .. });
    let refused = matches!(state, TrunkState::Rejected { .. });
    let link = Link {
        answer: Some(LastAnswer {
            status: if refused { 403 } else { 200 },
            words: if refused { EVIL.into() } else { "OK".into() },
            at: Some(ago(60)),
        }),
        expires: (!refused).then(|| ago(-540)),
        next: Some(ago(-530)),
        is_reachable: Some(!refused),
        round_trip: (!refused).then_some(Duration::from_millis(12)),
    };
    let calls = |incoming, outgoing| is_known.then_some(Calls { incoming, outgoing });
    Overview {
        mode,
        server: "sip.ipfonie.de".into(),
        addresses: vec!["203.0.113.17".into(), "203.0.113.18".into()],
        since: Some(ago(90_000)),
        link: if is_known {
            Live::Known(link)
        } else {
            Live::Unknown { since: None }
        },
        used: 12,
        total: 100,
        calls_today: calls(31, 17),
        calls_week: calls(1_204, 1),
        trunk: trunk(base, state),
    }
}

pub fn block(count: u64) -> Vec<BlockNumber> {
    let route = |index: u64| Route {
        id: i64::try_from(index).expect("a small number"),
        destination: party("1001", "Nadja Weber"),
        description: if index == 2 {
            EVIL.into()
        } else {
            String::new()
        },
        last_called: (index != 1).then(|| ago(700)),
        is_enabled: index != 3,
    };
    let number = |index| BlockNumber {
        did: did(index),
        route: (index < 4).then(|| route(index)),
    };
    (0..count).map(number).collect()
}

pub fn destinations() -> Vec<Party> {
    vec![
        party("1001", "Nadja Weber"),
        party("1002", EVIL),
        party("1003", ""),
    ]
}

pub fn numbers(base: &str, count: u64) -> Numbers {
    Numbers {
        trunk: trunk(base, states()[0].clone()),
        used: count.min(4),
        total: count,
        numbers: block(count),
        after: (count > 0).then(|| "+4942198961299".into()),
        next: (count > 50).then(|| "+4942198961399".into()),
        destinations: destinations(),
    }
}

pub fn delete(base: &str, is_used: bool) -> Delete {
    Delete {
        trunk: trunk(base, TrunkState::Disabled),
        numbers: if is_used { 12 } else { 0 },
        extensions: if is_used { destinations() } else { vec![] },
        more_extensions: if is_used { 3 } else { 0 },
        calls: u64::from(is_used),
    }
}
