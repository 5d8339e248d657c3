//! The numbers of a contract, as people write them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Block, Trunk, draft, next_name};
use crate::support::client::{Answer, Api};
use crate::support::pbx;
use crate::support::provider::Provider;

async fn with_block(admin: &Api, block: &str) -> Answer {
    let fields = json!({
        "name": next_name().0, "provider": "custom", "auth_mode": "ip", "sip_server": "127.4.0.1", "number_block": block,
    });
    admin.post("/api/trunks/", &fields).await
}

async fn free_numbers(admin: &Api, trunk: &Value) -> Vec<String> {
    let all = admin.get("/api/trunks/available-dids").await.expect(200);
    let all = all.as_array().cloned().unwrap_or_default();
    let mine = all.into_iter().find(|one| one["trunk_id"] == trunk["id"]);
    let dids = mine.map(|one| one["dids"].clone()).unwrap_or_default();
    let dids = dids.as_array().cloned().unwrap_or_default();
    dids.iter()
        .filter_map(|did| did.as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn a_block_of_a_hundred_is_a_hundred_numbers() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let block = Block::claim();
    let (first, last) = (block.national(0), block.national(99));
    let whole: Vec<String> = (0..100).map(|n| block.national(n)).collect();
    for written in [
        format!("{first}-{last}"),
        format!("{first}-99"),
        format!("{}-{}", block.plus(0), block.plus(99)),
        format!(" {first} - {last} "),
        format!(
            "{first}-{},{}-{last}",
            block.national(49),
            block.national(50)
        ),
    ] {
        let made = with_block(&admin, &written).await.expect(200);
        assert_eq!(free_numbers(&admin, &made).await, whole, "{written:?}");
        let shown = made["number_block"].as_str().unwrap_or_default();
        if !written.contains(',') {
            assert_eq!(shown, format!("{first}-{last}"), "{written:?}");
        }
        let path = format!("/api/trunks/{}", made["id"]);
        // What is read can be written again.
        let again = admin.put(&path, &json!({"number_block": shown})).await;
        assert_eq!(again.expect(200)["number_block"], *shown);
        admin.delete(&path).await.expect(200);
    }
}

#[tokio::test]
async fn a_number_that_leads_somewhere_is_no_longer_free() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().create().await;
    let route = trunk.leads(10, &ada.number).await;
    let id = json!({"id": trunk.id});
    let free = free_numbers(&admin, &id).await;
    assert_eq!(free.len(), 99);
    assert!(!free.contains(&trunk.numbers.national(10)));
    let path = format!("/api/routes/{}", route["id"]);
    admin.delete(&path).await.expect(200);
    assert_eq!(free_numbers(&admin, &id).await.len(), 100);
    trunk.change(json!({"enabled": false})).await;
    assert!(free_numbers(&admin, &id).await.is_empty());
    trunk.delete().await;
}

#[tokio::test]
async fn a_block_that_cannot_be_is_refused_at_its_field() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let block = Block::claim();
    let (first, last) = (block.national(0), block.national(99));
    let at = Instant::now();
    let too_large = format!("{0}0000-{0}10000", &first[..8]);
    for (written, code) in [
        (format!("{last}-{first}"), "block_reversed"),
        (
            format!(
                "{first}-{},{}-{last}",
                block.national(60),
                block.national(60)
            ),
            "block_overlaps",
        ),
        (format!("{first},{first}"), "block_overlaps"),
        (too_large, "block_too_large"),
        ("0421100000000-0421999999999".to_owned(), "block_too_large"),
        ("0421100000-0421999999999".to_owned(), "block_too_large"),
        (format!("{first}-99x"), "invalid_did"),
        ("zentrale".to_owned(), "invalid_did"),
        ("0421abc-0421abd".to_owned(), "invalid_did"),
        (format!("{first}-"), "invalid_did"),
        (format!("-{last}"), "invalid_did"),
        (format!("{first}-{last}-{last}"), "invalid_did"),
        (vec![first.clone(); 5000].join(","), "block_too_large"),
        ("9".repeat(100_000), "invalid_did"),
    ] {
        let shown: String = written.chars().take(60).collect();
        let answer = with_block(&admin, &written).await;
        answer.expect_error(400, code);
        assert_eq!(answer.errors("number_block"), [code], "{shown}");
    }
    assert!(
        at.elapsed() < Duration::from_secs(5),
        "refused, not written out: {:?}",
        at.elapsed()
    );
}

#[tokio::test]
async fn ten_thousand_numbers_are_taken_and_one_more_is_not() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    // Nobody has these.
    let made = with_block(&admin, "04218880000-04218889999")
        .await
        .expect(200);
    assert_eq!(free_numbers(&admin, &made).await.len(), 10_000);
    let path = format!("/api/trunks/{}", made["id"]);
    let more = json!({"number_block": "04218880000-04218889999,04218890000"});
    let answer = admin.put(&path, &more).await;
    answer.expect_error(400, "block_too_large");
    let sentence = answer.json["detail"].as_str().unwrap_or_default();
    assert!(
        sentence.contains("10000") || sentence.contains("10,000"),
        "it says the limit: {sentence}"
    );
    admin.delete(&path).await.expect(200);
}

#[tokio::test]
async fn a_number_is_in_one_contract_only() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let answer = with_block(&admin, &trunk.numbers.national(99)).await;
    answer.expect_error(400, "block_taken");
    assert_eq!(answer.errors("number_block"), ["block_taken"]);
    let other = draft(&pbx, &provider).create().await;
    let both = format!("{},{}", other.numbers.text(), trunk.numbers.national(5));
    let answer = admin
        .put(&other.path(), &json!({"number_block": both}))
        .await;
    answer.expect_error(400, "block_taken");
    // What was refused has changed nothing.
    let read = admin.get(&other.path()).await.expect(200);
    assert_eq!(read["number_block"], other.numbers.text());
    other.delete().await;
    trunk.delete().await;
}
