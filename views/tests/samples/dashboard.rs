//! The dashboard on a good day, on a bad day, and on the first day.

use views::calls::{Direction, Outcome};
use views::dashboard::{
    CallNow, CallState, CallsToday, Connection, Dashboard, LastCall, Level, Phones, Problem,
    System, Tile, Tiles, Trouble, Trunks,
};
use views::trunks::{Trunk, TrunkState};
use views::ui::state::{Live, PhoneState};

use super::numbers::assigned;
use super::{EVIL, ago, party, trunks};

pub fn dashboard(base: &str, is_away: bool) -> Dashboard {
    let since = Some(ago(1_380));
    let problem = |what| Problem {
        what,
        since,
        link: Some("/extensions?state=offline".into()),
    };
    let everything = [
        Trouble::AsteriskAway,
        Trouble::AsteriskRefuses,
        Trouble::AsteriskOutdated,
        Trouble::DatabaseAway,
        Trouble::DatabaseFailing,
        Trouble::NotListening,
        Trouble::CallsWaiting(1),
        Trouble::SpoolUnreadable,
        Trouble::CallsUnreadable(2),
        Trouble::TrunkDown(Some("<b>Haupt</b>".into())),
        Trouble::TrunkDown(None),
        Trouble::NoPhoneOnline,
        Trouble::PhonesUnreachable(3),
        Trouble::NoExtensions,
        Trouble::MailServerMissing,
        Trouble::MailsWaiting(2),
        Trouble::MailsFailed(1),
    ];
    let system = System {
        level: if is_away {
            Level::Critical
        } else {
            Level::Healthy
        },
        problems: everything
            .into_iter()
            .filter(|_| is_away)
            .map(problem)
            .collect(),
        asterisk: Connection::Up { since },
        database: if is_away {
            Connection::Away { since }
        } else {
            Connection::Up { since: None }
        },
    };
    let live = |value| {
        if is_away {
            Live::Unknown { since }
        } else {
            Live::Known(value)
        }
    };
    Dashboard {
        system,
        phones: Some(live(Phones {
            online: 1_212,
            total: 1_240,
        })),
        trunks: Some(trunk_tiles(base, is_away)),
        tiles: Some(Tiles {
            tiles: tiles(is_away),
            more: 1_231,
        }),
        calls_now: if is_away {
            Live::Unknown { since: None }
        } else {
            Live::Known(calls_now())
        },
        calls_today: (!is_away).then_some(CallsToday {
            total: 148,
            answered: 131,
            missed: 17,
            hours: vec![0, 0, 0, 1, 0, 0, 2, 17, 40],
        }),
        last_calls: (!is_away).then(last_calls),
        may_call: true,
        may_create: true,
    }
}

pub fn empty_dashboard(may_open: bool) -> Dashboard {
    let system = System {
        level: Level::Warning,
        problems: vec![Problem {
            what: Trouble::NoExtensions,
            since: None,
            link: None,
        }],
        asterisk: Connection::Up { since: None },
        database: Connection::Up { since: None },
    };
    Dashboard {
        system,
        phones: Some(Live::Known(Phones {
            online: 0,
            total: 0,
        })),
        trunks: Some(Trunks {
            trunks: vec![],
            may_open,
        }),
        tiles: Some(Tiles::default()),
        calls_now: Live::Known(vec![]),
        calls_today: Some(CallsToday {
            total: 0,
            answered: 0,
            missed: 0,
            hours: vec![],
        }),
        last_calls: Some(vec![]),
        may_call: true,
        may_create: true,
    }
}

pub const PEOPLE: [(&str, &str, PhoneState); 10] = [
    ("1001", "Nadja Weber", PhoneState::Talking),
    (
        "1002",
        "Jürgen Müller-Lüdenscheidt zu Hohenstein",
        PhoneState::Talking,
    ),
    ("1003", "Empfang", PhoneState::Ringing),
    ("1004", "Werkstatt", PhoneState::Idle),
    ("1005", "Lager", PhoneState::Idle),
    ("1006", "Besprechung", PhoneState::Offline),
    ("1009", "Heimarbeit", PhoneState::Unreachable),
    ("1007", "Ali Yılmaz", PhoneState::Idle),
    ("1008", "Fax", PhoneState::Disabled),
    ("10", EVIL, PhoneState::Unknown),
];

pub fn tiles(is_away: bool) -> Vec<Tile> {
    let tile = |(number, name, state): &(&str, &str, PhoneState)| {
        let busy = matches!(state, PhoneState::Talking | PhoneState::Ringing);
        let timed = busy || *state == PhoneState::Offline;
        Tile {
            number: (*number).into(),
            name: (*name).into(),
            state: if is_away { PhoneState::Unknown } else { *state },
            since: (timed && !is_away).then(|| ago(83)),
            peer: (busy && !is_away).then(|| "1002".into()),
            dids: (0..number.len() as u64 - 1)
                .filter(|_| *state != PhoneState::Idle)
                .map(|index| assigned(1, index).own)
                .collect(),
        }
    };
    PEOPLE.iter().map(tile).collect()
}

fn trunk_tiles(base: &str, is_away: bool) -> Trunks {
    let mut trunks = trunks::trunks(base);
    trunks.truncate(6);
    if is_away {
        trunks = trunks
            .into_iter()
            .map(|trunk| Trunk {
                state: TrunkState::Unknown { since: None },
                ..trunk
            })
            .collect();
    }
    Trunks {
        trunks,
        may_open: !is_away,
    }
}

pub fn calls_now() -> Vec<CallNow> {
    let call = |id: &str, from, to, state, seconds| CallNow {
        id: id.into(),
        direction: Direction::Internal,
        from,
        to,
        state,
        since: ago(seconds),
        may_end: state != CallState::Dialing,
    };
    vec![
        call(
            "1",
            party("1001", "Nadja Weber"),
            party("1002", "Jürgen Müller"),
            CallState::Talking,
            83,
        ),
        call(
            "2",
            party("1004", "Werkstatt"),
            party("1003", "Empfang"),
            CallState::Ringing,
            4,
        ),
        call(
            "pbx-1.3/x",
            party("1007", "Ali Yılmaz"),
            party("0421 98961300", ""),
            CallState::Dialing,
            1,
        ),
    ]
}

pub fn last_calls() -> Vec<LastCall> {
    let call = |direction, outcome, minutes: i64, seconds| LastCall {
        direction,
        from: party("1005", "Lager"),
        to: party("1001", "Nadja Weber"),
        outcome,
        start: ago(minutes * 60),
        seconds,
    };
    vec![
        call(Direction::Internal, Outcome::Answered, 12, 201),
        call(Direction::Incoming, Outcome::Missed, 48, 0),
        call(Direction::Outgoing, Outcome::Busy, 200, 0),
        call(Direction::Internal, Outcome::Failed, 1_500, 0),
        call(Direction::Internal, Outcome::Answered, 30_000, 4_211),
    ]
}
