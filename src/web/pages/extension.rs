//! The pages of one extension: what it is like, and what can be set.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use views::extensions::Title;
use views::extensions::form::Edit;
use views::extensions::overview::{Overview, Phone};
use views::page::Done;
use views::ui::form::FieldErrors;

use super::dashboard::calls_today_data;
use super::describe::{field_errors, flash, live, peer, phone_state};
use super::extension_form::{self as form, Pairs};
use super::extension_forwards::detours;
use super::local;
use super::viewer::{Viewer, redirect_with};
use crate::app::Error;
use crate::app::extensions::number_of;
use crate::domain::{Act, ExtNumber, Extension, ExtensionDraft, Given, policy};
use crate::live::{ContactStatus, EndpointView};
use crate::web::Site;
use crate::web::access::{Routes, of};
use crate::web::failure::Failure;

pub type Answer = Result<Response, Failure>;

pub fn router() -> Routes {
    Routes::new()
        .get("/extensions/new", Act::CreateExtension, form::new_page)
        .get("/extensions/{number}", of(Act::ViewExtension), overview)
        .get(
            "/extensions/{number}/edit",
            of(Act::EditExtension),
            edit_page,
        )
        .post("/extensions/{number}/edit", of(Act::EditExtension), edit)
        .post(
            "/extensions/{number}/enable",
            of(Act::EditExtension),
            enable,
        )
        .post(
            "/extensions/{number}/disable",
            of(Act::EditExtension),
            disable,
        )
        .get(
            "/extensions/{number}/history",
            of(Act::ViewHistory),
            super::extension_history::page,
        )
        .post(
            "/fragments/strength",
            Act::ViewDashboard,
            form::strength_fragment,
        )
}

pub fn number(text: &str) -> Result<ExtNumber, Error> {
    number_of(text).map_err(|_| Error::NotFound("extension"))
}

pub fn title(site: &Site, viewer: &Viewer, e: &Extension) -> Title {
    let view = site.app.hub().endpoint(e.number.as_str());
    Title {
        number: e.number.to_string(),
        name: e.name.as_str().to_owned(),
        state: phone_state(e.enabled, &site.app.hub().asterisk(), &view),
        may_edit: policy::may(&viewer.actor, &Act::EditExtension(e.number.clone())),
        may_call: e.enabled
            && viewer
                .actor
                .extension
                .as_ref()
                .is_some_and(|own| *own != e.number),
    }
}

/// For pages whose every part is for those who may edit.
pub async fn editable(
    site: &Site,
    viewer: &Viewer,
    text: &str,
) -> Result<std::sync::Arc<Extension>, Error> {
    let number = number(text)?;
    if !policy::may(&viewer.actor, &Act::EditExtension(number.clone())) {
        return Err(Error::Forbidden);
    }
    site.app.extension(&viewer.actor, &number).await
}

async fn overview(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let e = site.app.extension(&viewer.actor, &number(&text)?).await?;
    let hub = site.app.hub();
    let (asterisk, view) = (hub.asterisk(), hub.endpoint(e.number.as_str()));
    let data = Overview {
        title: title(&site, &viewer, &e),
        since: view.call.as_ref().map(|call| call.since).or(view.since),
        peer: view.call.as_ref().and_then(|call| peer(&call.peer)),
        phones: live(&asterisk, || phones(&view)),
        max_phones: u64::try_from(e.max_phones).unwrap_or(0),
        ring_time: u64::try_from(e.ring_time).unwrap_or(0),
        detours: detours(&site, &viewer, &e.number).await?,
        context: e.context.as_str().to_owned(),
        calls_today: Some(calls_today_data(&site, &viewer, Some(e.number.clone())).await?),
    };
    Ok(viewer.look.answer(views::extensions::overview::page(
        &viewer.look.page(&site),
        &data,
    )))
}

fn phones(view: &EndpointView) -> Vec<Phone> {
    let phones = view.contacts.iter().map(|contact| Phone {
        address: contact.address.clone(),
        user_agent: contact.user_agent.clone(),
        round_trip: contact.round_trip,
        is_reachable: match contact.status {
            ContactStatus::Reachable => Some(true),
            ContactStatus::Unreachable => Some(false),
            ContactStatus::NotQualified => None,
        },
        expires: None,
    });
    phones.collect()
}

async fn edit_page(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let data = Edit {
        title: title(&site, &viewer, &e),
        values: form::values_of(Some(&e)),
        choices: form::choices(&site).await?,
        errors: FieldErrors::default(),
    };
    Ok(viewer.look.answer(views::extensions::form::edit(
        &viewer.look.page(&site),
        &data,
    )))
}

async fn edit(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let saved = match form::draft(&pairs) {
        // Number and password have forms of their own.
        Ok(draft) => {
            let draft = ExtensionDraft {
                number: Given::Absent,
                secret: Given::Absent,
                ..draft
            };
            site.app
                .edit_extension(&viewer.actor, &e.number, draft)
                .await
        }
        Err(error) => Err(error),
    };
    let error = match saved {
        Ok(saved) => {
            let done = Done::Saved(e.number.to_string());
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(redirect_with(
                &format!("/extensions/{}/edit", e.number),
                &flash,
            ));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let data = Edit {
        title: title(&site, &viewer, &e),
        values: form::values_typed(&pairs),
        choices: form::choices(&site).await?,
        errors,
    };
    let page = views::extensions::form::edit(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn enable(
    state: State<Site>,
    viewer: Viewer,
    path: Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    switch(state, viewer, path, &pairs, true).await
}

async fn disable(
    state: State<Site>,
    viewer: Viewer,
    path: Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    switch(state, viewer, path, &pairs, false).await
}

async fn switch(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    pairs: &Pairs,
    enabled: bool,
) -> Answer {
    let number = number(&text)?;
    let draft = ExtensionDraft {
        enabled: Given::Value(enabled),
        ..ExtensionDraft::default()
    };
    let saved = site
        .app
        .edit_extension(&viewer.actor, &number, draft)
        .await?;
    let done = if enabled {
        Done::Enabled(number.to_string())
    } else {
        Done::Disabled(number.to_string())
    };
    let flash = flash(&done, &saved.applied, &viewer.look.texts);
    Ok(redirect_with(
        local(form::value(pairs, "next").unwrap_or("/extensions")),
        &flash,
    ))
}
