//! Translates between HTTP and the use cases: JSON in `api`, HTML in `pages`. Knows no SQL and holds no rules.

pub mod access;
pub mod api;
pub mod assets;
pub mod auth;
pub mod failure;
pub mod listen;
pub mod mail;
mod metrics;
pub mod pages;
mod problems;
pub mod recording;
pub mod sheet;
mod socket;
pub mod stream;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Layer;
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};
use tower_http::request_id::MakeRequestUuid;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use views::{Assets, Lang};

use crate::app::App;
use crate::config::{Config, ConfigError};
pub use crate::domain::calendar::day_start;

/// Larger than any form or JSON of ours.
const BODY_LIMIT: usize = 256 * 1024;
/// More programs than this listen nowhere.
const SOCKETS: usize = 1000;
/// Not for streams, which have no end of their own.
const PATIENCE: Duration = Duration::from_secs(30);

/// What every handler may use.
#[derive(Debug, Clone)]
pub struct Site(Arc<SiteParts>);

#[derive(Debug)]
pub struct SiteParts {
    pub app: Arc<App>,
    /// Where phones register, as shown to people.
    pub sip_address: String,
    /// For browsers that ask for no language we have.
    pub language: Lang,
    pub timezone: chrono_tz::Tz,
    pub secure_cookies: bool,
    /// Whose pages may use the API from a browser.
    pub cors_origins: Vec<HeaderValue>,
    pub assets: Assets,
    pub stop: CancellationToken,
    /// What must have ended before the program does.
    pub running: TaskTracker,
    /// Room for programs that listen.
    pub sockets: Arc<Semaphore>,
    pub meter: metrics::Meter,
    /// What many see alike.
    pub shared: pages::shared::Shared,
}

impl std::ops::Deref for Site {
    type Target = SiteParts;

    fn deref(&self) -> &SiteParts {
        &self.0
    }
}

impl Site {
    pub fn new(
        app: Arc<App>,
        config: &Config,
        language: Lang,
        stop: CancellationToken,
        running: TaskTracker,
    ) -> Result<Self, ConfigError> {
        let origins = config.cors_origins()?;
        let origins = origins
            .into_iter()
            .map(|origin| HeaderValue::from_str(&origin).map_err(|_| ConfigError::Origin(origin)));
        Ok(Self(Arc::new(SiteParts {
            app,
            sip_address: config.sip_address.clone(),
            language,
            timezone: config.timezone,
            secure_cookies: config.secure_cookies,
            cors_origins: origins.collect::<Result<_, _>>()?,
            assets: assets::published(),
            stop,
            running,
            sockets: Arc::new(Semaphore::new(SOCKETS)),
            meter: metrics::Meter::default(),
            shared: pages::shared::Shared::default(),
        })))
    }

    /// Where phones register, as the person at this host name would write it. An address that is only good on this
    /// machine is replaced by the name under which the person has just reached us.
    pub fn sip_server(&self, host: Option<&str>) -> String {
        let Some((configured, port)) = self.sip_address.rsplit_once(':') else {
            return self.sip_address.clone();
        };
        let only_here = configured
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback() || address.is_unspecified());
        let seen = host.map(|host| match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        });
        match seen.filter(|name| only_here && is_host(name)) {
            Some(name) => format!("{name}:{port}"),
            None => self.sip_address.clone(),
        }
    }

    /// The language a request without a user is answered in.
    pub fn language_of(&self, headers: &axum::http::HeaderMap) -> Lang {
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .and_then(Lang::preferred)
            .unwrap_or(self.language)
    }
}

/// A name or address and nothing else: it comes from the request and goes into a picture that phones read.
fn is_host(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    !name.is_empty() && name.len() <= 253 && name.bytes().all(plain)
}

/// Every way to call the server, with who may.
pub fn routes() -> Vec<access::Route> {
    let api = api::routes().merge(metrics::router());
    [pages::routes(), api, endless()]
        .into_iter()
        .flat_map(access::Routes::into_list)
        .collect()
}

/// What has no deadline.
fn endless() -> access::Routes {
    stream::router()
        .merge(socket::router())
        .merge(assets::router())
}

/// The whole web face. A path with a slash at its end is the same path.
pub fn router(site: Site) -> NormalizePath<Router> {
    let timed = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE);
    let routes = Router::new()
        .merge(pages::router(&site))
        .merge(api::router(&site))
        .layer(timed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .merge(endless().guarded(&site))
        .layer(from_fn_with_state(site.clone(), metrics::count))
        .fallback(pages::not_found)
        .with_state(site);
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let shell = ServiceBuilder::new()
        .set_x_request_id(MakeRequestUuid)
        .sensitive_headers([
            header::AUTHORIZATION,
            header::COOKIE,
            header::SET_COOKIE,
            auth::API_KEY,
        ])
        // Without the query, which may hold a token.
        .layer(TraceLayer::new_for_http().make_span_with(|request: &Request| {
            tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
        }))
        .propagate_x_request_id()
        .layer(fixed(header::CONTENT_SECURITY_POLICY, CSP))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(failure::after_panic));
    NormalizePathLayer::trim_trailing_slash().layer(routes.layer(shell))
}

/// The only inline thing is the QR code of a phone's login, an image.
const CSP: &str = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'";

/// The id under which the log knows a request.
pub fn request_id(request: &Request) -> String {
    let id = request
        .headers()
        .get("x-request-id")
        .and_then(|value| value.to_str().ok());
    id.unwrap_or_default().to_owned()
}
