//! The list of extensions: search as you type, filter, sort, paging by key.

use maud::{Markup, html};

use super::bulk;
use super::forwards::Kind;
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::dial;
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Switch};
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::{self, PhoneState};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct List {
    pub query: Query,
    pub rows: Vec<Row>,
    /// Key of the last row when there are more: the next page's `after`.
    pub next: Option<String>,
    /// All that match.
    pub total: u64,
    /// There is at least one extension, whatever the query.
    pub any: bool,
    pub may_edit: bool,
    /// The reader has a phone that can call.
    pub may_call: bool,
}

/// What the address of the list says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub q: String,
    pub state: Filter,
    pub sort: Sort,
    pub descending: bool,
    pub after: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    #[default]
    All,
    Online,
    Offline,
    Disabled,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Number,
    Name,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub number: String,
    pub name: String,
    pub state: PhoneState,
    pub is_enabled: bool,
    /// The reader's own phone can call it.
    pub may_call: bool,
    /// Phones that are registered; unknown while Asterisk is away.
    pub phones: Option<u64>,
    pub max_phones: u64,
    /// Those that are on; of one's own extension only, for a user.
    pub forwards: Vec<Kind>,
    pub messages: Option<Messages>,
    /// Shown when it is not the usual one.
    pub context: Option<String>,
}

/// What is in a mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Messages {
    pub new: u64,
    pub total: u64,
}

const FILTERS: [(Filter, &str); 4] = [
    (Filter::All, "filter-all"),
    (Filter::Online, "filter-online"),
    (Filter::Offline, "filter-offline"),
    (Filter::Disabled, "filter-disabled"),
];

impl Filter {
    /// The filter with this name in an address; any other name means all.
    pub fn named(name: &str) -> Self {
        match name {
            "online" => Self::Online,
            "offline" => Self::Offline,
            "disabled" => Self::Disabled,
            _ => Self::All,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Disabled => "disabled",
        }
    }
}

impl Sort {
    /// The order with this name in an address; any other name means by number.
    pub fn named(name: &str) -> Self {
        if name == "name" {
            Self::Name
        } else {
            Self::Number
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Number => "",
            Self::Name => "name",
        }
    }
}

impl Query {
    /// The address that shows this.
    pub fn url(&self) -> String {
        let direction = if self.descending { "desc" } else { "" };
        url::with_query(
            "/extensions",
            &[
                ("q", &self.q),
                ("state", self.state.name()),
                ("sort", self.sort.name()),
                ("dir", direction),
                ("after", self.after.as_deref().unwrap_or_default()),
            ],
        )
    }

    /// A table of all that this shows, on whichever page.
    fn export_url(&self) -> String {
        let parameters = [("q", self.q.as_str()), ("state", self.state.name())];
        url::with_query("/extensions/export", &parameters)
    }

    fn is_narrowed(&self) -> bool {
        !self.q.is_empty() || self.state != Filter::All
    }
}

pub fn page(page: &Page<'_>, list: &List) -> Markup {
    let t = page.texts;
    let title = t.t("nav-extensions");
    let new = html! {
        @if list.may_edit {
            a class="button" href="/extensions/import" { (t.t("import-short")) }
            a class="button primary" href="/extensions/new" data-key="n" {
                (icon(Icon::Plus)) span { (t.t("extension-new")) }
            }
        }
    };
    let content = html! {
        (part::header(title, t.t("extensions-line"), &new))
        @if list.any {
            @if list.may_call { (dial::form(&list.query.url())) }
            (search(&list.query, t))
            (rows(list, t))
        } @else {
            div class="card" { (part::empty(t.t("extensions-empty"), &new)) }
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Extensions),
            live: true,
        },
        &content,
    )
}

fn search(query: &Query, t: &Texts) -> Markup {
    html! {
        form class="filters" role="search" method="get" action="/extensions"
            hx-get="/extensions" hx-trigger="input delay:150ms, submit" hx-target="#extension-list"
            hx-select="#extension-list" hx-swap="outerHTML" hx-replace-url="true"
        {
            div class="search" {
                (icon(Icon::Search))
                input id="q" type="search" name="q" value=(query.q) autocomplete="off"
                    placeholder=(t.t("extensions-search")) aria-label=(t.t("extensions-search"))
                    data-key="/";
            }
            fieldset class="segments" {
                legend class="hidden-text" { (t.t("filter-label")) }
                div {
                    @for (filter, key) in FILTERS {
                        label {
                            input type="radio" name="state" value=(filter.name())
                                checked[filter == query.state];
                            span { (t.t(key)) }
                        }
                    }
                }
            }
            @if query.sort != Sort::Number {
                input type="hidden" name="sort" value=(query.sort.name());
            }
            @if query.descending { input type="hidden" name="dir" value="desc"; }
            button type="submit" class="button without-script" { (t.t("search")) }
        }
    }
}

/// The table with its count and paging: the part that search and live updates replace.
pub fn rows(list: &List, t: &Texts) -> Markup {
    let url = list.query.url();
    let first = list.query.after.is_some().then(|| Query {
        after: None,
        ..list.query.clone()
    });
    let next = list.next.as_ref().map(|_| Query {
        after: list.next.clone(),
        ..list.query.clone()
    });
    html! {
        section id="extension-list" aria-label=(t.t("nav-extensions")) hx-get=(url)
            hx-trigger="sse:extensions, sse:system, sse:voicemail, resync from:body" hx-select="#extension-list"
            hx-swap="outerHTML" hx-sync="this:replace" hx-disinherit="hx-sync"
        {
            p class="result-count" role="status" { (t.t_count("extensions-count", list.total)) }
            @if list.rows.is_empty() {
                div class="card" {
                    (part::empty(t.t("extensions-none-match"), &html! {
                        @if list.query.is_narrowed() {
                            a class="button" href="/extensions" { (t.t("show-all")) }
                        }
                    }))
                }
            } @else {
                table class={ "table card" @if list.may_edit { " selectable" } } {
                    (head(list, t))
                    tbody { @for entry in &list.rows { (row(entry, &url, list.may_edit, t)) } }
                }
            }
            (part::paging(
                first.map(|query| query.url()).as_deref(),
                next.map(|query| query.url()).as_deref(),
                t,
            ))
            @if list.may_edit && list.total > 0 {
                (bulk::bar(list.total, &[("q", &list.query.q), ("state", list.query.state.name())], &url, t))
                p class="muted section" {
                    a href=(list.query.export_url()) download { (t.t_count("export-link", list.total)) }
                }
            }
        }
    }
}

fn head(list: &List, t: &Texts) -> Markup {
    html! {
        thead {
            tr {
                @if list.may_edit { th scope="col" id=(bulk::COLUMN) { span class="hidden-text" { (t.t("many-column")) } } }
                th scope="col" { (t.t("column-state")) }
                (sortable(&list.query, Sort::Number, t.t("column-number")))
                (sortable(&list.query, Sort::Name, t.t("column-name")))
                th scope="col" { (t.t("column-forwards")) }
                th scope="col" class="numeric" { (t.t("column-messages")) }
                th scope="col" class="numeric" { (t.t("column-phones")) }
                th scope="col" { (t.t("column-context")) }
                th scope="col" id=(part::COLUMN_ENABLED) { (t.t("column-enabled")) }
            }
        }
    }
}

fn sortable(query: &Query, sort: Sort, label: &str) -> Markup {
    let active = query.sort == sort;
    let descending = active && !query.descending;
    let target = Query {
        sort,
        descending,
        after: None,
        ..query.clone()
    };
    let order = active.then_some(if query.descending {
        "descending"
    } else {
        "ascending"
    });
    html! {
        th scope="col" aria-sort=[order] {
            a href=(target.url()) {
                (label)
                @if active {
                    (icon(if query.descending { Icon::ArrowDown } else { Icon::ArrowUp }))
                }
            }
        }
    }
}

fn row(row: &Row, list_url: &str, may_edit: bool, t: &Texts) -> Markup {
    html! {
        tr id={ "row-" (row.number) } {
            @if may_edit { td class="selecting" data-label=(t.t("many-column")) { (bulk::select(&row.number)) } }
            td data-label=(t.t("column-state")) { (state::phone(row.state, t)) }
            td data-label=(t.t("column-number")) {
                span class="callable" {
                    a id={ "number-" (row.number) } class="number stretched" href=(url::extension(&row.number, "")) { (row.number) }
                    @if row.may_call { (dial::button(&row.number, &row.number, t)) }
                }
            }
            td data-label=(t.t("column-name")) { (row.name) }
            td data-label=(t.t("column-forwards")) class=[row.forwards.is_empty().then_some("blank")] {
                @if !row.forwards.is_empty() {
                    span { @for kind in &row.forwards { (state::badge("tone-accent", t.t(kind.badge()))) " " } }
                }
            }
            td data-label=(t.t("column-messages"))
                class=(if row.messages.is_some() { "numeric" } else { "numeric blank" })
            {
                @if let Some(messages) = row.messages {
                    span {
                        @if messages.new > 0 { strong { (t.number(messages.new)) } }
                        @else { (t.number(messages.new)) }
                        " / " (t.number(messages.total))
                    }
                }
            }
            td data-label=(t.t("column-phones")) class="numeric" {
                @match row.phones {
                    Some(phones) => (t.number(phones)),
                    None => span title=(t.t("state-unknown")) { "?" },
                }
                " / " (t.number(row.max_phones))
            }
            td data-label=(t.t("column-context")) class=[row.context.is_none().then_some("blank")] {
                @if let Some(context) = &row.context { code { (context) } }
            }
            td data-label=(t.t("column-enabled")) {
                @if may_edit { (switch(row, list_url)) }
                @else { (t.t(if row.is_enabled { "yes" } else { "no" })) }
            }
        }
    }
}

fn switch(row: &Row, list_url: &str) -> Markup {
    let act = if row.is_enabled {
        "/disable"
    } else {
        "/enable"
    };
    part::switch(&Switch {
        key: &row.number,
        action: &url::extension(&row.number, act),
        next: list_url,
        about: &format!("number-{}", row.number),
        is_on: row.is_enabled,
    })
}
