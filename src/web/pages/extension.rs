//! The pages of one extension.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use views::extensions::credentials::{Credentials, Registered, Registration};
use views::extensions::form::Edit;
use views::extensions::overview::{Overview, Phone};
use views::extensions::password::SetPassword;
use views::extensions::rename::Rename;
use views::extensions::{Title, delete::Delete};
use views::page::Done;
use views::ui::form::FieldErrors;
use views::{Flash, Markup};

use super::dashboard::calls_today_data;
use super::describe::{field_errors, flash, live, peer, phone_state};
use super::extension_form::{self as form, Pairs};
use super::extension_forwards::detours;
use super::local;
use super::viewer::{Viewer, redirect_with};
use crate::app::Error;
use crate::app::extensions::{Saved, new_secret_draft, number_of};
use crate::domain::call::CallFilter;
use crate::domain::invalid::Code;
use crate::domain::secret::MASK;
use crate::domain::{Act, ExtNumber, Extension, ExtensionDraft, Given, Invalid, SipSecret, policy};
use crate::live::{ContactStatus, EndpointView};
use crate::web::Site;
use crate::web::access::{Routes, of};
use crate::web::failure::Failure;

type Answer = Result<Response, Failure>;

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
        .get(
            "/extensions/{number}/password",
            of(Act::EditExtension),
            password_page,
        )
        .post(
            "/extensions/{number}/password",
            of(Act::EditExtension),
            password,
        )
        .get(
            "/extensions/{number}/rename",
            of(Act::RenameExtension),
            rename_page,
        )
        .post(
            "/extensions/{number}/rename",
            of(Act::RenameExtension),
            rename,
        )
        .get(
            "/extensions/{number}/delete",
            of(Act::DeleteExtension),
            delete_page,
        )
        .post(
            "/extensions/{number}/delete",
            of(Act::DeleteExtension),
            delete,
        )
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
        .get(
            "/fragments/registration/{number}",
            of(Act::EditExtension),
            registration_fragment,
        )
}

fn number(text: &str) -> Result<ExtNumber, Error> {
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

/// The one page that shows a password, in the answer that set it.
pub fn credentials(site: &Site, viewer: &Viewer, saved: &Saved, flash: Flash) -> Response {
    let e = &saved.extension;
    let password = saved
        .secret
        .as_ref()
        .map(SipSecret::expose)
        .unwrap_or_default();
    let server = site.sip_server(viewer.look.host.as_deref());
    let data = Credentials {
        number: e.number.to_string(),
        name: e.name.as_str().to_owned(),
        server: server.clone(),
        password: password.to_owned(),
        qr: qr(&server, &e.number, password),
        registration: registration(site, &e.number),
    };
    let page = viewer.look.page_with(site, Some(flash));
    views::extensions::credentials::page(&page, &data).into_response()
}

/// What softphones scan: `sip:user:password@server`, as Linphone and others read it.
fn qr(server: &str, number: &ExtNumber, password: &str) -> Option<String> {
    let login = format!(
        "sip:{number}:{}@{}",
        views::ui::url::escape(password),
        server
    );
    qr_code(&login)
}

/// What a camera reads, as SVG; None for more than fits.
pub fn qr_code(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    Some(
        code.render::<svg::Color<'_>>()
            .min_dimensions(200, 200)
            .quiet_zone(true)
            .build(),
    )
}

fn registration(site: &Site, number: &ExtNumber) -> Registration {
    let hub = site.app.hub();
    let view = hub.endpoint(number.as_str());
    let phones = live(&hub.asterisk(), || {
        let phones = view.contacts.iter().map(|contact| Registered {
            address: contact.address.clone(),
            user_agent: contact.user_agent.clone(),
            since: Some(contact.since),
        });
        phones.collect()
    });
    Registration {
        number: number.to_string(),
        phones,
    }
}

async fn registration_fragment(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
) -> Result<Markup, Failure> {
    let e = editable(&site, &viewer, &text).await?;
    let registration = registration(&site, &e.number);
    Ok(views::extensions::credentials::registration(
        &registration,
        &viewer.look.texts,
    ))
}

fn password_data(
    site: &Site,
    viewer: &Viewer,
    e: &Extension,
    pairs: &Pairs,
    errors: FieldErrors,
) -> SetPassword {
    SetPassword {
        title: title(site, viewer, e),
        strength: form::strength(pairs, viewer),
        min_password: form::min_password(),
        errors,
    }
}

async fn password_page(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let data = password_data(&site, &viewer, &e, &Vec::new(), FieldErrors::default());
    Ok(viewer.look.answer(views::extensions::password::page(
        &viewer.look.page(&site),
        &data,
    )))
}

async fn password(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let typed = form::value(&pairs, "secret").filter(|secret| !secret.is_empty());
    let draft = match typed {
        None => Ok(new_secret_draft()),
        // The mask of a REST answer: a form never shows it, so somebody typed eight stars.
        Some(MASK) => Err(Error::from(Invalid::one("secret", Code::SecretWeak))),
        Some(password) => Ok(ExtensionDraft {
            secret: Given::Value(password.to_owned()),
            allow_weak: form::value(&pairs, "allow_weak").is_some(),
            ..ExtensionDraft::default()
        }),
    };
    let saved = match draft {
        Ok(draft) => {
            site.app
                .edit_extension(&viewer.actor, &e.number, draft)
                .await
        }
        Err(error) => Err(error),
    };
    let error = match saved {
        Ok(saved) => {
            let done = Done::PasswordSet(e.number.to_string());
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(credentials(&site, &viewer, &saved, flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let data = password_data(&site, &viewer, &e, &pairs, errors);
    let page = views::extensions::password::page(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn rename_page(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let data = Rename {
        title: title(&site, &viewer, &e),
        number: e.number.to_string(),
        errors: FieldErrors::default(),
    };
    Ok(viewer.look.answer(views::extensions::rename::page(
        &viewer.look.page(&site),
        &data,
    )))
}

async fn rename(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let typed = form::value(&pairs, "extension")
        .unwrap_or_default()
        .trim()
        .to_owned();
    if typed == e.number.as_str() {
        return Ok(axum::response::Redirect::to(&format!("/extensions/{typed}")).into_response());
    }
    let wanted = if typed.is_empty() {
        Given::Null
    } else {
        Given::Value(typed.clone())
    };
    let draft = ExtensionDraft {
        number: wanted,
        ..ExtensionDraft::default()
    };
    let error = match site
        .app
        .edit_extension(&viewer.actor, &e.number, draft)
        .await
    {
        Ok(saved) => {
            let done = Done::Renamed {
                from: e.number.to_string(),
                to: saved.extension.number.to_string(),
            };
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(credentials(&site, &viewer, &saved, flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let data = Rename {
        title: title(&site, &viewer, &e),
        number: typed,
        errors,
    };
    let page = views::extensions::rename::page(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn delete_page(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let view = site.app.hub().endpoint(e.number.as_str());
    let own = Some(e.number.as_str());
    let calls = site.app.calls_now(&viewer.actor)?;
    let with_us = calls.iter().filter(|call| {
        let ends = [&call.caller, &call.callee].into_iter().chain(&call.others);
        ends.into_iter().any(|end| end.endpoint.as_deref() == own)
    });
    let calls = with_us.count() as u64;
    let filter = CallFilter {
        extension: Some(e.number.clone()),
        ..CallFilter::default()
    };
    let history = site.app.call_count(&viewer.actor, filter).await?;
    let own_number = std::slice::from_ref(&e.number);
    let extras = site.app.extension_extras(&viewer.actor, own_number).await?;
    let messages = extras
        .get(e.number.as_str())
        .and_then(|extras| extras.messages);
    let forwards = site.app.forwards_of(&viewer.actor, &e.number).await?.len();
    let numbers = site.app.routes_of(&viewer.actor, &e.number).await?.len();
    let mut forwarding = site.app.forwarding_to(&viewer.actor, &e.number).await?;
    forwarding.retain(|other| *other != e.number);
    let data = Delete {
        title: title(&site, &viewer, &e),
        phones: view.contacts.len() as u64,
        calls,
        messages: messages.map_or(0, |(_, total)| u64::try_from(total).unwrap_or(0)),
        forwards: forwards as u64,
        numbers: numbers as u64,
        forwarding: forwarding.len() as u64,
        history: u64::try_from(history).unwrap_or(0),
    };
    Ok(viewer.look.answer(views::extensions::delete::page(
        &viewer.look.page(&site),
        &data,
    )))
}

async fn delete(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let number = number(&text)?;
    let applied = site.app.delete_extension(&viewer.actor, &number).await?;
    let flash = flash(
        &Done::Deleted(number.to_string()),
        &applied,
        &viewer.look.texts,
    );
    Ok(redirect_with("/extensions", &flash))
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
