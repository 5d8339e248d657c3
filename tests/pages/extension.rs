//! Extensions are made, changed and deleted without JavaScript: by links and forms only.

use serde_json::{Value, json};

use crate::support::html;
use crate::support::visitor::{Page, Visitor};
use crate::support::{Pbx, pbx};

/// The password on the page that shows it once.
fn password(page: &Page) -> String {
    html::text_of(&page.html, "secret").unwrap_or_else(|| panic!("no password: {}", page.text()))
}

async fn create(visitor: &Visitor, number: &str, name: &str) -> Page {
    let form = visitor
        .open("/extensions/new")
        .await
        .expect(200)
        .form("/extensions");
    let form = form.set("extension", number).set("caller_id", name);
    visitor.submit(&form).await.expect(200)
}

async fn peer(pbx: &Pbx, number: &str) -> Value {
    pbx.admin()
        .await
        .get(&format!("/api/peers/{number}"))
        .await
        .json
}

#[tokio::test]
async fn an_extension_is_made_and_its_password_is_shown_once() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let number = pbx.free_number();
    let page = create(&visitor, &number, "Ada Löwe").await;
    assert!(
        page.shows(&format!("Extension {number} created.")),
        "{}",
        page.text()
    );
    assert!(page.shows("Live in"), "{}", page.text());
    let secret = password(&page);
    assert_eq!(secret.len(), 20);
    assert!(
        page.shows(pbx.value("GONOPBX_SIP_ADDRESS")),
        "where the phone registers: {}",
        page.text()
    );
    assert!(page.html.contains("data:image/svg+xml"), "a QR code");
    let phone = pbx.phone(&number, &secret).await;
    assert_eq!(phone.register().await, 200);

    let made = peer(&pbx, &number).await;
    assert_eq!(made["caller_id"], "Ada Löwe");
    for path in [
        format!("/extensions/{number}"),
        format!("/extensions/{number}/edit"),
        format!("/extensions?q={number}"),
    ] {
        let page = visitor.open(&path).await.expect(200);
        assert!(page.shows("Ada Löwe"), "{path}: {}", page.text());
        assert!(
            !page.html.contains(&secret),
            "{path} shows the password again"
        );
    }
    crate::support::eventually("the page shows the phone", || async {
        let page = visitor.open(&format!("/extensions/{number}")).await;
        (page.shows("Idle") && page.shows("1 / 5")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_next_free_number_is_offered() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    pbx.ext().create().await;
    let form = visitor
        .open("/extensions/new")
        .await
        .expect(200)
        .form("/extensions");
    let offered = form.value("extension").unwrap_or_default().to_owned();
    let status = pbx
        .admin()
        .await
        .get(&format!("/api/peers/{offered}"))
        .await
        .status;
    assert_eq!(status, 404, "{offered} is offered and taken");
}

#[tokio::test]
async fn a_refused_form_comes_back_as_it_was_filled_in() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    for (language, sentence) in [("en", "is already taken"), ("de", "ist schon vergeben")] {
        let visitor = pbx.visitor(language).await;
        let form = visitor.open("/extensions/new").await.form("/extensions");
        let form = form
            .set("extension", &ada.number)
            .set("caller_id", "Bob")
            .set("ring_time", "33")
            .set("codec_order", "own")
            .set("codec", "1:alaw")
            .check("blf_enabled", false)
            .set("secret", "A-secret-nobody-sees");
        let page = visitor.submit(&form).await;
        assert_eq!(page.status, 422);
        assert_eq!(page.wrong_fields(), ["extension"]);
        assert!(page.shows(sentence), "{}", page.text());
        assert!(
            !page.html.contains("A-secret-nobody-sees"),
            "a password is never written into a page"
        );
        let again = page.form("/extensions");
        assert_eq!(again.value("extension"), Some(ada.number.as_str()));
        assert_eq!(
            (again.value("caller_id"), again.value("ring_time")),
            (Some("Bob"), Some("33"))
        );
        assert_eq!(
            (again.value("codec_order"), again.value("blf_enabled")),
            (Some("own"), None)
        );
    }
}

#[tokio::test]
async fn an_extension_is_edited_and_what_was_not_touched_stays() {
    let pbx = pbx().await;
    let ada = pbx
        .ext()
        .name("Ada")
        .with("ring_time", 45)
        .with("pickup_group", "a")
        .create()
        .await;
    let visitor = pbx.visitor("de").await;
    let path = format!("/extensions/{}/edit", ada.number);
    let form = visitor.open(&path).await.expect(200).form(&path);
    assert_eq!(
        (form.value("caller_id"), form.value("ring_time")),
        (Some("Ada"), Some("45"))
    );
    let form = form
        .set("caller_id", "Ada L")
        .set("codec_order", "own")
        .set("codec", "1:g722")
        .check("blf_enabled", false);
    let page = visitor.submit(&form).await.expect(200);
    assert!(
        page.shows(&format!("Nebenstelle {} gespeichert.", ada.number)),
        "{}",
        page.text()
    );

    let saved = peer(&pbx, &ada.number).await;
    assert_eq!(
        (&saved["caller_id"], &saved["ring_time"]),
        (&"Ada L".into(), &45.into())
    );
    assert_eq!(
        (&saved["pickup_group"], &saved["blf_enabled"]),
        (&"a".into(), &false.into())
    );
    assert!(
        saved["codecs"]
            .as_str()
            .unwrap_or_default()
            .starts_with("g722"),
        "{saved}"
    );
    assert_eq!(
        ada.new_phone().await.register().await,
        200,
        "the password is the same"
    );
}

#[tokio::test]
async fn a_new_password_is_made_or_typed() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let visitor = pbx.visitor("en").await;
    let path = format!("/extensions/{}/password", ada.number);
    let form = visitor.open(&path).await.expect(200).form(&path);

    let page = visitor.submit(&form).await.expect(200);
    let made = password(&page);
    assert_eq!(pbx.phone(&ada.number, &made).await.register().await, 200);
    assert_eq!(ada.new_phone().await.register().await, 401, "the old one");

    let typed = form.clone().set("secret", "Correct-Horse-Battery-8");
    let page = visitor.submit(&typed).await.expect(200);
    assert_eq!(password(&page), "Correct-Horse-Battery-8");

    let weak = form.clone().set("secret", "abc123");
    let page = visitor.submit(&weak).await;
    assert_eq!(
        (page.status, page.wrong_fields()),
        (422, vec!["secret".to_owned()])
    );
    let insisting = page
        .form(&path)
        .set("secret", "abc123")
        .check("allow_weak", true);
    let page = visitor.submit(&insisting).await.expect(200);
    assert_eq!(password(&page), "abc123");
    assert_eq!(pbx.phone(&ada.number, "abc123").await.register().await, 200);
}

#[tokio::test]
async fn an_extension_is_disabled_and_enabled_from_the_list_and_from_its_page() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let visitor = pbx.visitor("en").await;
    let list = format!("/extensions?q={}", ada.number);
    for (path, action, enabled) in [
        (list.clone(), "disable", false),
        (list, "enable", true),
        (format!("/extensions/{}", ada.number), "disable", false),
        (format!("/extensions/{}", ada.number), "enable", true),
    ] {
        let form = visitor.open(&path).await.expect(200);
        let form = form.form(&format!("/extensions/{}/{action}", ada.number));
        let page = visitor.submit(&form).await.expect(200);
        assert_eq!(page.at, path, "it comes back to where it was pressed");
        assert!(
            page.shows(&format!("Extension {} {action}d.", ada.number)),
            "{}",
            page.text()
        );
        assert_eq!(peer(&pbx, &ada.number).await["enabled"], enabled);
        let register = ada.new_phone().await.register().await;
        assert_eq!(register, if enabled { 200 } else { 401 });
    }
}

#[tokio::test]
async fn an_extension_gets_another_number_and_a_new_password() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    let taken = pbx.ext().create().await;
    let visitor = pbx.visitor("en").await;
    let path = format!("/extensions/{}/rename", ada.number);
    let page = visitor.open(&path).await.expect(200);
    assert!(
        page.shows("must be set up anew"),
        "it says so before: {}",
        page.text()
    );
    let form = page.form(&path);
    let page = visitor
        .submit(&form.clone().set("extension", &taken.number))
        .await;
    assert_eq!(
        (page.status, page.wrong_fields()),
        (422, vec!["extension".to_owned()])
    );

    let new = pbx.free_number();
    let page = visitor
        .submit(&form.set("extension", &new))
        .await
        .expect(200);
    let phone = pbx.phone(&new, &password(&page)).await;
    assert_eq!(phone.register().await, 200);
    assert_eq!(peer(&pbx, &new).await["caller_id"], "Ada");
    let page = visitor.open(&format!("/extensions/{}", ada.number)).await;
    assert_eq!(page.status, 404);
    assert!(
        page.shows(&format!("There is no extension {}", ada.number)),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn deleting_asks_first_and_says_what_goes_along() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    let phone = ada.phone().await;
    let visitor = pbx.visitor("en").await;
    let path = format!("/extensions/{}/delete", ada.number);
    let page = crate::support::eventually("the page knows of the phone", || async {
        let page = visitor.open(&path).await.expect(200);
        page.shows("1 registered phone is logged off")
            .then_some(page)
    })
    .await;
    assert_eq!(
        peer(&pbx, &ada.number).await["caller_id"],
        "Ada",
        "nothing is deleted by looking"
    );
    let page = visitor.submit(&page.form(&path)).await.expect(200);
    assert_eq!(page.at, "/extensions");
    assert!(
        page.shows(&format!("Extension {} deleted.", ada.number)),
        "{}",
        page.text()
    );
    assert_eq!(peer(&pbx, &ada.number).await["code"], "not_found");
    assert_eq!(phone.register().await, 401);
    let again = visitor.open("/extensions").await;
    assert!(!again.shows("deleted."), "said once");
}

#[tokio::test]
async fn the_list_shows_forwards_and_messages_and_deleting_says_what_becomes_of_them() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (ada, bob) = (
        pbx.ext().name("Ada").create().await,
        pbx.ext().create().await,
    );
    for (number, kind, target, enabled) in [
        (&ada, "busy", "0301234567", true),
        (&ada, "unconditional", "0301234568", false),
        (&bob, "no_answer", ada.number.as_str(), true),
    ] {
        let fields = json!({
            "extension": number.number, "forward_type": kind, "destination": target, "enabled": enabled,
        });
        admin.post("/api/callforward/", &fields).await.expect(200);
    }
    let path = format!("/api/voicemail/mailbox/{}", ada.number);
    admin.put(&path, &json!({})).await.expect(200);
    let owner = pbx.owner().await;
    for caller in ["Eva", "Joe"] {
        owner.add_message(&ada.number, caller).await;
    }
    let path = format!("/api/voicemail/?mailbox={}", ada.number);
    let listed = admin.get(&path).await.expect(200);
    let path = format!("/api/voicemail/{}/mark-read", listed[0]["id"]);
    admin.patch(&path, &json!({})).await.expect(200);

    let visitor = pbx.visitor("en").await;
    let list = visitor.open(&format!("/extensions?q={}", ada.number)).await;
    let shown = list.text();
    assert!(list.shows("busy") && list.shows("1 / 2"), "{shown}");
    assert!(!list.shows("always"), "it is off: {shown}");
    let path = format!("/extensions/{}/delete", ada.number);
    let asked = visitor.open(&path).await.expect(200);
    for sentence in [
        "2 messages in the mailbox are deleted, and the mailbox.",
        "2 forwards are deleted.",
        "1 other extension forwards calls to it",
    ] {
        assert!(asked.shows(sentence), "{sentence}: {}", asked.text());
    }
    let german = pbx.visitor("de").await;
    let asked = german.open(&path).await.expect(200);
    assert!(
        asked.shows("1 andere Nebenstelle leitet Anrufe zu ihr um"),
        "{}",
        asked.text()
    );
}

#[tokio::test]
async fn the_history_of_an_extension_tells_who_changed_what() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    ada.change(serde_json::json!({"caller_id": "Ada L"})).await;
    pbx.dba().await.does(&format!(
        "update ps_endpoints set callerid = '\"Door\" <{0}>' where id = '{0}'",
        ada.number
    ));
    let visitor = pbx.visitor("en").await;
    let page = visitor
        .open(&format!("/extensions/{}/history", ada.number))
        .await
        .expect(200);
    let text = page.text();
    for words in [
        "Created",
        "Changed",
        "admin",
        "Changed in SQL",
        "gonopbx_dba",
        "ps_endpoints.callerid",
        "Ada L",
        "Door",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    assert!(!page.html.contains("MD5:"));
}
