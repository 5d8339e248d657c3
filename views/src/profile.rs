//! What a person may see and set about themselves.

use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Lang;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};

#[derive(Clone, Debug)]
pub struct Profile {
    pub user_name: String,
    pub full_name: String,
    pub is_admin: bool,
    /// Code of the language in which pages are shown to this person.
    pub language: String,
    pub errors: FieldErrors,
}

pub fn page(page: &Page<'_>, profile: &Profile) -> Markup {
    let t = page.texts;
    let title = t.t("profile-title");
    let languages: Vec<(&str, &str)> = Lang::all()
        .map(|lang| (lang.code(), lang.own_name()))
        .collect();
    let labels = [
        ("full_name", t.t("profile-full-name")),
        ("language", t.t("language")),
    ];
    let row = |name, label| Row {
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
    let role = t.t(if profile.is_admin {
        "role-admin"
    } else {
        "role-user"
    });
    let content = html! {
        (part::header(title, "", &html! {}))
        div class="card form-card" {
            (part::facts(&[
                (t.t("user-name"), html! { (profile.user_name) }),
                (t.t("profile-role"), html! { (role) }),
            ]))
            (form::summary(&profile.errors, &labels, t))
            form method="post" action="/profile" novalidate {
                (row("full_name", labels[0].1).input(&full_name))
                (row("language", labels[1].1).select(&languages, &profile.language))
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("save")) }
                    a class="button" href="/password" {
                        (icon(Icon::Key)) span { (t.t("password-title")) }
                    }
                }
            }
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
