//! The same bad input over forms, and what no form sends.

use serde_json::Value;

use super::battery::{bad_values, still_works, stored_as_typed};
use crate::support::visitor::Visitor;
use crate::support::{Extension, pbx};

/// One field of the form of an extension.
async fn send(
    visitor: &Visitor,
    extension: &Extension,
    field: &str,
    value: &str,
) -> (u16, Vec<String>) {
    let part = if field == "secret" {
        "password"
    } else {
        "edit"
    };
    let path = format!("/extensions/{}/{part}", extension.number);
    let mut form = visitor.open(&path).await.expect(200).form(&path);
    form = match field {
        "codecs" => form.set("codec_order", "own").force("codec", value),
        _ => form.force(field, value),
    };
    let page = visitor.submit(&form).await;
    (page.status, page.wrong_fields())
}

#[tokio::test]
async fn the_form_of_an_extension() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let visitor = pbx.visitor("en").await;
    for field in [
        "caller_id",
        "context",
        "pickup_group",
        "ring_time",
        "max_contacts",
        "codecs",
    ] {
        for value in bad_values() {
            let (status, wrong) = send(&visitor, &ada, field, &value).await;
            match status {
                200 => {
                    let read = admin.get(&ada.path()).await.expect(200);
                    match &read[field] {
                        Value::Number(n) => {
                            let default = value.trim().is_empty();
                            assert!(
                                default || n.to_string() == value.trim(),
                                "{field} = {value:?}: {n}"
                            );
                        }
                        // An empty choice is the default.
                        Value::String(context) if field == "context" && value.trim().is_empty() => {
                            assert_eq!(context, "internal");
                        }
                        stored => stored_as_typed(field, &value, stored),
                    }
                }
                400 | 422 => assert_eq!(wrong, [field], "{field} = {value:?}"),
                other => panic!("{field} = {value:?} was answered {other}"),
            }
        }
    }
    still_works(&pbx, &ada, &ada.secret).await;
}

#[tokio::test]
async fn the_form_of_a_password() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let visitor = pbx.visitor("en").await;
    for value in bad_values().into_iter().filter(|value| !value.is_empty()) {
        let (status, wrong) = send(&visitor, &ada, "secret", &value).await;
        match status {
            200 => {
                let phone = pbx.phone(&ada.number, &value).await;
                assert_eq!(phone.register().await, 200, "password {value:?}");
                assert_eq!(phone.unregister().await, 200);
            }
            422 => assert_eq!(wrong, ["secret"], "password {value:?}"),
            other => panic!("password {value:?} was answered {other}"),
        }
    }
}

#[tokio::test]
async fn the_form_of_a_new_extension() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let form = visitor
        .open("/extensions/new")
        .await
        .expect(200)
        .form("/extensions");
    let form = form.set("caller_id", "Ada");
    for value in bad_values() {
        let page = visitor.submit(&form.clone().set("extension", &value)).await;
        assert_eq!(page.status, 422, "number {value:?}: {}", page.at);
        assert_eq!(page.wrong_fields(), ["extension"], "number {value:?}");
        let again = page.form("/extensions");
        assert_eq!(
            again.value("caller_id"),
            Some("Ada"),
            "the form comes back as it was filled in"
        );
    }
}

#[tokio::test]
async fn bodies_and_addresses_that_no_browser_sends() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let ada = pbx.ext().create().await;
    for path in [
        "/extensions".to_owned(),
        format!("/extensions/{}/edit", ada.number),
        format!("/extensions/{}/password", ada.number),
        format!("/extensions/{}/rename", ada.number),
        "/profile".to_owned(),
        "/password".to_owned(),
        "/language".to_owned(),
        "/login".to_owned(),
        "/fragments/strength".to_owned(),
    ] {
        for body in [
            "",
            "%",
            "%FF=%FE",
            "name=%00",
            "a&b&&=",
            "name=%E6%97",
            "number[]=1",
            "\u{0}",
        ] {
            let request = visitor.client().post(format!("{}{path}", visitor.url()));
            let request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("origin", visitor.url())
                .header("sec-fetch-site", "same-origin")
                .body(body);
            let page = visitor.send(request).await;
            assert!(
                page.status < 500,
                "POST {path} {body:?} was answered {}",
                page.status
            );
        }
    }
    for path in [
        "/extensions/%00",
        "/extensions/%FF",
        "/extensions/abc",
        "/extensions/999999",
        "/extensions/99999999999999999999/edit",
        "/extensions/1001/nothing",
        "/extensions?q=%00&state=%00&sort=%00&after=%00",
        "/extensions?q=%FF&after=abc",
        "/calls?from=x&to=y&result=z&extension=%00&q=%00&after=%00",
        "/calls?from=2026-13-40",
        "/calls?q=%25%25%25",
        "/login?next=%00",
        "/nothing/%2e%2e/%2e%2e",
        "/static/../../etc/passwd",
    ] {
        let page = visitor.open(path).await;
        assert!(page.status < 500, "GET {path} was answered {}", page.status);
        assert!(!page.html.contains("root:"), "{path}");
    }
}

#[tokio::test]
async fn a_name_is_text_on_every_page() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("<b>x</b>\"'&amp;").create().await;
    let visitor = pbx.visitor("en").await;
    for path in [
        format!("/extensions?q={}", ada.number),
        format!("/extensions/{}", ada.number),
        format!("/extensions/{}/edit", ada.number),
        format!("/extensions/{}/history", ada.number),
        format!("/extensions/{}/delete", ada.number),
    ] {
        let page = visitor.open(&path).await.expect(200);
        assert!(!page.html.contains("<b>x</b>"), "{path}");
        assert!(
            page.html.contains("&lt;b&gt;x&lt;/b&gt;"),
            "{path} does not show the name"
        );
    }
    let edit = format!("/extensions/{}/edit", ada.number);
    let form = visitor.open(&edit).await.form(&edit);
    assert_eq!(form.value("caller_id"), Some("<b>x</b>\"'&amp;"));
}
