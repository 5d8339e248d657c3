//! The history of changes: a timeline of transactions, one of them alone, and taking one back.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::extensions::history::{By, Field, diff};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state;
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Changes {
    pub filter: Filter,
    pub errors: FieldErrors,
    /// Everybody who has ever changed something.
    pub actors: Vec<String>,
    /// Newest first.
    pub entries: Vec<Entry>,
    pub next: Option<String>,
}

/// What the address of the list says; values as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub actor: String,
    pub kind: String,
    pub object: String,
    pub from: String,
    pub to: String,
    pub q: String,
    pub after: Option<String>,
}

impl Filter {
    /// The address that shows this.
    pub fn url(&self) -> String {
        url::with_query(
            "/changes",
            &[
                ("actor", &self.actor),
                ("kind", &self.kind),
                ("object", &self.object),
                ("from", &self.from),
                ("to", &self.to),
                ("q", &self.q),
                ("after", self.after.as_deref().unwrap_or_default()),
            ],
        )
    }
}

/// All that one transaction changed.
#[derive(Clone, Debug)]
pub struct Entry {
    pub tx: String,
    pub at: DateTime<Utc>,
    pub by: By,
    pub from: Option<String>,
    /// What was wanted, as the program calls it; None for SQL.
    pub act: Option<String>,
    pub objects: Vec<Object>,
    pub rows: u64,
    /// There are more than these.
    pub fields: Vec<Field>,
    pub has_more: bool,
    pub undoes: Option<String>,
    pub undone_by: Option<String>,
}

/// What a change was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub kind: String,
    pub name: String,
    /// Its page, if it has one.
    pub href: Option<String>,
}

/// What was changed since, and what a person says about it.
#[derive(Clone, Debug)]
pub struct Undo {
    pub entry: Entry,
    pub conflicts: Vec<Conflict>,
    /// How much would be, or was, taken back, and left.
    pub undone: u64,
    pub kept: u64,
    /// Why it cannot be done at all, in a sentence.
    pub refusal: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Conflict {
    pub id: String,
    pub object: Object,
    /// Table and column.
    pub column: String,
    pub why: Why,
    pub before: Option<String>,
    pub after: Option<String>,
    pub now: Option<String>,
    pub takes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Changed,
    Gone,
    Back,
    Taken,
    Dependant,
}

impl Why {
    const fn key(self) -> &'static str {
        match self {
            Self::Changed => "conflict-changed",
            Self::Gone => "conflict-gone",
            Self::Back => "conflict-back",
            Self::Taken => "conflict-taken",
            Self::Dependant => "conflict-dependant",
        }
    }

    const fn has_choice(self) -> bool {
        !matches!(self, Self::Gone | Self::Taken)
    }
}

/// Kinds that can be asked for, with their names.
const KINDS: [(&str, &str); 13] = [
    ("extension", "kind-extension"),
    ("forward", "kind-forward"),
    ("mailbox", "kind-mailbox"),
    ("number", "kind-number"),
    ("trunk", "kind-trunk"),
    ("user", "kind-user"),
    ("api_key", "kind-api-key"),
    ("setting", "kind-setting"),
    ("dialplan", "kind-dialplan"),
    ("endpoint", "kind-endpoint"),
    ("queue", "kind-queue"),
    ("music", "kind-music"),
    ("other", "kind-other"),
];

fn kind<'a>(name: &'a str, t: &'a Texts) -> &'a str {
    let known = KINDS.iter().find(|(kind, _)| *kind == name);
    known.map_or(name, |(_, key)| t.t(key))
}

/// What people call an act; one that nobody has named here is called as the program does.
fn act<'a>(act: Option<&'a str>, t: &'a Texts) -> (&'a str, Icon) {
    let (key, picture) = match act {
        None => ("act-sql", Icon::Pencil),
        Some("undo") => ("act-undo", Icon::Undo),
        Some("extension.rename") => ("act-renamed", Icon::Internal),
        Some("extension.import") => ("act-import", Icon::Plus),
        Some("user.sign_out") => ("act-signed-out", Icon::Ban),
        Some("dialplan.reconcile") => ("act-reconcile", Icon::Circle),
        Some(act) if act.ends_with(".create") => ("act-created", Icon::Plus),
        Some(act) if act.ends_with(".delete") => ("act-deleted", Icon::Trash),
        Some(_) => ("act-edited", Icon::Pencil),
    };
    (t.t(key), picture)
}

pub fn page(page: &Page<'_>, changes: &Changes) -> Markup {
    let t = page.texts;
    let title = t.t("nav-changes");
    let content = html! {
        (part::header(title, t.t("changes-line"), &html! {}))
        (filters(changes, t))
        (list(changes, t))
    };
    frame(page, title, true, &content)
}

fn frame(page: &Page<'_>, title: &str, live: bool, content: &Markup) -> Markup {
    let active = Some(Nav::Changes);
    shell::shell(
        page,
        &Head {
            title,
            active,
            live,
        },
        content,
    )
}

fn labels(t: &Texts) -> [(&'static str, &str); 6] {
    [
        ("actor", t.t("filter-actor")),
        ("kind", t.t("filter-kind")),
        ("object", t.t("filter-object")),
        ("from", t.t("filter-from")),
        ("to", t.t("filter-to")),
        ("q", t.t("filter-text")),
    ]
}

fn filters(changes: &Changes, t: &Texts) -> Markup {
    let filter = &changes.filter;
    let [actor, kinds, object, from, to, q] = labels(t);
    let field = |(name, label): (&str, &str), kind: &str, value: &str| {
        let wrong = (!changes.errors.of(name).is_empty()).then_some("true");
        html! {
            div class="filter" {
                label for={ "f-" (name) } { (label) }
                input id={ "f-" (name) } name=(name) type=(kind) value=(value) autocomplete="off"
                    aria-invalid=[wrong] aria-describedby=[wrong.map(|_| "errors")]
                    data-key=[(name == "q").then_some("/")];
            }
        }
    };
    html! {
        form class="filters" role="search" method="get" action="/changes" novalidate
            hx-get="/changes" hx-trigger="change, input delay:300ms from:#f-q, submit"
            hx-target="#change-list" hx-select="#change-list" hx-swap="outerHTML" hx-replace-url="true"
        {
            div class="filter" {
                label for="f-actor" { (actor.1) }
                select id="f-actor" name="actor" {
                    option value="" { (t.t("filter-all")) }
                    @for name in &changes.actors {
                        option value=(name) selected[*name == filter.actor] { (name) }
                    }
                }
            }
            div class="filter" {
                label for="f-kind" { (kinds.1) }
                select id="f-kind" name="kind" {
                    option value="" { (t.t("filter-all")) }
                    @for (name, key) in KINDS {
                        option value=(name) selected[name == filter.kind] { (t.t(key)) }
                    }
                }
            }
            (field(object, "text", &filter.object))
            (field(from, "date", &filter.from))
            (field(to, "date", &filter.to))
            (field(q, "search", &filter.q))
            button type="submit" class="button" { (t.t("search")) }
        }
    }
}

/// The timeline with its errors and paging: what filters and live updates replace.
pub fn list(changes: &Changes, t: &Texts) -> Markup {
    let filter = &changes.filter;
    let with = |after: Option<String>| {
        Filter {
            after,
            ..filter.clone()
        }
        .url()
    };
    let first = filter.after.is_some().then(|| with(None));
    let next = changes.next.clone().map(|key| with(Some(key)));
    let content = html! {
        h2 id="change-list-title" class="hidden-text" { (t.t("nav-changes")) }
        (form::summary(&changes.errors, &labels(t), t))
        div class="card" {
            @if changes.entries.is_empty() {
                (part::empty(t.t("history-empty"), &html! {}))
            } @else {
                ol class="timeline" { @for entry in &changes.entries { li { (self::entry(entry, true, t)) } } }
            }
        }
        (part::paging(first.as_deref(), next.as_deref(), t))
    };
    part::refreshing(
        &part::Refresh {
            id: "change-list",
            class: "",
            url: &filter.url(),
            trigger: "sse:changes",
        },
        &content,
    )
}

fn entry(entry: &Entry, has_links: bool, t: &Texts) -> Markup {
    let (words, picture) = act(entry.act.as_deref(), t);
    let own = url::change(&entry.tx, "");
    let rows = t.t_count("changes-rows", entry.rows);
    html! {
        span class="timeline-icon" { (icon(picture)) }
        div {
            p class="timeline-head" {
                @if has_links { a href=(own) { strong { (words) } } } @else { strong { (words) } }
                " " (objects(&entry.objects, t)) " "
                (by(&entry.by, t)) " "
                @if let Some(from) = &entry.from { code class="muted" { (from) } " " }
                span class="muted" { (state::moment(entry.at, t)) " · " (rows) }
                @if let Some(other) = &entry.undoes {
                    " " a href=(url::change(other, "")) { (t.t_args("changes-undoes", &[("tx", other.as_str().into())])) }
                }
                @if let Some(other) = &entry.undone_by {
                    " " a href=(url::change(other, "")) { (state::badge("tone-none", t.t("changes-undone"))) }
                }
            }
            @if !entry.fields.is_empty() { (diff(&entry.fields, t)) }
            @if entry.has_more && has_links { p { a href=(own) { (t.t("changes-all-rows")) } } }
            (undo_button(&entry.tx, t))
        }
    }
}

/// Works at once; what somebody has changed since is asked about first.
pub(crate) fn undo_button(tx: &str, t: &Texts) -> Markup {
    html! {
        form class="undo" method="post" action=(url::change(tx, "/undo")) {
            button type="submit" class="button small" { (icon(Icon::Undo)) span { (t.t("undo")) } }
        }
    }
}

fn by(by: &By, t: &Texts) -> Markup {
    html! {
        @match by {
            By::User(name) => span { (name) },
            By::Role(role) => span { (t.t("by-role")) " " code { (role) } },
        }
    }
}

fn objects(objects: &[Object], t: &Texts) -> Markup {
    html! {
        @for (index, object) in objects.iter().enumerate() {
            @if index > 0 { ", " }
            (self::object(object, t))
        }
    }
}

fn object(object: &Object, t: &Texts) -> Markup {
    html! {
        (kind(&object.kind, t)) " "
        @match &object.href {
            Some(href) => a href=(href) { (object.name) },
            None => span { (object.name) },
        }
    }
}

/// One transaction, all of it.
pub fn one(page: &Page<'_>, entry: &Entry) -> Markup {
    let t = page.texts;
    let title = t.t_args("changes-one", &[("tx", entry.tx.as_str().into())]);
    let content = html! {
        (part::header(&title, "", &back(t)))
        div class="card" { div class="timeline" { div class="timeline-alone" { (self::entry(entry, false, t)) } } }
        @if entry.has_more { p class="muted" { (t.t("changes-too-many")) } }
    };
    frame(page, &title, false, &content)
}

fn back(t: &Texts) -> Markup {
    html! { a class="button" href="/changes" { (t.t("nav-changes")) } }
}

/// Asks about what somebody has changed since.
pub fn undo(page: &Page<'_>, undo: &Undo) -> Markup {
    let t = page.texts;
    let title = t.t("undo-title");
    let action = url::change(&undo.entry.tx, "/undo");
    let line = t.t_count(
        "undo-conflicts",
        u64::try_from(undo.conflicts.len()).unwrap_or(u64::MAX),
    );
    let content = html! {
        (part::header(title, "", &back(t)))
        @if let Some(refusal) = &undo.refusal {
            (part::notice("tone-bad", Icon::Alert, &html! { p { (refusal) } }))
        } @else {
            form class="stack" method="post" action=(action) {
                (part::notice("tone-warn", Icon::Alert, &html! {
                    p { strong { (line) } " " (t.t_count("undo-rest", undo.undone)) }
                    p { (t.t("undo-decide")) }
                }))
                @for conflict in &undo.conflicts { (self::conflict(conflict, t)) }
                div class="buttons" {
                    button type="submit" class="button primary" { (icon(Icon::Undo)) span { (t.t("undo-now")) } }
                    button type="submit" class="button" name="all" value="keep" { (t.t("undo-keep-all")) }
                    button type="submit" class="button" name="all" value="take" { (t.t("undo-take-all")) }
                    a class="button" href="/changes" { (t.t("cancel")) }
                }
            }
        }
        div class="card" { div class="timeline" { div class="timeline-alone" { (entry(&undo.entry, false, t)) } } }
    };
    frame(page, title, false, &content)
}

fn conflict(conflict: &Conflict, t: &Texts) -> Markup {
    let value = |value: &Option<String>| match value.as_deref() {
        None | Some("") => html! { span class="muted" { (t.t("value-empty")) } },
        Some(text) => html! { (text) },
    };
    let choice = |word: &str, label: &str, shown: &Option<String>, checked: bool| {
        html! {
            label class="choice" {
                input type="radio" name={ "c:" (conflict.id) } value=(word) checked[checked];
                span { (label) @if shown.is_some() { ": " strong { (value(shown)) } } }
            }
        }
    };
    html! {
        fieldset class="card conflict" {
            legend { (object(&conflict.object, t)) " " code class="muted" { (conflict.column) } }
            p { (t.t(conflict.why.key())) }
            @if conflict.why == Why::Changed {
                p class="muted" { (t.t("conflict-made")) " " (value(&conflict.after)) }
            }
            @if conflict.why.has_choice() {
                (choice("keep", t.t("conflict-keep"), &conflict.now, !conflict.takes))
                (choice("take", t.t("conflict-take"), &conflict.before, conflict.takes))
            }
        }
    }
}
