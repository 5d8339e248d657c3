//! Choosing where a number leads: typed, with proposals that follow what is typed.

use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::form::{FieldErrors, Row};
use crate::ui::state::{self, Party};

/// The name of the field.
pub(crate) const FIELD: &str = "destination_extension";

/// The proposals below every such field of a page: the answer to
/// `/fragments/destinations?destination_extension=<typed>`, and part of the page itself.
pub fn list(extensions: &[Party]) -> Markup {
    html! {
        datalist id="destinations" {
            @for extension in extensions {
                option value=(extension.number) { (extension.name.as_deref().unwrap_or_default()) }
            }
        }
    }
}

/// Where a number leads, with what was noted about it.
pub(crate) fn leads_to(destination: &Party, description: &str) -> Markup {
    html! {
        div {
            (state::party(destination))
            @if !description.is_empty() { div { small { (description) } } }
        }
    }
}

/// A form row for it.
pub(crate) fn row(value: &str, errors: &FieldErrors, t: &Texts) -> Markup {
    let row = Row {
        name: FIELD,
        label: t.t("column-destination"),
        help: t.t("field-destination-help"),
        column: "pbx.did_route.extension",
        errors,
    };
    let id = format!("f-{FIELD}");
    row.around(&control(
        Some(&id),
        value,
        None,
        (row.described(), row.is_wrong()),
    ))
}

/// The field alone, named for those who do not see what it stands beside.
pub(crate) fn inline(label: &str, t: &Texts) -> Markup {
    html! {
        span class="destination" {
            (control(None, "", Some((label, t.t("column-destination"))), (None, false)))
        }
    }
}

fn control(
    id: Option<&str>,
    value: &str,
    label: Option<(&str, &str)>,
    (described, is_wrong): (Option<String>, bool),
) -> Markup {
    html! {
        input id=[id] name=(FIELD) type="text" value=(value) list="destinations" required
            inputmode="numeric" autocomplete="off"
            aria-label=[label.map(|(label, _)| label)] placeholder=[label.map(|(_, hint)| hint)]
            aria-describedby=[described] aria-invalid=[is_wrong.then_some("true")]
            hx-get="/fragments/destinations" hx-trigger="input delay:150ms"
            hx-target="#destinations" hx-swap="outerHTML";
    }
}
