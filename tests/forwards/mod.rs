//! Calls that go somewhere else than they were meant for.

mod cases;
mod chains;
mod codes;
mod outside;
mod page;
mod rest;
mod rules;

use serde_json::{Value, json};

use crate::support::Pbx;

/// A forward that is on.
async fn forward(pbx: &Pbx, number: &str, kind: &str, destination: &str) -> Value {
    let fields = json!({
        "extension": number, "forward_type": kind, "destination": destination, "ring_time": 5,
    });
    let made = pbx
        .admin()
        .await
        .post("/api/callforward/", &fields)
        .await
        .expect(200);
    assert_eq!(made["live"], true, "not live when it was answered: {made}");
    made
}

async fn change(pbx: &Pbx, forward: &Value, fields: Value) -> Value {
    let path = format!("/api/callforward/{}", forward["id"]);
    pbx.admin().await.put(&path, &fields).await.expect(200)
}

async fn remove(pbx: &Pbx, forward: &Value) {
    let path = format!("/api/callforward/{}", forward["id"]);
    pbx.admin().await.delete(&path).await.expect(200);
}
