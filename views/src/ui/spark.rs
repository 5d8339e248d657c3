//! A small chart of the hours of a day, with the same as a table for those who do not see it.

use maud::{Markup, html};

use crate::texts::Texts;

/// Higher bars than this would only be cut off.
const HEIGHT: u64 = 20;

/// One bar for each hour since midnight; `name` says what is counted, by its number.
pub(crate) fn hours(counts: &[u64], name: &str, t: &Texts) -> Markup {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let bars = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    html! {
        svg class="spark" viewBox={ "0 0 " (counts.len() * 4) " " (HEIGHT) } preserveAspectRatio="none"
            aria-hidden="true"
        {
            @for (hour, count) in bars.clone() {
                @let height = (count * HEIGHT).div_ceil(most);
                rect x=(hour * 4) y=(HEIGHT - height) width="3" height=(height) {}
            }
        }
        @if bars.clone().next().is_some() {
            table class="hidden-text" {
                caption { (t.t("per-hour")) }
                @for (hour, count) in bars {
                    tr { th scope="row" { (t.t_args("hour", &[("hour", hour.into())])) } td { (t.t_count(name, *count)) } }
                }
            }
        }
    }
}
