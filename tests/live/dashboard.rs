//! Two browsers and a program see a call come, be answered and end.

use serde_json::Value;

use super::{SOON, call_between};
use crate::support::browser::Browser;
use crate::support::listener::Listener;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{Pbx, own_pbx, within};

async fn shows(browser: &Browser, words: &str) {
    let what = format!("the calls in progress read \"{words}\"");
    within(SOON, &what, || async {
        browser
            .text("#calls-now")
            .await
            .contains(words)
            .then_some(())
    })
    .await;
}

async fn is_told(socket: &mut Listener, from: &str, to: &str, state: Option<&str>) {
    let what = format!("{from} calls {to}: {state:?}");
    let fits = |frame: &Value| {
        frame["active_calls"].is_array()
            && match (call_between(&frame["active_calls"], from, to), state) {
                (Some(call), Some(state)) => {
                    call["state"] == state && call["direction"] == "internal"
                }
                (call, None) => call.is_none(),
                (None, Some(_)) => false,
            }
    };
    socket.hears(&what, SOON, fits).await;
}

pub async fn looking(pbx: &Pbx, language: &str) -> Browser {
    let browser = Browser::open(pbx.url(), language).await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser
        .reads(
            "#calls-now",
            if language == "de" {
                "Niemand"
            } else {
                "Nobody"
            },
        )
        .await;
    browser
}

#[tokio::test]
async fn two_browsers_and_a_program_see_a_call_come_be_answered_and_end_within_a_second() {
    let pbx = own_pbx("onlookers").await;
    let (ada, bob) = (
        pbx.ext().name("Ada").phone().await,
        pbx.ext().name("Bob").phone().await,
    );
    let (first, second) = tokio::join!(looking(&pbx, "en"), looking(&pbx, "de"));
    let admin = pbx.admin().await;
    let mut program = Listener::open(pbx.url(), &admin.token()).await;

    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.ring().await;
    tokio::join!(
        shows(&first, "Ringing"),
        shows(&second, "Klingelt"),
        is_told(&mut program, &ada.number, &bob.number, Some("ringing")),
    );
    call.answer().await;
    out.is_answered().await;
    tokio::join!(
        shows(&first, "Talking"),
        shows(&second, "Spricht"),
        is_told(&mut program, &ada.number, &bob.number, Some("connected")),
    );
    within(SOON, "the tile says with whom", || async {
        let tile = first.text(&format!("#tile-{}", ada.number)).await;
        (tile.contains("Talking") && tile.contains("Bob")).then_some(())
    })
    .await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    tokio::join!(
        shows(&first, "Nobody"),
        shows(&second, "Niemand"),
        is_told(&mut program, &ada.number, &bob.number, None),
    );
    within(SOON, "it is among the last calls", || async {
        first
            .text("#last-calls")
            .await
            .contains("Answered")
            .then_some(())
    })
    .await;
    first.close().await;
    second.close().await;
}

#[tokio::test]
async fn an_administrator_hangs_up_a_call_on_the_page() {
    let pbx = own_pbx("hang-up").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let browser = looking(&pbx, "en").await;
    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;
    browser.reads("#calls-now", "Talking").await;
    browser
        .click_in_news("#calls-now button[type=submit]")
        .await;
    browser.reads("#flash", "Call ended").await;
    tokio::join!(out.other_side_hangs_up(), call.other_side_hangs_up());
    browser.reads("#calls-now", "Nobody").await;
    browser.close().await;
}
