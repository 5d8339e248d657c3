//! The pages: a handler extracts, calls one use case and hands plain data to a view.

mod call_rows;
mod calls;
mod calls_now;
mod changes;
mod dashboard;
mod describe;
mod extension;
mod extension_bulk;
mod extension_credentials;
mod extension_delete;
mod extension_form;
mod extension_forwards;
mod extension_history;
mod extension_import;
mod extension_numbers;
mod extension_voicemail;
mod extensions;
mod free_numbers;
mod keys;
mod mail;
mod number_block;
mod number_form;
mod numbers;
mod profile;
mod second_factor;
mod session;
mod settings;
mod settings_audio;
pub mod shared;
mod tiles;
mod trunk;
mod trunk_form;
mod trunks;
mod users;
mod viewer;
mod voicemail;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use tower_http::csrf::CsrfLayer;
use views::{Flash, FlashKind};

use super::Site;
use super::access::Routes;
use super::failure::{self, Failure};
use crate::app::Error;
use viewer::Look;

/// Every page, with who may see it.
pub fn routes() -> Routes {
    Routes::new()
        .merge(session::router())
        .merge(profile::router())
        .merge(second_factor::router())
        .merge(dashboard::router())
        .merge(tiles::router())
        .merge(calls_now::router())
        .merge(extensions::router())
        .merge(extension_import::router())
        .merge(extension_bulk::router())
        .merge(extension::router())
        .merge(extension_credentials::router())
        .merge(extension_delete::router())
        .merge(extension_forwards::router())
        .merge(extension_numbers::router())
        .merge(extension_voicemail::router())
        .merge(trunks::router())
        .merge(trunk::router())
        .merge(numbers::router())
        .merge(settings::router())
        .merge(settings_audio::router())
        .merge(mail::router())
        .merge(keys::router())
        .merge(calls::router())
        .merge(changes::router())
        .merge(users::router())
        .merge(voicemail::router())
}

pub fn router(site: &Site) -> Router<Site> {
    routes()
        .guarded(site)
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(site.clone(), explain))
}

/// Any path nobody knows.
pub async fn not_found(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let look = Look::of(&parts, &site).await;
    (
        StatusCode::NOT_FOUND,
        views::errors::not_found(&look.page(&site)),
    )
        .into_response()
}

/// Gives a failure its page. Who is not logged in is sent to the login, a fragment's page as a whole.
async fn explain(State(site): State<Site>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let request_id = super::request_id(
        &Request::from_parts(parts.clone(), ()).map(|()| axum::body::Body::empty()),
    );
    let response = next.run(Request::from_parts(parts.clone(), body)).await;
    // The check of the origin, and what a library refused, answer without a page.
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let foreign = response.status().is_client_error()
        && response.status() != StatusCode::RANGE_NOT_SATISFIABLE
        && !is_page
        && response.extensions().get::<Failure>().is_none();
    let Some(Failure(error)) = response.extensions().get::<Failure>().cloned() else {
        if foreign {
            let look = Look::of(&parts, &site).await;
            let words = look.texts.error("malformed", &[]);
            let page = look.page_with(&site, told(&parts, words));
            return (response.status(), views::errors::bad_request(&page)).into_response();
        }
        return response;
    };
    failure::log(&error, &request_id);
    if matches!(*error, Error::Unauthenticated) {
        return to_login(&parts);
    }
    // A part of an open page about something that has just been deleted: the page keeps what it
    // shows, and the one who deleted it is on the way to the list already.
    let is_part =
        parts.method == axum::http::Method::GET && parts.headers.contains_key("hx-request");
    if is_part && matches!(*error, Error::NotFound("extension" | "trunk")) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let look = Look::of(&parts, &site).await;
    let words = failure::sentence(&error, &look.texts);
    let page = look.page_with(&site, told(&parts, words));
    let status = failure::status(&error);
    let body = match &*error {
        Error::Forbidden => views::errors::forbidden(&page),
        Error::NotFound("extension") => {
            views::errors::no_extension(&page, &last_number(parts.uri.path()))
        }
        Error::NotFound(_) => views::errors::not_found(&page),
        Error::DatabaseAway(_) => views::errors::unavailable(&page),
        Error::Internal(_) => views::errors::internal(&page, &request_id),
        _ => views::errors::bad_request(&page),
    };
    (status, body).into_response()
}

/// A part of a page has no room for another page: the one that asked for it takes the message out of the answer.
fn told(parts: &axum::http::request::Parts, text: String) -> Option<Flash> {
    let is_part = parts.headers.contains_key("hx-request");
    is_part.then_some(Flash {
        kind: FlashKind::Error,
        text,
        undo: None,
    })
}

fn last_number(path: &str) -> String {
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    path.split('/')
        .rfind(digits)
        .unwrap_or_default()
        .chars()
        .take(20)
        .collect()
}

fn to_login(parts: &axum::http::request::Parts) -> Response {
    let next = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let is_fragment = parts.headers.contains_key("hx-request");
    // After a form was sent, or inside a page, its own address is no place to come back to.
    let target = if parts.method == axum::http::Method::GET && !is_fragment && next != "/" {
        format!("/login?next={}", views::ui::url::escape(next))
    } else {
        "/login".to_owned()
    };
    if !is_fragment {
        return Redirect::to(&target).into_response();
    }
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    if let Ok(value) = HeaderValue::from_str(&target) {
        response.headers_mut().insert("hx-redirect", value);
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Only a path of ours: anything else would send people to a stranger after they logged in.
fn local(path: &str) -> &str {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        // A browser drops a tab inside an address, and reads the rest as another host.
        && path.bytes().all(|b| b.is_ascii_graphic());
    if ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_gone_to() {
        assert_eq!(local("/calls?q=1"), "/calls?q=1");
        for foreign in [
            "//evil.example",
            "/\t/evil.example",
            "/\u{7f}",
            "https://evil.example",
            "/\\evil.example",
            "",
            "/a\r\nb",
        ] {
            assert_eq!(local(foreign), "/", "{foreign:?}");
        }
    }
}
