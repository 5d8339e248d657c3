//! The tab of an extension's mailbox.

use maud::{Markup, html};

use super::{TabName, Title, tab};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::url;
use crate::voicemail::{self, Deleted, Message};

#[derive(Clone, Debug)]
pub struct Mailbox {
    pub title: Title,
    /// There is one, perhaps switched off.
    pub exists: bool,
    pub values: Values,
    pub total: u64,
    /// Newest first, as many as fit beside the settings.
    pub latest: Vec<Message>,
    /// What was deleted a moment ago and can be brought back.
    pub deleted: Option<Deleted>,
    /// In the one answer that set it.
    pub pin: Option<String>,
    /// The person may take the mailbox away.
    pub may_delete: bool,
    pub errors: FieldErrors,
}

/// What the form shows.
#[derive(Clone, Debug)]
pub struct Values {
    pub enabled: bool,
    pub name: String,
    pub email: String,
    pub attach: bool,
    pub delete_after_mail: bool,
}

pub fn page(page: &Page<'_>, mailbox: &Mailbox) -> Markup {
    let t = page.texts;
    let content = html! {
        div class="stack" {
            @if let Some(pin) = &mailbox.pin { (new_pin(pin, t)) }
            @if let Some(deleted) = &mailbox.deleted { (voicemail::undo(deleted, &own_url(mailbox), t)) }
            @if mailbox.exists { (messages(mailbox, t)) }
            div class="card form-card" { (settings(mailbox, t)) }
            @if mailbox.exists { (more(mailbox, t)) }
        }
    };
    tab(page, &mailbox.title, TabName::Voicemail, &content)
}

fn own_url(mailbox: &Mailbox) -> String {
    url::extension(&mailbox.title.number, "/voicemail")
}

fn messages(mailbox: &Mailbox, t: &Texts) -> Markup {
    let all = url::with_query("/voicemail", &[("mailbox", &mailbox.title.number)]);
    html! {
        section aria-labelledby="messages-title" {
            div class="section-head" {
                h2 id="messages-title" { (t.t("voicemail-messages")) }
                a href=(all) { (t.t_count("mailbox-messages", mailbox.total)) }
            }
            (voicemail::latest(&mailbox.latest, &own_url(mailbox), t))
        }
    }
}

fn new_pin(pin: &str, t: &Texts) -> Markup {
    html! {
        section class="card form-card" {
            h2 { (t.t("mailbox-pin-title")) }
            p class="below" { (t.t("mailbox-pin-once")) }
            (part::copyable("pin", pin, t.t("field-pin"), t))
        }
    }
}

fn settings(mailbox: &Mailbox, t: &Texts) -> Markup {
    let (errors, values) = (&mailbox.errors, &mailbox.values);
    let labels = [
        ("pin", t.t("field-pin")),
        ("name", t.t("field-mailbox-name")),
        ("email", t.t("field-email")),
    ];
    let row = |name, label, help, column| Row {
        name,
        label,
        help,
        column,
        errors,
    };
    let enabled = row(
        "enabled",
        t.t("mailbox-enabled"),
        t.t("mailbox-enabled-help"),
        "",
    );
    let pin_help = if mailbox.exists {
        t.t("mailbox-pin-help")
    } else {
        t.t("mailbox-pin-help-new")
    };
    let pin = row("pin", t.t("field-pin"), pin_help, "voicemail.password");
    let name = row("name", t.t("field-mailbox-name"), "", "voicemail.fullname");
    let email = row(
        "email",
        t.t("field-email"),
        t.t("mailbox-email-help"),
        "voicemail.email",
    );
    let attach = row("attach", t.t("mailbox-attach"), "", "voicemail.attach");
    let delete = row(
        "delete_after_mail",
        t.t("mailbox-delete-after-mail"),
        t.t("mailbox-delete-after-mail-help"),
        "voicemail.deletevoicemail",
    );
    let address = Input {
        kind: "email",
        ..Input::text(&values.email)
    };
    html! {
        (form::summary(errors, &labels, t))
        form method="post" action=(own_url(mailbox)) novalidate {
            (enabled.toggle(values.enabled))
            (pin.input(&Input::digits("")))
            (name.input(&Input::text(&values.name)))
            (email.input(&address))
            (attach.toggle(values.attach))
            (delete.toggle(values.delete_after_mail))
            div class="buttons" { button type="submit" class="button primary" { (t.t("save")) } }
        }
    }
}

fn more(mailbox: &Mailbox, t: &Texts) -> Markup {
    let number = &mailbox.title.number;
    html! {
        section class="card form-card" {
            h2 { (t.t("mailbox-more")) }
            div class="actions" {
                form method="post" action=(url::extension(number, "/voicemail/pin")) {
                    button type="submit" class="button" { (icon(Icon::Key)) span { (t.t("mailbox-new-pin")) } }
                }
            }
            @if mailbox.may_delete {
                details class="folded section" {
                    summary { (icon(Icon::Chevron)) span { (t.t("mailbox-delete")) } }
                    div class="folded-content" {
                        p class="below" { (t.t_args("mailbox-delete-warning", &[("n", t.number(mailbox.total).into())])) }
                        form method="post" action=(url::extension(number, "/voicemail/delete")) {
                            button type="submit" class="button danger" {
                                (icon(Icon::Trash)) span { (t.t("mailbox-delete")) }
                            }
                        }
                    }
                }
            }
        }
    }
}
