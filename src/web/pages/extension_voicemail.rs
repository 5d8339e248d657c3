//! The mailbox of one extension.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use views::Flash;
use views::extensions::voicemail::{Mailbox, Values};
use views::page::Done;
use views::ui::form::FieldErrors;
use views::ui::url;
use views::voicemail::Message;

use super::describe::{field_errors, flash};
use super::extension::title;
use super::extension_form::{Pairs, value};
use super::viewer::{Viewer, redirect_with};
use super::voicemail;
use crate::app::extensions::number_of;
use crate::app::voicemail::SavedMailbox;
use crate::app::{Error, Result};
use crate::domain::mailbox::{MailboxDraft, Pin};
use crate::domain::message::{MessageFilter, MessagePage};
use crate::domain::{Act, ExtNumber, Extension, Fields, Given, Invalid, policy};
use crate::web::Site;
use crate::web::access::{Routes, of};
use crate::web::failure::Failure;

type Answer = std::result::Result<Response, Failure>;

pub fn router() -> Routes {
    Routes::new()
        .get("/extensions/{number}/voicemail", of(Act::UseMailbox), page)
        .post("/extensions/{number}/voicemail", of(Act::EditMailbox), save)
        .post(
            "/extensions/{number}/voicemail/pin",
            of(Act::EditMailbox),
            new_pin,
        )
        .post(
            "/extensions/{number}/voicemail/delete",
            of(Act::DeleteMailbox),
            delete,
        )
}

fn number(text: &str) -> Result<ExtNumber> {
    number_of(text).map_err(|_| Error::NotFound("extension"))
}

fn address(number: &ExtNumber) -> String {
    url::extension(number.as_str(), "/voicemail")
}

/// So many messages stand beside the settings.
const LATEST: i64 = 5;

async fn latest(site: &Site, viewer: &Viewer, e: &Extension) -> Result<Vec<Message>> {
    let filter = MessageFilter {
        mailbox: Some(e.number.clone()),
        ..MessageFilter::default()
    };
    let page = MessagePage {
        after: None,
        offset: 0,
        limit: LATEST,
    };
    let messages = site.app.messages(&viewer.actor, filter, page).await?;
    voicemail::shown(site, viewer, &messages).await
}

async fn data(site: &Site, viewer: &Viewer, e: &Extension) -> Result<Mailbox> {
    let actor = &viewer.actor;
    let found = site.app.find_mailbox(actor, &e.number).await?;
    let counts = site.app.mailbox_counts(actor).await?;
    let total = counts
        .iter()
        .find(|count| count.mailbox == e.number.as_str())
        .map_or(0, |count| count.total.unsigned_abs());
    let before = found.as_ref();
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    Ok(Mailbox {
        title: title(site, viewer, e),
        exists: found.is_some(),
        values: Values {
            enabled: before.is_none_or(|before| before.enabled),
            name: before.map_or_else(
                || e.name.as_str().to_owned(),
                |before| text(before.name.as_ref()),
            ),
            email: text(before.and_then(|before| before.email.as_ref())),
            attach: before.is_none_or(|before| before.attach),
            delete_after_mail: before.is_some_and(|before| before.delete_after_mail),
        },
        total,
        latest: latest(site, viewer, e).await?,
        deleted: None,
        pin: None,
        may_delete: policy::may(actor, &Act::DeleteMailbox(e.number.clone())),
        errors: FieldErrors::default(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    deleted: String,
}

async fn page(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let e = site.app.extension(&viewer.actor, &number(&text)?).await?;
    let data = Mailbox {
        deleted: voicemail::deleted(&site, &viewer, &asked.deleted).await?,
        ..data(&site, &viewer, &e).await?
    };
    let page = views::extensions::voicemail::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

async fn save(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let e = site.app.extension(&viewer.actor, &number(&text)?).await?;
    let checkboxes = ["enabled", "attach", "delete_after_mail"];
    let mut fields = Fields::from_form(pairs.clone(), &checkboxes);
    let draft = MailboxDraft::read(&mut fields);
    let saved = match fields.finish().or(()) {
        Ok(()) => site.app.save_mailbox(&viewer.actor, &e.number, draft).await,
        Err(invalid) => Err(Invalid::into(invalid)),
    };
    let error = match saved {
        Ok(saved) => return answer(&site, &viewer, &e, saved).await,
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let typed = |name: &str| value(&pairs, name).unwrap_or_default().to_owned();
    let is_on = |name: &str| value(&pairs, name).is_some();
    let data = Mailbox {
        values: Values {
            enabled: is_on("enabled"),
            name: typed("name"),
            email: typed("email"),
            attach: is_on("attach"),
            delete_after_mail: is_on("delete_after_mail"),
        },
        errors,
        ..data(&site, &viewer, &e).await?
    };
    let page = views::extensions::voicemail::page(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// A new PIN is on the page that answers, and nowhere else.
async fn answer(site: &Site, viewer: &Viewer, e: &Extension, saved: SavedMailbox) -> Answer {
    let number = e.number.to_string();
    let done = match saved.pin {
        Some(_) => Done::MailboxPin(number),
        None => Done::MailboxSaved(number),
    };
    let flash: Flash = flash(&done, &saved.applied, &viewer.look.texts);
    let Some(pin) = saved.pin else {
        return Ok(redirect_with(&address(&e.number), &flash));
    };
    let data = Mailbox {
        pin: Some(pin.expose().to_owned()),
        ..data(site, viewer, e).await?
    };
    let page = viewer.look.page_with(site, Some(flash));
    Ok(views::extensions::voicemail::page(&page, &data).into_response())
}

async fn new_pin(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let e = site.app.extension(&viewer.actor, &number(&text)?).await?;
    site.app.mailbox(&viewer.actor, &e.number).await?;
    let draft = MailboxDraft {
        pin: Given::Value(Pin::generate(&e.number).expose().to_owned()),
        ..MailboxDraft::default()
    };
    let saved = site
        .app
        .save_mailbox(&viewer.actor, &e.number, draft)
        .await?;
    answer(&site, &viewer, &e, saved).await
}

async fn delete(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let number = number(&text)?;
    let applied = site.app.delete_mailbox(&viewer.actor, &number).await?;
    let done = Done::MailboxDeleted(number.to_string());
    let flash = flash(&done, &applied, &viewer.look.texts);
    Ok(redirect_with(&address(&number), &flash))
}
