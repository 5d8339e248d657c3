//! Parts of the dashboard that many see alike. They are told of news at the same moment and ask at the same moment: such a
//! part is made once for all of them, in each language, and not once for each.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use views::{Lang, Markup};

use super::viewer::Viewer;
use crate::domain::Role;
use crate::web::Site;
use crate::web::failure::Failure;

/// What was made last, by what it depends on besides the moment.
#[derive(Debug, Default)]
pub struct Shared(Mutex<HashMap<Key, Arc<Place>>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    part: &'static str,
    sight: Sight,
    lang: Lang,
    zip: Zip,
}

/// Who sees a part alike. What shows something of one user alone has no place here and is made for that user alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Whoever may see everything.
    Everything,
    /// All others, of a part that is made without anything of their own.
    Common,
}

impl Sight {
    /// None: what this viewer sees is like nobody else's, unless the part is common to all users.
    pub fn of(viewer: &Viewer, is_common: bool) -> Option<Self> {
        match viewer.actor.role {
            Role::Admin => Some(Self::Everything),
            Role::User => is_common.then_some(Self::Common),
        }
    }
}

/// Whoever makes it holds the lock, so that the others wait for it instead of making it too.
type Place = tokio::sync::Mutex<Option<Made>>;

#[derive(Debug)]
struct Made {
    at: Moment,
    body: Bytes,
}

/// All that had been told of, and the second that running times count from.
#[derive(Debug, Clone, Copy)]
struct Moment {
    news: u64,
    second: i64,
}

impl Moment {
    /// When somebody asked.
    fn of(viewer: &Viewer) -> Self {
        Self {
            news: viewer.look.moment,
            second: viewer.look.texts.now().timestamp(),
        }
    }

    /// What was read from this moment on knows all that who asks was told of.
    fn is_good_for(self, asked: Self) -> bool {
        self.news >= asked.news && self.second >= asked.second
    }
}

/// Whether the browser takes the part zipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zip(bool);

impl Zip {
    fn asked_for(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_ENCODING);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        let mut codings = accepted.unwrap_or_default().split(',').map(str::trim);
        // With a weight the general way decides.
        Self(codings.any(|coding| coding == "gzip"))
    }
}

impl<S: Sync> FromRequestParts<S> for Zip {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::asked_for(&parts.headers))
    }
}

impl Shared {
    fn place(&self, key: Key) -> Arc<Place> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(key).or_default())
    }
}

/// The part as this viewer sees it.
pub async fn part(
    site: &Site,
    viewer: &Viewer,
    (part, sight, zip): (&'static str, Option<Sight>, Zip),
    make: impl Future<Output = Result<Markup, Failure>>,
) -> Result<Response, Failure> {
    let Some(sight) = sight else {
        return Ok(make.await?.into_response());
    };
    let lang = viewer.look.texts.lang();
    let asked = Moment::of(viewer);
    let place = site.shared.place(Key {
        part,
        sight,
        lang,
        zip,
    });
    let mut last = place.lock().await;
    let body = match &*last {
        Some(one) if one.at.is_good_for(asked) => one.body.clone(),
        _ => {
            let body = written(make.await?, zip);
            *last = Some(Made {
                at: asked,
                body: body.clone(),
            });
            body
        }
    };
    drop(last);
    Ok(answer(body, zip))
}

fn written(part: Markup, zip: Zip) -> Bytes {
    let text = part.into_string();
    if !zip.0 {
        return text.into();
    }
    let room = Vec::with_capacity(text.len() / 4);
    let mut encoder = GzEncoder::new(room, Compression::fast());
    let zipped = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish());
    zipped.expect("memory takes what is written").into()
}

fn answer(body: Bytes, zip: Zip) -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = ([(header::CONTENT_TYPE, html)], body).into_response();
    if zip.0 {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}
