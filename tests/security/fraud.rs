//! Calls that somebody else would pay for.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::phone::Message;
use crate::support::{eventually, own_pbx, pbx};

/// What a stranger can tell two answers apart by: not by what is different each time.
fn looks(answer: &Message) -> String {
    let challenge = answer.header("WWW-Authenticate");
    let words: Vec<&str> = challenge.split('"').step_by(2).collect();
    let names: BTreeSet<&str> = answer
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    format!("{} {words:?} {names:?}", answer.first)
}

#[tokio::test]
async fn without_a_password_nothing_is_reached_and_no_number_is_told_from_another() {
    let pbx = pbx().await;
    let bob = pbx.ext().phone().await;
    let ada = pbx.ext().create().await;
    let channels = || pbx.cli("core show channels count");
    for method in ["INVITE", "OPTIONS", "SUBSCRIBE", "MESSAGE", "PUBLISH"] {
        let mut seen = BTreeSet::new();
        // Who says to be an extension that exists, one that does not, and no extension at all.
        for name in [ada.number.as_str(), "999996", "alice", "trunk-ep-1"] {
            let stranger = pbx.phone(name, "").await;
            for called in [bob.number.as_str(), "999995", "0042198961300", "110"] {
                let answer = stranger.asks_without_password(method, called).await;
                assert_eq!(answer.status(), 401, "{method} {called} as {name}");
                seen.insert(looks(&answer));
            }
        }
        assert_eq!(seen.len(), 1, "{method}: {seen:#?}");
    }
    assert!(!bob.has_rung().await);
    let made = channels().await;
    assert!(
        made.contains("0 active calls") || !made.contains(&ada.number),
        "{made}"
    );
}

#[tokio::test]
async fn guessing_is_counted_where_the_admin_sees_it() {
    let pbx = own_pbx("guessing").await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let path = "/api/settings/refused-phones";
    let before = admin.get(path).await.expect(200);
    assert_eq!(
        (&before["total"], &before["addresses"]),
        (&json!(0), &json!([]))
    );
    for password in ["1234", "wrong", "geheim"] {
        assert_eq!(pbx.phone(&ada.number, password).await.register().await, 401);
    }
    let counted = |at_least: i64| {
        let admin = admin.clone();
        async move {
            let seen = admin.get(path).await.expect(200);
            (seen["total"].as_i64() >= Some(at_least)).then_some(seen)
        }
    };
    let seen = eventually("wrong passwords are counted", || counted(3)).await;
    let worst = &seen["addresses"][0];
    assert_eq!(
        (&worst["address"], &worst["name"], &worst["reason"]),
        (
            &json!("127.0.0.1"),
            &json!(ada.number),
            &json!("wrong_password")
        ),
        "{seen}"
    );
    assert_eq!(seen["total"], 3, "each once: {seen}");
    // Names that are none; Asterisk tells them once there are many.
    for _ in 0..8 {
        assert_eq!(pbx.phone("ada&lt;b", "x").await.register().await, 401);
    }
    let seen = eventually("names that are none are counted", || counted(11)).await;
    assert_eq!(seen["addresses"][0]["reason"], "unknown_name", "{seen}");
    let visitor = pbx.visitor("de").await;
    let page = visitor.open("/settings").await;
    assert!(
        page.shows("Abgewiesene Telefone") && page.shows("127.0.0.1"),
        "{}",
        page.text()
    );
    assert!(!page.html.contains("ada&lt;b"), "a name is text");
    assert!(page.html.contains("ada&amp;lt;b"), "{}", page.text());
}

#[tokio::test]
async fn nobody_is_forwarded_to_a_premium_number_unless_the_admin_allows_it() {
    let pbx = own_pbx("premium").await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().phone().await;
    let path = "/api/callforward/";
    let to = |destination: &str| json!({"extension": ada.number, "forward_type": "unconditional", "destination": destination});
    for number in [
        "0900123456",
        "+49900123456",
        "0049 137 7123456",
        "0180 5 123456",
        "+979 123456789",
        "+881 612345678",
    ] {
        let refused = admin.post(path, &to(number)).await;
        refused.expect_error(400, "premium_number");
        assert_eq!(
            refused.errors("destination"),
            ["premium_number"],
            "{number}"
        );
    }
    // From the phone, and on the page.
    assert_eq!(ada.dial("*21*0900123456#").await.is_refused().await, 403);
    let visitor = pbx.visitor("de").await;
    let address = format!("/extensions/{}/forwards", ada.number);
    let page = visitor.open(&address).await;
    let form = page.form(&format!("{address}/unconditional"));
    let form = form
        .set("unconditional_destination", "0900 123456")
        .check("unconditional_enabled", true);
    let refused = visitor.submit(&form).await.expect(422);
    assert!(
        refused.shows("An Nummern, die mit +49900 beginnen, wird nicht umgeleitet"),
        "{}",
        refused.text()
    );
    let none = admin
        .get(&format!("/api/callforward/by-extension/{}", ada.number))
        .await;
    assert_eq!(none.expect(200), json!([]));
    let made = admin.post(path, &to("0171123456")).await.expect(200);
    let change = format!("{path}{}", made["id"]);
    admin
        .put(&change, &json!({"destination": "0900123456"}))
        .await
        .expect_error(400, "premium_number");

    let form = visitor.open("/settings").await.form("/settings");
    let listed = form.value("barred_forwards").expect("the field").to_owned();
    assert!(listed.starts_with("0900, 0137"), "{listed}");
    let wrong = visitor
        .submit(&form.clone().set("barred_forwards", "0900, abc"))
        .await
        .expect(422);
    assert_eq!(wrong.wrong_fields(), ["barred_forwards"]);
    visitor
        .submit(&form.set("barred_forwards", "0137"))
        .await
        .expect(200);
    admin
        .put(&change, &json!({"destination": "0900123456"}))
        .await
        .expect(200);
    admin
        .put(&change, &json!({"destination": "0137123456"}))
        .await
        .expect_error(400, "premium_number");
    let form = visitor.open("/settings").await.form("/settings");
    visitor
        .submit(&form.set("barred_forwards", ""))
        .await
        .expect(200);
    admin
        .put(&change, &json!({"destination": "0137123456"}))
        .await
        .expect(200);

    // One that is there stays when it is barred later; switched off, it stays off.
    let form = visitor.open("/settings").await.form("/settings");
    visitor
        .submit(&form.set("barred_forwards", "0137"))
        .await
        .expect(200);
    admin
        .put(&change, &json!({"enabled": false}))
        .await
        .expect(200);
    admin
        .put(&change, &json!({"enabled": true}))
        .await
        .expect_error(400, "premium_number");
}
