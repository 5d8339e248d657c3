//! The telephone system as a test sees it: who can use it, and what they find there.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value, json};

use super::client::Api;
use super::db::Database;
use super::phone::{Over, Phone};
use super::poll::eventually;
use super::stack::{self, ADMIN_PASSWORD, Stack};
use super::visitor::Visitor;

/// A handle on a stack. Tells where the logs are when a test fails.
#[derive(Debug, Clone)]
pub struct Pbx {
    stack: Whose,
}

#[derive(Debug, Clone)]
enum Whose {
    Everybodys(&'static Stack),
    Own(Arc<Stack>),
}

/// The one all tests share; whoever uses it leaves what others have alone.
pub async fn pbx() -> Pbx {
    everybodys(stack::shared).await
}

/// The same with a name server that a test tells what it needs to know.
pub async fn named_pbx() -> Pbx {
    everybodys(stack::named).await
}

/// Another one to share: with a certificate, and known outside by another address than its own.
pub async fn pbx_behind_nat() -> Pbx {
    everybodys(stack::behind_nat).await
}

async fn everybodys(start: fn() -> &'static Stack) -> Pbx {
    match tokio::task::spawn_blocking(start).await {
        Ok(stack) => Pbx {
            stack: Whose::Everybodys(stack),
        },
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// One for a test that breaks things. It ends with the handle.
pub async fn own_pbx(name: &str) -> Pbx {
    own(name, |name| Stack::start(name, Vec::new(), None)).await
}

/// The same with a server that writes everything it can into its log.
pub async fn own_talkative_pbx(name: &str) -> Pbx {
    own(name, |name| {
        Stack::start(name, vec![("GONOPBX_LOG", "trace".to_owned())], None)
    })
    .await
}

pub async fn own_named_pbx(name: &str) -> Pbx {
    own(name, Stack::start_with_names).await
}

/// One that speaks this language.
pub async fn own_pbx_that_speaks(language: &'static str) -> Pbx {
    own(language, |language| {
        let setting = ("GONOPBX_LANGUAGE", language.to_owned());
        Stack::start(language, vec![setting], None)
    })
    .await
}

/// One that never ran before a backup was brought back into it with these commands.
pub async fn own_restored_pbx(name: &str, commands: String) -> Pbx {
    own(name, move |name| Stack::restored(name, &commands)).await
}

async fn own(
    name: &str,
    start: impl FnOnce(&str) -> Result<Stack, String> + Send + 'static,
) -> Pbx {
    let name = name.to_owned();
    let stack = tokio::task::spawn_blocking(move || start(&name)).await;
    match stack.expect("a thread") {
        Ok(stack) => Pbx {
            stack: Whose::Own(Arc::new(stack)),
        },
        Err(why) => panic!("the telephone system of this test did not start:\n{why}"),
    }
}

impl Deref for Pbx {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        match &self.stack {
            Whose::Everybodys(stack) => stack,
            Whose::Own(stack) => stack,
        }
    }
}

impl Drop for Pbx {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.tell();
        }
    }
}

impl Pbx {
    /// The administrator's program, with a token.
    pub async fn admin(&self) -> Api {
        let token = self
            .admin_token
            .get_or_init(|| async {
                let api = Api::anonymous(self.url());
                let api = api.log_in("admin", ADMIN_PASSWORD).await;
                // A server that has just started answers before it has heard from everybody.
                eventually("the server is settled", || async {
                    let answer = api.get("/api/dashboard/status").await;
                    let (system, asterisk) = (&answer.json["system"], &answer.json["asterisk"]);
                    let is_settled = answer.status == 200
                        && *asterisk == "connected"
                        && system["database"] == "connected"
                        && !system["problems"].to_string().contains("\"not_listening\"");
                    is_settled.then_some(())
                })
                .await;
                api.token()
            })
            .await;
        Api::anonymous(self.url()).with_token(token)
    }

    pub fn anonymous(&self) -> Api {
        Api::anonymous(self.url())
    }

    /// A new person with this role and a session of the own. Made in SQL, because hashing a password takes long; it is
    /// the admin's.
    pub async fn person(&self, role: &str) -> Person {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("person-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let id = self.owner().await.add_user(&name, role).await;
        let api = self.anonymous().log_in(&name, ADMIN_PASSWORD).await;
        Person { id, name, api }
    }

    /// A browser without JavaScript, logged in as a new admin.
    pub async fn visitor(&self, language: &str) -> Visitor {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("visitor-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.owner().await.add_user(&name, "admin").await;
        let visitor = Visitor::new(self.url(), language);
        visitor.log_in(&name, ADMIN_PASSWORD).await;
        visitor
    }

    /// The database as its owner, the role of the server.
    pub async fn owner(&self) -> Database {
        Database::open(self.value("DATABASE_URL")).await
    }

    pub async fn dba(&self) -> Database {
        Database::open(self.value("DBA_DATABASE_URL")).await
    }

    /// The database as Asterisk sees it.
    pub async fn asterisk(&self) -> Database {
        Database::open(self.value("ASTERISK_DATABASE_URL")).await
    }

    /// A number nobody else in this run has.
    #[expect(
        clippy::unused_self,
        reason = "a number is asked of a telephone system"
    )]
    pub fn free_number(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(2001);
        NEXT.fetch_add(1, Ordering::Relaxed).to_string()
    }

    pub fn ext(&self) -> Draft<'_> {
        let mut fields = Map::new();
        fields.insert("extension".into(), json!(self.free_number()));
        Draft { pbx: self, fields }
    }

    /// A phone that knows a number and a password, registered or not.
    pub async fn phone(&self, number: &str, secret: &str) -> Phone {
        Phone::new(self.value("GONOPBX_SIP_ADDRESS"), number, secret).await
    }

    /// The same over something else than UDP.
    pub async fn phone_over(&self, over: Over, number: &str, secret: &str) -> Phone {
        match over {
            Over::Tls => {
                let server = format!("127.0.0.1:{}", self.ports.sips);
                Phone::over(over, &server, number, secret).await
            }
            _ => Phone::over(over, self.value("GONOPBX_SIP_ADDRESS"), number, secret).await,
        }
    }
}

#[derive(Debug)]
pub struct Person {
    pub id: i64,
    pub name: String,
    pub api: Api,
}

/// An extension to be made, with a free number and nothing else said.
#[derive(Debug)]
pub struct Draft<'a> {
    pbx: &'a Pbx,
    fields: Map<String, Value>,
}

impl Draft<'_> {
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    pub fn name(self, name: &str) -> Self {
        self.with("caller_id", name)
    }

    pub fn ring_time(self, seconds: u8) -> Self {
        self.with("ring_time", seconds)
    }

    /// Makes it over REST.
    pub async fn create(self) -> Extension {
        let admin = self.pbx.admin().await;
        let made = admin
            .post("/api/peers/", &Value::Object(self.fields))
            .await
            .expect(200);
        let text = |field: &str| made[field].as_str().unwrap_or_default().to_owned();
        assert_eq!(made["live"], true, "not live when it was answered: {made}");
        Extension {
            pbx: self.pbx.clone(),
            number: text("extension"),
            secret: text("secret"),
        }
    }

    /// Makes it and registers one phone.
    pub async fn phone(self) -> Phone {
        self.create().await.phone().await
    }
}

#[derive(Debug, Clone)]
pub struct Extension {
    pbx: Pbx,
    pub number: String,
    pub secret: String,
}

impl Extension {
    /// A phone with the right password, not registered.
    pub async fn new_phone(&self) -> Phone {
        self.pbx.phone(&self.number, &self.secret).await
    }

    pub async fn phone(&self) -> Phone {
        self.phone_over(Over::Udp).await
    }

    pub async fn phone_over(&self, over: Over) -> Phone {
        let phone = self.pbx.phone_over(over, &self.number, &self.secret).await;
        assert_eq!(phone.register().await, 200, "REGISTER of {}", self.number);
        phone
    }

    pub fn path(&self) -> String {
        format!("/api/peers/{}", self.number)
    }

    /// Changes it over REST.
    pub async fn change(&self, fields: Value) -> Value {
        let admin = self.pbx.admin().await;
        let saved = admin.put(&self.path(), &fields).await.expect(200);
        assert_eq!(
            saved["live"], true,
            "not live when it was answered: {saved}"
        );
        saved
    }

    pub async fn delete(&self) {
        let admin = self.pbx.admin().await;
        admin.delete(&self.path()).await.expect(200);
    }
}
