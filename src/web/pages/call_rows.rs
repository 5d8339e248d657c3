//! Calls of the history as the plain data of the views.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use views::Texts;
use views::calls::{Call, Leg, Refusal, Statistics, Step, Why};
use views::ui::chart::Bar;
use views::ui::state::Party;

use super::calls_now::{named, parties};
use super::describe::{self, whole};
use super::viewer::Viewer;
use crate::app::Result;
use crate::app::calls::Found;
use crate::domain;
use crate::domain::ExtNumber;
use crate::domain::call::{Direction, Outcome};
use crate::domain::call_story::{self, tell};
use crate::domain::call_sums::{Axis, Span};
use crate::domain::dial::Dial;
use crate::web::Site;

pub async fn rows(site: &Site, viewer: &Viewer, calls: &[domain::call::Call]) -> Result<Vec<Call>> {
    let mut legs = site.app.legs(calls).await?;
    let mut messages = site.app.call_messages(calls).await?;
    let pairs = calls
        .iter()
        .map(|call| {
            (
                (call.src.clone(), call.src_name.clone()),
                (call.dst.clone(), String::new()),
            )
        })
        .collect();
    let parties = parties(site, viewer, pairs).await?;
    let legs: Vec<_> = calls
        .iter()
        .map(|call| legs.remove(&call.linkedid).unwrap_or_default())
        .collect();
    let stories = stories(site, viewer, &legs).await?;
    let settings = site.app.settings().await?;
    let own = viewer.actor.extension.as_ref();
    let all = calls.iter().zip(parties).zip(legs.iter().zip(stories));
    let rows = all.map(|((call, (from, to)), (legs, steps))| Call {
        id: call.id.to_string(),
        direction: describe::direction(call.direction),
        call_from: own.and_then(|own| match call.direction {
            Direction::Incoming => Dial::back(&from.number, &settings.numbers)
                .as_ref()
                .map(dialled),
            Direction::Internal | Direction::Outgoing => colleague(own, &from),
        }),
        call_to: own.and_then(|own| match call.direction {
            Direction::Outgoing => Dial::again(&to.number, &settings.emergency_numbers)
                .as_ref()
                .map(dialled),
            Direction::Internal | Direction::Incoming => colleague(own, &to),
        }),
        from,
        to,
        outcome: describe::outcome(call.outcome),
        start: call.started_at,
        seconds: whole(call.billsec),
        steps,
        legs: legs.iter().map(|l| leg(l, call)).collect(),
        message: messages.remove(&call.id).map(|(id, mailbox)| {
            let list = views::ui::url::with_query("/voicemail", &[("mailbox", &mailbox)]);
            format!("{list}#message-{id}")
        }),
    });
    Ok(rows.collect())
}

fn dialled(dial: &Dial) -> String {
    dial.as_str().to_owned()
}

fn colleague(own: &ExtNumber, party: &Party) -> Option<String> {
    let is_other = party.is_extension && party.number != own.as_str();
    is_other.then(|| party.number.clone())
}

fn leg(leg: &domain::call::Leg, call: &domain::call::Call) -> Leg {
    Leg {
        channel: leg.channel.clone(),
        destination: leg.dstchannel.clone(),
        application: leg.application.clone(),
        start: leg.started_at.unwrap_or(call.started_at),
        duration: whole(leg.duration),
        billsec: whole(leg.billsec),
        disposition: leg.disposition.clone(),
    }
}

/// What happened in each call, with the names of those who are known.
async fn stories(
    site: &Site,
    viewer: &Viewer,
    legs: &[Vec<domain::call::Leg>],
) -> Result<Vec<Vec<Step>>> {
    use call_story::Step as S;
    let number = |step: &S| match step {
        S::Rang { who, .. }
        | S::Busy { who }
        | S::Unreachable { who }
        | S::Answered { who, .. }
        | S::PickedUp { who, .. } => who.clone(),
        S::Forwarded { from, .. } => from.clone(),
        S::Mailbox { number, .. } => number.clone(),
        S::Echo { .. } | S::Service { .. } | S::Refused(_) | S::GaveUp => String::new(),
    };
    let told: Vec<Vec<S>> = legs.iter().map(|legs| tell(legs)).collect();
    let ends = told
        .iter()
        .flatten()
        .map(|step| (number(step), String::new()));
    let mut parties = named(site, viewer, ends.collect()).await?.into_iter();
    let stories = told.iter().map(|steps| {
        let named = steps.iter().zip(parties.by_ref());
        named.map(|(told, who)| step(told, who)).collect()
    });
    Ok(stories.collect())
}

fn step(step: &call_story::Step, who: Party) -> Step {
    use call_story::Step as S;
    match step {
        S::Rang { seconds, .. } => Step::Rang {
            who,
            seconds: whole(*seconds),
        },
        S::Busy { .. } => Step::Busy { who },
        S::Unreachable { .. } => Step::Unreachable { who },
        S::Answered { seconds, .. } => Step::Answered {
            who,
            seconds: whole(*seconds),
        },
        S::PickedUp { seconds, .. } => Step::PickedUp {
            who,
            seconds: whole(*seconds),
        },
        S::Forwarded { why, .. } => Step::Forwarded {
            from: who,
            why: match why {
                call_story::Why::Always => Why::Always,
                call_story::Why::Busy => Why::Busy,
                call_story::Why::NoAnswer => Why::NoAnswer,
            },
        },
        S::Mailbox { seconds, .. } => Step::Mailbox {
            of: who,
            seconds: whole(*seconds),
        },
        S::Echo { seconds } => Step::Echo {
            seconds: whole(*seconds),
        },
        S::Service { seconds } => Step::Service {
            seconds: whole(*seconds),
        },
        S::Refused(refusal) => Step::Refused(match refusal {
            call_story::Refusal::UnknownNumber => Refusal::UnknownNumber,
            call_story::Refusal::Busy => Refusal::Busy,
            call_story::Refusal::Nobody => Refusal::Nobody,
            call_story::Refusal::NotAllowed => Refusal::NotAllowed,
            call_story::Refusal::NoWay => Refusal::NoWay,
            call_story::Refusal::Other => Refusal::Other,
        }),
        S::GaveUp => Step::GaveUp,
    }
}

pub async fn statistics(site: &Site, viewer: &Viewer, found: &Found) -> Result<Statistics> {
    let texts = &viewer.look.texts;
    let known = site.app.call_statistics(found, texts.zone());
    let charts = site.app.call_charts(found, texts.zone());
    let (known, charts) = tokio::try_join!(known, charts)?;
    let days = charts
        .days
        .iter()
        .map(|bar| (bar.at, bar.outcome, bar.calls));
    let hours = charts
        .hours
        .iter()
        .map(|bar| (bar.at, bar.outcome, bar.calls));
    let day = |day: &NaiveDate| day_label(*day, &charts.axis, texts);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the rounded average of seconds, which are not negative"
    )]
    let average = known.average_talk().round() as u64;
    Ok(Statistics {
        calls: Outcome::ALL.map(|outcome| known.calls(Some(outcome)).unsigned_abs()),
        average,
        today: known.today.unsigned_abs(),
        this_week: known.this_week.unsigned_abs(),
        this_month: known.this_month.unsigned_abs(),
        days: bars(charts.axis.days.iter().copied(), days, day),
        hours: bars(0..24, hours, |hour| format!("{hour}:00")),
    })
}

fn day_label(day: NaiveDate, axis: &Axis, texts: &Texts) -> String {
    let pattern = match axis.span {
        Span::Month => texts.t("format-month"),
        Span::Day | Span::Week => texts.t("format-date"),
    };
    day.format(pattern).to_string()
}

/// Every bar there is, with or without calls, each in the order of all outcomes.
fn bars<T: Ord>(
    all: impl Iterator<Item = T>,
    counted: impl Iterator<Item = (T, Outcome, i64)>,
    label: impl Fn(&T) -> String,
) -> Vec<Bar> {
    let mut parts: BTreeMap<T, [u64; 4]> = all.map(|at| (at, [0; 4])).collect();
    for (at, outcome, calls) in counted {
        let place = Outcome::ALL.iter().position(|known| *known == outcome);
        if let (Some(place), Some(bar)) = (place, parts.get_mut(&at)) {
            bar[place] += calls.unsigned_abs();
        }
    }
    let bars = parts.into_iter();
    bars.map(|(at, parts)| Bar {
        label: label(&at),
        parts: parts.to_vec(),
    })
    .collect()
}
