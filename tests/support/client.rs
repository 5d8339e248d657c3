//! Programs that use the REST API.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// Each client comes from an address of its own on the loopback, so that throttling one does not touch the others.
pub fn own_address() -> IpAddr {
    static COUNT: AtomicU16 = AtomicU16::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let [_, high] = (count / 254).to_be_bytes();
    let [_, low] = (count % 254 + 1).to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(127, 1, high, low))
}

#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    url: String,
    token: Option<String>,
}

/// What came back; the body is null where it is no JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
    asked: String,
}

impl Api {
    pub fn anonymous(url: &str) -> Self {
        let client = Client::builder()
            .local_address(own_address())
            .timeout(Duration::from_secs(20))
            .build()
            .expect("a client");
        Self {
            client,
            url: url.to_owned(),
            token: None,
        }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub fn token(&self) -> String {
        self.token.clone().expect("somebody who is logged in")
    }

    pub async fn log_in(&self, username: &str, password: &str) -> Self {
        let credentials = json!({ "username": username, "password": password });
        let answer = self.post("/api/auth/login", &credentials).await;
        let session = answer.expect(200);
        self.with_token(session["access_token"].as_str().expect("a token"))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, |request| request).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, |request| request.json(body))
            .await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, |request| request.json(body))
            .await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, |request| request.json(body))
            .await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, |request| request).await
    }

    /// A request as it is, for what a proper client would not send.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        self.try_send(method.clone(), path, shape)
            .await
            .unwrap_or_else(|e| panic!("{method} {path}: {e:?}"))
    }

    /// What is no text.
    pub async fn bytes(
        &self,
        method: Method,
        path: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> (u16, HeaderMap, Vec<u8>) {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = shape(request).send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("all of it");
        (status, headers, bytes.to_vec())
    }

    /// For servers that may be away.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, reqwest::Error> {
        let asked = format!("{method} {path}");
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = shape(request).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer {
            status,
            headers,
            text,
            json,
            asked,
        })
    }
}

impl Answer {
    /// The body, if the status is this one.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.text);
        self.json
    }

    pub fn expect_one_of(&self, statuses: &[u16]) {
        assert!(
            statuses.contains(&self.status),
            "{} answered {} {}",
            self.asked,
            self.status,
            self.text
        );
    }

    /// An error in the form every error has: one sentence, one code.
    pub fn expect_error(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.text);
        assert_eq!(
            self.json["code"], code,
            "{} answered {}",
            self.asked, self.text
        );
        let sentence = self.json["detail"].as_str().unwrap_or_default();
        assert!(sentence.len() > 5, "{} answered {}", self.asked, self.text);
    }

    /// The codes at a field.
    pub fn errors(&self, field: &str) -> Vec<&str> {
        self.json["errors"][field]
            .as_array()
            .map(|codes| codes.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}
