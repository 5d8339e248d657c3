//! Guessing passwords is slow, and nobody can lock somebody else out by it.

use std::time::Instant;

use serde_json::json;

use crate::support::pbx;
use crate::support::stack::ADMIN_PASSWORD;

#[tokio::test]
async fn who_guesses_at_an_account_has_to_wait_even_with_the_right_password() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let guesser = pbx.anonymous();
    let wrong = json!({"username": eva.name, "password": "nope"});
    let mut refused = 0;
    for _ in 0..15 {
        let answer = guesser.post("/api/auth/login", &wrong).await;
        if answer.status == 429 {
            answer.expect_error(429, "throttled");
            let wait: u64 = answer.header("retry-after").parse().expect("seconds");
            assert!((1..=60).contains(&wait), "{wait}");
            refused += 1;
        } else {
            answer.expect_error(401, "login_failed");
        }
    }
    assert!(
        (4..=5).contains(&refused),
        "ten a minute: {refused} of 15 were refused"
    );
    for name in [eva.name.clone(), eva.name.to_uppercase()] {
        let right = json!({"username": name, "password": ADMIN_PASSWORD});
        guesser
            .post("/api/auth/login", &right)
            .await
            .expect_error(429, "throttled");
    }
}

#[tokio::test]
async fn the_one_who_is_guessed_at_can_still_log_in_from_elsewhere() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let guesser = pbx.anonymous();
    let wrong = json!({"username": eva.name, "password": "nope"});
    for _ in 0..15 {
        guesser.post("/api/auth/login", &wrong).await;
    }
    eva.api.get("/api/auth/me").await.expect(200);
    pbx.anonymous().log_in(&eva.name, ADMIN_PASSWORD).await;
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_throttled_just_the_same() {
    let pbx = pbx().await;
    let guesser = pbx.anonymous();
    let wrong = json!({"username": "nobody-at-all", "password": "nope"});
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(guesser.post("/api/auth/login", &wrong).await.status);
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
}

#[tokio::test]
async fn an_address_that_guesses_many_names_is_slowed_too() {
    let pbx = pbx().await;
    let guesser = pbx.anonymous();
    // Fifty, and one more each 1.2 seconds, however long a try takes.
    let start = Instant::now();
    for n in 0..300 {
        let body = json!({"username": format!("guess-{n}"), "password": "nope"});
        if guesser.post("/api/auth/login", &body).await.status == 429 {
            return;
        }
        let most = 51.0 + start.elapsed().as_secs_f64() / 1.2;
        assert!(f64::from(n) < most, "{n} names were let through");
    }
    panic!("300 names were let through");
}
