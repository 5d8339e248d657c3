//! All numbers of all trunks: search as you type, filter by trunk, paging by key. First those that
//! were called and lead nowhere, then the free ones, then where the others lead.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::destination;
use crate::page::Page;
use crate::texts::Texts;
use crate::trunks::numbers::edit_link;
use crate::trunks::{self, TrunkRef};
use crate::ui::did::{self, Did};
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Switch};
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::Party;
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct List {
    pub query: Query,
    pub rows: Vec<Row>,
    /// Key of the last row when there are more: the next page's `after`.
    pub next: Option<String>,
    /// All that match.
    pub total: u64,
    /// There is at least one number, whatever the query.
    pub any: bool,
    /// All trunks, to filter by.
    pub trunks: Vec<TrunkRef>,
    /// The ones called last first.
    pub unknown: Vec<Unknown>,
    pub free: Free,
    /// The first extensions; more are found while someone types.
    pub destinations: Vec<Party>,
}

/// What the address of the list says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub q: String,
    pub trunk: Option<i64>,
    pub after: Option<String>,
    /// The same for the free numbers.
    pub free: Option<String>,
}

/// Numbers of the contracts that nobody has.
#[derive(Clone, Debug, Default)]
pub struct Free {
    /// One page of those that match, ascending.
    pub numbers: Vec<(Did, TrunkRef)>,
    /// Key of the last one when there are more: the next page's `free`.
    pub next: Option<String>,
    /// All there are, whatever the search.
    pub total: u64,
}

/// A number that leads somewhere.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: i64,
    pub did: Did,
    pub trunk: TrunkRef,
    pub destination: Party,
    pub description: String,
    pub last_called: Option<DateTime<Utc>>,
    pub is_enabled: bool,
}

/// A number that was called and leads nowhere.
#[derive(Clone, Debug)]
pub struct Unknown {
    pub did: Did,
    pub trunk: TrunkRef,
    pub calls_today: u64,
    pub last: DateTime<Utc>,
}

impl Query {
    /// The address that shows this.
    pub fn url(&self) -> String {
        let trunk = self.trunk.map(|id| id.to_string()).unwrap_or_default();
        url::with_query(
            "/numbers",
            &[
                ("q", &self.q),
                ("trunk", &trunk),
                ("after", self.after.as_deref().unwrap_or_default()),
                ("free", self.free.as_deref().unwrap_or_default()),
            ],
        )
    }

    fn is_narrowed(&self) -> bool {
        !self.q.is_empty() || self.trunk.is_some()
    }
}

pub fn page(page: &Page<'_>, list: &List) -> Markup {
    let t = page.texts;
    let title = t.t("nav-numbers");
    let new = html! {
        @if !list.trunks.is_empty() {
            a class="button primary" href="/numbers/new" data-key="n" {
                (icon(Icon::Plus)) span { (t.t("number-new")) }
            }
        }
    };
    let content = html! {
        (part::header(title, t.t("numbers-line"), &new))
        (unknown(&list.unknown, t))
        @if list.any || list.free.total > 0 {
            (search(list, t))
            (free(list, t))
            (rows(list, t))
        } @else if list.trunks.is_empty() {
            div class="card" {
                (part::empty(t.t("numbers-need-trunk"), &html! {
                    (part::button_link("/trunks/new", Icon::Plus, t.t("trunk-new")))
                }))
            }
        } @else {
            div class="card" { (part::empty(t.t("numbers-empty"), &new)) }
        }
        @if !list.unknown.is_empty() || list.free.total > 0 {
            (destination::list(&list.destinations))
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Numbers),
            live: true,
        },
        &content,
    )
}

/// It is not refreshed: a form that someone fills in would be wiped.
fn unknown(numbers: &[Unknown], t: &Texts) -> Markup {
    html! {
        @if !numbers.is_empty() {
            section class="card strip tone-warn below" aria-labelledby="unknown-title" {
                h2 id="unknown-title" { (t.t("unknown-title")) }
                p class="quiet" { (t.t("unknown-line")) }
                ul class="calls" { @for entry in numbers { li { (unknown_number(entry, t)) } } }
            }
        }
    }
}

fn unknown_number(number: &Unknown, t: &Texts) -> Markup {
    let did = &number.did;
    let called = if number.calls_today == 0 {
        let when = t.when(number.last).into();
        t.t_args("unknown-called-before", &[("when", when)])
    } else {
        let count = number.calls_today;
        t.t_args(
            "unknown-called-today",
            &[
                ("count", count.into()),
                ("n", t.number(count).into()),
                ("when", t.when(number.last).into()),
            ],
        )
    };
    let hidden = hidden(did, &number.trunk, "/numbers");
    html! {
        span {
            span class="number" { (did.shown) } " "
            span class="muted" { (t.t("number-on-trunk")) } " " (trunks::link(&number.trunk))
            span class="muted" { ", " (called) }
        }
        span class="call-end" {
            (assign(did, &hidden, t))
            form method="post" action="/numbers/unknown/forget" {
                (hidden)
                button type="submit" class="button small"
                    aria-label={ (t.t("unknown-forget")) ": " (did.shown) }
                { (t.t("unknown-forget")) }
            }
        }
    }
}

/// Which number a form is about, and where it leads back to.
fn hidden(did: &Did, trunk: &TrunkRef, next: &str) -> Markup {
    html! {
        input type="hidden" name="did" value=(did.e164);
        input type="hidden" name="trunk_id" value=(trunk.id);
        input type="hidden" name="next" value=(next);
    }
}

fn assign(did: &Did, hidden: &Markup, t: &Texts) -> Markup {
    let label = t.t_args(
        "unknown-destination",
        &[("number", did.shown.as_str().into())],
    );
    html! {
        form method="post" action="/numbers" class="inline" {
            (hidden)
            (destination::inline(&label, t))
            button type="submit" class="button small primary"
                aria-label={ (t.t("number-assign")) ": " (did.shown) }
            { (t.t("number-assign")) }
        }
    }
}

/// Replaced by a search only: a form that someone fills in would be wiped.
fn free(list: &List, t: &Texts) -> Markup {
    let free = &list.free;
    let url = list.query.url();
    let page = |free: Option<String>| {
        let query = Query {
            free,
            ..list.query.clone()
        };
        query.url()
    };
    let first = list.query.free.is_some().then(|| page(None));
    let next = free.next.clone().map(|key| page(Some(key)));
    html! {
        section id="free-numbers" class="card below" aria-labelledby="free-title"
            hidden[free.total == 0]
        {
            h2 id="free-title" { (t.t("numbers-free")) }
            p class="quiet" { (t.t_count("numbers-free-count", free.total)) }
            @if free.numbers.is_empty() {
                p { (t.t("numbers-none-match")) }
            } @else {
                ul class="calls" {
                    @for (did, trunk) in &free.numbers {
                        li {
                            span {
                                span class="number" { (did.shown) } " "
                                span class="muted" { (t.t("number-on-trunk")) } " "
                                (trunks::link(trunk))
                            }
                            span class="call-end" { (assign(did, &hidden(did, trunk, &url), t)) }
                        }
                    }
                }
            }
            (part::paging(first.as_deref(), next.as_deref(), t))
        }
    }
}

fn search(list: &List, t: &Texts) -> Markup {
    html! {
        form class="filters" role="search" method="get" action="/numbers"
            hx-get="/numbers" hx-trigger="input delay:150ms, submit" hx-target="#number-list"
            hx-select="#number-list" hx-select-oob="#free-numbers" hx-swap="outerHTML"
            hx-replace-url="true"
        {
            div class="search" {
                (icon(Icon::Search))
                input id="q" type="search" name="q" value=(list.query.q) autocomplete="off"
                    placeholder=(t.t("numbers-search")) aria-label=(t.t("numbers-search"))
                    data-key="/";
            }
            select class="filter" name="trunk" aria-label=(t.t("column-trunk")) {
                option value="" { (t.t("numbers-all-trunks")) }
                @for trunk in &list.trunks {
                    option value=(trunk.id) selected[Some(trunk.id) == list.query.trunk] {
                        (trunk.name)
                    }
                }
            }
            button type="submit" class="button without-script" { (t.t("search")) }
        }
    }
}

/// The table with its count and paging: the part that search and live updates replace.
pub fn rows(list: &List, t: &Texts) -> Markup {
    let url = list.query.url();
    let first = list.query.after.is_some().then(|| Query {
        after: None,
        ..list.query.clone()
    });
    let next = list.next.as_ref().map(|_| Query {
        after: list.next.clone(),
        ..list.query.clone()
    });
    html! {
        section id="number-list" aria-label=(t.t("nav-numbers")) hx-get=(url)
            hx-trigger="sse:trunks, sse:cdr, resync from:body" hx-select="#number-list"
            hx-swap="outerHTML" hx-sync="this:replace" hx-disinherit="hx-sync"
        {
            p class="result-count" role="status" { (t.t_count("numbers-count", list.total)) }
            @if list.rows.is_empty() {
                div class="card" {
                    @let none = if list.any { "numbers-none-match" } else { "numbers-empty" };
                    (part::empty(t.t(none), &html! {
                        @if list.query.is_narrowed() {
                            a class="button" href="/numbers" { (t.t("show-all")) }
                        }
                    }))
                }
            } @else {
                table class="table card" {
                    (head(t))
                    tbody { @for entry in &list.rows { (row(entry, &url, t)) } }
                }
            }
            (part::paging(
                first.map(|query| query.url()).as_deref(),
                next.map(|query| query.url()).as_deref(),
                t,
            ))
        }
    }
}

fn head(t: &Texts) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" { (t.t("column-number")) }
                th scope="col" { (t.t("column-trunk")) }
                th scope="col" { (t.t("column-destination")) }
                th scope="col" { (t.t("column-last-called")) }
                th scope="col" id=(part::COLUMN_ENABLED) { (t.t("column-enabled")) }
                th scope="col" { span class="hidden-text" { (t.t("column-actions")) } }
            }
        }
    }
}

fn row(row: &Row, list_url: &str, t: &Texts) -> Markup {
    let key = row.id.to_string();
    let about = format!("did-{key}");
    let act = if row.is_enabled {
        "/disable"
    } else {
        "/enable"
    };
    html! {
        tr id={ "row-" (key) } {
            td data-label=(t.t("column-number")) {
                (did::copyable(&about, &row.did, t))
            }
            td data-label=(t.t("column-trunk")) { (trunks::link(&row.trunk)) }
            td data-label=(t.t("column-destination")) {
                (destination::leads_to(&row.destination, &row.description))
            }
            td data-label=(t.t("column-last-called")) {
                (super::last_called(row.last_called, t))
            }
            td data-label=(t.t("column-enabled")) {
                (part::switch(&Switch {
                    key: &key,
                    action: &url::number(row.id, act),
                    next: list_url,
                    about: &about,
                    is_on: row.is_enabled,
                }))
            }
            td data-label=(t.t("column-actions")) {
                span class="actions" { (edit_link(row.id, &row.did, t)) (delete(row, list_url, t)) }
            }
        }
    }
}

/// Deleting takes two steps in place: unfold, then confirm.
fn delete(row: &Row, list_url: &str, t: &Texts) -> Markup {
    let label = t.t_args(
        "number-delete",
        &[("number", row.did.shown.as_str().into())],
    );
    html! {
        details class="confirm" id={ "delete-" (row.id) } {
            summary class="button small danger" aria-label=(label) { (icon(Icon::Trash)) }
            form class="popup" method="post" action=(url::number(row.id, "/delete")) {
                p { (t.t("number-delete-warning")) }
                input type="hidden" name="next" value=(list_url);
                button type="submit" class="button danger solid" { (label) }
            }
        }
    }
}
