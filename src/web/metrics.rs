//! `/metrics` for Prometheus: how the system is, read when it is asked for, and how many requests were answered. Programs
//! read it with the token or the API key of an administrator, like the API.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Site;
use super::access::Routes;
use super::auth::Bearer;
use super::failure::Failure;
use crate::app::status::Problem;
use crate::app::{Error, Result};
use crate::domain::{Act, Actor, policy};
use crate::live::CallState;

pub const PATH: &str = "/metrics";
const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// In seconds: from an answer out of memory to the deadline of a request.
const BUCKETS: [f64; 8] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.0, 10.0, 30.0];

pub fn router() -> Routes {
    Routes::new().get(PATH, Act::ViewMetrics, show)
}

/// The route as it is matched: an address that nobody thought of adds no line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u32,
}

type OfState = [(&'static str, &'static str); 1];

/// What was counted since the program started.
#[derive(Debug)]
pub struct Meter {
    requests: Family<Answered, Counter>,
    duration: Histogram,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            duration: Histogram::new(BUCKETS),
        }
    }
}

impl Meter {
    fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        let answered = Answered {
            method: method.to_owned(),
            route: route.to_owned(),
            status: status.into(),
        };
        self.requests.get_or_create(&answered).inc();
        self.duration.observe(took.as_secs_f64());
    }

    fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_requests",
            "Requests answered, by route",
            self.requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "Until an answer began",
            Unit::Seconds,
            self.duration.clone(),
        );
    }
}

/// Counts what the routes answer. A method that is not one of ours is one line, whatever it is called.
pub async fn count(State(site): State<Site>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let response = next.run(request).await;
    if let Some(route) = route {
        let method = if super::access::is_method(&method) {
            method.as_str()
        } else {
            "OTHER"
        };
        let status = response.status().as_u16();
        site.meter
            .count(method, route.as_str(), status, begun.elapsed());
    }
    response
}

/// How the system is now. What only the database knows is left out while it is away: no number is better than an old one.
async fn system(site: &Site, actor: &Actor, registry: &mut Registry) -> Result<()> {
    let status = site.app.status().await;
    let mut tell = |name: &str, help: &str, value: usize| {
        registry.register(name, help, ConstGauge::new(value));
    };
    tell(
        "asterisk_connected",
        "1 while the server talks with Asterisk",
        status.asterisk.connected.into(),
    );
    tell(
        "database_connected",
        "1 while the database answers",
        status.database.into(),
    );
    tell(
        "problems",
        "Problems that the dashboard shows now",
        status.problems.len(),
    );
    if status.database {
        let company = site.app.company(actor).await?;
        let trunks = site.app.trunks(actor).await?;
        tell(
            "extensions_enabled",
            "Extensions that are switched on",
            company.phones.enabled,
        );
        tell(
            "trunks_enabled",
            "Trunks that are switched on",
            trunks.iter().filter(|trunk| trunk.enabled).count(),
        );
        if status.asterisk.connected {
            tell(
                "extensions_online",
                "Extensions with a registered phone",
                company.phones.online,
            );
            let is_down = |problem: &&Problem| matches!(problem, Problem::TrunkDown(_));
            let down = status.problems.iter().filter(is_down).count();
            tell("trunks_down", "Trunks that do not work", down);
        }
    }
    if status.asterisk.connected {
        let calls = Family::<OfState, Gauge>::default();
        let now = site.app.calls_now(actor)?;
        for state in [CallState::Dialing, CallState::Ringing, CallState::Up] {
            let count = now.iter().filter(|call| call.state == state).count();
            calls
                .get_or_create(&[("state", state.as_str())])
                .set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        registry.register("calls", "Calls in progress", calls);
    }
    Ok(())
}

async fn show(
    State(site): State<Site>,
    Bearer(actor): Bearer,
) -> std::result::Result<Response, Failure> {
    if !policy::may(&actor, &Act::ViewMetrics) {
        return Err(Error::Forbidden.into());
    }
    let mut registry = Registry::with_prefix("gonopbx");
    system(&site, &actor, &mut registry).await?;
    site.meter.register(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry).map_err(Error::internal)?;
    Ok(([(header::CONTENT_TYPE, KIND)], text).into_response())
}
