//! What an extension is doing now, and what a caller experiences.

use std::time::Duration;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{TabName, Title, tab};
use crate::dashboard::CallsToday;
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Refresh, refreshing};
use crate::ui::state::{self, Live, PhoneState};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Overview {
    pub title: Title,
    pub since: Option<DateTime<Utc>>,
    /// Who it talks or rings with.
    pub peer: Option<String>,
    pub phones: Live<Vec<Phone>>,
    pub max_phones: u64,
    /// Seconds.
    pub ring_time: u64,
    pub detours: Detours,
    pub context: String,
    pub calls_today: Option<CallsToday>,
}

/// Where else a call goes, as people read it.
#[derive(Clone, Debug, Default)]
pub struct Detours {
    pub always: Option<String>,
    pub busy: Option<String>,
    pub unanswered: Option<String>,
    pub has_mailbox: bool,
}

/// A registered phone.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Address and port.
    pub address: String,
    pub user_agent: Option<String>,
    pub round_trip: Option<Duration>,
    /// Answers when asked; unknown before the first question.
    pub is_reachable: Option<bool>,
    pub expires: Option<DateTime<Utc>>,
}

pub fn page(page: &Page<'_>, overview: &Overview) -> Markup {
    tab(
        page,
        &overview.title,
        TabName::Overview,
        &live(overview, page.texts),
    )
}

/// Everything that changes by itself; it fetches itself from the page.
fn live(overview: &Overview, t: &Texts) -> Markup {
    let url = url::extension(&overview.title.number, "");
    let part = Refresh {
        id: "extension-now",
        class: "stack",
        url: &url,
        trigger: "sse:extensions, sse:system, sse:cdr",
    };
    let state = overview.title.state;
    refreshing(
        &part,
        &html! {
            div class={ "card strip " (state.tone()) } {
                h2 id="extension-now-title" class="hidden-text" { (t.t("column-state")) }
                p class="big" {
                    (state::phone(state, t))
                    @if let Some(peer) = &overview.peer { " " span class="number" { (peer) } }
                    @if let Some(since) = overview.since {
                        " "
                        @match state {
                            PhoneState::Talking | PhoneState::Ringing => (state::counting(since, t)),
                            _ => small { (t.since(since)) },
                        }
                    }
                }
                p { (experience(overview, t)) }
            }
            div class="card" {
                div class="section-head" {
                    h2 { (t.t("phones-title")) }
                    @if let Live::Known(phones) = &overview.phones {
                        span class="chip" {
                            (t.number(phones.len() as u64)) " / " (t.number(overview.max_phones))
                        }
                    }
                }
                (phones(overview, t))
            }
            div class="card" {
                (part::facts(&[
                    (t.t("card-calls-today"), calls_today(overview, t)),
                    (t.t("ring-time"), html! { (t.span(overview.ring_time)) }),
                    (t.t("field-context"), html! { code { (overview.context) } }),
                ]))
            }
        },
    )
}

/// One sentence about what happens to a call to this number.
fn experience(overview: &Overview, t: &Texts) -> String {
    if overview.title.state == PhoneState::Disabled {
        return t.t("experience-disabled").to_owned();
    }
    let detours = &overview.detours;
    let to = |key, target: &str| t.t_args(key, &[("target", target.into())]);
    if let Some(target) = &detours.always {
        return to("experience-always", target);
    }
    let end = match &detours.unanswered {
        Some(target) => to("experience-then-forward", target),
        None if detours.has_mailbox => t.t("experience-then-mailbox").to_owned(),
        None => t.t("experience-then-nobody").to_owned(),
    };
    let end = ("end", end.into());
    let mut words = match &overview.phones {
        Live::Unknown { .. } => return t.t("experience-unknown").to_owned(),
        Live::Known(phones) if phones.is_empty() => t.t_args("experience-nobody", &[end]),
        Live::Known(phones) => t.t_args(
            "experience-rings",
            &[
                ("time", t.span(overview.ring_time).into()),
                ("count", phones.len().into()),
                end,
            ],
        ),
    };
    if let Some(target) = &detours.busy {
        words.push(' ');
        words.push_str(&to("experience-busy", target));
    }
    words
}

fn phones(overview: &Overview, t: &Texts) -> Markup {
    let phones = match &overview.phones {
        Live::Unknown { since } => return state::unknown(*since, t),
        Live::Known(phones) => phones,
    };
    if phones.is_empty() {
        return part::empty(
            t.t("phones-none"),
            &html! {
                @if overview.title.may_edit {
                    a class="button" href=(url::extension(&overview.title.number, "/password")) {
                        (icon(Icon::Key)) span { (t.t("phones-connect")) }
                    }
                }
            },
        );
    }
    html! {
        table class="table" {
            thead {
                tr {
                    th scope="col" { (t.t("phone-reachable")) }
                    th scope="col" { (t.t("phone-address")) }
                    th scope="col" { (t.t("phone-agent")) }
                    th scope="col" class="numeric" { (t.t("phone-round-trip")) }
                    th scope="col" { (t.t("phone-expires")) }
                }
            }
            tbody { @for entry in phones { (phone(entry, t)) } }
        }
    }
}

fn phone(phone: &Phone, t: &Texts) -> Markup {
    let (tone, picture, key) = match phone.is_reachable {
        Some(true) => ("tone-ok", Icon::Check, "phone-answers"),
        Some(false) => ("tone-bad", Icon::Slash, "phone-silent"),
        None => ("tone-none", Icon::Question, "phone-unasked"),
    };
    html! {
        tr {
            td data-label=(t.t("phone-reachable")) { (state::dot(tone, picture, t.t(key))) }
            td data-label=(t.t("phone-address")) { code { (phone.address) } }
            td data-label=(t.t("phone-agent")) {
                (phone.user_agent.as_deref().unwrap_or("–"))
            }
            td data-label=(t.t("phone-round-trip")) class="numeric" {
                @match phone.round_trip { Some(time) => (t.millis(time)), None => "–" }
            }
            td data-label=(t.t("phone-expires")) {
                @match phone.expires { Some(at) => (state::moment(at, t)), None => "–" }
            }
        }
    }
}

fn calls_today(overview: &Overview, t: &Texts) -> Markup {
    let url = url::with_query("/calls", &[("extension", &overview.title.number)]);
    html! {
        @match &overview.calls_today {
            Some(calls) => {
                a href=(url) { (t.t_count("calls-count", calls.total)) }
                " (" (t.t_count("calls-answered", calls.answered)) ", "
                (t.t_count("calls-missed", calls.missed)) ")"
            }
            None => (t.t("database-away")),
        }
    }
}
