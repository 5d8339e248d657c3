//! Bars as a picture, and the same numbers as a table for who cannot see it.

use maud::{Markup, html};

use crate::texts::Texts;

/// One bar and the parts it is made of, from the bottom up.
#[derive(Clone, Debug)]
pub struct Bar {
    pub label: String,
    pub parts: Vec<u64>,
}

/// What each part of the bars is: its name and its colour class.
pub(crate) type Part<'a> = (&'a str, &'static str);

pub(crate) struct Chart<'a> {
    pub id: &'a str,
    pub title: &'a str,
    /// What stands along the bars: `Day`.
    pub axis: &'a str,
    pub parts: &'a [Part<'a>],
    pub bars: &'a [Bar],
}

const HEIGHT: u64 = 1000;
/// Of one bar with the gap beside it, and of the bar.
const STEP: u64 = 100;
const WIDTH: u64 = 76;

fn total(bar: &Bar) -> u64 {
    bar.parts.iter().sum()
}

pub(crate) fn chart(chart: &Chart<'_>, t: &Texts) -> Markup {
    let highest = chart.bars.iter().map(total).max().unwrap_or(0).max(1);
    let width = STEP * chart.bars.len().max(1) as u64;
    html! {
        figure class="chart" aria-labelledby={ (chart.id) "-title" } {
            figcaption id={ (chart.id) "-title" } { (chart.title) }
            p class="chart-top muted" aria-hidden="true" { (t.number(highest)) }
            svg viewBox={ "0 0 " (width) " " (HEIGHT) } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                @for (index, bar) in chart.bars.iter().enumerate() {
                    g {
                        title { (bar.label) ": " (t.number(total(bar))) }
                        @for (part, (from, length)) in stacked(bar, highest).into_iter().enumerate() {
                            @if length > 0 {
                                rect class=(chart.parts[part].1) x=(index as u64 * STEP + (STEP - WIDTH) / 2)
                                    y=(HEIGHT - from - length) width=(WIDTH) height=(length) {}
                            }
                        }
                    }
                }
            }
            p class="chart-ends muted" aria-hidden="true" {
                @if let (Some(first), Some(last)) = (chart.bars.first(), chart.bars.last()) {
                    span { (first.label) } span { (last.label) }
                }
            }
            (table(chart, t))
        }
    }
}

/// Where each part begins and how long it is. What is there at all can be seen.
fn stacked(bar: &Bar, highest: u64) -> Vec<(u64, u64)> {
    let mut below = 0;
    let place = |part: &u64| {
        let from = below;
        let length = (part * HEIGHT / highest).max(u64::from(*part > 0) * 4);
        below += length;
        (from, length)
    };
    bar.parts.iter().map(place).collect()
}

fn table(chart: &Chart<'_>, t: &Texts) -> Markup {
    html! {
        details class="chart-table" id={ (chart.id) "-table" } {
            summary { (t.t("chart-table")) }
            table class="plain" {
                thead {
                    tr {
                        th scope="col" { (chart.axis) }
                        @for (name, _) in chart.parts { th scope="col" class="numeric" { (name) } }
                    }
                }
                tbody {
                    @for bar in chart.bars.iter().filter(|bar| total(bar) > 0) {
                        tr {
                            th scope="row" { (bar.label) }
                            @for part in &bar.parts { td class="numeric" { (t.number(*part)) } }
                        }
                    }
                }
            }
        }
    }
}
