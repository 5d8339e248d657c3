//! Pages about extensions: the list, the form for a new one, and the tabs of one.

pub mod bulk;
pub mod credentials;
pub mod delete;
pub mod form;
pub mod forwards;
pub mod history;
pub mod import;
pub mod list;
pub mod numbers;
pub mod overview;
pub mod password;
pub mod rename;
pub mod strength;
pub mod voicemail;

use maud::{Markup, html};

use crate::page::Page;
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Tab};
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::{self, PhoneState};
use crate::ui::url;

/// What every tab of an extension shows above its content.
#[derive(Clone, Debug)]
pub struct Title {
    pub number: String,
    pub name: String,
    pub state: PhoneState,
    /// The person may change and delete it.
    pub may_edit: bool,
    /// The person has a phone of the own that can call this one.
    pub may_call: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TabName {
    Overview,
    Numbers,
    Forwards,
    Voicemail,
    Edit,
    Password,
    History,
}

impl TabName {
    /// Those who only use the extension see it as well.
    const fn is_for_its_user(self) -> bool {
        matches!(
            self,
            Self::Overview | Self::Numbers | Self::Forwards | Self::Voicemail
        )
    }
}

const TABS: [(TabName, &str, &str); 7] = [
    (TabName::Overview, "", "tab-overview"),
    (TabName::Numbers, "/numbers", "tab-numbers"),
    (TabName::Forwards, "/forwards", "tab-forwards"),
    (TabName::Voicemail, "/voicemail", "tab-voicemail"),
    (TabName::Edit, "/edit", "tab-edit"),
    (TabName::Password, "/password", "tab-password"),
    (TabName::History, "/history", "tab-history"),
];

/// A page of one extension: its title, actions and tabs above `content`.
fn tab(page: &Page<'_>, title: &Title, active: TabName, content: &Markup) -> Markup {
    let t = page.texts;
    let tabs: Vec<Tab<'_>> = TABS
        .iter()
        .filter(|(name, ..)| title.may_edit || name.is_for_its_user())
        .map(|(name, part, key)| Tab {
            href: url::extension(&title.number, part),
            label: t.t(key),
            active: *name == active,
            key: (*name == TabName::Edit).then_some("e"),
        })
        .collect();
    let content = html! {
        header class="page-header" {
            div {
                p class="crumbs" { a href="/extensions" { (t.t("nav-extensions")) } }
                h1 {
                    span class="number" { (title.number) } " " (title.name) " "
                    @if active != TabName::Overview { (state::phone(title.state, t)) }
                }
            }
            div class="actions" {
                @if title.may_call { (call(page, title)) }
                @if title.may_edit { (actions(page, title)) }
            }
        }
        (part::tabs(t.t("extension-tabs"), &tabs))
        (content)
    };
    let name = format!("{} {}", title.number, title.name);
    let live = matches!(active, TabName::Overview | TabName::Voicemail);
    shell::shell(
        page,
        &Head {
            title: &name,
            active: Some(Nav::Extensions),
            live,
        },
        &content,
    )
}

fn call(page: &Page<'_>, title: &Title) -> Markup {
    html! {
        form method="post" action="/calls/new" {
            input type="hidden" name="next" value=(page.path);
            button type="submit" class="button" name="number" value=(title.number) {
                (icon(Icon::Phone)) span { (page.texts.t("dial")) }
            }
        }
    }
}

fn actions(page: &Page<'_>, title: &Title) -> Markup {
    let t = page.texts;
    let (act, label) = if title.state == PhoneState::Disabled {
        ("/enable", t.t("extension-enable"))
    } else {
        ("/disable", t.t("extension-disable"))
    };
    let delete = url::extension(&title.number, "/delete");
    html! {
        form method="post" action=(url::extension(&title.number, act)) {
            input type="hidden" name="next" value=(page.path);
            button type="submit" class="button" { (label) }
        }
        a class="button" href=(url::extension(&title.number, "/rename")) data-key="r" {
            (t.t("extension-rename"))
        }
        a class="button danger" href=(delete) hx-get=(delete) hx-target="#dialog"
            hx-select="#confirm" hx-swap="innerHTML"
        { (icon(Icon::Trash)) span { (t.t("extension-delete")) } }
    }
}
