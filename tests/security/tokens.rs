//! Tokens that are almost right; `api::token` has those that are plainly wrong.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha512;

use crate::api::token::{claims, encode, part, signed};
use crate::support::pbx;
use crate::support::visitor::Visitor;

fn body(claims: &Value) -> String {
    encode(claims.to_string().as_bytes())
}

#[tokio::test]
async fn a_token_for_somebody_else_or_of_another_kind_opens_nothing() {
    let pbx = pbx().await;
    let eva = pbx.person("admin").await;
    let good = eva.api.token();
    let secret = pbx.value("GONOPBX_JWT_SECRET").as_bytes();
    let head = part(&good, 0);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims(&good);
        change(&mut claims);
        signed(&head, &body(&claims), secret)
    };
    let mut mac = Hmac::<Sha512>::new_from_slice(secret).expect("any length");
    let other_head = encode(br#"{"alg":"HS512","typ":"JWT"}"#);
    let text = format!("{other_head}.{}", part(&good, 1));
    mac.update(text.as_bytes());
    let other_algorithm = format!("{text}.{}", encode(&mac.finalize().into_bytes()));
    let own_key = encode(
        br#"{"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":"AAAA"},"kid":"../../dev/null"}"#,
    );
    let (start, end) = good.split_at(good.len() - 2);
    let swapped: String = end.chars().rev().collect();
    for (what, token) in [
        (
            "for another audience",
            with(&|c| c["aud"] = json!("https://other.example")),
        ),
        (
            "without an end",
            with(&|c| drop(c.as_object_mut().expect("claims").remove("exp"))),
        ),
        ("with an end in words", with(&|c| c["exp"] = json!("never"))),
        (
            "without a session",
            with(&|c| drop(c.as_object_mut().expect("claims").remove("sid"))),
        ),
        (
            "with a session of all",
            with(&|c| c["sid"] = json!("' or true --")),
        ),
        ("with another algorithm", other_algorithm),
        (
            "with a key of its own",
            signed(&own_key, &part(&good, 1), b"\0\0\0"),
        ),
        (
            "with a shorter signature",
            good[..good.len() - 4].to_owned(),
        ),
        ("with another signature", format!("{start}{swapped}x")),
        ("with a fourth part", format!("{good}.{}", part(&good, 2))),
    ] {
        let api = pbx.anonymous().with_token(&token);
        api.get("/api/auth/me")
            .await
            .expect_error(401, "unauthenticated");
        // The same at the page and where programs listen.
        let page = Visitor::new(pbx.url(), "en");
        let request = page.client().get(format!("{}/extensions", page.url()));
        let shown = page
            .send(request.header("cookie", format!("gonopbx_session={token}")))
            .await;
        assert!(shown.at.starts_with("/login"), "{what}: {}", shown.at);
        let audio = format!("/api/voicemail/1/audio?token={token}");
        assert_eq!(pbx.anonymous().get(&audio).await.status, 401, "{what}");
    }
    pbx.anonymous()
        .with_token(&good)
        .get("/api/auth/me")
        .await
        .expect(200);
}

#[tokio::test]
async fn what_opens_the_api_opens_no_page_and_a_token_in_the_address_opens_neither() {
    let pbx = pbx().await;
    let token = pbx.person("admin").await.api.token();
    let page = Visitor::new(pbx.url(), "en");
    let request = page.client().get(format!("{}/extensions", page.url()));
    let shown = page.send(request.bearer_auth(&token)).await;
    assert!(shown.at.starts_with("/login"), "{}", shown.at);
    for path in ["/api/peers/", "/api/auth/me", "/api/cdr/"] {
        let answer = pbx
            .anonymous()
            .get(&format!("{path}?token={token}&access_token={token}"))
            .await;
        answer.expect_error(401, "unauthenticated");
    }
    let shown = page.open(&format!("/extensions?token={token}")).await;
    assert!(shown.at.starts_with("/login"), "{}", shown.at);
}
