//! Bad input on every text of a trunk and of a route: an error at its field, or stored and read back as it was.

use serde_json::{Value, json};

use super::{Trunk, draft};
use crate::support::pbx;
use crate::support::provider::Provider;

const BAD: [&str; 36] = [
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
    "' or '1'='1",
    "'; drop table pbx.trunk; --",
    ";",
    "a;b",
    "a;transport=tcp",
    "a^3Bb",
    ",",
    "|",
    "a@b@c",
    "<sip:x@y>",
    "x)&System(id",
    "${SHELL(id)}",
    "$[1+1]",
    "<script>alert(1)</script>",
    "Ω Жук 日本",
    "\u{202e}abc",
    "😀",
    "\\",
    "%00",
    "../../etc/passwd",
    "-1",
    "999999999999999999999",
    "[::",
    "host:99999",
    "a b",
];

fn bad_values() -> Vec<String> {
    let long = [41, 81, 101, 201, 5000].into_iter();
    let long = long.flat_map(|n| ["x".repeat(n), "9".repeat(n), "日".repeat(n)]);
    BAD.iter().map(|v| (*v).to_owned()).chain(long).collect()
}

#[tokio::test]
async fn texts_of_a_trunk() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    // It knows nobody and asks nobody: only what is stored matters here.
    let trunk = draft(&pbx, &provider).with("enabled", false).create().await;
    let mut complaints = Vec::new();
    for field in [
        "name",
        "provider",
        "auth_mode",
        "sip_server",
        "username",
        "password",
        "from_user",
        "caller_id",
        "number_block",
        "context",
        "codecs",
    ] {
        for value in bad_values() {
            let answer = admin.put(&trunk.path(), &json!({ field: value })).await;
            let shown: String = value.chars().take(60).collect();
            let refused = [400, 422].contains(&answer.status) && !answer.errors(field).is_empty();
            let as_meant = if answer.status == 200 {
                let read = admin.get(&trunk.path()).await.expect(200);
                let stored = read[field].as_str().unwrap_or_default();
                match field {
                    "password" => stored == "********",
                    // The template's own, or those of the list that are known.
                    "codecs" => true,
                    _ => stored == value.trim(),
                }
            } else {
                refused
            };
            if !as_meant {
                let (status, text) = (answer.status, answer.text);
                complaints.push(format!("{field} = {shown:?} was answered {status} {text}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    // It still works after all that.
    provider.has_account("again", "right");
    let fields = json!({
        "name": trunk.name, "enabled": true, "sip_server": provider.server(), "username": "again",
        "password": "right", "from_user": null, "codecs": null,
    });
    trunk.change(fields).await;
    provider.is_registered("again").await;
    trunk.delete().await;
}

#[tokio::test]
async fn values_of_the_wrong_kind() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().create().await;
    let route = trunk.leads(1, &ada.number).await;
    let route = format!("/api/routes/{}", route["id"]);
    let path = trunk.path();
    let texts = ["name", "sip_server", "username", "password", "number_block"];
    let cases = texts.into_iter().map(|field| (&path, field));
    let cases = cases.chain([
        (&route, "did"),
        (&route, "destination_extension"),
        (&route, "description"),
    ]);
    for (path, field) in cases {
        for value in [json!(1.5), json!(true), json!([]), json!({"a": 1})] {
            let answer = admin.put(path, &json!({ field: value })).await;
            answer.expect_error(422, "malformed");
            assert_eq!(answer.errors(field), ["malformed"], "{field} = {value}");
        }
    }
    for (path, field) in [
        (&path, "enabled"),
        (&route, "enabled"),
        (&route, "trunk_id"),
    ] {
        for value in [json!("maybe"), json!([]), json!({}), json!(1.5)] {
            let answer = admin.put(path, &json!({ field: value })).await;
            answer.expect_error(422, "malformed");
            assert_eq!(answer.errors(field), ["malformed"], "{field} = {value}");
        }
    }
    for id in ["x", "-1", "1.5", "%00", "99999999999999999999", "999999"] {
        for place in ["trunks", "routes"] {
            let answer = admin.get(&format!("/api/{place}/{id}")).await;
            answer.expect_one_of(&[404, 422]);
            let answer = admin.put(&format!("/api/{place}/{id}"), &json!({})).await;
            answer.expect_one_of(&[404, 422]);
            let answer = admin.delete(&format!("/api/{place}/{id}")).await;
            answer.expect_one_of(&[404, 422]);
        }
        let answer = admin.get(&format!("/api/trunks/{id}/status")).await;
        answer.expect_one_of(&[404, 422]);
    }
    trunk.delete().await;
}

#[tokio::test]
async fn texts_of_a_route() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    let route = trunk.leads(1, &ada.number).await;
    let path = format!("/api/routes/{}", route["id"]);
    for field in ["did", "destination_extension", "description"] {
        for value in bad_values() {
            let answer = admin.put(&path, &json!({ field: value })).await;
            let shown: String = value.chars().take(60).collect();
            match answer.status {
                200 if field == "description" => {
                    let read = admin.get(&path).await.expect(200);
                    let stored = read[field].as_str().unwrap_or_default();
                    assert_eq!(stored, value.trim(), "{shown:?}");
                }
                400 | 422 => assert!(
                    !answer.errors(field).is_empty(),
                    "{field} = {shown:?}: {}",
                    answer.text
                ),
                other => panic!("{field} = {shown:?} was answered {other}: {}", answer.text),
            }
        }
    }
    let read = admin.get(&path).await.expect(200);
    assert_eq!(read["did"], trunk.numbers.plus(1), "it is what it was");
    assert_eq!(
        read["destination_extension"],
        Value::from(ada.number.as_str())
    );
    let mut out = provider.call(&trunk.numbers.plus(1)).send().await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    trunk.delete().await;
}
