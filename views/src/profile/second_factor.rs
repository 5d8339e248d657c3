//! The second factor: what it is, how it is set up, and the codes for whoever loses the app.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

/// One that is switched on.
#[derive(Clone, Debug)]
pub struct On {
    pub since: DateTime<Utc>,
    pub codes_left: u64,
}

#[derive(Clone, Debug)]
pub struct Setup {
    /// As an app takes it, in groups of four.
    pub secret: String,
    /// The same as a QR code, SVG.
    pub qr: Option<String>,
    pub errors: FieldErrors,
}

pub(super) fn card(factor: Option<&On>, t: &Texts) -> Markup {
    html! {
        section class="card form-card" aria-labelledby="second-factor-title" {
            h2 id="second-factor-title" { (t.t("second-factor-title")) }
            (state(factor, t))
            div class="buttons" {
                a class="button" href="/profile/second-factor" {
                    (icon(Icon::Key))
                    span { (t.t(if factor.is_some() { "second-factor-manage" } else { "second-factor-set-up" })) }
                }
            }
        }
    }
}

fn state(factor: Option<&On>, t: &Texts) -> Markup {
    html! {
        @if let Some(on) = factor {
            p {
                span class="state tone-ok" { (icon(Icon::Circle)) (t.t("second-factor-on")) }
                " " span class="muted" { (t.since(on.since)) }
            }
            p class={ @if on.codes_left < 3 { "state tone-warn" } @else { "muted" } } {
                @if on.codes_left < 3 { (icon(Icon::Alert)) }
                (t.t_count("recovery-codes-left", on.codes_left))
            }
        } @else {
            p class="muted" { (t.t("second-factor-line")) }
        }
    }
}

fn frame(page: &Page<'_>, content: &Markup) -> Markup {
    let t = page.texts;
    let title = t.t("second-factor-title");
    let content = html! {
        p class="crumbs" { a href="/profile" { (t.t("profile-title")) } }
        (part::header(title, t.t("second-factor-line"), &html! {}))
        (content)
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Profile),
            live: false,
        },
        &content,
    )
}

/// Before it is switched on.
pub fn off(page: &Page<'_>) -> Markup {
    let t = page.texts;
    frame(
        page,
        &html! {
            section class="card form-card" {
                ol class="steps" {
                    li { (t.t("second-factor-step-app")) }
                    li { (t.t("second-factor-step-scan")) }
                    li { (t.t("second-factor-step-codes")) }
                }
                form method="post" action="/profile/second-factor/start" {
                    div class="buttons" {
                        button type="submit" class="button primary" { (t.t("second-factor-set-up")) }
                        a class="button" href="/profile" { (t.t("cancel")) }
                    }
                }
            }
        },
    )
}

/// Password and code, under which each button does its own.
fn proof(action: &str, errors: &FieldErrors, help: &str, buttons: &Markup, t: &Texts) -> Markup {
    let labels = [("current_password", t.t("password")), ("otp", t.t("otp"))];
    let row = |(name, label), help| Row {
        name,
        label,
        help,
        column: "",
        errors,
    };
    let otp = Input {
        autocomplete: "one-time-code",
        narrow: true,
        ..Input::text("")
    };
    html! {
        (form::summary(errors, &labels, t))
        form method="post" action=(action) novalidate {
            (row(labels[0], "").input(&Input::password("current-password").required()))
            (row(labels[1], help).input(&otp.required()))
            div class="buttons" { (buttons) }
        }
    }
}

pub fn setup(page: &Page<'_>, setup: &Setup) -> Markup {
    let t = page.texts;
    let buttons = html! {
        button type="submit" class="button primary" { (t.t("second-factor-switch-on")) }
        a class="button" href="/profile" { (t.t("cancel")) }
    };
    frame(
        page,
        &html! {
            div class="columns" {
                section class="card" aria-labelledby="scan-title" {
                    h2 id="scan-title" { (t.t("second-factor-scan")) }
                    p class="muted" { (t.t("second-factor-step-scan")) }
                    @if let Some(svg) = &setup.qr {
                        figure class="qr" {
                            img width="200" height="200" alt=(t.t("second-factor-qr"))
                                src={ "data:image/svg+xml," (url::escape(svg)) };
                        }
                    }
                    p class="help" { (t.t("second-factor-secret")) }
                    (part::copyable("totp-secret", &setup.secret, t.t("second-factor-secret"), t))
                }
                section class="card" aria-labelledby="prove-title" {
                    h2 id="prove-title" { (t.t("second-factor-prove")) }
                    (proof("/profile/second-factor/on", &setup.errors, t.t("otp-help-app"), &buttons, t))
                }
            }
        },
    )
}

/// When it is switched on.
pub fn on(page: &Page<'_>, factor: &On, errors: &FieldErrors) -> Markup {
    let t = page.texts;
    let buttons = html! {
        button type="submit" class="button" { (t.t("recovery-codes-renew")) }
        button type="submit" class="button danger" formaction="/profile/second-factor/off" {
            (t.t("second-factor-switch-off"))
        }
    };
    frame(
        page,
        &html! {
            section class="card form-card stack" {
                div { (state(Some(factor), t)) }
                div { (proof("/profile/second-factor/codes", errors, t.t("otp-help"), &buttons, t)) }
            }
        },
    )
}

/// The codes, this once.
pub fn codes(page: &Page<'_>, codes: &[String]) -> Markup {
    let t = page.texts;
    let warning = html! { p { (t.t("recovery-codes-once")) } };
    frame(
        page,
        &html! {
            section class="card form-card" aria-labelledby="codes-title" {
                h2 id="codes-title" { (t.t("recovery-codes-title")) }
                (part::notice("tone-warn", Icon::Alert, &warning))
                ul class="chips" { @for code in codes { li { code class="chip" { (code) } } } }
                p class="muted" { (t.t("recovery-codes-use")) }
                div class="buttons" {
                    a class="button primary" href="/profile" { (t.t("recovery-codes-kept")) }
                }
            }
        },
    )
}
