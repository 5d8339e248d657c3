//! What the list can be restricted to, as fields and as days that are often wanted.

use chrono::{Datelike, Days, Months, NaiveDate};
use maud::{Markup, html};

use super::{Calls, Direction, Filter, Outcome};
use crate::texts::Texts;

pub(super) fn labels(t: &Texts) -> [(&'static str, &'static str); 6] {
    [
        ("from", t.t("filter-from")),
        ("to", t.t("filter-to")),
        ("src", t.t("filter-src")),
        ("dst", t.t("filter-dst")),
        ("extension", t.t("filter-extension")),
        ("q", t.t("filter-text")),
    ]
}

pub(super) fn filters(calls: &Calls, t: &Texts) -> Markup {
    let filter = &calls.filter;
    let [from, to, src, dst, extension, text] = labels(t);
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
    let results = Outcome::ALL.map(|outcome| (outcome.name(), t.t(outcome.parts().0)));
    let directions = Direction::ALL.map(|direction| (direction.name(), t.t(direction.key())));
    html! {
        form class="filters" role="search" method="get" action="/calls" novalidate
            hx-get="/calls" hx-trigger="change, input delay:400ms from:#f-q, submit"
            hx-target="#call-results" hx-select="#call-results" hx-swap="outerHTML" hx-replace-url="true" hx-sync="this:replace"
        {
            (field(from, "date", &filter.from))
            (field(to, "date", &filter.to))
            (field(src, "text", &filter.src))
            (field(dst, "text", &filter.dst))
            (choice("result", t.t("filter-result"), &results, &filter.result, t))
            (choice("direction", t.t("column-direction"), &directions, &filter.direction, t))
            @if !calls.is_own { (field(extension, "text", &filter.extension)) }
            (field(text, "search", &filter.q))
            button type="submit" class="button" { (t.t("search")) }
        }
    }
}

fn choice(name: &str, label: &str, choices: &[(&str, &str)], chosen: &str, t: &Texts) -> Markup {
    html! {
        div class="filter" {
            label for={ "f-" (name) } { (label) }
            select id={ "f-" (name) } name=(name) {
                option value="" { (t.t("filter-all")) }
                @for (value, words) in choices {
                    option value=(value) selected[*value == chosen] { (words) }
                }
            }
        }
    }
}

/// Links to days that are often wanted; the other fields stay.
pub(super) fn presets(filter: &Filter, t: &Texts) -> Markup {
    let today = t.now().with_timezone(&t.zone()).date_naive();
    let first = today.with_day(1).unwrap_or(today);
    let before = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let month = first.checked_sub_months(Months::new(1)).unwrap_or(first);
    let ranges: [(&str, Option<(NaiveDate, NaiveDate)>); 6] = [
        ("range-all", None),
        ("range-today", Some((today, today))),
        ("range-yesterday", Some((before(1), before(1)))),
        ("range-week", Some((before(6), today))),
        ("range-month", Some((first, today))),
        (
            "range-last-month",
            Some((month, first.pred_opt().unwrap_or(first))),
        ),
    ];
    html! {
        nav aria-label=(t.t("range-label")) {
            ul class="chips" {
                @for (key, range) in ranges {
                    @let (from, to) = range.map_or_else(Default::default, |(from, to)| (from.to_string(), to.to_string()));
                    @let is_chosen = filter.from == from && filter.to == to;
                    @let other = Filter { from, to, ..filter.first_page() };
                    li {
                        a class="chip" href=(other.url()) aria-current=[is_chosen.then_some("true")] { (t.t(key)) }
                    }
                }
            }
        }
    }
}
