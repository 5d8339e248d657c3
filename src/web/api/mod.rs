//! The REST API: paths, names and shapes of the original, one kind of error for all.

mod asked;
mod audit;
mod auth;
mod body;
mod bulk;
mod callforward;
pub mod calls;
mod cdr;
pub mod import;
mod keys;
mod openapi;
mod peers;
mod routes;
mod second_factor;
mod settings;
pub mod status;
mod trunks;
mod users;
mod voicemail;

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tower_http::cors::CorsLayer;
use views::{Lang, Texts};

use super::access::{Access, Routes};
use super::failure::{self, Failure};
use super::{Site, metrics};
use crate::app::Error;

/// Every call, with who may make it.
pub fn routes() -> Routes {
    Routes::new()
        .merge(auth::router())
        .merge(second_factor::router())
        .merge(keys::router())
        .merge(audit::router())
        .merge(peers::router())
        .merge(import::router())
        .merge(bulk::router())
        .merge(trunks::router())
        .merge(callforward::router())
        .merge(routes::router())
        .merge(cdr::router())
        .merge(calls::router())
        .merge(settings::router())
        .merge(users::router())
        .merge(voicemail::router())
        .merge(status::router())
        .get("/openapi.json", Access::Open, openapi::show)
        .listed_below("/api")
}

pub fn router(site: &Site) -> Router<Site> {
    let routes = routes()
        .guarded(site)
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method);
    let api = Router::new()
        .nest("/api", routes)
        .merge(metrics::router().guarded(site))
        .layer(middleware::from_fn_with_state(site.clone(), explain));
    if site.cors_origins.is_empty() {
        api
    } else {
        api.layer(cors(site))
    }
}

/// For programs that are web pages of another origin. They show a token; cookies are never theirs to send.
fn cors(site: &Site) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(site.cors_origins.clone())
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT_LANGUAGE,
            header::RANGE,
            HeaderName::from_static("x-api-key"),
        ])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::RETRY_AFTER,
            header::CONTENT_RANGE,
        ])
        .max_age(Duration::from_mins(10))
}

async fn no_such_path() -> Failure {
    Error::NotFound("path").into()
}

async fn wrong_method(State(site): State<Site>, request: Request) -> Response {
    let texts = texts(&site, request.headers());
    let detail = texts.error("method_not_allowed", &[]);
    let body = Json(json!({"detail": detail, "code": "method_not_allowed", "errors": {}}));
    (StatusCode::METHOD_NOT_ALLOWED, body).into_response()
}

/// Programs that ask for no language get English, as the original's did.
pub fn texts(site: &Site, headers: &HeaderMap) -> Texts {
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    let lang = wanted
        .and_then(Lang::preferred)
        .or_else(|| Lang::find("en"))
        .unwrap_or(site.language);
    Texts::new(lang, site.timezone, site.app.clock().now())
}

/// Gives a failure its JSON body.
async fn explain(State(site): State<Site>, request: Request, next: Next) -> Response {
    let texts = texts(&site, request.headers());
    let request_id = super::request_id(&request);
    let mut response = next.run(request).await;
    let Some(Failure(error)) = response.extensions_mut().remove::<Failure>() else {
        return in_our_words(response, &texts);
    };
    failure::log(&error, &request_id);
    let mut errors = Map::new();
    if let Error::Invalid(invalid) = &*error {
        for problem in invalid.problems() {
            let codes = errors
                .entry(problem.field)
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(codes) = codes {
                codes.push(problem.code.as_str().into());
            }
        }
    }
    let body = Json(json!({
        "detail": failure::sentence(&error, &texts),
        "code": failure::code(&error),
        "errors": errors,
    }));
    let mut explained = (response.status(), body).into_response();
    for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = response.headers_mut().remove(&name) {
            explained.headers_mut().insert(name, value);
        }
    }
    explained
}

/// What a library refused (a query that cannot be read, a body too large) in the shape of every other error.
fn in_our_words(response: Response, texts: &Texts) -> Response {
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let (status, code) = match response.status() {
        _ if is_json => return response,
        // Says with a header which ranges there are.
        StatusCode::RANGE_NOT_SATISFIABLE => return response,
        StatusCode::METHOD_NOT_ALLOWED => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        StatusCode::PAYLOAD_TOO_LARGE => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
        status if status.is_client_error() => (StatusCode::UNPROCESSABLE_ENTITY, "malformed"),
        _ => return response,
    };
    let body = Json(json!({"detail": texts.error(code, &[]), "code": code, "errors": {}}));
    (status, body).into_response()
}
