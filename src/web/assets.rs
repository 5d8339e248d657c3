//! Style sheet, scripts and pictures, in the binary, under names that change with their contents: a browser asks once.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use views::Assets;

use super::Site;

#[derive(RustEmbed)]
#[folder = "static/"]
#[include = "*.css"]
#[include = "*.js"]
#[include = "*.svg"]
#[include = "*.png"]
#[exclude = "node_modules/*"]
struct Ours;

/// Fetched from npm at set-up, pinned by a lock file.
#[derive(RustEmbed)]
#[folder = "static/node_modules/"]
#[include = "htmx.org/dist/htmx.min.js"]
#[include = "htmx-ext-sse/dist/sse.min.js"]
struct Fetched;

fn file(name: &str) -> Option<EmbeddedFile> {
    match name {
        "htmx.js" => Fetched::get("htmx.org/dist/htmx.min.js"),
        "sse.js" => Fetched::get("htmx-ext-sse/dist/sse.min.js"),
        name => Ours::get(name),
    }
}

fn tag(file: &EmbeddedFile) -> String {
    use std::fmt::Write;
    file.metadata
        .sha256_hash()
        .iter()
        .take(6)
        .fold(String::new(), |mut hex, byte| {
            // Writing into a String cannot fail.
            let _infallible = write!(hex, "{byte:02x}");
            hex
        })
}

/// The address of a file, with a mark of its contents.
pub fn url(name: &str) -> String {
    match file(name) {
        Some(file) => format!("/static/{}/{name}", tag(&file)),
        None => format!("/static/-/{name}"),
    }
}

/// The files every page needs.
pub fn published() -> Assets {
    Assets {
        css: url("app.css"),
        htmx: url("htmx.js"),
        sse: url("sse.js"),
        js: url("app.js"),
        logo: url("logo.svg"),
        favicon: url("favicon.svg"),
    }
}

pub fn router() -> Router<Site> {
    Router::new().route("/static/{mark}/{*name}", get(serve))
}

async fn serve(Path((mark, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(file) = file(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let current = tag(&file);
    let etag = format!("\"{current}\"");
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes())
    {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    // An old address gets the new file, but is asked for again next time.
    let keep = if mark == current {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let kind = file.metadata.mimetype().to_owned();
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, keep.to_owned()),
        (header::ETAG, etag),
    ];
    (headers, file.data).into_response()
}
