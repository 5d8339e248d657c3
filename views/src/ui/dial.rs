//! Buttons by which the own phone calls a number: many on a page, and one form, which stands outside what is refreshed.

use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::icon::{self, Icon};

const FORM: &str = "place-call";

/// `next` is the page that is shown then.
pub(crate) fn form(next: &str) -> Markup {
    html! {
        form id=(FORM) method="post" action="/calls/new" { input type="hidden" name="next" value=(next); }
    }
}

/// What is dialled need not be written as people read it.
pub(crate) fn button(dialled: &str, shown: &str, t: &Texts) -> Markup {
    let label = t.t_args("call-number", &[("number", shown.into())]);
    html! {
        button type="submit" form=(FORM) name="number" value=(dialled) class="button call" {
            (icon::labelled(Icon::Phone, &label))
        }
    }
}
