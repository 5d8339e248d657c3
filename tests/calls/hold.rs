//! Who is put on hold hears music, and so may a caller whom nobody has answered yet.

use crate::support::{eventually, pbx};

#[tokio::test]
async fn who_is_put_on_hold_hears_music_until_the_other_comes_back() {
    let pbx = pbx().await;
    let phone = || pbx.ext().with("codecs", "alaw").phone();
    let (ada, bob) = (phone().await, phone().await);
    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.answer().await;
    out.is_answered().await;

    out.holds().await;
    call.hears_music().await;
    out.resumes().await;
    out.is_heard_by(&call).await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
}

#[tokio::test]
async fn music_plays_before_anybody_answers() {
    let pbx = pbx().await;
    let dba = pbx.dba().await;
    dba.does(
        "insert into extensions (context, exten, priority, app, appdata) values
           ('custom', '70011', 1, 'Progress', ''), ('custom', '70011', 2, 'MusicOnHold', 'default')",
    );
    let ada = pbx.ext().with("codecs", "alaw").phone().await;
    let mut out = ada.dial("70011").await;
    out.hears_music().await;
    assert!(!out.is_over());
    out.cancel().await;
    dba.does("delete from extensions where context = 'custom' and exten = '70011'");
}

#[tokio::test]
async fn a_class_that_is_changed_in_sql_is_what_the_next_one_hears() {
    let pbx = pbx().await;
    let dba = pbx.dba().await;
    dba.does(
        "insert into musiconhold (name, mode, directory) values ('lobby', 'files', '/proc/self/cwd/moh/default');
         insert into extensions (context, exten, priority, app, appdata) values
           ('custom', '70012', 1, 'Progress', ''), ('custom', '70012', 2, 'MusicOnHold', 'lobby')",
    );
    let ada = pbx.ext().with("codecs", "alaw").phone().await;
    let out = ada.dial("70012").await;
    out.hears_music().await;
    out.cancel().await;

    dba.does(
        "update musiconhold set mode = 'playlist', directory = null where name = 'lobby';
         insert into musiconhold_entry (name, position, entry) values ('lobby', 1, '/proc/self/cwd/moh/default/evening')",
    );
    eventually("Asterisk forgets what it had of the class", || async {
        let classes = pbx.cli("moh show classes").await;
        (!classes.contains("Class: lobby")).then_some(())
    })
    .await;
    let out = ada.dial("70012").await;
    out.hears_music().await;
    let files = pbx.cli("moh show files").await;
    let lobby = files.split("Class: lobby").nth(1).unwrap_or_default();
    let lobby = lobby.split("Class:").next().unwrap_or_default();
    assert!(
        lobby.contains("evening") && !lobby.contains("morning"),
        "{files}"
    );
    out.cancel().await;
    dba.does(
        "delete from musiconhold_entry where name = 'lobby';
         delete from musiconhold where name = 'lobby';
         delete from extensions where context = 'custom' and exten = '70012'",
    );
}
