//! The list of numbers, its forms, and the numbers of one extension.

use views::Texts;
use views::extensions::Title;
use views::extensions::numbers::{Assigned, Block, Numbers, Outbound};
use views::numbers::form::{Choices, Edit, New, Values};
use views::numbers::list::{Free, List, Query, Row, Unknown};
use views::ui::did::{Did, OwnDid};
use views::ui::form::FieldErrors;
use views::ui::state::PhoneState;

use super::trunks::{block, destinations, did, trunk_ref};
use super::{EVIL, ago, party, title};

pub fn list() -> List {
    let row = |index: u64| {
        let id = i64::try_from(index).expect("a small number");
        Row {
            id,
            did: did(index),
            trunk: trunk_ref(1 + id % 2),
            destination: party("1001", "Nadja Weber"),
            description: if index == 2 {
                EVIL.into()
            } else {
                String::new()
            },
            last_called: (index != 4).then(|| ago(700 * id)),
            is_enabled: index != 3,
        }
    };
    let unknown = |index, calls_today, seconds| Unknown {
        did: did(index),
        trunk: trunk_ref(1),
        calls_today,
        last: ago(seconds),
    };
    List {
        query: Query {
            q: "0421".into(),
            trunk: Some(1),
            after: None,
            free: None,
        },
        rows: (0..8).map(row).collect(),
        next: Some("+4942198961307".into()),
        total: 1_240,
        any: true,
        trunks: vec![trunk_ref(1), trunk_ref(2)],
        unknown: vec![
            unknown(42, 3, 700),
            unknown(43, 1, 7_000),
            Unknown {
                did: Did {
                    e164: EVIL.into(),
                    shown: EVIL.into(),
                },
                ..unknown(44, 0, 300_000)
            },
        ],
        free: Free {
            numbers: (50..60).map(|n| (did(n), trunk_ref(1))).collect(),
            next: Some("+4942198961359".into()),
            total: 9_998,
        },
        destinations: destinations(),
    }
}

pub fn no_match() -> List {
    List {
        query: Query {
            q: EVIL.into(),
            after: Some("+49".into()),
            ..Query::default()
        },
        rows: vec![],
        next: None,
        total: 0,
        unknown: vec![],
        free: Free {
            numbers: vec![],
            next: None,
            total: 1,
        },
        ..list()
    }
}

pub fn empty(has_trunk: bool) -> List {
    List {
        query: Query::default(),
        any: false,
        free: Free::default(),
        trunks: if has_trunk {
            vec![trunk_ref(1)]
        } else {
            vec![]
        },
        ..no_match()
    }
}

fn choices() -> Choices {
    Choices {
        trunks: vec![trunk_ref(1), trunk_ref(2)],
        destinations: destinations(),
    }
}

pub fn new(texts: &Texts) -> New {
    let mut errors = FieldErrors::default();
    errors.add("did", texts.error("did_taken", &[]));
    errors.add("trunk_id", texts.error("unknown_trunk", &[]));
    errors.add(
        "destination_extension",
        texts.error("unknown_extension", &[]),
    );
    errors.add(
        "description",
        texts.error("too_long", &[("max", 200.into())]),
    );
    New {
        values: Values {
            did: EVIL.into(),
            trunk: Some(2),
            destination: "4711".into(),
            ..Values::default()
        },
        choices: choices(),
        errors,
        next: "/trunks/1/numbers?after=%2B49".into(),
    }
}

pub fn edit() -> Edit {
    Edit {
        id: 7,
        did: did(7),
        values: Values {
            did: "0421 98961307".into(),
            trunk: Some(1),
            destination: "1001".into(),
            description: EVIL.into(),
            is_enabled: true,
        },
        choices: choices(),
        errors: FieldErrors::default(),
    }
}

pub fn assigned(route_id: i64, index: u64) -> Assigned {
    Assigned {
        last_called: (index > 0).then(|| ago(90_000)),
        route_id,
        own: OwnDid {
            did: did(index),
            is_incoming: index != 2,
            is_outgoing: index == 1,
        },
        trunk: trunk_ref(route_id),
    }
}

pub fn of_extension(texts: &Texts) -> Numbers {
    let mut errors = FieldErrors::default();
    errors.add("did", texts.error("invalid_did", &[]));
    Numbers {
        title: title(PhoneState::Idle),
        assigned: vec![assigned(1, 0), assigned(2, 1), assigned(3, 2)],
        trunks: vec![trunk_ref(1), trunk_ref(2)],
        block: Some(Block {
            trunk: trunk_ref(1),
            numbers: block(40),
            after: None,
            next: Some("+4942198961339".into()),
            typed: EVIL.into(),
        }),
        outbound: Outbound {
            did: Some(did(1).e164),
            pai: Some(did(9).e164),
            pai_choices: vec![did(0), did(9)],
        },
        may_choose: true,
        errors,
    }
}

/// What a person sees of their own extension.
pub fn of_own_extension() -> Numbers {
    Numbers {
        title: Title {
            may_edit: false,
            ..title(PhoneState::Idle)
        },
        trunks: vec![],
        block: None,
        outbound: Outbound::default(),
        errors: FieldErrors::default(),
        assigned: vec![assigned(1, 0)],
        may_choose: false,
    }
}

pub fn of_extension_without(has_trunk: bool) -> Numbers {
    Numbers {
        title: title(PhoneState::Offline),
        assigned: vec![],
        trunks: if has_trunk {
            vec![trunk_ref(1)]
        } else {
            vec![]
        },
        ..of_own_extension()
    }
}
