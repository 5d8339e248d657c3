//! The call history.

use chrono::{DateTime, Utc};
use views::Texts;
use views::calls::{Call, Calls, Filter, Leg, Refusal, Statistics, Step, Why};
use views::dashboard::LastCall;
use views::ui::chart::Bar;
use views::ui::form::FieldErrors;

use super::dashboard::last_calls;
use super::{EVIL, party};

pub fn filter() -> Filter {
    Filter {
        from: "2026-11-01".into(),
        src: "0421".into(),
        result: "busy".into(),
        direction: "incoming".into(),
        extension: "1001".into(),
        q: EVIL.into(),
        after: Some("991".into()),
        ..Filter::default()
    }
}

pub fn call_list(texts: &Texts) -> Calls {
    let mut errors = FieldErrors::default();
    errors.add("q", texts.error("search_too_short", &[("min", 3.into())]));
    let call = |(index, last): (usize, LastCall)| Call {
        id: index.to_string(),
        direction: last.direction,
        call_from: Some(last.from.number.clone()),
        call_to: (index > 0).then(|| last.to.number.clone()),
        from: last.from,
        to: last.to,
        outcome: last.outcome,
        start: last.start,
        seconds: last.seconds,
        steps: if index == 0 {
            steps()
        } else {
            steps().split_off(17)
        },
        legs: vec![leg(last.start, last.seconds), leg(last.start, 0)],
        message: (index == 0).then(|| "/voicemail?mailbox=1001#message-7".into()),
    };
    let mut calls: Vec<Call> = last_calls().into_iter().enumerate().map(call).collect();
    calls[1].from = party("04219876543", EVIL);
    Calls {
        filter: filter(),
        errors,
        calls,
        next: Some("42".into()),
        statistics: Some(statistics()),
        is_own: false,
        may_call: true,
    }
}

/// The same with nothing wrong.
pub fn found_calls(texts: &Texts) -> Calls {
    Calls {
        errors: FieldErrors::default(),
        ..call_list(texts)
    }
}

/// One of each kind.
fn steps() -> Vec<Step> {
    let who = || party("1002", EVIL);
    let refusals = [
        Refusal::UnknownNumber,
        Refusal::Busy,
        Refusal::Nobody,
        Refusal::NotAllowed,
        Refusal::NoWay,
        Refusal::Other,
    ];
    let forwards = [Why::Always, Why::Busy, Why::NoAnswer];
    let mut steps = vec![
        Step::Rang {
            who: who(),
            seconds: 8,
        },
        Step::Busy { who: who() },
        Step::Unreachable { who: who() },
        Step::Answered {
            who: who(),
            seconds: 63,
        },
        Step::PickedUp {
            who: who(),
            seconds: 5,
        },
        Step::Mailbox {
            of: who(),
            seconds: 12,
        },
        Step::Echo { seconds: 3 },
        Step::Service { seconds: 3 },
        Step::GaveUp,
    ];
    steps.extend(forwards.map(|why| Step::Forwarded { from: who(), why }));
    steps.extend(refusals.map(Step::Refused));
    steps
}

fn statistics() -> Statistics {
    let bar = |label: String, n: u64| Bar {
        label,
        parts: vec![n, 0, n % 2, 0],
    };
    Statistics {
        calls: [1200, 300, 20, 7],
        average: 142,
        today: 12,
        this_week: 120,
        this_month: 800,
        days: (1..=30)
            .map(|day| bar(format!("{day}.11.2026"), day * 7 % 90))
            .collect(),
        hours: (0..24)
            .map(|hour| bar(format!("{hour}:00"), hour * 31 % 70))
            .collect(),
    }
}

pub fn leg(start: DateTime<Utc>, billsec: u64) -> Leg {
    Leg {
        channel: "PJSIP/1005-0000002a".into(),
        destination: "PJSIP/1001-0000002b".into(),
        application: "Dial".into(),
        start,
        duration: billsec + 6,
        billsec,
        disposition: if billsec > 0 {
            "ANSWERED".into()
        } else {
            "NO ANSWER".into()
        },
    }
}

pub fn no_calls(filter: Filter) -> Calls {
    Calls {
        filter,
        errors: FieldErrors::default(),
        calls: vec![],
        next: None,
        statistics: None,
        is_own: true,
        may_call: false,
    }
}
