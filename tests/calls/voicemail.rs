//! Messages that callers leave, heard by phone and by browser, and the lamp that tells of them.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::{Answer, Api};
use crate::support::pbx::Extension;
use crate::support::phone::Phone;
use crate::support::sound::listen;
use crate::support::{Pbx, eventually, pbx};

const SONG: Duration = Duration::from_secs(2);

/// An extension with a mailbox, and its PIN.
async fn boxed(pbx: &Pbx, name: &str) -> (Extension, String) {
    let extension = pbx.ext().name(name).ring_time(5).create().await;
    let admin = pbx.admin().await;
    let path = format!("/api/voicemail/mailbox/{}", extension.number);
    let made = admin.put(&path, &json!({"name": name})).await.expect(200);
    assert_eq!(made["live"], true, "{made}");
    let pin = made["pin"].as_str().expect("shown once").to_owned();
    (extension, pin)
}

/// Calls, skips the greeting, and sings.
async fn leave(from: &Phone, number: &str) {
    let mut out = from.dial(number).await;
    out.is_answered().await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.sings(SONG).await;
    out.hang_up().await;
}

async fn messages(api: &Api, number: &str) -> Vec<Value> {
    let list = api
        .get(&format!("/api/voicemail/?mailbox={number}"))
        .await
        .expect(200);
    list.as_array().cloned().unwrap_or_default()
}

/// Until the mailbox holds so many.
async fn holds(api: &Api, number: &str, count: usize) -> Vec<Value> {
    eventually(&format!("{number} has {count} messages"), || async {
        Some(messages(api, number).await).filter(|list| list.len() == count)
    })
    .await
}

/// Until the only message is read, or new.
async fn only_is_read(api: &Api, number: &str, is_read: bool) -> Value {
    eventually(&format!("the message of {number} changes"), || async {
        let list = messages(api, number).await;
        assert_eq!(list.len(), 1, "{list:?}");
        list.into_iter()
            .find(|message| message["is_read"] == is_read)
    })
    .await
}

async fn sound(api: &Api, path: &str, range: Option<&str>) -> (u16, String, Vec<u8>) {
    let (status, headers, bytes) = api
        .bytes(Method::GET, path, |request| match range {
            Some(range) => request.header("range", range),
            None => request,
        })
        .await;
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("")
    };
    if status < 300 {
        assert_eq!(text("content-type"), "audio/wav");
        assert_eq!(text("referrer-policy"), "no-referrer");
    }
    (status, text("content-range").to_owned(), bytes)
}

#[tokio::test]
async fn a_message_is_heard_as_it_was_said_and_seeking_works() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (callee, _) = boxed(&pbx, "Bob").await;
    let (bob, ada) = (callee.phone().await, pbx.ext().name("Ada").phone().await);
    let mut out = ada.dial(&callee.number).await;
    bob.rings().await.busy().await;
    out.is_answered().await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.sings(SONG).await;
    out.hang_up().await;

    let message = holds(&admin, &callee.number, 1).await.remove(0);
    assert_eq!(message["caller_id"], format!("\"Ada\" <{}>", ada.number));
    assert_eq!(message["is_read"], false);
    bob.lamp_tells(1, 0).await;

    let path = format!("/api/voicemail/{}/audio", message["id"]);
    let (status, _, whole) = sound(&admin, &path, None).await;
    assert_eq!(status, 200);
    let heard = listen(&whole);
    assert!((1960..=2040).contains(&heard.loud), "{heard:?}");
    assert!((438..=442).contains(&heard.frequency), "{heard:?}");
    // What is around it is the moment in which nobody said anything.
    assert!(heard.length < heard.loud + 1000, "{heard:?}");

    let (status, range, part) = sound(&admin, &path, Some("bytes=44-1043")).await;
    assert_eq!(
        (status, range),
        (206, format!("bytes 44-1043/{}", whole.len()))
    );
    assert_eq!(part, whole[44..1044]);
    let (status, range, tail) = sound(&admin, &path, Some("bytes=-100")).await;
    assert_eq!(status, 206, "{range}");
    assert_eq!(tail, whole[whole.len() - 100..]);
    let beyond = format!("bytes={}-", whole.len());
    let (status, range, nothing) = sound(&admin, &path, Some(&beyond)).await;
    assert_eq!((status, range), (416, format!("bytes */{}", whole.len())));
    assert!(nothing.is_empty());

    // Without a header: by the link that came along, and by the session's token.
    let nobody = pbx.anonymous();
    let link = message["audio_url"].as_str().expect("a link");
    assert_eq!(sound(&nobody, link, None).await.2, whole);
    let by_token = format!("{path}?token={}", admin.token());
    assert_eq!(sound(&nobody, &by_token, None).await.2, whole);
    for bad in [
        path.clone(),
        format!("{path}?token=abc"),
        format!("{path}?link=abc"),
    ] {
        nobody.get(&bad).await.expect_error(401, "unauthenticated");
    }
    // A link is good for one recording, and for nothing else.
    let other = link.replace(&path, "/api/voicemail/999999/audio");
    nobody
        .get(&other)
        .await
        .expect_error(401, "unauthenticated");
    let stolen = link.split("link=").nth(1).unwrap_or_default();
    nobody
        .with_token(stolen)
        .get("/api/voicemail/")
        .await
        .expect_error(401, "unauthenticated");
}

#[tokio::test]
async fn what_is_deleted_in_the_browser_is_gone_on_the_phone_and_can_come_back() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (callee, pin) = boxed(&pbx, "Bob").await;
    let (bob, ada) = (callee.phone().await, pbx.ext().name("Ada").phone().await);
    let mut out = ada.dial(&callee.number).await;
    bob.rings().await.decline().await;
    out.is_answered().await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.sings(SONG).await;
    out.hang_up().await;
    let message = holds(&admin, &callee.number, 1).await.remove(0);
    bob.lamp_tells(1, 0).await;

    let path = format!("/api/voicemail/{}", message["id"]);
    let read = admin
        .patch(&format!("{path}/mark-read"), &json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&read["id"], &read["is_read"]),
        (&message["id"], &json!(true))
    );
    bob.lamp_tells(0, 1).await;
    admin
        .patch(&format!("{path}/mark-new"), &json!({}))
        .await
        .expect(200);
    bob.lamp_tells(1, 0).await;

    // Two browsers at once: one is told that it is gone already.
    let (one, two) = tokio::join!(admin.delete(&path), admin.delete(&path));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404], "{} {}", one.text, two.text);
    bob.lamp_tells(0, 0).await;
    admin
        .get(&format!("{path}/audio"))
        .await
        .expect_error(404, "not_found");

    let back = admin
        .post(&format!("{path}/restore"), &json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&back["id"], &back["is_read"]),
        (&message["id"], &json!(false))
    );
    bob.lamp_tells(1, 0).await;
    admin
        .post(&format!("{path}/restore"), &json!({}))
        .await
        .expect_error(404, "not_found");

    // Heard by phone, it is read everywhere, and it is the same message.
    let mut out = bob.dial("*98").await;
    out.is_answered().await;
    out.presses(&format!("{pin}#")).await;
    out.presses("1").await;
    out.hears_singing().await;
    out.hang_up().await;
    let heard = only_is_read(&admin, &callee.number, true).await;
    assert_eq!(heard["id"], message["id"], "the id stays");
    bob.lamp_tells(0, 1).await;
    let path = format!("/api/voicemail/{}/audio", heard["id"]);
    let frequency = listen(&sound(&admin, &path, None).await.2).frequency;
    assert!((430..450).contains(&frequency), "{frequency} Hz");

    // Deleted by phone (the old ones, the first, 7), from the phone of somebody who knows the PIN.
    let mut out = ada.dial(&format!("*97{}", callee.number)).await;
    out.is_answered().await;
    out.presses(&format!("{pin}#")).await;
    out.presses("1").await;
    out.hears_singing().await;
    out.presses("7").await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    holds(&admin, &callee.number, 0).await;
    bob.lamp_tells(0, 0).await;
}

#[tokio::test]
async fn a_mailbox_that_is_full_takes_no_more_and_says_so() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (callee, _) = boxed(&pbx, "Voll").await;
    let ada = pbx.ext().phone().await;
    pbx.dba().await.does(&format!(
        "update voicemail set maxmsg = 1 where mailbox = '{}'",
        callee.number
    ));
    leave(&ada, &callee.number).await;
    holds(&admin, &callee.number, 1).await;
    let mut out = ada.dial(&callee.number).await;
    out.is_answered().await;
    // The sentence is heard, and the call is over without a beep.
    out.hears_nothing_more().await;
    out.other_side_hangs_up().await;
    assert_eq!(messages(&admin, &callee.number).await.len(), 1);
}

#[tokio::test]
async fn a_mailbox_follows_its_extension_and_goes_with_it() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (callee, _) = boxed(&pbx, "Umzug").await;
    let ada = pbx.ext().phone().await;
    leave(&ada, &callee.number).await;
    let message = holds(&admin, &callee.number, 1).await.remove(0);
    let new = pbx.free_number();
    let path = format!("/api/peers/{}", callee.number);
    admin
        .put(&path, &json!({"extension": new}))
        .await
        .expect(200);
    let moved = holds(&admin, &new, 1).await.remove(0);
    assert_eq!(moved["id"], message["id"]);
    leave(&ada, &new).await;
    holds(&admin, &new, 2).await;
    let unknown: Answer = admin
        .get(&format!("/api/voicemail/mailbox/{}", callee.number))
        .await;
    unknown.expect_error(404, "not_found");

    // Switched off it takes no messages and keeps those it has.
    let path = format!("/api/voicemail/mailbox/{new}");
    admin
        .put(&path, &json!({"enabled": false}))
        .await
        .expect(200);
    let mut out = ada.dial(&new).await;
    assert_eq!(out.is_refused().await, 480);
    let mut out = ada.dial(&format!("*97{new}")).await;
    assert_eq!(out.is_refused().await, 404);
    assert_eq!(messages(&admin, &new).await.len(), 2);
    admin.delete(&format!("/api/peers/{new}")).await.expect(200);
    let left = pbx.owner().await;
    let sql = "select count(*) from voicemail_messages where mailboxuser = $1";
    assert_eq!(left.count(sql, &[&new]).await, 0);
    assert_eq!(
        left.count(
            "select count(*) from pbx.message where mailbox = $1",
            &[&new]
        )
        .await,
        0
    );
}

#[tokio::test]
async fn a_user_hears_only_the_own_mailbox() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let person = pbx.person("user").await;
    let (own, _) = boxed(&pbx, "Eigene").await;
    let (other, _) = boxed(&pbx, "Fremde").await;
    admin
        .patch(
            &format!("/api/peers/{}/user", own.number),
            &json!({"user_id": person.id}),
        )
        .await
        .expect(200);
    for number in [&own.number, &other.number] {
        pbx.owner().await.add_message(number, "Eva").await;
    }
    let mine = holds(&person.api, &own.number, 1).await.remove(0);
    let theirs = holds(&admin, &other.number, 1).await.remove(0);
    assert!(messages(&person.api, &other.number).await.is_empty());
    let all = person.api.get("/api/voicemail/").await.expect(200);
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    let stats = person.api.get("/api/voicemail/stats").await.expect(200);
    assert_eq!(stats["by_mailbox"], json!({(own.number.clone()): 1}));
    let path = format!("/api/voicemail/{}", theirs["id"]);
    for answer in [
        person.api.get(&path).await,
        person.api.get(&format!("{path}/audio")).await,
        person
            .api
            .patch(&format!("{path}/mark-read"), &json!({}))
            .await,
        person.api.delete(&path).await,
    ] {
        answer.expect_error(404, "not_found");
    }
    let path = format!("/api/voicemail/mailbox/{}", other.number);
    for answer in [
        person.api.get(&path).await,
        person.api.put(&path, &json!({"pin": "4711"})).await,
        person.api.delete(&path).await,
    ] {
        answer.expect_error(403, "forbidden");
    }
    let path = format!("/api/voicemail/{}", mine["id"]);
    assert_eq!(
        sound(&person.api, &format!("{path}/audio"), None).await.0,
        200
    );
    person.api.delete(&path).await.expect(200);
    assert_eq!(messages(&admin, &other.number).await.len(), 1);
}

#[tokio::test]
async fn a_mailbox_made_in_sql_takes_calls_and_its_pin_is_changed_by_phone() {
    let pbx = pbx().await;
    let callee = pbx.ext().name("Bob").ring_time(5).create().await;
    let (bob, ada) = (callee.phone().await, pbx.ext().phone().await);
    // Without a mailbox there is nothing to listen to.
    assert_eq!(bob.dial("*98").await.is_refused().await, 404);
    let number = &callee.number;
    let dba = pbx.dba().await;
    dba.does(&format!(
        "insert into voicemail (context, mailbox, password, email, deletevoicemail)
         values ('default', '{number}', '4711', 'bob@example.com', 'yes')"
    ));
    let row = format!("pbx-ring,s,1({number},5,,,,,,,{number})");
    let owner = pbx.owner().await;
    eventually("its row names the mailbox", || async {
        let sql = "select count(*) from extensions e join ps_endpoints p on p.id = e.exten
                    where e.exten = $1 and e.appdata = $2 and p.mailboxes = $1 || '@default'";
        (owner.count(sql, &[number, &row]).await == 1).then_some(())
    })
    .await;
    let mut out = ada.dial(number).await;
    bob.rings().await.busy().await;
    out.is_answered().await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.sings(SONG).await;
    out.hang_up().await;
    // Neither mailed nor deleted by Asterisk: both are the server's.
    holds(&pbx.admin().await, number, 1).await;

    // Options, new PIN, once more.
    let mut out = bob.dial("*98").await;
    out.is_answered().await;
    out.presses("4711#").await;
    for keys in ["0", "5", "852963#", "852963#"] {
        out.presses(keys).await;
    }
    eventually("the PIN is the new one", || async {
        let sql = "select count(*) from voicemail where mailbox = $1 and password = '852963'";
        (owner.count(sql, &[number]).await == 1).then_some(())
    })
    .await;
    out.hang_up().await;
    assert_eq!(messages(&pbx.admin().await, number).await.len(), 1);
    // A DBA's delete is as good as the browser's: the lamp goes off.
    bob.lamp_tells(1, 0).await;
    dba.does(&format!(
        "delete from voicemail_messages where mailboxuser = '{number}'"
    ));
    bob.lamp_tells(0, 0).await;
}
