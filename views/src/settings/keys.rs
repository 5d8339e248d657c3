//! Keys of programs: those there are, and a new one, shown once.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};

#[derive(Clone, Debug)]
pub struct Key {
    pub id: i64,
    pub name: String,
    pub prefix: String,
    pub scopes: Vec<&'static str>,
    pub owner: String,
    pub expires: Option<DateTime<Utc>>,
    pub has_expired: bool,
    pub used: Option<DateTime<Utc>>,
    pub used_from: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Keys {
    pub keys: Vec<Key>,
    /// Id, name, and whether it is an administrator.
    pub owners: Vec<(String, String, bool)>,
    /// As typed.
    pub name: String,
    pub owner: String,
    pub expires: String,
    pub scopes: Vec<(&'static str, bool)>,
    pub errors: FieldErrors,
}

const SCOPES: [(&str, &str); 4] = [
    ("read", "scope-read"),
    ("write", "scope-write"),
    ("calls", "scope-calls"),
    ("users", "scope-users"),
];

fn scope<'t>(name: &str, t: &'t Texts) -> &'t str {
    let known = SCOPES.iter().find(|(scope, _)| *scope == name);
    known.map_or("", |(_, key)| t.t(key))
}

pub(super) fn link(t: &Texts) -> Markup {
    html! {
        section class="card form-card" aria-labelledby="keys-title" {
            h2 id="keys-title" { (t.t("keys-title")) }
            p class="row muted" { (t.t("keys-line")) }
            div class="buttons" { a class="button" href="/settings/keys" { (t.t("keys-manage")) } }
        }
    }
}

fn frame(page: &Page<'_>, content: &Markup) -> Markup {
    let t = page.texts;
    let title = t.t("keys-title");
    let content = html! {
        p class="crumbs" { a href="/settings" { (t.t("nav-settings")) } }
        (part::header(title, t.t("keys-line"), &html! {}))
        (content)
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

pub fn page(page: &Page<'_>, keys: &Keys) -> Markup {
    let t = page.texts;
    frame(
        page,
        &html! {
            div class="stack" {
                @if !keys.keys.is_empty() { (table(&keys.keys, t)) }
                (new(keys, t))
            }
        },
    )
}

fn table(keys: &[Key], t: &Texts) -> Markup {
    html! {
        table class="card table" {
            thead {
                tr {
                    th scope="col" { (t.t("key-name")) }
                    th scope="col" { (t.t("key-owner")) }
                    th scope="col" { (t.t("key-scopes")) }
                    th scope="col" { (t.t("key-expires")) }
                    th scope="col" { (t.t("session-used")) }
                    th scope="col" { span class="hidden-text" { (t.t("key-revoke")) } }
                }
            }
            tbody { @for key in keys { (row(key, t)) } }
        }
    }
}

fn row(key: &Key, t: &Texts) -> Markup {
    let action = format!("/settings/keys/{}/revoke", key.id);
    html! {
        tr {
            td data-label=(t.t("key-name")) { span { (key.name) " " code class="muted" { (key.prefix) "…" } } }
            td data-label=(t.t("key-owner")) { (key.owner) }
            td data-label=(t.t("key-scopes")) {
                span { @for scope in &key.scopes { code class="chip" { (scope) } " " } }
            }
            td data-label=(t.t("key-expires")) {
                @match key.expires {
                    Some(at) if key.has_expired => {
                        span class="state tone-bad" { (icon(Icon::Alert)) (t.t("key-expired")) " " (t.when(at)) }
                    }
                    Some(at) => (t.when(at)),
                    None => (t.t("key-never")),
                }
            }
            td data-label=(t.t("session-used")) {
                span {
                    @match key.used { Some(at) => (t.when(at)), None => (t.t("key-unused")) }
                    @if let Some(from) = &key.used_from { " " small { (from) } }
                }
            }
            td class="numeric" {
                form method="post" action=(action) {
                    button type="submit" class="button small danger"
                        aria-label={ (t.t("key-revoke")) ": " (key.name) }
                    { (t.t("key-revoke")) }
                }
            }
        }
    }
}

fn new(keys: &Keys, t: &Texts) -> Markup {
    let labels = [
        ("name", t.t("key-name")),
        ("user_id", t.t("key-owner")),
        ("expires_at", t.t("key-expires")),
        ("scopes", t.t("key-scopes")),
    ];
    let row = |(name, label), help| Row {
        name,
        label,
        help,
        column: "",
        errors: &keys.errors,
    };
    let owners: Vec<(String, String)> = keys
        .owners
        .iter()
        .map(|(id, name, is_admin)| {
            let role = t.t(if *is_admin { "role-admin" } else { "role-user" });
            (id.clone(), format!("{name} ({role})"))
        })
        .collect();
    let owners: Vec<(&str, &str)> = owners.iter().map(|(id, name)| (&**id, &**name)).collect();
    let expires = Input {
        kind: "date",
        ..Input::text(&keys.expires)
    };
    let scopes = row(labels[3], "");
    html! {
        section class="card form-card" aria-labelledby="new-key-title" {
            h2 id="new-key-title" { (t.t("key-new")) }
            (form::summary(&keys.errors, &labels, t))
            form method="post" action="/settings/keys" novalidate {
                (row(labels[0], t.t("key-name-help")).input(&Input::text(&keys.name).required()))
                (row(labels[1], t.t("key-owner-help")).select(&owners, &keys.owner))
                fieldset id="f-scopes" class="row" aria-describedby=[scopes.described()] {
                    legend { (labels[3].1) }
                    @for (name, chosen) in &keys.scopes {
                        label class="check" {
                            input type="checkbox" name="scope" value=(name) checked[*chosen];
                            span { code { (name) } " " span class="muted" { (scope(name, t)) } }
                        }
                    }
                    (scopes.below())
                }
                (row(labels[2], t.t("key-expires-help")).input(&expires))
                div class="buttons" {
                    button type="submit" class="button primary" { (icon(Icon::Key)) span { (t.t("key-create")) } }
                }
            }
        }
    }
}

/// The key, this once.
pub fn made(page: &Page<'_>, name: &str, key: &str) -> Markup {
    let t = page.texts;
    let warning = html! { p { (t.t("key-once")) } };
    frame(
        page,
        &html! {
            section class="card form-card" aria-labelledby="made-title" {
                h2 id="made-title" { (name) }
                (part::notice("tone-warn", Icon::Alert, &warning))
                (part::copyable("api-key", key, t.t("keys-title"), t))
                p class="help" { (t.t("key-use")) " " code { "X-API-Key" } }
                div class="buttons" { a class="button primary" href="/settings/keys" { (t.t("key-kept")) } }
            }
        },
    )
}
