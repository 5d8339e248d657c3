//! Extensions from a table.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{count, import};
use crate::support::client::Api;
use crate::support::{Pbx, own_pbx};

/// Three were edited by hand since: they stay, and all others go in one transaction.
async fn is_taken_back(pbx: &Pbx, admin: &Api, tx: &Value) {
    let before = count(pbx).await;
    for number in ["30001", "30500", "31000"] {
        let path = format!("/api/peers/{number}");
        let change = json!({"caller_id": "By hand"});
        admin.put(&path, &change).await.expect(200);
    }
    let tx = tx.as_str().expect("a transaction");
    let path = format!("/api/audit/{tx}/undo");
    let german = admin
        .send(reqwest::Method::POST, &path, |request| {
            request.header("accept-language", "de").json(&json!({}))
        })
        .await;
    german.expect_error(409, "undecided");
    let detail = german.json["detail"].as_str().unwrap_or_default();
    assert!(detail.starts_with("Jemand hat seitdem"), "{detail}");
    let conflicts = german.json["conflicts"].as_array().cloned();
    let mut edited: Vec<_> = conflicts
        .iter()
        .flatten()
        .map(|conflict| conflict["name"].clone())
        .collect();
    edited.sort_by_key(ToString::to_string);
    edited.dedup();
    assert_eq!(edited, ["30001", "30500", "31000"], "{}", german.text);
    assert_eq!(count(pbx).await, before, "nothing is taken back yet");
    let done = admin.post(&path, &json!({"conflicts": "keep"})).await;
    let done = done.expect(200);
    assert_eq!(done["live"], true, "{done}");
    assert_eq!(count(pbx).await, before - 997);
    for number in ["30001", "30500", "31000"] {
        let peer = admin.get(&format!("/api/peers/{number}")).await.expect(200);
        assert_eq!(peer["caller_id"], "By hand");
    }
}

/// A thousand rows, of which seven are bad when asked for.
fn table(first: u32, is_bad: bool) -> String {
    let mut text = String::from("Nummer;Name;Passwort;Klingeldauer;Mailbox;E-Mail\n");
    for n in 0..1000 {
        let number = first + n;
        let row = match (is_bad, n) {
            (true, 10) => "01;Zero;;20;;".to_owned(),
            (true, 100) => format!("{first};Twice;;20;;"),
            (true, 200) => format!("{number};Too short;abc;20;;"),
            (true, 300) => format!("{number};{};;20;;", "x".repeat(50)),
            (true, 400) => format!("{number};Slow;;500;;"),
            (true, 500) => "110;Emergency;;20;;".to_owned(),
            (true, 600) => format!("{number};Mail;;20;ja;nobody"),
            (_, 7) => format!("{number};Known;kGq7-tzu.Pw2x;20;;"),
            (_, 8) => format!("{number};Weak;abc123;20;;"),
            (_, 900..) => format!("{number};Büro {n};;20;ja;"),
            _ => format!("{number};Büro {n};;20;;"),
        };
        let _infallible = writeln!(text, "{row}");
    }
    text
}

#[tokio::test]
async fn a_thousand_rows_are_looked_at_mended_saved_at_once_and_live() {
    let pbx = own_pbx("import").await;
    let admin = pbx.admin().await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let mut talk = ada.dial(&bob.number).await;
    let mut heard = bob.rings().await;
    heard.answer().await;
    talk.is_answered().await;
    let before = count(&pbx).await;

    let bad = table(30_001, true);
    let looked = import(&admin, &bad, "?dry_run=true").await.expect(200);
    assert_eq!(
        (&looked["total"], &looked["valid"]),
        (&json!(1000), &json!(993))
    );
    let rows = looked["rows"].as_array().expect("the bad rows");
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row["row"].clone(), row["errors"].clone()))
        .collect();
    let expected = [
        (json!(12), json!({"extension": ["invalid_number"]})),
        (json!(102), json!({"extension": ["row_twice"]})),
        (json!(202), json!({"secret": ["secret_too_short"]})),
        (json!(302), json!({"caller_id": ["too_long"]})),
        (json!(402), json!({"ring_time": ["out_of_range"]})),
        (json!(502), json!({"extension": ["emergency_number"]})),
        (json!(602), json!({"email": ["invalid_email"]})),
    ];
    assert_eq!(found, expected);
    import(&admin, &bad, "")
        .await
        .expect_error(400, "import_refused");
    assert_eq!(count(&pbx).await, before, "nothing is written");

    let good = table(30_001, false);
    let saved = import(&admin, &good, "").await.expect(200);
    assert_eq!(
        (&saved["live"], &saved["weak"]),
        (&json!(true), &json!(["30009"]))
    );
    let peers = saved["peers"].as_array().expect("a list");
    assert_eq!(
        peers[7]["secret"], "********",
        "one that was given is not shown"
    );

    let phone = pbx.phone("30008", "kGq7-tzu.Pw2x").await;
    assert_eq!(phone.register().await, 200, "the given password");
    let last = &peers[999];
    let other = pbx
        .phone("31000", last["secret"].as_str().unwrap_or_default())
        .await;
    assert_eq!(other.register().await, 200, "the generated password");
    let mut out = other.dial("30008").await;
    let call = phone.rings().await;
    assert_eq!(
        (call.caller_name(), call.caller_number()),
        ("Büro 999".into(), "31000".into())
    );
    call.busy().await;
    assert_eq!(out.is_refused().await, 486);

    let owner = pbx.owner().await;
    let changes = owner
        .count(
            "select count(distinct tx) from pbx.change where act = 'extension.import'",
            &[],
        )
        .await;
    assert_eq!(changes, 1, "one change");
    assert_eq!(count(&pbx).await, before + 1000);
    is_taken_back(&pbx, &admin, &saved["tx"]).await;
    let wrong = owner
        .count(
            "select count(*) from pbx.extension x join ps_endpoints e on e.id = x.number
              where x.number::integer > 30000 and (e.mailboxes is not null) <> exists (select from voicemail v where v.mailbox = x.number)",
            &[],
        )
        .await;
    assert_eq!(wrong, 0, "lamps of mailboxes");
    assert!(
        !talk.is_over() && !heard.is_over(),
        "the call of others goes on"
    );
    talk.hang_up().await;
    heard.other_side_hangs_up().await;
}
