//! The list of trunks: a tile for each, with its numbers and today's calls.

use maud::{Markup, html};

use super::{Trunk, tile};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Refresh, refreshing};
use crate::ui::shell::{self, Head, Nav};

#[derive(Clone, Debug)]
pub struct List {
    pub trunks: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub trunk: Trunk,
    /// Numbers that lead somewhere, and all of its blocks.
    pub used: u64,
    pub total: u64,
    /// Empty while the database does not tell.
    pub calls_today: Option<u64>,
}

pub fn page(page: &Page<'_>, list: &List) -> Markup {
    let t = page.texts;
    let title = t.t("nav-trunks");
    let new = html! {
        a class="button primary" href="/trunks/new" data-key="n" {
            (icon(Icon::Plus)) span { (t.t("trunk-new")) }
        }
    };
    let content = html! {
        (part::header(title, t.t("trunks-line"), &new))
        (tiles(list, t))
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Trunks),
            live: true,
        },
        &content,
    )
}

/// The tiles: the part that live updates replace.
pub fn tiles(list: &List, t: &Texts) -> Markup {
    let part = Refresh {
        id: "trunk-list",
        class: "stack",
        url: "/trunks",
        trigger: "sse:trunks, sse:system, sse:cdr",
    };
    refreshing(
        &part,
        &html! {
            h2 id="trunk-list-title" class="hidden-text" { (t.t("nav-trunks")) }
            @if list.trunks.is_empty() {
                div class="card" {
                    (part::empty(t.t("trunks-empty"), &html! {
                        (part::button_link("/trunks/new", Icon::Plus, t.t("trunk-new")))
                    }))
                }
            } @else {
                ul class="tiles" { @for entry in &list.trunks { li { (detailed(entry, t)) } } }
            }
        },
    )
}

fn detailed(entry: &Entry, t: &Texts) -> Markup {
    let numbers = t.t_args(
        "trunk-numbers",
        &[
            ("used", t.number(entry.used).into()),
            ("total", t.number(entry.total).into()),
        ],
    );
    let more = html! {
        span class="tile-more" {
            span { (numbers) }
            @if let Some(calls) = entry.calls_today {
                span { (t.t_count("trunk-calls-today", calls)) }
            }
        }
    };
    tile(&entry.trunk, true, &more, t)
}
