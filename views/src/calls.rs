//! The call history: filters, one row per call, its legs on request.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors};
use crate::ui::icon::{self, Icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::{self, Party};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Calls {
    pub filter: Filter,
    pub errors: FieldErrors,
    /// Newest first.
    pub calls: Vec<Call>,
    /// Key of the last row when there are more: the next page's `after`.
    pub next: Option<String>,
}

/// What the address of the list says; values as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// First and last day, as in `2026-11-22`.
    pub from: String,
    pub to: String,
    /// Name of an [`Outcome`], or empty.
    pub result: String,
    pub extension: String,
    /// Part of a number.
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
    pub outcome: Outcome,
    pub start: DateTime<Utc>,
    /// Seconds of talk.
    pub seconds: u64,
    pub legs: Vec<Leg>,
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

impl Outcome {
    const ALL: [Self; 4] = [Self::Answered, Self::Missed, Self::Busy, Self::Failed];

    /// As it stands in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Missed => "missed",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
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
        url::with_query(
            "/calls",
            &[
                ("from", &self.from),
                ("to", &self.to),
                ("result", &self.result),
                ("extension", &self.extension),
                ("q", &self.q),
                ("after", self.after.as_deref().unwrap_or_default()),
            ],
        )
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
    let (picture, key) = match direction {
        Direction::Internal => (Icon::Internal, "direction-internal"),
        Direction::Incoming => (Icon::Incoming, "direction-incoming"),
        Direction::Outgoing => (Icon::Outgoing, "direction-outgoing"),
    };
    html! { span class="direction" { (icon::labelled(picture, t.t(key))) } }
}

pub fn page(page: &Page<'_>, calls: &Calls) -> Markup {
    let t = page.texts;
    let title = t.t("calls-title");
    let content = html! {
        (part::header(title, t.t("calls-line"), &html! {}))
        (filters(calls, t))
        (list(calls, t))
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

fn filters(calls: &Calls, t: &Texts) -> Markup {
    let filter = &calls.filter;
    let labels = [
        ("from", t.t("filter-from")),
        ("to", t.t("filter-to")),
        ("result", t.t("filter-result")),
        ("extension", t.t("filter-extension")),
        ("q", t.t("filter-text")),
    ];
    let field = |(name, label): (&str, &str), kind: &str, value: &str| {
        let wrong = (!calls.errors.of(name).is_empty()).then_some("true");
        html! {
            div class="filter" {
                label for={ "f-" (name) } { (label) }
                input id={ "f-" (name) } name=(name) type=(kind) value=(value) autocomplete="off"
                    aria-invalid=[wrong] aria-describedby=[wrong.map(|_| "errors")]
                    data-key=[(name == "q").then_some("/")];
            }
        }
    };
    html! {
        form class="filters" role="search" method="get" action="/calls" novalidate
            hx-get="/calls" hx-trigger="change, input delay:300ms from:#f-q, submit"
            hx-target="#call-list" hx-select="#call-list" hx-swap="outerHTML" hx-replace-url="true"
        {
            (field(labels[0], "date", &filter.from))
            (field(labels[1], "date", &filter.to))
            div class="filter" {
                label for="f-result" { (labels[2].1) }
                select id="f-result" name="result" {
                    option value="" { (t.t("filter-all")) }
                    @for outcome in Outcome::ALL {
                        option value=(outcome.name()) selected[outcome.name() == filter.result] {
                            (t.t(outcome.parts().0))
                        }
                    }
                }
            }
            (field(labels[3], "text", &filter.extension))
            (field(labels[4], "search", &filter.q))
            button type="submit" class="button" { (t.t("search")) }
        }
    }
}

/// The table with its errors and paging: the part that filters and live updates replace.
pub fn list(calls: &Calls, t: &Texts) -> Markup {
    let filter = &calls.filter;
    let url = filter.url();
    let first = filter.after.is_some().then(|| {
        Filter {
            after: None,
            ..filter.clone()
        }
        .url()
    });
    let next = calls.next.as_ref();
    let next = next.map(|key| {
        Filter {
            after: Some(key.clone()),
            ..filter.clone()
        }
        .url()
    });
    let labels = [
        ("from", t.t("filter-from")),
        ("to", t.t("filter-to")),
        ("extension", t.t("filter-extension")),
        ("q", t.t("filter-text")),
    ];
    html! {
        section id="call-list" aria-label=(t.t("calls-title")) hx-get=(url)
            hx-trigger="sse:cdr, resync from:body" hx-select="#call-list" hx-swap="outerHTML" hx-sync="this:replace" hx-disinherit="hx-sync"
        {
            (form::summary(&calls.errors, &labels, t))
            @if calls.calls.is_empty() && calls.errors.is_empty() {
                div class="card" { (nothing(filter, t)) }
            } @else if !calls.calls.is_empty() {
                table class="table card call-table" {
                    (head(t))
                    @for entry in &calls.calls { (call(entry, t)) }
                }
            }
            (part::paging(first.as_deref(), next.as_deref(), t))
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
                td data-label=(t.t("column-from")) { (state::party(&call.from)) }
                td data-label=(t.t("column-to")) { (state::party(&call.to)) }
                td data-label=(t.t("column-result")) { (outcome(call.outcome, t)) }
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
            tr class="legs" id={ "legs-" (id) } { td colspan="7" { (legs(&call.legs, t)) } }
        }
    }
}

fn legs(legs: &[Leg], t: &Texts) -> Markup {
    html! {
        ol class="timeline" {
            @for leg in legs {
                li {
                    span class="timeline-icon" { (icon::icon(Icon::Phone)) }
                    div {
                        p class="timeline-head" {
                            code { (leg.channel) } " → " code { (leg.destination) } " "
                            span class="chip" { (leg.disposition) }
                        }
                        p class="muted" {
                            (t.date_time(leg.start)) " · " (leg.application) " · "
                            (t.t_args("leg-times", &[
                                ("duration", t.clock(leg.duration).into()),
                                ("billsec", t.clock(leg.billsec).into()),
                            ]))
                        }
                    }
                }
            }
        }
    }
}
