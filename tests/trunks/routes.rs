//! `routes/*`: names, shapes and codes.

use serde_json::{Value, json};

use super::rest::{has_fields, is_time};
use super::{Trunk, empty_desk};
use crate::support::pbx;
use crate::support::provider::Provider;

const FIELDS: [&str; 9] = [
    "id",
    "did",
    "trunk_id",
    "destination_extension",
    "description",
    "enabled",
    "last_called_at",
    "created_at",
    "updated_at",
];

#[tokio::test]
async fn a_route_is_made_read_changed_and_deleted() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let (ada, bob) = (empty_desk(&pbx).await, empty_desk(&pbx).await);
    let fields = json!({
        "did": trunk.numbers.national(1), "trunk_id": trunk.id, "destination_extension": ada.number,
        "description": "Zentrale", "no_such_field": 1,
    });
    let made = admin.post("/api/routes", &fields).await.expect(200);
    has_fields(&made, &FIELDS);
    assert_eq!(made["did"], trunk.numbers.plus(1), "one form for all");
    assert_eq!(made["trunk_id"], trunk.id);
    assert_eq!(made["destination_extension"], *ada.number);
    assert_eq!(made["description"], "Zentrale");
    assert_eq!(made["enabled"], true);
    assert_eq!(made["last_called_at"], Value::Null, "nobody has called it");
    is_time(&made["created_at"]);
    is_time(&made["updated_at"]);

    // The id of the trunk may be a text.
    let second = json!({
        "did": trunk.numbers.plus(2), "trunk_id": trunk.id.to_string(), "destination_extension": ada.number,
        "enabled": false,
    });
    let second = admin.post("/api/routes/", &second).await.expect(200);
    assert_eq!(second["trunk_id"], trunk.id);
    assert_eq!(
        (&second["description"], &second["enabled"]),
        (&Value::Null, &json!(false))
    );

    let path = format!("/api/routes/{}", made["id"]);
    let read = admin.get(&path).await.expect(200);
    has_fields(&read, &FIELDS);
    let listed = admin.get("/api/routes/").await.expect(200);
    let listed = listed.as_array().cloned().unwrap_or_default();
    assert!(listed.contains(&read), "the list says the same");
    let of_ada = format!("/api/routes/by-extension/{}", ada.number);
    let own = admin.get(&of_ada).await.expect(200);
    assert_eq!(own.as_array().map(Vec::len), Some(2), "{own}");
    assert_eq!(own[0], read, "the first assigned is the first");

    let change = json!({"destination_extension": bob.number, "description": null});
    let saved = admin.put(&path, &change).await.expect(200);
    assert_eq!(saved["destination_extension"], *bob.number);
    assert_eq!(saved["description"], Value::Null);
    assert_eq!(saved["did"], made["did"], "what is not named stays");
    let of_bob = format!("/api/routes/by-extension/{}", bob.number);
    let own = admin.get(&of_bob).await.expect(200);
    assert_eq!(own.as_array().map(Vec::len), Some(1), "{own}");

    let gone = admin.delete(&path).await.expect(200);
    assert_eq!(
        (&gone["status"], &gone["did"]),
        (&json!("deleted"), &made["did"])
    );
    admin.get(&path).await.expect_error(404, "not_found");
    admin
        .put(&path, &json!({}))
        .await
        .expect_error(404, "not_found");
    admin.delete(&path).await.expect_error(404, "not_found");
    trunk.delete().await;
    let own = admin.get(&of_ada).await.expect(200);
    assert_eq!(own, json!([]), "a trunk takes its numbers along");
}

#[tokio::test]
async fn what_cannot_be_is_told_at_its_field() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = empty_desk(&pbx).await;
    let taken = trunk.leads(1, &ada.number).await;
    let other = trunk.leads(2, &ada.number).await;
    let other = format!("/api/routes/{}", other["id"]);
    let right = json!({
        "did": trunk.numbers.plus(3), "trunk_id": trunk.id, "destination_extension": ada.number,
    });
    for (field, value, status, code) in [
        ("did", taken["did"].clone(), 400, "did_taken"),
        ("did", json!(trunk.numbers.national(1)), 400, "did_taken"),
        ("did", json!(""), 400, "invalid_did"),
        ("did", json!("zentrale"), 400, "invalid_did"),
        ("did", Value::Null, 422, "required"),
        ("trunk_id", json!(999_999), 400, "unknown_trunk"),
        ("trunk_id", json!(-1), 400, "unknown_trunk"),
        ("trunk_id", json!(i64::MAX), 400, "unknown_trunk"),
        ("trunk_id", Value::Null, 422, "required"),
        (
            "destination_extension",
            json!("999999"),
            400,
            "unknown_extension",
        ),
        (
            "destination_extension",
            json!("zentrale"),
            400,
            "unknown_extension",
        ),
        ("destination_extension", Value::Null, 422, "required"),
    ] {
        let mut fields = right.clone();
        fields[field] = value.clone();
        let answer = admin.post("/api/routes/", &fields).await;
        answer.expect_error(status, code);
        assert_eq!(answer.errors(field), [code], "POST {field} = {value}");
        let answer = admin.put(&other, &json!({ field: value })).await;
        answer.expect_error(status, code);
        assert_eq!(answer.errors(field), [code], "PUT {field} = {value}");
    }
    let unknown = admin.get("/api/routes/by-extension/999999").await;
    assert_eq!(unknown.expect(200), json!([]));
    trunk.delete().await;
}

#[tokio::test]
async fn the_number_an_extension_shows_goes_with_its_route() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let (ada, bob) = (empty_desk(&pbx).await, empty_desk(&pbx).await);
    for change in [Value::Null, json!({"destination_extension": bob.number})] {
        let route = trunk.leads(9, &ada.number).await;
        let path = format!("/api/routes/{}", route["id"]);
        let did = json!({"outbound_cid": route["did"]});
        super::shows(&pbx, &ada.number, did).await;
        if change.is_null() {
            admin.delete(&path).await.expect(200);
        } else {
            admin.put(&path, &change).await.expect(200);
        }
        let peer = admin.get(&ada.path()).await.expect(200);
        assert_eq!(peer["outbound_cid"], Value::Null, "{peer}");
    }
    trunk.delete().await;
}
