//! `trunks/*`: lines to providers.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::body::{Object, read};
use crate::app::Error;
use crate::app::answers::Heard;
use crate::app::probe::Answer;
use crate::app::trunks::TrunkState;
use crate::domain::call::Direction;
use crate::domain::did::{Did, NumberPlan};
use crate::domain::invalid::Code;
use crate::domain::secret::MASK;
use crate::domain::trunk::{Trunk, TrunkDraft};
use crate::domain::{Act, Invalid};
use crate::live::ContactStatus;
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .get("/trunks", Act::ListTrunks, list)
        .post("/trunks", Act::EditTrunks, create)
        .get("/trunks/available-dids", Act::ListRoutes, available)
        .get("/trunks/{id}", Act::ListTrunks, show)
        .put("/trunks/{id}", Act::EditTrunks, edit)
        .delete("/trunks/{id}", Act::EditTrunks, remove)
        .get("/trunks/{id}/status", Act::ListTrunks, status)
}

pub(super) fn id_of(text: &str, what: &'static str) -> Result<i64, Error> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Invalid::one("id", Code::Malformed).into());
    }
    // More digits than any id has.
    text.parse().map_err(|_| Error::NotFound(what))
}

fn object(trunk: &Trunk, plan: &NumberPlan) -> Value {
    json!({
        "id": trunk.id,
        "name": trunk.name,
        "provider": trunk.provider,
        "auth_mode": trunk.auth_mode.as_str(),
        "sip_server": trunk.server,
        "transport": trunk.transport.as_str(),
        "username": trunk.username,
        "password": trunk.has_password.then_some(MASK),
        "from_user": trunk.from_user,
        "caller_id": trunk.caller_id.as_ref().map(|did| did.national(plan)),
        "number_block": block(trunk, plan),
        "context": "from-trunk",
        "codecs": trunk.codecs.column(),
        "enabled": trunk.enabled,
        "created_at": trunk.created_at,
        "updated_at": trunk.updated_at,
    })
}

/// As a contract has it: `042198961300-042198961399`.
fn block(trunk: &Trunk, plan: &NumberPlan) -> Option<String> {
    let number = |value| Did::from_value(value).map(|did| did.national(plan));
    let ranges = trunk.numbers.ranges().iter().filter_map(|range| {
        let first = number(range.first)?;
        Some(if range.first == range.last {
            first
        } else {
            format!("{first}-{}", number(range.last)?)
        })
    });
    let text = ranges.collect::<Vec<_>>().join(",");
    (!text.is_empty()).then_some(text)
}

async fn list(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    let settings = site.app.settings().await?;
    let trunks = site.app.trunks(&actor).await?;
    Ok(Json(
        trunks
            .iter()
            .map(|trunk| object(trunk, &settings.numbers))
            .collect(),
    ))
}

async fn show(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let settings = site.app.settings().await?;
    let trunk = site.app.trunk(&actor, id_of(&id, "trunk")?).await?;
    Ok(Json(object(&trunk, &settings.numbers)))
}

async fn create(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Response, Failure> {
    let draft = TrunkDraft::read(&mut fields);
    read(fields)?;
    let password = draft
        .password
        .clone()
        .value()
        .filter(|password| password != MASK);
    let saved = site.app.create_trunk(&actor, draft).await?;
    answer(&site, &saved.trunk, password, saved.applied.live.is_ok()).await
}

async fn edit(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Response, Failure> {
    let draft = TrunkDraft::read(&mut fields);
    read(fields)?;
    let password = draft
        .password
        .clone()
        .value()
        .filter(|password| password != MASK);
    let saved = site
        .app
        .edit_trunk(&actor, id_of(&id, "trunk")?, draft)
        .await?;
    answer(&site, &saved.trunk, password, saved.applied.live.is_ok()).await
}

/// The password only in the answer that sets it.
async fn answer(
    site: &Site,
    trunk: &Trunk,
    password: Option<String>,
    live: bool,
) -> Result<Response, Failure> {
    let settings = site.app.settings().await?;
    let mut object = object(trunk, &settings.numbers);
    if let Some(password) = password {
        object["password"] = password.into();
    }
    object["live"] = live.into();
    Ok(Json(object).into_response())
}

async fn remove(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let (trunk, applied) = site.app.delete_trunk(&actor, id_of(&id, "trunk")?).await?;
    Ok(Json(
        json!({"status": "deleted", "name": trunk.name, "live": applied.live.is_ok()}),
    ))
}

/// Numbers of each trunk that lead nowhere yet.
async fn available(
    State(site): State<Site>,
    Bearer(actor): Bearer,
) -> Result<Json<Value>, Failure> {
    let settings = site.app.settings().await?;
    let taken: std::collections::HashSet<Did> = site
        .app
        .routes(&actor)
        .await?
        .into_iter()
        .map(|route| route.did)
        .collect();
    let trunks = site.app.trunks(&actor).await?;
    let list = trunks
        .iter()
        .filter(|trunk| trunk.enabled && !trunk.numbers.is_empty())
        .map(|trunk| {
            let free = trunk.numbers.numbers().filter(|did| !taken.contains(did));
            let dids: Vec<String> = free.map(|did| did.national(&settings.numbers)).collect();
            json!({"trunk_id": trunk.id, "trunk_name": trunk.name, "dids": dids})
        });
    Ok(Json(list.collect()))
}

/// As the provider said it: `403 Forbidden`; null when it said nothing.
fn last_response(seen: &TrunkState) -> Option<String> {
    if seen.registration.as_ref()?.status == "Registered" {
        return Some("200 OK".to_owned());
    }
    match &seen.refusal()?.heard {
        Heard::Said(Answer::Said { status, words }) => {
            Some(format!("{status} {words}").trim_end().to_owned())
        }
        _ => None,
    }
}

async fn status(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let id = id_of(&id, "trunk")?;
    let settings = site.app.settings().await?;
    let trunk = site.app.trunk(&actor, id).await?;
    let seen = site.app.trunk_state(&actor, id)?;
    let TrunkState {
        registration,
        endpoint,
        ..
    } = &seen;
    let routes = site.app.routes(&actor).await?;
    let now = site.app.clock().now();
    let today = now.with_timezone(&site.timezone).date_naive();
    let midnight = crate::web::day_start(today, site.timezone).unwrap_or(now);
    let of_today = site.app.trunk_calls(&actor, id, midnight).await?;
    let of_week = site
        .app
        .trunk_calls(&actor, id, midnight - TimeDelta::days(6))
        .await?;
    let count =
        |wanted: &[Direction], calls: &[(Direction, crate::domain::call::Outcome, i64)]| -> i64 {
            calls
                .iter()
                .filter(|(direction, ..)| wanted.contains(direction))
                .map(|(.., n)| n)
                .sum()
        };
    let both = [Direction::Incoming, Direction::Outgoing];
    let contact = endpoint.contacts.first();
    let known = contact.filter(|contact| contact.status != ContactStatus::NotQualified);
    let reachable = known.map(|contact| contact.status == ContactStatus::Reachable);
    let round_trip = known.and_then(|contact| contact.round_trip);
    Ok(Json(json!({
        "trunk": object(&trunk, &settings.numbers),
        "registration": {
            "status": registration.as_ref().map_or("unknown", |view| view.status.as_str()).to_lowercase(),
            "since": registration.as_ref().map(|view| view.since),
            "expires": seen.expires(),
            "last_response": last_response(&seen),
            "next_attempt": registration.as_ref().and_then(|view| view.next),
        },
        "endpoint": {
            "state": endpoint.state.as_str(),
            "rtt": round_trip.map_or(0.0, |rtt| rtt.as_secs_f64() * 1000.0),
            "contact_uri": contact.map(|c| c.uri.clone()),
            "reachable": reachable,
        },
        "routes": routes.iter().filter(|r| r.trunk_id == id).map(super::routes::object).collect::<Vec<_>>(),
        "stats": {
            "calls_today": count(&both, &of_today),
            "calls_week": count(&both, &of_week),
            "inbound_today": count(&[Direction::Incoming], &of_today),
            "outbound_today": count(&[Direction::Outgoing], &of_today),
        },
    })))
}
