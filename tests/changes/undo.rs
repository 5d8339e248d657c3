//! Taking change sets back.

use serde_json::json;

use super::{newest, rows, undo, undone};
use crate::support::pbx;
use crate::support::provider::Provider;

#[tokio::test]
async fn a_deleted_extension_comes_back_whole_with_its_password_and_rings() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let caller = pbx.ext().phone().await;
    let (ada, bob) = (
        pbx.ext().name("Ada").create().await,
        pbx.ext().create().await,
    );
    let phone = ada.phone().await;
    let forward = json!({"extension": ada.number, "forward_type": "busy", "destination": bob.number, "ring_time": 15, "enabled": true});
    admin.post("/api/callforward/", &forward).await.expect(200);
    let mailbox = format!("/api/voicemail/mailbox/{}", ada.number);
    admin
        .put(
            &mailbox,
            &json!({"name": "Ada", "email": "ada@example.com"}),
        )
        .await
        .expect(200);
    pbx.owner().await.add_message(&ada.number, "Eva").await;
    let before = rows(&pbx, &ada.number).await;
    for word in [
        "endpoint",
        "auth",
        "aor",
        "extension",
        "forward",
        "mailbox",
        "row",
        "message",
    ] {
        assert!(
            before.contains(&format!("{word} ")),
            "{word} is missing in\n{before}"
        );
    }

    ada.delete().await;
    assert_eq!(rows(&pbx, &ada.number).await, "");
    let deletion = newest(&admin, "extension", &ada.number).await;
    assert_eq!(deletion["action"], "extension.delete");
    let done = undone(&admin, &deletion["tx"]).await;

    assert_eq!(rows(&pbx, &ada.number).await, before);
    assert_eq!(phone.register().await, 200, "with the password it had");
    let out = caller.dial(&phone.number).await;
    phone.rings().await;
    out.cancel().await;
    let entry = newest(&admin, "extension", &ada.number).await;
    assert_eq!(
        (&entry["action"], &entry["undoes"]),
        (&json!("undo"), &deletion["tx"])
    );
    assert_eq!(entry["tx"], done["tx"]);
    let undone_one = admin
        .get(&format!(
            "/api/audit/{}",
            deletion["tx"].as_str().expect("tx")
        ))
        .await
        .expect(200);
    assert_eq!(undone_one["undone_by"], done["tx"]);

    // And taking that back deletes it again.
    undone(&admin, &done["tx"]).await;
    assert_eq!(rows(&pbx, &ada.number).await, "");
    assert_eq!(phone.register().await, 401);
}

#[tokio::test]
async fn a_changed_password_is_taken_back_without_being_shown() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let old = ada.phone().await;
    ada.change(json!({"secret": "Correct-Horse-Battery-9"}))
        .await;
    assert_eq!(old.register().await, 401);
    let entry = newest(&admin, "extension", &ada.number).await;
    let done = undone(&admin, &entry["tx"]).await;
    assert_eq!(old.register().await, 200);
    assert!(!format!("{entry}{done}").contains("MD5:"));
}

#[tokio::test]
async fn later_changes_are_shown_field_by_field_and_decided() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().name("Ada").ring_time(30).create().await;
    ada.change(json!({"caller_id": "Bob", "ring_time": 40, "secret": "Correct-Horse-Battery-9"}))
        .await;
    let edit = newest(&admin, "extension", &ada.number).await;
    ada.change(json!({"caller_id": "Eve", "secret": "Another-Horse-Battery-8"}))
        .await;

    let asked = undo(&admin, &edit["tx"], json!({})).await;
    asked.expect_error(409, "undecided");
    let conflicts = asked.json["conflicts"]
        .as_array()
        .expect("conflicts")
        .clone();
    let of = |field: &str| {
        conflicts
            .iter()
            .find(|c| c["field"] == field)
            .expect("a conflict")
            .clone()
    };
    assert_eq!(conflicts.len(), 2, "{conflicts:#?}");
    let named = |name: &str| json!(format!("\"{name}\" <{}>", ada.number));
    let name = of("callerid");
    assert_eq!(
        (&name["before"], &name["after"], &name["now"]),
        (&named("Ada"), &named("Bob"), &named("Eve"))
    );
    let secret = of("password_digest");
    assert_eq!(
        (&secret["before"], &secret["now"]),
        (&json!("********"), &json!("********"))
    );
    let peer = admin.get(&ada.path()).await.expect(200);
    assert_eq!(
        (&peer["caller_id"], &peer["ring_time"]),
        (&json!("Eve"), &json!(40)),
        "nothing was overwritten"
    );

    let decided =
        json!({"conflicts": "keep", "decisions": {name["id"].as_str().expect("id"): "take"}});
    let done = undo(&admin, &edit["tx"], decided).await.expect(200);
    assert_eq!(done["live"], true, "{done}");
    let peer = admin.get(&ada.path()).await.expect(200);
    assert_eq!(
        (&peer["caller_id"], &peer["ring_time"]),
        (&json!("Ada"), &json!(30))
    );
    let phone = pbx.phone(&ada.number, "Another-Horse-Battery-8").await;
    assert_eq!(phone.register().await, 200, "the newer password was kept");
}

#[tokio::test]
async fn what_came_later_does_not_go_along_unasked() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().create().await);
    let made = newest(&admin, "extension", &ada.number).await;
    let forward =
        json!({"extension": ada.number, "forward_type": "busy", "destination": bob.number});
    admin.post("/api/callforward/", &forward).await.expect(200);
    let asked = undo(&admin, &made["tx"], json!({})).await;
    asked.expect_error(409, "undecided");
    assert_eq!(
        asked.json["conflicts"][0]["reason"], "dependant",
        "{}",
        asked.text
    );
    let kept = undo(&admin, &made["tx"], json!({"conflicts": "keep"}))
        .await
        .expect(200);
    assert_eq!(
        (&kept["undone"], &kept["kept"]),
        (&json!(0), &json!(1)),
        "{kept}"
    );
    admin.get(&ada.path()).await.expect(200);
    let taken = undo(&admin, &made["tx"], json!({"conflicts": "take"}))
        .await
        .expect(200);
    assert_eq!(taken["live"], true);
    admin.get(&ada.path()).await.expect_error(404, "not_found");
}

#[tokio::test]
async fn a_rename_goes_back_and_the_old_password_works_again() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().name("Ada").create().await;
    let phone = ada.phone().await;
    admin
        .put(
            &format!("/api/voicemail/mailbox/{}", ada.number),
            &json!({}),
        )
        .await
        .expect(200);
    let before = rows(&pbx, &ada.number).await;
    let new = pbx.free_number();
    admin
        .put(&ada.path(), &json!({"extension": new}))
        .await
        .expect(200);
    let entry = newest(&admin, "extension", &new).await;
    undone(&admin, &entry["tx"]).await;
    assert_eq!(rows(&pbx, &ada.number).await, before);
    assert_eq!(phone.register().await, 200);
}

#[tokio::test]
async fn a_deleted_trunk_comes_back_with_its_password_and_numbers_and_registers() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().phone().await;
    let provider = Provider::open(&pbx).await;
    provider.has_account("undo", "geheim-4711");
    let fields = json!({
        "name": "Zurück", "provider": "custom", "auth_mode": "registration", "sip_server": provider.server(),
        "username": "undo", "password": "geheim-4711", "number_block": "0421989700-0421989709", "caller_id": "0421989700",
    });
    let trunk = admin.post("/api/trunks/", &fields).await.expect(200);
    provider.is_registered("undo").await;
    let route =
        json!({"did": "0421989700", "trunk_id": trunk["id"], "destination_extension": ada.number});
    admin.post("/api/routes/", &route).await.expect(200);
    let path = format!("/api/trunks/{}", trunk["id"]);
    admin.delete(&path).await.expect(200);
    let owner = pbx.owner().await;
    let auth = format!("trunk-auth-{}", trunk["id"]);
    crate::support::eventually("its password is gone", || async {
        let left = owner
            .count("select count(*) from ps_auths where id = $1", &[&auth])
            .await;
        (left == 0).then_some(())
    })
    .await;
    let deletion = newest(&admin, "trunk", &trunk["id"].to_string()).await;
    let all = admin
        .get(&format!(
            "/api/audit/?kind=trunk&object={}&action=trunk.edit",
            trunk["id"]
        ))
        .await
        .expect(200);
    let deletion = all["logs"]
        .as_array()
        .expect("logs")
        .iter()
        .find(|log| {
            log["username"] == "admin"
                && log["details"]["changes"].to_string().contains("\"delete\"")
        })
        .unwrap_or(&deletion)
        .clone();
    undone(&admin, &deletion["tx"]).await;
    provider.is_registered("undo").await;
    let back = admin.get(&path).await.expect(200);
    assert_eq!(back["name"], "Zurück");
    let mut call = provider.call("+49421989700").send().await;
    let ringing = ada.rings().await;
    ringing.busy().await;
    assert_eq!(call.is_refused().await, 486);
}

#[tokio::test]
async fn a_session_of_psql_is_one_unit_and_is_taken_back_by_one_request() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().name("Ada").create().await;
    let bob = pbx.ext().name("Bob").create().await;
    let before = (rows(&pbx, &ada.number).await, rows(&pbx, &bob.number).await);
    pbx.dba().await.does(&format!(
        "update ps_endpoints set callerid = 'X <0>' where id in ('{0}', '{1}');
         update pbx.extension set ring_time = 99 where number = '{0}';
         delete from ps_endpoints where id = '{1}'",
        ada.number, bob.number
    ));
    let entry = newest(&admin, "extension", &ada.number).await;
    assert_eq!(
        (&entry["username"], &entry["via"]),
        (&json!("gonopbx_dba"), &json!("sql"))
    );
    let owner = pbx.owner().await;
    crate::support::eventually("the derived row follows", || async {
        let rows: Vec<(String,)> = owner
            .rows(
                "select appdata from extensions where context = 'internal' and exten = $1",
                &[&ada.number],
            )
            .await;
        rows.first()?.0.contains(",99").then_some(())
    })
    .await;
    undone(&admin, &entry["tx"]).await;
    assert_eq!(rows(&pbx, &ada.number).await, before.0);
    assert_eq!(rows(&pbx, &bob.number).await, before.1);
}

#[tokio::test]
async fn of_a_thousand_rows_all_but_the_three_that_were_edited_are_taken_back_at_once() {
    let pbx = crate::support::own_pbx("undo").await;
    let admin = pbx.admin().await;
    let others = pbx.ext().phone().await;
    let called = pbx.ext().phone().await;
    pbx.dba().await.does(
        "insert into ps_aors (id, max_contacts) select n::text, 2 from generate_series(50001, 51000) n;
         insert into ps_auths (id, auth_type, username, password) select n::text, 'userpass', n::text, 'made-by-import-' || n
           from generate_series(50001, 51000) n;
         insert into ps_endpoints (id, aors, auth, context, callerid, disallow, allow) select n::text, n::text, n::text, 'internal',
           'Import <' || n || '>', 'all', 'alaw' from generate_series(50001, 51000) n",
    );
    let import = newest(&admin, "extension", "50500").await;
    let owner = pbx.owner().await;
    crate::support::eventually("all can be dialled", || async {
        let rows = owner
            .count(
                "select count(*) from extensions where context = 'internal' and exten like '5____'",
                &[],
            )
            .await;
        (rows == 1000).then_some(())
    })
    .await;
    for number in ["50001", "50500", "51000"] {
        admin
            .put(
                &format!("/api/peers/{number}"),
                &json!({"caller_id": "By hand"}),
            )
            .await
            .expect(200);
    }
    let mut talk = others.dial(&called.number).await;
    let mut call = called.rings().await;
    call.answer().await;
    talk.is_answered().await;

    let asked = undo(&admin, &import["tx"], json!({})).await;
    asked.expect_error(409, "undecided");
    assert_eq!(
        asked.json["conflicts"].as_array().map(Vec::len),
        Some(3),
        "{}",
        asked.text
    );
    let done = undo(&admin, &import["tx"], json!({"conflicts": "keep"}))
        .await
        .expect(200);
    assert_eq!(
        (&done["undone"], &done["kept"]),
        (&json!(997), &json!(3)),
        "{done}"
    );
    let left = owner
        .count(
            "select count(*) from ps_endpoints where id like '5____'",
            &[],
        )
        .await;
    assert_eq!(left, 3);
    let rows = owner
        .count(
            "select count(*) from extensions where context = 'internal' and exten like '5____'",
            &[],
        )
        .await;
    assert_eq!(rows, 3);
    let one = owner
        .count(
            "select count(distinct set_id) from pbx.change where act = 'undo'",
            &[],
        )
        .await;
    assert_eq!(one, 1, "one transaction");
    talk.hang_up().await;
    call.other_side_hangs_up().await;

    // And back again, with the same passwords.
    let digest = "select count(*) from ps_auths where id like '5____' and password_digest = 'MD5:' || md5(id || ':gonopbx:made-by-import-' || id)";
    undo(&admin, &done["tx"], json!({})).await.expect(200);
    assert_eq!(owner.count(digest, &[]).await, 1000);
    assert_eq!(
        owner
            .count(
                "select count(*) from extensions where context = 'internal' and exten like '5____'",
                &[]
            )
            .await,
        1000
    );
}
