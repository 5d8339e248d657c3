//! The form that says where a number leads: for a new one and for one that leads somewhere already.

use maud::{Markup, html};

use super::destination;
use crate::page::Page;
use crate::texts::Texts;
use crate::trunks::TrunkRef;
use crate::ui::did::Did;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::Party;
use crate::ui::url;

/// The values as typed, so that a refused form comes back as it was.
#[derive(Clone, Debug, Default)]
pub struct Values {
    pub did: String,
    pub trunk: Option<i64>,
    pub destination: String,
    pub description: String,
    pub is_enabled: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub trunks: Vec<TrunkRef>,
    /// The first extensions; more are found while someone types.
    pub destinations: Vec<Party>,
}

#[derive(Clone, Debug, Default)]
pub struct New {
    pub values: Values,
    pub choices: Choices,
    pub errors: FieldErrors,
    /// The page to come back to.
    pub next: String,
}

#[derive(Clone, Debug)]
pub struct Edit {
    pub id: i64,
    /// The number as it is stored.
    pub did: Did,
    pub values: Values,
    pub choices: Choices,
    pub errors: FieldErrors,
}

/// The page that assigns a number; also the answer to a refused form of any other page.
pub fn new(page: &Page<'_>, new: &New) -> Markup {
    let t = page.texts;
    let title = t.t("number-new");
    let back = if new.next.is_empty() {
        "/numbers"
    } else {
        &new.next
    };
    let fields = Fields {
        values: &new.values,
        choices: &new.choices,
        errors: &new.errors,
        t,
    };
    let content = html! {
        (part::header(title, t.t("number-new-line"), &html! {}))
        div class="card form-card" {
            (fields.summary())
            form method="post" action="/numbers" novalidate {
                input type="hidden" name="next" value=(back);
                (fields.all())
                (fields.buttons(t.t("number-assign"), back))
            }
        }
    };
    frame(page, title, &content)
}

pub fn edit(page: &Page<'_>, edit: &Edit) -> Markup {
    let t = page.texts;
    let number = edit.did.shown.as_str();
    let title = t.t_args("number-title", &[("number", number.into())]);
    let fields = Fields {
        values: &edit.values,
        choices: &edit.choices,
        errors: &edit.errors,
        t,
    };
    let enabled = fields.row(
        "enabled",
        t.t("field-enabled"),
        t.t("field-number-enabled-help"),
    );
    let content = html! {
        (part::header(&title, "", &html! {}))
        div class="card form-card" {
            (fields.summary())
            form method="post" action=(url::number(edit.id, "/edit")) novalidate {
                (fields.all())
                (enabled.toggle(edit.values.is_enabled))
                (fields.buttons(t.t("save"), "/numbers"))
            }
        }
        div class="card form-card" {
            h2 { (t.t("number-delete-title")) }
            p class="quiet" { (t.t("number-delete-warning")) }
            form method="post" action=(url::number(edit.id, "/delete")) {
                div class="buttons" {
                    button type="submit" class="button danger" {
                        (icon(Icon::Trash))
                        span { (t.t_args("number-delete", &[("number", number.into())])) }
                    }
                }
            }
        }
    };
    frame(page, &title, &content)
}

fn frame(page: &Page<'_>, title: &str, content: &Markup) -> Markup {
    let head = Head {
        title,
        active: Some(Nav::Numbers),
        live: false,
    };
    shell::shell(page, &head, &html! { div class="stack" { (content) } })
}

struct Fields<'a> {
    values: &'a Values,
    choices: &'a Choices,
    errors: &'a FieldErrors,
    t: &'a Texts,
}

impl<'a> Fields<'a> {
    fn row(&self, name: &'a str, label: &'a str, help: &'a str) -> Row<'a> {
        let column = match name {
            "did" => "pbx.did_route.did",
            "trunk_id" => "pbx.did_route.trunk_id",
            "description" => "pbx.did_route.description",
            _ => "pbx.did_route.enabled",
        };
        Row {
            name,
            label,
            help,
            column,
            errors: self.errors,
        }
    }

    fn summary(&self) -> Markup {
        let t = self.t;
        let labels = [
            ("did", t.t("column-number")),
            ("trunk_id", t.t("column-trunk")),
            (destination::FIELD, t.t("column-destination")),
            ("description", t.t("column-description")),
            ("enabled", t.t("field-enabled")),
        ];
        form::summary(self.errors, &labels, t)
    }

    fn all(&self) -> Markup {
        let (values, t) = (self.values, self.t);
        let ids: Vec<String> = self
            .choices
            .trunks
            .iter()
            .map(|trunk| trunk.id.to_string())
            .collect();
        let names = self.choices.trunks.iter().map(|trunk| trunk.name.as_str());
        let trunks: Vec<(&str, &str)> = ids.iter().map(String::as_str).zip(names).collect();
        let chosen = values.trunk.map(|id| id.to_string()).unwrap_or_default();
        let did = Input {
            mode: Some("tel"),
            ..Input::text(&values.did).required()
        };
        html! {
            (self.row("did", t.t("column-number"), t.t("field-did-help")).input(&did))
            (self.row("trunk_id", t.t("column-trunk"), t.t("field-trunk-help"))
                .select(&trunks, &chosen))
            (destination::row(&values.destination, self.errors, t))
            (destination::list(&self.choices.destinations))
            (self.row("description", t.t("column-description"), t.t("field-description-help"))
                .input(&Input::text(&values.description)))
        }
    }

    fn buttons(&self, label: &str, back: &str) -> Markup {
        html! {
            div class="buttons" {
                button type="submit" class="button primary" { (label) }
                a class="button" href=(back) { (self.t.t("cancel")) }
            }
        }
    }
}
