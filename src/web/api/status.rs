//! `health` and `dashboard/status`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::app::status::{Problem, Status};
use crate::live::{ContactStatus, EndpointView};
use crate::web::Site;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn router() -> Router<Site> {
    Router::new()
        .route("/health", get(health))
        .route("/dashboard/status", get(dashboard))
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

fn issue(problem: &Problem) -> Value {
    let (code, since) = match problem {
        Problem::AsteriskAway { since, .. } => ("asterisk_away", Some(since)),
        Problem::DatabaseAway => ("database_away", None),
        Problem::NotListening => ("not_listening", None),
        Problem::CallsWaiting { since, .. } => ("calls_waiting", Some(since)),
        Problem::SpoolUnreadable { since } => ("spool_unreadable", Some(since)),
        Problem::CallsUnreadable { .. } => ("calls_unreadable", None),
        Problem::NoExtensions => ("no_extensions", None),
    };
    json!({"code": code, "level": problem.level().as_str(), "since": since})
}

fn endpoint(number: &str, name: &str, view: &EndpointView) -> Value {
    let rtt = view
        .contacts
        .iter()
        .filter(|contact| contact.status == ContactStatus::Reachable)
        .find_map(|contact| contact.round_trip);
    json!({
        "endpoint": number,
        "display_name": if name.is_empty() { number } else { name },
        "type": "peer",
        "status": if view.state.is_online() { "online" } else { "offline" },
        "state": view.state.as_str(),
        "rtt": rtt.map_or(0.0, |rtt| rtt.as_secs_f64() * 1000.0),
    })
}

async fn dashboard(
    State(site): State<Site>,
    Bearer(actor): Bearer,
) -> Result<Json<Value>, Failure> {
    let status: Status = site.app.status().await;
    let hub = site.app.hub();
    let endpoints = site
        .app
        .with_extensions(&actor, |all| {
            let all: Vec<_> = all.filter(|e| e.enabled).collect();
            let views = hub.endpoints(all.iter().map(|e| e.number.as_str()));
            all.iter()
                .zip(&views)
                .map(|(e, view)| endpoint(e.number.as_str(), e.name.as_str(), view))
                .collect::<Vec<_>>()
        })
        .await?;
    Ok(Json(json!({
        "timestamp": site.app.clock().now(),
        "version": VERSION,
        "asterisk": connected(status.asterisk.connected),
        "asterisk_since": status.asterisk.since,
        "endpoints": endpoints,
        "system": {
            "health": status.level().as_str(),
            "issues": status.problems.iter().map(issue).collect::<Vec<_>>(),
            "database": connected(status.database),
            "api": "running",
        },
    })))
}
