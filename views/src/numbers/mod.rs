//! Pages about the numbers that trunks deliver: where each leads, and those that lead nowhere.

pub mod destination;
pub mod form;
pub mod list;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::state;

/// When somebody outside called it last.
pub(crate) fn last_called(at: Option<DateTime<Utc>>, t: &Texts) -> Markup {
    html! {
        @if let Some(at) = at {
            (state::moment(at, t))
        } @else {
            span aria-hidden="true" { "–" }
            span class="hidden-text" { (t.t("number-never-called")) }
        }
    }
}
