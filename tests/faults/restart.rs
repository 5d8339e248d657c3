//! Network settings, and the restart of Asterisk that they need; Asterisk that dies is started again.

use std::time::Duration;

use serde_json::json;

use super::{Talk, calls_work, health_is};
use crate::support::browser::Browser;
use crate::support::html::{self, Form};
use crate::support::phone::Message;
use crate::support::provider::Provider;
use crate::support::stack::{ADMIN_PASSWORD, Part};
use crate::support::visitor::{Page, Visitor};
use crate::support::{Pbx, own_pbx, within};

/// An address that is nobody's.
const OUTSIDE: &str = "203.0.113.7";
/// Asterisk and the phones; the provider has another address, and is outside.
const INSIDE: &str = "127.0.0.1/32";
/// A whole restart, on a machine that is busy with other tests.
const RESTART: Duration = Duration::from_secs(30);

/// The form with this button.
fn button(page: &Page, when: &str) -> Form {
    let forms = html::forms(&page.html);
    let mut forms = forms
        .into_iter()
        .filter(|form| form.action == "/settings/restart");
    let found = forms.find(|form| form.fields.iter().any(|field| field.value == when));
    let found = found.unwrap_or_else(|| panic!("no button for {when} in {}", page.text()));
    found.set("when", when)
}

/// The last twenty ports of the stack.
fn few_ports(pbx: &Pbx) -> (u16, u16) {
    let (_, last) = pbx.ports.rtp;
    (last - 19, last)
}

async fn save(pbx: &Pbx, visitor: &Visitor) -> Page {
    let (first, last) = few_ports(pbx);
    let page = visitor.open("/settings").await.expect(200);
    let form = page.form("/settings/network");
    let form = form
        .set("external_address", OUTSIDE)
        .set("local_nets", INSIDE);
    let form = form.set("rtp_ports", &format!("{first}-{last}"));
    visitor.submit(&form).await.expect(200)
}

async fn shows(visitor: &Visitor, words: &str) -> Page {
    within(RESTART, &format!("the page shows \"{words}\""), || async {
        let page = visitor.open("/settings").await.expect(200);
        page.shows(words).then_some(page)
    })
    .await
}

/// What it was started with, as it says itself.
async fn network(pbx: &Pbx) -> String {
    let globals = pbx.cli("dialplan show globals").await;
    let line = globals
        .lines()
        .find_map(|line| line.trim().strip_prefix("PBX_NETWORK="));
    line.unwrap_or_default().to_owned()
}

async fn uses_what_was_saved(pbx: &Pbx) {
    let (first, last) = few_ports(pbx);
    let line = network(pbx).await;
    let wanted = format!("{OUTSIDE}|{INSIDE}|{first}-{last}|");
    assert!(line.starts_with(&wanted), "{line}");
}

#[tokio::test]
async fn saved_network_values_are_told_to_others_after_the_restart_an_admin_asks_for() {
    let pbx = own_pbx("network").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let provider = Provider::open(&pbx).await;
    provider.has_account("line", "secret of line");
    let trunk = json!({
        "name": "Line", "provider": "custom", "sip_server": provider.server(), "auth_mode": "registration",
        "username": "line", "password": "secret of line",
    });
    pbx.admin()
        .await
        .post("/api/trunks/", &trunk)
        .await
        .expect(200);
    let contact = provider.is_registered("line").await;
    assert!(contact.contains("@127.0.0.1:"), "{contact}");
    let visitor = pbx.visitor("en").await;
    wrong_values_are_refused(&visitor).await;
    let stranger = stranger(&pbx, &visitor.open("/settings").await).await;
    assert!(!stranger.shows("Restart"), "{}", stranger.text());

    let page = save(&pbx, &visitor).await;
    assert!(
        page.shows("Saved values wait for a restart."),
        "{}",
        page.text()
    );
    assert!(page.shows(OUTSIDE), "{}", page.text());
    assert!(
        !network(&pbx).await.contains(OUTSIDE),
        "not without a restart"
    );
    let owner = pbx.owner().await;
    let history = "select count(distinct tx) from pbx.change where tab = 'setting' and act = 'settings.edit' and actor <> 'gonopbx' and key in
        ('external_address', 'local_nets', 'rtp_ports') having count(*) = 3";
    assert_eq!(
        owner.count(history, &[]).await,
        1,
        "one change of three values"
    );

    let talk = Talk::begin(&ada, &bob).await;
    let page = shows(&visitor, "ends 1 call").await;
    let page = visitor.submit(&button(&page, "now")).await.expect(200);
    assert!(page.shows("Asterisk is restarting."), "{}", page.text());
    // Both phones are told that it is over.
    talk.out.other_side_hangs_up().await;
    talk.call.other_side_hangs_up().await;
    let page = shows(&visitor, "Asterisk is back.").await;
    assert!(
        page.shows("Asterisk uses what is saved."),
        "{}",
        page.text()
    );
    uses_what_was_saved(&pbx).await;

    within(
        RESTART,
        "the trunk registers with the new address",
        || async {
            let contact = provider.contact("line")?;
            contact.contains(&format!("@{OUTSIDE}:")).then_some(())
        },
    )
    .await;
    let mut out = ada.dial("112").await;
    let call = provider.rings().await;
    is_told_as(&call.invite, OUTSIDE, &pbx);
    call.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    let mut out = ada.dial("*43").await;
    is_told_as(&out.is_answered().await, "127.0.0.1", &pbx);
    out.hears_an_echo().await;
    out.hang_up().await;
}

/// Where Asterisk says it is to be reached, and at which port for sound.
fn is_told_as(message: &Message, address: &str, pbx: &Pbx) {
    let contact = message.header("Contact");
    assert!(contact.contains(&format!("{address}:")), "{contact}");
    let body = &message.body;
    assert!(body.contains(&format!("c=IN IP4 {address}")), "{body}");
    let port = body.split("m=audio ").nth(1);
    let port = port.and_then(|rest| rest.split(' ').next()?.parse().ok());
    let (first, last) = few_ports(pbx);
    assert!((first..=last).contains(&port.expect("a port")), "{body}");
}

/// Each at its field, with what was typed still there.
async fn wrong_values_are_refused(visitor: &Visitor) {
    for (field, typed) in [
        ("external_address", "203.0.113.700"),
        ("external_address", "127.0.0.1"),
        ("external_address", "no-such-host.invalid"),
        ("external_address", "203.0.113.7;type=global"),
        ("external_address", "203.0.113.7\n[global]"),
        ("external_address", "@DATA@"),
        ("local_nets", "10.0.0.0/33"),
        ("local_nets", "0.0.0.0/0"),
        ("local_nets", "10.0.0.0/8, our network"),
        ("rtp_ports", "20000-10000"),
        ("rtp_ports", "10000-10010"),
        ("rtp_ports", "80-10000"),
        ("rtp_ports", "10000-70000"),
        ("rtp_ports", "10000-10100\0"),
    ] {
        let form = visitor.open("/settings").await.form("/settings/network");
        let page = visitor.submit(&form.set(field, typed)).await.expect(422);
        assert_eq!(page.wrong_fields(), [field], "{typed:?}: {}", page.text());
        let kept = page.form("/settings/network");
        assert_eq!(kept.value(field), Some(typed));
    }
}

/// A user without the role presses the admin's buttons.
async fn stranger(pbx: &Pbx, admins: &Page) -> Page {
    let person = pbx.person("user").await;
    let stranger = Visitor::new(pbx.url(), "en");
    stranger.log_in(&person.name, ADMIN_PASSWORD).await;
    for form in [
        admins.form("/settings/network"),
        button(admins, "now"),
        button(admins, "idle"),
    ] {
        stranger.submit(&form).await.expect(403);
    }
    stranger.open("/settings").await.expect(403)
}

#[tokio::test]
async fn a_restart_waits_for_the_last_call_can_be_cancelled_and_survives_the_server() {
    let pbx = own_pbx("network-idle").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    browser.go("/settings").await;
    let (first, last) = few_ports(&pbx);
    browser.fill("#f-external_address", OUTSIDE).await;
    browser.fill("#f-local_nets", INSIDE).await;
    browser
        .fill("#f-rtp_ports", &format!("{first}-{last}"))
        .await;
    browser
        .click("form[action='/settings/network'] button")
        .await;
    browser.reads("#flash", "after the next restart").await;
    browser
        .reads("#restart", "Saved values wait for a restart.")
        .await;
    let process = pbx.process(Part::Asterisk);

    let talk = Talk::begin(&ada, &bob).await;
    browser.reads("#restart", "ends 1 call").await;
    browser.click("#restart button[value=idle]").await;
    browser
        .reads("#restart", "as soon as nobody is on the phone")
        .await;
    browser.click("#restart button[value=cancel]").await;
    browser.sees("#restart button[value=idle]").await;
    talk.end().await;
    browser.reads("#restart", "Nobody is on the phone").await;

    let mut talk = Talk::begin(&ada, &bob).await;
    browser.reads("#restart", "ends 1 call").await;
    browser.click("#restart button[value=idle]").await;
    browser
        .reads("#restart", "as soon as nobody is on the phone")
        .await;
    // A new server finds the wish in Asterisk.
    pbx.stop(Part::Server).await;
    pbx.begin(Part::Server).await;
    health_is(&pbx, "asterisk", "connected").await;
    browser.go("/settings").await;
    browser
        .reads("#restart", "as soon as nobody is on the phone")
        .await;
    talk.goes_on();
    assert_eq!(pbx.process(Part::Asterisk), process, "it has not restarted");

    // What somebody is typing survives the refreshed card.
    browser.fill("#f-rtp_ports", "half of it").await;
    talk.end().await;
    within(RESTART, "the page says that it is back", || async {
        browser
            .text("#restart")
            .await
            .contains("Asterisk is back.")
            .then_some(())
    })
    .await;
    browser
        .reads("#restart", "Asterisk uses what is saved.")
        .await;
    let typed = "return document.querySelector('#f-rtp_ports').value";
    assert_eq!(browser.script(typed).await, "half of it");
    assert_ne!(pbx.process(Part::Asterisk), process);
    uses_what_was_saved(&pbx).await;
    calls_work(&ada, &bob).await;
}

#[tokio::test]
async fn asterisk_that_dies_is_started_again_also_without_a_database_and_stays_stopped_when_told() {
    let pbx = own_pbx("keeper").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    save(&pbx, &pbx.visitor("en").await).await;

    let process = pbx.crash(Part::Asterisk);
    let again = within(RESTART, "there is a new process", || async {
        Some(pbx.process(Part::Asterisk)).filter(|now| !now.is_empty() && *now != process)
    })
    .await;
    health_is(&pbx, "asterisk", "connected").await;
    calls_work(&ada, &bob).await;
    uses_what_was_saved(&pbx).await;
    let log = pbx.log("asterisk/keeper.log");
    assert!(log.contains("Asterisk ended with status 137"), "{log}");
    assert!(
        pbx.run(&["status"])
            .await
            .contains(&format!("asterisk  runs (process {again})"))
    );

    pbx.stop(Part::Postgres).await;
    pbx.crash(Part::Asterisk);
    within(RESTART, "it is started without a database", || async {
        pbx.log("asterisk/keeper.log")
            .contains("those of its last start")
            .then_some(())
    })
    .await;
    pbx.begin(Part::Postgres).await;
    health_is(&pbx, "asterisk", "connected").await;
    uses_what_was_saved(&pbx).await;
    calls_work(&ada, &bob).await;

    pbx.kill(Part::Asterisk).await;
    let left = pbx.processes("asterisk");
    assert!(left.is_empty(), "{left:?}");
    pbx.begin(Part::Asterisk).await;
    calls_work(&ada, &bob).await;
    pbx.run(&["down"]).await;
    let left = pbx.processes("");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_restart_that_asterisk_never_heard_of_is_not_called_done_and_can_be_asked_again() {
    let pbx = own_pbx("network-deaf").await;
    let visitor = pbx.visitor("en").await;
    let page = shows(&visitor, "Nobody is on the phone").await;
    let process = pbx.process(Part::Asterisk);
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill")
            .args([name, &process])
            .status();
        assert!(sent.expect("kill runs").success(), "{name} {process}");
    };
    signal("-STOP");
    visitor.submit(&button(&page, "now")).await.expect(200);
    within(RESTART, "it is given up", || async {
        let page = visitor.open("/settings").await.expect(200);
        (!page.shows("Asterisk is restarting.")).then_some(())
    })
    .await;
    signal("-CONT");
    let page = shows(&visitor, "Asterisk does not restart:").await;
    assert_eq!(pbx.process(Part::Asterisk), process);
    visitor.submit(&button(&page, "now")).await.expect(200);
    shows(&visitor, "Asterisk is back.").await;
    assert_ne!(pbx.process(Part::Asterisk), process);
}
