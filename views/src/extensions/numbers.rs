//! The tab with an extension's external numbers: which it has, which others are free, and which
//! one is shown to those who are called.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{TabName, Title, tab};
use crate::page::Page;
use crate::texts::Texts;
use crate::trunks::numbers::BlockNumber;
use crate::trunks::{self, TrunkRef};
use crate::ui::did::{self, Did, OwnDid};
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::Icon;
use crate::ui::part;
use crate::ui::state::{self, Party};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Numbers {
    pub title: Title,
    /// In the order in which they were assigned.
    pub assigned: Vec<Assigned>,
    /// All trunks that numbers can be taken from; empty for those who may not assign.
    pub trunks: Vec<TrunkRef>,
    pub block: Option<Block>,
    pub outbound: Outbound,
    /// The person may choose what is shown outside.
    pub may_choose: bool,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug)]
pub struct Assigned {
    pub route_id: i64,
    pub last_called: Option<DateTime<Utc>>,
    pub own: OwnDid,
    pub trunk: TrunkRef,
}

/// The numbers of the chosen trunk.
#[derive(Clone, Debug)]
pub struct Block {
    pub trunk: TrunkRef,
    /// One page of them, ascending.
    pub numbers: Vec<BlockNumber>,
    pub after: Option<String>,
    /// Key of the last number when there are more: the next page's `after`.
    pub next: Option<String>,
    /// A number outside the blocks, as typed.
    pub typed: String,
}

/// What those see who are called from this extension.
#[derive(Clone, Debug, Default)]
pub struct Outbound {
    /// The chosen number; none: the first assigned one.
    pub did: Option<String>,
    /// P-Asserted-Identity, if one is sent.
    pub pai: Option<String>,
    /// The trunk's numbers that may be asserted.
    pub pai_choices: Vec<Did>,
}

pub fn page(page: &Page<'_>, numbers: &Numbers) -> Markup {
    let t = page.texts;
    let labels = [
        ("did", t.t("column-number")),
        ("outbound_cid", t.t("outbound-title")),
        ("pai", t.t("field-pai")),
    ];
    let content = html! {
        (form::summary(&numbers.errors, &labels, t))
        @if numbers.assigned.is_empty() {
            (part::notice("tone-warn", Icon::Alert, &html! { p { (t.t("numbers-without")) } }))
        }
        div class="columns" {
            div class="stack" {
                @if !numbers.assigned.is_empty() { (assigned(numbers, t)) }
                @if numbers.title.may_edit { (assign(numbers, t)) }
            }
            @if !numbers.assigned.is_empty() { (outbound(numbers, t)) }
        }
    };
    tab(page, &numbers.title, TabName::Numbers, &content)
}

fn assigned(numbers: &Numbers, t: &Texts) -> Markup {
    let extension = &numbers.title.number;
    html! {
        section class="card" aria-labelledby="assigned-title" {
            h2 id="assigned-title" { (t.t("numbers-assigned")) }
            ul class="calls" {
                @for entry in &numbers.assigned {
                    @let path = format!("/numbers/{}/remove", entry.route_id);
                    li {
                        span class="did" {
                            (did::copyable(&format!("did-{}", entry.route_id), &entry.own.did, t))
                            (did::marks(&entry.own, t))
                            @if !entry.own.is_incoming {
                                (state::badge("tone-none", t.t("state-disabled")))
                            }
                        }
                        span class="call-end" {
                            small {
                                (t.t("column-last-called")) ": "
                                (crate::numbers::last_called(entry.last_called, t))
                            }
                            @if numbers.title.may_edit {
                                (trunks::link(&entry.trunk))
                                form method="post" action=(url::extension(extension, &path)) {
                                    button type="submit" class="button small"
                                        aria-label={ (t.t("number-remove")) ": " (entry.own.did.shown) }
                                    { (t.t("number-remove")) }
                                }
                            } @else {
                                span class="muted" { (entry.trunk.name) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn assign(numbers: &Numbers, t: &Texts) -> Markup {
    let action = url::extension(&numbers.title.number, "/numbers");
    html! {
        section class="card" aria-labelledby="assign-title" {
            h2 id="assign-title" { (t.t("number-new")) }
            @if numbers.trunks.is_empty() {
                p class="quiet" { (t.t("numbers-need-trunk")) }
                p { a href="/trunks/new" { (t.t("trunk-new")) } }
            } @else {
                nav class="chips" aria-label=(t.t("column-trunk")) {
                    @for trunk in &numbers.trunks {
                        @let active = numbers.block.as_ref().is_some_and(|b| b.trunk == *trunk);
                        a class="chip" href=(address(&action, trunk.id, None))
                            aria-current=[active.then_some("true")]
                        { (trunk.name) }
                    }
                }
                @if let Some(block) = &numbers.block {
                    (free(block, &action, t))
                    (typed(block, &action, &numbers.errors, t))
                } @else {
                    p class="quiet" { (t.t("numbers-choose-trunk")) }
                }
            }
        }
    }
}

fn address(action: &str, trunk: i64, after: Option<&str>) -> String {
    let trunk = trunk.to_string();
    url::with_query(
        action,
        &[("trunk", &trunk), ("after", after.unwrap_or_default())],
    )
}

/// Each free number is a button that assigns it; a taken one says where it leads.
fn free(block: &Block, action: &str, t: &Texts) -> Markup {
    let page = |after| address(action, block.trunk.id, after);
    let first = block.after.is_some().then(|| page(None));
    let next = block.next.as_deref().map(|key| page(Some(key)));
    html! {
        form method="post" action=(action) {
            input type="hidden" name="trunk_id" value=(block.trunk.id);
            p class="quiet" { (t.t("numbers-click")) }
            ul class="chips" {
                @for number in &block.numbers {
                    li {
                        @match &number.route {
                            None => {
                                button type="submit" class="chip" name="did" value=(number.did.e164)
                                    title=(t.t("number-assign"))
                                { (number.did.shown) }
                            }
                            Some(route) => {
                                span class="chip" title=[route.destination.name.as_deref()] {
                                    (number.did.shown) " → "
                                    (state::party(&nameless(&route.destination)))
                                }
                            }
                        }
                    }
                }
            }
        }
        (part::paging(first.as_deref(), next.as_deref(), t))
    }
}

/// A chip has no room for a name.
fn nameless(party: &Party) -> Party {
    Party {
        name: None,
        ..party.clone()
    }
}

/// A number that the provider delivers though no block names it.
fn typed(block: &Block, action: &str, errors: &FieldErrors, t: &Texts) -> Markup {
    let row = Row {
        name: "did",
        label: t.t("field-other-did"),
        help: t.t("field-other-did-help"),
        column: "pbx.did_route.did",
        errors,
    };
    let input = Input {
        mode: Some("tel"),
        ..Input::text(&block.typed).required()
    };
    html! {
        form method="post" action=(action) {
            input type="hidden" name="trunk_id" value=(block.trunk.id);
            div class="inline" {
                (row.input(&input))
                button type="submit" class="button" { (t.t("number-assign")) }
            }
        }
    }
}

fn outbound(numbers: &Numbers, t: &Texts) -> Markup {
    let outbound = &numbers.outbound;
    let first = numbers.assigned.first().map(|a| a.own.did.shown.as_str());
    let cid = Row {
        name: "outbound_cid",
        label: t.t("outbound-title"),
        help: "",
        column: "pbx.extension.outbound_did",
        errors: &numbers.errors,
    };
    let pai = Row {
        name: "pai",
        label: t.t("field-pai"),
        help: t.t("field-pai-help"),
        column: "pbx.extension.pai",
        errors: &numbers.errors,
    };
    let choices = std::iter::once(("", t.t("pai-none")));
    let choices: Vec<(&str, &str)> = choices
        .chain(
            outbound
                .pai_choices
                .iter()
                .map(|did| (did.e164.as_str(), did.shown.as_str())),
        )
        .collect();
    let choice = |value: &str, is_chosen: bool, label: &Markup| {
        html! {
            label class="check" {
                input type="radio" name="outbound_cid" value=(value) checked[is_chosen]
                    disabled[!numbers.may_choose];
                span { (label) }
            }
        }
    };
    html! {
        section class="card" aria-labelledby="outbound-title" {
            h2 id="outbound-title" { (t.t("outbound-title")) }
            form method="post" action=(url::extension(&numbers.title.number, "/outbound")) {
                fieldset class="row" id="f-outbound_cid" aria-describedby=[cid.described()] {
                    legend class="hidden-text" { (cid.label) }
                    (choice("", outbound.did.is_none(), &html! {
                        (t.t("outbound-first")) " "
                        @if let Some(first) = first { small { (first) } }
                    }))
                    @for entry in &numbers.assigned {
                        @let did = &entry.own.did;
                        (choice(&did.e164, outbound.did.as_ref() == Some(&did.e164), &html! {
                            span class="number" { (did.shown) } " " small { (entry.trunk.name) }
                        }))
                    }
                    (cid.below())
                }
                @if numbers.may_choose {
                    (pai.select(&choices, outbound.pai.as_deref().unwrap_or_default()))
                    div class="buttons" {
                        button type="submit" class="button primary" { (t.t("save")) }
                    }
                }
            }
        }
    }
}
