//! The form for a trunk: only the fields that its provider's customer letter contains; the rest
//! folded. Which fields there are, and their texts, comes as data.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::choose::{country, steps};
use super::{AuthMode, Provider, TabName, Trunk, logo, tab};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::codecs::{self, Codec, Order};
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

/// What the form must know of a provider.
#[derive(Clone, Debug)]
pub struct ProviderForm {
    pub key: String,
    pub provider: Provider,
    /// Two letters, as in `DE`; empty: anywhere.
    pub country: String,
    /// In the order of the customer letter.
    pub fields: Vec<ProviderField>,
    /// The first one is the usual one.
    pub auth_modes: Vec<AuthMode>,
    /// The provider's usual codecs, by the names people use.
    pub usual_codecs: Vec<String>,
}

/// A value that the customer letter contains; the texts are in the chosen language.
#[derive(Clone, Debug)]
pub struct ProviderField {
    /// As the form sends it, as in `sip_server`.
    pub name: String,
    pub label: String,
    /// Where it stands in the letter.
    pub help: String,
    pub is_required: bool,
    /// It is never written into the page.
    pub is_secret: bool,
    /// Shown in the empty field; may be empty.
    pub example: String,
    /// Only needed in this mode.
    pub only: Option<AuthMode>,
}

/// The values as typed, so that a refused form comes back as it was.
#[derive(Clone, Debug, Default)]
pub struct Values {
    pub name: String,
    pub auth_mode: AuthMode,
    /// Everything else that is typed, by field name; never a secret.
    pub typed: BTreeMap<String, String>,
    pub is_enabled: bool,
    pub has_own_codecs: bool,
    pub codecs: Vec<Codec>,
}

#[derive(Clone, Debug)]
pub struct New {
    pub provider: ProviderForm,
    pub values: Values,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug)]
pub struct Edit {
    pub trunk: Trunk,
    pub provider: ProviderForm,
    pub values: Values,
    pub errors: FieldErrors,
}

/// The page with the form for a new trunk.
pub fn new(page: &Page<'_>, new: &New) -> Markup {
    let t = page.texts;
    let provider = &new.provider;
    let name = provider.provider.name.as_str();
    let title = t.t_args("wizard-values-title", &[("provider", name.into())]);
    let fields = Fields {
        provider,
        values: &new.values,
        errors: &new.errors,
        is_new: true,
        t,
    };
    let content = html! {
        (part::header(&title, t.t("wizard-values-line"), &html! {}))
        (steps(1, t))
        div class="card form-card" {
            p class="tile-head below" {
                (logo(&provider.provider)) span { (country(&provider.country, t)) }
                a href="/trunks/new" { (t.t("wizard-other")) }
            }
            (fields.summary())
            form method="post" action="/trunks" novalidate {
                input type="hidden" name="provider" value=(provider.key);
                (fields.all())
                (fields.buttons(t.t("trunk-create"), "/trunks"))
            }
        }
    };
    shell::shell(
        page,
        &Head {
            title: &title,
            active: Some(Nav::Trunks),
            live: false,
        },
        &content,
    )
}

/// The tab that edits a trunk.
pub fn edit(page: &Page<'_>, edit: &Edit) -> Markup {
    let fields = Fields {
        provider: &edit.provider,
        values: &edit.values,
        errors: &edit.errors,
        is_new: false,
        t: page.texts,
    };
    let id = edit.trunk.id;
    let content = html! {
        div class="card form-card" {
            (fields.summary())
            form method="post" action=(url::trunk(id, "/edit")) novalidate {
                input type="hidden" name="provider" value=(edit.provider.key);
                (fields.all())
                (fields.buttons(page.texts.t("save"), &url::trunk(id, "")))
            }
        }
    };
    tab(page, &edit.trunk, TabName::Edit, &content)
}

/// Fields every trunk can have: shown among the basics if the provider's letter contains them,
/// else folded, with texts of ours.
const COMMON: [(&str, &str, &str); 3] = [
    (
        "number_block",
        "field-number-block",
        "field-number-block-help",
    ),
    (
        "caller_id",
        "field-trunk-caller-id",
        "field-trunk-caller-id-help",
    ),
    ("from_user", "field-from-user", "field-from-user-help"),
];

/// Table and column behind a field.
fn column(name: &str) -> &'static str {
    match name {
        "name" => "pbx.trunk.name",
        "auth_mode" => "pbx.trunk.auth_mode",
        "caller_id" => "pbx.trunk.caller_id",
        "number_block" => "pbx.number_range.numbers",
        "sip_server" | "transport" => "ps_aors.contact",
        "username" => "ps_auths.username",
        "password" => "ps_auths.password",
        "from_user" => "ps_endpoints.from_user",
        "codecs" => "ps_endpoints.allow",
        "enabled" => "pbx.trunk.enabled",
        _ => "",
    }
}

struct Fields<'a> {
    provider: &'a ProviderForm,
    values: &'a Values,
    errors: &'a FieldErrors,
    is_new: bool,
    t: &'a Texts,
}

impl<'a> Fields<'a> {
    fn summary(&self) -> Markup {
        let t = self.t;
        let mut labels = vec![
            ("name", t.t("field-trunk-name")),
            ("auth_mode", t.t("field-auth-mode")),
        ];
        for field in &self.provider.fields {
            labels.push((&field.name, &field.label));
        }
        for (name, label, _) in self.missing() {
            labels.push((name, t.t(label)));
        }
        labels.push(("codecs", t.t("field-codecs")));
        labels.push(("enabled", t.t("field-enabled")));
        form::summary(self.errors, &labels, t)
    }

    /// The common fields that the provider's letter does not contain.
    fn missing(&self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        let has = |name| self.provider.fields.iter().any(|field| field.name == name);
        COMMON.into_iter().filter(move |(name, ..)| !has(*name))
    }

    fn row<'r>(&'r self, name: &'r str, label: &'r str, help: &'r str) -> Row<'r> {
        Row {
            name,
            label,
            help,
            column: column(name),
            errors: self.errors,
        }
    }

    fn typed(&self, name: &str) -> &'a str {
        self.values.typed.get(name).map_or("", String::as_str)
    }

    fn all(&self) -> Markup {
        let t = self.t;
        let name = self.row(
            "name",
            t.t("field-trunk-name"),
            t.t("field-trunk-name-help"),
        );
        html! {
            (name.input(&Input::text(&self.values.name).required()))
            (self.auth_mode())
            @for field in &self.provider.fields { (self.field(field)) }
            (self.expert())
        }
    }

    /// Two modes are a choice; one is no question.
    fn auth_mode(&self) -> Markup {
        let (t, modes) = (self.t, &self.provider.auth_modes);
        let row = self.row(
            "auth_mode",
            t.t("field-auth-mode"),
            t.t("field-auth-mode-help"),
        );
        html! {
            @if let [only] = modes[..] {
                input type="hidden" name="auth_mode" value=(only.name());
            } @else {
                fieldset class="row segments" id="f-auth_mode" aria-describedby=[row.described()] {
                    legend { (row.label) }
                    div {
                        @for mode in modes {
                            label {
                                input type="radio" name="auth_mode" value=(mode.name())
                                    checked[*mode == self.values.auth_mode];
                                span { (t.t(mode.key())) }
                            }
                        }
                    }
                    (row.below())
                }
            }
        }
    }

    fn field(&self, field: &ProviderField) -> Markup {
        let class = field.only.map(|mode| format!("only-{}", mode.name()));
        // The only mode there is needs no condition.
        let class = class.filter(|_| self.provider.auth_modes.len() > 1);
        html! {
            div class=[class] {
                @if field.is_secret { (self.secret(field)) }
                @else if field.name == "transport" { (self.transport(field)) }
                @else { (self.text(field)) }
            }
        }
    }

    /// The usual one comes first.
    fn transport(&self, field: &ProviderField) -> Markup {
        let t = self.t;
        let choices = [
            ("udp", t.t("transport-udp")),
            ("tcp", t.t("transport-tcp")),
            ("tls", t.t("transport-tls")),
        ];
        let row = self.row(&field.name, &field.label, &field.help);
        row.select(&choices, self.typed(&field.name))
    }

    fn text(&self, field: &ProviderField) -> Markup {
        let row = self.row(&field.name, &field.label, &field.help);
        row.input(&Input {
            required: field.is_required,
            example: &field.example,
            ..Input::text(self.typed(&field.name))
        })
    }

    /// What was typed or is stored is never sent back.
    fn secret(&self, field: &ProviderField) -> Markup {
        let t = self.t;
        let more = if !self.is_new {
            t.t("field-secret-keep")
        } else if self.errors.is_empty() {
            ""
        } else {
            t.t("field-password-again")
        };
        let help = format!("{more} {}", field.help);
        let row = self.row(&field.name, &field.label, help.trim());
        let input = Input {
            required: field.is_required && self.is_new,
            ..Input::password("new-password")
        };
        row.around(&html! {
            div class="secret" {
                (row.control(&input))
                button type="button" class="button small" data-reveal={ "f-" (field.name) }
                    aria-pressed="false" hidden
                { (icon(Icon::Eye)) span { (t.t("reveal")) } }
            }
        })
    }

    /// Everything that has a good default. Folded for a new trunk, unless something in it is wrong.
    fn expert(&self) -> Markup {
        let t = self.t;
        let is_wrong = |name: &str| !self.errors.of(name).is_empty();
        let open = self.missing().any(|(name, ..)| is_wrong(name))
            || is_wrong("codecs")
            || is_wrong("enabled");
        let order = Order {
            codecs: &self.values.codecs,
            is_own: self.values.has_own_codecs,
            usual_label: t.t("codecs-provider"),
            usual: &self.provider.usual_codecs,
        };
        let codecs = self.row(
            "codecs",
            t.t("field-codecs"),
            t.t("field-trunk-codecs-help"),
        );
        let enabled = self.row(
            "enabled",
            t.t("field-enabled"),
            t.t("field-trunk-enabled-help"),
        );
        let fields = html! {
            @for (name, label, help) in self.missing() {
                (self.row(name, t.t(label), t.t(help)).input(&Input::text(self.typed(name))))
            }
            (codecs::fieldset(&codecs, &order, t))
            (enabled.toggle(self.values.is_enabled))
        };
        if self.is_new {
            form::folded(t.t("expert-title"), t.t("trunk-expert-line"), open, &fields)
        } else {
            fields
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
