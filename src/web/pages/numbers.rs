//! All external numbers: the list, and what is done in it.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use views::numbers::list::{self, List, Row, Unknown};
use views::page::Done;
use views::ui::state::Party;
use views::{Flash, Markup};

use super::calls_now::named;
use super::describe::{self, flash, party, trunk_ref};
use super::extension_form::{Pairs, value};
use super::number_form as form;
use super::trunk::id_of;
use super::trunks::Answer;
use super::viewer::{Viewer, redirect_with};
use super::{free_numbers, local};
use crate::app::Result;
use crate::domain::Act;
use crate::domain::did::{Did, NumberPlan};
use crate::domain::route::{Route, RouteSearch, Words};
use crate::domain::trunk::Trunk;
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::Failure;

const PAGE: usize = 50;
/// Proposals for a destination.
const PROPOSALS: usize = 20;
pub const LIST: &str = "/numbers";

pub fn router() -> Routes {
    Routes::new()
        .get("/numbers", Act::ListRoutes, page)
        .post("/numbers", Act::EditRoutes, form::create)
        .get("/numbers/new", Act::EditRoutes, form::new_page)
        .post("/numbers/unknown/forget", Act::EditRoutes, forget)
        .get("/numbers/{id}/edit", Act::EditRoutes, form::edit_page)
        .post("/numbers/{id}/edit", Act::EditRoutes, form::edit)
        .post("/numbers/{id}/enable", Act::EditRoutes, enable)
        .post("/numbers/{id}/disable", Act::EditRoutes, disable)
        .post("/numbers/{id}/delete", Act::EditRoutes, delete)
        .get(
            "/fragments/destinations",
            Act::EditRoutes,
            destinations_fragment,
        )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    trunk: String,
    after: String,
    free: String,
}

async fn page(State(site): State<Site>, viewer: Viewer, Query(asked): Query<Asked>) -> Answer {
    let trunks = site.app.trunks(&viewer.actor).await?;
    let plan = &site.app.settings().await?.numbers;
    let key = |text: &str| Did::from_canonical(text).map(|did| did.to_string());
    let query = list::Query {
        trunk: asked.trunk.parse().ok(),
        after: key(&asked.after),
        free: key(&asked.free),
        q: asked.q,
    };
    let taken = site.app.taken_numbers(&viewer.actor).await?;
    let free = free_numbers::page_of(&taken, &trunks, &query, plan);
    let search = search(&site, &viewer, &query).await?;
    let after = query.after.as_deref();
    let found = site
        .app
        .find_routes(&viewer.actor, &search, after, PAGE + 1);
    let (mut found, total) = found.await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more);
    let data = List {
        next: next.map(|route| route.did.to_string()),
        rows: rows(&site, &viewer, &found, &trunks, plan).await?,
        total,
        any: !taken.is_empty(),
        trunks: trunks.iter().map(trunk_ref).collect(),
        unknown: unknown(&site, &viewer, &trunks, plan).await?,
        free,
        destinations: destinations(&site, &viewer, "").await?,
        query,
    };
    let page = list::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

/// A number matches however it is written.
async fn search(site: &Site, viewer: &Viewer, query: &list::Query) -> Result<RouteSearch> {
    let wanted = free_numbers::wanted(&query.q);
    let words = if wanted.is_empty() {
        None
    } else {
        Some(Words {
            digits: free_numbers::digits(&wanted),
            extensions: destinations_named(site, viewer, &wanted).await?,
            text: wanted,
        })
    };
    Ok(RouteSearch {
        trunk: query.trunk,
        words,
    })
}

/// The extensions whose number or name has these letters.
async fn destinations_named(site: &Site, viewer: &Viewer, wanted: &str) -> Result<Vec<String>> {
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
    routes: &[Route],
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
                last_called: route.last_called,
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
    let texts = &viewer.look.texts;
    let today = describe::today(texts).unwrap_or_else(|| texts.now());
    let unknown = site.app.unknown_dids(&viewer.actor, today).await?;
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

/// The page the form was on.
pub fn next(pairs: &Pairs) -> &str {
    let next = value(pairs, "next").filter(|next| !next.is_empty());
    local(next.unwrap_or(LIST))
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
