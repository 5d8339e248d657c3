//! The database restarts. Nothing else is restarted for it.

use reqwest::Method;
use serde_json::json;

use super::{SECONDS, Talk, calls_work, health_is, history_has};

use crate::support::browser::Browser;
use crate::support::stack::{ADMIN_PASSWORD, Part};
use crate::support::{own_pbx, within};

#[tokio::test]
async fn everything_works_again_within_seconds_after_the_database_was_away() {
    let pbx = own_pbx("database").await;
    let (ada, bob) = (pbx.ext().name("Ada").phone().await, pbx.ext().phone().await);
    let eve = pbx.ext().create().await;
    let mut talk = Talk::begin(&ada, &bob).await;
    let admin = pbx.admin().await;

    pbx.stop(Part::Postgres).await;
    talk.goes_on();
    health_is(&pbx, "database", "disconnected").await;
    let new = json!({"extension": "4711"});
    let answer = admin.post("/api/peers/", &new).await;
    answer.expect_error(503, "database_away");
    let status = admin.get("/api/dashboard/status").await;
    if status.status == 200 {
        assert_eq!(
            status.json["system"]["health"], "critical",
            "{}",
            status.text
        );
        assert_eq!(
            status.json["system"]["database"], "disconnected",
            "{}",
            status.text
        );
    } else {
        status.expect_error(503, "database_away");
    }
    // A new call is told that it is not the number's fault.
    let mut out = bob.dial("98989").await;
    let refused = out.is_refused().await;
    assert!(
        [480, 503].contains(&refused),
        "without the database a call ended with {refused}"
    );
    talk.goes_on();

    pbx.begin(Part::Postgres).await;
    let phone = eve.new_phone().await;
    within(SECONDS, "a phone registers", || async {
        (phone.register().await == 200).then_some(())
    })
    .await;
    calls_work(&ada, &phone).await;
    talk.goes_on();
    health_is(&pbx, "database", "connected").await;
    within(SECONDS, "the API saves again, and it is live", || async {
        let another = json!({"extension": pbx.free_number()});
        let answer = admin.post("/api/peers/", &another).await;
        (answer.status == 200 && answer.json["live"] == true).then_some(())
    })
    .await;
    talk.end().await;
    // Nor is the one lost that was refused without the database.
    history_has(&pbx, &bob.number, 2).await;
}

#[tokio::test]
async fn a_change_in_sql_is_live_again_after_a_restart_of_the_database() {
    let pbx = own_pbx("database-restart").await;
    let (ada, bob) = (
        pbx.ext().name("Before").phone().await,
        pbx.ext().phone().await,
    );
    calls_work(&ada, &bob).await;
    pbx.stop(Part::Postgres).await;
    pbx.begin(Part::Postgres).await;
    let dba = within(SECONDS, "psql connects", || async {
        let dba = pbx.dba().await;
        dba.psql("select 1").ok.then_some(dba)
    })
    .await;
    dba.does(&format!(
        "update ps_endpoints set callerid = '\"After\" <{0}>' where id = '{0}'",
        ada.number
    ));
    within(SECONDS, "the new name is shown", || async {
        let mut out = ada.dial(&bob.number).await;
        tokio::select! {
            _ = out.is_refused() => None,
            call = bob.rings() => {
                let name = call.caller_name();
                call.busy().await;
                out.is_refused().await;
                (name == "After").then_some(())
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_open_dashboard_shows_nothing_old_while_the_database_is_away_and_comes_back() {
    let pbx = own_pbx("database-dashboard").await;
    let (ada, bob) = (pbx.ext().name("Ada").phone().await, pbx.ext().phone().await);
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    let talk = Talk::begin(&ada, &bob).await;
    browser.reads("#system", "Database: connected").await;
    browser.reads("#tiles", "Ada").await;
    browser.reads("#calls-now", &ada.number).await;

    pbx.stop(Part::Postgres).await;
    // What is known without the database is still told, and of the rest that it is not known.
    let away = "The database is away";
    browser.reads("#system", "Database: away").await;
    browser.reads("#system", away).await;
    for part in [
        "#phones",
        "#trunks",
        "#tiles",
        "#calls-today",
        "#last-calls",
    ] {
        browser.reads(part, away).await;
    }
    browser.reads("#calls-now", &ada.number).await;
    // Also for whoever comes to look only now.
    browser.go("/").await;
    browser.reads("#system", away).await;
    browser.reads("#calls-now", &ada.number).await;
    browser.reads("#system", "Asterisk: connected").await;

    pbx.begin(Part::Postgres).await;
    browser.reads("#system", "Database: connected").await;
    browser.reads("#tiles", "Ada").await;
    browser.reads("#phones", "with a phone").await;
    talk.end().await;
    browser.reads("#last-calls", "Ada").await;
}

#[tokio::test]
async fn a_page_says_what_it_could_not_fetch_or_do() {
    let pbx = own_pbx("database-list").await;
    let ada = pbx.ext().name("Ada").create().await;
    let browser = Browser::open(pbx.url(), "de").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser.go("/extensions").await;
    let row = format!("#row-{}", ada.number);
    browser.reads(&row, "Ada").await;

    pbx.stop(Part::Postgres).await;
    browser.sees("#stream-lost:not([hidden])").await;
    let switch = format!("#switch-{}", ada.number);
    browser.click(&switch).await;
    browser.reads("#flash", "Datenbank").await;
    browser.reads(&row, "Ada").await;
    browser.sees(&format!("{switch}[aria-checked=true]")).await;

    pbx.begin(Part::Postgres).await;
    browser.sees("#stream-lost[hidden]").await;
    browser.click(&switch).await;
    browser.sees(&format!("{switch}[aria-checked=false]")).await;

    // Without the server itself there is no answer at all.
    pbx.kill(Part::Server).await;
    browser.click(&switch).await;
    browser.reads("#flash", "Der Server antwortet nicht").await;
    pbx.begin(Part::Server).await;
    browser.sees("#stream-lost[hidden]").await;
}

#[tokio::test]
async fn an_open_page_says_that_the_database_is_away_and_comes_back() {
    let pbx = own_pbx("database-pages").await;
    let visitor = pbx.visitor("en").await;
    let ada = pbx.ext().create().await;
    pbx.stop(Part::Postgres).await;
    for path in ["/", "/extensions", "/calls", "/login"] {
        let page = visitor.open(path).await;
        assert!(
            [200, 503].contains(&page.status),
            "{path}: {} {}",
            page.status,
            page.text()
        );
        assert!(
            page.status == 200 || page.html.contains("<h1>"),
            "{path}: {}",
            page.html
        );
    }
    let anonymous = pbx.anonymous();
    let answer = anonymous
        .send(Method::POST, "/api/auth/login", |request| {
            request.json(&json!({"username": "admin", "password": "x"}))
        })
        .await;
    answer.expect_error(503, "database_away");
    pbx.begin(Part::Postgres).await;
    within(SECONDS, "the page is there again", || async {
        let page = visitor.open("/extensions").await;
        (page.status == 200 && page.shows(&ada.number)).then_some(())
    })
    .await;
}
