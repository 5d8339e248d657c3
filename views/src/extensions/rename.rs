//! Giving an extension another number.

use maud::{Markup, html};

use super::Title;
use crate::page::Page;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::Icon;
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Rename {
    pub title: Title,
    /// The new number as typed.
    pub number: String,
    pub errors: FieldErrors,
}

pub fn page(page: &Page<'_>, rename: &Rename) -> Markup {
    let t = page.texts;
    let old = rename.title.number.as_str();
    let title = t.t_args("rename-title", &[("number", old.into())]);
    let labels = [("extension", t.t("rename-number"))];
    let row = Row {
        name: "extension",
        label: labels[0].1,
        help: t.t("field-number-help"),
        column: "ps_endpoints.id",
        errors: &rename.errors,
    };
    let content = html! {
        (part::header(&title, &rename.title.name, &html! {}))
        div class="card form-card" {
            (part::notice("tone-warn", Icon::Alert, &html! { p { (t.t("rename-warning")) } }))
            (form::summary(&rename.errors, &labels, t))
            form method="post" action=(url::extension(old, "/rename")) novalidate {
                (row.input(&Input::digits(&rename.number).required().focused()))
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("rename-submit")) }
                    a class="button" href=(url::extension(old, "")) { (t.t("cancel")) }
                }
            }
        }
    };
    shell::shell(
        page,
        &Head {
            title: &title,
            active: Some(Nav::Extensions),
            live: false,
        },
        &content,
    )
}
