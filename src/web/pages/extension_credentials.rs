//! What a phone logs in with: a new password, a new number, and the one page that shows both.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use views::extensions::credentials::{Credentials, Registered, Registration};
use views::extensions::password::SetPassword;
use views::extensions::rename::Rename;
use views::page::Done;
use views::ui::form::FieldErrors;
use views::{Flash, Markup};

use super::describe::{field_errors, flash, live};
use super::extension::{Answer, editable, title};
use super::extension_form::{self as form, Pairs};
use super::viewer::Viewer;
use crate::app::Error;
use crate::app::extensions::{Saved, new_secret_draft};
use crate::domain::invalid::Code;
use crate::domain::secret::MASK;
use crate::domain::{Act, ExtNumber, Extension, ExtensionDraft, Given, Invalid, SipSecret};
use crate::web::Site;
use crate::web::access::{Routes, of};
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
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
            "/fragments/registration/{number}",
            of(Act::EditExtension),
            registration_fragment,
        )
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
        return Ok(Redirect::to(&format!("/extensions/{typed}")).into_response());
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
