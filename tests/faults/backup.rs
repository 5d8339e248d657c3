//! The machine is gone; there is a backup.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::{Talk, history_has};
use crate::changes::{newest, rows, undone};
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::{eventually, own_pbx, own_restored_pbx};

/// The commands that README tells people, about this file.
fn commands(dump: &Path) -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(path).expect("README.md");
    let (_, text) = text.split_once("### Backup and restore").expect("told");
    let mut blocks = text.split("```sh\n").skip(1).map(|rest| {
        let (block, _) = rest.split_once("```").expect("an end");
        block.replace("gonopbx.sql", &dump.display().to_string())
    });
    let mut next = || blocks.next().expect("commands");
    (next(), next())
}

#[tokio::test]
async fn all_of_it_is_brought_back_into_a_new_system_by_the_commands_of_the_readme() {
    let dump = std::env::temp_dir().join(format!("gonopbx-backup-{}.sql", std::process::id()));
    let (backup, restore) = commands(&dump);
    let pbx = own_pbx("backup").await;
    let admin = pbx.admin().await;
    let (ada, bob) = (
        pbx.ext().name("Ada").create().await,
        pbx.ext().name("Bob").ring_time(5).create().await,
    );
    let mailbox = format!("/api/voicemail/mailbox/{}", bob.number);
    let made = admin.put(&mailbox, &json!({})).await.expect(200);
    let pin = made["pin"].as_str().expect("shown once").to_owned();
    let desk = ada.phone().await;
    let mut out = desk.dial(&bob.number).await;
    out.is_answered().await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.sings(Duration::from_secs(2)).await;
    out.hang_up().await;
    let inbox = format!("/api/voicemail/?mailbox={}", bob.number);
    let message = eventually("the message is there", || async {
        let list = admin.get(&inbox).await.expect(200);
        list.as_array()?.first().cloned()
    })
    .await;
    let original = rows(&pbx, &ada.number).await;
    ada.change(json!({"caller_id": "Somebody else", "ring_time": 44}))
        .await;
    history_has(&pbx, &bob.number, 1).await;
    let kept = [&ada.number, &bob.number];
    let (of_ada, of_bob) = (rows(&pbx, kept[0]).await, rows(&pbx, kept[1]).await);
    let person = pbx.person("user").await.name;
    pbx.shell(&backup).unwrap_or_else(|why| panic!("{why}"));
    pbx.run(&["down"]).await;

    let pbx = own_restored_pbx("restored", restore).await;
    fs::remove_file(&dump).expect("the backup");
    let admin = pbx.admin().await;
    let _session = pbx.anonymous().log_in(&person, ADMIN_PASSWORD).await;
    assert_eq!(rows(&pbx, kept[0]).await, of_ada);
    assert_eq!(rows(&pbx, kept[1]).await, of_bob);
    history_has(&pbx, &bob.number, 1).await;

    // The phones have what they had.
    let desk = pbx.phone(&ada.number, &ada.secret).await;
    let sofa = pbx.phone(&bob.number, &bob.secret).await;
    assert_eq!((desk.register().await, sofa.register().await), (200, 200));
    Talk::begin(&desk, &sofa).await.end().await;
    let mut out = sofa.dial("*98").await;
    out.is_answered().await;
    out.presses(&format!("{pin}#")).await;
    out.presses("1").await;
    out.hears_singing().await;
    out.hang_up().await;
    let list = admin.get(&inbox).await.expect(200);
    assert_eq!(list[0]["id"], message["id"], "{list}");

    // What was done before the backup is undone after it, and new things are done.
    let before = newest(&admin, "extension", &ada.number).await;
    undone(&admin, &before["tx"]).await;
    assert_eq!(rows(&pbx, &ada.number).await, original);
    let eve = pbx.ext().phone().await;
    assert_eq!(desk.tries(&eve).await, 486);
    pbx.dba().await.does(&format!(
        "update ps_endpoints set callerid = 'By SQL <{0}>' where id = '{0}'",
        ada.number
    ));
    let entry = newest(&admin, "extension", &ada.number).await;
    assert_eq!(entry["username"], "gonopbx_dba", "{entry}");
}
