//! Providers are found by name: several servers, a server that moves, and a name server that says nothing.

use std::time::{Duration, Instant};

use hickory_resolver::proto::rr::RecordType;
use serde_json::json;

use super::{Trunk, draft};
use crate::support::phone::Phone;
use crate::support::provider::{Answer, Provider};
use crate::support::{Pbx, eventually, named_pbx, own_named_pbx};

/// Where nobody listens.
const DISCARD: u16 = 9;

/// A name that nobody else in this run has, leading nowhere yet.
fn fresh_name() -> String {
    format!("{}.example", super::next_name().1)
}

/// A call out reaches this provider.
async fn reaches(phone: &Phone, provider: &Provider) {
    let mut out = phone.dial("030123456").await;
    provider.rings().await.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
}

/// A call of this provider is put through.
async fn is_let_in(provider: &Provider, number: &str, phone: &Phone) {
    let mut out = provider.call(number).send().await;
    phone.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
}

/// Until the server has looked its name up again.
async fn is_let_in_soon(provider: &Provider, number: &str, phone: &Phone) {
    eventually("the provider is let in", || async {
        let mut out = provider.call(number).send().await;
        tokio::select! {
            call = phone.rings() => {
                call.busy().await;
                assert_eq!(out.is_refused().await, 486);
                Some(())
            }
            _ = out.is_refused() => None,
        }
    })
    .await;
}

async fn is_a_stranger(provider: &Provider, number: &str, phone: &Phone) {
    let mut out = provider.call(number).send().await;
    if !out.is_ignored() {
        let status = out.is_refused().await;
        assert!([401, 403, 404].contains(&status), "{status}");
    }
    assert!(!phone.has_rung().await);
}

/// A trunk with a typed name; its first number leads to a new phone.
async fn trunk(
    pbx: &Pbx,
    provider: &Provider,
    fields: &[(&str, serde_json::Value)],
) -> (Trunk, Phone) {
    let mut draft = draft(pbx, provider);
    for (field, value) in fields {
        draft = draft.with(field, value.clone());
    }
    let trunk = draft.create().await;
    let phone = pbx.ext().phone().await;
    trunk.leads(1, &phone.number).await;
    (trunk, phone)
}

#[tokio::test]
async fn the_second_server_serves_while_nobody_listens_at_the_first() {
    let pbx = named_pbx().await;
    let (name, names) = (fresh_name(), pbx.names());
    let (first, second) = (Provider::open(&pbx).await, Provider::open(&pbx).await);
    let (one, two) = (format!("a.{name}"), format!("b.{name}"));
    names.host(&one, &[first.address().ip()]);
    names.host(&two, &[second.address().ip()]);
    let targets = [
        (20, two.as_str(), second.address().port()),
        (10, one.as_str(), DISCARD),
    ];
    names.service(&format!("_sip._tcp.{name}"), &targets);
    let fields = [
        ("provider", json!("telekom_companyflex")),
        ("sip_server", json!(name)),
    ];
    let (trunk, ada) = trunk(&pbx, &second, &fields).await;
    second.is_registered(&trunk.account).await;
    reaches(&ada, &second).await;
    // Either may call.
    let number = trunk.numbers.plus(1);
    is_let_in(&first, &number, &ada).await;
    is_let_in(&second, &number, &ada).await;
    trunk.delete().await;
}

#[tokio::test]
async fn the_second_server_serves_while_the_first_is_out_of_service() {
    let pbx = named_pbx().await;
    let (name, names) = (fresh_name(), pbx.names());
    let (first, second) = (Provider::open(&pbx).await, Provider::open(&pbx).await);
    let (one, two) = (format!("a.{name}"), format!("b.{name}"));
    names.host(&one, &[first.address().ip()]);
    names.host(&two, &[second.address().ip()]);
    let targets = [
        (20, two.as_str(), second.address().port()),
        (10, one.as_str(), first.address().port()),
    ];
    names.service(&format!("_sip._udp.{name}"), &targets);
    first.answers_register(Answer::Refused(503));
    let (trunk, ada) = trunk(&pbx, &second, &[("sip_server", json!(name))]).await;
    second.is_registered(&trunk.account).await;

    let mut out = ada.dial("030123456").await;
    first.rings().await.refuse(503).await;
    second.rings().await.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    trunk.delete().await;
}

#[tokio::test]
async fn a_provider_whose_servers_have_another_name_is_found_and_let_in() {
    let pbx = named_pbx().await;
    let (name, other, names) = (fresh_name(), fresh_name(), pbx.names());
    let provider = Provider::open(&pbx).await;
    let (service, host) = (format!("_sip._udp.{other}"), format!("sbc.{other}"));
    names.points(&name, &service);
    names.service(&service, &[(10, &host, provider.address().port())]);
    names.host(&host, &[provider.address().ip()]);
    let fields = [("sip_server", json!(name)), ("auth_mode", json!("ip"))];
    let (trunk, ada) = trunk(&pbx, &provider, &fields).await;
    reaches(&ada, &provider).await;
    is_let_in(&provider, &trunk.numbers.plus(1), &ada).await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_provider_that_moves_is_let_in_at_its_new_address_only() {
    let pbx = named_pbx().await;
    let (name, names) = (fresh_name(), pbx.names());
    let old = Provider::open(&pbx).await;
    let new = Provider::open_beside(&pbx, &old).await;
    names.host(&name, &[old.address().ip()]);
    let fields = [
        (
            "sip_server",
            json!(format!("{name}:{}", old.address().port())),
        ),
        ("auth_mode", json!("ip")),
    ];
    let (trunk, ada) = trunk(&pbx, &old, &fields).await;
    let number = trunk.numbers.plus(1);
    is_let_in(&old, &number, &ada).await;
    is_a_stranger(&new, &number, &ada).await;
    reaches(&ada, &old).await;

    names.host(&name, &[new.address().ip()]);
    is_let_in_soon(&new, &number, &ada).await;
    is_a_stranger(&old, &number, &ada).await;
    reaches(&ada, &new).await;

    // A name that is gone is no reason to forget where it led.
    names.host(&name, &[]);
    let asked = names.asked().len();
    let question = format!("A {name}");
    eventually("its name was asked for twice more", || async {
        let again = names.asked()[asked..]
            .iter()
            .filter(|asked| **asked == question)
            .count();
        (again >= 2).then_some(())
    })
    .await;
    is_let_in(&new, &number, &ada).await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_silent_name_server_holds_up_nobody() {
    // Its own: while the name server is silent no other name leads anywhere either.
    let pbx = own_named_pbx("silent-names").await;
    let (name, other, names) = (fresh_name(), fresh_name(), pbx.names());
    let (steady, known, late) = (
        Provider::open(&pbx).await,
        Provider::open(&pbx).await,
        Provider::open(&pbx).await,
    );
    let at = |name: &str, provider: &Provider| {
        [
            (
                "sip_server",
                json!(format!("{name}:{}", provider.address().port())),
            ),
            ("auth_mode", json!("ip")),
        ]
    };
    names.host(&name, &[known.address().ip()]);
    names.host(&other, &[late.address().ip()]);
    let (by_address, ada) = trunk(&pbx, &steady, &[("auth_mode", json!("ip"))]).await;
    let (by_name, bob) = trunk(&pbx, &known, &at(&name, &known)).await;
    is_let_in(&known, &by_name.numbers.plus(1), &bob).await;

    names.is_silent(true);
    let saving = async {
        let started = Instant::now();
        let saved = trunk(&pbx, &late, &at(&other, &late)).await;
        (saved, started.elapsed())
    };
    let calling = async {
        let number = by_address.numbers.plus(1);
        for _ in 0..3 {
            is_let_in(&steady, &number, &ada).await;
            reaches(&ada, &steady).await;
        }
    };
    let (((unknown, eve), took), ()) = tokio::join!(saving, calling);
    assert!(took < Duration::from_secs(6), "saving took {took:?}");

    // One that is being looked for does not hold up those that are known.
    let lost = eve.dial("030123456").await;
    reaches(&ada, &steady).await;
    is_let_in(&steady, &by_address.numbers.plus(1), &ada).await;

    // What was known before the silence holds, also for a trunk that is saved in it.
    by_name.change(json!({"name": "Known before"})).await;
    is_let_in(&known, &by_name.numbers.plus(1), &bob).await;
    is_a_stranger(&late, &unknown.numbers.plus(1), &eve).await;
    lost.cancel().await;

    names.is_silent(false);
    is_let_in_soon(&late, &unknown.numbers.plus(1), &eve).await;
}

#[tokio::test]
async fn a_name_server_that_drops_what_it_does_not_know_still_tells_the_address() {
    // Its own: what it drops, it drops for everybody.
    let pbx = own_named_pbx("no-naptr").await;
    let (name, service, names) = (fresh_name(), fresh_name(), pbx.names());
    let provider = Provider::open(&pbx).await;
    let host = format!("sbc.{service}");
    names.host(&name, &[provider.address().ip()]);
    names.host(&host, &[provider.address().ip()]);
    let target = [(10, host.as_str(), provider.address().port())];
    names.service(&format!("_sip._udp.{service}"), &target);
    for dropped in [RecordType::NAPTR, RecordType::SRV] {
        names.drops(dropped);
        let mut servers = vec![&name];
        servers.extend((dropped == RecordType::NAPTR).then_some(&service));
        for server in servers {
            let fields = [("sip_server", json!(server)), ("auth_mode", json!("ip"))];
            let (trunk, ada) = trunk(&pbx, &provider, &fields).await;
            is_let_in(&provider, &trunk.numbers.plus(1), &ada).await;
            trunk.delete().await;
        }
    }

    // What it does not say is not said to be none.
    names.drops(RecordType::A);
    let fields = [("sip_server", json!(name)), ("auth_mode", json!("ip"))];
    let (trunk, _) = trunk(&pbx, &provider, &fields).await;
    let path = format!("/trunks/{}/check", trunk.id);
    let page = pbx.visitor("en").await.open(&path).await.expect(200);
    assert!(
        page.shows("The name server does not answer"),
        "{}",
        page.text()
    );
}
