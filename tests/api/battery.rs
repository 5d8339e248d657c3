//! Bad input on every field: each ends as an error at its field, or is stored, read back as it was, and does no harm to
//! calls. Here over JSON; over forms in `forms`.

use serde_json::{Value, json};

use crate::support::client::Api;
use crate::support::{Extension, Pbx, pbx};

/// What people and programs type that they should not.
pub fn bad_values() -> Vec<String> {
    let mut values: Vec<String> = [
        "",
        " ",
        "\0",
        "a\0b",
        "a\nb",
        "a\r\nX-Injected: yes",
        "\t",
        "\u{7f}",
        "\u{1b}[31mred",
        "\"",
        "a\"b",
        "'",
        "' or '1'='1",
        "'; drop table ps_endpoints; --",
        ";",
        "a;b",
        "a^3Bb",
        ",",
        "a,b",
        "|",
        "&",
        "]",
        "[",
        "a]b",
        ")",
        "1001)&System(id",
        "${X}",
        "${SHELL(id)}",
        "$[1+1]",
        "<b>bold</b>",
        "<script>alert(1)</script>",
        "&lt;&amp;",
        "Ω Жук 日本",
        "１００１",
        "\u{202e}abc",
        "\u{feff}",
        "😀",
        "e\u{301}",
        "\\",
        "a\\",
        "%00",
        "%0d%0a",
        "../../etc/passwd",
        "-1",
        "0",
        "999999999999999999999",
        "1e3",
        "0x10",
        "NaN",
        "true",
        "null",
        "********",
    ]
    .iter()
    .map(|value| (*value).to_owned())
    .collect();
    for length in [41, 81, 256, 5000] {
        values.push("x".repeat(length));
        values.push("9".repeat(length));
        values.push("日".repeat(length));
    }
    values
}

/// JSON and forms have the same names.
const TEXTS: [&str; 5] = ["caller_id", "context", "codecs", "pickup_group", "secret"];

pub async fn still_works(pbx: &Pbx, extension: &Extension, secret: &str) {
    extension
        .change(json!({"caller_id": "Ada", "context": "internal", "codecs": null, "enabled": true}))
        .await;
    let (ada, bob) = (
        pbx.phone(&extension.number, secret).await,
        pbx.ext().phone().await,
    );
    assert_eq!(ada.register().await, 200, "it registers after all that");
    let mut out = bob.dial(&extension.number).await;
    let call = ada.rings().await;
    call.busy().await;
    assert_eq!(out.is_refused().await, 486, "it is called after all that");
}

pub fn stored_as_typed(field: &str, typed: &str, stored: &Value) {
    let stored = stored.as_str().unwrap_or_default();
    // White space around a value means nothing, nor do commas in a list without words.
    let meant = if field == "pickup_group" {
        typed.trim_matches([' ', ',', '\t'])
    } else {
        typed.trim()
    };
    assert_eq!(stored, meant, "{field}");
}

#[tokio::test]
async fn json_texts() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let mut secret = ada.secret.clone();
    for field in TEXTS {
        for value in bad_values() {
            let body = json!({ field: value });
            let answer = admin.put(&ada.path(), &body).await;
            match answer.status {
                200 => {
                    let read = admin.get(&ada.path()).await.expect(200);
                    assert_eq!(answer.json["live"], true, "{field} = {value:?}");
                    if field == "secret" {
                        if value != "********" {
                            assert_eq!(answer.json["secret"], *value);
                            secret.clone_from(&value);
                            let phone = pbx.phone(&ada.number, &value).await;
                            assert_eq!(phone.register().await, 200, "password {value:?}");
                            assert_eq!(phone.unregister().await, 200);
                        }
                    } else {
                        stored_as_typed(field, &value, &read[field]);
                    }
                }
                400 | 422 => {
                    assert!(
                        !answer.errors(field).is_empty(),
                        "{field} = {value:?}: {}",
                        answer.text
                    );
                    assert!(answer.json["detail"].is_string(), "{}", answer.text);
                }
                other => panic!("{field} = {value:?} was answered {other}: {}", answer.text),
            }
        }
    }
    still_works(&pbx, &ada, &secret).await;
}

#[tokio::test]
async fn json_numbers_of_extensions() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for value in bad_values() {
        let answer = admin
            .post("/api/peers/", &json!({ "extension": value }))
            .await;
        assert!(
            [400, 422].contains(&answer.status),
            "{value:?}: {} {}",
            answer.status,
            answer.text
        );
        assert!(
            !answer.errors("extension").is_empty(),
            "{value:?}: {}",
            answer.text
        );
    }
    for taken in ["110", "112"] {
        let answer = admin
            .post("/api/peers/", &json!({ "extension": taken }))
            .await;
        answer.expect_error(400, "emergency_number");
    }
}

async fn is_malformed(admin: &Api, ada: &Extension, field: &str, value: &Value) {
    let answer = admin.put(&ada.path(), &json!({ field: value })).await;
    answer.expect_error(422, "malformed");
    assert_eq!(
        answer.errors(field),
        ["malformed"],
        "{field} = {value}: {}",
        answer.text
    );
}

#[tokio::test]
async fn json_of_the_wrong_kind() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let kinds = [
        json!(1),
        json!(-1.5),
        json!(1e300),
        json!(true),
        json!([]),
        json!(["x"]),
        json!({"a": {"b": 1}}),
    ];
    for field in TEXTS.into_iter().chain(["extension"]) {
        for value in &kinds {
            is_malformed(&admin, &ada, field, value).await;
        }
    }
    for field in ["enabled", "blf_enabled", "allow_weak"] {
        for value in [
            json!("maybe"),
            json!(7),
            json!([]),
            json!({}),
            json!("\0"),
            json!(1.5),
        ] {
            is_malformed(&admin, &ada, field, &value).await;
        }
    }
    for (field, low, high) in [("ring_time", 5, 120), ("max_contacts", 1, 20)] {
        for value in [
            json!("x"),
            json!([]),
            json!({}),
            json!(true),
            json!(10.5),
            json!(1e300),
            json!("\0"),
            json!("１０"),
        ] {
            is_malformed(&admin, &ada, field, &value).await;
        }
        for value in [i64::MIN, -1, 0, low - 1, high + 1, i64::MAX] {
            let answer = admin.put(&ada.path(), &json!({ field: value })).await;
            answer.expect_error(400, "out_of_range");
            assert_eq!(
                answer.errors(field),
                ["out_of_range"],
                "{field} = {value}: {}",
                answer.text
            );
        }
        for value in [low, high] {
            let saved = admin
                .put(&ada.path(), &json!({ field: value }))
                .await
                .expect(200);
            assert_eq!(saved[field], value);
        }
    }
    still_works(&pbx, &ada, &ada.secret).await;
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let body = json!({
        "extension": "01", "caller_id": "a\nb", "secret": "x", "context": "default", "codecs": "foo", "ring_time": 4,
        "max_contacts": 0, "pickup_group": "a b",
    });
    let answer = admin.post("/api/peers/", &body).await;
    answer.expect_error(400, "invalid_number");
    let fields: Vec<&String> = answer.json["errors"]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(fields.len(), 8, "{}", answer.text);
}

#[tokio::test]
async fn the_longest_name_fits_and_one_more_character_does_not() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let admin = pbx.admin().await;
    let limit = 40 - "\"\" <>".len() - ada.number.len();
    for letter in ["x", "ü", "日"] {
        let fits = letter.repeat(limit);
        let saved = ada.change(json!({ "caller_id": fits })).await;
        assert_eq!(saved["caller_id"], *fits);
        let over = letter.repeat(limit + 1);
        let answer = admin.put(&ada.path(), &json!({ "caller_id": over })).await;
        answer.expect_error(400, "too_long");
        let sentence = answer.json["detail"].as_str().unwrap_or_default();
        assert!(
            sentence.contains(&limit.to_string()),
            "it says the limit: {sentence}"
        );
    }
}
