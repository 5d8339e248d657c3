//! The form for a new extension, and the tab that edits one: basics first, the rest folded.

use maud::{Markup, html};

use super::strength::{self, Strength};
use super::{TabName, Title, tab};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::codecs::{self, Order};
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

pub use crate::ui::codecs::{Codec, chosen_codecs};

/// The values as typed, so that a refused form comes back as it was.
#[derive(Clone, Debug, Default)]
pub struct Values {
    pub name: String,
    pub is_enabled: bool,
    pub context: String,
    pub has_own_codecs: bool,
    pub codecs: Vec<Codec>,
    pub ring_time: String,
    pub max_phones: String,
    pub has_lamp: bool,
    pub pickup_group: String,
}

/// What can be chosen, and what applies when nothing is.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub contexts: Vec<String>,
    /// The system's order, by the names people use.
    pub system_codecs: Vec<String>,
    /// Smallest and largest ring time in seconds.
    pub ring_time: (u32, u32),
}

#[derive(Clone, Debug, Default)]
pub struct New {
    pub number: String,
    pub strength: Option<Strength>,
    pub values: Values,
    pub choices: Choices,
    pub errors: FieldErrors,
    /// The smallest accepted length of a password.
    pub min_password: u64,
}

#[derive(Clone, Debug)]
pub struct Edit {
    pub title: Title,
    pub values: Values,
    pub choices: Choices,
    pub errors: FieldErrors,
}

/// The page with the form for a new extension.
pub fn new(page: &Page<'_>, new: &New) -> Markup {
    let t = page.texts;
    let title = t.t("extension-new");
    let labels = labels(t);
    let fields = Fields {
        values: &new.values,
        choices: &new.choices,
        errors: &new.errors,
        t,
    };
    let number = fields.row("extension", "field-number-help", "ps_endpoints.id");
    let number = number.input(&Input::digits(&new.number).required());
    let content = html! {
        (part::header(title, t.t("extension-new-line"), &html! {}))
        div class="card form-card" {
            (form::summary(&new.errors, &labels, t))
            form method="post" action="/extensions" novalidate {
                (number)
                (fields.name(true))
                (secret(&new.errors, new.strength, new.min_password, t))
                (fields.expert(true))
                (buttons(t.t("extension-create"), "/extensions", t))
            }
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Extensions),
            live: false,
        },
        &content,
    )
}

/// The tab that edits an extension.
pub fn edit(page: &Page<'_>, edit: &Edit) -> Markup {
    let t = page.texts;
    let fields = Fields {
        values: &edit.values,
        choices: &edit.choices,
        errors: &edit.errors,
        t,
    };
    let content = html! {
        div class="card form-card" {
            (form::summary(&edit.errors, &labels(t), t))
            form method="post" action=(url::extension(&edit.title.number, "/edit")) novalidate {
                (fields.name(false))
                (fields.expert(false))
                (buttons(t.t("save"), &url::extension(&edit.title.number, ""), t))
            }
        }
    };
    tab(page, &edit.title, TabName::Edit, &content)
}

fn buttons(label: &str, back: &str, t: &Texts) -> Markup {
    html! {
        div class="buttons" {
            button type="submit" class="button primary" { (label) }
            a class="button" href=(back) { (t.t("cancel")) }
        }
    }
}

/// The password field with its meter. What was typed is never sent back.
pub(super) fn secret(
    errors: &FieldErrors,
    strength: Option<Strength>,
    min: u64,
    t: &Texts,
) -> Markup {
    let mut help = t.t_args("field-password-help", &[("min", min.into())]);
    if strength.is_some() {
        help = format!("{} {help}", t.t("field-password-again"));
    }
    let row = Row {
        name: "secret",
        label: t.t("field-password"),
        help: &help,
        column: "ps_auths.password_digest",
        errors,
    };
    row.around(&html! {
        div class="secret" hx-post="/fragments/strength" hx-trigger="input delay:200ms"
            hx-target="#strength" hx-swap="outerHTML" hx-include="closest form"
        {
            (row.control(&Input::password("new-password")))
            button type="button" class="button small" data-reveal="f-secret"
                aria-pressed="false" hidden
            { (icon(Icon::Eye)) span { (t.t("reveal")) } }
        }
        (strength::fragment(strength, t))
    })
}

fn labels(t: &Texts) -> [(&'static str, &'static str); 10] {
    [
        ("extension", t.t("field-number")),
        ("caller_id", t.t("field-name")),
        ("secret", t.t("field-password")),
        ("enabled", t.t("field-enabled")),
        ("ring_time", t.t("field-ring-time")),
        ("max_contacts", t.t("field-max-phones")),
        ("codecs", t.t("field-codecs")),
        ("blf_enabled", t.t("field-lamp")),
        ("pickup_group", t.t("field-pickup-group")),
        ("context", t.t("field-context")),
    ]
}

struct Fields<'a> {
    values: &'a Values,
    choices: &'a Choices,
    errors: &'a FieldErrors,
    t: &'a Texts,
}

impl<'a> Fields<'a> {
    fn row(&self, name: &'a str, help: &str, column: &'a str) -> Row<'a> {
        let label = labels(self.t)
            .iter()
            .find(|(field, _)| *field == name)
            .map_or("", |l| l.1);
        Row {
            name,
            label,
            help: self.t.t(help),
            column,
            errors: self.errors,
        }
    }

    fn name(&self, focus: bool) -> Markup {
        let row = self.row("caller_id", "field-name-help", "ps_endpoints.callerid");
        row.input(&Input {
            focus,
            ..Input::text(&self.values.name).required()
        })
    }

    /// Everything that has a good default. Folded for a new extension; open where the tab is about it.
    fn expert(&self, is_new: bool) -> Markup {
        let fields = self.expert_fields();
        if !is_new {
            return fields;
        }
        let names = [
            "ring_time",
            "max_contacts",
            "codecs",
            "blf_enabled",
            "pickup_group",
            "context",
        ];
        let open = names.iter().any(|name| !self.errors.of(name).is_empty());
        form::folded(
            self.t.t("expert-title"),
            self.t.t("expert-line"),
            open,
            &fields,
        )
    }

    fn expert_fields(&self) -> Markup {
        let (values, t) = (self.values, self.t);
        let (min, max) = self.choices.ring_time;
        let ring_time_help = t.t_args(
            "field-ring-time-help",
            &[("min", min.into()), ("max", max.into())],
        );
        let ring_time = Row {
            help: &ring_time_help,
            ..self.row("ring_time", "field-ring-time", "pbx.extension.ring_time")
        };
        let max_phones = self.row(
            "max_contacts",
            "field-max-phones-help",
            "ps_aors.max_contacts",
        );
        let pickup = self.row(
            "pickup_group",
            "field-pickup-group-help",
            "ps_endpoints.named_pickup_group",
        );
        let contexts: Vec<(&str, &str)> = self
            .choices
            .contexts
            .iter()
            .map(|name| (name.as_str(), name.as_str()))
            .collect();
        html! {
            (self.row("enabled", "field-enabled-help", "ps_endpoints.identify_by")
                .toggle(values.is_enabled))
            div class="row-pair" {
                (ring_time.input(&Input::number(&values.ring_time, min, Some(max))))
                (max_phones.input(&Input::number(&values.max_phones, 1, None)))
            }
            (self.codecs())
            (self.row("blf_enabled", "field-lamp-help", "pbx.extension.blf_enabled")
                .toggle(values.has_lamp))
            (pickup.input(&Input::text(&values.pickup_group)))
            (self.row("context", "field-context-help", "ps_endpoints.context")
                .select(&contexts, &values.context))
        }
    }

    fn codecs(&self) -> Markup {
        let order = Order {
            codecs: &self.values.codecs,
            is_own: self.values.has_own_codecs,
            usual_label: self.t.t("codecs-system"),
            usual: &self.choices.system_codecs,
        };
        let row = self.row("codecs", "field-codecs-help", "ps_endpoints.allow");
        codecs::fieldset(&row, &order, self.t)
    }
}
