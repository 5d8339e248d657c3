//! Where a person is logged in, with a way to end that.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};

#[derive(Clone, Debug)]
pub struct Session {
    pub id: String,
    /// Browser and system, as people call them; may be empty.
    pub device: String,
    pub address: Option<String>,
    pub since: DateTime<Utc>,
    pub used: DateTime<Utc>,
    pub is_this_one: bool,
}

pub(super) fn card(sessions: &[Session], t: &Texts) -> Markup {
    html! {
        section id="sessions" aria-labelledby="sessions-title" {
            div class="section-head" {
                h2 id="sessions-title" { (t.t("sessions-title")) }
                form method="post" action="/profile/sessions/end" {
                    button type="submit" class="button danger small" { (t.t("sessions-end-all")) }
                }
            }
            (table(sessions, Some("/profile/sessions"), t))
        }
    }
}

/// The sessions; with a button that ends each, where there is an address for that.
pub(crate) fn table(sessions: &[Session], ended_below: Option<&str>, t: &Texts) -> Markup {
    html! {
        table class="card table" {
            thead {
                tr {
                    th scope="col" { (t.t("session-device")) }
                    th scope="col" { (t.t("session-address")) }
                    th scope="col" { (t.t("session-since")) }
                    th scope="col" { (t.t("session-used")) }
                    @if ended_below.is_some() {
                        th scope="col" { span class="hidden-text" { (t.t("session-end")) } }
                    }
                }
            }
            tbody { @for session in sessions { (row(session, ended_below, t)) } }
        }
    }
}

fn row(session: &Session, ended_below: Option<&str>, t: &Texts) -> Markup {
    let device = if session.device.is_empty() {
        t.t("session-unknown")
    } else {
        &session.device
    };
    html! {
        tr {
            td data-label=(t.t("session-device")) {
                span {
                    (device)
                    @if session.is_this_one {
                        " " span class="badge tone-ok" { (icon(Icon::Check)) " " (t.t("session-this-one")) }
                    }
                }
            }
            td data-label=(t.t("session-address")) { (session.address.as_deref().unwrap_or("–")) }
            td data-label=(t.t("session-since")) { (t.when(session.since)) }
            td data-label=(t.t("session-used")) { (t.when(session.used)) }
            @if let Some(below) = ended_below {
                td class="numeric" {
                    form method="post" action={ (below) "/" (session.id) "/end" } {
                        button type="submit" class="button small"
                            aria-label={ (t.t("session-end")) ": " (device) ", " (t.when(session.since)) }
                        { (t.t("session-end")) }
                    }
                }
            }
        }
    }
}
