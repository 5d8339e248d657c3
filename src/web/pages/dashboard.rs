//! The dashboard and its fragments.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use views::dashboard::{CallsToday, Connection, Dashboard, LastCall, Phones, System, Trunks};
use views::ui::state::Live;

use super::describe::{self, live, today, whole};
use super::shared::{self, Sight, Zip};
use super::viewer::Viewer;
use super::{calls_now, tiles};
use crate::app::status::Status;
use crate::app::{Error, Result};
use crate::domain::call::{CallFilter, Outcome, Page};
use crate::domain::{Act, ExtNumber, policy};
use crate::web::Site;
use crate::web::access::{Access, Routes};
use crate::web::api::status::about;
use crate::web::failure::Failure;
use crate::web::problems;

pub fn router() -> Routes {
    Routes::new()
        .get("/", Access::Open, root)
        .get("/fragments/system", Act::ViewDashboard, system)
        .get("/fragments/trunks", Act::ViewDashboard, trunks)
        .get("/fragments/last-calls", Act::ViewDashboard, last_calls)
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
        return Ok(Json(about(&site)).into_response());
    }
    let viewer = match viewer {
        Ok(viewer) => viewer,
        Err(refused) => return Ok(refused),
    };
    let dashboard = Dashboard {
        system: system_data(&site, &viewer).await,
        phones: unless_away(&site, phones_data(&site, &viewer)).await?,
        trunks: unless_away(&site, trunks_data(&site, &viewer)).await?,
        tiles: unless_away(
            &site,
            tiles::data(&site, &viewer, viewer.actor.extension.as_ref()),
        )
        .await?,
        calls_now: calls_now::data(&site, &viewer).await?,
        calls_today: unless_away(&site, calls_today_data(&site, &viewer, None)).await?,
        last_calls: unless_away(&site, Box::pin(last_calls_data(&site, &viewer))).await?,
        may_call: viewer.actor.extension.is_some(),
        may_create: policy::may(&viewer.actor, &Act::CreateExtension),
    };
    let page = viewer.look.page(&site);
    Ok(viewer
        .look
        .answer(views::dashboard::page(&page, &dashboard)))
}

/// The dashboard also shows what is left while the database is away.
pub async fn unless_away<T>(
    site: &Site,
    read: impl Future<Output = Result<T>>,
) -> Result<Option<T>> {
    if site.app.is_database_away() {
        return Ok(None);
    }
    match read.await {
        Ok(value) => Ok(Some(value)),
        Err(Error::DatabaseAway(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn system_data(site: &Site, viewer: &Viewer) -> System {
    let status: Status = site.app.status().await;
    let since = Some(status.asterisk.since);
    System {
        level: problems::level(status.level()),
        problems: problems::shown(&status, &viewer.actor)
            .map(|(_, problem)| problem)
            .collect(),
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

async fn system(
    State(site): State<Site>,
    viewer: Viewer,
    zip: Zip,
) -> std::result::Result<Response, Failure> {
    let make = Box::pin(async {
        let system = system_data(&site, &viewer).await;
        Ok(views::dashboard::system(&system, &viewer.look.texts))
    });
    shared::part(
        &site,
        &viewer,
        ("system", Sight::of(&viewer, true), zip),
        make,
    )
    .await
}

pub async fn phones_data(site: &Site, viewer: &Viewer) -> Result<Live<Phones>> {
    let company = site.app.company(&viewer.actor).await?;
    let asterisk = site.app.hub().asterisk();
    Ok(live(&asterisk, || Phones {
        online: company.phones.online as u64,
        total: company.phones.enabled as u64,
    }))
}

async fn trunks_data(site: &Site, viewer: &Viewer) -> Result<Trunks> {
    let may_open = policy::may(&viewer.actor, &Act::ListTrunks);
    let trunks = if may_open {
        site.app.trunks(&viewer.actor).await?
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

async fn trunks(
    State(site): State<Site>,
    viewer: Viewer,
    zip: Zip,
) -> std::result::Result<Response, Failure> {
    let make = Box::pin(async {
        let trunks = unless_away(&site, trunks_data(&site, &viewer)).await?;
        let texts = &viewer.look.texts;
        Ok(views::dashboard::trunks(trunks.as_ref(), texts))
    });
    shared::part(
        &site,
        &viewer,
        ("trunks", Sight::of(&viewer, false), zip),
        make,
    )
    .await
}

pub async fn calls_today_data(
    site: &Site,
    viewer: &Viewer,
    extension: Option<ExtNumber>,
) -> Result<CallsToday> {
    let Some(from) = today(&viewer.look.texts) else {
        return Ok(CallsToday::default());
    };
    let counted = site
        .app
        .calls_by_hour(&viewer.actor, extension, from)
        .await?;
    let mut today = CallsToday::default();
    for (outcome, hour, count) in counted {
        let count = u64::try_from(count).unwrap_or(0);
        today.total += count;
        match outcome {
            Outcome::Answered => today.answered += count,
            Outcome::Missed => today.missed += count,
            Outcome::Busy | Outcome::Failed => {}
        }
        let hour = usize::try_from(hour).unwrap_or(0);
        if hour >= today.hours.len() {
            today.hours.resize(hour + 1, 0);
        }
        today.hours[hour] += count;
    }
    // As wide in the morning as in the evening.
    today.hours.resize(today.hours.len().max(24), 0);
    Ok(today)
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
    let parties = calls_now::parties(site, viewer, pairs).await?;
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
    zip: Zip,
) -> std::result::Result<Response, Failure> {
    let make = Box::pin(async {
        let calls = unless_away(&site, Box::pin(last_calls_data(&site, &viewer))).await?;
        let today = unless_away(&site, calls_today_data(&site, &viewer, None)).await?;
        let texts = &viewer.look.texts;
        Ok(views::dashboard::last_calls_fragment(
            calls.as_deref(),
            today.as_ref(),
            texts,
        ))
    });
    shared::part(
        &site,
        &viewer,
        ("last-calls", Sight::of(&viewer, false), zip),
        make,
    )
    .await
}
