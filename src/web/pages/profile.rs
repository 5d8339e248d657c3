//! The own account: who one is, and where one is logged in.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use uuid::Uuid;
use views::page::Done;
use views::profile::{Profile, sessions};
use views::ui::form::FieldErrors;
use views::{Flash, Lang};

use super::describe::field_errors;
use super::second_factor;
use super::viewer::{Viewer, redirect_with};
use crate::app::Error;
use crate::domain::session::Session;
use crate::domain::user::ProfileDraft;
use crate::domain::{Act, Fields, Role};
use crate::web::Site;
use crate::web::access::{Access, Routes};
use crate::web::auth::no_session_cookie;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .get("/profile", Act::EditOwnProfile, page)
        .post("/profile", Act::EditOwnProfile, save)
        .post(
            "/profile/sessions/{session}/end",
            Act::EditOwnProfile,
            end_session,
        )
        .post("/profile/sessions/end", Access::LoggedIn, end_sessions)
}

async fn data(site: &Site, viewer: &Viewer) -> Result<Profile, Error> {
    let user = site.app.me(&viewer.actor).await?;
    let factor = site.app.second_factor(&viewer.actor).await?;
    let sessions = site.app.own_sessions(&viewer.actor).await?;
    let sessions = sessions
        .iter()
        .map(|s| shown(s, viewer.actor.session))
        .collect();
    Ok(Profile {
        user_name: user.username,
        full_name: user.full_name,
        email: user.email.unwrap_or_default(),
        is_admin: user.role == Role::Admin,
        language: viewer.look.texts.lang().code().to_owned(),
        errors: FieldErrors::default(),
        sessions,
        second_factor: factor.as_ref().map(second_factor::shown),
    })
}

pub(super) fn shown(session: &Session, own: Uuid) -> sessions::Session {
    sessions::Session {
        id: session.id.to_string(),
        device: session.device(),
        address: session.origin.clone(),
        since: session.created_at,
        used: session.used_at,
        is_this_one: session.id == own,
    }
}

async fn page(State(site): State<Site>, viewer: Viewer) -> Result<Response, Failure> {
    let data = data(&site, &viewer).await?;
    let page = views::profile::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

async fn save(
    State(site): State<Site>,
    viewer: Viewer,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let draft = ProfileDraft::read(&mut Fields::from_form(pairs.clone(), &[]));
    let typed = |field: &str| {
        let found = pairs.iter().find(|(name, _)| name == field);
        found.map(|(_, value)| value.clone())
    };
    let Err(error) = site.app.edit_profile(&viewer.actor, draft).await else {
        let chosen = typed("language").and_then(|code| Lang::find(&code));
        let lang = chosen.unwrap_or(viewer.look.texts.lang());
        let texts = views::Texts::new(lang, site.timezone, viewer.look.texts.now());
        let flash = Flash::done(&Done::ProfileSaved, &texts);
        return Ok(redirect_with("/profile", &flash));
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let saved = data(&site, &viewer).await?;
    let data = Profile {
        errors,
        full_name: typed("full_name").unwrap_or(saved.full_name),
        email: typed("email").unwrap_or(saved.email),
        ..saved
    };
    let page = views::profile::page(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn end_session(
    State(site): State<Site>,
    viewer: Viewer,
    Path(session): Path<String>,
) -> Result<Response, Failure> {
    let id = session.parse().map_err(|_| Error::NotFound("session"))?;
    site.app.end_own_session(&viewer.actor, id).await?;
    if id == viewer.actor.session {
        return Ok(logged_out(&viewer));
    }
    let flash = Flash::done(&Done::SessionEnded, &viewer.look.texts);
    Ok(redirect_with("/profile", &flash))
}

async fn end_sessions(State(site): State<Site>, viewer: Viewer) -> Result<Response, Failure> {
    site.app.end_own_sessions(&viewer.actor).await?;
    Ok(logged_out(&viewer))
}

fn logged_out(viewer: &Viewer) -> Response {
    let mut gone = no_session_cookie();
    gone.make_removal();
    let flash = Flash::done(&Done::LoggedOut, &viewer.look.texts);
    (CookieJar::new().add(gone), redirect_with("/login", &flash)).into_response()
}
