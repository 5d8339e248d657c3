//! Asking before a user is deleted.

use maud::{Markup, html};

use super::{frame, path};
use crate::page::Page;
use crate::ui::icon::{Icon, icon};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Delete {
    pub id: i64,
    pub name: String,
    pub full_name: String,
    /// It stays, and is nobody's.
    pub extension: Option<String>,
    pub sessions: u64,
    /// Whoever asks is the one.
    pub is_self: bool,
}

pub fn page(page: &Page<'_>, delete: &Delete) -> Markup {
    let t = page.texts;
    let title = t.t_args(
        "user-delete-title",
        &[("name", delete.name.as_str().into())],
    );
    let content = html! {
        div id="confirm" class="card form-card" {
            h1 id="dialog-title" { (title) }
            p { (delete.full_name) }
            ul {
                li { (t.t_count("user-delete-sessions", delete.sessions)) }
                @if let Some(number) = &delete.extension {
                    li { (t.t("user-delete-extension")) " " a href=(url::extension(number, "")) { (number) } }
                }
                @if delete.is_self { li { strong { (t.t("user-delete-self")) } } }
            }
            form method="post" action=(path(delete.id, "/delete")) {
                div class="buttons" {
                    button type="submit" class="button danger solid" {
                        (icon(Icon::Trash)) span { (t.t("user-delete")) }
                    }
                    a class="button" href=(path(delete.id, "")) data-close { (t.t("cancel")) }
                }
            }
        }
    };
    frame(page, &title, &content)
}
