//! Asking before a trunk is deleted, with all that depends on it.

use maud::{Markup, html};

use super::Trunk;
use crate::page::Page;
use crate::ui::icon::{Icon, icon};
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::{self, Party};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Delete {
    pub trunk: Trunk,
    /// Numbers that lead to an extension and will lead nowhere.
    pub numbers: u64,
    /// Extensions that call out over it; the first ones, and how many more there are.
    pub extensions: Vec<Party>,
    pub more_extensions: u64,
    /// Calls in progress; they go on to their end.
    pub calls: u64,
}

pub fn page(page: &Page<'_>, delete: &Delete) -> Markup {
    let t = page.texts;
    let trunk = &delete.trunk;
    let title = t.t_args(
        "trunk-delete-title",
        &[("name", trunk.name.as_str().into())],
    );
    let extensions = delete.extensions.len() as u64 + delete.more_extensions;
    let content = html! {
        div id="confirm" class="card form-card" {
            h1 id="dialog-title" { (title) }
            p { (t.t("trunk-delete-registration")) }
            ul {
                @if delete.numbers > 0 {
                    li {
                        a href=(url::trunk(trunk.id, "/numbers")) {
                            (t.t_count("trunk-delete-numbers", delete.numbers))
                        }
                    }
                } @else {
                    li { (t.t("trunk-delete-no-numbers")) }
                }
                @if extensions > 0 {
                    li {
                        (t.t_count("trunk-delete-extensions", extensions)) " "
                        @for (index, extension) in delete.extensions.iter().enumerate() {
                            @if index > 0 { ", " }
                            (state::party(extension))
                        }
                        @if delete.more_extensions > 0 {
                            " " (t.t_count("tiles-more", delete.more_extensions))
                        }
                    }
                }
                @if delete.calls > 0 { li { (t.t_count("delete-calls", delete.calls)) } }
            }
            form method="post" action=(url::trunk(trunk.id, "/delete")) {
                div class="buttons" {
                    button type="submit" class="button danger solid" {
                        (icon(Icon::Trash)) span { (t.t("trunk-delete")) }
                    }
                    a class="button" href=(url::trunk(trunk.id, "")) data-close {
                        (t.t("cancel"))
                    }
                }
            }
        }
    };
    shell::shell(
        page,
        &Head {
            title: &title,
            active: Some(Nav::Trunks),
            live: false,
        },
        &content,
    )
}
