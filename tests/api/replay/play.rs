//! Makes the recorded calls.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::Recording;
use super::differences::{Found, Known};
use crate::api::document::Document;
use crate::api::token::{claims, encode, part, signed};
use crate::support::Pbx;
use crate::support::client::{Answer, Api};
use crate::support::socket::Socket;
use crate::support::stack::ADMIN_PASSWORD;

pub struct Player<'a> {
    pbx: &'a Pbx,
    api: Api,
    /// Ids, tokens and passwords by the names that the recordings have for them.
    names: HashMap<String, String>,
    document: Document,
    /// Answers that are not as `openapi.json` describes them.
    pub undescribed: Vec<String>,
}

impl<'a> Player<'a> {
    pub async fn new(pbx: &'a Pbx) -> Self {
        // Answers before it has heard from Asterisk else.
        let admin = pbx.admin().await;
        let document = Document::of(&admin).await;
        let mut names = HashMap::from([("password admin".to_owned(), ADMIN_PASSWORD.to_owned())]);
        let key = pbx.value("GONOPBX_JWT_SECRET").as_bytes();
        let token = admin.token();
        let forged = |name: &str, key: &[u8], change: fn(&mut Map<String, Value>)| {
            let mut all = claims(&token);
            change(all.as_object_mut().expect("claims"));
            let claims = encode(all.to_string().as_bytes());
            (
                format!("token {name}"),
                signed(&part(&token, 0), &claims, key),
            )
        };
        names.extend([
            forged("expired", key, |claims| {
                claims.insert("exp".into(), json!(1_700_000_000));
                claims.insert("iat".into(), json!(1_700_000_000 - 3600));
            }),
            forged("unknown-sub", key, |claims| {
                claims.insert("sub".into(), json!("ghost"));
            }),
            forged("no-sub", key, |claims| {
                claims.remove("sub");
            }),
            forged("wrong-key", b"another key, long enough to be one", |_| {}),
        ]);
        Self {
            pbx,
            api: pbx.anonymous(),
            names,
            document,
            undescribed: Vec::new(),
        }
    }

    fn name(&self, name: &str) -> String {
        // What a refused call would have made has no id, and none is 0.
        self.names
            .get(name)
            .cloned()
            .unwrap_or_else(|| "0".to_owned())
    }

    /// With ids and tokens in the place of their names.
    fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, (name, after))) = rest
            .split_once('{')
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            filled.push_str(before);
            filled.push_str(&self.name(name));
            rest = after;
        }
        filled + rest
    }

    fn body(&self, recording: &Recording) -> Option<Value> {
        let mut body = match &recording.body {
            Value::Null => return None,
            body => body.clone(),
        };
        if let Value::Object(fields) = &mut body {
            for value in fields.values_mut() {
                let Value::String(text) = value else { continue };
                if text.starts_with('{') {
                    *value = self.fill(text).parse::<i64>().map_or(json!(0), Value::from);
                } else if text.starts_with("\"{") {
                    *value = self.fill(text).trim_matches('"').into();
                }
            }
            let user = fields.get("username").and_then(Value::as_str);
            let password = user.and_then(|name| self.names.get(&format!("password {name}")));
            let opens = recording.path == "/api/auth/login" && recording.status == 200;
            if let Some(password) = password.filter(|_| opens) {
                fields.insert("password".into(), json!(password));
            }
        }
        Some(body)
    }

    pub async fn play(&mut self, recording: &Recording, known: &Known) -> Vec<Found> {
        match recording.name.as_str() {
            "seed.calls" => return self.calls().await,
            "seed.messages" => return self.messages().await,
            "seed.session" => return self.session().await,
            _ if recording.method == "WS" => return self.socket(recording, known).await,
            _ => {}
        }
        let body = self.body(recording);
        let api = match &recording.role {
            Some(role) => self.api.with_token(&self.name(&format!("token {role}"))),
            None => self.api.clone(),
        };
        let method: Method = recording.method.parse().expect("a method");
        let path = self.fill(&recording.path);
        let answer = api
            .send(method, &path, |mut request| {
                for (name, value) in &recording.headers {
                    request = request.header(name, value.as_str().unwrap_or_default());
                }
                match (&body, &recording.text) {
                    (Some(body), _) => request.json(body),
                    (None, Some(text)) if recording.headers.contains_key("Content-Type") => {
                        request.body(text.clone())
                    }
                    (None, Some(text)) => {
                        let request = request.header("content-type", "application/json");
                        request.body(text.clone())
                    }
                    (None, None) => request,
                }
            })
            .await;
        self.remember(recording, body.as_ref(), &answer);
        let is_call = path.starts_with("/api/") && !path.contains("nope");
        if is_call && !matches!(answer.status, 405 | 206) && recording.method != "HEAD" {
            let wrong =
                self.document
                    .complaints(&recording.method, &path, answer.status, &answer.json);
            self.undescribed.extend(wrong);
        }
        self.found(recording, body.as_ref(), &answer, known)
    }

    /// What later calls need of this one.
    fn remember(&mut self, recording: &Recording, body: Option<&Value>, answer: &Answer) {
        if answer.status >= 300 {
            return;
        }
        if let Some(name) = &recording.makes {
            self.names
                .insert(name.clone(), answer.json["id"].to_string());
        }
        let text = |name: &str| body.and_then(|body| body[name].as_str()).map(str::to_owned);
        if recording.path == "/api/auth/login" {
            let username = text("username").unwrap_or_default();
            let role = match username.as_str() {
                "eva" => "user",
                "victim" => "deleted-user",
                other => other,
            };
            let token = answer.json["access_token"].as_str().unwrap_or_default();
            self.names.insert(format!("token {role}"), token.to_owned());
            self.names.insert(
                format!("user {username}"),
                answer.json["user"]["id"].to_string(),
            );
        } else if let Some(password) = text("password").or_else(|| text("new_password")) {
            // Who has no name here is the person of all the recordings.
            let username = text("username").unwrap_or_else(|| "eva".into());
            self.names.insert(format!("password {username}"), password);
        }
    }

    fn found(
        &self,
        recording: &Recording,
        body: Option<&Value>,
        answer: &Answer,
        known: &Known,
    ) -> Vec<Found> {
        let mut found = every_answer(recording, answer);
        if answer.status != recording.status {
            found.push(Found::Status {
                was: recording.status,
                is: answer.status,
                code: answer.json["code"].as_str().map(str::to_owned),
                said: answer.text.chars().take(300).collect(),
            });
            return found;
        }
        for (name, value) in &recording.answer_headers {
            let (was, is) = (
                self.fill(value.as_str().unwrap_or_default()),
                answer.header(name),
            );
            if was != is {
                found.push(Found::at(name, format!("was {was}, is {is:?}")));
            }
        }
        match recording.answer.as_str() {
            Some("audio") if answer.header("content-type") == "audio/wav" => {}
            _ if recording.method == "HEAD" => {}
            _ => found.extend(known.differences(&recording.path, &recording.answer, &answer.json)),
        }
        for name in &recording.echo {
            let (sent, back) = (body.map(|body| &body[name]), &answer.json[name]);
            // A word for yes or no comes back as that.
            if sent != Some(back) && !back.is_boolean() {
                found.push(Found::at(&format!("{name} as sent"), format!("is {back}")));
            }
        }
        found
    }

    /// The five calls of the recordings, as Asterisk writes them.
    async fn calls(&self) -> Vec<Found> {
        self.pbx.asterisk().await.does(include_str!("calls.sql"));
        Vec::new()
    }

    async fn messages(&mut self) -> Vec<Found> {
        // Made with the extension then.
        let admin = self.api.with_token(&self.name("token admin"));
        let mailbox = json!({"name": "Büro Norbert"});
        admin
            .put("/api/voicemail/mailbox/1001", &mailbox)
            .await
            .expect(200);
        let owner = self.pbx.owner().await;
        for _ in 0..3 {
            owner.add_message("1001", "Eva").await;
        }
        let list = admin.get("/api/voicemail/").await.expect(200);
        self.names
            .insert("message 3".into(), list[0]["id"].to_string());
        Vec::new()
    }

    /// The person of the recordings logs in again, with the password that is theirs now.
    async fn session(&mut self) -> Vec<Found> {
        let login = json!({"username": "eva", "password": self.name("password eva")});
        let answer = self.api.post("/api/auth/login", &login).await;
        let token = answer.json["access_token"].as_str().unwrap_or_default();
        self.names.insert("token user".into(), token.to_owned());
        if answer.status == 200 {
            return Vec::new();
        }
        vec![Found::at("login", answer.text)]
    }

    async fn socket(&self, recording: &Recording, known: &Known) -> Vec<Found> {
        let mut socket = Socket::open(self.pbx.url(), &self.fill(&recording.path)).await;
        if socket.status != recording.status {
            return vec![Found::Status {
                was: recording.status,
                is: socket.status,
                code: None,
                said: String::new(),
            }];
        }
        let mut found = Vec::new();
        for frame in &recording.frames {
            found.extend(known.differences("/ws", frame, &socket.next().await));
        }
        found
    }
}

/// What holds for every answer, whatever was recorded.
fn every_answer(recording: &Recording, answer: &Answer) -> Vec<Found> {
    let mut found = Vec::new();
    let is_json = answer
        .header("content-type")
        .starts_with("application/json");
    let is_audio = answer.header("content-type") == "audio/wav";
    if !is_json && !is_audio && recording.method != "HEAD" {
        found.push(Found::at("content-type", answer.header("content-type")));
    }
    if answer.status >= 400 {
        let body = &answer.json;
        let is_error =
            body["detail"].is_string() && body["code"].is_string() && body["errors"].is_object();
        if !is_error {
            found.push(Found::at("error", answer.text.clone()));
        }
    }
    if !answer.header("access-control-allow-origin").is_empty() {
        found.push(Found::at(
            "access-control-allow-origin",
            "is there though no origin is allowed",
        ));
    }
    found
}
