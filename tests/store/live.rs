//! A change made with psql is what phones and programs see a moment later.

use std::time::Duration;

use serde_json::json;

use crate::support::phone::Phone;
use crate::support::{Pbx, pbx, within};

const ONE_SECOND: Duration = Duration::from_secs(1);

/// Which name the second phone shows when the first one calls it.
async fn shown(ada: &Phone, bob: &Phone) -> String {
    let mut out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    let name = call.caller_name();
    call.busy().await;
    assert_eq!(out.is_refused().await, 486);
    name
}

#[tokio::test]
async fn a_new_name_is_on_the_next_called_phone_within_a_second_and_in_the_history() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").phone().await;
    let bob = pbx.ext().phone().await;
    // Asterisk has the old one in its memory.
    assert_eq!(shown(&ada, &bob).await, "Ada");

    let dba = pbx.dba().await;
    dba.does(&format!(
        "update ps_endpoints set callerid = '\"Empfang Süd\" <{0}>' where id = '{0}'",
        ada.number
    ));
    within(ONE_SECOND, "the new name is shown", || async {
        (shown(&ada, &bob).await == "Empfang Süd").then_some(())
    })
    .await;

    let owner = pbx.owner().await;
    let recorded: Vec<(String, String)> = owner
        .rows(
            "select actor, after ->> 'callerid' from pbx.change where key = $1 and tab = 'ps_endpoints' order by id desc limit 1",
            &[&ada.number],
        )
        .await;
    let callerid = format!("\"Empfang Süd\" <{}>", ada.number);
    assert_eq!(recorded, [("gonopbx_dba".to_owned(), callerid)]);
    let admin = pbx.admin().await;
    let peer = admin
        .get(&format!("/api/peers/{}", ada.number))
        .await
        .expect(200);
    assert_eq!(peer["caller_id"], "Empfang Süd");
}

async fn insert(pbx: &Pbx, number: &str) {
    pbx.dba().await.does(&format!(
        "insert into ps_aors (id, max_contacts, qualify_frequency) values ('{number}', 2, 60);
         insert into ps_auths (id, auth_type, username, password) values ('{number}', 'userpass', '{number}', 'made-with-psql');
         insert into ps_endpoints (id, aors, auth, context, callerid, disallow, allow, rewrite_contact, rtp_symmetric,
                                   force_rport, direct_media)
         values ('{number}', '{number}', '{number}', 'internal', 'Psql <{number}>', 'all', 'alaw', 'yes', 'yes', 'yes', 'no')"
    ));
}

#[tokio::test]
async fn three_inserts_make_an_extension_that_can_be_dialled_within_a_second() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let number = pbx.free_number();
    insert(&pbx, &number).await;
    let bob = pbx.phone(&number, "made-with-psql").await;
    within(ONE_SECOND, "it registers", || async {
        (bob.register().await == 200).then_some(())
    })
    .await;
    within(ONE_SECOND, "it is dialled", || async {
        (ada.tries(&bob).await == 486).then_some(())
    })
    .await;
    assert_eq!(shown(&bob, &ada).await, "Psql");
    let admin = pbx.admin().await;
    let peer = admin.get(&format!("/api/peers/{number}")).await.expect(200);
    assert_eq!(
        (&peer["caller_id"], &peer["codecs"]),
        (&json!("Psql"), &json!("alaw")),
        "{peer}"
    );
}

#[tokio::test]
async fn a_delete_takes_all_of_it_along_within_a_second() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let bob = pbx.ext().phone().await;
    pbx.dba().await.does(&format!(
        "delete from ps_endpoints where id = '{}'",
        bob.number
    ));
    within(
        ONE_SECOND,
        "it is unknown to phones and callers",
        || async {
            let register = bob.register().await;
            let dial = ada.tries(&bob).await;
            (register == 401 && dial == 404).then_some(())
        },
    )
    .await;
    let admin = pbx.admin().await;
    let path = format!("/api/peers/{}", bob.number);
    within(ONE_SECOND, "it is not in the API", || async {
        (admin.get(&path).await.status == 404).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_password_in_sql_works_within_a_second_and_the_old_one_does_not() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let old = ada.phone().await;
    pbx.dba().await.does(&format!(
        "update ps_auths set password = 'fresh-from-psql' where id = '{}'",
        ada.number
    ));
    let new = pbx.phone(&ada.number, "fresh-from-psql").await;
    within(ONE_SECOND, "the new password works", || async {
        (new.register().await == 200).then_some(())
    })
    .await;
    assert_eq!(old.register().await, 401);
}

#[tokio::test]
async fn disabling_in_sql_is_disabling() {
    let pbx = pbx().await;
    let ada = pbx.ext().phone().await;
    let bob = pbx.ext().phone().await;
    let dba = pbx.dba().await;
    dba.does(&format!(
        "update ps_endpoints set identify_by = 'ip' where id = '{}'",
        bob.number
    ));
    within(
        ONE_SECOND,
        "nobody reaches it, and it reaches nobody",
        || async {
            let dial = ada.tries(&bob).await;
            let register = bob.register().await;
            (dial == 404 && register == 401).then_some(())
        },
    )
    .await;
    let admin = pbx.admin().await;
    let path = format!("/api/peers/{}", bob.number);
    assert_eq!(admin.get(&path).await.expect(200)["enabled"], false);

    dba.does(&format!(
        "update ps_endpoints set identify_by = null where id = '{}'",
        bob.number
    ));
    within(ONE_SECOND, "it is back", || async {
        (bob.register().await == 200 && ada.tries(&bob).await == 486).then_some(())
    })
    .await;
    assert_eq!(admin.get(&path).await.expect(200)["enabled"], true);
}

#[tokio::test]
async fn a_ring_time_in_sql_is_in_the_dialplan_within_a_second() {
    let pbx = pbx().await;
    let ada = pbx.ext().ring_time(30).create().await;
    let owner = pbx.owner().await;
    pbx.dba().await.does(&format!(
        "update pbx.extension set ring_time = 77 where number = '{}'",
        ada.number
    ));
    within(ONE_SECOND, "the row follows", || async {
        let rows: Vec<(String,)> = owner
            .rows(
                "select appdata from dialplan_internal where exten = $1",
                &[&ada.number],
            )
            .await;
        (rows.first()?.0 == format!("pbx-ring,s,1({},77)", ada.number)).then_some(())
    })
    .await;
    let admin = pbx.admin().await;
    assert_eq!(admin.get(&ada.path()).await.expect(200)["ring_time"], 77);
}
