//! `voicemail/{id}/audio?link=`: a signed way to one recording, for players that send no header.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::token::{claims, encode, part, signed};
use crate::support::client::Api;
use crate::support::pbx::Person;
use crate::support::{Extension, Pbx, pbx};

/// Somebody with a mailbox and two messages, and the links to them.
async fn boxed(pbx: &Pbx) -> (Person, Extension, Vec<String>) {
    let admin = pbx.admin().await;
    let (eva, ada) = (pbx.person("user").await, pbx.ext().create().await);
    let path = format!("/api/users/{}/extension", eva.id);
    let give = json!({"extension": ada.number});
    admin.patch(&path, &give).await.expect(200);
    let path = format!("/api/voicemail/mailbox/{}", ada.number);
    admin.put(&path, &json!({})).await.expect(200);
    for caller in ["Max", "Tom"] {
        pbx.owner().await.add_message(&ada.number, caller).await;
    }
    let links = links(&eva.api).await;
    assert_eq!(links.len(), 2);
    (eva, ada, links)
}

async fn links(api: &Api) -> Vec<String> {
    let messages = api.get("/api/voicemail/").await.expect(200);
    let messages = messages.as_array().expect("a list").iter();
    messages
        .map(|message| message["audio_url"].as_str().expect("a link").to_owned())
        .collect()
}

fn token_of(link: &str) -> &str {
    link.split_once("?link=").expect("a signed link").1
}

async fn is_refused(pbx: &Pbx, link: &str) {
    let answer = pbx.anonymous().get(link).await;
    answer.expect_error(401, "unauthenticated");
}

#[tokio::test]
async fn a_link_plays_one_recording_to_who_has_no_header_for_ten_minutes() {
    let pbx = pbx().await;
    let (_eva, _, links) = boxed(&pbx).await;
    let (status, headers, sound) = pbx
        .anonymous()
        .bytes(reqwest::Method::GET, &links[0], |request| request)
        .await;
    assert_eq!(
        (status, headers["content-type"].as_bytes()),
        (200, b"audio/wav".as_slice())
    );
    assert!(sound.starts_with(b"RIFF"));
    assert_eq!(headers["cache-control"], "private, no-store");

    // One for another message, and one whose time is over, are none; nobody else can make one.
    let (path, _) = links[1].split_once('?').expect("a path");
    is_refused(&pbx, &format!("{path}?link={}", token_of(&links[0]))).await;
    let secret = pbx.value("GONOPBX_JWT_SECRET").as_bytes();
    let token = token_of(&links[0]);
    let (path, _) = links[0].split_once('?').expect("a path");
    let with = |change: &dyn Fn(&mut Value), secret: &[u8]| {
        let mut claims = claims(token);
        change(&mut claims);
        let body = encode(claims.to_string().as_bytes());
        format!("{path}?link={}", signed(&part(token, 0), &body, secret))
    };
    let good = with(&|_| {}, secret);
    pbx.anonymous().get(&good).await.expect(200);
    let until = claims(token)["exp"].as_i64().expect("an end");
    let now = claims(token)["iat"].as_i64().expect("a beginning");
    let left = until - now;
    assert!(
        (0..=TimeDelta::minutes(10).num_seconds()).contains(&left),
        "{left} s"
    );
    let past = now - 1;
    is_refused(&pbx, &with(&|claims| claims["exp"] = json!(past), secret)).await;
    is_refused(&pbx, &with(&|_| {}, b"another secret of thirty-two bytes")).await;
    // Neither a session nor another kind of token.
    let api = pbx.anonymous().with_token(token);
    api.get("/api/voicemail/")
        .await
        .expect_error(401, "unauthenticated");
    let (eva, _, _) = boxed(&pbx).await;
    is_refused(&pbx, &format!("{path}?link={}", eva.api.token())).await;
    is_refused(&pbx, &format!("{path}?token={token}")).await;
}

#[tokio::test]
async fn a_link_ends_with_its_session_its_message_and_what_its_owner_may() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (eva, ada, first) = boxed(&pbx).await;
    pbx.anonymous().get(&first[0]).await.expect(200);
    eva.api
        .post("/api/auth/logout", &json!({}))
        .await
        .expect(200);
    is_refused(&pbx, &first[0]).await;

    let again = pbx.anonymous();
    let again = again
        .log_in(&eva.name, crate::support::stack::ADMIN_PASSWORD)
        .await;
    let second = links(&again).await;
    let (path, _) = second[0].split_once("/audio").expect("a path");
    again.delete(path).await.expect(200);
    pbx.anonymous()
        .get(&second[0])
        .await
        .expect_error(404, "not_found");
    // The extension is somebody else's now, and so are its messages.
    let path = format!("/api/users/{}/extension", eva.id);
    admin
        .patch(&path, &json!({"extension": null}))
        .await
        .expect(200);
    let answer = pbx.anonymous().get(&second[1]).await;
    assert!([403, 404].contains(&answer.status), "{}", answer.text);
    let number = ada.number.as_str();
    assert!(!answer.text.contains(number), "{}", answer.text);

    // A link is in no log.
    let log = pbx.log("server.log");
    for link in first.iter().chain(&second) {
        assert!(!log.contains(token_of(link)));
    }
}
