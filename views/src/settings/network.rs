//! The form about the network. What is saved here is used from the next start of Asterisk on.

use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Input, Row};

/// Three values as they are, or as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    pub external_address: String,
    /// Separated by commas.
    pub local_nets: String,
    /// First and last, as in `10000-10100`.
    pub rtp_ports: String,
}

#[derive(Clone, Debug, Default)]
pub struct Network {
    pub typed: Values,
    /// What an empty field means: the environment's values; empty while Asterisk does not tell them.
    pub environment: Values,
    pub errors: FieldErrors,
}

pub(super) fn form(network: &Network, t: &Texts) -> Markup {
    let labels = [
        ("external_address", t.t("settings-external-address")),
        ("local_nets", t.t("settings-local-nets")),
        ("rtp_ports", t.t("settings-rtp-ports")),
    ];
    let (typed, environment) = (&network.typed, &network.environment);
    let row = |(name, label), help, typed, example| {
        let row = Row {
            name,
            label,
            help: t.t(help),
            column: "pbx.setting",
            errors: &network.errors,
        };
        row.input(&Input {
            example,
            ..Input::text(typed)
        })
    };
    html! {
        section class="card form-card" id="network" aria-labelledby="network-title" {
            h2 id="network-title" { (t.t("settings-network")) }
            p class="row muted" { (t.t("settings-network-line")) }
            (form::summary(&network.errors, &labels, t))
            form method="post" action="/settings/network" novalidate {
                (row(labels[0], "settings-external-address-help", &typed.external_address, &environment.external_address))
                (row(labels[1], "settings-local-nets-help", &typed.local_nets, &environment.local_nets))
                (row(labels[2], "settings-rtp-ports-help", &typed.rtp_ports, &environment.rtp_ports))
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("save")) }
                }
            }
        }
    }
}
