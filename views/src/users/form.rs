//! Who somebody is: the fields of a new user and of one that is changed.

use maud::{Markup, html};

use super::frame;
use crate::page::Page;
use crate::texts::{Lang, Texts};
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::part;

/// As typed.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub username: String,
    pub full_name: String,
    pub email: String,
    /// `admin` or `user`.
    pub role: String,
    /// Code of a language; empty for the browser's.
    pub language: String,
}

#[derive(Clone, Debug)]
pub struct New {
    pub person: Person,
    pub must_change: bool,
    pub errors: FieldErrors,
}

fn row<'a>(name: &'a str, label: &'a str, help: &'a str, errors: &'a FieldErrors) -> Row<'a> {
    Row {
        name,
        label,
        help,
        column: "",
        errors,
    }
}

pub(super) fn labels(t: &Texts) -> [(&'static str, &'static str); 7] {
    [
        ("username", t.t("user-name")),
        ("full_name", t.t("profile-full-name")),
        ("email", t.t("profile-email")),
        ("role", t.t("profile-role")),
        ("language", t.t("language")),
        ("password", t.t("password")),
        ("extension", t.t("kind-extension")),
    ]
}

pub(super) fn person(person: &Person, errors: &FieldErrors, t: &Texts) -> Markup {
    let mut languages: Vec<(&str, &str)> = vec![("", t.t("user-language-browser"))];
    languages.extend(Lang::all().map(|lang| (lang.code(), lang.own_name())));
    let roles = [("user", t.t("role-user")), ("admin", t.t("role-admin"))];
    let email = Input {
        kind: "email",
        ..Input::text(&person.email)
    };
    html! {
        (row("username", t.t("user-name"), t.t("user-name-help"), errors)
            .input(&Input::text(&person.username).required()))
        (row("full_name", t.t("profile-full-name"), "", errors).input(&Input::text(&person.full_name)))
        (row("email", t.t("profile-email"), "", errors).input(&email))
        (row("role", t.t("profile-role"), t.t("user-role-help"), errors).select(&roles, &person.role))
        (row("language", t.t("language"), "", errors).select(&languages, &person.language))
    }
}

/// The password that an administrator gives; none is typed where one is to be made.
pub(super) fn password(must_change: bool, errors: &FieldErrors, t: &Texts) -> Markup {
    html! {
        (row("password", t.t("password"), t.t("user-password-help"), errors)
            .input(&Input::password("new-password")))
        (row("must_change_password", t.t("user-must-change-label"), t.t("user-must-change-help"), errors)
            .toggle(must_change))
    }
}

pub(super) fn extension(number: &str, errors: &FieldErrors, t: &Texts) -> Markup {
    row(
        "extension",
        t.t("kind-extension"),
        t.t("user-extension-help"),
        errors,
    )
    .input(&Input::digits(number))
}

pub fn new(page: &Page<'_>, new: &New) -> Markup {
    let t = page.texts;
    let title = t.t("user-new");
    let content = html! {
        (part::header(title, t.t("user-new-line"), &html! {}))
        div class="card form-card" {
            (form::summary(&new.errors, &labels(t), t))
            form method="post" action="/users" novalidate {
                (person(&new.person, &new.errors, t))
                (password(new.must_change, &new.errors, t))
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("user-create")) }
                    a class="button" href="/users" { (t.t("cancel")) }
                }
            }
        }
    };
    frame(page, title, &content)
}
