//! What a person may see and set about themselves.

pub mod second_factor;
pub mod sessions;

use maud::{Markup, html};

use crate::page::Page;
use crate::texts::{Lang, Texts};
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};

#[derive(Clone, Debug)]
pub struct Profile {
    pub user_name: String,
    pub full_name: String,
    pub email: String,
    pub is_admin: bool,
    /// Code of the language in which pages are shown to this person.
    pub language: String,
    pub errors: FieldErrors,
    pub sessions: Vec<sessions::Session>,
    pub second_factor: Option<second_factor::On>,
}

pub fn page(page: &Page<'_>, profile: &Profile) -> Markup {
    let t = page.texts;
    let title = t.t("profile-title");
    let content = html! {
        (part::header(title, t.t("profile-line"), &html! {}))
        div class="stack" {
            (person(profile, t))
            (password(t))
            (second_factor::card(profile.second_factor.as_ref(), t))
            (sessions::card(&profile.sessions, t))
        }
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

fn person(profile: &Profile, t: &Texts) -> Markup {
    let languages: Vec<(&str, &str)> = Lang::all()
        .map(|lang| (lang.code(), lang.own_name()))
        .collect();
    let labels = [
        ("full_name", t.t("profile-full-name")),
        ("email", t.t("profile-email")),
        ("language", t.t("language")),
    ];
    let row = |(name, label)| Row {
        name,
        label,
        help: "",
        column: "",
        errors: &profile.errors,
    };
    let full_name = Input {
        autocomplete: "name",
        ..Input::text(&profile.full_name)
    };
    let email = Input {
        kind: "email",
        autocomplete: "email",
        ..Input::text(&profile.email)
    };
    let role = t.t(if profile.is_admin {
        "role-admin"
    } else {
        "role-user"
    });
    html! {
        section class="card form-card" aria-labelledby="person-title" {
            h2 id="person-title" { (t.t("profile-person")) }
            (part::facts(&[
                (t.t("user-name"), html! { (profile.user_name) }),
                (t.t("profile-role"), html! { (role) }),
            ]))
            (form::summary(&profile.errors, &labels, t))
            form method="post" action="/profile" novalidate {
                (row(labels[0]).input(&full_name))
                (row(labels[1]).input(&email))
                (row(labels[2]).select(&languages, &profile.language))
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("save")) }
                }
            }
        }
    }
}

fn password(t: &Texts) -> Markup {
    html! {
        section class="card form-card" aria-labelledby="password-title" {
            h2 id="password-title" { (t.t("password")) }
            p class="muted" { (t.t("password-line")) }
            div class="buttons" {
                a class="button" href="/password" {
                    (icon(Icon::Key)) span { (t.t("password-title")) }
                }
            }
        }
    }
}
