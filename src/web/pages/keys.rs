//! Keys of programs.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use views::Flash;
use views::page::Done;
use views::settings::keys as view;
use views::ui::form::FieldErrors;

use super::describe::field_errors;
use super::extension_form::{Pairs, value};
use super::viewer::{Viewer, redirect_with};
use crate::app::Error;
use crate::domain::api_key::{ApiKey, KeyDraft, Scope};
use crate::domain::{Act, Fields};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::Failure;

type Answer = Result<Response, Failure>;
const PAGE: &str = "/settings/keys";

pub fn router() -> Routes {
    Routes::new()
        .get(PAGE, Act::ManageKeys, page)
        .post(PAGE, Act::ManageKeys, create)
        .post("/settings/keys/{id}/revoke", Act::ManageKeys, revoke)
}

fn shown(site: &Site, key: &ApiKey) -> view::Key {
    view::Key {
        id: key.id,
        name: key.name.clone(),
        prefix: key.prefix.clone(),
        scopes: key.scopes.iter().map(|scope| scope.as_str()).collect(),
        owner: key.owner.clone(),
        expires: key.expires_at,
        has_expired: key
            .expires_at
            .is_some_and(|end| end <= site.app.clock().now()),
        used: key.used_at,
        used_from: key.used_from.clone(),
    }
}

/// With the form as it was typed.
async fn data(
    site: &Site,
    viewer: &Viewer,
    pairs: &Pairs,
    errors: FieldErrors,
) -> Result<view::Keys, Error> {
    let keys = site.app.api_keys(&viewer.actor).await?;
    let owners = site.app.key_owners(&viewer.actor).await?;
    let text = |name: &str| value(pairs, name).unwrap_or_default().to_owned();
    let owner = match value(pairs, "user_id") {
        Some(id) => id.to_owned(),
        None => viewer.actor.user_id.to_string(),
    };
    let chosen = Scope::ALL.into_iter().map(Scope::as_str);
    let is_chosen = |scope: &str| {
        let checked = |(name, word): &(String, String)| name == "scope" && word == scope;
        if pairs.is_empty() {
            scope == Scope::Read.as_str()
        } else {
            pairs.iter().any(checked)
        }
    };
    Ok(view::Keys {
        keys: keys.iter().map(|key| shown(site, key)).collect(),
        owners: owners
            .into_iter()
            .map(|(id, name, is_admin)| (id.to_string(), name, is_admin))
            .collect(),
        name: text("name"),
        owner,
        expires: text("expires_at"),
        scopes: chosen.map(|scope| (scope, is_chosen(scope))).collect(),
        errors,
    })
}

async fn page(State(site): State<Site>, viewer: Viewer) -> Answer {
    let data = data(&site, &viewer, &Pairs::new(), FieldErrors::default()).await?;
    let page = view::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

/// Each box that is checked comes as a pair of its own.
fn draft(pairs: &Pairs) -> KeyDraft {
    let boxes = pairs.iter().filter(|(name, _)| name == "scope");
    let words: Vec<&str> = boxes.map(|(_, word)| word.as_str()).collect();
    let mut pairs = pairs.clone();
    pairs.push(("scopes".to_owned(), words.join(",")));
    KeyDraft::read(&mut Fields::from_form(pairs, &[]))
}

async fn create(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    match site.app.create_key(&viewer.actor, draft(&pairs)).await {
        Ok((made, key)) => {
            let page = viewer.look.page(&site);
            Ok(view::made(&page, &made.name, key.expose()).into_response())
        }
        Err(error) => {
            let Some(errors) = field_errors(&error, &viewer.look.texts) else {
                return Err(error.into());
            };
            let data = data(&site, &viewer, &pairs, errors).await?;
            let page = view::page(&viewer.look.page(&site), &data);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn revoke(State(site): State<Site>, viewer: Viewer, Path(id): Path<String>) -> Answer {
    let id = id.parse().map_err(|_| Error::NotFound("key"))?;
    site.app.revoke_key(&viewer.actor, id).await?;
    let flash = Flash::done(&Done::KeyRevoked, &viewer.look.texts);
    Ok(redirect_with(PAGE, &flash))
}
