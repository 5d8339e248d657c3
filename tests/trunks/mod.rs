//! Calls from and to the outside world: providers, their numbers, and who is called under which.

mod block;
mod changes;
mod contracts;
mod dialled;
mod hostile;
mod inbound;
mod journey;
mod names;
mod nat;
mod numbers;
mod odd;
mod outbound;
mod refused;
mod registration;
mod rest;
mod routes;
mod secure;
mod several;
mod sql;
mod template_rows;
mod templates;
mod transports;

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value, json};

use crate::support::provider::Provider;
use crate::support::{Extension, Pbx, eventually};

/// A hundred numbers in Bremen that nobody else in this run has.
#[derive(Debug, Clone, Copy)]
struct Block(u32);

impl Block {
    fn claim() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        Self(COUNT.fetch_add(1, Ordering::Relaxed))
    }

    fn digits(self, n: u32) -> String {
        format!("4217{:04}{n:02}", self.0)
    }

    fn plus(self, n: u32) -> String {
        format!("+49{}", self.digits(n))
    }

    fn national(self, n: u32) -> String {
        format!("0{}", self.digits(n))
    }

    /// As a contract has it.
    fn text(self) -> String {
        format!("{}-{}", self.national(0), self.national(99))
    }
}

/// A line to be made: at a provider double, to register, with a hundred numbers.
#[derive(Debug)]
struct Draft<'a> {
    pbx: &'a Pbx,
    numbers: Block,
    fields: Map<String, Value>,
}

#[derive(Debug, Clone)]
struct Trunk {
    pbx: Pbx,
    id: i64,
    name: String,
    account: String,
    numbers: Block,
}

fn next_name() -> (String, String) {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    (format!("Line {count}"), format!("account{count}"))
}

fn draft<'a>(pbx: &'a Pbx, provider: &Provider) -> Draft<'a> {
    let (name, account) = next_name();
    let numbers = Block::claim();
    let password = format!("secret of {account}");
    provider.has_account(&account, &password);
    let fields = json!({
        "name": name, "provider": "custom", "sip_server": provider.server(), "auth_mode": "registration",
        "username": account, "password": password, "number_block": numbers.text(),
    });
    let Value::Object(fields) = fields else {
        unreachable!("it was written as an object")
    };
    Draft {
        pbx,
        numbers,
        fields,
    }
}

impl Draft<'_> {
    fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    async fn create(self) -> Trunk {
        let admin = self.pbx.admin().await;
        let made = admin
            .post("/api/trunks/", &Value::Object(self.fields))
            .await
            .expect(200);
        assert_eq!(made["live"], true, "not live when it was answered: {made}");
        let text = |field: &str| made[field].as_str().unwrap_or_default().to_owned();
        Trunk {
            pbx: self.pbx.clone(),
            id: made["id"].as_i64().expect("a number"),
            name: text("name"),
            account: text("username"),
            numbers: self.numbers,
        }
    }
}

impl Trunk {
    /// One that is registered at the provider.
    async fn registered(pbx: &Pbx, provider: &Provider) -> Self {
        let trunk = draft(pbx, provider).create().await;
        provider.is_registered(&trunk.account).await;
        trunk
    }

    /// One that is known by its address.
    async fn fixed(pbx: &Pbx, provider: &Provider) -> Self {
        let draft = draft(pbx, provider).with("auth_mode", "ip");
        let draft = draft.with("username", Value::Null);
        draft.with("password", Value::Null).create().await
    }

    fn path(&self) -> String {
        format!("/api/trunks/{}", self.id)
    }

    async fn change(&self, fields: Value) -> Value {
        let admin = self.pbx.admin().await;
        let saved = admin.put(&self.path(), &fields).await.expect(200);
        assert_eq!(
            saved["live"], true,
            "not live when it was answered: {saved}"
        );
        saved
    }

    async fn delete(&self) {
        let admin = self.pbx.admin().await;
        admin.delete(&self.path()).await.expect(200);
    }

    async fn status(&self) -> Value {
        let admin = self.pbx.admin().await;
        admin
            .get(&format!("{}/status", self.path()))
            .await
            .expect(200)
    }

    /// Until Asterisk has found out that its server is not there.
    async fn is_unreachable(&self) {
        let aor = format!("trunk-aor-{}/", self.id);
        eventually(&format!("{} is unreachable", self.name), || async {
            let contacts = self.pbx.cli("pjsip show contacts").await;
            let mut lines = contacts.lines().filter(|line| line.contains(&aor));
            lines.any(|line| line.contains("Unavail")).then_some(())
        })
        .await;
    }

    /// Until the registration is in this state, and what is said then.
    async fn has_status(&self, wanted: &str) -> Value {
        eventually(
            &format!("the registration of {} is {wanted}", self.name),
            || async {
                let status = self.status().await;
                (status["registration"]["status"] == wanted).then_some(status)
            },
        )
        .await
    }

    /// Its n-th number leads to an extension from now on.
    async fn leads(&self, n: u32, number: &str) -> Value {
        let admin = self.pbx.admin().await;
        let route = json!({
            "did": self.numbers.national(n), "trunk_id": self.id, "destination_extension": number,
        });
        let made = admin.post("/api/routes/", &route).await.expect(200);
        assert_eq!(made["live"], true, "not live when it was answered: {made}");
        made
    }

    /// Until an unknown number is counted as called so often over this trunk.
    async fn unknown_calls_are(&self, did: &str, calls: i64) {
        let (owner, id) = (self.pbx.owner().await, self.id.to_string());
        let what = format!("{calls} calls of {did} are counted");
        eventually(&what, || async {
            let sql = "select coalesce(sum(calls), 0)::bigint from pbx.unknown_did where trunk_id = $1::bigint and did = $2";
            (owner.count(sql, &[&id, did]).await == calls).then_some(())
        })
        .await;
    }
}

/// What an extension shows outside from now on.
async fn shows(pbx: &Pbx, number: &str, choice: Value) -> Value {
    let admin = pbx.admin().await;
    let path = format!("/api/peers/{number}/outbound");
    let saved = admin.patch(&path, &choice).await.expect(200);
    assert_eq!(
        saved["live"], true,
        "not live when it was answered: {saved}"
    );
    saved
}

/// An extension with a phone nobody is at.
async fn empty_desk(pbx: &Pbx) -> Extension {
    pbx.ext().create().await
}
