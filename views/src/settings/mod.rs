//! What holds for the whole system: how numbers are read, the network that Asterisk is in, and the restart that a change
//! of it needs.

mod about;
pub mod audio;
pub mod keys;
pub mod mail;
pub mod network;
pub mod phones;
pub mod restart;

use maud::{Markup, html};

use crate::dashboard::System;
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use audio::Audio;
use network::Network;
use phones::{Phones, Refused};
use restart::Restart;

#[derive(Clone, Debug)]
pub struct Settings {
    /// Without `+`, as in `49`; as typed.
    pub country_code: String,
    /// Without the leading 0, as in `421`; as typed.
    pub area_code: String,
    /// Separated by commas; as typed.
    pub emergency_numbers: String,
    /// After how many days a call is forgotten; empty for never; as typed.
    pub history_days: String,
    /// Beginnings of numbers, separated by commas; as typed.
    pub barred_forwards: String,
    pub errors: FieldErrors,
    pub phones: Phones,
    pub refused: Refused,
    pub network: Network,
    pub audio: Audio,
    pub restart: Restart,
    pub system: System,
}

pub fn page(page: &Page<'_>, settings: &Settings) -> Markup {
    let t = page.texts;
    let title = t.t("nav-settings");
    let content = html! {
        (part::header(title, t.t("settings-line"), &html! {}))
        div class="stack" {
            (general(settings, t))
            (phones::form(&settings.phones, t))
            (phones::refused(&settings.refused, t))
            (network::form(&settings.network, t))
            (audio::form(&settings.audio, t))
            (mail::link(t))
            (keys::link(t))
            (restart::card(&settings.restart, t))
            (about::card(page, &settings.system))
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Settings),
            live: true,
        },
        &content,
    )
}

fn general(settings: &Settings, t: &Texts) -> Markup {
    let labels = [
        ("country_code", t.t("settings-country-code")),
        ("area_code", t.t("settings-area-code")),
        ("emergency_numbers", t.t("settings-emergency-numbers")),
        ("barred_forwards", t.t("settings-barred-forwards")),
        ("history_days", t.t("settings-history-days")),
    ];
    let row = |(name, label), help| Row {
        name,
        label,
        help: t.t(help),
        column: "pbx.setting",
        errors: &settings.errors,
    };
    html! {
        section class="card form-card" id="general" aria-labelledby="general-title" {
            h2 id="general-title" { (t.t("settings-general")) }
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
                (row(labels[3], "settings-barred-forwards-help")
                    .input(&Input::text(&settings.barred_forwards)))
                (row(labels[4], "settings-history-days-help")
                    .input(&Input::digits(&settings.history_days)))
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("save")) }
                }
            }
        }
    }
}
