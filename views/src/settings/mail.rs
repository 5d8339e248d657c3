//! The mail server, the test of it, and the mails that wait.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::page::{Flash, FlashKind, Page};
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Refresh};
use crate::ui::shell::{self, Head, Nav};

/// As they are, or as they were typed. The password is never here.
#[derive(Clone, Debug, Default)]
pub struct Values {
    pub host: String,
    pub port: String,
    /// `starttls`, `tls` or `none`.
    pub encryption: String,
    pub username: String,
    pub has_password: bool,
    pub sender: String,
    pub sender_name: String,
}

/// Why a mail was not delivered: the code of the problem, and what the mail server said.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub code: &'static str,
    pub answer: String,
}

#[derive(Clone, Debug)]
pub struct Failed {
    pub mailbox: String,
    pub recipient: String,
    pub at: DateTime<Utc>,
    pub trouble: Option<Trouble>,
}

#[derive(Clone, Debug, Default)]
pub struct Queue {
    pub waiting: u64,
    pub next: Option<DateTime<Utc>>,
    pub trouble: Option<Trouble>,
    pub failed_count: u64,
    /// The last ones.
    pub failed: Vec<Failed>,
}

#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub values: Values,
    pub errors: FieldErrors,
    /// Of the test.
    pub recipient: String,
    pub test_errors: FieldErrors,
    pub queue: Queue,
}

/// The way here from the other settings.
pub(super) fn link(t: &Texts) -> Markup {
    html! {
        section class="card form-card" aria-labelledby="mail-title" {
            h2 id="mail-title" { (t.t("mail-title")) }
            p class="row muted" { (t.t("mail-line")) }
            div class="buttons" { a class="button" href="/settings/mail" { (t.t("mail-server")) } }
        }
    }
}

pub fn page(page: &Page<'_>, mail: &Mail) -> Markup {
    let t = page.texts;
    let title = t.t("mail-title");
    let content = html! {
        (part::header(title, t.t("mail-line"), &html! {}))
        div class="stack" {
            (server(mail, t))
            (test(mail, t))
            (queue(&mail.queue, t))
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Settings),
            live: true,
        },
        &content,
    )
}

fn server(mail: &Mail, t: &Texts) -> Markup {
    let labels = [
        ("smtp_host", t.t("mail-host")),
        ("smtp_port", t.t("mail-port")),
        ("smtp_encryption", t.t("mail-encryption")),
        ("smtp_user", t.t("mail-user")),
        ("smtp_password", t.t("mail-password")),
        ("smtp_from", t.t("mail-sender")),
        ("smtp_from_name", t.t("mail-sender-name")),
    ];
    let row = |(name, label), help, column| Row {
        name,
        label,
        help: t.t(help),
        column,
        errors: &mail.errors,
    };
    let values = &mail.values;
    let encryptions = [
        ("starttls", t.t("mail-encryption-starttls")),
        ("tls", t.t("mail-encryption-tls")),
        ("none", t.t("mail-encryption-none")),
    ];
    html! {
        section class="card form-card" aria-labelledby="server-title" {
            h2 id="server-title" { (t.t("mail-server")) }
            (form::summary(&mail.errors, &labels, t))
            form method="post" action="/settings/mail" novalidate {
                div class="row-pair" {
                    (row(labels[0], "mail-host-help", "pbx.mail_server.host").input(&Input::text(&values.host)))
                    (row(labels[1], "mail-port-help", "pbx.mail_server.port").input(&Input::digits(&values.port)))
                }
                (row(labels[2], "mail-encryption-help", "pbx.mail_server.encryption")
                    .select(&encryptions, &values.encryption))
                div class="row-pair" {
                    (row(labels[3], "mail-user-help", "pbx.mail_server.username").input(&Input::text(&values.username)))
                    (password(&row(labels[4], "mail-password-keep", "pbx.mail_server.password"), values, t))
                }
                div class="row-pair" {
                    (row(labels[5], "mail-sender-help", "pbx.mail_server.sender").input(&Input::text(&values.sender)))
                    (row(labels[6], "mail-sender-name-help", "pbx.mail_server.sender_name")
                        .input(&Input::text(&values.sender_name)))
                }
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("save")) }
                }
            }
        }
    }
}

/// What is stored is never sent back.
fn password(row: &Row<'_>, values: &Values, t: &Texts) -> Markup {
    let help = if values.has_password { row.help } else { "" };
    let row = Row { help, ..*row };
    row.around(&html! {
        div class="secret" {
            (row.control(&Input {
                example: if values.has_password { "********" } else { "" },
                ..Input::password("new-password")
            }))
            button type="button" class="button small" data-reveal={ "f-" (row.name) } aria-pressed="false" hidden
            { (icon(Icon::Eye)) span { (t.t("reveal")) } }
        }
    })
}

fn test(mail: &Mail, t: &Texts) -> Markup {
    let labels = [("recipient", t.t("mail-test-recipient"))];
    let row = Row {
        name: labels[0].0,
        label: labels[0].1,
        help: "",
        column: "",
        errors: &mail.test_errors,
    };
    html! {
        section class="card form-card" aria-labelledby="test-title" {
            h2 id="test-title" { (t.t("mail-test")) }
            p class="row muted" { (t.t("mail-test-line")) }
            form method="post" action="/settings/mail/test" novalidate {
                (row.input(&Input::text(&mail.recipient)))
                div class="buttons" {
                    button type="submit" class="button" { (t.t("mail-test-button")) }
                }
            }
        }
    }
}

fn queue(queue: &Queue, t: &Texts) -> Markup {
    let part = Refresh {
        id: "queue",
        class: "card form-card",
        url: "/settings/mail",
        trigger: "sse:mail, sse:mails",
    };
    let waits = queue.waiting > 0;
    part::refreshing(
        &part,
        &html! {
            h2 id="queue-title" { (t.t("mail-queue")) }
            p class="row" { (t.t_count("mail-waiting", queue.waiting)) }
            @if let (true, Some(trouble)) = (waits, &queue.trouble) {
                (part::notice("tone-warn", Icon::Clock, &html! {
                    p { (sentence(trouble, t)) }
                    @if let Some(next) = queue.next {
                        p { (t.t_args("mail-next-attempt", &[("when", t.when(next).into())])) " " (t.t("mail-gives-up")) }
                    }
                }))
            }
            @if queue.failed_count > 0 { (failed(queue, t)) }
        },
    )
}

fn failed(queue: &Queue, t: &Texts) -> Markup {
    html! {
        (part::notice("tone-bad", Icon::Alert, &html! {
            p { (t.t_count("mail-failed", queue.failed_count)) }
            ul {
                @for failed in &queue.failed {
                    li {
                        (t.t_args("mail-failed-one", &[
                            ("mailbox", failed.mailbox.as_str().into()),
                            ("recipient", failed.recipient.as_str().into()),
                            ("when", t.when(failed.at).into()),
                        ]))
                        " "
                        @if let Some(trouble) = &failed.trouble { (sentence(trouble, t)) }
                    }
                }
            }
        }))
        form method="post" action="/settings/mail/again" {
            div class="buttons" {
                button type="submit" class="button" { (t.t("mail-again")) }
            }
        }
    }
}

fn sentence(trouble: &Trouble, t: &Texts) -> String {
    let key = match trouble.code {
        "not_configured" => "mail-problem-not-configured",
        "unreachable" => "mail-problem-unreachable",
        "tls" => "mail-problem-tls",
        "no_starttls" => "mail-problem-no-starttls",
        "login" => "mail-problem-login",
        "no_login" => "mail-problem-no-login",
        "sender" => "mail-problem-sender",
        "recipient" => "mail-problem-recipient",
        "address" => "mail-problem-address",
        "later" => "mail-problem-later",
        _ => "mail-problem-content",
    };
    t.t_args(key, &[("answer", trouble.answer.as_str().into())])
}

/// What the mail server said to the test mail.
pub fn tested(recipient: &str, said: &Result<String, Trouble>, t: &Texts) -> Flash {
    match said {
        Ok(answer) => Flash {
            kind: FlashKind::Success,
            undo: None,
            text: t.t_args(
                "mail-test-done",
                &[
                    ("recipient", recipient.into()),
                    ("answer", answer.as_str().into()),
                ],
            ),
        },
        Err(trouble) => Flash {
            kind: FlashKind::Error,
            undo: None,
            text: sentence(trouble, t),
        },
    }
}

/// So many wait again.
pub fn waiting_again(count: u64, t: &Texts) -> Flash {
    Flash {
        kind: FlashKind::Success,
        undo: None,
        text: t.t_count("mail-again-done", count),
    }
}
