//! The server dies. Phones do not notice.

use serde_json::json;

use super::{SECONDS, Talk, calls_work, health_is, history_has};
use crate::support::stack::Part;
use crate::support::{own_pbx, within};

#[tokio::test]
async fn calls_go_on_without_the_server_and_are_in_the_history_afterwards() {
    let pbx = own_pbx("server").await;
    let (ada, bob) = (pbx.ext().name("Ada").phone().await, pbx.ext().phone().await);
    let other = pbx.ext().create().await;
    let mut talk = Talk::begin(&ada, &bob).await;

    pbx.kill(Part::Server).await;
    talk.goes_on();
    let new = other.new_phone().await;
    assert_eq!(new.register().await, 200, "phones register");
    calls_work(&ada, &new).await;
    talk.goes_on();
    talk.end().await;
    calls_work(&bob, &ada).await;

    pbx.begin(Part::Server).await;
    health_is(&pbx, "asterisk", "connected").await;
    let calls = history_has(&pbx, &bob.number, 2).await;
    let answered: Vec<_> = calls
        .as_array()
        .expect("a list")
        .iter()
        .filter(|call| call["outcome"] == "answered")
        .map(|call| (&call["src"], &call["dst"]))
        .collect();
    assert_eq!(
        answered,
        [(&json!(ada.number), &json!(bob.number))],
        "{calls}"
    );
}

#[tokio::test]
async fn a_call_survives_the_restart_of_the_server_and_is_shown_again() {
    let pbx = own_pbx("server-restart").await;
    let (ada, bob) = (pbx.ext().name("Ada").phone().await, pbx.ext().phone().await);
    let mut talk = Talk::begin(&ada, &bob).await;
    pbx.kill(Part::Server).await;
    // What was changed in SQL meanwhile is made good at its start.
    pbx.dba().await.does(&format!(
        "update pbx.extension set ring_time = 66 where number = '{}'",
        bob.number
    ));
    pbx.begin(Part::Server).await;
    talk.goes_on();

    let admin = pbx.admin().await;
    within(SECONDS, "the call in progress is shown", || async {
        let active = admin.get("/api/calls/active").await.expect(200);
        (active["calls"][0]["caller"] == *ada.number && active["count"] == 1).then_some(())
    })
    .await;
    let owner = pbx.owner().await;
    within(SECONDS, "the dialplan follows", || async {
        let rows: Vec<(String,)> = owner
            .rows(
                "select appdata from dialplan_internal where exten = $1",
                &[&bob.number],
            )
            .await;
        rows.first()?.0.contains(",66").then_some(())
    })
    .await;
    talk.end().await;
    history_has(&pbx, &bob.number, 1).await;
    let log = pbx.log("server.log");
    assert!(!log.contains("panicked"), "{log}");
}

#[tokio::test]
async fn numbers_that_lead_nowhere_are_forgotten_in_time() {
    let pbx = own_pbx("forgotten-numbers").await;
    let ada = pbx.ext().create().await;
    let trunk =
        json!({"name": "Old", "provider": "custom", "sip_server": "192.0.2.1", "auth_mode": "ip"});
    let trunk = pbx
        .admin()
        .await
        .post("/api/trunks/", &trunk)
        .await
        .expect(200);
    let (id, ada) = (&trunk["id"], &ada.number);
    let owner = pbx.owner().await;
    owner.does(&format!(
        "insert into pbx.did_route (did, trunk_id, extension) values ('+49421000001', {id}, '{ada}');
         insert into pbx.did_called (did, trunk_id, last_called) values
           ('+49421000001', {id}, now() - interval '400 days'),
           ('+49421000002', {id}, now() - interval '170 days'),
           ('+49421000003', {id}, now() - interval '190 days');
         insert into pbx.unknown_did (did, trunk_id, day, last_called) values
           ('+49421000002', {id}, current_date - 29, now() - interval '29 days'),
           ('+49421000003', {id}, current_date - 40, now() - interval '40 days')"
    ));
    // It tidies up when it starts.
    pbx.stop(Part::Server).await;
    pbx.begin(Part::Server).await;
    let left = "select coalesce(string_agg(did, ' ' order by did), '') from pbx.did_called";
    within(SECONDS, "the old one is gone", || async {
        (owner.does(left).trim() == "+49421000001 +49421000002").then_some(())
    })
    .await;
    within(SECONDS, "so is what was not shown", || async {
        (owner.does("select did from pbx.unknown_did").trim() == "+49421000002").then_some(())
    })
    .await;
}
