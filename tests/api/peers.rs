//! `peers/*`

use serde_json::{Value, json};

use super::has_shape;
use crate::support::pbx;

const PEER: &str = "id:int extension:text secret:text caller_id:text? context:text codecs:text? blf_enabled:bool
    pickup_group:text? enabled:bool ring_time:int max_contacts:int user_id:int? outbound_cid:text? pai:text?
    created_at:time updated_at:time";

#[tokio::test]
async fn a_number_is_enough_and_everything_else_has_a_default() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let number = pbx.free_number();
    let made = admin
        .post("/api/peers/", &json!({ "extension": number }))
        .await
        .expect(200);
    has_shape(&made, &format!("{PEER} live:bool"));
    assert_eq!(
        made["id"],
        number.parse::<i64>().expect("a number"),
        "the id is the number"
    );
    assert_eq!(
        made["secret"].as_str().map(str::len),
        Some(20),
        "generated, shown once"
    );
    assert_eq!(made["live"], true);
    let defaults = json!({
        "caller_id": null, "context": "internal", "codecs": null, "blf_enabled": true, "pickup_group": null,
        "enabled": true, "ring_time": 20, "max_contacts": 5, "user_id": null,
    });
    for (field, value) in defaults.as_object().expect("an object") {
        assert_eq!(&made[field], value, "{field}");
    }
    let read = admin.get(&format!("/api/peers/{number}")).await.expect(200);
    has_shape(&read, PEER);
    assert_eq!(read["secret"], "********");
}

#[tokio::test]
async fn every_field_is_kept_as_it_was_given() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let number = pbx.free_number();
    let given = json!({
        "extension": number, "secret": "Str0ng!Passw0rd-77", "caller_id": "Büro Norbert", "context": "custom",
        "codecs": "alaw,g722", "blf_enabled": false, "pickup_group": "sales-1", "enabled": false, "ring_time": 45,
        "max_contacts": 3,
    });
    let made = admin.post("/api/peers", &given).await.expect(200);
    let read = admin
        .get(&format!("/api/peers/{number}/"))
        .await
        .expect(200);
    for (field, value) in given.as_object().expect("an object") {
        assert_eq!(&made[field], value, "{field} in the answer");
        if field != "secret" {
            assert_eq!(&read[field], value, "{field} when read");
        }
    }
}

#[tokio::test]
async fn what_is_not_named_stays_and_null_takes_away() {
    let pbx = pbx().await;
    let ada = pbx
        .ext()
        .name("Ada")
        .with("codecs", "alaw")
        .with("pickup_group", "1")
        .with("ring_time", 45)
        .create()
        .await;
    let saved = ada.change(json!({"caller_id": "Ada L"})).await;
    has_shape(&saved, &format!("{PEER} live:bool"));
    assert_eq!(saved["secret"], "********", "the password was not changed");
    assert_eq!(
        (
            &saved["codecs"],
            &saved["pickup_group"],
            &saved["ring_time"]
        ),
        (&json!("alaw"), &json!("1"), &json!(45))
    );
    let saved = ada
        .change(json!({"caller_id": null, "codecs": null, "pickup_group": null}))
        .await;
    assert_eq!(
        (
            &saved["codecs"],
            &saved["pickup_group"],
            &saved["caller_id"]
        ),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(saved["ring_time"], 45);
}

#[tokio::test]
async fn writing_the_mask_back_keeps_the_password() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let admin = pbx.admin().await;
    let read = admin.get(&ada.path()).await.expect(200);
    let saved = ada.change(read).await;
    assert_eq!(saved["secret"], "********");
    assert_eq!(
        ada.new_phone().await.register().await,
        200,
        "with the password it always had"
    );
}

#[tokio::test]
async fn the_list_is_in_the_order_of_the_numbers_and_shows_no_password() {
    let pbx = pbx().await;
    let made = [
        pbx.ext().create().await,
        pbx.ext().create().await,
        pbx.ext().create().await,
    ];
    let admin = pbx.admin().await;
    let list = admin.get("/api/peers/").await;
    for extension in &made {
        assert!(!list.text.contains(&extension.secret));
    }
    let list = list.expect(200);
    let ids: Vec<i64> = list
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|e| e["id"].as_i64())
        .collect();
    assert!(ids.is_sorted(), "{ids:?}");
    for extension in &made {
        let mine = list
            .as_array()
            .expect("a list")
            .iter()
            .find(|e| e["extension"] == *extension.number);
        has_shape(mine.expect("in the list"), PEER);
    }
    assert!(
        list.as_array()
            .expect("a list")
            .iter()
            .all(|e| e["secret"] == "********")
    );
    admin.get("/api/peers").await.expect(200);
}

#[tokio::test]
async fn the_list_is_searched_and_paged_by_key() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let mut numbers = Vec::new();
    for n in 0..5 {
        numbers.push(
            pbx.ext()
                .name(&format!("Paging {n} Ümläut"))
                .create()
                .await
                .number,
        );
    }
    let mut seen: Vec<String> = Vec::new();
    loop {
        let after = seen.last().map_or("0", String::as_str).to_owned();
        let path = format!("/api/peers/?q=PAGING&limit=2&after={after}");
        let page = admin.get(&path).await.expect(200);
        let page = page.as_array().cloned().unwrap_or_default();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        seen.extend(
            page.iter()
                .filter_map(|e| e["extension"].as_str().map(str::to_owned)),
        );
    }
    assert_eq!(seen, numbers);
    let by_number = admin
        .get(&format!("/api/peers/?q={}", numbers[2]))
        .await
        .expect(200);
    assert!(
        by_number
            .as_array()
            .expect("a list")
            .iter()
            .any(|e| e["extension"] == *numbers[2])
    );
    for query in ["limit=0", "limit=501", "limit=abc", "limit=-1", "after=x"] {
        let answer = admin.get(&format!("/api/peers/?{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_number_that_is_taken_is_refused_at_its_field() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().create().await);
    let admin = pbx.admin().await;
    let answer = admin
        .post("/api/peers/", &json!({"extension": ada.number}))
        .await;
    answer.expect_error(400, "taken");
    assert_eq!(answer.errors("extension"), ["taken"]);
    let answer = admin
        .put(&bob.path(), &json!({"extension": ada.number}))
        .await;
    answer.expect_error(400, "taken");
    assert_eq!(
        ada.new_phone().await.register().await,
        200,
        "nobody's password was touched"
    );
    assert_eq!(
        bob.new_phone().await.register().await,
        200,
        "nobody's password was touched"
    );
}

#[tokio::test]
async fn a_weak_password_needs_an_explicit_word() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let number = pbx.free_number();
    let weak = json!({"extension": number, "secret": "abc123"});
    let answer = admin.post("/api/peers/", &weak).await;
    answer.expect_error(400, "secret_weak");
    assert_eq!(answer.errors("secret"), ["secret_weak"]);
    admin
        .get(&format!("/api/peers/{number}"))
        .await
        .expect_error(404, "not_found");

    let insisting = json!({"extension": number, "secret": "abc123", "allow_weak": true});
    assert_eq!(
        admin.post("/api/peers/", &insisting).await.expect(200)["secret"],
        "abc123"
    );
    let weak = admin.get("/api/peers/weak-passwords").await.expect(200);
    let mine = weak
        .as_array()
        .expect("a list")
        .iter()
        .find(|e| e["extension"] == *number);
    let mine = mine.expect("in the list of weak ones");
    has_shape(
        mine,
        "id:int extension:text caller_id:text? strength:object",
    );
    has_shape(&mine["strength"], "score:int level:text warnings:list");
    assert_eq!(mine["strength"]["level"], "weak");

    let strong = json!({"secret": "Correct-Horse-Battery-5"});
    admin
        .put(&format!("/api/peers/{number}"), &strong)
        .await
        .expect(200);
    let weak = admin.get("/api/peers/weak-passwords").await.expect(200);
    assert!(
        !weak
            .as_array()
            .expect("a list")
            .iter()
            .any(|e| e["extension"] == *number)
    );
}

#[tokio::test]
async fn a_generated_password_is_strong_and_accepted() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let made = admin.get("/api/peers/generate-password").await.expect(200);
    has_shape(&made, "password:text strength:object");
    has_shape(&made["strength"], "score:int level:text warnings:list");
    assert_eq!(made["strength"]["level"], "strong");
    assert_eq!(made["strength"]["warnings"], json!([]));
    let secret = made["password"].as_str().unwrap_or_default();
    let ada = pbx.ext().with("secret", secret).create().await;
    assert_eq!(ada.secret, secret);
    let other = admin.get("/api/peers/generate-password").await.expect(200);
    assert_ne!(other["password"], made["password"]);
}

#[tokio::test]
async fn codecs_are_set_and_reset_by_themselves() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let admin = pbx.admin().await;
    let path = format!("{}/codecs", ada.path());
    let set = admin
        .patch(&path, &json!({"codecs": "G722, alaw"}))
        .await
        .expect(200);
    assert_eq!(
        (&set["status"], &set["codecs"]),
        (&json!("ok"), &json!("g722,alaw"))
    );
    assert_eq!(
        admin.get(&ada.path()).await.expect(200)["codecs"],
        "g722,alaw"
    );
    let reset = admin
        .patch(&path, &json!({"codecs": null}))
        .await
        .expect(200);
    assert_eq!(
        (&reset["status"], &reset["codecs"]),
        (&json!("ok"), &Value::Null)
    );

    for (body, status) in [
        (json!({"codecs": "foo"}), 400),
        (json!({"codecs": ","}), 400),
        (json!({"codecs": 5}), 422),
        (json!({}), 422),
    ] {
        let answer = admin.patch(&path, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert!(
            !answer.errors("codecs").is_empty(),
            "{body}: {}",
            answer.text
        );
    }
    let nobody = admin
        .patch("/api/peers/99999/codecs", &json!({"codecs": null}))
        .await;
    nobody.expect_error(404, "not_found");
}

#[tokio::test]
async fn a_user_is_assigned_and_taken_away() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let eva = pbx.person("user").await;
    let admin = pbx.admin().await;
    let path = format!("{}/user", ada.path());
    let set = admin
        .patch(&path, &json!({"user_id": eva.id}))
        .await
        .expect(200);
    assert_eq!(set, json!({"status": "ok", "user_id": eva.id}));
    assert_eq!(admin.get(&ada.path()).await.expect(200)["user_id"], eva.id);
    let me = eva.api.get("/api/auth/me").await.expect(200);
    assert_eq!(me["extension"], *ada.number, "at once");

    admin
        .patch(&path, &json!({"user_id": 999_999}))
        .await
        .expect_error(404, "not_found");
    let unnamed = admin.patch(&path, &json!({})).await;
    assert_eq!(unnamed.errors("user_id"), ["required"], "{}", unnamed.text);
    admin
        .patch(&path, &json!({"user_id": null}))
        .await
        .expect(200);
    assert!(eva.api.get("/api/auth/me").await.expect(200)["extension"].is_null());
}

#[tokio::test]
async fn deleting_says_what_was_deleted_and_can_be_done_once() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let admin = pbx.admin().await;
    let gone = admin.delete(&ada.path()).await.expect(200);
    assert_eq!(
        (&gone["status"], &gone["extension"]),
        (&json!("deleted"), &json!(ada.number))
    );
    admin
        .delete(&ada.path())
        .await
        .expect_error(404, "not_found");
    let again = admin
        .post("/api/peers/", &json!({"extension": ada.number}))
        .await
        .expect(200);
    assert_eq!(again["live"], true, "the number is free again");
}
