//! From where phones may come, and who was refused.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Row};

#[derive(Clone, Debug, Default)]
pub struct Phones {
    pub enabled: bool,
    /// One in a line; as typed.
    pub ips: String,
    /// Phones that are registered now would be shut out: a person has to say so.
    pub asks: bool,
    pub errors: FieldErrors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    WrongPassword,
    UnknownName,
    Address,
}

/// What came from one address.
#[derive(Clone, Debug)]
pub struct Attempts {
    pub address: String,
    pub count: u64,
    /// The name that was tried last: a stranger's text.
    pub name: String,
    pub reason: Reason,
    pub last: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub struct Refused {
    pub since: DateTime<Utc>,
    pub total: u64,
    pub worst: Vec<Attempts>,
}

pub(super) fn form(phones: &Phones, t: &Texts) -> Markup {
    let labels = [
        ("enabled", t.t("settings-phones-enabled")),
        ("ips", t.t("settings-phones-ips")),
        ("may_exclude", t.t("settings-phones-may-exclude")),
    ];
    let row = |(name, label), help| Row {
        name,
        label,
        help,
        column: "",
        errors: &phones.errors,
    };
    let ips = Row {
        column: "pbx.setting",
        ..row(labels[1], t.t("settings-phones-ips-help"))
    };
    html! {
        section class="card form-card" id="phones" aria-labelledby="phones-title" {
            h2 id="phones-title" { (t.t("settings-phones")) }
            p class="row muted" { (t.t("settings-phones-line")) }
            (form::summary(&phones.errors, &labels, t))
            form method="post" action="/settings/phones" novalidate {
                (row(labels[0], t.t("settings-phones-enabled-help")).toggle(phones.enabled))
                (ips.around(&html! {
                    textarea id="f-ips" name="ips" rows="4" spellcheck="false" autocomplete="off" autocapitalize="off"
                        aria-describedby=[ips.described()] aria-invalid=[ips.is_wrong().then_some("true")] { (phones.ips) }
                }))
                @if phones.asks {
                    (row(labels[2], t.t("settings-phones-may-exclude-help")).toggle(false))
                }
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("save")) }
                }
            }
        }
    }
}

pub(super) fn refused(refused: &Refused, t: &Texts) -> Markup {
    html! {
        section class="card" id="refused" aria-labelledby="refused-title" {
            h2 id="refused-title" { (t.t("settings-refused")) }
            p class="row muted" { (t.t("settings-refused-line")) }
            p class="row" {
                (t.t_count("settings-refused-total", refused.total)) " "
                (t.t_args("settings-refused-since", &[("time", t.when(refused.since).into())]))
            }
            @if !refused.worst.is_empty() {
                table class="table" {
                    thead {
                        tr {
                            th scope="col" { (t.t("settings-refused-address")) }
                            th scope="col" class="numeric" { (t.t("settings-refused-count")) }
                            th scope="col" { (t.t("settings-refused-name")) }
                            th scope="col" { (t.t("settings-refused-reason")) }
                            th scope="col" { (t.t("settings-refused-last")) }
                        }
                    }
                    tbody {
                        @for attempts in &refused.worst {
                            tr {
                                td data-label=(t.t("settings-refused-address")) { (attempts.address) }
                                td data-label=(t.t("settings-refused-count")) class="numeric" { (t.number(attempts.count)) }
                                td data-label=(t.t("settings-refused-name")) { (attempts.name) }
                                td data-label=(t.t("settings-refused-reason")) { (t.t(reason(attempts.reason))) }
                                td data-label=(t.t("settings-refused-last")) { (t.when(attempts.last)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::WrongPassword => "settings-refused-wrong-password",
        Reason::UnknownName => "settings-refused-unknown-name",
        Reason::Address => "settings-refused-by-address",
    }
}
