//! The one live stream of a browser tab: names of topics, nothing else. What changed is fetched through the ordinary
//! pages, so that there is one rendering and one check of who may see it.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::time::Instant;

use super::failure::Failure;
use super::{Site, auth};
use crate::app::Error;
use crate::app::changes::SESSIONS;
use crate::domain::Act;
use crate::live::{Notice, Subscription, Topic};
use crate::web::access::Routes;

pub fn router() -> Routes {
    Routes::new().get("/events", Act::ViewDashboard, events)
}

/// How often a stream checks that its session is still good, and that somebody is still there.
const CHECK_EVERY: Duration = Duration::from_secs(15);

/// No moment of any process.
const UNKNOWN: u64 = 0;
/// The number of every event.
const MISSED: &str = "0";

struct Listening {
    site: Site,
    parts: Parts,
    subscription: Subscription,
    /// When the session ends by itself.
    expires: Option<Instant>,
    /// Still to be said before listening goes on.
    pending: Vec<Topic>,
}

#[derive(Debug, Deserialize)]
struct Asked {
    /// When the page was made that listens.
    since: Option<u64>,
}

async fn events(State(site): State<Site>, Query(asked): Query<Asked>, parts: Parts) -> Response {
    // First: who is logged out while this is looked at is told.
    let subscription = site.app.hub().subscribe();
    match auth::cookie_user(&parts, &site).await {
        Ok((_, user)) if user.must_change_password => {
            return Failure::from(Error::Forbidden).into_response();
        }
        Ok(_) => {}
        Err(error) => return Failure::from(error).into_response(),
    }
    // A browser that comes back may have missed anything; one that is new, what happened since its page was made.
    let came_back = parts.headers.contains_key("last-event-id");
    let since = if came_back {
        Some(UNKNOWN)
    } else {
        asked.since
    };
    let pending = since.map(|moment| news(&site, moment)).unwrap_or_default();
    let expires = auth::cookie_expires(&parts, &site).map(|at| {
        let left = (at - site.app.clock().now()).to_std();
        Instant::now() + left.unwrap_or_default()
    });
    let listening = Listening {
        site,
        parts,
        subscription,
        expires,
        pending,
    };
    Sse::new(topics(listening))
        .keep_alive(KeepAlive::new().interval(CHECK_EVERY))
        .into_response()
}

/// What is to be said of all that changed after a moment.
fn news(site: &Site, moment: u64) -> Vec<Topic> {
    let mut topics = site.app.hub().changed_since(moment);
    topics.retain(|topic| *topic != SESSIONS);
    topics
}

impl Listening {
    /// While the database is away nobody is logged out.
    async fn is_logged_out(&self) -> bool {
        let checked = auth::cookie_user(&self.parts, &self.site).await;
        matches!(checked, Err(Error::Unauthenticated))
    }
}

async fn expired(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn topics(listening: Listening) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listening, |mut listening| async move {
        loop {
            if let Some(topic) = listening.pending.pop() {
                // A browser drops an event without data. With this it says, when it comes back, that it may have missed
                // anything.
                let event = Event::default()
                    .event(topic.as_str())
                    .id(MISSED)
                    .data("changed");
                return Some((Ok(event), listening));
            }
            tokio::select! {
                () = listening.site.stop.cancelled() => return None,
                () = expired(listening.expires) => return None,
                () = tokio::time::sleep(CHECK_EVERY) => {
                    if listening.is_logged_out().await {
                        return None;
                    }
                }
                notice = listening.subscription.next() => match notice? {
                    // Somebody logged out or was logged out: was it this one?
                    Notice::Changed(SESSIONS) => {
                        if listening.is_logged_out().await {
                            return None;
                        }
                    }
                    Notice::Changed(topic) => listening.pending.push(topic),
                    Notice::Everything => {
                        if listening.is_logged_out().await {
                            return None;
                        }
                        listening.pending = news(&listening.site, UNKNOWN);
                    }
                },
            }
        }
    })
}
