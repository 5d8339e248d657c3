//! A person with Chromium, driven through its driver.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::poll::eventually;
use super::stack::target;

/// Starts the driver, and ends it and every browser it started (all are of its session) when its input ends, which is
/// the end of the test or of the whole process, however it ends.
const WATCHDOG: &str = r#"
chromedriver --port=0 &
trap '' TERM INT HUP
read -r _
kill $(ps -o pid= -s $$ | grep -v "^ *$$\$")
sleep 1
kill -KILL $(ps -o pid= -s $$ | grep -v "^ *$$\$")
rm -rf "$1"
"#;

#[derive(Debug)]
pub struct Browser {
    client: Client,
    url: String,
    _driver: Child,
}

/// Size, colours and language.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub dark: bool,
    pub language: &'static str,
}

pub const DESKTOP: u32 = 1280;
pub const TELEPHONE: u32 = 360;

impl Browser {
    pub async fn open(url: &str, language: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("gonopbx-browser-{}-{count}", std::process::id());
        let profile = std::env::temp_dir().join(name);
        let (driver, port) = start_driver(&profile);
        let capabilities = capabilities(&profile, language);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("Chromium, which `asterisk/stack install --tests` installs");
        let browser = Self {
            client,
            url: url.to_owned(),
            _driver: driver,
        };
        browser.resize(DESKTOP, 900).await;
        browser
    }

    pub async fn go(&self, path: &str) {
        let url = format!("{}{path}", self.url);
        self.client.goto(&url).await.expect("a page");
    }

    pub async fn log_in(&self, username: &str, password: &str) {
        self.go("/login").await;
        self.fill("input[name=username]", username).await;
        self.fill("input[name=password]", password).await;
        self.click("form[action='/login'] button[type=submit]")
            .await;
        self.sees("header.top .user").await;
    }

    /// Path and query.
    pub async fn at(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str().replacen(&self.url, "", 1)
    }

    /// Until the address is this one.
    pub async fn is_at(&self, path: &str) {
        eventually(&format!("the browser is at {path}"), || async {
            (self.at().await == path).then_some(())
        })
        .await;
    }

    /// Until an element is there.
    pub async fn sees(&self, css: &str) {
        self.value_of(
            css,
            "return document.querySelector(arguments[0]) ? true : null",
        )
        .await;
    }

    /// Until an element's text holds these words.
    pub async fn reads(&self, css: &str, words: &str) {
        let script = "const e = document.querySelector(arguments[0]);
            return e && e.innerText.includes(arguments[1]) ? true : null";
        eventually(&format!("{css} reads \"{words}\""), || async {
            let arguments = vec![json!(css), json!(words)];
            let found = self
                .client
                .execute(script, arguments)
                .await
                .unwrap_or_default();
            (!found.is_null()).then_some(())
        })
        .await;
    }

    pub async fn text(&self, css: &str) -> String {
        let script =
            "const e = document.querySelector(arguments[0]); return e ? e.innerText : null";
        let text = self.value_of(css, script).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    async fn value_of(&self, css: &str, script: &str) -> Value {
        eventually(&format!("{css} is in the page"), || async {
            let found = self.client.execute(script, vec![json!(css)]).await;
            found.ok().filter(|value| !value.is_null())
        })
        .await
    }

    /// Clicks as a mouse does: what is covered or hidden cannot be clicked.
    pub async fn click(&self, css: &str) {
        eventually(&format!("{css} can be clicked"), || async {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// The same in a part that news replace: nobody is clicked where that happens between press and release.
    pub async fn click_in_news(&self, css: &str) {
        const NOTE: &str = "const css = arguments[0]; window.wasClicked = false;
            const note = (event) => { window.wasClicked = event.target.closest(css) !== null; };
            document.addEventListener('click', note, { capture: true, once: true })";
        eventually(&format!("{css} can be clicked"), || async {
            self.client.execute(NOTE, vec![json!(css)]).await.ok()?;
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.click().await.ok()?;
            // Gone with its page where the click led to another one.
            let ask = self
                .client
                .execute("return window.wasClicked", Vec::new())
                .await;
            (ask.unwrap_or_default() != json!(false)).then_some(())
        })
        .await;
    }

    /// Replaces what stands in a field.
    pub async fn fill(&self, css: &str, text: &str) {
        eventually(&format!("{css} can be filled in"), || async {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.clear().await.ok()?;
            element.send_keys(text).await.ok()
        })
        .await;
    }

    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect(script)
    }

    /// The page as wide as this, whatever the smallest window of the system is.
    pub async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    pub async fn colours(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let feature = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.devtools("Emulation.setEmulatedMedia", feature).await;
    }

    /// A picture of the whole page.
    pub async fn picture(&self, name: &str, look: Look) {
        let folder = target().join("screenshots");
        fs::create_dir_all(&folder).expect("a folder");
        let height = self
            .script("return document.documentElement.scrollHeight")
            .await
            .as_u64()
            .and_then(|height| u32::try_from(height).ok())
            .unwrap_or(900);
        self.resize(look.width, height.clamp(640, 4000)).await;
        let picture = self.client.screenshot().await.expect("a picture");
        self.resize(look.width, 900).await;
        let colours = if look.dark { "dark" } else { "light" };
        let name = format!("{name}-{}-{}-{colours}.png", look.width, look.language);
        fs::write(folder.join(name), picture).expect("written");
    }

    /// How far the page can be scrolled sideways, and what is too wide.
    pub async fn sideways(&self) -> (i64, String) {
        let script = "const width = document.documentElement.clientWidth;
            const wide = [...document.querySelectorAll('body *')]
              .filter((e) => e.getBoundingClientRect().right > width + 1)
              .map((e) => e.tagName + '.' + e.className).slice(0, 5);
            return [document.documentElement.scrollWidth - width, wide.join(', ')]";
        let answer = self.script(script).await;
        let wide = answer[1].as_str().unwrap_or_default().to_owned();
        (answer[0].as_i64().unwrap_or(0), wide)
    }

    /// Ends the browser. No page may have complained in its console until now.
    pub async fn close(self) {
        let complaints = self.complaints().await;
        self.client.clone().close().await.expect("closed");
        assert!(complaints.is_empty(), "console: {complaints:#?}");
    }

    /// What the console says, without mere information, and without what a page was fetching when it was left: htmx
    /// tells two events of each.
    pub async fn complaints(&self) -> Vec<String> {
        let log = DriverCommand::new("se/log", json!({"type": "browser"}));
        let entries = self.client.issue_cmd(log).await.expect("the console");
        let entries = entries.as_array().cloned().unwrap_or_default();
        let mut complaints: Vec<String> = Vec::new();
        for entry in &entries {
            if entry["level"] == "INFO" || entry["level"] == "DEBUG" {
                continue;
            }
            let message = entry["message"].as_str().unwrap_or_default();
            if message.contains("\"htmx:sendAbort,") {
                let told_before = complaints.pop_if(|last| last.contains("\"htmx:afterRequest,"));
                assert!(told_before.is_some(), "an abort comes after its request");
                continue;
            }
            complaints.push(message.to_owned());
        }
        complaints
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        let body = json!({"cmd": command, "params": parameters});
        let command = DriverCommand::new("goog/cdp/execute", body);
        self.client.issue_cmd(command).await.expect("done");
    }
}

/// Commands that only this driver knows.
#[derive(Debug)]
struct DriverCommand {
    path: &'static str,
    body: Value,
}

impl DriverCommand {
    fn new(path: &'static str, body: Value) -> Self {
        Self { path, body }
    }
}

impl WebDriverCompatibleCommand for DriverCommand {
    fn endpoint(
        &self,
        base: &Url,
        session: Option<&str>,
    ) -> Result<Url, <Url as std::str::FromStr>::Err> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

fn start_driver(profile: &PathBuf) -> (Child, u16) {
    fs::create_dir_all(profile).expect("a folder");
    let mut driver = Command::new("setsid")
        .args(["sh", "-c", WATCHDOG, "sh"])
        .arg(profile)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("setsid");
    let said = driver.stdout.take().expect("piped");
    let port = BufReader::new(said)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            let rest = line.split("successfully on port ").nth(1)?;
            rest.trim_end_matches('.').parse().ok()
        })
        .expect("the driver of Chromium, which `asterisk/stack install --tests` installs");
    (driver, port)
}

fn capabilities(profile: &std::path::Path, language: &str) -> Capabilities {
    let wanted = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                format!("--lang={language}"),
                format!("--user-data-dir={}", profile.display()),
            ],
            "prefs": {"intl.accept_languages": language},
        },
    });
    wanted.as_object().cloned().expect("an object")
}
