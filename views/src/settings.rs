//! What holds for the whole system: how numbers are read, and the network that Asterisk is in.

use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::Icon;
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};

#[derive(Clone, Debug)]
pub struct Settings {
    /// Without `+`, as in `49`; as typed.
    pub country_code: String,
    /// Without the leading 0, as in `421`; as typed.
    pub area_code: String,
    /// Separated by commas; as typed.
    pub emergency_numbers: String,
    pub network: Network,
    pub errors: FieldErrors,
}

/// What the environment of the stack says; empty: not set.
#[derive(Clone, Debug, Default)]
pub struct Network {
    pub external_address: String,
    pub local_nets: String,
    pub rtp_ports: String,
    pub sip_port: String,
}

pub fn page(page: &Page<'_>, settings: &Settings) -> Markup {
    let t = page.texts;
    let title = t.t("nav-settings");
    let content = html! {
        (part::header(title, t.t("settings-line"), &html! {}))
        div class="stack" {
            (numbers(settings, t))
            (network(&settings.network, t))
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Settings),
            live: false,
        },
        &content,
    )
}

fn numbers(settings: &Settings, t: &Texts) -> Markup {
    let labels = [
        ("country_code", t.t("settings-country-code")),
        ("area_code", t.t("settings-area-code")),
        ("emergency_numbers", t.t("settings-emergency-numbers")),
    ];
    let row = |(name, label), help| Row {
        name,
        label,
        help: t.t(help),
        column: "pbx.setting",
        errors: &settings.errors,
    };
    html! {
        section class="card form-card" aria-labelledby="numbers-title" {
            h2 id="numbers-title" { (t.t("nav-numbers")) }
            (form::summary(&settings.errors, &labels, t))
            form method="post" action="/settings" novalidate {
                div class="row-pair" {
                    (row(labels[0], "settings-country-code-help")
                        .input(&Input::digits(&settings.country_code).required()))
                    (row(labels[1], "settings-area-code-help")
                        .input(&Input::digits(&settings.area_code)))
                }
                (row(labels[2], "settings-emergency-numbers-help")
                    .input(&Input::text(&settings.emergency_numbers).required()))
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("save")) }
                }
            }
        }
    }
}

/// Shown, not set: these are known to Asterisk from its start on.
fn network(network: &Network, t: &Texts) -> Markup {
    let values = [
        (
            "settings-external-address",
            &network.external_address,
            "GONOPBX_EXTERNAL_ADDRESS",
        ),
        (
            "settings-local-nets",
            &network.local_nets,
            "GONOPBX_LOCAL_NETS",
        ),
        (
            "settings-rtp-ports",
            &network.rtp_ports,
            "GONOPBX_RTP_PORTS",
        ),
        ("settings-sip-port", &network.sip_port, "GONOPBX_SIP_PORT"),
    ];
    let help = [
        "settings-external-address-help",
        "settings-local-nets-help",
        "settings-rtp-ports-help",
        "settings-sip-port-help",
    ];
    html! {
        section class="card form-card" aria-labelledby="network-title" {
            h2 id="network-title" { (t.t("settings-network")) }
            dl class="facts" {
                @for ((label, value, variable), help) in values.into_iter().zip(help) {
                    div {
                        dt { (t.t(label)) }
                        dd {
                            @if value.is_empty() {
                                span class="muted" { (t.t("settings-not-set")) }
                            } @else {
                                code { (value) }
                            }
                            p class="help" { (t.t(help)) " " code class="column" { (variable) } }
                        }
                    }
                }
            }
            (part::notice("tone-warn", Icon::Alert, &html! {
                p { strong { (t.t("settings-restart")) } }
                p { (t.t("settings-restart-why")) }
                ol class="steps" {
                    li { (t.t("settings-restart-set")) }
                    li { (t.t("settings-restart-wait")) }
                    li { (t.t("settings-restart-do")) " " code { "docker compose up -d" } }
                }
                p { strong { (t.t("settings-restart-calls")) } }
            }))
        }
    }
}
