//! How calls behave, as phones see it.

mod changes;
mod custom;
mod dispositions;
mod hold;
mod internal;
mod lamps;
mod mailbox;
mod messages;
mod names;
mod pickup;
mod refused;
mod registration;
mod secure;
mod several;
mod sipp;
mod transfers;
mod voicemail;

use std::time::Duration;

use crate::support::{Pbx, eventually};

/// "At once": no timer of Asterisk is as short.
const AT_ONCE: Duration = Duration::from_millis(1500);

/// The history's one call of an extension, when it is there.
async fn only_call_of(pbx: &Pbx, number: &str) -> serde_json::Value {
    let admin = pbx.admin().await;
    let path = format!("/api/cdr/?extension={number}");
    eventually(
        &format!("the call of {number} is in the history"),
        || async {
            let calls = admin.get(&path).await.expect(200);
            let calls = calls.as_array().cloned().unwrap_or_default();
            assert!(calls.len() < 2, "more than one call: {calls:?}");
            calls.into_iter().next()
        },
    )
    .await
}

/// What the dashboard says about an extension, when it says so.
async fn has_state(pbx: &Pbx, number: &str, state: &str) -> serde_json::Value {
    let admin = pbx.admin().await;
    eventually(&format!("{number} is {state} on the dashboard"), || async {
        let status = admin.get("/api/dashboard/status").await.expect(200);
        let endpoints = status["endpoints"].as_array().cloned().unwrap_or_default();
        let found = endpoints.into_iter().find(|e| e["endpoint"] == number);
        found.filter(|endpoint| endpoint["state"] == state)
    })
    .await
}
