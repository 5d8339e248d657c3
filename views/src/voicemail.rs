//! Messages that callers left: mailboxes at the left, messages at the right, each with its player.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::{self, Party};
use crate::ui::url;

#[derive(Clone, Debug)]
pub struct Voicemail {
    /// The own one first.
    pub mailboxes: Vec<Mailbox>,
    /// The mailbox that is shown; none for all.
    pub mailbox: Option<String>,
    pub new_only: bool,
    /// Newest first.
    pub messages: Vec<Message>,
    pub after: Option<i64>,
    /// Where the next page begins.
    pub next: Option<i64>,
    /// What was deleted a moment ago and can be brought back.
    pub deleted: Option<Deleted>,
}

#[derive(Clone, Debug)]
pub struct Mailbox {
    pub number: String,
    pub name: String,
    pub total: u64,
    pub new: u64,
}

#[derive(Clone, Debug)]
pub struct Message {
    pub id: i64,
    pub mailbox: String,
    pub caller: Party,
    pub at: DateTime<Utc>,
    pub seconds: u64,
    pub is_read: bool,
}

#[derive(Clone, Debug)]
pub struct Deleted {
    pub id: i64,
    pub caller: String,
}

impl Voicemail {
    fn url(mailbox: Option<&str>, new_only: bool, after: Option<i64>) -> String {
        let after = after.map(|id| id.to_string());
        url::with_query(
            "/voicemail",
            &[
                ("mailbox", mailbox.unwrap_or_default()),
                ("new", if new_only { "1" } else { "" }),
                ("after", after.as_deref().unwrap_or_default()),
            ],
        )
    }

    fn own_url(&self) -> String {
        Self::url(self.mailbox.as_deref(), self.new_only, self.after)
    }
}

pub fn page(page: &Page<'_>, data: &Voicemail) -> Markup {
    let t = page.texts;
    let title = t.t("nav-voicemail");
    let content = html! {
        (part::header(title, t.t("voicemail-line"), &html! {}))
        @if let Some(deleted) = &data.deleted { (undo(deleted, &data.own_url(), t)) }
        @if data.mailboxes.is_empty() {
            div class="card" { (part::empty(t.t("voicemail-no-mailbox"), &html! {})) }
        } @else {
            div id="message-list" class="sided" hx-get=(data.own_url())
                hx-trigger="sse:voicemail, resync from:body" hx-select="#message-list" hx-swap="outerHTML"
                hx-sync="this:replace" hx-disinherit="hx-sync"
            {
                (mailboxes(data, t))
                (messages(data, t))
            }
        }
    };
    let head = Head {
        title,
        active: Some(Nav::Voicemail),
        live: true,
    };
    shell::shell(page, &head, &content)
}

/// The newest of one mailbox, for a page at `back`.
pub(crate) fn latest(messages: &[Message], back: &str, t: &Texts) -> Markup {
    html! {
        div id="message-list" hx-get=(back) hx-trigger="sse:voicemail, resync from:body" hx-select="#message-list"
            hx-swap="outerHTML" hx-sync="this:replace" hx-disinherit="hx-sync"
        {
            @if messages.is_empty() { p class="muted" { (t.t("voicemail-none")) } }
            @else {
                ul class="messages" { @for entry in messages { (message(entry, back, false, t)) } }
            }
        }
    }
}

/// Offers to bring back what was deleted a moment ago, and goes back to the page.
pub(crate) fn undo(deleted: &Deleted, back: &str, t: &Texts) -> Markup {
    let words = t.t_args(
        "voicemail-deleted",
        &[("caller", deleted.caller.as_str().into())],
    );
    part::notice(
        "tone-ok",
        Icon::Trash,
        &html! {
            p { (words) }
            form method="post" action=(action(deleted.id, "restore")) {
                input type="hidden" name="next" value=(back);
                button type="submit" class="button small" { (t.t("undo")) }
            }
        },
    )
}

fn action(id: i64, what: &str) -> String {
    format!("/voicemail/{id}/{what}")
}

fn mailboxes(data: &Voicemail, t: &Texts) -> Markup {
    let (total, new) = data.mailboxes.iter().fold((0, 0), |(total, new), mailbox| {
        (total + mailbox.total, new + mailbox.new)
    });
    let entry = |number: Option<&str>, name: &str, total: u64, new: u64| {
        html! {
            a href=(Voicemail::url(number, data.new_only, None))
                aria-current=[(data.mailbox.as_deref() == number).then_some("page")]
            {
                span {
                    @if let Some(number) = number { span class="number" { (number) } " " }
                    (name)
                }
                @if new > 0 {
                    (state::badge("tone-accent", &t.t_args("voicemail-new", &[("n", t.number(new).into())])))
                } @else { small { (t.number(total)) } }
            }
        }
    };
    html! {
        nav class="card side" aria-label=(t.t("voicemail-mailboxes")) {
            @if data.mailboxes.len() > 1 { (entry(None, t.t("voicemail-all"), total, new)) }
            @for mailbox in &data.mailboxes {
                (entry(Some(&mailbox.number), &mailbox.name, mailbox.total, mailbox.new))
            }
        }
    }
}

fn messages(data: &Voicemail, t: &Texts) -> Markup {
    let mailbox = data.mailbox.as_deref();
    let choice = |new_only: bool, key| {
        let current = (data.new_only == new_only).then_some("page");
        html! {
            a class="chip" href=(Voicemail::url(mailbox, new_only, None)) aria-current=[current] { (t.t(key)) }
        }
    };
    let first = data
        .after
        .map(|_| Voicemail::url(mailbox, data.new_only, None));
    let next = data
        .next
        .map(|id| Voicemail::url(mailbox, data.new_only, Some(id)));
    html! {
        section aria-label=(t.t("voicemail-messages")) {
            nav class="chips" aria-label=(t.t("voicemail-show")) {
                (choice(false, "voicemail-show-all"))
                (choice(true, "voicemail-show-new"))
            }
            @if data.messages.is_empty() {
                div class="card" {
                    (part::empty(t.t(if data.new_only { "voicemail-none-new" } else { "voicemail-none" }), &html! {}))
                }
            } @else {
                @let back = data.own_url();
                @let several = data.mailbox.is_none() && data.mailboxes.len() > 1;
                ul class="messages" { @for entry in &data.messages { (message(entry, &back, several, t)) } }
            }
            (part::paging(first.as_deref(), next.as_deref(), t))
        }
    }
}

/// The player is the browser's own: it asks for the parts it needs. `names_mailbox` where there are several.
fn message(message: &Message, back: &str, names_mailbox: bool, t: &Texts) -> Markup {
    let id = message.id;
    let sound = action(id, "audio");
    let (mark, key) = if message.is_read {
        ("new", "voicemail-mark-new")
    } else {
        ("read", "voicemail-mark-read")
    };
    let who = message
        .caller
        .name
        .as_deref()
        .unwrap_or(&message.caller.number);
    let label = |key| t.t_args(key, &[("caller", who.into())]);
    html! {
        li id={ "message-" (id) } class={ "card" @if !message.is_read { " unread" } } {
            div class="section-head" {
                p {
                    @if !message.is_read { (state::badge("tone-accent", t.t("voicemail-is-new"))) " " }
                    @if message.caller.number.is_empty() { (t.t("voicemail-unknown-caller")) }
                    @else { (state::party(&message.caller)) }
                }
                p class="muted" {
                    @if names_mailbox {
                        (t.t("voicemail-for")) " " span class="number" { (message.mailbox) } " · "
                    }
                    (state::moment(message.at, t)) " · " span class="count" { (t.clock(message.seconds)) }
                }
            }
            audio controls preload="none" src=(sound) aria-label=(label("voicemail-play")) {}
            div class="actions" {
                form method="post" action=(action(id, mark)) {
                    input type="hidden" name="next" value=(back);
                    button type="submit" class="button small" { (t.t(key)) }
                }
                a class="button small" href={ (sound) "?download=1" } download aria-label=(label("voicemail-download-of")) {
                    (icon(Icon::ArrowDown)) span { (t.t("voicemail-download")) }
                }
                form method="post" action=(action(id, "delete")) {
                    input type="hidden" name="next" value=(back);
                    button type="submit" class="button small danger" aria-label=(label("voicemail-delete-of")) {
                        (icon(Icon::Trash)) span { (t.t("voicemail-delete")) }
                    }
                }
            }
        }
    }
}
