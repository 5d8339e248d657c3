//! One change of many extensions: the bar below the list, and the page that asks for the value.

use maud::{Markup, html};

use super::form::{Choices, Codec};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::codecs::{self, Order};
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::shell::{self, Head, Nav};

/// The form that the check boxes of the list belong to.
pub(super) const FORM: &str = "many";
/// The id of the head of their column; with the number it names each of them.
pub(super) const COLUMN: &str = "column-select";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Enable,
    Disable,
    Codecs,
    PickupGroup,
    RingTime,
    Delete,
}

/// In the order of the bar, with the names of the REST contract.
const ACTIONS: [(Action, &str, &str); 6] = [
    (Action::Enable, "enable", "many-enable"),
    (Action::Disable, "disable", "many-disable"),
    (Action::Codecs, "codecs", "many-codecs"),
    (Action::PickupGroup, "pickup_group", "many-pickup-group"),
    (Action::RingTime, "ring_time", "many-ring-time"),
    (Action::Delete, "delete", "many-delete"),
];

impl Action {
    pub fn named(name: &str) -> Option<Self> {
        let found = ACTIONS.iter().find(|(_, known, _)| *known == name);
        found.map(|(action, ..)| *action)
    }

    /// It can be done without asking for anything more.
    pub fn is_immediate(self) -> bool {
        matches!(self, Self::Enable | Self::Disable)
    }

    fn entry(self) -> (&'static str, &'static str) {
        let found = ACTIONS.iter().find(|(action, ..)| *action == self);
        found.map_or(("", ""), |(_, name, label)| (name, label))
    }
}

/// What goes with those that are deleted.
#[derive(Clone, Debug, Default)]
pub struct Dependants {
    pub numbers: u64,
    pub forwards: u64,
    pub forwards_to: u64,
    pub mailboxes: u64,
    pub messages: u64,
    /// Phones that are registered.
    pub phones: u64,
}

/// A change that needs a value, or a word.
#[derive(Clone, Debug)]
pub struct Many {
    pub action: Action,
    pub count: u64,
    /// `1001,1002`.
    pub numbers: String,
    /// The page to come back to.
    pub next: String,
    pub has_own_codecs: bool,
    pub codecs: Vec<Codec>,
    pub pickup_group: String,
    pub ring_time: String,
    pub choices: Choices,
    pub dependants: Dependants,
    pub errors: FieldErrors,
}

/// Appears as soon as something is selected; without style sheets it is always there.
pub(super) fn bar(total: u64, query: &[(&str, &str)], next: &str, t: &Texts) -> Markup {
    html! {
        form id=(FORM) class="bulk-bar" method="post" action="/extensions/bulk" {
            @for (name, value) in query { input type="hidden" name=(name) value=(value); }
            input type="hidden" name="next" value=(next);
            label class="check" {
                input id="select-all" type="checkbox" name="all" value="yes" hx-preserve;
                span { (t.t_count("many-all", total)) }
            }
            div class="buttons" {
                @for (action, name, label) in ACTIONS {
                    button type="submit" name="action" value=(name)
                        class={ "button small" @if action == Action::Delete { " danger" } }
                    { (t.t(label)) }
                }
            }
        }
    }
}

/// Selects one extension; stays as it is while the list is refreshed.
pub(super) fn select(number: &str) -> Markup {
    html! {
        input id={ "select-" (number) } class="select" type="checkbox" name="number" value=(number) form=(FORM) hx-preserve
            aria-labelledby={ "number-" (number) " " (COLUMN) };
    }
}

pub fn page(page: &Page<'_>, many: &Many) -> Markup {
    let t = page.texts;
    let (name, label) = many.action.entry();
    let title = t.t_count("many-title", many.count);
    let is_delete = many.action == Action::Delete;
    let content = html! {
        div class="card form-card" {
            h1 { (title) }
            p class="lead" { (t.t(label)) }
            p class="muted" { (shown(&many.numbers)) }
            (form::summary(&many.errors, &labels(t), t))
            form method="post" action="/extensions/bulk" novalidate {
                input type="hidden" name="action" value=(name);
                input type="hidden" name="numbers" value=(many.numbers);
                input type="hidden" name="next" value=(many.next);
                input type="hidden" name="confirmed" value="yes";
                (value(many, t))
                div class="buttons" {
                    @if is_delete {
                        button type="submit" class="button danger solid" {
                            (icon(Icon::Trash)) span { (t.t_count("many-delete-confirm", many.count)) }
                        }
                    } @else {
                        button type="submit" class="button primary" { (t.t_count("many-save", many.count)) }
                    }
                    a class="button" href=(many.next) { (t.t("cancel")) }
                }
            }
        }
    };
    let head = Head {
        title: &title,
        active: Some(Nav::Extensions),
        live: false,
    };
    shell::shell(page, &head, &content)
}

/// The first of them; a thousand numbers are nothing to read.
fn shown(numbers: &str) -> String {
    const FIRST: usize = 20;
    let all: Vec<&str> = numbers.split(',').collect();
    let first = all[..all.len().min(FIRST)].join(", ");
    if all.len() > FIRST {
        format!("{first}, …")
    } else {
        first
    }
}

fn labels(t: &Texts) -> [(&'static str, &'static str); 3] {
    [
        ("codecs", t.t("field-codecs")),
        ("pickup_group", t.t("field-pickup-group")),
        ("ring_time", t.t("field-ring-time")),
    ]
}

fn value(many: &Many, t: &Texts) -> Markup {
    let row = |name, label, help, column| Row {
        name,
        label,
        help,
        column,
        errors: &many.errors,
    };
    match many.action {
        Action::Enable | Action::Disable => html! {},
        Action::Codecs => {
            let order = Order {
                codecs: &many.codecs,
                is_own: many.has_own_codecs,
                usual_label: t.t("codecs-system"),
                usual: &many.choices.system_codecs,
            };
            let row = row(
                "codecs",
                t.t("field-codecs"),
                t.t("field-codecs-help"),
                "ps_endpoints.allow",
            );
            codecs::fieldset(&row, &order, t)
        }
        Action::PickupGroup => {
            let help = t.t("field-pickup-group-help");
            row(
                "pickup_group",
                t.t("field-pickup-group"),
                help,
                "ps_endpoints.named_pickup_group",
            )
            .input(&Input::text(&many.pickup_group))
        }
        Action::RingTime => {
            let (min, max) = many.choices.ring_time;
            let help = t.t_args(
                "field-ring-time-help",
                &[("min", min.into()), ("max", max.into())],
            );
            row(
                "ring_time",
                t.t("field-ring-time"),
                &help,
                "pbx.extension.ring_time",
            )
            .input(&Input::number(&many.ring_time, min, Some(max)))
        }
        Action::Delete => dependants(&many.dependants, t),
    }
}

fn dependants(dependants: &Dependants, t: &Texts) -> Markup {
    let lines = [
        ("delete-phones", dependants.phones),
        ("many-numbers", dependants.numbers),
        ("many-forwards", dependants.forwards),
        ("many-forwards-to", dependants.forwards_to),
        ("many-mailboxes", dependants.mailboxes),
        ("many-messages", dependants.messages),
    ];
    html! {
        ul {
            @for (key, count) in lines.into_iter().filter(|(_, count)| *count > 0) {
                li { (t.t_count(key, count)) }
            }
            li { (t.t("many-history")) }
        }
    }
}
