//! The external numbers of one extension: which it has, which it may get, and which one is shown outside.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use views::Markup;
use views::extensions::numbers::{Assigned, Block, Numbers, Outbound};
use views::page::Done;
use views::trunks::TrunkRef;
use views::ui::form::FieldErrors;
use views::ui::url;

use super::describe::{self, field_errors, flash, trunk_ref};
use super::extension::{editable, title};
use super::extension_form::{Pairs, value};
use super::number_block::{Taken, page_of};
use super::trunk::id_of;
use super::trunks::Answer;
use super::viewer::{Viewer, redirect_with};
use crate::app::extensions::number_of;
use crate::app::{Error, Result};
use crate::domain::did::{Did, NumberPlan};
use crate::domain::route::{Route, RouteDraft};
use crate::domain::trunk::Trunk;
use crate::domain::{Act, ExtNumber, Extension, Fields, Given, policy};
use crate::web::Site;
use crate::web::access::{Routes, of};

pub fn router() -> Routes {
    Routes::new()
        .get("/extensions/{number}/numbers", of(Act::ViewExtension), page)
        .post("/extensions/{number}/numbers", Act::EditRoutes, assign)
        .post(
            "/extensions/{number}/numbers/{route}/remove",
            Act::EditRoutes,
            remove,
        )
        .post(
            "/extensions/{number}/outbound",
            of(Act::ChooseOutbound),
            outbound,
        )
}

fn number(text: &str) -> Result<ExtNumber> {
    number_of(text).map_err(|_| Error::NotFound("extension"))
}

fn address(number: &ExtNumber) -> String {
    url::extension(number.as_str(), "/numbers")
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    trunk: String,
    after: String,
}

/// What a form that was refused leaves on the page.
#[derive(Default)]
struct Refused {
    errors: FieldErrors,
    /// A number outside the blocks.
    did: String,
    outbound: Option<(String, String)>,
}

async fn page(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let number = number(&text)?;
    let e = site.app.extension(&viewer.actor, &number).await?;
    let page = show(&site, &viewer, &e, &asked, Refused::default()).await?;
    Ok(viewer.look.answer(page))
}

async fn show(
    site: &Site,
    viewer: &Viewer,
    e: &Extension,
    asked: &Asked,
    refused: Refused,
) -> Result<Markup> {
    let title = title(site, viewer, e);
    let plan = &site.app.settings().await?.numbers;
    let own = site.app.routes_of(&viewer.actor, &e.number).await?;
    // Trunks are not for those who only use the extension.
    let trunks = if title.may_edit {
        site.app.trunks(&viewer.actor).await?
    } else {
        Vec::new()
    };
    let block = match chosen(&trunks, asked) {
        Some(trunk) => Some(block(site, viewer, trunk, asked, refused.did).await?),
        None => None,
    };
    let stored = |did: Option<&Did>| did.map(|did| did.as_str().to_owned());
    let (did, pai) = match refused.outbound {
        Some((did, pai)) => (Some(did), Some(pai)),
        None => (stored(e.outbound_did.as_ref()), stored(e.pai.as_ref())),
    };
    let data = Numbers {
        title,
        assigned: assigned(&own, e, &trunks, plan),
        trunks: trunks.iter().map(trunk_ref).collect(),
        block,
        outbound: Outbound {
            did: did.filter(|did| !did.is_empty()),
            pai: pai.filter(|pai| !pai.is_empty()),
            pai_choices: asserted(&own, e, &trunks, plan),
        },
        may_choose: policy::may(&viewer.actor, &Act::ChooseOutbound(e.number.clone())),
        errors: refused.errors,
    };
    Ok(views::extensions::numbers::page(
        &viewer.look.page(site),
        &data,
    ))
}

/// The trunk that was asked for; the only one needs no asking.
fn chosen<'t>(trunks: &'t [Trunk], asked: &Asked) -> Option<&'t Trunk> {
    match trunks {
        [only] => Some(only),
        _ => trunks.iter().find(|t| t.id.to_string() == asked.trunk),
    }
}

async fn block(
    site: &Site,
    viewer: &Viewer,
    trunk: &Trunk,
    asked: &Asked,
    typed: String,
) -> Result<Block> {
    let routes = site.app.routes(&viewer.actor).await?;
    let after = Did::from_canonical(&asked.after);
    let taken = Taken::of(&routes);
    let (numbers, next) = page_of(site, viewer, trunk, &taken, after.as_ref()).await?;
    Ok(Block {
        trunk: trunk_ref(trunk),
        numbers,
        after: after.map(|did| did.as_str().to_owned()),
        next,
        typed,
    })
}

fn assigned(own: &[Route], e: &Extension, trunks: &[Trunk], plan: &NumberPlan) -> Vec<Assigned> {
    let routes: Vec<&Route> = own.iter().collect();
    let dids = describe::own_dids(&routes, e.outbound_did.as_ref(), plan);
    let assigned = own.iter().zip(dids).map(|(route, own)| {
        let trunk = trunks.iter().find(|trunk| trunk.id == route.trunk_id);
        Assigned {
            route_id: route.id,
            last_called: route.last_called,
            own,
            trunk: trunk.map_or_else(
                || TrunkRef {
                    id: route.trunk_id,
                    name: String::new(),
                },
                trunk_ref,
            ),
        }
    });
    assigned.collect()
}

/// What may be asserted: its own numbers, the contract's own, the first of each block, and what is chosen now. A block
/// may have ten thousand, which nobody would look through.
fn asserted(
    own: &[Route],
    e: &Extension,
    trunks: &[Trunk],
    plan: &NumberPlan,
) -> Vec<views::ui::did::Did> {
    let mut dids: Vec<Did> = own.iter().map(|route| route.did.clone()).collect();
    for trunk in trunks {
        if own.iter().any(|route| route.trunk_id == trunk.id) {
            let firsts = trunk.numbers.ranges().iter().map(|range| range.first);
            dids.extend(trunk.caller_id.clone());
            dids.extend(firsts.filter_map(Did::from_value));
        }
    }
    dids.extend(e.pai.clone());
    dids.sort_unstable();
    dids.dedup();
    dids.iter().map(|did| describe::did(did, plan)).collect()
}

async fn assign(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let mut fields = Fields::from_form(pairs.clone(), &[]);
    let draft = RouteDraft {
        did: fields.text("did"),
        trunk_id: fields.int("trunk_id"),
        extension: Given::Value(e.number.to_string()),
        ..RouteDraft::default()
    };
    let created = match fields.finish().or(draft) {
        Ok(draft) => site.app.create_route(&viewer.actor, draft).await,
        Err(invalid) => Err(invalid.into()),
    };
    let trunk = value(&pairs, "trunk_id").unwrap_or_default();
    let error = match created {
        Ok(saved) => {
            let plan = &site.app.settings().await?.numbers;
            let done = Done::NumberAssigned {
                number: saved.route.did.for_people(plan),
                extension: e.number.to_string(),
            };
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            let back = url::with_query(&address(&e.number), &[("trunk", trunk)]);
            return Ok(redirect_with(&back, &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let asked = Asked {
        trunk: trunk.to_owned(),
        after: String::new(),
    };
    let refused = Refused {
        errors,
        did: value(&pairs, "did").unwrap_or_default().to_owned(),
        outbound: None,
    };
    let page = show(&site, &viewer, &e, &asked, refused).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn remove(
    State(site): State<Site>,
    viewer: Viewer,
    Path((text, route)): Path<(String, String)>,
) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let route = site
        .app
        .route(&viewer.actor, id_of(&route, "route")?)
        .await?;
    // It may lead elsewhere by now, and is not this page's to remove.
    if route.extension != e.number {
        return Err(Error::NotFound("route").into());
    }
    let (route, applied) = site.app.delete_route(&viewer.actor, route.id).await?;
    let plan = &site.app.settings().await?.numbers;
    let done = Done::NumberRemoved {
        number: route.did.for_people(plan),
        extension: e.number.to_string(),
    };
    let flash = flash(&done, &applied, &viewer.look.texts);
    Ok(redirect_with(&address(&e.number), &flash))
}

async fn outbound(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let number = number(&text)?;
    let mut fields = Fields::from_form(pairs.clone(), &[]);
    let (did, pai) = (fields.text("outbound_cid"), fields.text("pai"));
    let saved = site
        .app
        .choose_outbound(&viewer.actor, &number, did, pai)
        .await;
    let error = match saved {
        Ok((_, _, applied)) => {
            let done = Done::OutboundSaved(number.to_string());
            let flash = flash(&done, &applied, &viewer.look.texts);
            return Ok(redirect_with(&address(&number), &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let text = |name: &str| value(&pairs, name).unwrap_or_default().to_owned();
    let refused = Refused {
        errors,
        did: String::new(),
        outbound: Some((text("outbound_cid"), text("pai"))),
    };
    let e = site.app.extension(&viewer.actor, &number).await?;
    let page = show(&site, &viewer, &e, &Asked::default(), refused).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
