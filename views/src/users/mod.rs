//! The people who log in, as an administrator sees them.

pub mod delete;
pub mod form;
pub mod password;
pub mod user;

use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

/// A line of the list.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: i64,
    pub username: String,
    pub full_name: String,
    pub email: Option<String>,
    pub is_admin: bool,
    pub extension: Option<String>,
    /// Has not yet chosen an own password.
    pub must_change: bool,
    pub is_self: bool,
}

pub(crate) fn path(id: i64, below: &str) -> String {
    format!("/users/{id}{below}")
}

fn frame(page: &Page<'_>, title: &str, content: &Markup) -> Markup {
    let head = Head {
        title,
        active: Some(Nav::Users),
        live: false,
    };
    shell::shell(page, &head, content)
}

pub fn page(page: &Page<'_>, rows: &[Row]) -> Markup {
    let t = page.texts;
    let title = t.t("nav-users");
    let new = html! {
        a class="button primary" href="/users/new" data-key="n" {
            (icon(Icon::Plus)) span { (t.t("user-new")) }
        }
    };
    let content = html! {
        (part::header(title, t.t("users-line"), &new))
        table class="card table" {
            thead {
                tr {
                    th scope="col" { (t.t("user-name")) }
                    th scope="col" { (t.t("profile-full-name")) }
                    th scope="col" { (t.t("profile-role")) }
                    th scope="col" { (t.t("kind-extension")) }
                    th scope="col" { (t.t("profile-email")) }
                }
            }
            tbody { @for row in rows { (line(row, t)) } }
        }
    };
    frame(page, title, &content)
}

pub(crate) fn role(is_admin: bool, t: &Texts) -> Markup {
    html! {
        @if is_admin {
            span class="badge tone-accent" { (t.t("role-admin")) }
        } @else {
            span class="badge" { (t.t("role-user")) }
        }
    }
}

fn line(row: &Row, t: &Texts) -> Markup {
    html! {
        tr {
            td data-label=(t.t("user-name")) {
                span {
                    a href=(path(row.id, "")) { (row.username) }
                    @if row.is_self { " " span class="muted" { (t.t("user-you")) } }
                    @if row.must_change {
                        " " span class="badge tone-warn" { (icon(Icon::Key)) " " (t.t("user-must-change")) }
                    }
                }
            }
            td data-label=(t.t("profile-full-name")) { (row.full_name) }
            td data-label=(t.t("profile-role")) { (role(row.is_admin, t)) }
            td data-label=(t.t("kind-extension")) {
                @if let Some(number) = &row.extension {
                    a href=(url::extension(number, "")) { (number) }
                } @else { "–" }
            }
            td data-label=(t.t("profile-email")) { (row.email.as_deref().unwrap_or("–")) }
        }
    }
}
