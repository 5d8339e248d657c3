//! Voicemail in the browser, with and without JavaScript.

use std::time::Duration;

use reqwest::header::RANGE;

use crate::support::browser::Browser;
use crate::support::sound::listen;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::Page;
use crate::support::{Pbx, eventually, pbx};

/// An extension with a mailbox and so many messages.
async fn boxed(pbx: &Pbx, callers: &[&str]) -> String {
    let number = pbx.ext().name("Empfang").create().await.number;
    let path = format!("/api/voicemail/mailbox/{number}");
    pbx.admin()
        .await
        .put(&path, &serde_json::json!({}))
        .await
        .expect(200);
    for caller in callers {
        pbx.owner().await.add_message(&number, caller).await;
    }
    number
}

/// The address of the only form that does this.
fn action(page: &Page, what: &str) -> String {
    let end = format!("/{what}");
    let mut forms = crate::support::html::forms(&page.html)
        .into_iter()
        .filter(|form| form.action.starts_with("/voicemail/") && form.action.ends_with(&end));
    let form = forms
        .next()
        .unwrap_or_else(|| panic!("nothing to {what}: {}", page.text()));
    form.action
}

#[tokio::test]
async fn messages_are_heard_marked_deleted_and_brought_back_without_javascript() {
    let pbx = pbx().await;
    let number = boxed(&pbx, &["Eva <b>"]).await;
    for (language, new, undo) in [("en", "New", "Undo"), ("de", "Neu", "Rückgängig")] {
        let visitor = pbx.visitor(language).await;
        let address = format!("/voicemail?mailbox={number}");
        let page = visitor.open(&address).await.expect(200);
        assert!(page.shows("Eva <b>") && page.shows(new), "{}", page.text());
        assert!(page.shows("0:01"), "{}", page.text());
        let sound = action(&page, "delete").replace("/delete", "/audio");
        assert!(page.html.contains(&format!("src=\"{sound}\"")));
        let player = |range: &'static str| {
            let request = visitor.client().get(format!("{}{sound}", visitor.url()));
            request.header(RANGE, range).send()
        };
        let part = player("bytes=0-3").await.expect("an answer");
        assert_eq!(part.status(), 206);
        assert_eq!(part.headers()["referrer-policy"], "no-referrer");
        assert_eq!(part.headers()["content-range"], "bytes 0-3/16044");
        assert_eq!(part.bytes().await.expect("bytes"), "RIFF");
        assert_eq!(
            player("bytes=16044-").await.expect("an answer").status(),
            416
        );

        let read = visitor
            .submit(&page.form(&action(&page, "read")))
            .await
            .expect(200);
        let only_new = visitor.open(&format!("{address}&new=1")).await.expect(200);
        assert!(!only_new.shows("Eva"), "{}", only_new.text());
        let again = visitor
            .submit(&read.form(&action(&read, "new")))
            .await
            .expect(200);
        let gone = visitor
            .submit(&again.form(&action(&again, "delete")))
            .await
            .expect(200);
        assert!(gone.shows(undo), "{}", gone.text());
        assert!(!gone.html.contains("<audio"), "{}", gone.text());
        let back = visitor
            .submit(&gone.form(&action(&gone, "restore")))
            .await
            .expect(200);
        assert!(
            back.html.contains(&format!("src=\"{sound}\"")),
            "the same message"
        );
    }
}

/// What the player of the page says.
async fn player(browser: &Browser, words: &str) -> Option<f64> {
    // The list may be shown anew at any time; this one goes on.
    let script =
        format!("const audio = window.kept ??= document.querySelector('audio'); return {words};");
    let told = browser.script(&script).await;
    told.as_f64()
}

#[tokio::test]
async fn a_message_left_by_phone_is_heard_in_the_browser_as_it_was_said_and_seeking_works() {
    let pbx = pbx().await;
    let number = boxed(&pbx, &[]).await;
    let ada = pbx.ext().name("Ada").with("codecs", "alaw").phone().await;
    let mut out = ada.dial(&number).await;
    out.is_answered().await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.sings(Duration::from_secs(3)).await;
    out.hang_up().await;

    // As a browser's player fetches it.
    let visitor = pbx.visitor("en").await;
    let address = format!("/voicemail?mailbox={number}");
    let page = eventually("the message is on the page", || async {
        Some(visitor.open(&address).await).filter(|page| page.html.contains("<audio"))
    })
    .await;
    let sound = crate::support::html::attributes(&page.html, "audio", "src").remove(0);
    let fetched = visitor.client().get(format!("{}{sound}", visitor.url()));
    let fetched = fetched.send().await.expect("an answer");
    assert_eq!(fetched.status(), 200);
    assert_eq!(fetched.headers()["content-type"], "audio/wav");
    let heard = listen(&fetched.bytes().await.expect("sound"));
    assert!((2960..=3040).contains(&heard.loud), "{heard:?}");
    assert!((438..=442).contains(&heard.frequency), "{heard:?}");
    assert!(page.shows("0:03"), "{}", page.text());

    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser.go(&address).await;
    browser.sees("audio").await;
    player(&browser, "audio.preload = 'auto', audio.load()").await;
    let length = eventually("the player knows how long it is", || async {
        let failed = player(&browser, "audio.error && audio.error.code").await;
        assert_eq!(failed, None, "the player cannot");
        let length = player(&browser, "audio.duration * 1000").await;
        length.filter(|length| *length > 0.0)
    })
    .await;
    let wanted = f64::from(u32::try_from(heard.length).expect("short"));
    assert!((length - wanted).abs() < 20.0, "{length} and {heard:?}");
    player(&browser, "audio.currentTime = 1.5").await;
    eventually("it is at what was looked for", || async {
        let at = player(&browser, "audio.seeking ? -1 : audio.currentTime").await?;
        (1.49..=1.51).contains(&at).then_some(())
    })
    .await;
    // Chromium plays nothing before a person has touched the page.
    browser.click("h1").await;
    player(&browser, "audio.play(), 0").await;
    eventually("it plays from there to the end", || async {
        let end = player(&browser, "audio.ended ? audio.currentTime * 1000 : -1").await?;
        (end > wanted - 20.0).then_some(())
    })
    .await;
    let failed = player(&browser, "audio.error ? 1 : 0").await;
    assert_eq!(failed, Some(0.0));
    browser.close().await;
}

#[tokio::test]
async fn a_mailbox_is_switched_on_at_its_extension_and_its_pin_is_shown_once() {
    let pbx = pbx().await;
    let number = pbx.ext().name("Empfang").create().await.number;
    let visitor = pbx.visitor("en").await;
    let address = format!("/extensions/{number}/voicemail");
    let form = visitor.open(&address).await.expect(200).form(&address);
    let wrong = form.clone().set("pin", "1234").set("email", "nobody");
    let wrong = visitor.submit(&wrong).await.expect(422);
    assert_eq!(wrong.wrong_fields(), ["pin", "email"]);
    let made = visitor
        .submit(&form.set("email", "a@example.com"))
        .await
        .expect(200);
    let pin = crate::support::html::text_of(&made.html, "pin").expect("shown");
    assert!(
        pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit()),
        "{pin}"
    );
    let page = visitor.open(&address).await.expect(200);
    assert!(!page.html.contains(&pin) && page.html.contains("a@example.com"));
    let owner = pbx.owner().await;
    let kept = "select count(*) from voicemail v join ps_endpoints e on e.id = v.mailbox
                 where v.mailbox = $1 and v.password = $2 and e.mailboxes = $1 || '@default'";
    assert_eq!(owner.count(kept, &[&number, &pin]).await, 1);
    let fresh = visitor
        .submit(&page.form(&format!("{address}/pin")))
        .await
        .expect(200);
    let fresh = crate::support::html::text_of(&fresh.html, "pin").expect("shown");
    assert_ne!(fresh, pin);
    visitor
        .submit(&page.form(&format!("{address}/delete")))
        .await
        .expect(200);
    let left = "select count(*) from ps_endpoints where id = $1 and mailboxes is not null";
    assert_eq!(owner.count(left, &[&number]).await, 0);
}

#[tokio::test]
async fn the_page_of_the_extension_plays_its_latest_messages_and_deletes_them_with_undo() {
    let pbx = pbx().await;
    let callers = ["Ada", "Bob", "Cem", "Dan", "Eva", "Fay"];
    let number = boxed(&pbx, &callers).await;
    let visitor = pbx.visitor("en").await;
    let address = format!("/extensions/{number}/voicemail");
    let page = visitor.open(&address).await.expect(200);
    assert_eq!(page.html.matches("<audio").count(), 5);
    assert!(page.shows("Fay") && !page.shows("Ada"), "{}", page.text());
    assert!(page.shows("6 messages"), "{}", page.text());

    let delete = action(&page, "delete");
    let sound = delete.replace("/delete", "/audio");
    let heard = visitor.client().get(format!("{}{sound}", visitor.url()));
    assert_eq!(heard.send().await.expect("an answer").status(), 200);
    let gone = visitor.submit(&page.form(&delete)).await.expect(200);
    assert!(gone.at.starts_with(&address), "{}", gone.at);
    assert!(
        !gone.html.contains(&sound) && gone.shows("Ada"),
        "{}",
        gone.text()
    );
    let back = visitor.submit(&gone.form(&action(&gone, "restore"))).await;
    assert_eq!(back.at, address);
    assert!(back.html.contains(&sound), "{}", back.text());
}

#[tokio::test]
async fn a_new_message_appears_by_itself_with_its_badge() {
    let pbx = pbx().await;
    let number = boxed(&pbx, &[]).await;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser.go(&format!("/voicemail?mailbox={number}")).await;
    browser.sees(".empty").await;
    pbx.owner().await.add_message(&number, "Eva").await;
    browser.sees(".messages audio").await;
    browser.sees("#new-messages .badge").await;
    browser.close().await;
}

#[tokio::test]
async fn a_user_sees_no_page_and_no_sound_of_another_mailbox() {
    let pbx = pbx().await;
    let own = boxed(&pbx, &["Eva"]).await;
    let other = boxed(&pbx, &["Hans"]).await;
    let person = pbx.person("user").await;
    let user = serde_json::json!({"user_id": person.id});
    let admin = pbx.admin().await;
    admin
        .patch(&format!("/api/peers/{own}/user"), &user)
        .await
        .expect(200);
    let theirs = admin
        .get(&format!("/api/voicemail/?mailbox={other}"))
        .await
        .expect(200);
    let id = theirs[0]["id"].as_i64().expect("an id");
    let visitor = crate::support::visitor::Visitor::new(pbx.url(), "en");
    visitor.log_in(&person.name, ADMIN_PASSWORD).await;
    let page = eventually("the own messages are shown", || async {
        Some(visitor.open("/voicemail").await).filter(|page| page.shows("Eva"))
    })
    .await;
    assert!(
        !page.shows("Hans") && !page.shows(&other),
        "{}",
        page.text()
    );
    let page = visitor
        .open(&format!("/voicemail?mailbox={other}"))
        .await
        .expect(200);
    assert!(!page.shows("Hans"), "{}", page.text());
    visitor
        .open(&format!("/voicemail/{id}/audio"))
        .await
        .expect(404);
    visitor
        .open(&format!("/extensions/{other}/voicemail"))
        .await
        .expect(403);
    let page = visitor
        .open(&format!("/extensions/{own}/voicemail"))
        .await
        .expect(200);
    assert!(
        !page.html.contains("/voicemail/delete\""),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_long_mailbox_is_paged_by_key_and_has_an_index_for_it() {
    let pbx = pbx().await;
    let callers = vec!["Eva"; 60];
    let number = boxed(&pbx, &callers).await;
    let visitor = pbx.visitor("en").await;
    let page = visitor
        .open(&format!("/voicemail?mailbox={number}"))
        .await
        .expect(200);
    assert_eq!(page.html.matches("<audio").count(), 50);
    let next = crate::support::html::attributes(&page.html, "a", "href")
        .into_iter()
        .find(|href| href.contains("after="))
        .expect("a next page")
        .replace("&amp;", "&");
    let page = visitor.open(&next).await.expect(200);
    assert_eq!(page.html.matches("<audio").count(), 10);
    let indexes: Vec<(String,)> = pbx
        .owner()
        .await
        .rows(
            "select indexdef from pg_indexes where schemaname = 'pbx' and tablename = 'message' and indexdef like '%(mailbox, id)'",
            &[],
        )
        .await;
    assert_eq!(indexes.len(), 1);
}
