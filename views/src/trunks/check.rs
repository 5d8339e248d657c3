//! The last step to a new trunk: what happens when it is tried, as it happens.

use std::time::Duration;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::choose::steps;
use super::{Refusal, Trunk};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Refresh, refreshing};
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state;
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Check {
    pub trunk: Trunk,
    /// Name or address of the provider's server.
    pub server: String,
    pub name: Name,
    pub answer: Answer,
    /// None in fixed-IP mode: there is nothing to register.
    pub registration: Option<Registration>,
}

/// Whether the server's name leads anywhere.
#[derive(Clone, Debug)]
pub enum Name {
    Waiting,
    /// With these addresses.
    Found(Vec<String>),
    NotFound,
    /// The name server does not say.
    Unanswered,
}

/// Whether the server answers OPTIONS.
#[derive(Clone, Debug)]
pub enum Answer {
    Waiting,
    In(Duration),
    Silent,
    /// The encrypted connection is not to be trusted.
    Untrusted(String),
    /// No encrypted connection came about.
    NoTls(String),
}

/// What came of the registration.
#[derive(Clone, Debug)]
pub enum Registration {
    Waiting,
    Done {
        until: Option<DateTime<Utc>>,
    },
    Refused {
        /// Of the provider's answer, if there was one.
        status: Option<u16>,
        why: Refusal,
    },
    /// The trunk is disabled: it does not register.
    Disabled,
    /// Asterisk is away.
    Unknown {
        since: Option<DateTime<Utc>>,
    },
}

/// One line of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Good,
    Bad,
    Open,
}

struct Line {
    mark: Mark,
    sentence: String,
}

pub fn page(page: &Page<'_>, check: &Check) -> Markup {
    let t = page.texts;
    let name = check.trunk.name.as_str();
    let title = t.t_args("check-title", &[("name", name.into())]);
    let content = html! {
        (part::header(&title, t.t("check-line"), &html! {}))
        (steps(2, t))
        (fragment(check, t))
    };
    shell::shell(
        page,
        &Head {
            title: &title,
            active: Some(Nav::Trunks),
            live: true,
        },
        &content,
    )
}

/// The check list, and what to do next.
pub fn fragment(check: &Check, t: &Texts) -> Markup {
    let lines = lines(check, t);
    let (tone, failed) = if lines.iter().any(|line| line.mark == Mark::Bad) {
        ("tone-bad", true)
    } else if lines.iter().all(|line| line.mark == Mark::Good) {
        ("tone-ok", false)
    } else {
        ("tone-none", false)
    };
    let url = format!("/fragments/trunk-check/{}", check.trunk.id);
    let class = format!("card form-card strip {tone}");
    let part = Refresh {
        id: "trunk-check",
        class: &class,
        url: &url,
        trigger: "sse:trunks, sse:system",
    };
    let edit = url::trunk(check.trunk.id, "/edit");
    let numbers = url::trunk(check.trunk.id, "/numbers");
    refreshing(
        &part,
        &html! {
            h2 id="trunk-check-title" class="hidden-text" { (t.t("wizard-check")) }
            ol class="checks" role="status" { @for entry in &lines { li { (line(entry, t)) } } }
            div class="buttons" {
                @if failed {
                    a class="button primary" href=(edit) { (t.t("check-correct")) }
                    a class="button" href=(numbers) { (t.t("check-numbers")) }
                } @else {
                    a class="button primary" href=(numbers) { (t.t("check-numbers")) }
                    a class="button" href=(edit) { (t.t("check-correct")) }
                }
            }
        },
    )
}

fn line(line: &Line, t: &Texts) -> Markup {
    let (tone, picture, key) = match line.mark {
        Mark::Good => ("tone-ok", Icon::Check, "check-good"),
        Mark::Bad => ("tone-bad", Icon::Cross, "check-bad"),
        Mark::Open => ("tone-none", Icon::Clock, "check-open"),
    };
    html! {
        span class={ "mark " (tone) } {
            (icon(picture)) span class="hidden-text" { (t.t(key)) }
        }
        " " span { (line.sentence) }
    }
}

fn lines(check: &Check, t: &Texts) -> Vec<Line> {
    let mut lines = vec![name(check, t), answer(check, t)];
    lines.extend(
        check
            .registration
            .as_ref()
            .map(|state| registration(state, t)),
    );
    lines
}

fn line_of(mark: Mark, sentence: impl Into<String>) -> Line {
    Line {
        mark,
        sentence: sentence.into(),
    }
}

fn name(check: &Check, t: &Texts) -> Line {
    let server = ("server", check.server.as_str().into());
    match &check.name {
        Name::Waiting => line_of(Mark::Open, t.t_args("check-name-waiting", &[server])),
        Name::NotFound => line_of(Mark::Bad, t.t_args("check-name-unknown", &[server])),
        Name::Unanswered => line_of(Mark::Bad, t.t_args("check-name-unanswered", &[server])),
        // An address needs no look-up.
        Name::Found(addresses) if *addresses == [check.server.as_str()] => {
            line_of(Mark::Good, t.t_args("check-name-address", &[server]))
        }
        Name::Found(addresses) => {
            let addresses = ("addresses", addresses.join(", ").into());
            line_of(
                Mark::Good,
                t.t_args("check-name-found", &[server, addresses]),
            )
        }
    }
}

fn answer(check: &Check, t: &Texts) -> Line {
    match &check.answer {
        Answer::Waiting => line_of(Mark::Open, t.t("check-answer-waiting")),
        Answer::In(time) => {
            let time = t.millis(*time).into();
            line_of(Mark::Good, t.t_args("check-answer-in", &[("time", time)]))
        }
        Answer::Silent => line_of(Mark::Bad, t.t("check-answer-silent")),
        Answer::Untrusted(why) => {
            let why = ("why", why.as_str().into());
            line_of(Mark::Bad, t.t_args("check-answer-untrusted", &[why]))
        }
        Answer::NoTls(why) => {
            let why = ("why", why.as_str().into());
            line_of(Mark::Bad, t.t_args("check-answer-no-tls", &[why]))
        }
    }
}

fn registration(registration: &Registration, t: &Texts) -> Line {
    match registration {
        Registration::Waiting => line_of(Mark::Open, t.t("check-registration-waiting")),
        Registration::Done { until: None } => line_of(Mark::Good, t.t("check-registration-done")),
        Registration::Done { until: Some(until) } => {
            let when = t.when(*until).into();
            line_of(
                Mark::Good,
                t.t_args("check-registration-until", &[("when", when)]),
            )
        }
        Registration::Refused { status, why } => {
            let reason = ("reason", why.words(t).into());
            let sentence = match (status, why) {
                // These words already name the number.
                (Some(status), Refusal::Credentials | Refusal::UnknownAccount) => t.t_args(
                    "check-registration-refused-status",
                    &[("status", status.to_string().into()), reason],
                ),
                _ => t.t_args("check-registration-refused", &[reason]),
            };
            line_of(Mark::Bad, sentence)
        }
        Registration::Disabled => line_of(Mark::Open, t.t("check-registration-disabled")),
        Registration::Unknown { since } => line_of(Mark::Open, state::unknown_words(*since, t)),
    }
}
