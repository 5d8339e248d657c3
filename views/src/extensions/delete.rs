//! Asking before an extension is deleted: a page of its own, or a dialog over the page.

use maud::{Markup, html};

use super::Title;
use crate::page::Page;
use crate::ui::icon::{Icon, icon};
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Delete {
    pub title: Title,
    /// Phones that are registered and will be cut off.
    pub phones: u64,
    /// Calls in progress; they go on to their end.
    pub calls: u64,
    /// Messages in the mailbox, and forwards; they go too.
    pub messages: u64,
    pub forwards: u64,
    /// Numbers outside that lead to it; they lead nowhere then.
    pub numbers: u64,
    /// Other extensions that forward to it; those forwards stay, and reach nobody.
    pub forwarding: u64,
    /// Calls in the history; they stay.
    pub history: u64,
}

pub fn page(page: &Page<'_>, delete: &Delete) -> Markup {
    let t = page.texts;
    let number = delete.title.number.as_str();
    let title = t.t_args("delete-title", &[("number", number.into())]);
    let counted = |key, count| html! { li { (t.t_count(key, count)) } };
    let content = html! {
        div id="confirm" class="card form-card" {
            h1 id="dialog-title" { (title) }
            p { (delete.title.name) }
            ul {
                (counted("delete-phones", delete.phones))
                @if delete.calls > 0 { (counted("delete-calls", delete.calls)) }
                @if delete.messages > 0 { (counted("delete-messages", delete.messages)) }
                @if delete.forwards > 0 { (counted("delete-forwards", delete.forwards)) }
                @if delete.numbers > 0 { (counted("delete-numbers", delete.numbers)) }
                @if delete.forwarding > 0 { (counted("delete-forwarding", delete.forwarding)) }
                (counted("delete-history", delete.history))
            }
            form method="post" action=(url::extension(number, "/delete")) {
                div class="buttons" {
                    button type="submit" class="button danger solid" {
                        (icon(Icon::Trash)) span { (t.t("extension-delete")) }
                    }
                    a class="button" href=(url::extension(number, "")) data-close {
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
            active: Some(Nav::Extensions),
            live: false,
        },
        &content,
    )
}
