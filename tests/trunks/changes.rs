//! Trunks come, change and go, and calls on others go on.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::{Block, Trunk, draft};
use crate::support::phone::{Incoming, Message, Outgoing, Phone};
use crate::support::provider::{Answer, Arrived, Calling, Provider};
use crate::support::{Pbx, eventually, pbx, within};

/// In progress, half of them each way.
const CALLS: usize = 50;
/// Phones that have them, half for each way.
const PHONES: usize = 10;

/// A call in progress: the phone's side and the provider's.
enum Talk {
    Out(Outgoing, Arrived),
    In(Calling, Incoming),
}

impl Talk {
    /// Somebody with this phone calls out.
    async fn out(phone: &Phone, provider: &Provider) -> Self {
        let mut out = phone.dial("030123456").await;
        let mut call = provider.rings().await;
        call.answer().await;
        out.is_answered().await;
        Self::Out(out, call)
    }

    /// Somebody outside calls a number that leads to this phone.
    async fn inside(provider: &Provider, account: &str, number: &str, phone: &Phone) -> Self {
        let draft = provider.call_registered(account, number).await;
        let mut out = draft.send().await;
        let mut call = phone.rings().await;
        call.answer().await;
        out.is_answered().await;
        Self::In(out, call)
    }

    /// Both sides ask, and each is told that it is still in a call.
    async fn is_up(&mut self) {
        match self {
            Self::Out(out, call) => tokio::join!(out.is_up(), call.is_up()),
            Self::In(out, call) => tokio::join!(out.is_up(), call.is_up()),
        };
    }

    async fn end(self) {
        match self {
            Self::Out(out, call) => {
                out.hang_up().await;
                call.other_side_hangs_up().await;
            }
            Self::In(out, call) => {
                out.hang_up().await;
                call.other_side_hangs_up().await;
            }
        }
    }
}

async fn are_up(talks: &mut [Talk]) {
    join_all(talks.iter_mut().map(Talk::is_up)).await;
}

/// How many calls Asterisk has on a trunk.
async fn calls_on(pbx: &Pbx, trunk: &Trunk) -> usize {
    let said = pbx.cli("core show channels concise").await;
    let ours = format!("PJSIP/trunk-ep-{}-", trunk.id);
    let channels = said.lines().filter(|line| line.starts_with(&ours));
    channels.filter(|line| line.contains("!Up!")).count()
}

/// Everything that can be done to a trunk, from its beginning to its end.
async fn lives_and_dies(pbx: &Pbx, at: &Provider, elsewhere: &Provider) {
    let trunk = Trunk::registered(pbx, at).await;
    let renamed = format!("{} under another name", trunk.name);
    trunk.change(json!({ "name": renamed })).await;
    at.has_account(&trunk.account, "changed");
    trunk.change(json!({"password": "changed"})).await;
    elsewhere.has_account(&trunk.account, "changed");
    trunk
        .change(json!({"sip_server": elsewhere.server()}))
        .await;
    elsewhere.is_registered(&trunk.account).await;
    trunk.change(json!({"codecs": "alaw"})).await;
    trunk.change(json!({"enabled": false})).await;
    elsewhere.is_unregistered(&trunk.account).await;
    trunk.change(json!({"enabled": true})).await;
    elsewhere.is_registered(&trunk.account).await;
    trunk.delete().await;
    elsewhere.is_unregistered(&trunk.account).await;
    let fixed = Trunk::fixed(pbx, at).await;
    fixed.change(json!({"codecs": "alaw"})).await;
    fixed.delete().await;
}

#[tokio::test]
async fn fifty_calls_go_on_while_trunks_are_added_changed_and_deleted() {
    let pbx = pbx().await;
    let (provider, elsewhere) = (Provider::open(&pbx).await, Provider::open(&pbx).await);
    let outward = Trunk::registered(&pbx, &provider).await;
    let inward = Trunk::registered(&pbx, &provider).await;
    let mut phones = Vec::new();
    for n in (0..).take(PHONES) {
        let phone = pbx.ext().phone().await;
        let trunk = if n % 2 == 0 { &outward } else { &inward };
        trunk.leads(n, &phone.number).await;
        phones.push((phone, trunk.numbers.plus(n)));
    }
    let mut talks = Vec::new();
    for pair in phones.chunks_exact(2).cycle().take(CALLS / 2) {
        let [(from, _), (to, number)] = pair else {
            unreachable!("they are taken in pairs")
        };
        talks.push(Talk::out(from, &provider).await);
        talks.push(Talk::inside(&provider, &inward.account, number, to).await);
    }
    for trunk in [&outward, &inward] {
        assert_eq!(calls_on(&pbx, trunk).await, CALLS / 2, "{}", trunk.name);
    }

    // Others at the same provider and at another one, moving from the one to the other.
    lives_and_dies(&pbx, &provider, &elsewhere).await;
    are_up(&mut talks).await;
    lives_and_dies(&pbx, &elsewhere, &provider).await;
    // What concerns the trunks that carry the calls ends none either.
    for trunk in [&outward, &inward] {
        let renamed = format!("{} too", trunk.name);
        trunk.change(json!({ "name": renamed })).await;
        let more = format!("{},{}", trunk.numbers.text(), Block::claim().national(0));
        trunk.change(json!({ "number_block": more })).await;
        trunk.change(json!({"codecs": "alaw"})).await;
    }
    are_up(&mut talks).await;
    for trunk in [&outward, &inward] {
        assert_eq!(calls_on(&pbx, trunk).await, CALLS / 2, "{}", trunk.name);
    }

    join_all(talks.into_iter().map(Talk::end)).await;
    for (trunk, direction) in [(&outward, "outgoing"), (&inward, "incoming")] {
        are_in_the_history(&pbx, trunk, direction).await;
        trunk.delete().await;
    }
}

/// Each of the calls once, and as one that was answered.
async fn are_in_the_history(pbx: &Pbx, trunk: &Trunk, direction: &str) {
    let owner = pbx.owner().await;
    let id = trunk.id.to_string();
    let what = format!("the history has the {direction} calls");
    let legs: Vec<(String, String, String)> = eventually(&what, || async {
        let legs = owner
            .rows(
                "select l.linkedid::text, l.disposition::text, c.direction || ' ' || c.outcome from cdr l
                   join pbx.call c on c.linkedid = l.linkedid
                  where 'PJSIP/trunk-ep-' || $1 in (substring(l.channel from '^(.*)-'), substring(l.dstchannel from '^(.*)-'))",
                &[&id],
            )
            .await;
        (legs.len() >= CALLS / 2).then_some(legs)
    })
    .await;
    let calls: HashSet<&String> = legs.iter().map(|(call, ..)| call).collect();
    assert_eq!(
        (legs.len(), calls.len()),
        (CALLS / 2, CALLS / 2),
        "{legs:?}"
    );
    let wanted = format!("{direction} answered");
    for (_, leg, call) in &legs {
        assert_eq!((leg.as_str(), call), ("ANSWERED", &wanted));
    }
}

#[tokio::test]
async fn a_call_outlives_the_trunk_it_came_in_on() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let phone = pbx.ext().phone().await;
    trunk.leads(1, &phone.number).await;
    let number = trunk.numbers.plus(1);
    let mut talk = Talk::inside(&provider, &trunk.account, &number, &phone).await;
    trunk.change(json!({"enabled": false})).await;
    talk.is_up().await;
    trunk.delete().await;
    provider.is_unregistered(&trunk.account).await;
    talk.is_up().await;
    talk.end().await;
}

#[tokio::test]
async fn a_deleted_trunk_leaves_nothing_behind() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let choice = json!({"outbound_cid": trunk.numbers.plus(1)});
    super::shows(&pbx, &ada.number, choice).await;
    trunk.delete().await;

    let owner = pbx.owner().await;
    let id = trunk.id.to_string();
    let left = owner
        .count(
            "select (select count(*) from ps_endpoints where id = 'trunk-ep-' || $1)
                  + (select count(*) from ps_aors where id = 'trunk-aor-' || $1)
                  + (select count(*) from ps_registrations where id = 'trunk-reg-' || $1)
                  + (select count(*) from ps_endpoint_id_ips where endpoint = 'trunk-ep-' || $1)
                  + (select count(*) from extensions where context = 'trunks' and exten = $1)
                  + (select count(*) from extensions where context = 'from-trunk' and appdata like 'pbx-did,s,1(' || $1 || ',%')
                  + (select count(*) from pbx.number_range where trunk_id = $1::bigint)
                  + (select count(*) from pbx.did_route where trunk_id = $1::bigint)",
            &[&id],
        )
        .await;
    assert_eq!(left, 0);
    let admin = pbx.admin().await;
    let peer = admin
        .get(&format!("/api/peers/{}", ada.number))
        .await
        .expect(200);
    assert_eq!(peer["outbound_cid"], serde_json::Value::Null, "{peer}");
    let mut out = ada.dial("030123456").await;
    let status = out.is_refused_within(Duration::from_secs(25));
    assert_eq!(status.await, 403, "no number of its own any more");
}

/// Until no row of Asterisk's tables is about this trunk any more.
async fn is_gone_from_asterisks_tables(pbx: &Pbx, trunk: &Trunk) {
    let owner = pbx.owner().await;
    let id = trunk.id.to_string();
    let limit = Duration::from_secs(10);
    within(limit, "no row of the trunk is left", || async {
        let sql = "select (select count(*) from ps_auths where id = 'trunk-auth-' || $1)
                        + (select count(*) from ps_endpoints where id = 'trunk-ep-' || $1)
                        + (select count(*) from ps_aors where id = 'trunk-aor-' || $1)
                        + (select count(*) from ps_registrations where id = 'trunk-reg-' || $1)
                        + (select count(*) from ps_endpoint_id_ips where endpoint = 'trunk-ep-' || $1)";
        (owner.count(sql, &[&id]).await == 0).then_some(())
    })
    .await;
}

/// The provider was told that we go, by somebody who knows the password.
async fn was_told(provider: &Provider) -> Message {
    let what = "the provider is told with the password that we go";
    eventually(what, || async {
        let heard = provider.requests("REGISTER").pop()?;
        let goes = heard.header("Expires") == "0" || heard.header("Contact").contains("expires=0");
        (goes && !heard.header("Authorization").is_empty()).then_some(heard)
    })
    .await
}

#[tokio::test]
async fn the_password_of_a_deleted_trunk_goes_when_the_provider_was_told() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    trunk.delete().await;
    provider.is_unregistered(&trunk.account).await;
    was_told(&provider).await;
    is_gone_from_asterisks_tables(&pbx, &trunk).await;

    // Also when the provider is slow to hear it, and when it never let us in.
    let slow = Trunk::registered(&pbx, &provider).await;
    provider.stops();
    slow.delete().await;
    let id = slow.id.to_string();
    let owner = pbx.owner().await;
    let kept =
        "select count(*) from ps_auths where id = 'trunk-auth-' || $1 and password is not null";
    assert_eq!(owner.count(kept, &[&id]).await, 1, "it will be asked for");
    provider.starts();
    let goodbye = was_told(&provider).await;
    assert!(goodbye.header("To").contains(&slow.account), "{goodbye:?}");
    is_gone_from_asterisks_tables(&pbx, &slow).await;

    provider.answers_register(Answer::Refused(403));
    let refused = draft(&pbx, &provider).create().await;
    refused.has_status("rejected").await;
    refused.delete().await;
    is_gone_from_asterisks_tables(&pbx, &refused).await;
}

#[tokio::test]
async fn a_trunk_deleted_in_sql_says_goodbye_too() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let dba = pbx.dba().await;
    dba.does(&format!("delete from pbx.trunk where id = {}", trunk.id));
    provider.is_unregistered(&trunk.account).await;
    was_told(&provider).await;
    is_gone_from_asterisks_tables(&pbx, &trunk).await;
}
