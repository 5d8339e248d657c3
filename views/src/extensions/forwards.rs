//! The tab with an extension's forwards: where calls go always, when it is busy, and when nobody answers.

use maud::{Markup, html};

use super::{TabName, Title, tab};
use crate::numbers::destination;
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::Icon;
use crate::ui::part;
use crate::ui::state::Party;
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Forwards {
    pub title: Title,
    /// One for each kind, in the order of the page.
    pub rows: Vec<Forward>,
    /// The person may change them.
    pub may_edit: bool,
    /// It has a number to call out with: without one nothing is forwarded to the outside.
    pub may_leave: bool,
    /// Proposals for targets.
    pub destinations: Vec<Party>,
}

#[derive(Clone, Debug)]
pub struct Forward {
    pub kind: Kind,
    /// As typed, or as it is dialled; empty: there is none.
    pub destination: String,
    /// Who that is, if it is somebody of the house.
    pub name: Option<String>,
    /// Seconds, as typed.
    pub ring_time: String,
    pub is_on: bool,
    /// By the names of [`Kind::field`].
    pub errors: FieldErrors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Unconditional,
    Busy,
    NoAnswer,
}

impl Kind {
    /// As in the REST contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unconditional => "unconditional",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
        }
    }

    /// The name of one of its fields: each kind has a form of its own on the page.
    pub fn field(self, field: &str) -> String {
        format!("{}_{field}", self.name())
    }

    /// What a list says of one that is on.
    pub const fn badge(self) -> &'static str {
        self.texts()[0]
    }

    const fn texts(self) -> [&'static str; 2] {
        match self {
            Self::Unconditional => ["forward-always", "forward-always-line"],
            Self::Busy => ["forward-busy", "forward-busy-line"],
            Self::NoAnswer => ["forward-unanswered", "forward-unanswered-line"],
        }
    }
}

pub fn page(page: &Page<'_>, forwards: &Forwards) -> Markup {
    let t = page.texts;
    let content = html! {
        @if !forwards.may_leave {
            (part::notice("tone-none", Icon::Alert, &html! { p { (t.t("forwards-inside-only")) } }))
        }
        div class="stack" {
            @for forward in &forwards.rows { (card(forwards, forward, t)) }
        }
        (destination::list(&forwards.destinations))
    };
    tab(page, &forwards.title, TabName::Forwards, &content)
}

fn card(forwards: &Forwards, forward: &Forward, t: &Texts) -> Markup {
    let kind = forward.kind;
    let [title, line] = kind.texts();
    let [destination, ring_time, enabled] =
        ["destination", "ring_time", "enabled"].map(|field| kind.field(field));
    let row = |name, label, help, column| Row {
        name,
        label,
        help,
        column,
        errors: &forward.errors,
    };
    let target = row(
        &destination,
        t.t("forward-to"),
        t.t("forward-to-help"),
        "pbx.forward.destination",
    );
    let labels = [
        (destination.as_str(), t.t("forward-to")),
        (ring_time.as_str(), t.t("ring-time")),
    ];
    let action = url::extension(
        &forwards.title.number,
        &format!("/forwards/{}", kind.name()),
    );
    let heading = format!("forward-{}-title", kind.name());
    let tone = if forward.is_on && !forward.destination.is_empty() {
        "tone-accent"
    } else {
        "tone-none"
    };
    html! {
        section class={ "card form-card strip " (tone) } aria-labelledby=(heading) {
            h2 id=(heading) { (t.t(title)) }
            p class="quiet below" { (t.t(line)) }
            (form::summary(&forward.errors, &labels, t))
            form method="post" action=(action) novalidate {
                fieldset disabled[!forwards.may_edit] {
                    legend class="hidden-text" { (t.t(title)) }
                    (row(&enabled, t.t("forward-on"), "", "").toggle(forward.is_on))
                    (target.around(&html! {
                        input id={ "f-" (destination) } name=(destination) type="text"
                            value=(forward.destination) list="destinations" autocomplete="off"
                            inputmode="tel" aria-describedby=[target.described()]
                            aria-invalid=[target.is_wrong().then_some("true")];
                        @if let Some(name) = &forward.name { " " span class="muted" { (name) } }
                    }))
                    @if kind == Kind::NoAnswer {
                        (row(&ring_time, t.t("ring-time"), t.t("forward-ring-time-help"), "pbx.forward.ring_time")
                            .input(&Input::number(&forward.ring_time, 5, Some(120))))
                    }
                    @if forwards.may_edit {
                        div class="buttons" {
                            button type="submit" class="button primary"
                                aria-label={ (t.t("save")) ": " (t.t(title)) }
                            { (t.t("save")) }
                        }
                    }
                }
            }
        }
    }
}
