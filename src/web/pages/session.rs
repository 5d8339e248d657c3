//! Login, logout, language, the own password.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use views::page::Done;
use views::ui::form::FieldErrors;
use views::{Flash, Lang};

use super::describe::field_errors;
use super::local;
use super::viewer::{AnyViewer, Guest, Viewer, language_cookie, redirect_with};
use crate::app::Error;
use crate::app::sessions::{Origin, Proven};
use crate::domain::user::{PASSWORD_LENGTH, PasswordDraft, ProfileDraft};
use crate::domain::{Act, Fields};
use crate::web::Site;
use crate::web::access::{Access, Routes};
use crate::web::auth::{
    From, STEP_COOKIE, no_session_cookie, no_step_cookie, session_cookie, step_cookie,
};
use crate::web::failure::{self, Failure};

pub fn router() -> Routes {
    Routes::new()
        .get("/login", Access::Open, login_page)
        .post("/login", Access::Open, login)
        .get("/login/code", Access::Open, code_page)
        .post("/login/code", Access::Open, code)
        .post("/logout", Access::LoggedIn, logout)
        .post("/language", Access::Open, language)
        .get("/password", Access::LoggedIn, password_page)
        .post("/password", Access::LoggedIn, password)
        .get("/help", Act::ViewDashboard, help)
}

#[derive(Debug, Default, Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn login_page(
    State(site): State<Site>,
    Guest(look): Guest,
    Query(next): Query<Next>,
) -> Response {
    let form = views::login::Login {
        next: local(&next.next).to_owned(),
        ..Default::default()
    };
    look.answer(views::login::page(&look.page(&site), &form))
}

#[derive(Deserialize)]
struct LoginForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

async fn login(
    State(site): State<Site>,
    Guest(look): Guest,
    From(origin): From,
    Form(form): Form<LoginForm>,
) -> Result<Response, Failure> {
    match site
        .app
        .login(
            &form.username,
            SecretString::from(form.password),
            None,
            &origin,
        )
        .await
    {
        Ok(login) => {
            let jar = CookieJar::new().add(session_cookie(&site, login.token));
            Ok((jar, Redirect::to(local(&form.next))).into_response())
        }
        Err(Error::OtpRequired { step }) => {
            let cookie = step_cookie(&site, step.expose_secret().to_owned());
            let next = views::ui::url::escape(local(&form.next));
            let to = Redirect::to(&format!("/login/code?next={next}"));
            Ok((CookieJar::new().add(cookie), to).into_response())
        }
        Err(error @ (Error::LoginFailed | Error::Throttled { .. })) => {
            let again = views::login::Login {
                user_name: form.username,
                next: local(&form.next).to_owned(),
                error: Some(failure::sentence(&error, &look.texts)),
            };
            let page = views::login::page(&look.page_with(&site, None), &again);
            Ok((failure::status(&error), page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// The second step: only for a browser that has taken the first a moment ago.
async fn code_page(
    State(site): State<Site>,
    Guest(look): Guest,
    jar: CookieJar,
    Query(next): Query<Next>,
) -> Response {
    if jar.get(STEP_COOKIE).is_none() {
        return Redirect::to("/login").into_response();
    }
    let form = views::login::SecondStep {
        next: local(&next.next).to_owned(),
        error: None,
    };
    look.answer(views::login::second_step(&look.page(&site), &form))
}

#[derive(Deserialize)]
struct CodeForm {
    #[serde(default)]
    otp: String,
    #[serde(default)]
    next: String,
}

async fn code(
    State(site): State<Site>,
    Guest(look): Guest,
    From(origin): From,
    jar: CookieJar,
    Form(form): Form<CodeForm>,
) -> Result<Response, Failure> {
    let step = jar.get(STEP_COOKIE).map(|cookie| cookie.value().to_owned());
    let step = step.unwrap_or_default();
    match site.app.second_step(&step, &form.otp, &origin).await {
        Ok(login) => {
            let jar = CookieJar::new()
                .add(session_cookie(&site, login.token))
                .add(no_step_cookie());
            Ok((jar, Redirect::to(local(&form.next))).into_response())
        }
        // It took too long; the password is asked for again.
        Err(Error::Unauthenticated) => {
            let flash = Flash::error("login_expired", &look.texts);
            let gone = CookieJar::new().add(no_step_cookie());
            Ok((gone, redirect_with("/login", &flash)).into_response())
        }
        Err(error @ (Error::OtpWrong | Error::Throttled { .. })) => {
            let again = views::login::SecondStep {
                next: local(&form.next).to_owned(),
                error: Some(failure::sentence(&error, &look.texts)),
            };
            let page = views::login::second_step(&look.page_with(&site, None), &again);
            Ok((failure::status(&error), page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn logout(
    State(site): State<Site>,
    AnyViewer(viewer): AnyViewer,
) -> Result<Response, Failure> {
    site.app.logout(&viewer.actor).await?;
    let mut gone = no_session_cookie();
    gone.make_removal();
    let flash = Flash::done(&Done::LoggedOut, &viewer.look.texts);
    Ok((CookieJar::new().add(gone), redirect_with("/login", &flash)).into_response())
}

#[derive(Debug, Deserialize)]
struct LanguageForm {
    lang: String,
    #[serde(default)]
    next: String,
}

/// For this browser, and for this person on every other one.
async fn language(
    State(site): State<Site>,
    viewer: Result<AnyViewer, Response>,
    Form(form): Form<LanguageForm>,
) -> Result<Response, Failure> {
    let back = Redirect::to(local(&form.next));
    let Some(lang) = Lang::find(&form.lang) else {
        return Ok(back.into_response());
    };
    if let Ok(AnyViewer(viewer)) = viewer {
        let pairs = vec![("language".to_owned(), lang.code().to_owned())];
        let draft = ProfileDraft::read(&mut Fields::from_form(pairs, &[]));
        site.app.edit_profile(&viewer.actor, draft).await?;
    }
    Ok((CookieJar::new().add(language_cookie(lang)), back).into_response())
}

fn min_length() -> u64 {
    u64::try_from(*PASSWORD_LENGTH.start()).unwrap_or_default()
}

async fn password_page(State(site): State<Site>, AnyViewer(viewer): AnyViewer) -> Response {
    let change = views::password::ChangePassword {
        is_forced: viewer.user.must_change_password,
        min_length: min_length(),
        errors: FieldErrors::default(),
    };
    viewer
        .look
        .answer(views::password::page(&viewer.look.page(&site), &change))
}

async fn password(
    State(site): State<Site>,
    AnyViewer(viewer): AnyViewer,
    From(origin): From,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let draft = PasswordDraft::read(&mut Fields::from_form(pairs, &[]));
    let texts = &viewer.look.texts;
    let changed = site.app.change_password(&viewer.actor, draft).await;
    let error = match changed {
        Err(error) => error,
        Ok(proven) => return changed_password(&site, &viewer, &proven, &origin).await,
    };
    let Some(errors) = field_errors(&error, texts) else {
        return Err(error.into());
    };
    let change = views::password::ChangePassword {
        is_forced: viewer.user.must_change_password,
        min_length: min_length(),
        errors,
    };
    let page = views::password::page(&viewer.look.page(&site), &change);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Whoever has copied the cookie is out as well.
async fn changed_password(
    site: &Site,
    viewer: &Viewer,
    proven: &Proven,
    origin: &Origin,
) -> Result<Response, Failure> {
    let login = site
        .app
        .renew_session(&viewer.actor, proven, origin)
        .await?;
    let flash = Flash::done(&Done::OwnPasswordChanged, &viewer.look.texts);
    let target = if viewer.user.must_change_password {
        "/"
    } else {
        "/profile"
    };
    let jar = CookieJar::new().add(session_cookie(site, login.token));
    Ok((jar, redirect_with(target, &flash)).into_response())
}

async fn help(State(site): State<Site>, viewer: Viewer) -> Response {
    viewer
        .look
        .answer(views::help::page(&viewer.look.page(&site)))
}
