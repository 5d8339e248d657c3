//! Health is the truth, and nobody waits for ever to hear it.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use super::{SECONDS, calls_work, health_is};
use crate::support::stack::Part;
use crate::support::{Pbx, own_pbx, within};

/// What is promised for the health of the system.
const TOLD: Duration = Duration::from_secs(3);
/// A request that needs the database may wait for it, but not for ever.
const BOUND: Duration = Duration::from_secs(32);

/// Until health is 503 and names the part; every answer on the way has to come in time.
async fn is_told(pbx: &Pbx, service: &str, limit: Duration) {
    let anonymous = pbx.anonymous();
    within(limit, &format!("{service} is said to be away"), || async {
        let asked = Instant::now();
        let answer = anonymous.get("/api/health").await;
        assert!(asked.elapsed() < TOLD, "health took {:?}", asked.elapsed());
        let is_away = answer.json["services"][service] == "disconnected";
        assert_eq!(
            answer.status,
            if is_away { 503 } else { 200 },
            "{}",
            answer.text
        );
        is_away.then_some(())
    })
    .await;
    let answer = anonymous.get("/api/health").await;
    for other in ["asterisk", "database"]
        .into_iter()
        .filter(|other| *other != service)
    {
        assert_eq!(
            answer.json["services"][other], "connected",
            "{}",
            answer.text
        );
    }
}

/// Every page and a few requests, all at once: each has an end.
async fn no_request_hangs(pbx: &Pbx, visitor: &crate::support::visitor::Visitor) {
    let admin = pbx.admin().await;
    let begun = Instant::now();
    let pages = [
        "/",
        "/extensions",
        "/calls",
        "/trunks",
        "/settings",
        "/login",
    ]
    .map(|path| async move {
        let page = visitor.open(path).await;
        assert!(
            [200, 503].contains(&page.status),
            "{path}: {} {}",
            page.status,
            page.text()
        );
    });
    let reads = [
        "/api/peers/",
        "/api/cdr/",
        "/api/calls/active",
        "/api/dashboard/status",
    ]
    .map(|path| {
        let admin = &admin;
        async move {
            let answer = admin.get(path).await;
            assert!(
                [200, 503].contains(&answer.status),
                "{path}: {} {}",
                answer.status,
                answer.text
            );
        }
    });
    let writes = async {
        let number = pbx.free_number();
        let answer = admin
            .post("/api/peers/", &json!({"extension": number}))
            .await;
        assert!([200, 503].contains(&answer.status), "{}", answer.text);
        let login = json!({"username": "admin", "password": "x"});
        let answer = pbx
            .anonymous()
            .send(Method::POST, "/api/auth/login", |request| {
                request.json(&login)
            })
            .await;
        assert!([401, 503].contains(&answer.status), "{}", answer.text);
    };
    tokio::join!(join_all(pages), join_all(reads), writes);
    assert!(
        begun.elapsed() < BOUND,
        "a request took {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn asterisk_that_is_stopped_or_hangs_is_told_and_no_request_hangs() {
    let pbx = own_pbx("health-asterisk").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let visitor = pbx.visitor("en").await;
    health_is(&pbx, "asterisk", "connected").await;

    pbx.kill(Part::Asterisk).await;
    is_told(&pbx, "asterisk", TOLD).await;
    let page = visitor.open("/").await.expect(200);
    let text = page.text();
    assert!(
        text.contains("Asterisk is away: states and calls are unknown. since "),
        "{text}"
    );
    no_request_hangs(&pbx, &visitor).await;
    pbx.begin(Part::Asterisk).await;
    health_is(&pbx, "asterisk", "connected").await;

    pbx.freeze(Part::Asterisk, true);
    is_told(&pbx, "asterisk", TOLD).await;
    no_request_hangs(&pbx, &visitor).await;
    pbx.freeze(Part::Asterisk, false);
    health_is(&pbx, "asterisk", "connected").await;
    calls_work(&ada, &bob).await;
}

#[tokio::test]
async fn a_database_that_is_stopped_or_hangs_is_told_and_no_request_hangs() {
    let pbx = own_pbx("health-database").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let visitor = pbx.visitor("en").await;
    health_is(&pbx, "database", "connected").await;

    pbx.freeze(Part::Postgres, true);
    is_told(&pbx, "database", TOLD).await;
    no_request_hangs(&pbx, &visitor).await;
    pbx.freeze(Part::Postgres, false);
    health_is(&pbx, "database", "connected").await;

    pbx.stop(Part::Postgres).await;
    is_told(&pbx, "database", TOLD).await;
    no_request_hangs(&pbx, &visitor).await;
    pbx.begin(Part::Postgres).await;
    health_is(&pbx, "database", "connected").await;
    calls_work(&ada, &bob).await;
    within(SECONDS, "pages are whole again", || async {
        let page = visitor.open("/extensions").await;
        (page.status == 200 && page.shows(&bob.number)).then_some(())
    })
    .await;
}
