//! The extensions as tiles.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::Response;
use views::dashboard::{Tile, Tiles};

use super::dashboard::{phones_data, unless_away};
use super::describe::{own_dids, peer, phone_state};
use super::shared::{self, Sight, Zip};
use super::viewer::Viewer;
use crate::app::Result;
use crate::domain::route::Route;
use crate::domain::{Act, ExtNumber, policy};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new().get("/fragments/tiles", Act::ViewDashboard, tiles)
}

/// The numbers of these extensions that this person may see: all, or those of the own extension.
async fn routes(
    site: &Site,
    viewer: &Viewer,
    own: Option<&ExtNumber>,
    shown: &[&ExtNumber],
) -> Result<Vec<Route>> {
    if policy::may(&viewer.actor, &Act::ListRoutes) {
        site.app.routes_of_all(&viewer.actor, shown).await
    } else if let Some(own) = own {
        site.app.routes_of(&viewer.actor, own).await
    } else {
        Ok(Vec::new())
    }
}

/// Without an own extension users see what is for all of them.
pub async fn data(site: &Site, viewer: &Viewer, own: Option<&ExtNumber>) -> Result<Tiles> {
    let company = site.app.company(&viewer.actor).await?;
    let shown: Vec<_> = company.shown.iter().map(|e| &e.number).collect();
    let routes = routes(site, viewer, own, &shown).await?;
    let mut numbers: HashMap<&str, Vec<&Route>> = HashMap::new();
    for route in &routes {
        let own = numbers.entry(route.extension.as_str()).or_default();
        own.push(route);
    }
    let settings = site.app.settings().await?;
    let hub = site.app.hub();
    let asterisk = hub.asterisk();
    let views = hub.endpoints(shown.iter().map(|number| number.as_str()));
    let tiles = company.shown.iter().zip(views).map(|(e, view)| {
        let dids = numbers
            .get(e.number.as_str())
            .map(|routes| own_dids(routes, e.outbound_did.as_ref(), &settings.numbers));
        // With whom somebody talks is for those who may see the calls of both.
        let may_know = policy::may(&viewer.actor, &Act::ListAllCalls) || own == Some(&e.number);
        let call = view.call.as_ref();
        Tile {
            number: e.number.to_string(),
            name: e.name.as_str().to_owned(),
            dids: dids.unwrap_or_default(),
            state: phone_state(e.enabled, &asterisk, &view),
            since: call.map(|call| call.since).or(view.since),
            peer: call.filter(|_| may_know).and_then(|call| peer(&call.peer)),
        }
    });
    Ok(Tiles {
        tiles: tiles.collect(),
        more: company.more as u64,
    })
}

async fn tiles(
    State(site): State<Site>,
    viewer: Viewer,
    zip: Zip,
) -> std::result::Result<Response, Failure> {
    // Who is not among those who are shown sees nothing that others do not.
    let company = unless_away(&site, site.app.company(&viewer.actor)).await?;
    let is_shown = |own: &&ExtNumber| {
        company
            .as_ref()
            .is_some_and(|company| company.shown.iter().any(|e| e.number == **own))
    };
    let own = viewer.actor.extension.as_ref().filter(is_shown);
    let make = Box::pin(async {
        let phones = unless_away(&site, phones_data(&site, &viewer)).await?;
        let tiles = unless_away(&site, data(&site, &viewer, own)).await?;
        let may_create = policy::may(&viewer.actor, &Act::CreateExtension);
        let texts = &viewer.look.texts;
        Ok(views::dashboard::tiles_fragment(
            tiles.as_ref(),
            phones.as_ref(),
            may_create,
            texts,
        ))
    });
    shared::part(
        &site,
        &viewer,
        ("tiles", Sight::of(&viewer, own.is_none()), zip),
        make,
    )
    .await
}
