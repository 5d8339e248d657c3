//! The call history.

use chrono::{DateTime, Utc};
use views::Texts;
use views::calls::{Call, Calls, Filter, Leg};
use views::dashboard::LastCall;
use views::ui::form::FieldErrors;

use super::dashboard::last_calls;
use super::{EVIL, party};

pub fn filter() -> Filter {
    Filter {
        from: "2026-11-01".into(),
        result: "busy".into(),
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
        from: last.from,
        to: last.to,
        outcome: last.outcome,
        start: last.start,
        seconds: last.seconds,
        legs: vec![leg(last.start, last.seconds), leg(last.start, 0)],
    };
    let mut calls: Vec<Call> = last_calls().into_iter().enumerate().map(call).collect();
    calls[1].from = party("04219876543", EVIL);
    Calls {
        filter: filter(),
        errors,
        calls,
        next: Some("42".into()),
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
    }
}
