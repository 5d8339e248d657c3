//! The row of status cards.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{CallNow, CallState, CallsToday, Connection, Level, Phones, Problem, System, Trouble};
use crate::texts::Texts;
use crate::ui::icon::Icon;
use crate::ui::part::{Refresh, brought, refreshing};
use crate::ui::spark;
use crate::ui::state::{self, Live};

impl Level {
    const fn parts(self) -> (&'static str, &'static str, Icon) {
        match self {
            Self::Healthy => ("level-healthy", "tone-ok", Icon::Circle),
            Self::Warning => ("level-warning", "tone-warn", Icon::Alert),
            Self::Degraded => ("level-degraded", "tone-warn", Icon::Alert),
            Self::Critical => ("level-critical", "tone-bad", Icon::Alert),
        }
    }
}

/// Health, its problems, and the connections behind it.
pub fn system(system: &System, t: &Texts) -> Markup {
    let (key, tone, icon) = system.level.parts();
    let class = format!("card stat strip {tone}");
    let card = Refresh {
        id: "system",
        class: &class,
        url: "/fragments/system",
        trigger: "sse:system, sse:trunks, sse:extensions, sse:mail, sse:mails",
    };
    refreshing(
        &card,
        &html! {
            h2 id="system-title" { (t.t("card-system")) }
            p class="big" { (state::dot(tone, icon, t.t(key))) }
            p class="connections" {
                (connection("Asterisk", system.asterisk, t))
                (connection(t.t("database"), system.database, t))
            }
            @if !system.problems.is_empty() {
                ul class="problems" { @for entry in &system.problems { li { (problem(entry, t)) } } }
            }
        },
    )
}

fn connection(name: &str, connection: Connection, t: &Texts) -> Markup {
    let (tone, picture, key, since) = match connection {
        Connection::Up { since } => ("tone-ok", Icon::Check, "connection-up", since),
        Connection::Away { since } => ("tone-bad", Icon::Slash, "connection-away", since),
    };
    let text = format!("{name}: {}", t.t(key));
    html! {
        span title=[since.map(|at| t.since(at))] { (state::dot(tone, picture, &text)) }
    }
}

/// What is wrong, as one sentence.
pub fn sentence(trouble: &Trouble, t: &Texts) -> String {
    match trouble {
        Trouble::AsteriskAway => t.t("problem-asterisk-away").to_owned(),
        Trouble::AsteriskRefuses => t.t("problem-asterisk-refuses").to_owned(),
        Trouble::AsteriskOutdated => t.t("problem-asterisk-outdated").to_owned(),
        Trouble::DatabaseFailing => t.t("problem-database-failing").to_owned(),
        Trouble::DatabaseAway => t.t("problem-database-away").to_owned(),
        Trouble::NotListening => t.t("problem-not-listening").to_owned(),
        Trouble::SpoolUnreadable => t.t("problem-spool-unreadable").to_owned(),
        Trouble::CallsUnreadable(count) => t.t_count("problem-calls-unreadable", *count),
        Trouble::CallsWaiting(count) => t.t_count("problem-calls-waiting", *count),
        Trouble::TrunkDown(Some(name)) => {
            t.t_args("problem-trunk-down", &[("name", name.as_str().into())])
        }
        Trouble::TrunkDown(None) => t.t("problem-some-trunk-down").to_owned(),
        Trouble::NoPhoneOnline => t.t("problem-no-phone-online").to_owned(),
        Trouble::PhonesUnreachable(count) => t.t_count("problem-phones-unreachable", *count),
        Trouble::NoExtensions => t.t("problem-no-extensions").to_owned(),
        Trouble::MailServerMissing => t.t("problem-mail-server-missing").to_owned(),
        Trouble::MailsWaiting(count) => t.t_count("problem-mails-waiting", *count),
        Trouble::MailsFailed(count) => t.t_count("problem-mails-failed", *count),
    }
}

fn problem(problem: &Problem, t: &Texts) -> Markup {
    let sentence = sentence(&problem.what, t);
    html! {
        @if let Some(link) = &problem.link { a href=(link) { (sentence) } } @else { (sentence) }
        @if let Some(since) = problem.since { " " small { (t.since(since)) } }
    }
}

/// How many extensions have a phone; comes with the tiles.
pub(super) fn phones(phones: Option<&Live<Phones>>, t: &Texts) -> Markup {
    brought(
        "phones",
        "card stat",
        &html! {
            h2 id="phones-title" { (t.t("card-phones")) }
            @match phones {
                Some(Live::Known(phones)) => {
                    p class="big" {
                        (t.number(phones.online)) small { " / " (t.number(phones.total)) }
                    }
                    p class="muted" { (t.t("phones-online")) }
                }
                Some(Live::Unknown { since }) => (away(*since, t)),
                None => { p class="big" { "–" } (state::without_database(t)) }
            }
        },
    )
}

/// How many calls there are now; comes with their list.
pub(super) fn call_count(calls: &Live<Vec<CallNow>>, t: &Texts) -> Markup {
    brought(
        "call-count",
        "card stat",
        &html! {
            h2 id="call-count-title" { (t.t("card-calls-now")) }
            @match calls {
                Live::Known(calls) => {
                    p class="big" { (t.number(calls.len() as u64)) }
                    p class="muted" {
                        (t.t_count("calls-talking", calls.iter().filter(|c| c.state == CallState::Talking).count() as u64))
                    }
                }
                Live::Unknown { since } => (away(*since, t)),
            }
        },
    )
}

/// What happened since midnight; comes with the last calls.
pub(super) fn calls_today(calls: Option<&CallsToday>, t: &Texts) -> Markup {
    brought(
        "calls-today",
        "card stat",
        &html! {
            h2 id="calls-today-title" { (t.t("card-calls-today")) }
            @if let Some(calls) = calls {
                p class="big" { (t.number(calls.total)) }
                p class="muted" {
                    (t.t_count("calls-answered", calls.answered)) " · "
                    (t.t_count("calls-missed", calls.missed))
                }
                (spark::hours(&calls.hours, "calls-count", t))
            } @else {
                p class="big" { "–" }
                (state::without_database(t))
            }
        },
    )
}

fn away(since: Option<DateTime<Utc>>, t: &Texts) -> Markup {
    html! { p class="big" { "–" } (state::unknown(since, t)) }
}
