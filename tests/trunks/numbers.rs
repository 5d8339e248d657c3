//! The pages of numbers: when each was called, those nobody knows, and the free ones.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Trunk, draft, empty_desk};
use crate::support::browser::Browser;
use crate::support::html::{Form, forms};
use crate::support::provider::Provider;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::Page;
use crate::support::{Pbx, pbx};

async fn last_called(pbx: &Pbx, route: &Value) -> Option<DateTime<Utc>> {
    let admin = pbx.admin().await;
    let path = format!("/api/routes/{}", route["id"]);
    let route = admin.get(&path).await.expect(200);
    let told = route["last_called_at"].as_str()?;
    assert!(told.ends_with('Z'), "UTC is wanted: {told}");
    Some(told.parse().expect("a time"))
}

/// The form beside a number that assigns it.
fn assigning(page: &Page, did: &str) -> Option<Form> {
    let forms = forms(&page.html);
    forms
        .into_iter()
        .find(|form| form.action == "/numbers" && form.value("did") == Some(did))
}

#[tokio::test]
async fn a_number_says_when_it_was_called_last_without_a_reload() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    let called = trunk.leads(1, &ada.number).await;
    let silent = trunk.leads(2, &ada.number).await;
    assert_eq!(last_called(&pbx, &called).await, None);

    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser.go(&format!("/numbers?trunk={}", trunk.id)).await;
    let row = format!("#row-{}", called["id"]);
    browser.reads(&row, "never called").await;

    let before = SystemTime::now() - Duration::from_secs(1);
    let mut out = provider.call(&trunk.numbers.plus(1)).send().await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    browser.sees(&format!("{row} time")).await;
    let silent_row = browser.text(&format!("#row-{}", silent["id"])).await;
    assert!(silent_row.contains("never called"), "{silent_row}");
    browser.close().await;

    let at = last_called(&pbx, &called).await.expect("it was called");
    let then = SystemTime::from(at);
    assert!(
        before <= then && then <= SystemTime::now(),
        "called at {at}"
    );
    assert_eq!(last_called(&pbx, &silent).await, None);
    let time = format!("datetime=\"{}\"", at.format("%Y-%m-%dT%H:%M:%SZ"));
    let visitor = pbx.visitor("de").await;
    for path in [
        format!("/trunks/{}/numbers", trunk.id),
        format!("/extensions/{}/numbers", ada.number),
    ] {
        let page = visitor.open(&path).await.expect(200);
        assert_eq!(page.html.matches(&time).count(), 1, "{path}");
        assert!(page.shows("noch nie angerufen"), "{path}: {}", page.text());
    }

    // Another number is another history, and the time comes back with the number.
    let admin = pbx.admin().await;
    let path = format!("/api/routes/{}", called["id"]);
    let moved = serde_json::json!({"did": trunk.numbers.plus(3)});
    let saved = admin.put(&path, &moved).await.expect(200);
    assert_eq!(saved["last_called_at"], Value::Null);
    let again = trunk.leads(1, &ada.number).await;
    assert_eq!(last_called(&pbx, &again).await, Some(at));
    trunk.delete().await;
}

#[tokio::test]
async fn an_unknown_number_says_how_often_it_was_called_today_and_is_assigned_in_place() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let did = trunk.numbers.plus(7);
    for _ in 0..3 {
        let mut out = provider.call(&did).send().await;
        assert_eq!(out.is_refused().await, 404);
    }
    trunk.unknown_calls_are(&did, 3).await;
    let visitor = pbx.visitor("en").await;
    let page = visitor.open("/numbers").await.expect(200);
    let today = format!("on {} , called 3 times today", trunk.name);
    assert!(page.shows(&today), "{}", page.text());

    // A day later two of them were yesterday.
    let owner = pbx.owner().await;
    owner.does(&format!(
        "update cdr set start = start - interval '1 day' where id in
           (select id from cdr where dst = '{did}' order by id limit 2)"
    ));
    let page = visitor.open("/numbers").await.expect(200);
    let today = format!("on {} , called once today", trunk.name);
    assert!(page.shows(&today), "{}", page.text());

    let ada = empty_desk(&pbx).await;
    let form = assigning(&page, &did).expect("it is offered");
    let done = visitor
        .submit(&form.set("destination_extension", &ada.number))
        .await
        .expect(200);
    assert!(assigning(&done, &did).is_none(), "it is still offered");
    let admin = pbx.admin().await;
    let path = format!("/api/routes/by-extension/{}", ada.number);
    let routes = admin.get(&path).await.expect(200);
    assert_eq!(routes[0]["did"], *did, "{routes}");
    assert!(routes[0]["last_called_at"].is_string(), "{routes}");
    trunk.delete().await;
}

#[tokio::test]
async fn ten_thousand_free_numbers_are_offered_page_by_page() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let made = draft(&pbx, &provider).with("number_block", "0421880000-0421889999");
    let trunk = made.create().await;
    let visitor = pbx.visitor("en").await;
    let list = format!("/numbers?trunk={}", trunk.id);
    let page = visitor.open(&list).await.expect(200);
    assert!(page.shows("10,000 numbers of your contracts lead nowhere"));
    let offered = |page: &Page, n: u32| assigning(page, &format!("+49421{n}"));
    assert!(offered(&page, 880_000).is_some() && offered(&page, 880_009).is_some());
    assert!(offered(&page, 880_010).is_none(), "one page is enough");

    let ada = empty_desk(&pbx).await;
    let form = offered(&page, 880_003).expect("it is offered");
    let form = form.set("destination_extension", &ada.number);
    let page = visitor.submit(&form).await.expect(200);
    assert_eq!(page.at, list, "where the person was");
    assert!(page.shows("9,999 numbers of your contracts lead nowhere"));
    assert!(offered(&page, 880_003).is_none() && offered(&page, 880_010).is_some());

    let next = format!("{list}&free=%2B49421880010");
    assert!(
        page.html.contains(&next.replace('&', "&amp;")),
        "{}",
        page.text()
    );
    let page = visitor.open(&next).await.expect(200);
    assert!(offered(&page, 880_010).is_none() && offered(&page, 880_011).is_some());
    let page = visitor.open(&format!("{list}&q=0421+88+9999")).await;
    assert!(offered(&page.expect(200), 889_999).is_some());
    trunk.delete().await;
}

#[tokio::test]
async fn a_number_is_found_by_what_is_known_of_it() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().name("Ada Löwe").create().await;
    let bob = empty_desk(&pbx).await;
    let fair = trunk.leads(41, &ada.number).await;
    let other = trunk.leads(42, &bob.number).await;
    let admin = pbx.admin().await;
    let path = format!("/api/routes/{}", fair["id"]);
    let noted = serde_json::json!({"description": "Messe %_\\"});
    admin.put(&path, &noted).await.expect(200);
    let visitor = pbx.visitor("en").await;
    let rows = async |q: &str| -> (bool, bool) {
        let trunk = trunk.id.to_string();
        let url = format!("{}/numbers", visitor.url());
        let url = reqwest::Url::parse_with_params(&url, [("trunk", &*trunk), ("q", q)]);
        let request = visitor.client().get(url.expect("an address"));
        let page = visitor.send(request).await.expect(200);
        let has = |route: &Value| page.html.contains(&format!("id=\"row-{}\"", route["id"]));
        (has(&fair), has(&other))
    };
    let (national, plus) = (trunk.numbers.national(41), trunk.numbers.plus(41));
    for q in [
        national.as_str(),
        plus.as_str(),
        &national[4..],
        &format!("({}) {}", &national[..4], &national[4..]),
        "löwe",
        "LÖWE",
        &ada.number,
        "messe",
        "%_\\",
        "\0messe",
    ] {
        assert_eq!(rows(q).await, (true, false), "{q:?}");
    }
    assert_eq!(rows("").await, (true, true));
    assert_eq!(rows(&national[..4]).await, (true, true));
    assert_eq!(rows("50x").await, (false, false));
    let page = visitor.open("/numbers?after=%00&free=%00&trunk=x").await;
    page.expect(200);
    trunk.delete().await;
}
