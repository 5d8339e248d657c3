//! All external numbers: the list, and the forms that say where one leads.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;
use views::numbers::form::{Choices, Edit, New, Values};
use views::numbers::list::{self, List, Row, Unknown};
use views::page::Done;
use views::ui::form::FieldErrors;
use views::ui::state::Party;
use views::{Flash, Markup};

use super::dashboard::named;
use super::describe::{self, field_errors, flash, party, trunk_ref};
use super::extension_form::{Pairs, value};
use super::local;
use super::trunk::id_of;
use super::trunks::{Answer, permit};
use super::viewer::{Viewer, redirect_with};
use crate::app::{Error, Result};
use crate::domain::did::{Did, NumberPlan};
use crate::domain::route::{Route, RouteDraft};
use crate::domain::trunk::Trunk;
use crate::domain::{Act, Fields};
use crate::web::Site;
use crate::web::failure::Failure;

const PAGE: usize = 50;
/// Proposals for a destination.
const PROPOSALS: usize = 20;
const LIST: &str = "/numbers";

pub fn router() -> Router<Site> {
    Router::new()
        .route("/numbers", get(page).post(create))
        .route("/numbers/new", get(new_page))
        .route("/numbers/unknown/forget", post(forget))
        .route("/numbers/{id}/edit", get(edit_page).post(edit))
        .route("/numbers/{id}/enable", post(enable))
        .route("/numbers/{id}/disable", post(disable))
        .route("/numbers/{id}/delete", post(delete))
        .route("/fragments/destinations", get(destinations_fragment))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    trunk: String,
    after: String,
}

async fn page(State(site): State<Site>, viewer: Viewer, Query(asked): Query<Asked>) -> Answer {
    let routes = site.app.routes(&viewer.actor).await?;
    let trunks = site.app.trunks(&viewer.actor).await?;
    let plan = &site.app.settings().await?.numbers;
    let query = list::Query {
        trunk: asked.trunk.parse().ok(),
        after: Some(asked.after).filter(|after| !after.is_empty()),
        q: asked.q,
    };
    let mut found = search(&site, &viewer, &routes, &query, plan).await?;
    let total = found.len() as u64;
    if let Some(after) = &query.after {
        found.retain(|route| route.did.as_str() > after.as_str());
    }
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more);
    let data = List {
        next: next.map(|route| route.did.to_string()),
        rows: rows(&site, &viewer, &found, &trunks, plan).await?,
        total,
        any: !routes.is_empty(),
        trunks: trunks.iter().map(trunk_ref).collect(),
        unknown: unknown(&site, &viewer, &trunks, plan).await?,
        destinations: destinations(&site, &viewer, "").await?,
        query,
    };
    let page = list::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

/// Those that match, in the order of their digits. A number matches however it is written.
async fn search<'r>(
    site: &Site,
    viewer: &Viewer,
    routes: &'r [Route],
    query: &list::Query,
    plan: &NumberPlan,
) -> Result<Vec<&'r Route>> {
    let wanted = query.q.trim().to_lowercase();
    let dense: String = wanted
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    // Words with a digit in them are no number.
    let is_number = !dense.is_empty() && !wanted.chars().any(char::is_alphabetic);
    let number = |route: &Route| {
        is_number
            && (route.did.as_str().contains(&dense) || route.did.national(plan).contains(&dense))
    };
    let mut found: Vec<&Route> = routes
        .iter()
        .filter(|route| query.trunk.is_none_or(|id| id == route.trunk_id))
        .collect();
    if !wanted.is_empty() {
        let named = destinations_named(site, viewer, &wanted).await?;
        found.retain(|route| {
            let description = route.description.as_deref().unwrap_or_default();
            number(route)
                || description.to_lowercase().contains(&wanted)
                || named.contains(route.extension.as_str())
        });
    }
    found.sort_unstable_by(|a, b| a.did.cmp(&b.did));
    Ok(found)
}

/// The extensions whose number or name has these letters.
async fn destinations_named(
    site: &Site,
    viewer: &Viewer,
    wanted: &str,
) -> Result<std::collections::HashSet<String>> {
    site.app
        .with_extensions(&viewer.actor, |all| {
            all.filter(|e| {
                e.number.as_str().contains(wanted)
                    || e.name.as_str().to_lowercase().contains(wanted)
            })
            .map(|e| e.number.to_string())
            .collect()
        })
        .await
}

async fn rows(
    site: &Site,
    viewer: &Viewer,
    routes: &[&Route],
    trunks: &[Trunk],
    plan: &NumberPlan,
) -> Result<Vec<Row>> {
    let ends = routes
        .iter()
        .map(|route| (route.extension.to_string(), String::new()));
    let parties = named(site, viewer, ends.collect()).await?;
    let rows = routes
        .iter()
        .zip(parties)
        .filter_map(|(route, destination)| {
            let trunk = trunks.iter().find(|trunk| trunk.id == route.trunk_id)?;
            Some(Row {
                id: route.id,
                did: describe::did(&route.did, plan),
                trunk: trunk_ref(trunk),
                destination,
                description: route.description.clone().unwrap_or_default(),
                last_called: None,
                is_enabled: route.enabled,
            })
        });
    Ok(rows.collect())
}

async fn unknown(
    site: &Site,
    viewer: &Viewer,
    trunks: &[Trunk],
    plan: &NumberPlan,
) -> Result<Vec<Unknown>> {
    let unknown = site.app.unknown_dids(&viewer.actor).await?;
    let unknown = unknown.iter().filter_map(|called| {
        let trunk = trunks.iter().find(|trunk| trunk.id == called.trunk_id)?;
        Some(Unknown {
            did: describe::did(&Did::from_canonical(&called.did)?, plan),
            trunk: trunk_ref(trunk),
            calls_today: u64::try_from(called.calls_today).unwrap_or(0),
            last: called.last_called,
        })
    });
    Ok(unknown.collect())
}

/// The first extensions whose number begins with what was typed, or whose name has it in it.
pub async fn destinations(site: &Site, viewer: &Viewer, typed: &str) -> Result<Vec<Party>> {
    let wanted = typed.trim().to_lowercase();
    site.app
        .with_extensions(&viewer.actor, |all| {
            all.filter(|e| {
                e.number.as_str().starts_with(&wanted)
                    || e.name.as_str().to_lowercase().contains(&wanted)
            })
            .take(PROPOSALS)
            .map(|e| party(e.number.as_str(), "", Some(e.as_ref())))
            .collect()
        })
        .await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    destination_extension: String,
}

async fn destinations_fragment(
    State(site): State<Site>,
    viewer: Viewer,
    Query(typed): Query<Typed>,
) -> std::result::Result<Markup, Failure> {
    let found = destinations(&site, &viewer, &typed.destination_extension).await?;
    Ok(views::numbers::destination::list(&found))
}

async fn choices(site: &Site, viewer: &Viewer, typed: &str) -> Result<Choices> {
    let trunks = site.app.trunks(&viewer.actor).await?;
    Ok(Choices {
        trunks: trunks.iter().map(trunk_ref).collect(),
        destinations: destinations(site, viewer, typed).await?,
    })
}

/// A form as it comes back: what was typed, not what was understood.
fn values_typed(pairs: &Pairs) -> Values {
    let text = |name: &str| value(pairs, name).unwrap_or_default().to_owned();
    Values {
        did: text("did"),
        trunk: text("trunk_id").parse().ok(),
        destination: text("destination_extension"),
        description: text("description"),
        is_enabled: value(pairs, "enabled").is_some(),
    }
}

fn draft(pairs: Pairs, checkboxes: &[&str]) -> Result<RouteDraft> {
    let mut fields = Fields::from_form(pairs, checkboxes);
    let draft = RouteDraft::read(&mut fields);
    fields.finish().or(draft).map_err(Error::from)
}

/// The page the form was on.
fn next(pairs: &Pairs) -> &str {
    let next = value(pairs, "next").filter(|next| !next.is_empty());
    local(next.unwrap_or(LIST))
}

async fn new_page(State(site): State<Site>, viewer: Viewer) -> Answer {
    permit(&viewer, &Act::EditRoutes)?;
    let choices = choices(&site, &viewer, "").await?;
    let data = New {
        values: Values {
            // One trunk is no question.
            trunk: match &choices.trunks[..] {
                [only] => Some(only.id),
                _ => None,
            },
            is_enabled: true,
            ..Values::default()
        },
        choices,
        errors: FieldErrors::default(),
        next: LIST.to_owned(),
    };
    let page = views::numbers::form::new(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

async fn create(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    permit(&viewer, &Act::EditRoutes)?;
    let created = match draft(pairs.clone(), &[]) {
        Ok(draft) => site.app.create_route(&viewer.actor, draft).await,
        Err(error) => Err(error),
    };
    let error = match created {
        Ok(saved) => {
            let plan = &site.app.settings().await?.numbers;
            let done = Done::NumberAssigned {
                number: saved.route.did.for_people(plan),
                extension: saved.route.extension.to_string(),
            };
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(redirect_with(next(&pairs), &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let values = values_typed(&pairs);
    let data = New {
        choices: choices(&site, &viewer, &values.destination).await?,
        values,
        errors,
        next: next(&pairs).to_owned(),
    };
    let page = views::numbers::form::new(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn editable(site: &Site, viewer: &Viewer, text: &str) -> Result<Route> {
    permit(viewer, &Act::EditRoutes)?;
    site.app.route(&viewer.actor, id_of(text, "route")?).await
}

async fn form(
    site: &Site,
    viewer: &Viewer,
    route: &Route,
    values: Values,
    errors: FieldErrors,
) -> Result<Markup> {
    let plan = &site.app.settings().await?.numbers;
    let data = Edit {
        id: route.id,
        did: describe::did(&route.did, plan),
        choices: choices(site, viewer, &values.destination).await?,
        values,
        errors,
    };
    Ok(views::numbers::form::edit(&viewer.look.page(site), &data))
}

async fn edit_page(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let route = editable(&site, &viewer, &text).await?;
    let values = Values {
        did: route.did.for_people(&site.app.settings().await?.numbers),
        trunk: Some(route.trunk_id),
        destination: route.extension.to_string(),
        description: route.description.clone().unwrap_or_default(),
        is_enabled: route.enabled,
    };
    let page = form(&site, &viewer, &route, values, FieldErrors::default()).await?;
    Ok(viewer.look.answer(page))
}

async fn edit(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let route = editable(&site, &viewer, &text).await?;
    let saved = match draft(pairs.clone(), &["enabled"]) {
        Ok(draft) => site.app.edit_route(&viewer.actor, route.id, draft).await,
        Err(error) => Err(error),
    };
    let error = match saved {
        Ok(saved) => {
            let plan = &site.app.settings().await?.numbers;
            let done = Done::NumberSaved(saved.route.did.for_people(plan));
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(redirect_with(LIST, &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let page = form(&site, &viewer, &route, values_typed(&pairs), errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn enable(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    switch(&site, &viewer, &text, &pairs, true).await
}

async fn disable(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    switch(&site, &viewer, &text, &pairs, false).await
}

async fn switch(
    site: &Site,
    viewer: &Viewer,
    text: &str,
    pairs: &Pairs,
    enabled: bool,
) -> std::result::Result<Response, Failure> {
    let id = id_of(text, "route")?;
    let saved = site.app.switch_route(&viewer.actor, id, enabled).await?;
    let shown = saved
        .route
        .did
        .for_people(&site.app.settings().await?.numbers);
    let done = if enabled {
        Done::NumberEnabled(shown)
    } else {
        Done::NumberDisabled(shown)
    };
    let flash = flash(&done, &saved.applied, &viewer.look.texts);
    Ok(redirect_with(next(pairs), &flash))
}

async fn delete(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let id = id_of(&text, "route")?;
    let (route, applied) = site.app.delete_route(&viewer.actor, id).await?;
    let plan = &site.app.settings().await?.numbers;
    let done = Done::NumberDeleted(route.did.for_people(plan));
    let flash = flash(&done, &applied, &viewer.look.texts);
    Ok(redirect_with(next(&pairs), &flash))
}

async fn forget(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    let did = value(&pairs, "did").unwrap_or_default();
    let trunk = id_of(value(&pairs, "trunk_id").unwrap_or_default(), "trunk")?;
    site.app.forget_unknown(&viewer.actor, did, trunk).await?;
    let plan = &site.app.settings().await?.numbers;
    let shown = Did::from_canonical(did).map(|did| did.for_people(plan));
    let done = Done::NumberForgotten(shown.unwrap_or_default());
    let flash = Flash::done(&done, &viewer.look.texts);
    Ok(redirect_with(next(&pairs), &flash))
}
