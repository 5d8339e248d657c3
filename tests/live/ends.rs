//! How long somebody may listen, and what is told of the time before: the stream of pages and the WebSocket of programs.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Response;
use serde_json::json;
use tokio::time::timeout;

use super::SOON;
use crate::api::token;
use crate::support::html::attributes;
use crate::support::listener::Listener;
use crate::support::poll::PATIENCE;
use crate::support::socket::Socket;
use crate::support::{Pbx, own_pbx, pbx};

/// The stream of a page, as an event source reads it.
pub struct Stream {
    chunks: Response,
    text: String,
}

impl Stream {
    pub async fn open(pbx: &Pbx, path: &str, token: &str) -> Self {
        let client = reqwest::Client::new();
        let request = client.get(format!("{}{path}", pbx.url()));
        let cookie = format!("gonopbx_session={token}");
        let chunks = request.header("cookie", cookie).send().await;
        let chunks = chunks.expect("an answer");
        assert_eq!(chunks.status().as_u16(), 200, "{path}");
        Self {
            chunks,
            text: String::new(),
        }
    }

    /// What comes next: the names of events, and ":" for a sign of life.
    pub async fn next(&mut self, limit: Duration) -> Option<String> {
        let block = self.block(limit).await?;
        let name = block.lines().find_map(|line| line.strip_prefix("event:"));
        Some(name.map_or(":", str::trim).to_owned())
    }

    /// All of it, as it was sent.
    pub async fn block(&mut self, limit: Duration) -> Option<String> {
        let arrives = async {
            let end = loop {
                if let Some(end) = self.text.find("\n\n") {
                    break end;
                }
                let chunk = self.chunks.chunk().await.expect("the connection holds")?;
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            };
            Some(self.text.drain(..end + 2).collect())
        };
        timeout(limit, arrives).await.expect("something in time")
    }
}

/// Where the stream of a page begins.
fn stream_of(page: &str) -> String {
    let found = attributes(page, "body", "sse-connect").remove(0);
    assert!(found.starts_with("/events?since="), "{found}");
    found
}

#[tokio::test]
async fn what_happens_while_a_page_is_on_its_way_is_told() {
    let pbx = own_pbx("on-its-way").await;
    let admin = pbx.admin().await;
    let visitor = pbx.visitor("en").await;
    pbx.ext().create().await;
    let page = visitor.open("/extensions").await.expect(200);
    let before = stream_of(&page.html);
    pbx.ext().create().await;
    let mut stream = Stream::open(&pbx, &before, &admin.token()).await;
    while stream.next(PATIENCE).await.as_deref() != Some("extensions") {}

    // A page of an earlier process knows nothing of what has happened since.
    let mut stream = Stream::open(&pbx, "/events?since=1", &admin.token()).await;
    let mut untold = BTreeSet::from([
        "system",
        "extensions",
        "calls",
        "cdr",
        "trunks",
        "voicemail",
    ]);
    while !untold.is_empty() {
        let topic = stream.next(PATIENCE).await.expect("more to tell");
        untold.remove(topic.as_str());
    }
    let wrong = format!("{}/events?since=yesterday", pbx.url());
    let wrong = visitor.client().get(wrong).send().await;
    assert_eq!(wrong.expect("an answer").status().as_u16(), 400);
}

#[tokio::test]
async fn a_token_that_expires_ends_what_was_opened_with_it() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let good = eva.api.token();
    let mut claims = token::claims(&good);
    let issued = claims["iat"].as_i64().expect("a time");
    claims["exp"] = json!(issued + 4);
    let body = token::encode(claims.to_string().as_bytes());
    let secret = pbx.value("GONOPBX_JWT_SECRET").as_bytes();
    let short = token::signed(&token::part(&good, 0), &body, secret);

    let socket = Listener::open(pbx.url(), &short).await;
    let mut stream = Stream::open(&pbx, "/events", &short).await;
    let ends = async { while stream.next(PATIENCE).await.is_some() {} };
    let limit = Duration::from_secs(4) + 2 * SOON;
    let (closed, ended) = tokio::join!(timeout(limit, socket.closes()), timeout(limit, ends));
    let reason = (1008, "the token has expired".to_owned());
    assert_eq!(closed.expect("in time"), reason);
    ended.expect("the stream ends in time");
    // The session itself goes on with the token that is good.
    eva.api.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn each_side_hears_that_the_other_lives_and_who_is_silent_is_let_go() {
    let pbx = own_pbx("heartbeats").await;
    let admin = pbx.admin().await;
    let path = format!("/ws?token={}", admin.token());
    // This one reads, and never answers a ping.
    let mut silent = Socket::open(pbx.url(), &path).await;
    assert_eq!(silent.status, 101);
    let mut answers = Listener::open(pbx.url(), &admin.token()).await;
    let mut stream = Stream::open(&pbx, "/events", &admin.token()).await;

    let quarter = Duration::from_secs(15);
    let hears_pings = async {
        let mut pings = 0;
        loop {
            match silent.frame().await {
                (9, _) => pings += 1,
                (8, why) => return (pings, why),
                _ => {}
            }
        }
    };
    let stays = async {
        let begin = tokio::time::Instant::now();
        while begin.elapsed() < 4 * quarter {
            let _frame = timeout(quarter, answers.raw().next()).await;
        }
    };
    let shows_life =
        async { while stream.next(quarter + 2 * SOON).await.as_deref() != Some(":") {} };
    let (closed, (), ()) = tokio::join!(timeout(5 * quarter, hears_pings), stays, shows_life);
    let (pings, why) = closed.expect("let go in time");
    assert!((3..=4).contains(&pings), "{pings} pings");
    let reason = String::from_utf8_lossy(&why[2..]).into_owned();
    assert_eq!(reason, "no answer to a ping");
    // Whoever has answered is still told.
    let ada = pbx.ext().phone().await;
    let out = ada.dial("*43").await;
    let is_told = |frame: &serde_json::Value| {
        frame["active_calls"]
            .as_array()
            .is_some_and(|calls| !calls.is_empty())
    };
    answers.hears("a call", SOON, is_told).await;
    drop(out);
}
