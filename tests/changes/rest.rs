//! The history of changes by REST.

use serde_json::json;

use super::{newest, undone};
use crate::support::pbx;

#[tokio::test]
async fn a_transaction_is_one_entry_with_who_where_what_and_each_field() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().name("Ada").create().await;
    ada.change(json!({"caller_id": "Ada L", "secret": "Correct-Horse-Battery-9"}))
        .await;
    let entry = newest(&admin, "extension", &ada.number).await;
    assert_eq!(
        (&entry["username"], &entry["action"]),
        (&json!("admin"), &json!("extension.edit"))
    );
    assert_eq!(
        (&entry["resource_type"], &entry["resource_id"]),
        (&json!("extension"), &json!(ada.number))
    );
    assert!(
        entry["ip_address"]
            .as_str()
            .is_some_and(|ip| ip.starts_with("127.")),
        "{entry}"
    );
    assert!(
        entry["timestamp"]
            .as_str()
            .is_some_and(|time| time.ends_with('Z')),
        "{entry}"
    );
    assert!(entry["id"].is_i64(), "{entry}");
    let changes = entry["details"]["changes"].as_array().expect("changes");
    let of = |table: &str| {
        changes
            .iter()
            .find(|c| c["table"] == table)
            .expect("recorded")
    };
    assert_eq!(
        of("ps_endpoints")["after"],
        json!({"callerid": format!("\"Ada L\" <{}>", ada.number)})
    );
    assert_eq!(
        of("ps_auths")["after"],
        json!({"password_digest": "********"})
    );
    let one = admin
        .get(&format!("/api/audit/{}", entry["tx"].as_str().expect("tx")))
        .await
        .expect(200);
    assert_eq!(one["details"], entry["details"]);
}

#[tokio::test]
async fn entries_are_found_by_who_kind_object_words_and_time_and_paged_by_key() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().name("Zauberwort").create().await;
    let dba = pbx.dba().await;
    dba.does(&format!(
        "update ps_endpoints set callerid = 'Hokuspokus <{0}>' where id = '{0}'",
        ada.number
    ));
    for (query, found) in [
        (format!("object={}", ada.number), 2),
        (format!("object={}&username=gonopbx_dba", ada.number), 1),
        (format!("object={}&action=sql", ada.number), 1),
        (format!("object={}&action=extension.create", ada.number), 1),
        (format!("object={}&kind=trunk", ada.number), 0),
        (format!("object={}&q=hokuspokus", ada.number), 1),
        (format!("object={}&q=ZAUBER", ada.number), 2),
        (format!("object={}&q=100%25", ada.number), 0),
        (
            format!("object={}&date_to=2020-01-01T00:00:00Z", ada.number),
            0,
        ),
        (
            format!("object={}&date_from=2020-01-01T00:00:00Z", ada.number),
            2,
        ),
    ] {
        let answer = admin.get(&format!("/api/audit/?{query}")).await.expect(200);
        assert_eq!(answer["total"], found, "{query}: {answer}");
        assert_eq!(
            answer["logs"].as_array().map(Vec::len),
            Some(found),
            "{query}"
        );
    }
    let page = |rest: String| {
        let admin = admin.clone();
        let number = ada.number.clone();
        async move {
            admin
                .get(&format!("/api/audit/?object={number}&limit=1{rest}"))
                .await
                .expect(200)["logs"][0]
                .clone()
        }
    };
    let first = page(String::new()).await;
    let second = page(format!(
        "&after={}",
        first["after"].as_str().expect("a key")
    ))
    .await;
    assert_eq!(second["action"], "extension.create");
    assert_eq!(page("&offset=1".into()).await, second);
}

#[tokio::test]
async fn wrong_questions_are_named_and_only_admins_are_answered() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("offset=-1", "offset"),
        ("after=x", "after"),
        ("date_from=yesterday", "date_from"),
        ("q=a%00b", "q"),
    ] {
        let answer = admin.get(&format!("/api/audit/?{query}")).await;
        answer.expect_error(422, "malformed");
        assert_eq!(answer.errors(field), ["malformed"], "{query}");
    }
    admin
        .get("/api/audit/?q=ab")
        .await
        .expect_error(400, "too_short");
    for tx in ["1", "0", "x", "99999999999999999999", "%00"] {
        admin
            .get(&format!("/api/audit/{tx}"))
            .await
            .expect_error(404, "not_found");
        admin
            .post(&format!("/api/audit/{tx}/undo"), &json!({}))
            .await
            .expect_error(404, "not_found");
    }
    let ada = pbx.ext().create().await;
    let tx = newest(&admin, "extension", &ada.number).await["tx"]
        .as_str()
        .expect("tx")
        .to_owned();
    for body in [
        json!({"conflicts": "perhaps"}),
        json!({"decisions": ["x"]}),
        json!({"decisions": {"x": 1}}),
    ] {
        admin
            .post(&format!("/api/audit/{tx}/undo"), &body)
            .await
            .expect_error(422, "malformed");
    }
    let eva = pbx.person("user").await;
    for path in [
        "/api/audit/".to_owned(),
        format!("/api/audit/{tx}"),
        format!("/api/audit/{tx}/undo"),
    ] {
        eva.api.get(&path).await.expect_error(403, "forbidden");
        pbx.anonymous()
            .get(&path)
            .await
            .expect_error(401, "unauthenticated");
    }
    eva.api
        .post(&format!("/api/audit/{tx}/undo"), &json!({}))
        .await
        .expect_error(403, "forbidden");
    assert_eq!(
        ada.new_phone().await.register().await,
        200,
        "nothing was taken back"
    );
}

#[tokio::test]
async fn of_two_with_one_number_each_has_a_name_and_is_undone_by_it() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (ada, bob) = (
        pbx.ext().name("Ada").create().await,
        pbx.ext().name("Bob").create().await,
    );
    ada.change(json!({"caller_id": "Old"})).await;
    let old = newest(&admin, "extension", &ada.number).await;
    bob.change(json!({"caller_id": "New"})).await;
    let new = newest(&admin, "extension", &bob.number).await;
    // As after a restore, when transactions are counted anew.
    pbx.owner().await.does(&format!(
        "update pbx.change_set set tx = '{}' where tx = '{}';
         update pbx.change set tx = '{0}' where tx = '{1}'",
        new["tx"].as_str().expect("a name"),
        old["tx"].as_str().expect("a name"),
    ));
    let old = newest(&admin, "extension", &ada.number).await;
    assert_ne!(old["tx"], new["tx"], "{old}");
    let visitor = pbx.visitor("en").await;
    let page = visitor
        .open(&format!("/extensions/{}/history", ada.number))
        .await
        .expect(200);
    let name = old["tx"].as_str().expect("a name");
    assert!(page.html.contains(&format!("/changes/{name}")), "{name}");
    visitor.open(&format!("/changes/{name}")).await.expect(200);
    let done = undone(&admin, &old["tx"]).await;
    assert_eq!(done["undoes"], old["tx"]);
    let names = "select callerid from ps_endpoints where id = $1";
    let owner = pbx.owner().await;
    for (number, name) in [(&ada.number, "Ada"), (&bob.number, "New")] {
        let rows: Vec<(String,)> = owner.rows(names, &[number]).await;
        assert!(rows[0].0.contains(name), "{rows:?}");
    }
}
