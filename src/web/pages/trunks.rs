//! The list of trunks, and which provider a new one is at.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use views::trunks::choose::Offer;
use views::trunks::list::{Entry, List};
use views::trunks::overview::Calls;

use super::dashboard::unless_away;
use super::describe::{today, trunk_state};
use super::trunk_form as form;
use super::viewer::Viewer;
use crate::app::providers::find;
use crate::app::{Error, Result};
use crate::domain::call::Direction;
use crate::domain::provider::Provider;
use crate::domain::route::Route;
use crate::domain::trunk::Trunk;
use crate::domain::{Act, policy};
use crate::web::access::Routes;
use crate::web::failure::Failure;
use crate::web::{Site, assets};

pub type Answer = std::result::Result<Response, Failure>;

pub fn router() -> Routes {
    Routes::new()
        .get("/trunks", Act::ListTrunks, list)
        .post("/trunks", Act::EditTrunks, form::create)
        .get("/trunks/new", Act::EditTrunks, new)
}

/// For pages whose every part is for those who may.
pub fn permit(viewer: &Viewer, act: &Act) -> Result<()> {
    if policy::may(&viewer.actor, act) {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

pub fn provider(provider: &Provider, viewer: &Viewer) -> views::trunks::Provider {
    let language = viewer.look.texts.lang().code();
    views::trunks::Provider {
        name: provider.name_in(language).to_owned(),
        logo: assets::url(&format!("providers/{}", provider.logo)),
    }
}

/// The provider's template; that for any provider when somebody wrote a key in SQL that names none.
pub fn template<'p>(site: &'p Site, key: &str) -> Result<&'p Provider> {
    find(key)
        .or_else(|| site.app.providers().last())
        .ok_or(Error::NotFound("provider"))
}

/// What tiles and every page of a trunk show of it.
pub fn shown(site: &Site, viewer: &Viewer, trunk: &Trunk) -> Result<views::trunks::Trunk> {
    let seen = site.app.trunk_state(&viewer.actor, trunk.id)?;
    Ok(views::trunks::Trunk {
        id: trunk.id,
        name: trunk.name.clone(),
        provider: provider(template(site, &trunk.provider)?, viewer),
        state: trunk_state(trunk, &site.app.hub().asterisk(), &seen),
    })
}

/// Its numbers that lead somewhere, and all there are: those of its blocks, and others that the provider delivers.
pub fn usage(trunk: &Trunk, routes: &[Route]) -> (u64, u64) {
    let (mut used, mut total) = (0, trunk.numbers.len());
    for route in routes {
        let in_block = trunk.numbers.contains(&route.did);
        used += u64::from(in_block || route.trunk_id == trunk.id);
        total += u64::from(!in_block && route.trunk_id == trunk.id);
    }
    (used, total)
}

/// None while the database does not tell.
pub async fn calls_since(
    site: &Site,
    viewer: &Viewer,
    id: i64,
    from: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<Option<Calls>> {
    let Some(from) = from else { return Ok(None) };
    let counted = unless_away(site, site.app.trunk_calls(&viewer.actor, id, from)).await?;
    Ok(counted.map(|calls| {
        let of = |wanted: Direction| {
            let counts = calls.iter().filter(|(direction, ..)| *direction == wanted);
            counts
                .map(|(.., count)| u64::try_from(*count).unwrap_or(0))
                .sum()
        };
        Calls {
            incoming: of(Direction::Incoming),
            outgoing: of(Direction::Outgoing),
        }
    }))
}

async fn list(State(site): State<Site>, viewer: Viewer) -> Answer {
    let trunks = site.app.trunks(&viewer.actor).await?;
    let routes = site.app.routes(&viewer.actor).await?;
    let from = today(&viewer.look.texts);
    let mut list = List {
        trunks: Vec::with_capacity(trunks.len()),
    };
    for trunk in &trunks {
        let (used, total) = usage(trunk, &routes);
        let calls = calls_since(&site, &viewer, trunk.id, from).await?;
        list.trunks.push(Entry {
            trunk: shown(&site, &viewer, trunk)?,
            used,
            total,
            calls_today: calls.map(|calls| calls.incoming + calls.outgoing),
        });
    }
    let page = views::trunks::list::page(&viewer.look.page(&site), &list);
    Ok(viewer.look.answer(page))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    provider: String,
}

async fn new(State(site): State<Site>, viewer: Viewer, Query(asked): Query<Asked>) -> Answer {
    permit(&viewer, &Act::EditTrunks)?;
    if !asked.provider.is_empty() {
        return form::new(&site, &viewer, &asked.provider);
    }
    let page = views::trunks::choose::page(&viewer.look.page(&site), &offers(&site, &viewer));
    Ok(viewer.look.answer(page))
}

/// Those of one country follow each other, the countries in the order of their first provider.
fn offers(site: &Site, viewer: &Viewer) -> Vec<Offer> {
    let all = site.app.providers();
    let mut sorted: Vec<&Provider> = all.iter().collect();
    sorted.sort_by_key(|p| all.iter().position(|other| other.country == p.country));
    let offers = sorted.into_iter().map(|p| Offer {
        key: p.key.clone(),
        provider: provider(p, viewer),
        country: p.country.clone(),
    });
    offers.collect()
}
