//! What was changed about an extension, by whom, and how.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{TabName, Title, tab};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::state;

#[derive(Clone, Debug)]
pub struct History {
    pub title: Title,
    /// Newest first.
    pub changes: Vec<Change>,
    /// Address of older changes.
    pub next: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Change {
    pub at: DateTime<Utc>,
    pub by: By,
    /// Network address.
    pub from: Option<String>,
    pub act: Act,
    pub fields: Vec<Field>,
    /// The transaction, when it can be taken back here.
    pub undo: Option<String>,
}

/// Who changed it.
#[derive(Clone, Debug)]
pub enum By {
    User(String),
    /// Someone who is connected to the database with this role.
    Role(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Created,
    Edited,
    Renamed,
    PasswordSet,
    Enabled,
    Disabled,
    Deleted,
    /// In SQL: what was wanted is not known.
    Sql,
}

/// One column before and after; secrets come masked.
#[derive(Clone, Debug)]
pub struct Field {
    /// Table and column.
    pub column: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Act {
    const fn parts(self) -> (&'static str, Icon) {
        match self {
            Self::Created => ("act-created", Icon::Plus),
            Self::Edited => ("act-edited", Icon::Pencil),
            Self::Renamed => ("act-renamed", Icon::Internal),
            Self::PasswordSet => ("act-password-set", Icon::Key),
            Self::Enabled => ("act-enabled", Icon::Check),
            Self::Disabled => ("act-disabled", Icon::Ban),
            Self::Deleted => ("act-deleted", Icon::Trash),
            Self::Sql => ("act-sql", Icon::Pencil),
        }
    }
}

pub fn page(page: &Page<'_>, history: &History) -> Markup {
    let t = page.texts;
    let content = html! {
        div class="card" {
            @if history.changes.is_empty() {
                (part::empty(t.t("history-empty"), &html! {}))
            } @else {
                ol class="timeline" { @for entry in &history.changes { (change(entry, t)) } }
            }
        }
        (part::paging(None, history.next.as_deref(), t))
    };
    tab(page, &history.title, TabName::History, &content)
}

fn change(change: &Change, t: &Texts) -> Markup {
    let (key, picture) = change.act.parts();
    html! {
        li {
            span class="timeline-icon" { (icon(picture)) }
            div {
                p class="timeline-head" {
                    strong { (t.t(key)) } " "
                    @match &change.by {
                        By::User(name) => span { (name) },
                        By::Role(role) => span { (t.t("by-role")) " " code { (role) } },
                    }
                    " "
                    @if let Some(from) = &change.from { code class="muted" { (from) } " " }
                    span class="muted" { (state::moment(change.at, t)) }
                }
                @if !change.fields.is_empty() { (diff(&change.fields, t)) }
                @if let Some(tx) = &change.undo { (crate::changes::undo_button(tx, t)) }
            }
        }
    }
}

pub(crate) fn diff(fields: &[Field], t: &Texts) -> Markup {
    let value = |value: &Option<String>| match value.as_deref() {
        None | Some("") => html! { span class="muted" { (t.t("value-empty")) } },
        Some(text) => html! { (text) },
    };
    html! {
        dl class="diff" {
            @for field in fields {
                div {
                    dt { code { (field.column) } }
                    dd {
                        del aria-label=(t.t("diff-before")) { (value(&field.before)) }
                        " " span class="arrow" aria-hidden="true" { "→" } " "
                        ins aria-label=(t.t("diff-after")) { (value(&field.after)) }
                    }
                }
            }
        }
    }
}
