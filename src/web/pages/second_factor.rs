//! Setting up the second factor, in pages that work without JavaScript.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use views::Flash;
use views::page::Done;
use views::profile::second_factor as view;
use views::ui::form::FieldErrors;

use super::describe::field_errors;
use super::extension_credentials::qr_code;
use super::viewer::{Viewer, redirect_with};
use crate::app::Error;
use crate::domain::second_factor::{ProofDraft, SecondFactor, TotpSecret};
use crate::domain::{Act, Fields};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::Failure;

type Answer = Result<Response, Failure>;
type Pairs = Vec<(String, String)>;
const PAGE: &str = "/profile/second-factor";

pub fn router() -> Routes {
    let act = || Act::EditOwnProfile;
    Routes::new()
        .get("/profile/second-factor", act(), page)
        .post("/profile/second-factor/start", act(), start)
        .get("/profile/second-factor/setup", act(), setup_page)
        .post("/profile/second-factor/on", act(), switch_on)
        .post("/profile/second-factor/codes", act(), renew_codes)
        .post("/profile/second-factor/off", act(), switch_off)
}

pub fn shown(factor: &SecondFactor) -> view::On {
    view::On {
        since: factor.since,
        codes_left: u64::try_from(factor.recovery_codes_left).unwrap_or(0),
    }
}

async fn page(State(site): State<Site>, viewer: Viewer) -> Answer {
    let factor = site.app.second_factor(&viewer.actor).await?;
    let page = viewer.look.page(&site);
    let page = match &factor {
        Some(factor) => view::on(&page, &shown(factor), &FieldErrors::default()),
        None => view::off(&page),
    };
    Ok(viewer.look.answer(page))
}

async fn start(State(site): State<Site>, viewer: Viewer) -> Answer {
    match site.app.draft_second_factor(&viewer.actor).await {
        Ok(_) => Ok(Redirect::to("/profile/second-factor/setup").into_response()),
        // Switched on in another tab.
        Err(Error::Invalid(_)) => Ok(Redirect::to(PAGE).into_response()),
        Err(error) => Err(error.into()),
    }
}

fn setup(viewer: &Viewer, secret: &TotpSecret, errors: FieldErrors) -> view::Setup {
    let name = views::ui::url::escape(&viewer.user.username);
    let letters: Vec<char> = secret.base32().chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    view::Setup {
        secret: groups.join(" "),
        qr: qr_code(&secret.url(&name)),
        errors,
    }
}

async fn setup_page(State(site): State<Site>, viewer: Viewer) -> Answer {
    let Some(secret) = site.app.drafted_second_factor(&viewer.actor).await? else {
        return Ok(Redirect::to(PAGE).into_response());
    };
    let data = setup(&viewer, &secret, FieldErrors::default());
    let page = view::setup(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

fn draft(pairs: Pairs) -> ProofDraft {
    ProofDraft::read(&mut Fields::from_form(pairs, &[]))
}

async fn switch_on(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    let secret = site.app.drafted_second_factor(&viewer.actor).await?;
    let Some(secret) = secret else {
        return Ok(Redirect::to(PAGE).into_response());
    };
    let done = site
        .app
        .switch_on_second_factor(&viewer.actor, draft(pairs));
    match done.await {
        Ok(codes) => Ok(view::codes(&viewer.look.page(&site), &codes).into_response()),
        Err(error) => {
            let errors = wrong(&viewer, error)?;
            let data = setup(&viewer, &secret, errors);
            let page = view::setup(&viewer.look.page(&site), &data);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn renew_codes(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    let done = site.app.renew_recovery_codes(&viewer.actor, draft(pairs));
    match done.await {
        Ok(codes) => Ok(view::codes(&viewer.look.page(&site), &codes).into_response()),
        Err(error) => again(&site, &viewer, error).await,
    }
}

async fn switch_off(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    let done = site
        .app
        .switch_off_second_factor(&viewer.actor, draft(pairs));
    match done.await {
        Ok(()) => {
            let flash = Flash::done(&Done::SecondFactorOff, &viewer.look.texts);
            Ok(redirect_with("/profile", &flash))
        }
        Err(error) => again(&site, &viewer, error).await,
    }
}

/// The page with what was wrong about the proof.
async fn again(site: &Site, viewer: &Viewer, error: Error) -> Answer {
    let errors = wrong(viewer, error)?;
    let Some(factor) = site.app.second_factor(&viewer.actor).await? else {
        return Ok(Redirect::to(PAGE).into_response());
    };
    let page = view::on(&viewer.look.page(site), &shown(&factor), &errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What to say at the fields; having to wait is said there too.
fn wrong(viewer: &Viewer, error: Error) -> Result<FieldErrors, Failure> {
    let texts = &viewer.look.texts;
    if let Error::Throttled { .. } = error {
        let mut errors = FieldErrors::default();
        errors.add("otp", texts.error("throttled", &[]));
        return Ok(errors);
    }
    match field_errors(&error, texts) {
        Some(errors) => Ok(errors),
        None => Err(error.into()),
    }
}
