//! The dashboard and its fragments.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use views::Markup;
use views::dashboard::{
    CallNow, CallsToday, Connection, Dashboard, LastCall, Level, Phones, Problem, System, Tile,
    Tiles, Trouble, Trunks,
};
use views::ui::state::{Live, Party};

use super::describe::{self, live, own_dids, party, peer, phone_state, today, whole};
use super::viewer::Viewer;
use crate::app::status::{self, Status};
use crate::app::{Error, Result};
use crate::domain::call::{CallFilter, Outcome, Page};
use crate::domain::route::Route;
use crate::domain::{Act, ExtNumber, Extension, policy};
use crate::live::{CallState, End};
use crate::web::Site;
use crate::web::failure::Failure;

/// More than fit on a screen; the list of extensions has all.
const TILES: usize = 200;

pub fn router() -> Router<Site> {
    Router::new()
        .route("/", get(root))
        .route("/fragments/system", get(system))
        .route("/fragments/phones", get(phones))
        .route("/fragments/trunks", get(trunks))
        .route("/fragments/tiles", get(tiles))
        .route("/fragments/calls-now", get(calls_now))
        .route("/fragments/calls-today", get(calls_today))
        .route("/fragments/last-calls", get(last_calls))
}

/// Pages to a browser; to a program what the original's API said there.
async fn root(
    State(site): State<Site>,
    headers: HeaderMap,
    viewer: std::result::Result<Viewer, Response>,
) -> std::result::Result<Response, Failure> {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    if !accept.is_some_and(|accept| accept.contains("text/html")) {
        let about = json!({
            "name": "GonoPBX API",
            "version": super::viewer::VERSION,
            "status": "running",
            "timestamp": site.app.clock().now(),
        });
        return Ok(Json(about).into_response());
    }
    let viewer = match viewer {
        Ok(viewer) => viewer,
        Err(refused) => return Ok(refused),
    };
    let dashboard = Dashboard {
        system: system_data(&site).await,
        phones: phones_data(&site, &viewer).await?,
        trunks: trunks_data(&site, &viewer).await?,
        tiles: tiles_data(&site, &viewer).await?,
        calls_now: calls_now_data(&site, &viewer).await?,
        calls_today: unless_away(calls_today_data(&site, &viewer, None).await)?,
        last_calls: unless_away(last_calls_data(&site, &viewer).await)?.unwrap_or_default(),
        may_create: policy::may(&viewer.actor, &Act::CreateExtension),
    };
    let page = viewer.look.page(&site);
    Ok(viewer
        .look
        .answer(views::dashboard::page(&page, &dashboard)))
}

/// The dashboard also shows what is left while the database is away.
pub fn unless_away<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Error::DatabaseAway(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn level(level: status::Level) -> Level {
    match level {
        status::Level::Healthy => Level::Healthy,
        status::Level::Warning => Level::Warning,
        status::Level::Degraded => Level::Degraded,
        status::Level::Critical => Level::Critical,
    }
}

async fn system_data(site: &Site) -> System {
    let status: Status = site.app.status().await;
    let problems = status.problems.iter().map(|problem| {
        let (what, since, link) = match problem {
            status::Problem::AsteriskAway { since, .. } => {
                (Trouble::AsteriskAway, Some(*since), None)
            }
            status::Problem::DatabaseAway => (Trouble::DatabaseAway, None, None),
            status::Problem::NotListening => (Trouble::NotListening, None, None),
            status::Problem::CallsWaiting { count, since } => {
                (Trouble::CallsWaiting(*count as u64), Some(*since), None)
            }
            status::Problem::SpoolUnreadable { since } => {
                (Trouble::SpoolUnreadable, Some(*since), None)
            }
            status::Problem::CallsUnreadable { count } => {
                (Trouble::CallsUnreadable(*count), None, None)
            }
            status::Problem::NoExtensions => (
                Trouble::NoExtensions,
                None,
                Some("/extensions/new".to_owned()),
            ),
        };
        Problem { what, since, link }
    });
    let since = Some(status.asterisk.since);
    System {
        level: level(status.level()),
        problems: problems.collect(),
        asterisk: if status.asterisk.connected {
            Connection::Up { since }
        } else {
            Connection::Away { since }
        },
        database: if status.database {
            Connection::Up { since: None }
        } else {
            Connection::Away { since: None }
        },
    }
}

async fn system(State(site): State<Site>, viewer: Viewer) -> Markup {
    views::dashboard::system(&system_data(&site).await, &viewer.look.texts)
}

async fn phones_data(site: &Site, viewer: &Viewer) -> Result<Live<Phones>> {
    let (online, total) = site.app.phones_online(&viewer.actor).await?;
    let asterisk = site.app.hub().asterisk();
    Ok(live(&asterisk, || Phones {
        online: online.unwrap_or(0) as u64,
        total: total as u64,
    }))
}

async fn phones(State(site): State<Site>, viewer: Viewer) -> std::result::Result<Markup, Failure> {
    let phones = phones_data(&site, &viewer).await?;
    Ok(views::dashboard::phones(&phones, &viewer.look.texts))
}

async fn trunks_data(site: &Site, viewer: &Viewer) -> Result<Trunks> {
    let may_open = policy::may(&viewer.actor, &Act::ListTrunks);
    let trunks = if may_open {
        unless_away(site.app.trunks(&viewer.actor).await)?.unwrap_or_default()
    } else {
        Vec::new()
    };
    let shown = trunks
        .iter()
        .map(|trunk| super::trunks::shown(site, viewer, trunk));
    Ok(Trunks {
        trunks: shown.collect::<Result<_>>()?,
        may_open,
    })
}

async fn trunks(State(site): State<Site>, viewer: Viewer) -> std::result::Result<Markup, Failure> {
    let trunks = trunks_data(&site, &viewer).await?;
    Ok(views::dashboard::trunks(&trunks, &viewer.look.texts))
}

/// The numbers that this person may see, in the order in which they were assigned: all, or those of the own extension.
async fn routes(site: &Site, viewer: &Viewer) -> Result<Vec<Route>> {
    let routes = if policy::may(&viewer.actor, &Act::ListRoutes) {
        site.app.routes(&viewer.actor).await
    } else if let Some(own) = &viewer.actor.extension {
        site.app.routes_of(&viewer.actor, own).await
    } else {
        Ok(Vec::new())
    };
    Ok(unless_away(routes)?.unwrap_or_default())
}

async fn tiles_data(site: &Site, viewer: &Viewer) -> Result<Tiles> {
    let routes = routes(site, viewer).await?;
    let mut numbers: HashMap<&str, Vec<&Route>> = HashMap::new();
    for route in &routes {
        numbers
            .entry(route.extension.as_str())
            .or_default()
            .push(route);
    }
    let settings = unless_away(site.app.settings().await)?;
    let dids = |e: &Extension| match (numbers.get(e.number.as_str()), &settings) {
        (Some(routes), Some(settings)) => {
            own_dids(routes, e.outbound_did.as_ref(), &settings.numbers)
        }
        _ => Vec::new(),
    };
    let hub = site.app.hub();
    let asterisk = hub.asterisk();
    site.app
        .with_extensions(&viewer.actor, |all| {
            let shown: Vec<_> = all.take(TILES).cloned().collect();
            let more = all.count() as u64;
            let views = hub.endpoints(shown.iter().map(|e| e.number.as_str()));
            let tiles = shown.iter().zip(views).map(|(e, view)| Tile {
                number: e.number.to_string(),
                name: e.name.as_str().to_owned(),
                dids: dids(e),
                state: phone_state(e.enabled, &asterisk, &view),
                since: view.call.as_ref().map(|call| call.since).or(view.since),
                peer: view.call.as_ref().and_then(|call| peer(&call.peer)),
            });
            Tiles {
                tiles: tiles.collect(),
                more,
            }
        })
        .await
}

async fn tiles(State(site): State<Site>, viewer: Viewer) -> std::result::Result<Markup, Failure> {
    let tiles = tiles_data(&site, &viewer).await?;
    let may_create = policy::may(&viewer.actor, &Act::CreateExtension);
    Ok(views::dashboard::tiles(
        &tiles,
        may_create,
        &viewer.look.texts,
    ))
}

/// Names of those who are extensions, and what Asterisk said of the others.
pub async fn named(
    site: &Site,
    viewer: &Viewer,
    ends: Vec<(String, String)>,
) -> Result<Vec<Party>> {
    site.app
        .with_extensions(&viewer.actor, |all| {
            let mut wanted: HashMap<&str, Option<Arc<Extension>>> = ends
                .iter()
                .map(|(number, _)| (number.as_str(), None))
                .collect();
            for extension in all {
                if let Some(slot) = wanted.get_mut(extension.number.as_str()) {
                    *slot = Some(Arc::clone(extension));
                }
            }
            ends.iter()
                .map(|(number, name)| {
                    let extension = wanted.get(number.as_str()).and_then(Option::as_ref);
                    party(number, name, extension.map(AsRef::as_ref))
                })
                .collect()
        })
        .await
}

pub async fn parties(
    site: &Site,
    viewer: &Viewer,
    pairs: Vec<((String, String), (String, String))>,
) -> Result<Vec<(Party, Party)>> {
    let ends = pairs
        .into_iter()
        .flat_map(|(from, to)| [from, to])
        .collect();
    let named = named(site, viewer, ends).await?;
    Ok(named
        .chunks_exact(2)
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect())
}

async fn calls_now_data(site: &Site, viewer: &Viewer) -> Result<Live<Vec<CallNow>>> {
    let asterisk = site.app.hub().asterisk();
    let calls = site.app.calls_now(&viewer.actor)?;
    let shown = |end: &End, otherwise: Option<&String>| {
        let endpoint = end
            .endpoint
            .as_deref()
            .filter(|name| ExtNumber::parse(name).is_ok());
        let number = endpoint.map(str::to_owned).or_else(|| end.number.clone());
        let number = number.or_else(|| otherwise.cloned()).unwrap_or_default();
        (number, end.name.clone().unwrap_or_default())
    };
    let pairs = calls
        .iter()
        .map(|call| {
            (
                shown(&call.caller, None),
                shown(&call.callee, call.dialled.as_ref()),
            )
        })
        .collect();
    let parties = parties(site, viewer, pairs).await?;
    let calls = calls
        .into_iter()
        .zip(parties)
        .map(|(call, (from, to))| CallNow {
            id: call.id.replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
            from,
            to,
            is_answered: call.state == CallState::Up,
            since: call.answered.unwrap_or(call.started),
        });
    Ok(live(&asterisk, || calls.collect()))
}

async fn calls_now(
    State(site): State<Site>,
    viewer: Viewer,
) -> std::result::Result<Markup, Failure> {
    let calls = calls_now_data(&site, &viewer).await?;
    Ok(views::dashboard::calls_now_fragment(
        &calls,
        &viewer.look.texts,
    ))
}

pub async fn calls_today_data(
    site: &Site,
    viewer: &Viewer,
    extension: Option<ExtNumber>,
) -> Result<CallsToday> {
    let filter = CallFilter {
        from: today(&viewer.look.texts),
        extension,
        ..CallFilter::default()
    };
    let outcomes = site.app.call_outcomes(&viewer.actor, filter).await?;
    let of = |wanted: &[Outcome]| {
        let counted = outcomes
            .iter()
            .filter(|(outcome, _)| wanted.contains(outcome));
        counted.map(|(_, n)| u64::try_from(*n).unwrap_or(0)).sum()
    };
    Ok(CallsToday {
        total: of(&Outcome::ALL),
        answered: of(&[Outcome::Answered]),
        missed: of(&[Outcome::Missed]),
    })
}

async fn calls_today(
    State(site): State<Site>,
    viewer: Viewer,
) -> std::result::Result<Markup, Failure> {
    let calls = unless_away(calls_today_data(&site, &viewer, None).await)?;
    Ok(views::dashboard::calls_today(
        calls.as_ref(),
        &viewer.look.texts,
    ))
}

async fn last_calls_data(site: &Site, viewer: &Viewer) -> Result<Vec<LastCall>> {
    let page = Page {
        after: None,
        offset: 0,
        limit: 5,
    };
    let calls = site
        .app
        .calls(&viewer.actor, CallFilter::default(), page)
        .await?;
    let pairs = calls
        .iter()
        .map(|call| {
            (
                (call.src.clone(), call.src_name.clone()),
                (call.dst.clone(), String::new()),
            )
        })
        .collect();
    let parties = parties(site, viewer, pairs).await?;
    let calls = calls
        .iter()
        .zip(parties)
        .map(|(call, (from, to))| LastCall {
            direction: describe::direction(call.direction),
            from,
            to,
            outcome: describe::outcome(call.outcome),
            start: call.started_at,
            seconds: whole(call.billsec),
        });
    Ok(calls.collect())
}

async fn last_calls(
    State(site): State<Site>,
    viewer: Viewer,
) -> std::result::Result<Markup, Failure> {
    let calls = unless_away(last_calls_data(&site, &viewer).await)?.unwrap_or_default();
    Ok(views::dashboard::last_calls(&calls, &viewer.look.texts))
}
