//! Style sheet, scripts and pictures, in the binary, under names that change with their contents: a browser asks once.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use views::Assets;

use crate::domain::secret::hex;
use crate::web::access::{Access, Routes};

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
    hex(&file.metadata.sha256_hash()[..6])
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

pub fn router() -> Routes {
    Routes::new().get("/static/{mark}/{*name}", Access::Open, serve)
}

/// A style sheet without what only its writers need.
fn dense(css: &str) -> String {
    let mut dense = String::with_capacity(css.len());
    let mut rest = css.chars().peekable();
    let mut quote = None;
    let mut is_apart = false;
    while let Some(c) = rest.next() {
        if quote.is_none() && c == '/' && rest.peek() == Some(&'*') {
            let mut before = ' ';
            for c in rest.by_ref().skip(1) {
                if before == '*' && c == '/' {
                    break;
                }
                before = c;
            }
            is_apart = true;
            continue;
        }
        if quote.is_none() && c.is_whitespace() {
            is_apart = true;
            continue;
        }
        if std::mem::take(&mut is_apart)
            && !"{};,".contains(c)
            && !dense.is_empty()
            // A blank behind a colon says nothing; one before it does, in a selector.
            && !dense.ends_with(['{', '}', ';', ',', ':'])
        {
            dense.push(' ');
        }
        match quote {
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        dense.push(c);
    }
    dense
}

/// As it is sent.
fn body(name: &str, file: &EmbeddedFile) -> Vec<u8> {
    static CSS: OnceLock<String> = OnceLock::new();
    if name != "app.css" {
        return file.data.to_vec();
    }
    let css = CSS.get_or_init(|| dense(&String::from_utf8_lossy(&file.data)));
    css.clone().into_bytes()
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
    (headers, body(&name, &file)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_loses_blanks_and_comments_and_nothing_else() {
        let css = "/* a */\na:hover > b, c { margin: 0 auto; content: \"x { ; } /* y */\"; }\n\n@media (width < 1px) { d { e: calc(1px + 2px) } }\n";
        assert_eq!(
            dense(css),
            "a:hover > b,c{margin:0 auto;content:\"x { ; } /* y */\";}@media (width < 1px){d{e:calc(1px + 2px)}}"
        );
    }

    #[test]
    fn the_style_sheet_is_small() {
        let file = file("app.css").expect("it is there");
        let sent = body("app.css", &file).len();
        assert!(sent < 30_000, "{sent} bytes");
    }
}
