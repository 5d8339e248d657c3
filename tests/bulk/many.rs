//! One change of a selection.

use std::fmt::Write as _;

use serde_json::json;

use super::{count, import};
use crate::support::html::{Field, Form, Kind};
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::Visitor;
use crate::support::{Pbx, eventually, own_pbx, pbx};

/// Whatever there can be of the extensions of the hall.
const LEFT: &str = "select (select count(*) from voicemail where mailbox ~ '^40') + (select count(*) from ps_auths where id ~ '^40')
     + (select count(*) from ps_aors where id ~ '^40') + (select count(*) from ps_contacts where endpoint ~ '^40')
     + (select count(*) from extensions where exten ~ '^40')";

/// 320 extensions with phones and mailboxes, as a table.
fn hall() -> String {
    let mut table = String::from("Nummer;Name;Passwort;PIN\n");
    for n in 0..320 {
        let _infallible = writeln!(table, "{};Hall {n};pw{n}-Tq7.vZ;{}", 40_001 + n, 5000 + n);
    }
    table
}

/// Until the dashboard shows it so; what is disabled is not there.
async fn on_the_dashboard(pbx: &Pbx, number: &str, state: Option<&str>) {
    let admin = pbx.admin().await;
    eventually(
        &format!("{number} is {state:?} on the dashboard"),
        || async {
            let status = admin.get("/api/dashboard/status").await.expect(200);
            let all = status["endpoints"].as_array().cloned().unwrap_or_default();
            let found = all.iter().find(|one| one["endpoint"] == number);
            (found.and_then(|one| one["state"].as_str()) == state).then_some(())
        },
    )
    .await;
}

#[tokio::test]
async fn hundreds_that_match_are_changed_at_once_live_and_as_one_change() {
    let pbx = own_pbx("many").await;
    let admin = pbx.admin().await;
    let (ada, other) = (
        pbx.ext().name("Ada").phone().await,
        pbx.ext().name("Other").phone().await,
    );
    import(&admin, &hall(), "").await.expect(200);
    let bob = pbx.phone("40320", "pw319-Tq7.vZ").await;
    assert_eq!(bob.register().await, 200);
    let mut talk = ada.dial(&other.number).await;
    let mut heard = other.rings().await;
    heard.answer().await;
    talk.is_answered().await;

    let all = |action: &str| json!({"all": true, "q": "hall", "action": action});
    let done = admin
        .post("/api/peers/bulk", &all("disable"))
        .await
        .expect(200);
    assert_eq!((&done["count"], &done["live"]), (&json!(320), &json!(true)));
    assert_eq!(
        bob.register().await,
        401,
        "a disabled extension does not register"
    );
    let owner = pbx.owner().await;
    let live = "select count(*) from ps_contacts where endpoint = '40320' and expiration_time > extract(epoch from now())";
    assert_eq!(owner.count(live, &[]).await, 0, "its phone is logged off");
    on_the_dashboard(&pbx, "40320", None).await;
    let rows = owner
        .count(
            "select count(*) from extensions where exten ~ '^40[0-9]{3}$'",
            &[],
        )
        .await;
    assert_eq!(rows, 0, "nobody can dial them");

    admin
        .post("/api/peers/bulk", &all("enable"))
        .await
        .expect(200);
    on_the_dashboard(&pbx, "40320", Some("unregistered")).await;
    assert_eq!(bob.register().await, 200, "with its old password");
    on_the_dashboard(&pbx, "40320", Some("idle")).await;
    for (field, value) in [
        ("codecs", json!("alaw")),
        ("pickup_group", json!("hall")),
        ("ring_time", json!(7)),
    ] {
        let mut change = all(field);
        change[field] = value.clone();
        let done = admin.post("/api/peers/bulk", &change).await.expect(200);
        assert_eq!(
            (&done["count"], &done["live"]),
            (&json!(320), &json!(true)),
            "{field}"
        );
        let peer = admin.get("/api/peers/40001").await.expect(200);
        assert_eq!(peer[field], value);
    }
    let appdata = owner.does(
        "select distinct split_part(appdata, ',', 4) from extensions where exten ~ '^40[0-9]{3}$'",
    );
    assert_eq!(appdata, "7", "the rows follow");
    let untouched = admin
        .get(&format!("/api/peers/{}", ada.number))
        .await
        .expect(200);
    assert_eq!(untouched["pickup_group"], json!(null));

    let changes = owner
        .count(
            "select count(distinct tx) from pbx.change where act = 'extension.edit_many'",
            &[],
        )
        .await;
    assert_eq!(changes, 5, "one for each");
    let before = count(&pbx).await;
    let done = admin
        .post("/api/peers/bulk", &all("delete"))
        .await
        .expect(200);
    assert_eq!((&done["count"], &done["live"]), (&json!(320), &json!(true)));
    assert_eq!(count(&pbx).await, before - 320);
    assert_eq!(bob.register().await, 401);
    assert_eq!(owner.count(LEFT, &[]).await, 0, "nothing of them is left");
    assert!(
        !talk.is_over() && !heard.is_over(),
        "the call of others goes on"
    );
    talk.hang_up().await;
    heard.other_side_hangs_up().await;
}

#[tokio::test]
async fn a_change_of_many_names_what_is_wrong_and_changes_nothing() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let desk = pbx.ext().create().await;
    let before = admin.get(&desk.path()).await.expect(200);
    for (body, status, code) in [
        (json!({"extensions": [desk.number]}), 422, "required"),
        (
            json!({"extensions": [desk.number], "action": "explode"}),
            422,
            "malformed",
        ),
        (
            json!({"extensions": [desk.number], "action": "ring_time", "ring_time": 4}),
            400,
            "out_of_range",
        ),
        (
            json!({"extensions": [desk.number], "action": "codecs", "codecs": "foo"}),
            400,
            "unknown_codec",
        ),
        (
            json!({"extensions": [desk.number], "action": "pickup_group", "pickup_group": "a\u{0}b"}),
            400,
            "invalid_pickup_group",
        ),
        (
            json!({"extensions": [], "action": "disable"}),
            422,
            "required",
        ),
        (
            json!({"extensions": [desk.number, "999999"], "action": "disable"}),
            400,
            "unknown_extension",
        ),
        (
            json!({"extensions": "x", "action": "disable"}),
            422,
            "malformed",
        ),
        (
            json!({"all": true, "state": "odd", "action": "disable"}),
            422,
            "malformed",
        ),
        (json!([]), 422, "malformed"),
    ] {
        admin
            .post("/api/peers/bulk", &body)
            .await
            .expect_error(status, code);
    }
    let eva = pbx.person("user").await;
    let body = json!({"extensions": [desk.number], "action": "disable"});
    eva.api
        .post("/api/peers/bulk", &body)
        .await
        .expect_error(403, "forbidden");
    pbx.anonymous()
        .post("/api/peers/bulk", &body)
        .await
        .expect_error(401, "unauthenticated");
    assert_eq!(admin.get(&desk.path()).await.expect(200), before);
}

#[tokio::test]
async fn a_selection_in_the_list_is_changed_without_javascript() {
    let pbx = pbx().await;
    let mut desks = Vec::new();
    for n in 0..3 {
        desks.push(pbx.ext().name(&format!("Bulkable {n}")).create().await);
    }
    let target = pbx.ext().create().await;
    let admin = pbx.admin().await;
    let forward =
        json!({"extension": target.number, "forward_type": "busy", "destination": desks[0].number});
    admin.post("/api/callforward/", &forward).await.expect(200);
    let visitor = pbx.visitor("en").await;
    let list = "/extensions?q=bulkable";
    let page = visitor.open(list).await.expect(200);
    assert!(page.shows("all 3 matching"), "{}", page.text());
    let bar = page.form("/extensions/bulk");

    let none = visitor
        .submit(&bar.clone().set("action", "disable"))
        .await
        .expect(200);
    assert!(
        none.at.starts_with("/extensions") && none.shows("Nothing is selected"),
        "{}",
        none.text()
    );

    // The two check boxes belong to the form by its name.
    let mut two = bar.clone().set("action", "disable");
    for desk in &desks[..2] {
        let check = format!("name=\"number\" value=\"{}\" form=\"many\"", desk.number);
        assert!(page.html.contains(&check), "{}", page.html);
        two.fields.push(Field {
            name: "number".into(),
            kind: Kind::Check,
            value: desk.number.clone(),
            on: true,
        });
    }
    let page = visitor.submit(&two).await.expect(200);
    assert!(page.shows("2 extensions changed."), "{}", page.text());
    let enabled = |n: usize| {
        let (admin, path) = (admin.clone(), desks[n].path());
        async move { admin.get(&path).await.expect(200)["enabled"].clone() }
    };
    assert_eq!(
        (enabled(0).await, enabled(1).await, enabled(2).await),
        (json!(false), json!(false), json!(true))
    );

    let all = bar.clone().check("all", true);
    let page = visitor
        .submit(&all.clone().set("action", "ring_time"))
        .await
        .expect(200);
    assert!(page.shows("3 extensions"), "{}", page.text());
    let form = page.form("/extensions/bulk");
    let wrong = visitor.submit(&form.clone().set("ring_time", "500")).await;
    assert_eq!(
        (wrong.status, wrong.wrong_fields()),
        (422, vec!["ring_time".to_owned()])
    );
    let page = visitor
        .submit(&form.set("ring_time", "42"))
        .await
        .expect(200);
    assert!(
        page.at.starts_with("/extensions?q=bulkable") && page.shows("3 extensions changed."),
        "{}",
        page.text()
    );
    assert_eq!(
        admin.get(&desks[2].path()).await.expect(200)["ring_time"],
        42
    );

    let page = visitor
        .submit(&all.set("action", "delete"))
        .await
        .expect(200);
    assert!(
        page.shows("1 forward of others"),
        "what depends on them: {}",
        page.text()
    );
    admin.get(&desks[0].path()).await.expect(200);
    let page = visitor
        .submit(&page.form("/extensions/bulk"))
        .await
        .expect(200);
    assert!(page.shows("3 extensions deleted."), "{}", page.text());
    admin
        .get(&desks[0].path())
        .await
        .expect_error(404, "not_found");

    is_not_offered_to_users(&pbx, bar).await;
}

async fn is_not_offered_to_users(pbx: &Pbx, bar: Form) {
    let eva = pbx.person("user").await;
    let user = Visitor::new(pbx.url(), "en");
    user.log_in(&eva.name, ADMIN_PASSWORD).await;
    assert!(
        !user
            .open("/extensions")
            .await
            .expect(200)
            .html
            .contains("/extensions/bulk")
    );
    let page = user
        .submit(&bar.set("action", "disable").check("all", true))
        .await;
    assert_eq!(page.status, 403);
}
