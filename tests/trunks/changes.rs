//! Trunks come, change and go, and calls on others go on.

use futures_util::future::join_all;
use serde_json::json;

use super::{Trunk, draft};
use crate::support::phone::{Outgoing, Phone};
use crate::support::provider::{Arrived, Provider};
use crate::support::{Pbx, pbx};

const CALLS: u32 = 10;

struct Talk {
    out: Outgoing,
    call: Arrived,
    /// Whose call it is; it has to stay on.
    _phone: Phone,
}

impl Talk {
    async fn end(self) {
        self.out.hang_up().await;
        self.call.other_side_hangs_up().await;
    }
}

async fn begin(pbx: &Pbx, provider: &Provider, trunk: &Trunk, n: u32) -> Talk {
    let phone = pbx.ext().phone().await;
    trunk.leads(n, &phone.number).await;
    let mut out = phone.dial("030123456").await;
    let mut call = provider.rings().await;
    call.answer().await;
    out.is_answered().await;
    Talk {
        out,
        call,
        _phone: phone,
    }
}

#[tokio::test]
async fn calls_go_on_while_trunks_are_added_changed_and_deleted() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let mut talks = Vec::new();
    for n in 0..CALLS {
        talks.push(begin(&pbx, &provider, &trunk, n).await);
    }

    // At the same provider, and at another.
    let elsewhere = Provider::open(&pbx).await;
    for at in [&provider, &elsewhere] {
        let other = Trunk::registered(&pbx, at).await;
        other.change(json!({"password": "changed"})).await;
        other.change(json!({"codecs": "alaw"})).await;
        other.change(json!({"enabled": false})).await;
        other.change(json!({"enabled": true})).await;
        other.delete().await;
        let fixed = draft(&pbx, at).with("auth_mode", "ip").create().await;
        fixed.delete().await;
    }
    // What concerns the trunk itself ends no call either.
    trunk
        .change(json!({"name": format!("{} too", trunk.name)}))
        .await;
    trunk.change(json!({"number_block": format!("{},{}", trunk.numbers.text(), super::Block::claim().national(0))})).await;

    for talk in &mut talks {
        assert!(
            !talk.out.is_over() && !talk.call.is_over(),
            "the call was ended"
        );
    }
    join_all(talks.into_iter().map(Talk::end)).await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_call_outlives_the_trunk_it_came_in_on() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let mut talk = begin(&pbx, &provider, &trunk, 1).await;
    trunk.change(json!({"enabled": false})).await;
    assert!(!talk.out.is_over() && !talk.call.is_over());
    trunk.delete().await;
    provider.is_unregistered(&trunk.account).await;
    assert!(!talk.out.is_over() && !talk.call.is_over());
    talk.call.hang_up().await;
    talk.out.other_side_hangs_up().await;
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
    // Its password stays for some minutes: the provider asks for it once more when it is told that we go.
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
    let status = out.is_refused_within(std::time::Duration::from_secs(25));
    assert_eq!(status.await, 403, "no number of its own any more");
}
