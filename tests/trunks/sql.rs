//! The same by SQL: live within a second.

use std::time::Duration;

use serde_json::json;

use super::Trunk;
use crate::support::phone::Phone;
use crate::support::provider::Provider;
use crate::support::stack::Part;
use crate::support::{eventually, own_pbx, pbx, within};

const A_SECOND: Duration = Duration::from_secs(1);

/// The status of a call to a number, which is busy where it leads to the phone.
async fn tries(provider: &Provider, did: &str, phone: &Phone) -> u16 {
    let mut out = provider.call(did).send().await;
    tokio::select! {
        status = out.is_refused() => status,
        call = phone.rings() => {
            call.busy().await;
            out.is_refused().await
        }
    }
}

#[tokio::test]
async fn a_route_that_is_a_row_is_a_route() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let (did, id) = (trunk.numbers.plus(1), trunk.id);
    let dba = pbx.dba().await;
    assert_eq!(tries(&provider, &did, &ada).await, 404);

    dba.does(&format!(
        "insert into pbx.did_route (did, trunk_id, extension) values ('{did}', {id}, '{}')",
        ada.number
    ));
    within(A_SECOND, "the number is called", || async {
        (tries(&provider, &did, &ada).await == 486).then_some(())
    })
    .await;
    // And the extension calls out with it.
    within(A_SECOND, "the number is shown", || async {
        let mut out = ada.dial("030123456").await;
        let call = provider.rings().await;
        let shown = call.caller();
        call.refuse(486).await;
        out.is_refused().await;
        (shown == did).then_some(())
    })
    .await;

    dba.does(&format!(
        "update pbx.did_route set extension = '{}' where did = '{did}'",
        bob.number
    ));
    within(A_SECOND, "it leads to the other", || async {
        let mut out = provider.call(&did).send().await;
        tokio::select! {
            call = ada.rings() => {
                call.busy().await;
                out.is_refused().await;
                None
            }
            call = bob.rings() => {
                call.busy().await;
                out.is_refused().await;
                Some(())
            }
        }
    })
    .await;

    dba.does(&format!("delete from pbx.did_route where did = '{did}'"));
    within(A_SECOND, "the number is unknown", || async {
        (tries(&provider, &did, &bob).await == 404).then_some(())
    })
    .await;
    trunk.delete().await;
}

#[tokio::test]
async fn who_loses_a_number_by_sql_calls_out_with_it_no_more() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let did = trunk.numbers.plus(1);
    let dba = pbx.dba().await;
    for sql in [
        format!("delete from pbx.did_route where did = '{did}'"),
        format!(
            "update pbx.did_route set extension = '{}' where did = '{did}'",
            bob.number
        ),
    ] {
        trunk.leads(1, &ada.number).await;
        let always = json!({
            "extension": ada.number, "forward_type": "unconditional", "destination": "0171123456",
        });
        let admin = pbx.admin().await;
        let forward = admin.post("/api/callforward/", &always).await.expect(200);
        let mut out = bob.dial(&ada.number).await;
        provider.rings().await.refuse(486).await;
        assert_eq!(out.is_refused().await, 486);

        dba.does(&sql);
        within(A_SECOND, "its forward leads nowhere", || async {
            let mut out = bob.dial(&ada.number).await;
            tokio::select! {
                status = out.is_refused() => (status == 480).then_some(()),
                call = provider.rings() => {
                    call.refuse(486).await;
                    out.is_refused().await;
                    None
                }
            }
        })
        .await;
        let mut out = ada.dial("030123456").await;
        let status = out.is_refused_within(Duration::from_secs(25));
        assert_eq!(status.await, 403, "{sql}");
        let path = format!("/api/callforward/{}", forward["id"]);
        admin.delete(&path).await.expect(200);
    }
    trunk.delete().await;
}

#[tokio::test]
async fn a_trunk_that_is_disabled_by_sql_takes_and_sends_no_calls() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let did = trunk.numbers.plus(1);
    let dba = pbx.dba().await;
    assert_eq!(tries(&provider, &did, &ada).await, 486);
    dba.does(&format!(
        "update pbx.trunk set enabled = false where id = {}",
        trunk.id
    ));
    within(A_SECOND, "it takes no calls", || async {
        (tries(&provider, &did, &ada).await == 404).then_some(())
    })
    .await;
    let mut out = ada.dial("030123456").await;
    assert_eq!(out.is_refused().await, 503);
    assert!(!provider.has_rung().await);
    dba.does(&format!(
        "update pbx.trunk set enabled = true where id = {}",
        trunk.id
    ));
    within(A_SECOND, "it takes calls again", || async {
        (tries(&provider, &did, &ada).await == 486).then_some(())
    })
    .await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_trunk_that_is_disabled_by_sql_does_not_register() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let dba = pbx.dba().await;
    let switch = |on| {
        format!(
            "update pbx.trunk set enabled = {on} where id = {}",
            trunk.id
        )
    };
    dba.does(&switch(false));
    provider.is_unregistered(&trunk.account).await;
    dba.does(&switch(true));
    provider.is_registered(&trunk.account).await;
    trunk.delete().await;
}

#[tokio::test]
async fn what_was_changed_by_sql_while_the_server_was_away_is_made_up_for() {
    let pbx = own_pbx("trunks-sql").await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let other = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    pbx.stop(Part::Server).await;
    let dba = pbx.dba().await;
    let (did, id) = (trunk.numbers.plus(1), trunk.id);
    dba.does(&format!(
        "insert into pbx.did_route (did, trunk_id, extension) values ('{did}', {id}, '{}');
         update pbx.trunk set enabled = false where id = {}",
        ada.number, other.id
    ));
    pbx.begin(Part::Server).await;
    provider.is_unregistered(&other.account).await;
    let owner = pbx.owner().await;
    eventually("what it shows outside is its number", || async {
        let sql =
            "select count(*) from ps_endpoints where id = $1 and set_var like '%' || $2 || '%'";
        (owner.count(sql, &[&ada.number, &did]).await == 1).then_some(())
    })
    .await;
    let mut out = ada.dial("030123456").await;
    let call = provider.rings().await;
    assert_eq!(call.caller(), did);
    call.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
}

#[tokio::test]
async fn a_trunk_that_is_deleted_by_sql_is_unregistered() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let dba = pbx.dba().await;
    dba.does(&format!("delete from pbx.trunk where id = {}", trunk.id));
    within(Duration::from_secs(3), "it is unregistered", || async {
        provider.contact(&trunk.account).is_none().then_some(())
    })
    .await;
    let admin = pbx.admin().await;
    admin
        .get(&trunk.path())
        .await
        .expect_error(404, "not_found");
}

#[tokio::test]
async fn rows_that_would_break_calls_are_refused() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let ada = pbx.ext().create().await;
    let dba = pbx.dba().await;
    let (id, number) = (trunk.id, &ada.number);
    for values in [
        format!("'04211234567', {id}, '{number}'"),
        format!("'+49421x', {id}, '{number}'"),
        format!("'{}', 999999, '{number}'", trunk.numbers.plus(1)),
        format!("'{}', {id}, '999999'", trunk.numbers.plus(1)),
    ] {
        dba.is_refused(&format!(
            "insert into pbx.did_route (did, trunk_id, extension) values ({values})"
        ));
    }
    dba.is_refused(&format!(
        "update pbx.extension set outbound_did = '{}' where number = '{number}'",
        trunk.numbers.plus(1)
    ));
    trunk.delete().await;
}
