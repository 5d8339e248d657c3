//! What an open dashboard fetches when there is news, and that nobody is given what was made for somebody else.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

use super::dashboard::looking;
use super::socket::somebody;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::Visitor;
use crate::support::{Pbx, eventually, own_pbx};

/// Hears what the page is told, beside it.
const LISTEN: &str = "window.heard = {};
    window.beside = new EventSource('/events');
    for (const topic of ['system', 'calls', 'extensions', 'cdr', 'trunks', 'mail', 'mails', 'voicemail']) {
        window.beside.addEventListener(topic, () => { window.heard[topic] = (window.heard[topic] ?? 0) + 1; });
    }";
/// How often it was told of each topic, and how often it fetched each part.
const COUNTED: &str = "const fetched = {};
    for (const entry of performance.getEntriesByType('resource')) {
        const path = new URL(entry.name).pathname;
        if (path.startsWith('/fragments/')) fetched[path.slice(11)] = (fetched[path.slice(11)] ?? 0) + 1;
    }
    return [window.heard, fetched]";

/// The parts of the dashboard, and what it is about when each is fetched. The benchmark of many dashboards fetches the
/// same.
const PARTS: [(&str, &[&str]); 6] = [
    ("calls-now", &["calls", "system"]),
    ("tiles", &["extensions", "system"]),
    (
        "system",
        &["system", "trunks", "extensions", "mail", "mails"],
    ),
    ("last-calls", &["cdr", "system"]),
    ("trunks", &["trunks", "system"]),
    ("new-messages", &["voicemail"]),
];

#[tokio::test]
async fn a_dashboard_fetches_each_part_once_for_a_notice_and_its_cards_come_along() {
    let pbx = own_pbx("frugal").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let browser = looking(&pbx, "en").await;
    browser.script(LISTEN).await;
    eventually("the second stream is open", || async {
        let state = browser.script("return window.beside.readyState").await;
        (state == 1).then_some(())
    })
    .await;
    browser.reads("#phones", "2 / 2").await;
    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;
    browser.reads("#call-count", "1 talking").await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    browser.reads("#call-count", "0 talking").await;
    browser.reads("#calls-today", "1 answered").await;
    bob.unregister().await;
    browser.reads("#phones", "1 / 2").await;

    // What was fetched was told of before, but both streams are told one after the other.
    eventually(
        "no part was fetched more often than it was told of",
        || async {
            let counted = browser.script(COUNTED).await;
            let (heard, fetched) = (&counted[0], &counted[1]);
            let number = |value: &Value| value.as_i64().unwrap_or(0);
            let parts = fetched.as_object().expect("counted");
            let is_frugal = parts.iter().all(|(part, times)| {
                let (_, topics) = PARTS
                    .iter()
                    .find(|(known, _)| known == part)
                    .unwrap_or_else(|| panic!("what is {part}?"));
                let told: i64 = topics.iter().map(|topic| number(&heard[*topic])).sum();
                number(times) <= told
            });
            let has_all = ["calls-now", "tiles", "system", "last-calls"]
                .iter()
                .all(|part| number(&fetched[*part]) > 0);
            (is_frugal && has_all).then_some(())
        },
    )
    .await;
    browser.close().await;
}

const SHARED: [&str; 5] = ["calls-now", "last-calls", "tiles", "system", "trunks"];

/// Everything that the dashboard fetches.
async fn all_parts(visitor: &Visitor) -> String {
    let mut all = String::new();
    for part in SHARED {
        let page = visitor
            .open(&format!("/fragments/{part}"))
            .await
            .expect(200);
        all.push_str(&page.html);
    }
    all
}

async fn logged_in(pbx: &Pbx, name: &str, language: &str) -> Visitor {
    let visitor = Visitor::new(pbx.url(), language);
    visitor.log_in(name, ADMIN_PASSWORD).await;
    visitor
}

#[tokio::test]
async fn what_many_see_alike_holds_nothing_of_one_and_is_in_everybodys_language() {
    let pbx = own_pbx("shared").await;
    let (eva, phone) = somebody(&pbx).await;
    let stranger = pbx.person("user").await;
    let bob = pbx.ext().phone().await;
    let first = pbx.visitor("en").await;
    let second = pbx.visitor("en").await;
    let german = pbx.visitor("de").await;
    let eva = logged_in(&pbx, &eva.name, "en").await;
    let stranger = logged_in(&pbx, &stranger.name, "en").await;
    let mut out = phone.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;

    // One after the other, while what the one before was shown is still good.
    eventually("the call is known", || async {
        let seen = all_parts(&first).await;
        let is_known = seen.contains("/end\"") && seen.contains("Talking");
        (is_known && named(&seen, &bob.number) > 2).then_some(())
    })
    .await;
    let seen = all_parts(&eva).await;
    assert!(!seen.contains("/end\""), "{seen}");
    assert!(named(&seen, &bob.number) > 2, "the own call: {seen}");
    let seen = all_parts(&stranger).await;
    for number in [&phone.number, &bob.number] {
        assert_eq!(named(&seen, number), 1, "only the tile: {seen}");
    }
    let seen = all_parts(&german).await;
    assert!(
        seen.contains("Spricht") && !seen.contains("Talking"),
        "{seen}"
    );
    assert!(named(&all_parts(&second).await, &bob.number) > 2);

    // What came before the news is given to nobody after it.
    out.hang_up().await;
    call.other_side_hangs_up().await;
    eventually("the call is over for both", || async {
        let (a, b) = (all_parts(&first).await, all_parts(&german).await);
        (!a.contains("Talking") && !b.contains("Spricht")).then_some(())
    })
    .await;
}

/// How often a number is to be read.
fn named(html: &str, number: &str) -> usize {
    html.matches(&format!("\"number\">{number}</span>")).count()
}

#[tokio::test]
async fn a_part_is_the_same_zipped_and_is_refused_once_the_session_has_ended() {
    let pbx = own_pbx("zipped").await;
    pbx.ext().name("Ada Löwe").create().await;
    let visitor = pbx.visitor("en").await;
    let ask = |coding: &'static str| {
        let url = format!("{}/fragments/tiles", pbx.url());
        let request = visitor.client().get(url).header("accept-encoding", coding);
        async move { request.send().await.expect("an answer") }
    };
    let plain = visitor.open("/fragments/tiles").await.expect(200).html;
    assert!(plain.contains("Ada Löwe"), "{plain}");
    let zipped = ask("gzip, deflate, br, zstd").await;
    assert_eq!(zipped.headers()["content-encoding"], "gzip");
    assert_eq!(zipped.headers()["cache-control"], "no-store");
    let bytes = zipped.bytes().await.expect("a body");
    let mut unzipped = String::new();
    let mut decoder = GzDecoder::new(&*bytes);
    decoder.read_to_string(&mut unzipped).expect("gzip");
    assert_eq!(unzipped, plain);
    let refused = ask("gzip;q=0").await;
    assert!(!refused.headers().contains_key("content-encoding"));

    let page = visitor.open("/").await;
    visitor.submit(&page.form("/logout")).await;
    visitor
        .open("/fragments/tiles")
        .await
        .expect(200)
        .form("/login");
}
