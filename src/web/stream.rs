//! The one live stream of a browser tab: names of topics, nothing else. What changed is fetched through the ordinary
//! pages, so that there is one rendering and one check of who may see it.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
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
const ALL: [Topic; 6] = [
    Topic::System,
    Topic::Extensions,
    Topic::Calls,
    Topic::Cdr,
    Topic::Trunks,
    Topic::Voicemail,
];

struct Listening {
    site: Site,
    parts: Parts,
    subscription: Subscription,
    /// When the session ends by itself.
    expires: Option<Instant>,
    /// Still to be said before listening goes on.
    pending: Vec<Topic>,
}

async fn events(State(site): State<Site>, parts: Parts) -> Response {
    match auth::cookie_user(&parts, &site).await {
        Ok((_, user)) if user.must_change_password => {
            return Failure::from(Error::Forbidden).into_response();
        }
        Ok(_) => {}
        Err(error) => return Failure::from(error).into_response(),
    }
    let subscription = site.app.hub().subscribe();
    // A browser that comes back may have missed something.
    let pending = if parts.headers.contains_key("last-event-id") {
        ALL.to_vec()
    } else {
        Vec::new()
    };
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
                // A browser drops an event without data.
                let event = Event::default()
                    .event(topic.as_str())
                    .id("1")
                    .data("changed");
                return Some((Ok(event), listening));
            }
            tokio::select! {
                () = listening.site.stop.cancelled() => return None,
                () = expired(listening.expires) => return None,
                () = tokio::time::sleep(CHECK_EVERY) => {
                    // Ends with the session; while the database is away nobody is logged out.
                    let checked = auth::cookie_user(&listening.parts, &listening.site).await;
                    if matches!(checked, Err(Error::Unauthenticated)) {
                        return None;
                    }
                }
                notice = listening.subscription.next() => match notice? {
                    // Somebody logged out or was logged out: was it this one?
                    Notice::Changed(SESSIONS) => {
                        let checked = auth::cookie_user(&listening.parts, &listening.site).await;
                        if matches!(checked, Err(Error::Unauthenticated)) {
                            return None;
                        }
                    }
                    Notice::Changed(topic) => listening.pending.push(topic),
                    Notice::Everything => listening.pending = ALL.to_vec(),
                },
            }
        }
    })
}
