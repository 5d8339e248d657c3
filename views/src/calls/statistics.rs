//! The calls that a filter means, added up: numbers, and two charts.

use maud::{Markup, html};

use super::{Filter, Outcome};
use crate::texts::Texts;
use crate::ui::chart::{Bar, Chart, chart};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Statistics {
    /// Of all kinds, in the order of [`Outcome::ALL`].
    pub calls: [u64; 4],
    /// Seconds of talk of an answered call.
    pub average: u64,
    pub today: u64,
    pub this_week: u64,
    pub this_month: u64,
    /// Bars of the order of [`Outcome::ALL`].
    pub days: Vec<Bar>,
    pub hours: Vec<Bar>,
}

/// Follows what is new now and then: nobody reads sums that change all the time.
pub fn statistics(filter: &Filter, known: &Statistics, t: &Texts) -> Markup {
    let total: u64 = known.calls.iter().sum();
    let parts = Outcome::ALL.map(|outcome| (t.t(outcome.parts().0), outcome.parts().1));
    html! {
        section id="call-statistics" aria-labelledby="statistics-title" hx-get=(address(filter))
            data-rest="10000" hx-trigger="sse:cdr, rested, resync from:body" hx-select="#call-statistics" hx-swap="outerHTML"
            hx-sync="this:replace" hx-disinherit="hx-sync"
        {
            h2 id="statistics-title" class="hidden-text" { (t.t("statistics-title")) }
            dl class="figures card" {
                (figure(t.t("statistics-total"), &t.number(total)))
                @for ((name, tone), count) in parts.iter().zip(known.calls) {
                    div class={ "figure " (tone) } { dt { (name) } dd { (t.number(count)) } }
                }
                (figure(t.t("statistics-average"), &t.clock(known.average)))
                (figure(t.t("range-today"), &t.number(known.today)))
                (figure(t.t("statistics-week"), &t.number(known.this_week)))
                (figure(t.t("range-month"), &t.number(known.this_month)))
            }
            @if total > 0 {
                div class="columns charts" {
                    div class="card" {
                        (chart(&Chart { id: "chart-days", title: t.t("chart-days"), axis: t.t("chart-day"), parts: &parts, bars: &known.days }, t))
                    }
                    div class="card" {
                        (chart(&Chart { id: "chart-hours", title: t.t("chart-hours"), axis: t.t("chart-hour"), parts: &parts, bars: &known.hours }, t))
                    }
                }
            }
        }
    }
}

fn figure(name: &str, value: &str) -> Markup {
    html! { div class="figure" { dt { (name) } dd { (value) } } }
}

fn address(filter: &Filter) -> String {
    filter.first_page().at("/calls/statistics")
}

/// In the place of sums that take a while: they come by themselves, or by the link.
pub(super) fn later(filter: &Filter, t: &Texts) -> Markup {
    html! {
        section id="call-statistics" class="card" hx-get=(address(filter)) hx-trigger="load"
            hx-select="#call-statistics" hx-swap="outerHTML"
        {
            p class="muted" {
                span class="only-script" { (t.t("statistics-later")) }
                a class="without-script" href=(url::with_more(&filter.url(), "statistics", "yes")) { (t.t("statistics-show")) }
            }
        }
    }
}
