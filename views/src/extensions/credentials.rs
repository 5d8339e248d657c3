//! What a phone needs to log in: shown once, after the password was set.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Refresh, refreshing};
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::{self, Live};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Credentials {
    pub number: String,
    pub name: String,
    /// Address and, if it is not the usual one, port.
    pub server: String,
    pub password: String,
    /// A QR code as SVG.
    pub qr: Option<String>,
    pub registration: Registration,
}

/// How far the phone is.
#[derive(Clone, Debug)]
pub struct Registration {
    pub number: String,
    pub phones: Live<Vec<Registered>>,
}

#[derive(Clone, Debug)]
pub struct Registered {
    pub address: String,
    pub user_agent: Option<String>,
    pub since: Option<DateTime<Utc>>,
}

/// Three phones and the texts that say how each is set up.
const GUIDES: [(&str, &str); 3] = [
    ("Yealink", "guide-yealink"),
    ("Snom", "guide-snom"),
    ("Linphone", "guide-linphone"),
];

pub fn page(page: &Page<'_>, credentials: &Credentials) -> Markup {
    let t = page.texts;
    let number = credentials.number.as_str();
    let title = t.t_args("credentials-title", &[("number", number.into())]);
    let action = html! {
        a class="button" href="/extensions/new" data-key="n" {
            (icon(Icon::Plus)) span { (t.t("extension-next")) }
        }
        a class="button primary" href=(url::extension(number, "")) { (t.t("credentials-done")) }
    };
    let content = html! {
        (part::header(&title, &credentials.name, &action))
        (registration(&credentials.registration, t))
        div class="columns" {
            div class="card" {
                (part::notice("tone-warn", Icon::Key, &html! { p { (t.t("credentials-once")) } }))
                (values(credentials, t))
            }
            div class="card" { (guides(credentials, t)) }
        }
    };
    shell::shell(
        page,
        &Head {
            title: &title,
            active: Some(Nav::Extensions),
            live: true,
        },
        &content,
    )
}

fn values(credentials: &Credentials, t: &Texts) -> Markup {
    let copy = |id, value: &str, label| part::copyable(id, value, label, t);
    html! {
        (part::facts(&[
            (t.t("credentials-server"),
                copy("server", &credentials.server, t.t("credentials-server"))),
            (t.t("credentials-user"),
                copy("user", &credentials.number, t.t("credentials-user"))),
            (t.t("password"), copy("secret", &credentials.password, t.t("password"))),
        ]))
        @if let Some(svg) = &credentials.qr {
            figure class="qr" {
                img width="200" height="200" alt=(t.t("credentials-qr"))
                    src={ "data:image/svg+xml," (url::escape(svg)) };
                figcaption { (t.t("credentials-qr-help")) }
            }
        }
    }
}

fn guides(credentials: &Credentials, t: &Texts) -> Markup {
    html! {
        h2 { (t.t("guide-title")) }
        @for (name, key) in GUIDES {
            details class="folded" {
                summary { (icon(Icon::Chevron)) span { (name) } }
                div class="folded-content" {
                    p {
                        (t.t_args(key, &[
                            ("server", credentials.server.as_str().into()),
                            ("user", credentials.number.as_str().into()),
                        ]))
                    }
                }
            }
        }
        p class="muted" { (t.t("guide-other")) }
    }
}

/// The line that waits for the phone, and says which one came.
pub fn registration(registration: &Registration, t: &Texts) -> Markup {
    let url = format!(
        "/fragments/registration/{}",
        url::escape(&registration.number)
    );
    let class = match &registration.phones {
        Live::Known(phones) if !phones.is_empty() => "card strip tone-ok",
        _ => "card strip tone-none",
    };
    let part = Refresh {
        id: "registration",
        class,
        url: &url,
        trigger: "sse:extensions, sse:system",
    };
    refreshing(
        &part,
        &html! {
            h2 id="registration-title" class="hidden-text" { (t.t("column-phones")) }
            div role="status" {
                @match &registration.phones {
                    Live::Unknown { since } => (state::unknown(*since, t)),
                    Live::Known(phones) if phones.is_empty() => {
                        p class="waiting" { span class="spinner" aria-hidden="true" {} (t.t("phone-waiting")) }
                    }
                    Live::Known(phones) => {
                        @for phone in phones { p { (registered(phone, t)) } }
                    }
                }
            }
        },
    )
}

fn registered(phone: &Registered, t: &Texts) -> Markup {
    let address = ("address", phone.address.as_str().into());
    let sentence = match &phone.user_agent {
        Some(agent) => t.t_args(
            "phone-registered-agent",
            &[address, ("agent", agent.as_str().into())],
        ),
        None => t.t_args("phone-registered", &[address]),
    };
    html! {
        (state::dot("tone-ok", Icon::Circle, &sentence))
        @if let Some(since) = phone.since { " " span class="muted" { (state::moment(since, t)) } }
    }
}
