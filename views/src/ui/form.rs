//! Form rows: label, control, help with the column behind it, and the errors of the field.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};

/// What is wrong with a form, as sentences by field name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(HashMap<String, Vec<String>>);

impl FieldErrors {
    pub fn add(&mut self, field: &str, sentence: String) {
        self.0.entry(field.to_owned()).or_default().push(sentence);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn of(&self, field: &str) -> &[String] {
        self.0.get(field).map_or(&[], Vec::as_slice)
    }
}

impl FieldErrors {
    /// All of them, where there is no field to put them at.
    pub fn sentences(&self) -> String {
        let mut all: Vec<&str> = self.0.values().flatten().map(String::as_str).collect();
        all.sort_unstable();
        all.join(" ")
    }

    /// For a form whose fields have other names than what they are about.
    #[must_use]
    pub fn renamed(self, name: impl Fn(&str) -> String) -> Self {
        let errors = self.0.into_iter();
        Self(errors.map(|(field, words)| (name(&field), words)).collect())
    }
}

impl From<HashMap<String, Vec<String>>> for FieldErrors {
    fn from(errors: HashMap<String, Vec<String>>) -> Self {
        Self(errors)
    }
}

/// The list of all errors at the top of a form, each a link to its field. `fields` gives the order
/// and the labels; an error of any other field stands at the end.
pub(crate) fn summary(errors: &FieldErrors, fields: &[(&str, &str)], t: &Texts) -> Markup {
    let others = errors
        .0
        .iter()
        .filter(|(name, _)| fields.iter().all(|(field, _)| field != name));
    html! {
        @if !errors.is_empty() {
            div id="errors" class="notice tone-bad" role="alert" tabindex="-1" data-focus {
                (icon(Icon::Alert))
                div {
                    h2 { (t.t("form-errors")) }
                    ul {
                        @for (name, label) in fields {
                            @for sentence in errors.of(name) {
                                li { a href={ "#f-" (name) } { (label) ": " (sentence) } }
                            }
                        }
                        @for sentence in others.flat_map(|(_, sentences)| sentences) {
                            li { (sentence) }
                        }
                    }
                }
            }
        }
    }
}

/// Everything around a control.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub help: &'a str,
    /// Table and column behind the field, shown small: people learn the schema on the way.
    pub column: &'a str,
    pub errors: &'a FieldErrors,
}

impl Row<'_> {
    /// The ids of help and errors, for `aria-describedby`.
    pub fn described(&self) -> Option<String> {
        let help = (!self.help.is_empty()).then(|| format!("f-{}-help", self.name));
        let error = self.is_wrong().then(|| format!("f-{}-error", self.name));
        let ids: Vec<String> = help.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub fn is_wrong(&self) -> bool {
        !self.errors.of(self.name).is_empty()
    }

    fn invalid(&self) -> Option<&'static str> {
        self.is_wrong().then_some("true")
    }

    /// Errors and help, for controls that are laid out by hand.
    pub fn below(&self) -> Markup {
        html! {
            @if self.is_wrong() {
                p class="error" id={ "f-" (self.name) "-error" } {
                    @for sentence in self.errors.of(self.name) {
                        span { (icon(Icon::Alert)) (sentence) }
                    }
                }
            }
            @if !self.help.is_empty() || !self.column.is_empty() {
                p class="help" id={ "f-" (self.name) "-help" } {
                    (self.help)
                    @if !self.column.is_empty() { " " code class="column" { (self.column) } }
                }
            }
        }
    }

    /// The row around a control that has the id `f-<name>`.
    pub fn around(&self, control: &Markup) -> Markup {
        html! {
            div class="row" {
                label for={ "f-" (self.name) } { (self.label) }
                (control)
                (self.below())
            }
        }
    }

    /// A row with one input.
    pub fn input(&self, input: &Input<'_>) -> Markup {
        self.around(&self.control(input))
    }

    /// The input alone, for rows that put something beside it.
    pub fn control(&self, input: &Input<'_>) -> Markup {
        html! {
            input id={ "f-" (self.name) } name=(self.name) type=(input.kind)
                value=[(input.kind != "password").then_some(input.value)]
                autocomplete=(input.autocomplete) inputmode=[input.mode]
                placeholder=[(!input.example.is_empty()).then_some(input.example)]
                min=[input.min] max=[input.max] autofocus[input.focus] required[input.required]
                autocapitalize="off" spellcheck="false"
                class=[input.narrow.then_some("narrow")]
                aria-describedby=[self.described()] aria-invalid=[self.invalid()];
        }
    }

    /// A check box that looks like a switch. It sends `on`, or nothing.
    pub fn toggle(&self, on: bool) -> Markup {
        html! {
            div class="row" {
                label class="toggle" {
                    input id={ "f-" (self.name) } name=(self.name) type="checkbox" role="switch"
                        checked[on]
                        aria-describedby=[self.described()] aria-invalid=[self.invalid()];
                    span { (self.label) }
                }
                (self.below())
            }
        }
    }

    /// A list of choices: value and label.
    pub fn select(&self, choices: &[(&str, &str)], chosen: &str) -> Markup {
        self.around(&html! {
            select id={ "f-" (self.name) } name=(self.name)
                aria-describedby=[self.described()] aria-invalid=[self.invalid()]
            {
                @for (value, label) in choices {
                    option value=(value) selected[*value == chosen] { (label) }
                }
            }
        })
    }
}

/// The properties of an input. A password is never written into the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    pub kind: &'a str,
    pub value: &'a str,
    pub autocomplete: &'a str,
    pub mode: Option<&'a str>,
    /// Shown while the field is empty.
    pub example: &'a str,
    pub min: Option<u32>,
    pub max: Option<u32>,
    pub focus: bool,
    pub required: bool,
    pub narrow: bool,
}

impl<'a> Input<'a> {
    pub fn text(value: &'a str) -> Self {
        Self {
            kind: "text",
            value,
            autocomplete: "off",
            mode: None,
            example: "",
            min: None,
            max: None,
            focus: false,
            required: false,
            narrow: false,
        }
    }

    pub fn password(autocomplete: &'a str) -> Self {
        Self {
            kind: "password",
            autocomplete,
            ..Self::text("")
        }
    }

    pub fn number(value: &'a str, min: u32, max: Option<u32>) -> Self {
        Self {
            kind: "number",
            min: Some(min),
            max,
            narrow: true,
            ..Self::text(value)
        }
    }

    /// Digits that are a name, not a quantity.
    pub fn digits(value: &'a str) -> Self {
        Self {
            mode: Some("numeric"),
            narrow: true,
            ..Self::text(value)
        }
    }

    pub fn focused(self) -> Self {
        Self {
            focus: true,
            ..self
        }
    }

    pub fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }
}

/// Expert fields, folded; open when one of them has an error.
pub(crate) fn folded(title: &str, line: &str, open: bool, content: &Markup) -> Markup {
    html! {
        details class="folded" open[open] {
            summary { (icon(Icon::Chevron)) span { (title) small { (line) } } }
            div class="folded-content" { (content) }
        }
    }
}
