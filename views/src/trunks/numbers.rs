//! The numbers of a trunk's contract: those that lead somewhere, and the free ones to assign.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{TabName, Trunk, tab};
use crate::numbers::destination;
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::did::{self, Did};
use crate::ui::form::{FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Refresh, Switch};
use crate::ui::state::Party;
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Numbers {
    pub trunk: Trunk,
    /// Numbers that lead somewhere, and all of its blocks.
    pub used: u64,
    pub total: u64,
    /// One page of its numbers, ascending.
    pub numbers: Vec<BlockNumber>,
    /// Key of the page before whose last number this one begins.
    pub after: Option<String>,
    /// Key of the last number when there are more: the next page's `after`.
    pub next: Option<String>,
    /// The first extensions; more are found while someone types.
    pub destinations: Vec<Party>,
}

/// A number that belongs to a contract.
#[derive(Clone, Debug)]
pub struct BlockNumber {
    pub did: Did,
    /// None: the number is free.
    pub route: Option<Route>,
}

#[derive(Clone, Debug)]
pub struct Route {
    pub id: i64,
    pub destination: Party,
    pub description: String,
    pub last_called: Option<DateTime<Utc>>,
    pub is_enabled: bool,
}

pub fn page(page: &Page<'_>, numbers: &Numbers) -> Markup {
    let t = page.texts;
    let here = address(numbers, numbers.after.as_deref());
    let part = Refresh {
        id: "trunk-numbers",
        class: "",
        url: &here,
        trigger: "sse:trunks, sse:cdr",
    };
    let used = || {
        let entries = numbers.numbers.iter();
        entries.filter_map(|number| Some((&number.did, number.route.as_ref()?)))
    };
    let content = html! {
        p class="result-count" {
            (t.t_args("trunk-numbers", &[
                ("used", t.number(numbers.used).into()),
                ("total", t.number(numbers.total).into()),
            ]))
        }
        @if numbers.numbers.is_empty() {
            div class="card" {
                (part::empty(t.t("trunk-numbers-empty"), &html! {
                    a class="button" href=(url::trunk(numbers.trunk.id, "/edit")) {
                        (t.t("tab-settings"))
                    }
                }))
            }
        } @else {
            div class="stack" {
                @if used().next().is_some() {
                    (part::refreshing(&part, &html! {
                        h2 id="trunk-numbers-title" class="hidden-text" { (t.t("nav-numbers")) }
                        table class="table card" {
                            (head(t))
                            tbody { @for (did, route) in used() { (row(did, route, &here, t)) } }
                        }
                    }))
                }
                (free(numbers, &here, t))
            }
        }
        (paging(numbers, t))
    };
    tab(page, &numbers.trunk, TabName::Numbers, &content)
}

fn address(numbers: &Numbers, after: Option<&str>) -> String {
    let path = url::trunk(numbers.trunk.id, "/numbers");
    url::with_query(&path, &[("after", after.unwrap_or_default())])
}

fn paging(numbers: &Numbers, t: &Texts) -> Markup {
    let first = numbers.after.is_some().then(|| address(numbers, None));
    let next = numbers
        .next
        .as_deref()
        .map(|key| address(numbers, Some(key)));
    part::paging(first.as_deref(), next.as_deref(), t)
}

fn head(t: &Texts) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" { (t.t("column-number")) }
                th scope="col" { (t.t("column-destination")) }
                th scope="col" { (t.t("column-last-called")) }
                th scope="col" id=(part::COLUMN_ENABLED) { (t.t("column-enabled")) }
                th scope="col" { span class="hidden-text" { (t.t("number-edit")) } }
            }
        }
    }
}

fn row(did: &Did, route: &Route, here: &str, t: &Texts) -> Markup {
    let key = route.id.to_string();
    let about = format!("did-{key}");
    let act = if route.is_enabled {
        "/disable"
    } else {
        "/enable"
    };
    html! {
        tr id={ "row-" (key) } {
            td data-label=(t.t("column-number")) {
                (did::copyable(&about, did, t))
            }
            td data-label=(t.t("column-destination")) {
                (destination::leads_to(&route.destination, &route.description))
            }
            td data-label=(t.t("column-last-called")) {
                (crate::numbers::last_called(route.last_called, t))
            }
            td data-label=(t.t("column-enabled")) {
                (part::switch(&Switch {
                    key: &key,
                    action: &url::number(route.id, act),
                    next: here,
                    about: &about,
                    is_on: route.is_enabled,
                }))
            }
            td data-label=(t.t("number-edit")) { (edit_link(route.id, did, t)) }
        }
    }
}

/// The pencil that opens the form of a number.
pub(crate) fn edit_link(id: i64, did: &Did, t: &Texts) -> Markup {
    html! {
        a class="button small" href=(url::number(id, "/edit"))
            aria-label={ (t.t("number-edit")) ": " (did.shown) }
        { (icon(Icon::Pencil)) }
    }
}

/// Choose a number, say where it leads, save: one form for all of them.
fn free(numbers: &Numbers, here: &str, t: &Texts) -> Markup {
    let free: Vec<&Did> = numbers
        .numbers
        .iter()
        .filter(|number| number.route.is_none())
        .map(|number| &number.did)
        .collect();
    let errors = FieldErrors::default();
    let description = Row {
        name: "description",
        label: t.t("column-description"),
        help: "",
        column: "",
        errors: &errors,
    };
    html! {
        section class="card" aria-labelledby="free-title" {
            h2 id="free-title" { (t.t("numbers-free")) }
            @if free.is_empty() {
                p class="quiet" { (t.t("numbers-none-free")) }
            } @else {
                form method="post" action="/numbers" {
                    input type="hidden" name="trunk_id" value=(numbers.trunk.id);
                    input type="hidden" name="next" value=(here);
                    fieldset {
                        legend class="quiet" { (t.t("numbers-choose")) }
                        div class="chips" {
                            @for (index, did) in free.iter().enumerate() {
                                label {
                                    input type="radio" name="did" value=(did.e164)
                                        required checked[index == 0];
                                    span class="chip" { (did.shown) }
                                }
                            }
                        }
                    }
                    div class="inline" {
                        (destination::row("", &errors, t))
                        (description.input(&Input::text("")))
                        button type="submit" class="button primary" { (t.t("number-assign")) }
                    }
                    (destination::list(&numbers.destinations))
                }
            }
        }
    }
}
