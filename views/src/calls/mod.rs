//! The call history: filters, statistics, one row per call, what happened in it on request.

mod filters;
mod statistics;
mod story;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::dial;
use crate::ui::form::{self, FieldErrors};
use crate::ui::icon::{self, Icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::{self, Party};
use crate::ui::url;

pub use statistics::{Statistics, statistics};
pub use story::{Refusal, Step, Why};

#[derive(Clone, Debug)]
pub struct Calls {
    pub filter: Filter,
    pub errors: FieldErrors,
    /// Newest first.
    pub calls: Vec<Call>,
    /// Key of the last row when there are more: the next page's `after`.
    pub next: Option<String>,
    /// None when they take longer than the page may: then they come afterwards.
    pub statistics: Option<Statistics>,
    /// Whether only the calls of the own extension are shown.
    pub is_own: bool,
    /// The reader has a phone that can call.
    pub may_call: bool,
}

/// What the address of the list says; values as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// First and last day, as in `2026-11-22`.
    pub from: String,
    pub to: String,
    /// Parts of the number that called and of the one that was called.
    pub src: String,
    pub dst: String,
    /// Name of an [`Outcome`], or empty.
    pub result: String,
    /// Name of a [`Direction`], or empty.
    pub direction: String,
    pub extension: String,
    /// Part of either number.
    pub q: String,
    pub after: Option<String>,
}

/// One call as a person understands it: all its legs.
#[derive(Clone, Debug)]
pub struct Call {
    /// Stable over time; part of an element's id, so that open legs stay open.
    pub id: String,
    pub direction: Direction,
    pub from: Party,
    pub to: Party,
    /// What the reader's own phone dials to reach them, if it can.
    pub call_from: Option<String>,
    pub call_to: Option<String>,
    pub outcome: Outcome,
    pub start: DateTime<Utc>,
    /// Seconds of talk.
    pub seconds: u64,
    /// What happened, in order.
    pub steps: Vec<Step>,
    pub legs: Vec<Leg>,
    /// Where the message is that the caller left.
    pub message: Option<String>,
}

/// A row of Asterisk's table `cdr`, as it is.
#[derive(Clone, Debug)]
pub struct Leg {
    pub channel: String,
    pub destination: String,
    pub application: String,
    pub start: DateTime<Utc>,
    /// Seconds from start to end, and from answer to end.
    pub duration: u64,
    pub billsec: u64,
    pub disposition: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Internal,
    Incoming,
    Outgoing,
}

/// How a call ended, as a person means it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Answered,
    Missed,
    Busy,
    Failed,
}

impl Direction {
    const ALL: [Self; 3] = [Self::Incoming, Self::Outgoing, Self::Internal];

    /// As it stands in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
        }
    }

    /// The text that names it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Internal => "direction-internal",
            Self::Incoming => "direction-incoming",
            Self::Outgoing => "direction-outgoing",
        }
    }
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Answered, Self::Missed, Self::Busy, Self::Failed];

    /// As it stands in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Missed => "missed",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }

    /// The text that names it.
    pub const fn key(self) -> &'static str {
        self.parts().0
    }

    const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Answered => ("outcome-answered", "tone-ok"),
            Self::Missed => ("outcome-missed", "tone-bad"),
            Self::Busy => ("outcome-busy", "tone-warn"),
            Self::Failed => ("outcome-failed", "tone-bad"),
        }
    }
}

impl Filter {
    /// The address that shows this.
    pub fn url(&self) -> String {
        self.at("/calls")
    }

    /// Another address about the same calls.
    fn at(&self, path: &str) -> String {
        url::with_query(
            path,
            &[
                ("from", &self.from),
                ("to", &self.to),
                ("src", &self.src),
                ("dst", &self.dst),
                ("result", &self.result),
                ("direction", &self.direction),
                ("extension", &self.extension),
                ("q", &self.q),
                ("after", self.after.as_deref().unwrap_or_default()),
            ],
        )
    }

    /// The same from its first page on.
    fn first_page(&self) -> Self {
        Self {
            after: None,
            ..self.clone()
        }
    }

    fn is_empty(&self) -> bool {
        *self
            == Self {
                after: self.after.clone(),
                ..Self::default()
            }
    }
}

/// The result on a coloured ground.
pub(crate) fn outcome(outcome: Outcome, t: &Texts) -> Markup {
    let (key, tone) = outcome.parts();
    state::badge(tone, t.t(key))
}

/// An arrow that says where a call came from.
pub(crate) fn direction(direction: Direction, t: &Texts) -> Markup {
    let picture = match direction {
        Direction::Internal => Icon::Internal,
        Direction::Incoming => Icon::Incoming,
        Direction::Outgoing => Icon::Outgoing,
    };
    html! { span class="direction" { (icon::labelled(picture, t.t(direction.key()))) } }
}

/// The head of the table of all calls.
pub fn export_head(t: &Texts) -> Vec<String> {
    let head = [
        "csv-start",
        "column-direction",
        "column-from",
        "csv-caller-name",
        "column-to",
        "column-result",
        "csv-talk",
        "csv-duration",
    ];
    head.map(|key| t.t(key).to_owned()).to_vec()
}

/// What the table of all calls is called where it is saved.
pub fn export_name(t: &Texts) -> String {
    format!("{}.csv", t.t("calls-export-name"))
}

pub fn page(page: &Page<'_>, calls: &Calls) -> Markup {
    let t = page.texts;
    let title = t.t("calls-title");
    let content = html! {
        (part::header(title, t.t("calls-line"), &html! {}))
        @if calls.may_call { (dial::form(&calls.filter.url())) }
        (filters::filters(calls, t))
        div id="call-results" {
            (filters::presets(&calls.filter, t))
            (form::summary(&calls.errors, &filters::labels(t), t))
            @if calls.errors.is_empty() {
                @match &calls.statistics {
                    Some(known) => (statistics(&calls.filter, known, t)),
                    None => (statistics::later(&calls.filter, t)),
                }
                (list(calls, t))
            }
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Calls),
            live: true,
        },
        &content,
    )
}

/// The table and its paging. The first page follows what is new; the script leaves it alone while somebody reads a row.
pub fn list(calls: &Calls, t: &Texts) -> Markup {
    let filter = &calls.filter;
    let first = filter.after.is_some().then(|| filter.first_page().url());
    let next = calls.next.as_ref();
    let next = next.map(|key| {
        Filter {
            after: Some(key.clone()),
            ..filter.clone()
        }
        .url()
    });
    let trigger = if filter.after.is_none() {
        "sse:cdr, rested, resync from:body"
    } else {
        "resync from:body"
    };
    html! {
        section id="call-list" aria-label=(t.t("calls-title")) data-rest="1000" hx-get=(filter.url())
            hx-trigger=(trigger) hx-select="#call-list" hx-swap="outerHTML" hx-sync="this:replace" hx-disinherit="hx-sync"
        {
            @if calls.calls.is_empty() {
                div class="card" { (nothing(filter, t)) }
            } @else {
                table class="table card call-table" {
                    (head(t))
                    @for entry in &calls.calls { (call(entry, t)) }
                }
            }
            div class="list-end" {
                (part::paging(first.as_deref(), next.as_deref(), t))
                @if !calls.calls.is_empty() {
                    a class="button" href=(filter.first_page().at("/calls/export")) download="" { (t.t("calls-export")) }
                }
            }
        }
    }
}

fn nothing(filter: &Filter, t: &Texts) -> Markup {
    if filter.is_empty() {
        part::empty(
            t.t("calls-empty"),
            &html! { a class="button" href="/help" { (t.t("go-help")) } },
        )
    } else {
        part::empty(
            t.t("calls-none-match"),
            &html! {
                a class="button" href="/calls" { (t.t("show-all")) }
            },
        )
    }
}

fn head(t: &Texts) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" { span class="hidden-text" { (t.t("column-direction")) } }
                th scope="col" { (t.t("column-from")) }
                th scope="col" { (t.t("column-to")) }
                th scope="col" { (t.t("column-result")) }
                th scope="col" { (t.t("column-start")) }
                th scope="col" class="numeric" { (t.t("column-duration")) }
                th scope="col" { span class="hidden-text" { (t.t("column-legs")) } }
            }
        }
    }
}

/// Two table rows: the call, and its legs that unfold below it.
fn call(call: &Call, t: &Texts) -> Markup {
    let id = &call.id;
    html! {
        tbody {
            tr {
                td data-label=(t.t("column-direction")) { (direction(call.direction, t)) }
                td data-label=(t.t("column-from")) { (side(&call.from, call.call_from.as_deref(), t)) }
                td data-label=(t.t("column-to")) { (side(&call.to, call.call_to.as_deref(), t)) }
                td data-label=(t.t("column-result")) {
                    (outcome(call.outcome, t))
                    @if let Some(message) = &call.message {
                        " " a href=(message) { (icon::labelled(Icon::Bell, t.t("call-message"))) }
                    }
                }
                td data-label=(t.t("column-start")) { (state::moment(call.start, t)) }
                td data-label=(t.t("column-duration")) class="numeric" { (t.clock(call.seconds)) }
                td data-label=(t.t("column-legs")) {
                    details id={ "switch-" (id) } class="legs-switch" {
                        summary id={ "summary-" (id) } aria-controls={ "legs-" (id) } {
                            span { (t.number(call.legs.len() as u64)) }
                            (icon::labelled(Icon::Chevron, t.t("column-legs")))
                        }
                    }
                }
            }
            tr class="legs" id={ "legs-" (id) } {
                td colspan="7" {
                    (story::story(&call.steps, t))
                    @if let Some(message) = &call.message {
                        p { a href=(message) { (t.t("call-message")) } }
                    }
                    (legs(&call.legs, t))
                }
            }
        }
    }
}

/// Who it was, and a button that calls them.
fn side(party: &Party, dialled: Option<&str>, t: &Texts) -> Markup {
    html! {
        span class="callable" {
            (state::party(party))
            @if let Some(dialled) = dialled { (dial::button(dialled, &party.number, t)) }
        }
    }
}

/// As Asterisk has them, for who has to find a fault.
fn legs(legs: &[Leg], t: &Texts) -> Markup {
    html! {
        ul class="raw-legs muted" {
            @for leg in legs {
                li {
                    code { (leg.channel) }
                    @if !leg.destination.is_empty() { " → " code { (leg.destination) } }
                    " · " (leg.disposition) " · " (leg.application) " · " (t.date_time(leg.start)) " · "
                    (t.t_args("leg-times", &[
                        ("duration", t.clock(leg.duration).into()),
                        ("billsec", t.clock(leg.billsec).into()),
                    ]))
                }
            }
        }
    }
}
