//! A person with a browser whose JavaScript is off: follows links, fills in forms, keeps cookies.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Url};

use super::client::own_address;
use super::html::{self, Form};

#[derive(Debug)]
pub struct Visitor {
    client: Client,
    url: String,
    language: String,
}

/// What is shown after redirects were followed.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Path and query.
    pub at: String,
    pub html: String,
}

impl Visitor {
    pub fn new(url: &str, language: &str) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .local_address(own_address())
            .timeout(Duration::from_secs(20))
            .build()
            .expect("a client");
        Self {
            client,
            url: url.to_owned(),
            language: language.to_owned(),
        }
    }

    pub async fn log_in(&self, username: &str, password: &str) -> Page {
        let page = self.open("/login").await;
        let form = page.form("/login");
        let form = form.set("username", username).set("password", password);
        let page = self.submit(&form).await;
        assert_ne!(
            page.at,
            "/login",
            "{username} is not logged in: {}",
            page.text()
        );
        page
    }

    pub async fn open(&self, path: &str) -> Page {
        self.send(self.client.get(format!("{}{path}", self.url)))
            .await
    }

    /// Presses the button of a form.
    pub async fn submit(&self, form: &Form) -> Page {
        let url = format!("{}{}", self.url, form.action);
        if form.method.eq_ignore_ascii_case("post") {
            // What a browser says about where the form came from.
            let request = self.client.post(url).form(&form.pairs());
            let request = request.header("origin", &self.url);
            self.send(request.header("sec-fetch-site", "same-origin"))
                .await
        } else {
            let url = Url::parse_with_params(&url, form.pairs()).expect("an address");
            self.send(self.client.get(url)).await
        }
    }

    /// A form that does not come from our own pages, or no form at all.
    pub async fn send(&self, request: RequestBuilder) -> Page {
        let request = request.header("accept", "text/html,application/xhtml+xml;q=0.9");
        let response = request
            .header("accept-language", &self.language)
            .send()
            .await;
        let response = response.expect("an answer");
        let status = response.status().as_u16();
        let at = response.url().as_str().replacen(&self.url, "", 1);
        let html = response.text().await.expect("a page");
        Page { status, at, html }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Page {
    /// The form that is sent to this address.
    pub fn form(&self, action: &str) -> Form {
        let found = html::forms(&self.html)
            .into_iter()
            .find(|form| form.action == action);
        found.unwrap_or_else(|| panic!("no form to {action} in {}:\n{}", self.at, self.text()))
    }

    pub fn text(&self) -> String {
        html::text(&self.html)
    }

    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.at, self.text());
        self
    }

    pub fn shows(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// The fields that are marked as wrong.
    pub fn wrong_fields(&self) -> Vec<String> {
        html::attributes(&self.html, "p", "id")
            .iter()
            .filter_map(|id| Some(id.strip_prefix("f-")?.strip_suffix("-error")?.to_owned()))
            .collect()
    }
}
