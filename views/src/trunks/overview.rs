//! What a trunk is doing now, in words.

use std::time::Duration;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::state::{self as trunk_state, TrunkState};
use super::{AuthMode, TabName, Trunk, logo, tab};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::icon::Icon;
use crate::ui::part::{self, Refresh, refreshing};
use crate::ui::state::{self, Live};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Overview {
    pub trunk: Trunk,
    pub mode: AuthMode,
    /// Name of the provider's server, and the addresses it has now.
    pub server: String,
    pub addresses: Vec<String>,
    /// Since when the state is as it is.
    pub since: Option<DateTime<Utc>>,
    pub link: Live<Link>,
    /// Numbers that lead somewhere, and all of its blocks.
    pub used: u64,
    pub total: u64,
    /// Empty while the database does not tell.
    pub calls_today: Option<Calls>,
    pub calls_week: Option<Calls>,
}

/// What only Asterisk can tell about the line to the provider.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// The provider's last answer to a registration.
    pub answer: Option<LastAnswer>,
    /// When the registration ends unless it is renewed before.
    pub expires: Option<DateTime<Utc>>,
    /// When Asterisk asks the provider again.
    pub next: Option<DateTime<Utc>>,
    /// Whether the server answers OPTIONS; none before the first question.
    pub is_reachable: Option<bool>,
    pub round_trip: Option<Duration>,
}

/// An answer of the provider as it was.
#[derive(Clone, Debug)]
pub struct LastAnswer {
    pub status: u16,
    /// Its reason phrase.
    pub words: String,
    /// None if it was before the server was started.
    pub at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Calls {
    pub incoming: u64,
    pub outgoing: u64,
}

pub fn page(page: &Page<'_>, overview: &Overview) -> Markup {
    tab(
        page,
        &overview.trunk,
        TabName::Overview,
        &live(overview, page.texts),
    )
}

/// Everything that changes by itself; it fetches itself from the page.
fn live(overview: &Overview, t: &Texts) -> Markup {
    let trunk = &overview.trunk;
    let url = url::trunk(trunk.id, "");
    let part = Refresh {
        id: "trunk-now",
        class: "stack",
        url: &url,
        trigger: "sse:trunks, sse:system, sse:cdr",
    };
    refreshing(
        &part,
        &html! {
            div class={ "card strip " (trunk.state.tone()) } {
                h2 id="trunk-now-title" class="hidden-text" { (t.t("column-state")) }
                p class="big" {
                    (trunk_state::trunk(&trunk.state, t))
                    @if let Some(since) = since(overview) { " " small { (t.since(since)) } }
                }
                @match trunk.state {
                    TrunkState::Unknown { since } => (state::unknown(since, t)),
                    _ => p { (t.t(experience(&trunk.state))) },
                }
            }
            div class="columns" {
                div class="card" {
                    h2 { (t.t("trunk-line")) }
                    (part::facts(&provider(overview, t)))
                }
                div class="card" {
                    h2 { (t.t("trunk-use")) }
                    (part::facts(&[
                        (t.t("nav-numbers"), numbers(overview, t)),
                        (t.t("card-calls-today"), calls(overview.calls_today, t)),
                        (t.t("calls-this-week"), calls(overview.calls_week, t)),
                    ]))
                }
            }
        },
    )
}

/// States that say it themselves need it no second time.
fn since(overview: &Overview) -> Option<DateTime<Utc>> {
    match overview.trunk.state {
        TrunkState::Rejected { since: Some(_), .. }
        | TrunkState::Unanswered { since: Some(_), .. }
        | TrunkState::Unreachable { since: Some(_) }
        | TrunkState::Unknown { .. } => None,
        _ => overview.since,
    }
}

/// What the state means for calls, as one sentence.
const fn experience(state: &TrunkState) -> &'static str {
    match state {
        TrunkState::Registered { .. } => "trunk-experience-registered",
        TrunkState::Registering => "trunk-experience-registering",
        TrunkState::Rejected { .. } => "trunk-experience-rejected",
        TrunkState::Unanswered { .. } => "trunk-experience-unanswered",
        TrunkState::Reachable { .. } => "trunk-experience-reachable",
        TrunkState::Unreachable { .. } => "trunk-experience-unreachable",
        TrunkState::FixedIp | TrunkState::Unknown { .. } => "trunk-experience-unasked",
        TrunkState::Disabled => "trunk-experience-disabled",
    }
}

fn provider<'a>(overview: &Overview, t: &'a Texts) -> Vec<(&'a str, Markup)> {
    let trunk = &overview.trunk;
    let mut pairs = vec![
        (
            t.t("trunk-provider"),
            html! { span class="tile-head" { (logo(&trunk.provider)) span { (trunk.provider.name) } } },
        ),
        (
            t.t("field-sip-server"),
            html! {
                code { (overview.server) }
                @if !overview.addresses.is_empty()
                    && overview.addresses != [overview.server.as_str()]
                { br; small { (overview.addresses.join(", ")) } }
            },
        ),
        (t.t("field-auth-mode"), html! { (t.t(overview.mode.key())) }),
    ];
    if let Live::Known(link) = &overview.link {
        if overview.mode == AuthMode::Registration {
            pairs.push((t.t("trunk-last-answer"), answer(link.answer.as_ref(), t)));
            let moment =
                |at| html! { @match at { Some(at) => (state::moment(at, t)), None => "–" } };
            pairs.push((t.t("trunk-expires"), moment(link.expires)));
            pairs.push((t.t("trunk-next-attempt"), moment(link.next)));
        }
        pairs.push((t.t("trunk-reachable-label"), reachable(link, t)));
        if let Some(time) = link.round_trip {
            pairs.push((t.t("phone-round-trip"), html! { (t.millis(time)) }));
        }
    }
    pairs
}

fn answer(answer: Option<&LastAnswer>, t: &Texts) -> Markup {
    html! {
        @match answer {
            Some(answer) => {
                (answer.status) " " (answer.words)
                @if let Some(at) = answer.at { " " span class="muted" { (state::moment(at, t)) } }
            }
            None => "–",
        }
    }
}

fn reachable(link: &Link, t: &Texts) -> Markup {
    let (tone, picture, key) = match link.is_reachable {
        Some(true) => ("tone-ok", Icon::Check, "phone-answers"),
        Some(false) => ("tone-bad", Icon::Slash, "phone-silent"),
        None => ("tone-none", Icon::Question, "phone-unasked"),
    };
    state::dot(tone, picture, t.t(key))
}

fn numbers(overview: &Overview, t: &Texts) -> Markup {
    html! {
        a href=(url::trunk(overview.trunk.id, "/numbers")) {
            (t.t_args("trunk-numbers", &[
                ("used", t.number(overview.used).into()),
                ("total", t.number(overview.total).into()),
            ]))
        }
    }
}

fn calls(calls: Option<Calls>, t: &Texts) -> Markup {
    html! {
        @match calls {
            Some(calls) => {
                (t.t_count("calls-incoming", calls.incoming)) ", "
                (t.t_count("calls-outgoing", calls.outgoing))
            }
            None => (t.t("database-away")),
        }
    }
}
