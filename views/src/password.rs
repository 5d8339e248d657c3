//! Changing one's own password, from the profile or because it must be at the first login.

use maud::{Markup, html};

use crate::page::Page;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};

#[derive(Clone, Debug, Default)]
pub struct ChangePassword {
    /// Nothing else is allowed before: the page has no navigation.
    pub is_forced: bool,
    /// The smallest accepted number of characters.
    pub min_length: u64,
    pub errors: FieldErrors,
}

pub fn page(page: &Page<'_>, change: &ChangePassword) -> Markup {
    let t = page.texts;
    let title = t.t("password-title");
    if change.is_forced {
        let content = html! {
            p { (t.t("password-forced")) }
            (fields(page, change))
            form class="beside" method="post" action="/logout" {
                button type="submit" class="link" { (t.t("nav-logout")) }
            }
        };
        return shell::narrow(page, title, &content);
    }
    let content = html! {
        (part::header(title, t.t("password-line"), &html! {}))
        div class="card form-card" { (fields(page, change)) }
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

fn fields(page: &Page<'_>, change: &ChangePassword) -> Markup {
    let t = page.texts;
    let help = t.t_args("password-new-help", &[("min", change.min_length.into())]);
    let labels = [
        ("current_password", t.t("password-current")),
        ("new_password", t.t("password-new")),
        ("repeat_password", t.t("password-repeat")),
    ];
    let [current, new, repeat] = labels.map(|(name, label)| Row {
        name,
        label,
        help: if name == "new_password" { &help } else { "" },
        column: "",
        errors: &change.errors,
    });
    html! {
        (form::summary(&change.errors, &labels, t))
        form method="post" action="/password" novalidate {
            @if let Some(user) = &page.user {
                // Lets password keepers know whose password this is.
                input type="text" name="username" value=(user.name) autocomplete="username" hidden;
            }
            (current.input(&Input::password("current-password").required().focused()))
            (new.input(&Input::password("new-password").required()))
            (repeat.input(&Input::password("new-password").required()))
            div class="buttons" {
                button type="submit" class="button primary" { (icon(Icon::Key)) span { (t.t("password-submit")) } }
                @if !change.is_forced { a class="button" href="/profile" { (t.t("cancel")) } }
            }
        }
    }
}
