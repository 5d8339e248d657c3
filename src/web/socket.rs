//! `/ws`: live events for programs, in the original's frames: `connection`, `active_calls`, and one `ami_event` for each
//! thing that happened, with the calls in progress as they are then. Whoever reads too slowly gets the calls as they are
//! now in place of what was missed, and is closed when nothing gets through at all; nobody else waits for that.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, interval, sleep_until, timeout};

use super::{Site, api, auth, failure};
use crate::app::Error;
use crate::app::changes::SESSIONS;
use crate::domain::api_key::Scope;
use crate::domain::user::User;
use crate::domain::{Act, Actor, policy};
use crate::live::{Happening, Notice, Subscription, Topic};
use crate::web::access::{Access, Routes};

pub fn router() -> Routes {
    Routes::new().get("/ws", Access::ByToken, connect)
}

/// How often it is asked whether somebody is still there, and whether the session is still good.
const ASK_EVERY: Duration = Duration::from_secs(15);
/// Whoever has not said anything for so long is gone.
const SILENCE: Duration = Duration::from_secs(40);
/// One frame must get through in this time.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks at the calls; what happens meanwhile is told together.
const GATHER: Duration = Duration::from_millis(100);
/// Of what happened between two looks; a snapshot stands for more.
const MOST_EVENTS: usize = 32;
/// Programs have nothing to say here.
const LARGEST_MESSAGE: usize = 4096;

/// What programs are told of.
const TOLD: [&str; 14] = [
    "Newchannel",
    "Newstate",
    "NewCallerid",
    "NewConnectedLine",
    "DialBegin",
    "DialState",
    "DialEnd",
    "BridgeEnter",
    "BridgeLeave",
    "Hangup",
    "Cdr",
    "Registry",
    "ContactStatus",
    "DeviceStateChange",
];

#[derive(Deserialize)]
struct Asked {
    token: Option<String>,
}

/// The token from the address, as browsers can only send it, or from the header.
fn token(parts: &Parts) -> Option<String> {
    let asked = Query::<Asked>::try_from_uri(&parts.uri).ok();
    let asked = asked.and_then(|Query(asked)| asked.token);
    asked.or_else(|| auth::bearer_token(&parts.headers).map(str::to_owned))
}

/// How somebody proves who they are, for as long as the connection lasts.
enum Shown {
    Token(String),
    Key(String),
}

impl Shown {
    fn of(parts: &Parts) -> Self {
        match (token(parts), auth::api_key(&parts.headers)) {
            (None, Some(key)) => Self::Key(key.to_owned()),
            (token, _) => Self::Token(token.unwrap_or_default()),
        }
    }

    async fn whose(&self, site: &Site, parts: &Parts) -> Result<(Actor, Arc<User>), Error> {
        match self {
            Self::Token(token) => site.app.authenticate(token, auth::address(parts)).await,
            Self::Key(key) => auth::key_user(key, parts, site, Some(Scope::Read)).await,
        }
    }

    fn expires(&self, site: &Site, actor: &Actor) -> Option<DateTime<Utc>> {
        match self {
            Self::Token(token) => site.app.expires_at(token),
            Self::Key(_) => actor.key.as_ref()?.expires_at,
        }
    }
}

/// A browser says which page opens the connection; only our own may, and those of origins that are listed.
fn is_foreign(site: &Site, parts: &Parts) -> bool {
    let text = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let Some(origin) = text(header::ORIGIN) else {
        return false;
    };
    if site.cors_origins.iter().any(|listed| listed == origin) {
        return false;
    }
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_none() || host != text(header::HOST)
}

/// As the original does it, a connection is refused with 403, whatever is wrong with the token.
fn refused(site: &Site, parts: &Parts, error: &Error) -> Response {
    let texts = api::texts(site, &parts.headers);
    let status = match failure::status(error) {
        StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
        other => other,
    };
    let detail = failure::sentence(error, &texts);
    let body = json!({"detail": detail, "code": failure::code(error), "errors": {}});
    (status, Json(body)).into_response()
}

async fn connect(
    State(site): State<Site>,
    parts: Parts,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if is_foreign(&site, &parts) {
        return refused(&site, &parts, &Error::Forbidden);
    }
    let shown = Shown::of(&parts);
    let actor = match shown.whose(&site, &parts).await {
        Ok((_, user)) if user.must_change_password => {
            return refused(&site, &parts, &Error::Forbidden);
        }
        Ok((actor, _)) => actor,
        Err(error) => return refused(&site, &parts, &error),
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Ok(room) = Arc::clone(&site.sockets).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    // The program's end waits until this has said goodbye.
    let running = site.running.token();
    upgrade
        .max_message_size(LARGEST_MESSAGE)
        .on_upgrade(move |socket| async move {
            let hub = site.app.hub();
            let mut talk = Talk {
                events: hub.observe(),
                topics: hub.subscribe(),
                expires: shown.expires(&site, &actor),
                known: HashSet::new(),
                waiting: Vec::new(),
                missed: false,
                looked: Instant::now(),
                site,
                socket,
                shown,
                parts,
                actor,
            };
            let why = talk.run().await;
            talk.close(&why).await;
            drop((room, running));
        })
}

/// Why a connection ends.
enum Why {
    /// Whoever was there has left.
    Left,
    Stopping,
    SessionEnded,
    Expired,
    Silent,
    TooSlow,
}

struct Talk {
    site: Site,
    socket: WebSocket,
    shown: Shown,
    parts: Parts,
    actor: Actor,
    events: Receiver<Arc<Happening>>,
    topics: Subscription,
    expires: Option<DateTime<Utc>>,
    /// The calls that were told of last.
    known: HashSet<String>,
    waiting: Vec<Arc<Happening>>,
    /// More happened than waits.
    missed: bool,
    looked: Instant,
}

impl Talk {
    async fn run(&mut self) -> Why {
        let now = self.site.app.clock().now();
        let hello = json!({"type": "connection", "status": "connected", "timestamp": now});
        if self.say(hello.to_string()).await.is_err() || self.snapshot().await.is_err() {
            return Why::TooSlow;
        }
        let until = self
            .expires
            .map(|at| (at - now).to_std().unwrap_or_default());
        let expires = until.map(|left| Instant::now() + left);
        let mut ask = interval(ASK_EVERY);
        let mut heard = Instant::now();
        let stop = self.site.stop.clone();
        loop {
            let is_waiting = self.missed || !self.waiting.is_empty();
            let done = tokio::select! {
                biased;
                () = stop.cancelled() => return Why::Stopping,
                () = sleep_until(expires.unwrap_or_else(Instant::now)), if expires.is_some() => {
                    return Why::Expired;
                }
                message = self.socket.recv() => match message {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return Why::Left,
                    Some(Ok(_)) => {
                        heard = Instant::now();
                        Ok(())
                    }
                },
                _ = ask.tick() => {
                    if heard.elapsed() > SILENCE {
                        return Why::Silent;
                    }
                    if self.has_ended().await {
                        return Why::SessionEnded;
                    }
                    self.send(Message::Ping(axum::body::Bytes::new())).await
                }
                notice = self.topics.next() => match notice {
                    None => return Why::Stopping,
                    Some(Notice::Changed(SESSIONS) | Notice::Everything) => {
                        if self.has_ended().await {
                            return Why::SessionEnded;
                        }
                        Ok(())
                    }
                    Some(Notice::Changed(Topic::System)) => self.tell_asterisk().await,
                    Some(Notice::Changed(_)) => Ok(()),
                },
                () = sleep_until(self.looked + GATHER), if is_waiting => self.tell_events().await,
                event = self.events.recv() => {
                    match event {
                        Ok(frame) => self.take(frame),
                        Err(RecvError::Lagged(_)) => self.missed = true,
                        Err(RecvError::Closed) => return Why::Stopping,
                    }
                    Ok(())
                }
            };
            if done.is_err() {
                return Why::TooSlow;
            }
        }
    }

    fn take(&mut self, frame: Arc<Happening>) {
        if !TOLD.contains(&frame.event().unwrap_or_default()) {
            return;
        }
        if self.waiting.len() < MOST_EVENTS {
            self.waiting.push(frame);
        } else {
            self.missed = true;
        }
    }

    /// Whether the session is no longer good. While the database is away nobody is logged out.
    async fn has_ended(&mut self) -> bool {
        let checked = self.shown.whose(&self.site, &self.parts).await;
        match checked {
            // The extension may be another one now.
            Ok((actor, _)) => self.actor = actor,
            Err(Error::Unauthenticated) => return true,
            Err(_) => {}
        }
        false
    }

    /// The calls this person may see, and their ids.
    fn calls(&self) -> (Value, HashSet<String>) {
        // Who may see none sees none.
        let calls = self.site.app.calls_now(&self.actor).unwrap_or_default();
        let objects = calls.iter().map(api::calls::object).collect();
        (objects, calls.into_iter().map(|call| call.id).collect())
    }

    async fn snapshot(&mut self) -> Result<(), ()> {
        let (calls, ids) = self.calls();
        self.known = ids;
        self.missed = false;
        self.looked = Instant::now();
        let now = self.site.app.clock().now();
        let frame = json!({"type": "active_calls", "active_calls": calls, "timestamp": now});
        self.say(frame.to_string()).await
    }

    async fn tell_events(&mut self) -> Result<(), ()> {
        let waiting = std::mem::take(&mut self.waiting);
        let (calls, ids) = self.calls();
        let sees_all = policy::may(&self.actor, &Act::ListAllCalls);
        let now = json!(self.site.app.clock().now());
        let calls = calls.to_string();
        self.looked = Instant::now();
        for frame in &waiting {
            let call = frame.get("Linkedid").or_else(|| frame.get("LinkedID"));
            let is_own_call = call.is_some_and(|id| ids.contains(id) || self.known.contains(id));
            if !sees_all && !is_own_call && !self.is_about_own_phone(frame) {
                continue;
            }
            let (event, call) = (json!(frame.event()), json!(call));
            self.say(format!(
                r#"{{"type":"ami_event","event_name":{event},"call_id":{call},"timestamp":{now},"active_calls":{calls}}}"#
            ))
            .await?;
        }
        self.known = ids;
        if self.missed {
            self.snapshot().await?;
        }
        Ok(())
    }

    fn is_about_own_phone(&self, frame: &Happening) -> bool {
        let Some(own) = &self.actor.extension else {
            return false;
        };
        let device = format!("PJSIP/{own}");
        let is_channel = |name: &str| {
            let rest = name.strip_prefix(&device);
            rest.is_some_and(|rest| rest.starts_with('-'))
        };
        ["Channel", "DestChannel"]
            .iter()
            .filter_map(|header| frame.get(header))
            .any(is_channel)
            || frame.get("Device") == Some(&device)
            || frame.get("AOR") == Some(own.as_str())
    }

    async fn tell_asterisk(&mut self) -> Result<(), ()> {
        let asterisk = self.site.app.hub().asterisk();
        let status = if asterisk.connected {
            "connected"
        } else {
            "disconnected"
        };
        let now = self.site.app.clock().now();
        let frame = json!({
            "type": "asterisk", "status": status, "since": asterisk.since, "timestamp": now,
        });
        self.say(frame.to_string()).await?;
        self.snapshot().await
    }

    async fn say(&mut self, text: String) -> Result<(), ()> {
        self.send(Message::Text(Utf8Bytes::from(text))).await
    }

    async fn send(&mut self, message: Message) -> Result<(), ()> {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(sent) => sent.map_err(drop),
            Err(_) => Err(()),
        }
    }

    async fn close(&mut self, why: &Why) {
        let (code, reason) = match why {
            Why::Left => return,
            Why::Stopping => (close_code::AWAY, "the server stops"),
            Why::SessionEnded => (close_code::POLICY, "the session has ended"),
            Why::Expired => (close_code::POLICY, "the token has expired"),
            Why::Silent => (close_code::AWAY, "no answer to a ping"),
            Why::TooSlow => (close_code::POLICY, "read too slowly"),
        };
        tracing::debug!(user = %self.actor.username, reason, "a WebSocket is closed");
        let goodbye = Message::Close(Some(CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        }));
        // Whoever does not read does not hear this either.
        let _said = timeout(Duration::from_secs(1), self.socket.send(goodbye)).await;
    }
}
