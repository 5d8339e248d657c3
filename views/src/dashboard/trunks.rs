//! The trunks as tiles.

use maud::{Markup, html};

use super::Trunks;
use crate::texts::Texts;
use crate::trunks::tile;
use crate::ui::part::{Refresh, refreshing};
use crate::ui::state;

/// Every trunk as a tile; for administrators it opens the trunk's page.
pub fn trunks(trunks: Option<&Trunks>, t: &Texts) -> Markup {
    let section = Refresh {
        id: "trunks",
        class: "section",
        url: "/fragments/trunks",
        trigger: "sse:trunks, sse:system",
    };
    refreshing(
        &section,
        &html! {
            div class="section-head" {
                h2 id="trunks-title" { (t.t("nav-trunks")) }
                @if trunks.is_some_and(|trunks| trunks.may_open) { a href="/trunks" { (t.t("all-trunks")) } }
            }
            @match trunks {
                Some(trunks) if !trunks.trunks.is_empty() => ul class="tiles" {
                    @for trunk in &trunks.trunks {
                        li { (tile(trunk, trunks.may_open, &html! {}, t)) }
                    }
                },
                Some(trunks) if trunks.may_open => p class="quiet" {
                    (t.t("trunks-none")) " " a href="/trunks/new" { (t.t("trunk-new")) }
                },
                Some(_) => {}
                None => div class="card" { (state::without_database(t)) },
            }
        },
    )
}
