//! Pages about trunks: the list, the way to a new one, and the tabs of one.

pub mod check;
pub mod choose;
pub mod delete;
pub mod form;
pub mod list;
pub mod numbers;
pub mod overview;
pub mod state;

use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Tab};
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

pub use state::{Refusal, TrunkState};

/// A trunk as other things name it; its name leads to its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkRef {
    pub id: i64,
    pub name: String,
}

/// The company at the other end.
#[derive(Clone, Debug)]
pub struct Provider {
    pub name: String,
    /// Address of its word mark.
    pub logo: String,
}

/// What tiles and every page of a trunk show of it.
#[derive(Clone, Debug)]
pub struct Trunk {
    pub id: i64,
    pub name: String,
    pub provider: Provider,
    pub state: TrunkState,
}

/// How the provider knows us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthMode {
    #[default]
    Registration,
    Ip,
}

impl AuthMode {
    /// The mode with this name in forms and templates.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "registration" => Some(Self::Registration),
            "ip" => Some(Self::Ip),
            _ => None,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Ip => "ip",
        }
    }

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Registration => "auth-mode-registration",
            Self::Ip => "auth-mode-ip",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TabName {
    Overview,
    Numbers,
    Edit,
}

const TABS: [(TabName, &str, &str); 3] = [
    (TabName::Overview, "", "tab-overview"),
    (TabName::Numbers, "/numbers", "tab-numbers"),
    (TabName::Edit, "/edit", "tab-settings"),
];

/// The provider's word mark; its name is written beside it or read aloud.
pub(crate) fn logo(provider: &Provider) -> Markup {
    html! { img class="provider" src=(provider.logo) alt=(provider.name) width="84" height="24"; }
}

/// The trunk's name as a link.
pub(crate) fn link(trunk: &TrunkRef) -> Markup {
    html! { a href=(url::trunk(trunk.id, "")) { (trunk.name) } }
}

/// A tile that opens the trunk's page, for those who may; `more` stands below the state.
pub(crate) fn tile(trunk: &Trunk, may_open: bool, more: &Markup, t: &Texts) -> Markup {
    let class = format!("tile strip {}", trunk.state.tone());
    let content = html! {
        span class="tile-head" {
            (logo(&trunk.provider))
            span class="tile-name number" { (trunk.name) }
        }
        span class="muted" { (trunk.provider.name) }
        span class="tile-state" { (state::trunk(&trunk.state, t)) }
        (more)
    };
    html! {
        @if may_open {
            a id={ "trunk-" (trunk.id) } class=(class) href=(url::trunk(trunk.id, "")) { (content) }
        } @else {
            div id={ "trunk-" (trunk.id) } class=(class) { (content) }
        }
    }
}

/// A page of one trunk: its title, actions and tabs above `content`.
fn tab(page: &Page<'_>, trunk: &Trunk, active: TabName, content: &Markup) -> Markup {
    let t = page.texts;
    let tabs: Vec<Tab<'_>> = TABS
        .iter()
        .map(|(name, part, key)| Tab {
            href: url::trunk(trunk.id, part),
            label: t.t(key),
            active: *name == active,
            key: (*name == TabName::Edit).then_some("e"),
        })
        .collect();
    let content = html! {
        header class="page-header" {
            div {
                p class="crumbs" { a href="/trunks" { (t.t("nav-trunks")) } }
                h1 {
                    (trunk.name) " "
                    @if active != TabName::Overview { (state::trunk(&trunk.state, t)) }
                }
            }
            div class="actions" { (actions(page, trunk)) }
        }
        (part::tabs(t.t("trunk-tabs"), &tabs))
        (content)
    };
    shell::shell(
        page,
        &Head {
            title: &trunk.name,
            active: Some(Nav::Trunks),
            live: matches!(active, TabName::Overview | TabName::Numbers),
        },
        &content,
    )
}

fn actions(page: &Page<'_>, trunk: &Trunk) -> Markup {
    let t = page.texts;
    let (act, label) = if trunk.state == TrunkState::Disabled {
        ("/enable", t.t("extension-enable"))
    } else {
        ("/disable", t.t("extension-disable"))
    };
    let delete = url::trunk(trunk.id, "/delete");
    html! {
        form method="post" action=(url::trunk(trunk.id, act)) {
            input type="hidden" name="next" value=(page.path);
            button type="submit" class="button" { (label) }
        }
        a class="button" href=(url::trunk(trunk.id, "/check")) { (t.t("trunk-check")) }
        a class="button danger" href=(delete) hx-get=(delete) hx-target="#dialog"
            hx-select="#confirm" hx-swap="innerHTML"
        { (icon(Icon::Trash)) span { (t.t("trunk-delete")) } }
    }
}
