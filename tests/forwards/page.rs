//! The tab of an extension, without JavaScript.

use serde_json::json;

use crate::support::pbx;

#[tokio::test]
async fn each_kind_is_saved_by_itself_and_a_wrong_one_comes_back_as_it_was_typed() {
    let pbx = pbx().await;
    let (bob, eve) = (
        pbx.ext().name("Bob").create().await,
        pbx.ext().name("Eve Target").phone().await,
    );
    let ada = pbx.ext().phone().await;
    let visitor = pbx.visitor("en").await;
    let path = format!("/extensions/{}/forwards", bob.number);
    let form = |kind: &str| format!("{path}/{kind}");
    let page = visitor.open(&path).await.expect(200);
    assert!(
        page.shows("inside the house only"),
        "it has no number outside"
    );

    let wrong = page
        .form(&form("busy"))
        .set("busy_destination", "zuhause")
        .check("busy_enabled", true);
    let page = visitor.submit(&wrong).await.expect(422);
    assert_eq!(page.wrong_fields(), ["busy_destination"]);
    let busy = page.form(&form("busy"));
    assert_eq!(busy.value("busy_destination"), Some("zuhause"));
    let short = page
        .form(&form("no_answer"))
        .set("no_answer_destination", &eve.number)
        .set("no_answer_ring_time", "3");
    let page = visitor.submit(&short).await.expect(422);
    assert_eq!(page.wrong_fields(), ["no_answer_ring_time"]);

    let right = page
        .form(&form("no_answer"))
        .set("no_answer_ring_time", "7")
        .check("no_answer_enabled", true);
    let page = visitor.submit(&right).await.expect(200);
    assert!(
        page.shows("are saved") && page.shows("Eve Target"),
        "{}",
        page.text()
    );
    let mut out = ada.dial(&bob.number).await;
    eve.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    let overview = visitor.open(&format!("/extensions/{}", bob.number)).await;
    let words = format!("it goes to {}", eve.number);
    assert!(overview.shows(&words), "{}", overview.text());

    // Without a target there is none.
    let empty = page
        .form(&form("no_answer"))
        .set("no_answer_destination", "");
    visitor.submit(&empty).await.expect(200);
    let list = format!("/api/callforward/by-extension/{}", bob.number);
    let left = pbx.admin().await.get(&list).await.expect(200);
    assert_eq!(left, json!([]));
}
