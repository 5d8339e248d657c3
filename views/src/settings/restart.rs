//! What Asterisk was started with, what waits for its restart, and that restart.

use std::time::Duration;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::network::Values;
use crate::texts::Texts;
use crate::ui::icon::Icon;
use crate::ui::part::{self, Refresh, refreshing};
use crate::ui::state::{self, Live};

#[derive(Clone, Debug)]
pub struct Restart {
    pub now: Live<InUse>,
    pub last: Last,
}

/// What only the running Asterisk can tell.
#[derive(Clone, Debug, Default)]
pub struct InUse {
    pub values: Values,
    /// What it would use after a restart.
    pub next: Values,
    pub sip_port: String,
    /// None without a certificate.
    pub sips_port: Option<String>,
    /// Calls in progress.
    pub calls: u64,
    /// Its start-up files are from before an upgrade.
    pub is_outdated: bool,
}

/// What became of the last restart that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Last {
    None,
    /// For the end of the last call.
    Waiting {
        since: DateTime<Utc>,
    },
    /// Asterisk ends, or is not back yet.
    Ending {
        since: DateTime<Utc>,
    },
    /// It should have been back long ago.
    Lost {
        since: DateTime<Utc>,
    },
    Done {
        back: DateTime<Utc>,
        took: Duration,
        /// It uses what was saved.
        applied: bool,
    },
    /// Asterisk's words.
    Refused(String),
}

/// Fetches itself when calls or Asterisk come and go; while Asterisk is away there is nobody to tell.
pub(super) fn card(restart: &Restart, t: &Texts) -> Markup {
    let is_away =
        matches!(restart.now, Live::Unknown { .. }) || matches!(restart.last, Last::Ending { .. });
    let part = Refresh {
        id: "restart",
        class: "card form-card",
        url: "/settings",
        trigger: if is_away {
            "sse:system, every 2s"
        } else {
            "sse:system, sse:calls"
        },
    };
    refreshing(
        &part,
        &html! {
            h2 id="restart-title" { (t.t("restart-title")) }
            @match (&restart.last, &restart.now) {
                (Last::Ending { since }, _) => (ending(*since, t)),
                (Last::Lost { since }, Live::Unknown { .. }) => (lost(*since, t)),
                (_, Live::Unknown { since }) => (away(*since, t)),
                (last, Live::Known(in_use)) => (known(last, in_use, t)),
            }
        },
    )
}

fn known(last: &Last, in_use: &InUse, t: &Texts) -> Markup {
    let differs = in_use.values != in_use.next;
    let waits = differs || in_use.is_outdated;
    html! {
        (outcome(last, differs, t))
        p class="row muted" { (t.t("restart-started-with")) }
        (values(in_use, t))
        @if waits {
            (part::notice("tone-warn", Icon::Clock, &html! {
                @if in_use.is_outdated { p { strong { (t.t("restart-outdated")) } } }
                @if differs { p { strong { (t.t("restart-waits")) } } }
                p { (t.t("restart-line")) }
                p { (t.t_count("restart-calls", in_use.calls)) }
            }))
        } @else {
            (part::notice("tone-ok", Icon::Check, &html! {
                p { strong { (t.t("restart-nothing-waits")) } " " (t.t("restart-line")) }
                p { (t.t_count("restart-calls", in_use.calls)) }
            }))
        }
        @if let Last::Waiting { since } = last {
            (part::notice("tone-accent", Icon::Clock, &html! {
                p { strong { (t.t("restart-when-idle-waits")) } " " small { (t.since(*since)) } }
            }))
        }
        (buttons(last, waits, in_use.calls, t))
    }
}

fn values(in_use: &InUse, t: &Texts) -> Markup {
    let (now, next) = (&in_use.values, &in_use.next);
    let value = |now: &str, next: &str| {
        html! {
            (shown(now, t))
            @if now != next {
                p class="next" {
                    (state::dot("tone-warn", Icon::Clock, t.t("restart-next"))) " " (shown(next, t))
                }
            }
        }
    };
    let tls = in_use.sips_port.as_ref().map_or_else(
        || html! { span class="muted" { (t.t("settings-tls-off")) } },
        |port| html! { code { (port) } },
    );
    part::facts(&[
        (
            t.t("settings-external-address"),
            value(&now.external_address, &next.external_address),
        ),
        (
            t.t("settings-local-nets"),
            value(&now.local_nets, &next.local_nets),
        ),
        (
            t.t("settings-rtp-ports"),
            value(&now.rtp_ports, &next.rtp_ports),
        ),
        (
            t.t("settings-sip-port"),
            html! {
                code { (in_use.sip_port) }
                p class="help" { (t.t("settings-sip-port-help")) " " code class="column" { "GONOPBX_SIP_PORT" } }
            },
        ),
        (
            t.t("settings-tls-port"),
            html! {
                (tls)
                p class="help" {
                    (t.t("settings-tls-help")) " "
                    code class="column" { "GONOPBX_TLS_CERT" } " " code class="column" { "GONOPBX_TLS_KEY" }
                }
            },
        ),
    ])
}

/// Networks may break after a comma.
fn shown(value: &str, t: &Texts) -> Markup {
    html! {
        @if value.is_empty() {
            span class="muted" { (t.t("settings-not-set")) }
        } @else {
            @for (index, word) in value.split(',').enumerate() {
                @if index > 0 { ", " }
                code { (word) }
            }
        }
    }
}

fn outcome(last: &Last, waits: bool, t: &Texts) -> Markup {
    html! {
        @match last {
            Last::Done { back, took, applied } => {
                @if *applied || !waits {
                    (part::notice("tone-ok", Icon::Check, &html! {
                        p {
                            strong { (t.t("restart-done")) } " "
                            (t.t_args("restart-took", &[("time", t.blink(*took).into())])) " "
                            small { (t.since(*back)) }
                        }
                    }))
                } @else {
                    (part::notice("tone-bad", Icon::Alert, &html! {
                        p { strong { (t.t("restart-not-applied")) } " " (t.t("restart-not-applied-why")) }
                        (where_to_look(t))
                    }))
                }
            }
            Last::Refused(words) => (part::notice("tone-bad", Icon::Alert, &html! {
                p { strong { (t.t("restart-refused")) } " " (words) }
            })),
            _ => {}
        }
    }
}

fn ending(since: DateTime<Utc>, t: &Texts) -> Markup {
    html! {
        (part::notice("tone-accent", Icon::Clock, &html! {
            p { strong { (t.t("restart-running")) } " " small { (t.since(since)) } }
            p { (t.t("restart-running-line")) }
        }))
        p { a class="button" href="/settings" { (t.t("restart-look-again")) } }
    }
}

fn lost(since: DateTime<Utc>, t: &Texts) -> Markup {
    html! {
        (part::notice("tone-bad", Icon::Alert, &html! {
            p { strong { (t.t("restart-lost")) } " " small { (t.since(since)) } }
            (where_to_look(t))
        }))
    }
}

fn away(since: Option<DateTime<Utc>>, t: &Texts) -> Markup {
    html! {
        p { (state::unknown(since, t)) }
        p { (t.t("restart-away")) }
        (where_to_look(t))
    }
}

fn where_to_look(t: &Texts) -> Markup {
    html! {
        ul class="steps" {
            li { (t.t("restart-look-stack")) " " code { "asterisk/stack status" } ", " code { "log/asterisk/keeper.log" } }
            li { (t.t("restart-look-docker")) " " code { "docker compose logs asterisk" } }
        }
    }
}

/// The one that ends calls takes two steps in place: unfold, then confirm.
fn buttons(last: &Last, waits: bool, calls: u64, t: &Texts) -> Markup {
    let (when, key, class) = match last {
        Last::Waiting { .. } => ("cancel", "restart-cancel", "button"),
        _ if waits => ("idle", "restart-when-idle", "button primary"),
        _ => ("idle", "restart-when-idle", "button"),
    };
    html! {
        div class="buttons" {
            form method="post" action="/settings/restart" {
                button type="submit" name="when" value=(when) class=(class) { (t.t(key)) }
            }
            details class="confirm in-place" id="restart-now" {
                summary class="button danger" { (t.t_count("restart-now", calls)) }
                form class="popup" method="post" action="/settings/restart" {
                    p { (t.t_count("restart-now-warning", calls)) }
                    button type="submit" name="when" value="now" class="button danger solid" {
                        (t.t("restart-now-sure"))
                    }
                }
            }
        }
    }
}
