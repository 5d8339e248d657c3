//! The form for a new extension, and the tab that edits one: basics first, the rest folded.

use maud::{Markup, html};

use super::strength::{self, Strength};
use super::{TabName, Title, tab};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

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

/// A codec that may be chosen.
#[derive(Clone, Debug)]
pub struct Codec {
    /// Asterisk's name, as in `alaw`.
    pub name: String,
    /// As people call it, as in `G.711 A-law`.
    pub label: String,
    /// Place in the extension's own order, from 1; none if it is not used.
    pub rank: Option<usize>,
}

/// What the codec fields of this form sent, as a list such as `alaw,g722`. Empty: the system's order;
/// a lone comma: an order of its own with nothing in it.
pub fn chosen_codecs<'a>(order: &str, places: impl IntoIterator<Item = &'a str>) -> String {
    if order != "own" {
        return String::new();
    }
    let places = places.into_iter().filter_map(|place| place.split_once(':'));
    let mut codecs: Vec<(usize, &str)> = places
        .filter_map(|(place, name)| Some((place.parse().ok()?, name)))
        .collect();
    codecs.sort_by_key(|(place, _)| *place);
    let names: Vec<&str> = codecs.into_iter().map(|(_, name)| name).collect();
    if names.is_empty() {
        ",".to_owned()
    } else {
        names.join(",")
    }
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
            (self.row("blf_enabled", "field-lamp-help", "ps_endpoints.allow_subscribe")
                .toggle(values.has_lamp))
            (pickup.input(&Input::text(&values.pickup_group)))
            (self.row("context", "field-context-help", "ps_endpoints.context")
                .select(&contexts, &values.context))
        }
    }

    /// Codecs in order. Without the script each has a number; with it they also move by buttons.
    fn codecs(&self) -> Markup {
        let (values, t) = (self.values, self.t);
        let row = self.row("codecs", "field-codecs-help", "ps_endpoints.allow");
        let mut codecs: Vec<&Codec> = values.codecs.iter().collect();
        codecs.sort_by_key(|codec| codec.rank.unwrap_or(usize::MAX));
        let system = self.choices.system_codecs.join(", ");
        html! {
            fieldset class="row codecs" id="f-codecs" aria-describedby=[row.described()] {
                legend { (row.label) }
                label class="check" {
                    input type="radio" name="codec_order" value="system"
                        checked[!values.has_own_codecs];
                    span {
                        (t.t("codecs-system")) " "
                        small { (system) }
                    }
                }
                label class="check" {
                    input type="radio" name="codec_order" value="own" checked[values.has_own_codecs];
                    span { (t.t("codecs-own")) }
                }
                ol class="codec-list" data-order {
                    @for codec in &codecs { (self.codec(codec, codecs.len())) }
                }
                (row.below())
            }
        }
    }

    fn codec(&self, codec: &Codec, count: usize) -> Markup {
        let t = self.t;
        let name = [("name", codec.label.as_str().into())];
        html! {
            li {
                select name="codec" aria-label=(t.t_args("codec-place", &name)) {
                    option value="" selected[codec.rank.is_none()] { (t.t("codec-off")) }
                    @for place in 1..=count {
                        option value={ (place) ":" (codec.name) } selected[codec.rank == Some(place)]
                        { (place) "." }
                    }
                }
                span { (codec.label) " " code class="column" { (codec.name) } }
                span class="movers" hidden {
                    button type="button" class="button small" data-move="up"
                        aria-label=(t.t_args("codec-up", &name)) { (icon(Icon::ArrowUp)) }
                    button type="button" class="button small" data-move="down"
                        aria-label=(t.t_args("codec-down", &name)) { (icon(Icon::ArrowDown)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_come_in_the_order_of_their_places() {
        assert_eq!(chosen_codecs("own", ["2:ulaw", "", "1:alaw"]), "alaw,ulaw");
        assert_eq!(chosen_codecs("own", ["1:ulaw", "1:alaw"]), "ulaw,alaw");
        assert_eq!(chosen_codecs("own", ["", "x:ulaw"]), ",");
        assert_eq!(chosen_codecs("system", ["1:ulaw"]), "");
    }
}
