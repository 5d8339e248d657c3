//! Asterisk stops or restarts. It is told, and recovers by itself.

use std::time::Duration;

use serde_json::json;

use super::{SECONDS, calls_work, health_is};
use crate::support::stack::Part;
use crate::support::{own_pbx, within};

#[tokio::test]
async fn the_dashboard_says_that_asterisk_is_away_and_recovers_by_itself() {
    let pbx = own_pbx("asterisk").await;
    let (ada, bob) = (pbx.ext().name("Ada").phone().await, pbx.ext().phone().await);
    calls_work(&ada, &bob).await;
    let admin = pbx.admin().await;
    let visitor = pbx.visitor("en").await;

    pbx.kill(Part::Asterisk).await;
    let away = within(SECONDS, "the status says that it is away", || async {
        let status = admin.get("/api/dashboard/status").await.expect(200);
        (status["asterisk"] == "disconnected").then_some(status)
    })
    .await;
    assert_eq!(away["system"]["health"], "critical", "{away}");
    let issues = away["system"]["problems"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert!(
        issues
            .iter()
            .any(|issue| issue.to_string().contains("asterisk_away")),
        "{away}"
    );
    let stale = away["endpoints"].as_array().cloned().unwrap_or_default();
    assert!(
        stale.iter().all(|e| e["status"] == "offline"),
        "nothing stale is shown as live: {away}"
    );
    assert!(
        stale.iter().all(|e| e["state"] == "unknown"),
        "nothing stale is shown as live: {away}"
    );
    health_is(&pbx, "asterisk", "disconnected").await;
    let page = visitor.open("/").await.expect(200);
    assert!(page.shows("Asterisk is away"), "{}", page.text());

    // Saved, and it says that nobody confirmed it.
    let new = json!({"extension": "4711"});
    let saved = admin.post("/api/peers/", &new).await.expect(200);
    assert_eq!(saved["live"], false, "{saved}");
    let renamed = json!({"caller_id": "Ada L"});
    let saved = admin
        .put(&format!("/api/peers/{}", ada.number), &renamed)
        .await
        .expect(200);
    assert_eq!(saved["live"], false, "{saved}");

    pbx.begin(Part::Asterisk).await;
    health_is(&pbx, "asterisk", "connected").await;
    // Registrations are in the database: the phones need not do anything.
    calls_work(&ada, &bob).await;
    let mut out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    assert_eq!(call.caller_name(), "Ada L", "what was saved meanwhile");
    call.busy().await;
    assert_eq!(out.is_refused().await, 486);
    // Asterisk asks the phones it knew one after the other, and calls those unavailable that it has not asked yet.
    let a_minute = Duration::from_secs(75);
    let status = within(a_minute, "the status is whole again", || async {
        let status = admin.get("/api/dashboard/status").await.expect(200);
        let endpoints = status["endpoints"].as_array().cloned().unwrap_or_default();
        let online = endpoints.iter().filter(|e| e["status"] == "online").count();
        (status["asterisk"] == "connected" && online == 2).then_some(status)
    })
    .await;
    assert_eq!(status["system"]["health"], "healthy", "{status}");
    let phone = pbx.phone("4711", saved_secret(&admin).await.as_str()).await;
    assert_eq!(phone.register().await, 200, "what was made meanwhile");
}

/// A new password for the extension that was made while Asterisk was away.
async fn saved_secret(admin: &crate::support::client::Api) -> String {
    let secret = json!({"secret": "Correct-Horse-Battery-6"});
    let saved = admin.put("/api/peers/4711", &secret).await.expect(200);
    assert_eq!(saved["live"], true, "{saved}");
    "Correct-Horse-Battery-6".to_owned()
}

#[tokio::test]
async fn the_system_can_start_in_any_order() {
    let pbx = own_pbx("order").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    for part in [Part::Server, Part::Asterisk, Part::Postgres] {
        pbx.stop(part).await;
    }
    for part in [Part::Asterisk, Part::Postgres, Part::Server] {
        pbx.begin(part).await;
    }
    health_is(&pbx, "asterisk", "connected").await;
    health_is(&pbx, "database", "connected").await;
    assert_eq!((ada.register().await, bob.register().await), (200, 200));
    calls_work(&ada, &bob).await;
}
