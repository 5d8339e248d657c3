//! One user: who it is, which extension it has, its password, where it is logged in.

use maud::{Markup, html};

use super::form::{self as fields, Person};
use super::{frame, path};
use crate::page::Page;
use crate::profile::sessions::{self, Session};
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;

#[derive(Clone, Debug)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub person: Person,
    /// As typed.
    pub extension: String,
    pub has_second_factor: bool,
    pub sessions: Vec<Session>,
    pub errors: FieldErrors,
}

pub fn page(page: &Page<'_>, user: &User) -> Markup {
    let t = page.texts;
    let delete = html! {
        a class="button danger" href=(path(user.id, "/delete")) {
            (icon(Icon::Trash)) span { (t.t("user-delete")) }
        }
    };
    let content = html! {
        (part::header(&user.name, t.t("user-line"), &delete))
        div class="stack" {
            (form::summary(&user.errors, &fields::labels(t), t))
            (part_of(user, "", "person-title", t.t("user-person"),
                &fields::person(&user.person, &user.errors, t), t.t("save"), t))
            (part_of(user, "/extension", "extension-title", t.t("kind-extension"),
                &fields::extension(&user.extension, &user.errors, t), t.t("save"), t))
            (part_of(user, "/password", "password-title", t.t("password"),
                &fields::password(true, &user.errors, t), t.t("user-password-set"), t))
            (second_factor(user, t))
            (logged_in(user, t))
        }
    };
    frame(page, &user.name, &content)
}

fn part_of(
    user: &User,
    below: &str,
    id: &str,
    title: &str,
    rows: &Markup,
    submit: &str,
    t: &Texts,
) -> Markup {
    html! {
        section class="card form-card" aria-labelledby=(id) {
            h2 id=(id) { (title) }
            @if below == "/password" { p class="muted" { (t.t("user-password-line")) } }
            form method="post" action=(path(user.id, below)) novalidate {
                (rows)
                div class="buttons" {
                    button type="submit" class="button primary" { (submit) }
                }
            }
        }
    }
}

fn second_factor(user: &User, t: &Texts) -> Markup {
    html! {
        @if user.has_second_factor {
            section class="card form-card" aria-labelledby="factor-title" {
                h2 id="factor-title" { (t.t("second-factor-title")) }
                p class="muted" { (t.t("user-factor-line")) }
                form method="post" action=(path(user.id, "/second-factor/off")) {
                    div class="buttons" {
                        button type="submit" class="button danger" { (t.t("user-factor-off")) }
                    }
                }
            }
        }
    }
}

fn logged_in(user: &User, t: &Texts) -> Markup {
    html! {
        section id="sessions" aria-labelledby="sessions-title" {
            div class="section-head" {
                h2 id="sessions-title" { (t.t("user-sessions")) }
                @if !user.sessions.is_empty() {
                    form method="post" action=(path(user.id, "/sign-out")) {
                        button type="submit" class="button danger small" { (t.t("sessions-end-all")) }
                    }
                }
            }
            @if user.sessions.is_empty() {
                p class="muted" { (t.t("user-sessions-none")) }
            } @else {
                (sessions::table(&user.sessions, None, t))
            }
        }
    }
}
