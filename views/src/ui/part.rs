//! Building blocks without state: headers, cards that refresh themselves, tabs, empty places.

use maud::{Markup, html};

use crate::page::{Flash, FlashKind, Page};
use crate::texts::Texts;
use crate::ui::icon::{Icon, drawing, icon};

/// The title of a page with one line about it and its main action.
pub(crate) fn header(title: &str, line: &str, action: &Markup) -> Markup {
    html! {
        header class="page-header" {
            div {
                h1 { (title) }
                @if !line.is_empty() { p class="lead" { (line) } }
            }
            div class="actions" { (action) }
        }
    }
}

/// A part of a page that fetches itself again when a topic changes.
pub(crate) struct Refresh<'a> {
    pub id: &'a str,
    pub class: &'a str,
    pub url: &'a str,
    pub trigger: &'a str,
}

/// Refreshed by its topic, and once more when the stream was interrupted. News that comes while it is being fetched
/// starts over: what was asked for before the news may not have it.
pub(crate) fn refreshing(part: &Refresh<'_>, content: &Markup) -> Markup {
    refreshing_with(None, part, content)
}

/// The same, when what it fetches also has another part of the page, which is replaced along with it.
pub(crate) fn refreshing_with(other: Option<&str>, part: &Refresh<'_>, content: &Markup) -> Markup {
    html! {
        section id=(part.id) class=(part.class) aria-labelledby={ (part.id) "-title" }
            hx-get=(part.url) hx-trigger={ (part.trigger) ", resync from:body" }
            hx-select={ "#" (part.id) } hx-select-oob=[other.map(|id| format!("#{id}"))] hx-swap="outerHTML"
            hx-sync="this:replace" hx-disinherit="hx-sync hx-select-oob"
        { (content) }
    }
}

/// A part that another one brings along when it fetches itself again.
pub(crate) fn brought(id: &str, class: &str, content: &Markup) -> Markup {
    html! { section id=(id) class=(class) aria-labelledby={ (id) "-title" } { (content) } }
}

pub(crate) struct Tab<'a> {
    pub href: String,
    pub label: &'a str,
    pub active: bool,
    /// The key that opens it.
    pub key: Option<&'static str>,
}

/// Tabs are links: each has its own address.
pub(crate) fn tabs(label: &str, tabs: &[Tab<'_>]) -> Markup {
    html! {
        nav class="tabs" aria-label=(label) {
            @for tab in tabs {
                a href=(tab.href) aria-current=[tab.active.then_some("page")] data-key=[tab.key] {
                    (tab.label)
                }
            }
        }
    }
}

/// A drawing, a sentence, and what to do about it.
pub(crate) fn empty(sentence: &str, action: &Markup) -> Markup {
    html! {
        div class="empty" { (drawing()) p { (sentence) } (action) }
    }
}

pub(crate) fn button_link(href: &str, picture: Icon, label: &str) -> Markup {
    html! { a class="button primary" href=(href) { (icon(picture)) span { (label) } } }
}

/// Links to the first and the next page of a list that is read by key.
pub(crate) fn paging(first: Option<&str>, next: Option<&str>, t: &Texts) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav class="paging" aria-label=(t.t("paging-label")) {
                @if let Some(url) = first { a class="button" href=(url) { (t.t("paging-first")) } }
                @if let Some(url) = next {
                    a class="button" href=(url) rel="next" { (t.t("paging-next")) }
                }
            }
        }
    }
}

/// The id of the head of the column that has the switches.
pub(crate) const COLUMN_ENABLED: &str = "column-enabled";

/// A button that switches at once: the form works alone, and htmx replaces only the row.
pub(crate) struct Switch<'a> {
    /// The number or id that makes the ids `row-<key>` and `switch-<key>`.
    pub key: &'a str,
    /// Where the opposite of the present state is asked for.
    pub action: &'a str,
    /// The page to come back to.
    pub next: &'a str,
    /// The id of what the row is about. With the head of the column it names the button, so that nothing has to be put
    /// into words for each row.
    pub about: &'a str,
    pub is_on: bool,
}

pub(crate) fn switch(switch: &Switch<'_>) -> Markup {
    let row = format!("#row-{}", switch.key);
    html! {
        form method="post" action=(switch.action) hx-post=(switch.action) hx-target=(row)
            hx-select=(row) hx-select-oob="#flash" hx-swap="outerHTML"
        {
            input type="hidden" name="next" value=(switch.next);
            button id={ "switch-" (switch.key) } type="submit" class="switch" role="switch"
                aria-checked=(switch.is_on) aria-labelledby={ (switch.about) " " (COLUMN_ENABLED) } {}
        }
    }
}

/// How far a person is on a way of several pages; `now` counts from 0.
pub(crate) fn steps(label: &str, steps: &[&str], now: usize) -> Markup {
    html! {
        nav aria-label=(label) {
            ol class="stepper" {
                @for (index, step) in steps.iter().enumerate() {
                    li class=[(index < now).then_some("past")]
                        aria-current=[(index == now).then_some("step")]
                    { span class="chip" { (index + 1) } " " (step) }
                }
            }
        }
    }
}

/// Label and value pairs.
pub(crate) fn facts(pairs: &[(&str, Markup)]) -> Markup {
    html! {
        dl class="facts" {
            @for (label, value) in pairs { div { dt { (label) } dd { (value) } } }
        }
    }
}

/// A sentence that must not be overlooked.
pub(crate) fn notice(tone: &str, picture: Icon, content: &Markup) -> Markup {
    html! { div class={ "notice " (tone) } { (icon(picture)) div { (content) } } }
}

/// A value with a button that copies it; without the script it can be selected.
pub(crate) fn copyable(id: &str, value: &str, label: &str, t: &Texts) -> Markup {
    html! {
        span class="copyable" {
            code id=(id) { (value) }
            button type="button" class="button small" data-copy=(id) data-done=(t.t("copied"))
                aria-label={ (label) ": " (t.t("copy")) } hidden
            { (icon(Icon::Copy)) span { (t.t("copy")) } }
        }
    }
}

/// The place of the message about what was just done. Closing it is a link to the same page.
pub(crate) fn flash(page: &Page<'_>) -> Markup {
    html! {
        div id="flash" class="flash-place" {
            @if let Some(flash) = &page.flash { (toast(flash, page)) }
        }
    }
}

/// What is said when a request of a part of the page gets no answer at all.
pub(crate) fn unreachable(page: &Page<'_>) -> Markup {
    let flash = Flash {
        kind: FlashKind::Error,
        text: page.texts.t("server-unreachable").to_owned(),
        undo: None,
    };
    html! { template id="unreachable" { (toast(&flash, page)) } }
}

fn toast(flash: &Flash, page: &Page<'_>) -> Markup {
    let t = page.texts;
    let is_admin = page.user.as_ref().is_some_and(|user| user.is_admin);
    let undo = flash.undo.as_ref().filter(|_| is_admin);
    let (tone, picture, role) = match flash.kind {
        FlashKind::Success => ("tone-ok", Icon::Check, "status"),
        FlashKind::Warning => ("tone-warn", Icon::Alert, "alert"),
        FlashKind::Error => ("tone-bad", Icon::Alert, "alert"),
    };
    html! {
        div class={ "toast " (tone) } role=(role) {
            (icon(picture))
            p { (flash.text) }
            @if let Some(tx) = undo { (crate::changes::undo_button(tx, t)) }
            a class="toast-close" href=(page.path) aria-label=(t.t("close")) { (icon(Icon::Cross)) }
        }
    }
}
