//! `health`, `dashboard/status`, and the root of the API.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use views::Texts;

use crate::app::status::{Seen, Status};
use crate::domain::trunk::Trunk;
use crate::domain::{Act, Actor, policy};
use crate::live::{ContactStatus, EndpointView};
use crate::web::Site;
use crate::web::access::{Access, Routes};
use crate::web::auth::Bearer;
use crate::web::failure::Failure;
use crate::web::problems;

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn router() -> Routes {
    Routes::new()
        .get("/", Access::Open, root)
        .get("/health", Access::Open, health)
        .get("/dashboard/status", Act::ViewDashboard, dashboard)
}

async fn root(State(site): State<Site>) -> Json<Value> {
    Json(about(&site))
}

/// Who answers here.
pub fn about(site: &Site) -> Value {
    json!({
        "name": "GonoPBX API",
        "version": VERSION,
        "status": "running",
        "timestamp": site.app.clock().now(),
    })
}

fn connected(is: bool) -> &'static str {
    if is { "connected" } else { "disconnected" }
}

/// 503 when a part is away: says which, and nothing else.
async fn health(State(site): State<Site>) -> Response {
    let status = site.app.status().await;
    let healthy = status.asterisk.connected && status.database;
    let body = json!({
        "status": if healthy { "healthy" } else { "unhealthy" },
        "timestamp": site.app.clock().now(),
        "services": {
            "api": "running",
            "asterisk": connected(status.asterisk.connected),
            "database": connected(status.database),
        },
    });
    let code = if healthy {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, Json(body)).into_response()
}

/// The original's sentences are `issues`; what programs can compare is in `problems`.
fn system(status: &Status, actor: &Actor, texts: &Texts) -> Value {
    let (mut issues, mut found) = (Vec::new(), Vec::new());
    for (problem, shown) in problems::shown(status, actor) {
        let sentence = views::dashboard::sentence(&shown.what, texts);
        issues.push(Value::from(sentence.as_str()));
        found.push(json!({
            "code": problem.code(),
            "level": problem.level().as_str(),
            "detail": sentence,
            "since": shown.since,
            "link": shown.link,
        }));
    }
    json!({
        "health": status.level().as_str(),
        "issues": issues,
        "problems": found,
        "database": connected(status.database),
        "api": "running",
    })
}

fn state(view: &EndpointView) -> Map<String, Value> {
    let mut reachable = view
        .contacts
        .iter()
        .filter(|contact| contact.status == ContactStatus::Reachable);
    let rtt = reachable.find_map(|contact| contact.round_trip);
    let mut object = Map::with_capacity(8);
    let online = view.presence.is_online();
    object.insert(
        "status".into(),
        if online { "online" } else { "offline" }.into(),
    );
    object.insert("state".into(), view.presence.as_str().into());
    object.insert("rtt".into(), milliseconds(rtt).into());
    object
}

fn milliseconds(time: Option<std::time::Duration>) -> f64 {
    time.map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

fn peer(seen: &Seen) -> Value {
    let mut object = state(&seen.view);
    let number = seen.extension.number.as_str();
    let name = seen.extension.name.as_str();
    object.insert("endpoint".into(), number.into());
    let shown = if name.is_empty() { number } else { name };
    object.insert("display_name".into(), shown.into());
    object.insert("type".into(), "peer".into());
    if let Some(user) = &seen.user {
        object.insert("user_name".into(), user.as_str().into());
    }
    object.into()
}

fn trunk(site: &Site, actor: &Actor, trunk: &Trunk) -> Result<Value, Failure> {
    let seen = site.app.trunk_state(actor, trunk.id)?;
    let mut object = state(&seen.endpoint);
    let is_up = seen.works();
    object.insert(
        "status".into(),
        if is_up == Some(true) {
            "online"
        } else {
            "offline"
        }
        .into(),
    );
    let word = match (&seen.registration, is_up) {
        (_, None) => "unknown".to_owned(),
        (Some(view), _) => view.status.to_lowercase(),
        (None, Some(true)) => "reachable".to_owned(),
        (None, Some(false)) => "unreachable".to_owned(),
    };
    object.insert("state".into(), word.into());
    object.insert("endpoint".into(), format!("trunk-ep-{}", trunk.id).into());
    object.insert("display_name".into(), trunk.name.as_str().into());
    object.insert("provider".into(), trunk.provider.as_str().into());
    object.insert("type".into(), "trunk".into());
    Ok(object.into())
}

/// While the database is away nobody knows the extensions, so this is 503 then; `health` says which part it is.
async fn dashboard(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    headers: HeaderMap,
) -> Result<Json<Value>, Failure> {
    let status: Status = site.app.status().await;
    let mut endpoints: Vec<Value> = site.app.seen(&actor).await?.iter().map(peer).collect();
    if policy::may(&actor, &Act::ListTrunks) && status.database {
        for line in site.app.trunks(&actor).await?.iter().filter(|t| t.enabled) {
            endpoints.push(trunk(&site, &actor, line)?);
        }
    }
    let texts = super::texts(&site, &headers);
    Ok(Json(json!({
        "timestamp": site.app.clock().now(),
        "version": VERSION,
        "asterisk": connected(status.asterisk.connected),
        "asterisk_since": status.asterisk.since,
        "endpoints": endpoints,
        "system": system(&status, &actor, &texts),
    })))
}
