//! The tab that gives an extension's phone a new password.

use maud::{Markup, html};

use super::form::secret;
use super::strength::Strength;
use super::{TabName, Title, tab};
use crate::page::Page;
use crate::ui::form::{self, FieldErrors};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct SetPassword {
    pub title: Title,
    pub strength: Option<Strength>,
    /// The smallest accepted length.
    pub min_password: u64,
    pub errors: FieldErrors,
}

pub fn page(page: &Page<'_>, set: &SetPassword) -> Markup {
    let t = page.texts;
    let action = url::extension(&set.title.number, "/password");
    let labels = [("secret", t.t("field-password"))];
    let content = html! {
        div class="card form-card" {
            (part::notice("tone-warn", Icon::Alert, &html! { p { (t.t("new-password-warning")) } }))
            (form::summary(&set.errors, &labels, t))
            form method="post" action=(action) novalidate {
                (secret(&set.errors, set.strength, set.min_password, t))
                div class="buttons" {
                    button type="submit" class="button primary" {
                        (icon(Icon::Key)) span { (t.t("new-password-submit")) }
                    }
                }
            }
        }
    };
    tab(page, &set.title, TabName::Password, &content)
}
