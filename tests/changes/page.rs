//! The page of changes, with a browser and without JavaScript.

use serde_json::json;

use crate::support::pbx;

#[tokio::test]
async fn the_page_shows_who_changed_what_finds_it_and_takes_it_back() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Frau Seltsam").create().await;
    ada.change(json!({"caller_id": "Herr Wunderlich", "secret": "Correct-Horse-Battery-9"}))
        .await;
    let visitor = pbx.visitor("en").await;
    let page = visitor
        .open(&format!("/changes?object={}", ada.number))
        .await
        .expect(200);
    for words in [
        "Changes",
        "admin",
        "Frau Seltsam",
        "Herr Wunderlich",
        "ps_endpoints.callerid",
        "********",
    ] {
        assert!(page.shows(words), "{words} is not in {}", page.text());
    }
    assert!(!page.html.contains("MD5:"));
    assert!(
        page.html
            .contains(&format!("href=\"/extensions/{}\"", ada.number)),
        "a link to what it is about"
    );
    let found = visitor.open("/changes?q=wunderlich").await.expect(200);
    assert!(
        found.shows("Herr Wunderlich") && !found.shows("extension.create"),
        "{}",
        found.text()
    );
    let wrong = visitor.open("/changes?from=never&q=ab").await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());

    let admin = pbx.admin().await;
    let entry = super::newest(&admin, "extension", &ada.number).await;
    let action = format!("/changes/{}/undo", entry["tx"].as_str().expect("tx"));
    let done = visitor.submit(&page.form(&action)).await.expect(200);
    assert!(
        done.shows("is undone") && done.shows("Live in"),
        "{}",
        done.text()
    );
    assert_eq!(
        admin.get(&ada.path()).await.expect(200)["caller_id"],
        "Frau Seltsam"
    );
}

#[tokio::test]
async fn a_person_decides_about_what_somebody_has_changed_since() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().name("Ada").create().await;
    ada.change(json!({"caller_id": "Bob", "ring_time": 40}))
        .await;
    let edit = super::newest(&admin, "extension", &ada.number).await;
    ada.change(json!({"caller_id": "Eve"})).await;
    let visitor = pbx.visitor("de").await;
    let action = format!("/changes/{}/undo", edit["tx"].as_str().expect("tx"));
    let history = visitor
        .open(&format!("/extensions/{}/history", ada.number))
        .await
        .expect(200);
    let asked = visitor.submit(&history.form(&action)).await.expect(409);
    for words in ["Ada", "Bob", "Eve", "ps_endpoints.callerid", "Behalten"] {
        assert!(asked.shows(words), "{words} is not in {}", asked.text());
    }
    assert_eq!(
        admin.get(&ada.path()).await.expect(200)["caller_id"],
        "Eve",
        "nothing is overwritten"
    );
    let id = format!("c:ps_endpoints/{}/callerid", ada.number);
    let done = visitor
        .submit(&asked.form(&action).set(&id, "take"))
        .await
        .expect(200);
    assert!(done.shows("zurückgenommen"), "{}", done.text());
    let peer = admin.get(&ada.path()).await.expect(200);
    assert_eq!(
        (&peer["caller_id"], &peer["ring_time"]),
        (&json!("Ada"), &json!(20))
    );
}

#[tokio::test]
async fn a_save_offers_to_take_it_back_at_once() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    let visitor = pbx.visitor("en").await;
    let page = visitor
        .open(&format!("/extensions/{}/edit", ada.number))
        .await
        .expect(200);
    let form = page
        .form(&format!("/extensions/{}/edit", ada.number))
        .set("caller_id", "Mistyped");
    let saved = visitor.submit(&form).await.expect(200);
    let admin = pbx.admin().await;
    let entry = super::newest(&admin, "extension", &ada.number).await;
    let action = format!("/changes/{}/undo", entry["tx"].as_str().expect("tx"));
    visitor.submit(&saved.form(&action)).await.expect(200);
    assert_eq!(admin.get(&ada.path()).await.expect(200)["caller_id"], "Ada");
}

#[tokio::test]
async fn the_page_is_for_admins() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let visitor = crate::support::visitor::Visitor::new(pbx.url(), "en");
    visitor
        .log_in(&eva.name, crate::support::stack::ADMIN_PASSWORD)
        .await;
    for path in ["/changes", "/changes/1"] {
        assert_eq!(visitor.open(path).await.status, 403, "{path}");
    }
    assert!(
        !visitor
            .open("/extensions")
            .await
            .html
            .contains("href=\"/changes\"")
    );
}
