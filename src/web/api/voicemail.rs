//! `voicemail/*`: messages, their sound, and mailboxes.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::asked::limit;
use super::body::{Object, read};
use crate::app::Error;
use crate::app::extensions::number_of;
use crate::domain::invalid::Code;
use crate::domain::mailbox::{Mailbox, MailboxDraft};
use crate::domain::message::{Message, MessageFilter, MessagePage};
use crate::domain::secret::MASK;
use crate::domain::{Act, Actor, ExtNumber, Fields, Given, Invalid};
use crate::web::access::{Access, Routes, of, whose};
use crate::web::auth::{Bearer, address};
use crate::web::failure::Failure;
use crate::web::{Site, recording};

pub fn router() -> Routes {
    Routes::new()
        .get("/voicemail", Act::ListOwnMessages, list)
        .get("/voicemail/stats", Act::ListOwnMessages, stats)
        .get("/voicemail/{id}", whose(Act::UseMailbox), one)
        .delete("/voicemail/{id}", whose(Act::UseMailbox), remove)
        .get("/voicemail/{id}/audio", Access::ByToken, audio)
        .patch(
            "/voicemail/{id}/mark-read",
            whose(Act::UseMailbox),
            mark_read,
        )
        .patch("/voicemail/{id}/mark-new", whose(Act::UseMailbox), mark_new)
        .post("/voicemail/{id}/restore", whose(Act::UseMailbox), restore)
        .get(
            "/voicemail/mailbox/{extension}",
            of(Act::UseMailbox),
            mailbox,
        )
        .put(
            "/voicemail/mailbox/{extension}",
            of(Act::EditMailbox),
            save_mailbox,
        )
        .delete(
            "/voicemail/mailbox/{extension}",
            of(Act::DeleteMailbox),
            remove_mailbox,
        )
}

type Asked = Query<HashMap<String, String>>;
type Answer = Result<Json<Value>, Failure>;

fn id_of(text: &str) -> Result<i64, Error> {
    match text.parse::<i64>() {
        Ok(id) => Ok(id),
        Err(_) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Err(Error::NotFound("message"))
        }
        Err(_) => Err(Invalid::one("id", Code::Malformed).into()),
    }
}

/// What nobody's number can be names no mailbox.
fn mailbox_of(text: &str) -> Result<ExtNumber, Error> {
    number_of(text).map_err(|_| Error::NotFound("mailbox"))
}

fn filter(asked: &HashMap<String, String>) -> Result<MessageFilter, Invalid> {
    let mailbox = asked
        .get("mailbox")
        .filter(|text| !text.is_empty())
        .map(|text| ExtNumber::parse(text));
    // The same words as in a body.
    let mut fields = Fields::from_json(
        asked
            .get("unread_only")
            .map(|text| ("unread_only".to_owned(), Value::String(text.clone())))
            .into_iter()
            .collect::<Map<_, _>>(),
    );
    let new_only = matches!(fields.flag("unread_only"), Given::Value(true));
    fields.finish().or(MessageFilter {
        impossible: mailbox.as_ref().is_some_and(Result::is_err),
        mailbox: mailbox.and_then(Result::ok),
        new_only,
    })
}

fn page(asked: &HashMap<String, String>) -> Result<MessagePage, Invalid> {
    let whole = |name: &'static str| match asked.get(name).map(|text| text.parse::<u32>()) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(i64::from(value))),
        Some(Err(_)) => Err(Invalid::one(name, Code::Malformed)),
    };
    let limit = limit(asked.get("limit").map(String::as_str), 50)?;
    let after = match asked.get("after").map(|text| text.parse::<i64>()) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => return Err(Invalid::one("after", Code::Malformed)),
    };
    Ok(MessagePage {
        after,
        offset: whole("offset")?.unwrap_or(0),
        limit: i64::try_from(limit).unwrap_or(50),
    })
}

/// A path of ours stands where the original told where its files are.
fn object(site: &Site, actor: &Actor, message: &Message) -> Result<Value, Error> {
    let audio = format!("/api/voicemail/{}/audio", message.id);
    // A program with a key shows it there as well; a link lasts as long as a session.
    let link = match actor.key {
        Some(_) => audio.clone(),
        None => format!(
            "{audio}?link={}",
            site.app.recording_link(actor, message.id)?
        ),
    };
    Ok(json!({
        "id": message.id,
        "mailbox": message.mailbox.as_str(),
        "caller_id": message.caller_id,
        "duration": message.duration,
        "date": message.received_at,
        "is_read": message.is_read,
        "file_path": audio,
        "audio_url": link,
        "created_at": message.created_at,
        "updated_at": message.updated_at,
    }))
}

async fn list(State(site): State<Site>, Bearer(actor): Bearer, Query(asked): Asked) -> Answer {
    let messages = site
        .app
        .messages(&actor, filter(&asked)?, page(&asked)?)
        .await?;
    let list: Result<Vec<Value>, Error> = messages
        .iter()
        .map(|message| object(&site, &actor, message))
        .collect();
    Ok(Json(list?.into()))
}

async fn stats(State(site): State<Site>, Bearer(actor): Bearer) -> Answer {
    let counts = site.app.mailbox_counts(&actor).await?;
    let total: i64 = counts.iter().map(|count| count.total).sum();
    let unread: i64 = counts.iter().map(|count| count.new).sum();
    let by_mailbox: Map<String, Value> = counts
        .into_iter()
        .filter(|count| count.total > 0)
        .map(|count| (count.mailbox, count.total.into()))
        .collect();
    Ok(Json(
        json!({"total": total, "unread": unread, "by_mailbox": by_mailbox}),
    ))
}

async fn one(State(site): State<Site>, Bearer(actor): Bearer, Path(id): Path<String>) -> Answer {
    let message = site.app.message(&actor, id_of(&id)?).await?;
    Ok(Json(object(&site, &actor, &message)?))
}

/// By Bearer, by a link of ours, or with the session's token in the address, as the original had it.
async fn audio(
    State(site): State<Site>,
    Path(id): Path<String>,
    Query(asked): Asked,
    mut parts: Parts,
) -> Result<Response, Failure> {
    let sound = if let Some(link) = asked.get("link") {
        site.app.linked_recording(link, id_of(&id)?).await
    } else if let Some(token) = asked.get("token") {
        let (actor, user) = site.app.authenticate(token, address(&parts)).await?;
        if user.must_change_password {
            return Err(Error::Forbidden.into());
        }
        site.app.recording(&actor, id_of(&id)?).await
    } else {
        let Bearer(actor) = Bearer::from_request_parts(&mut parts, &site).await?;
        site.app.recording(&actor, id_of(&id)?).await
    };
    Ok(recording::answer(&parts, id_of(&id)?, sound?, "attachment"))
}

async fn mark_read(site: State<Site>, bearer: Bearer, id: Path<String>) -> Answer {
    mark(site, bearer, id, true).await
}

async fn mark_new(site: State<Site>, bearer: Bearer, id: Path<String>) -> Answer {
    mark(site, bearer, id, false).await
}

async fn mark(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    is_read: bool,
) -> Answer {
    let message = site.app.mark_message(&actor, id_of(&id)?, is_read).await?;
    Ok(Json(object(&site, &actor, &message)?))
}

async fn remove(State(site): State<Site>, Bearer(actor): Bearer, Path(id): Path<String>) -> Answer {
    let applied = site.app.delete_message(&actor, id_of(&id)?).await?;
    Ok(Json(
        json!({"success": true, "message": "Voicemail deleted", "live": applied.live.is_ok()}),
    ))
}

/// Brings back what was deleted a moment ago.
async fn restore(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Answer {
    let id = id_of(&id)?;
    site.app.restore_message(&actor, id).await?;
    let message = site.app.message(&actor, id).await?;
    Ok(Json(object(&site, &actor, &message)?))
}

fn mailbox_object(mailbox: &Mailbox, pin: &str) -> Value {
    json!({
        "extension": mailbox.number.as_str(),
        "enabled": mailbox.enabled,
        "pin": pin,
        "name": mailbox.name,
        "email": mailbox.email,
        "ring_timeout": mailbox.ring_time,
        "attach": mailbox.attach,
        "delete_after_mail": mailbox.delete_after_mail,
        "created_at": mailbox.created_at,
        "updated_at": mailbox.updated_at,
    })
}

async fn mailbox(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(extension): Path<String>,
) -> Answer {
    let mailbox = site.app.mailbox(&actor, &mailbox_of(&extension)?).await?;
    Ok(Json(mailbox_object(&mailbox, MASK)))
}

async fn save_mailbox(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(extension): Path<String>,
    Object(mut fields): Object,
) -> Answer {
    let number = mailbox_of(&extension)?;
    let draft = MailboxDraft::read(&mut fields);
    read(fields)?;
    let saved = site.app.save_mailbox(&actor, &number, draft).await?;
    // The one answer that shows it.
    let pin = saved.pin.as_ref().map_or(MASK, |pin| pin.expose());
    let mut object = mailbox_object(&saved.mailbox, pin);
    object["live"] = saved.applied.live.is_ok().into();
    Ok(Json(object))
}

async fn remove_mailbox(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(extension): Path<String>,
) -> Answer {
    let number = mailbox_of(&extension)?;
    let applied = site.app.delete_mailbox(&actor, &number).await?;
    Ok(Json(
        json!({"success": true, "message": format!("Mailbox {number} deleted"), "live": applied.live.is_ok()}),
    ))
}
