//! What happened in a call, in words.

use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::state::{self, Party};

#[derive(Clone, Debug)]
pub enum Step {
    Rang { who: Party, seconds: u64 },
    Busy { who: Party },
    Unreachable { who: Party },
    Answered { who: Party, seconds: u64 },
    PickedUp { who: Party, seconds: u64 },
    Forwarded { from: Party, why: Why },
    Mailbox { of: Party, seconds: u64 },
    Echo { seconds: u64 },
    Service { seconds: u64 },
    Refused(Refusal),
    GaveUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Always,
    Busy,
    NoAnswer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    UnknownNumber,
    Busy,
    Nobody,
    NotAllowed,
    NoWay,
    Other,
}

impl Refusal {
    const fn key(self) -> &'static str {
        match self {
            Self::UnknownNumber => "step-unknown-number",
            Self::Busy => "step-refused-busy",
            Self::Nobody => "step-nobody",
            Self::NotAllowed => "step-not-allowed",
            Self::NoWay => "step-no-way",
            Self::Other => "step-refused",
        }
    }
}

impl Why {
    const fn key(self) -> &'static str {
        match self {
            Self::Always => "step-forwarded-always",
            Self::Busy => "step-forwarded-busy",
            Self::NoAnswer => "step-forwarded-unanswered",
        }
    }
}

/// One line: who, and what; an arrow leads to the next.
pub(super) fn story(steps: &[Step], t: &Texts) -> Markup {
    html! {
        @if !steps.is_empty() {
            ol class="story" { @for one in steps { li { (step(one, t)) } } }
        }
    }
}

fn step(step: &Step, t: &Texts) -> Markup {
    let timed = |key: &str, time: String| t.t_args(key, &[("time", time.into())]);
    let of = |who: &Party, words: &str| html! { (state::party(who)) " " (words) };
    match step {
        Step::Rang { who, seconds } => of(who, &timed("step-rang", t.span(*seconds))),
        Step::Busy { who } => of(who, t.t("step-busy")),
        Step::Unreachable { who } => of(who, t.t("step-unreachable")),
        Step::Answered { who, seconds } => of(who, &timed("step-answered", t.clock(*seconds))),
        Step::PickedUp { who, seconds } => of(who, &timed("step-picked-up", t.clock(*seconds))),
        Step::Forwarded { from, why } => of(from, t.t(why.key())),
        Step::Mailbox { of: whose, seconds } => {
            of(whose, &timed("step-mailbox", t.clock(*seconds)))
        }
        Step::Echo { seconds } => html! { (timed("step-echo", t.clock(*seconds))) },
        Step::Service { seconds } => html! { (timed("step-service", t.clock(*seconds))) },
        Step::Refused(refusal) => html! { (t.t(refusal.key())) },
        Step::GaveUp => html! { (t.t("step-gave-up")) },
    }
}
