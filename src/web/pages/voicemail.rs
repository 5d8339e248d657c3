//! Messages that callers left.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use views::Markup;
use views::ui::state::Party;
use views::voicemail::{Deleted, Mailbox, Message, Voicemail};

use super::calls_now::named;
use super::describe::whole;
use super::extension_form::{Pairs, value};
use super::local;
use super::viewer::Viewer;
use crate::app::{Error, Result};
use crate::domain::message::{MessageFilter, MessagePage};
use crate::domain::{Act, ExtNumber, mailbox, message};
use crate::web::access::{Routes, whose};
use crate::web::failure::Failure;
use crate::web::{Site, recording};

type Answer = std::result::Result<Response, Failure>;

/// Messages on a page.
const PAGE: i64 = 50;

pub fn router() -> Routes {
    Routes::new()
        .get("/voicemail", Act::ListOwnMessages, list)
        .get("/voicemail/{id}/audio", whose(Act::UseMailbox), audio)
        .post("/voicemail/{id}/read", whose(Act::UseMailbox), read)
        .post("/voicemail/{id}/new", whose(Act::UseMailbox), new)
        .post("/voicemail/{id}/delete", whose(Act::UseMailbox), delete)
        .post("/voicemail/{id}/restore", whose(Act::UseMailbox), restore)
        .get("/fragments/new-messages", Act::ListOwnMessages, badge)
}

fn id_of(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::NotFound("message"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    mailbox: String,
    new: String,
    after: String,
    deleted: String,
}

async fn list(State(site): State<Site>, viewer: Viewer, Query(asked): Query<Asked>) -> Answer {
    let asked_for = Some(asked.mailbox.trim()).filter(|text| !text.is_empty());
    let number = asked_for.map(ExtNumber::parse);
    let filter = MessageFilter {
        impossible: number.as_ref().is_some_and(std::result::Result::is_err),
        mailbox: number.and_then(std::result::Result::ok),
        new_only: !asked.new.is_empty(),
    };
    let mailbox = filter.mailbox.as_ref().map(ToString::to_string);
    let after = asked.after.parse().ok();
    let page = MessagePage {
        after,
        offset: 0,
        limit: PAGE + 1,
    };
    let new_only = filter.new_only;
    let mut messages = site.app.messages(&viewer.actor, filter, page).await?;
    let has_more = messages.len() > usize::try_from(PAGE).unwrap_or(50);
    messages.truncate(usize::try_from(PAGE).unwrap_or(50));
    let data = Voicemail {
        mailboxes: mailboxes(&site, &viewer).await?,
        mailbox,
        new_only,
        next: messages.last().map(|last| last.id).filter(|_| has_more),
        messages: shown(&site, &viewer, &messages).await?,
        after,
        deleted: deleted(&site, &viewer, &asked.deleted).await?,
    };
    let page = views::voicemail::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

/// The own one first.
async fn mailboxes(site: &Site, viewer: &Viewer) -> Result<Vec<Mailbox>> {
    let mut counts: Vec<mailbox::Count> = site.app.mailbox_counts(&viewer.actor).await?;
    let own = viewer.actor.extension.as_ref().map(ExtNumber::as_str);
    counts.sort_by_key(|count| own != Some(count.mailbox.as_str()));
    let ends = counts
        .iter()
        .map(|count| (count.mailbox.clone(), String::new()))
        .collect();
    let names = named(site, viewer, ends).await?;
    let shown = counts.into_iter().zip(names).map(|(count, party)| Mailbox {
        number: count.mailbox,
        name: party.name.unwrap_or_default(),
        total: count.total.unsigned_abs(),
        new: count.new.unsigned_abs(),
    });
    Ok(shown.collect())
}

pub(super) async fn shown(
    site: &Site,
    viewer: &Viewer,
    messages: &[message::Message],
) -> Result<Vec<Message>> {
    let ends = messages.iter().map(|message| {
        let (number, name) = message.caller();
        (number.to_owned(), name.to_owned())
    });
    let callers: Vec<Party> = named(site, viewer, ends.collect()).await?;
    let shown = messages
        .iter()
        .zip(callers)
        .map(|(message, caller)| Message {
            id: message.id,
            mailbox: message.mailbox.to_string(),
            caller,
            at: message.received_at,
            seconds: whole(message.duration),
            is_read: message.is_read,
        });
    Ok(shown.collect())
}

pub(super) async fn deleted(site: &Site, viewer: &Viewer, asked: &str) -> Result<Option<Deleted>> {
    let Ok(id) = asked.parse() else {
        return Ok(None);
    };
    let found = site.app.deleted_message(&viewer.actor, id).await?;
    Ok(found.map(|deleted| {
        let (number, name) = message::caller(&deleted.caller_id);
        let caller = if name.is_empty() { number } else { name };
        Deleted {
            id,
            caller: caller.to_owned(),
        }
    }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    download: String,
}

/// For the player, with the cookie.
async fn audio(
    State(site): State<Site>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    parts: Parts,
) -> Answer {
    let id = id_of(&id)?;
    let sound = site.app.recording(&viewer.actor, id).await?;
    let disposition = if wanted.download.is_empty() {
        "inline"
    } else {
        "attachment"
    };
    Ok(recording::answer(&parts, id, sound, disposition))
}

fn back(pairs: &Pairs) -> String {
    local(value(pairs, "next").unwrap_or("/voicemail")).to_owned()
}

async fn read(site: State<Site>, viewer: Viewer, id: Path<String>, form: Form<Pairs>) -> Answer {
    mark(site, viewer, id, form, true).await
}

async fn new(site: State<Site>, viewer: Viewer, id: Path<String>, form: Form<Pairs>) -> Answer {
    mark(site, viewer, id, form, false).await
}

async fn mark(
    State(site): State<Site>,
    viewer: Viewer,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
    is_read: bool,
) -> Answer {
    site.app
        .mark_message(&viewer.actor, id_of(&id)?, is_read)
        .await?;
    Ok(Redirect::to(&back(&pairs)).into_response())
}

/// The page that follows offers to bring it back.
async fn delete(
    State(site): State<Site>,
    viewer: Viewer,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let id = id_of(&id)?;
    site.app.delete_message(&viewer.actor, id).await?;
    let back = back(&pairs);
    let separator = if back.contains('?') { '&' } else { '?' };
    Ok(Redirect::to(&format!("{back}{separator}deleted={id}")).into_response())
}

async fn restore(
    State(site): State<Site>,
    viewer: Viewer,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    site.app.restore_message(&viewer.actor, id_of(&id)?).await?;
    Ok(Redirect::to(&back(&pairs)).into_response())
}

async fn badge(viewer: Viewer) -> Markup {
    views::ui::shell::new_messages(viewer.look.new_messages, true, &viewer.look.texts)
}
