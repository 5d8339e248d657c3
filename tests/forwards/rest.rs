//! `callforward/*` as programs know it.

use serde_json::{Value, json};

use super::{change, forward, remove};
use crate::support::provider::Provider;
use crate::support::{Pbx, pbx};

#[tokio::test]
async fn a_forward_is_made_read_changed_and_deleted() {
    let pbx = pbx().await;
    let (bob, eve) = (pbx.ext().create().await, pbx.ext().create().await);
    let admin = pbx.admin().await;
    let made = forward(&pbx, &bob.number, "busy", &eve.number).await;
    for (field, value) in [
        ("extension", json!(bob.number)),
        ("forward_type", json!("busy")),
        ("destination", json!(eve.number)),
        ("ring_time", json!(5)),
        ("enabled", json!(true)),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let list = format!("/api/callforward/by-extension/{}", bob.number);
    assert_eq!(admin.get(&list).await.expect(200)[0]["id"], made["id"]);
    let saved = change(
        &pbx,
        &made,
        json!({"destination": "0171 123456", "enabled": false}),
    )
    .await;
    assert_eq!(
        (&saved["destination"], &saved["ring_time"]),
        (&json!("0171123456"), &json!(5))
    );
    assert_eq!(
        change(&pbx, &made, json!({})).await["destination"],
        "0171123456"
    );

    let again = json!({"extension": bob.number, "forward_type": "busy", "destination": eve.number});
    let answer = admin.post("/api/callforward/", &again).await;
    assert_eq!(answer.errors("forward_type"), ["forward_exists"]);
    remove(&pbx, &made).await;
    assert_eq!(admin.get(&list).await.expect(200), json!([]));
    let gone = format!("/api/callforward/{}", made["id"]);
    admin.delete(&gone).await.expect_error(404, "not_found");
    admin
        .put(&gone, &json!({}))
        .await
        .expect_error(404, "not_found");
}

/// Which rows have changed since the last one of the history was this.
async fn changed(pbx: &Pbx, number: &str, since: &str) -> Vec<String> {
    let owner = pbx.owner().await;
    let sql =
        "select tab || ' ' || op from pbx.change where id > $2::bigint and object = $1 order by id";
    let rows: Vec<(String,)> = owner.rows(sql, &[number, since]).await;
    rows.into_iter().map(|(row,)| row).collect()
}

#[tokio::test]
async fn to_change_one_is_one_row_and_the_row_of_the_dialplan_that_follows() {
    let pbx = pbx().await;
    let (ada, bob, eve) = (
        pbx.ext().phone().await,
        pbx.ext().phone().await,
        pbx.ext().phone().await,
    );
    let now = || async {
        let newest = "select max(id)::text from pbx.change";
        pbx.owner().await.does(newest).trim().to_owned()
    };
    let start = now().await;
    let made = forward(&pbx, &bob.number, "unconditional", &eve.number).await;
    let rows = changed(&pbx, &bob.number, &start).await;
    assert_eq!(rows, ["forward I", "extensions U"]);

    let start = now().await;
    change(&pbx, &made, json!({"enabled": false})).await;
    let rows = changed(&pbx, &bob.number, &start).await;
    assert_eq!(rows, ["forward U", "extensions U"]);
    assert_eq!(ada.tries(&bob).await, 486);

    let start = now().await;
    change(&pbx, &made, json!({"destination": "0171 123456"})).await;
    assert_eq!(changed(&pbx, &bob.number, &start).await, ["forward U"]);
    change(&pbx, &made, json!({"destination": eve.number})).await;

    let start = now().await;
    change(&pbx, &made, json!({"enabled": true})).await;
    let rows = changed(&pbx, &bob.number, &start).await;
    assert_eq!(rows, ["forward U", "extensions U"]);
    let mut out = ada.dial(&bob.number).await;
    eve.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486, "live at the next call");
    assert!(!bob.has_rung().await);

    let start = now().await;
    remove(&pbx, &made).await;
    let rows = changed(&pbx, &bob.number, &start).await;
    assert_eq!(rows, ["forward D", "extensions U"]);
}

#[tokio::test]
async fn what_cannot_be_is_told_at_its_field() {
    let pbx = pbx().await;
    let bob = pbx.ext().create().await;
    let admin = pbx.admin().await;
    for (field, value, code) in [
        ("extension", json!("4711"), "unknown_extension"),
        ("forward_type", json!("sometimes"), "invalid_forward_type"),
        ("destination", Value::Null, "required"),
        ("destination", json!("zuhause"), "invalid_destination"),
        ("destination", json!("112"), "invalid_destination"),
        ("destination", json!("1\u{0}2"), "invalid_destination"),
        ("destination", json!("0171,5)&Hangup("), "invalid_did"),
        ("destination", json!("98765"), "unknown_extension"),
        ("ring_time", json!(4), "out_of_range"),
        ("ring_time", json!(121), "out_of_range"),
    ] {
        let mut fields = json!({
            "extension": bob.number, "forward_type": "busy", "destination": "0171123456",
        });
        fields[field] = value.clone();
        let answer = admin.post("/api/callforward/", &fields).await;
        assert_eq!(answer.errors(field), [code], "{field}: {value}");
    }
    let list = format!("/api/callforward/by-extension/{}", bob.number);
    assert_eq!(admin.get(&list).await.expect(200), json!([]));
}

#[tokio::test]
async fn a_user_has_the_own_forwards_and_no_others() {
    let pbx = pbx().await;
    let (own, other) = (pbx.ext().create().await, pbx.ext().create().await);
    let person = pbx.person("user").await;
    let path = format!("{}/user", own.path());
    let user = json!({"user_id": person.id});
    pbx.admin().await.patch(&path, &user).await.expect(200);
    let foreign = forward(&pbx, &other.number, "busy", &own.number).await;
    let fields = |number: &str| json!({"extension": number, "forward_type": "busy", "destination": "0171123456"});
    let made = person
        .api
        .post("/api/callforward/", &fields(&own.number))
        .await
        .expect(200);
    let path = format!("/api/callforward/{}", made["id"]);
    person
        .api
        .put(&path, &json!({"enabled": false}))
        .await
        .expect(200);
    person.api.delete(&path).await.expect(200);
    person
        .api
        .post("/api/callforward/", &fields(&other.number))
        .await
        .expect_error(403, "forbidden");
    let path = format!("/api/callforward/{}", foreign["id"]);
    person.api.get(&path).await.expect_error(404, "not_found");
    person
        .api
        .put(&path, &json!({"enabled": false}))
        .await
        .expect_error(404, "not_found");
    person
        .api
        .delete(&path)
        .await
        .expect_error(404, "not_found");
    person
        .api
        .get("/api/callforward/")
        .await
        .expect_error(403, "forbidden");
    let list = format!("/api/callforward/by-extension/{}", other.number);
    person.api.get(&list).await.expect_error(403, "forbidden");
    pbx.anonymous()
        .get("/api/callforward/")
        .await
        .expect_error(401, "unauthenticated");
}

#[tokio::test]
async fn one_whose_target_is_gone_is_switched_off_and_not_on_again() {
    let pbx = pbx().await;
    let (bob, gone) = (pbx.ext().create().await, pbx.ext().create().await);
    let made = forward(&pbx, &bob.number, "unconditional", &gone.number).await;
    gone.delete().await;
    let off = json!({"enabled": false, "destination": gone.number, "ring_time": 7});
    let saved = change(&pbx, &made, off).await;
    assert_eq!(
        (&saved["enabled"], &saved["ring_time"]),
        (&json!(false), &json!(7))
    );
    let path = format!("/api/callforward/{}", made["id"]);
    let admin = pbx.admin().await;
    for fields in [
        json!({"enabled": true}),
        json!({"enabled": false, "destination": "98765"}),
    ] {
        let answer = admin.put(&path, &fields).await;
        assert_eq!(
            answer.errors("destination"),
            ["unknown_extension"],
            "{fields}"
        );
    }
}

/// What Asterisk reads when the extension is called.
async fn row(pbx: &Pbx, number: &str) -> Option<String> {
    let owner = pbx.owner().await;
    let sql = "select appdata from extensions where context = 'internal' and exten = $1";
    let rows: Vec<(String,)> = owner.rows(sql, &[number]).await;
    rows.into_iter().next().map(|(appdata,)| appdata)
}

#[tokio::test]
async fn whoever_changes_at_the_same_time_the_row_is_what_follows_from_all() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let (bob, eve) = (pbx.ext().create().await, pbx.ext().create().await);
    let admin = pbx.admin().await;
    let trunk = json!({
        "name": "Many at once", "provider": "custom", "auth_mode": "ip", "sip_server": provider.server(),
    });
    let trunk = admin.post("/api/trunks/", &trunk).await.expect(200);
    let route = json!({
        "did": "04216109931", "trunk_id": trunk["id"], "destination_extension": bob.number,
    });
    let busy = forward(&pbx, &bob.number, "busy", "0171123456").await;
    let switch = format!("/api/callforward/{}", busy["id"]);
    for round in 0..15 {
        let gone = forward(&pbx, &bob.number, "no_answer", &eve.number).await;
        let gone = format!("/api/callforward/{}", gone["id"]);
        let always = json!({
            "extension": bob.number, "forward_type": "unconditional", "destination": eve.number,
        });
        let enabled = json!({"enabled": round % 2 == 0});
        let (deleted, made, switched, assigned) = tokio::join!(
            admin.delete(&gone),
            admin.post("/api/callforward/", &always),
            admin.put(&switch, &enabled),
            admin.post("/api/routes/", &route),
        );
        deleted.expect(200);
        switched.expect(200);
        let (made, assigned) = (made.expect(200), assigned.expect(200));
        let left = row(&pbx, &bob.number).await;
        // Whoever saves the extension makes the row from what is there.
        bob.change(json!({"caller_id": format!("Bob {round}")}))
            .await;
        assert_eq!(left, row(&pbx, &bob.number).await, "round {round}");

        let (made, assigned) = (
            format!("/api/callforward/{}", made["id"]),
            format!("/api/routes/{}", assigned["id"]),
        );
        let (unmade, freed) = tokio::join!(admin.delete(&made), admin.delete(&assigned));
        unmade.expect(200);
        freed.expect(200);
        let left = row(&pbx, &bob.number).await;
        bob.change(json!({"caller_id": "Bob"})).await;
        assert_eq!(left, row(&pbx, &bob.number).await, "round {round}");
    }
}
