//! What Asterisk writes beside the database, and the server reads after a gap: the same legs, whoever writes them.

use std::path::Path;
use std::time::Duration;

use super::doctor::doctor;
use super::{Talk, calls_work, health_is};
use crate::support::client::Api;
use crate::support::db::Database;
use crate::support::phone::Phone;
use crate::support::stack::Part;
use crate::support::{Pbx, own_pbx, within};

/// After each gap, on a machine that is busy with other tests.
pub const MADE_GOOD: Duration = Duration::from_secs(30);

/// The spool's lines, in an order of ours.
pub fn spool(pbx: &Pbx) -> Vec<String> {
    // There is none before the first call.
    let text = std::fs::read_to_string(pbx.cdr_spool().join("Master.csv")).unwrap_or_default();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

/// The table as Asterisk writes its spool.
pub fn as_in_the_spool(owner: &Database) -> Vec<String> {
    let quoted =
        |column: &str| format!("'\"' || replace(coalesce({column}, ''), '\"', '\"\"') || '\"'");
    let time = |column: &str| {
        format!("coalesce('\"' || to_char({column}, 'YYYY-MM-DD HH24:MI:SS') || '\"', '')")
    };
    let columns = [
        ["accountcode", "src", "dst", "dcontext", "clid"]
            .map(quoted)
            .join(" || ',' || "),
        ["channel", "dstchannel", "lastapp", "lastdata"]
            .map(quoted)
            .join(" || ',' || "),
        ["start", "answer", "\"end\""].map(time).join(" || ',' || "),
        "duration || ',' || billsec".to_owned(),
        ["disposition", "amaflags", "uniqueid", "userfield"]
            .map(quoted)
            .join(" || ',' || "),
        ["peeraccount", "linkedid"].map(quoted).join(" || ',' || "),
        "sequence".to_owned(),
    ];
    let text = owner.does(&format!("select {} from cdr", columns.join(" || ',' || ")));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

/// One answered call with a name full of what a file or a message could stumble over, and one that is busy: three legs.
async fn two_calls(pbx: &Pbx, ada: &Phone, bob: &Phone) {
    let before = spool(pbx).len();
    let mut talk = Talk::begin(ada, bob).await;
    // All count whole seconds, and have to round alike.
    talk.out.sings(Duration::from_millis(1300)).await;
    talk.end().await;
    assert_eq!(ada.tries(bob).await, 486);
    within(MADE_GOOD, "Asterisk has written its lines", || async {
        (spool(pbx).len() == before + 3).then_some(())
    })
    .await;
}

async fn the_table_is_the_spool(pbx: &Pbx, who: &str) {
    let owner = pbx.owner().await;
    let lines = spool(pbx);
    within(MADE_GOOD, who, || async {
        (as_in_the_spool(&owner) == lines).then_some(())
    })
    .await;
    let empty = "select count(*) from cdr where '' in (accountcode, dstchannel, userfield, peeraccount, lastdata)";
    assert_eq!(owner.count(empty, &[]).await, 0, "empty is NULL for {who}");
}

#[tokio::test]
async fn whoever_writes_a_leg_writes_the_same() {
    let pbx = own_pbx("three-ways").await;
    let name = r#"a),b:1:2("\; %s 'ü"#;
    let (ada, bob) = (pbx.ext().name(name).phone().await, pbx.ext().phone().await);
    let owner = pbx.owner().await;
    pbx.stop(Part::Server).await;
    two_calls(&pbx, &ada, &bob).await;
    the_table_is_the_spool(&pbx, "Asterisk itself").await;

    owner.does("delete from cdr");
    pbx.begin(Part::Server).await;
    the_table_is_the_spool(&pbx, "the server, from the spool").await;

    // Neither Asterisk nor what is read from the spool can write now.
    owner.does("revoke insert on cdr from asterisk; alter table pbx.cdr_spool rename to hidden");
    health_is(&pbx, "asterisk", "connected").await;
    two_calls(&pbx, &ada, &bob).await;
    the_table_is_the_spool(&pbx, "the server, from the event").await;
    owner.does("grant insert on cdr to asterisk; alter table pbx.hidden rename to cdr_spool");

    // What was read is not read again: whoever deletes a call means it.
    let read = "select coalesce(sum(position), 0)::bigint from pbx.cdr_spool";
    let length: u64 = spool(&pbx).iter().map(|line| line.len() as u64 + 1).sum();
    within(MADE_GOOD, "the spool is read to its end", || async {
        (owner.count(read, &[]).await == length.cast_signed()).then_some(())
    })
    .await;
    owner.does("delete from cdr");
    pbx.stop(Part::Server).await;
    pbx.begin(Part::Server).await;
    two_calls(&pbx, &ada, &bob).await;
    within(MADE_GOOD, "the new ones are there", || async {
        (as_in_the_spool(&owner).len() >= 3).then_some(())
    })
    .await;
    assert_eq!(as_in_the_spool(&owner).len(), 3);
}

/// The codes of the problems that an admin is told of.
pub async fn problems(admin: &Api) -> Vec<String> {
    let status = admin.get("/api/dashboard/status").await;
    let problems = status.json["system"]["problems"].as_array().cloned();
    let codes = problems.unwrap_or_default().into_iter();
    codes
        .filter_map(|problem| problem["code"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn calls_that_wait_and_a_spool_that_cannot_be_read_are_problems() {
    let pbx = own_pbx("loss-problems").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let admin = pbx.admin().await;
    let visitor = pbx.visitor("en").await;
    let owner = pbx.owner().await;
    let has = |code: &'static str| {
        let admin = &admin;
        within(MADE_GOOD, code, move || async move {
            problems(admin)
                .await
                .contains(&code.to_owned())
                .then_some(())
        })
    };
    let is_well = || {
        let admin = &admin;
        within(MADE_GOOD, "all is well again", move || async move {
            problems(admin).await.is_empty().then_some(())
        })
    };

    owner.does(
        "create function full_disk() returns trigger language plpgsql as
           $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$;
         create trigger full_disk before insert on cdr for each row execute function full_disk()",
    );
    two_calls(&pbx, &ada, &bob).await;
    has("calls_waiting").await;
    let page = visitor.open("/").await.expect(200);
    assert!(
        page.shows("3 finished calls wait for the database."),
        "{}",
        page.text()
    );
    owner.does("drop function full_disk cascade");
    is_well().await;
    the_table_is_the_spool(&pbx, "what waited").await;

    let (spool, aside) = (pbx.cdr_spool(), pbx.cdr_spool().with_extension("aside"));
    std::fs::rename(&spool, &aside).expect("renamed");
    has("spool_unreadable").await;
    let page = visitor.open("/").await.expect(200);
    assert!(
        page.shows("list of finished calls cannot be read"),
        "{}",
        page.text()
    );
    std::fs::rename(&aside, &spool).expect("renamed");
    is_well().await;

    // A disk that was full for a moment; the next line follows on the same one.
    let file = spool.join("Master.csv");
    let mut text = std::fs::read_to_string(&file).expect("a spool");
    text.push_str("\"\",\"2001\",\"20");
    std::fs::write(&file, text).expect("written");
    assert_eq!(ada.tries(&bob).await, 486);
    has("calls_unreadable").await;
    let kept = std::fs::read_to_string(spool.join("unreadable.csv")).expect("kept");
    assert_eq!(kept, "\"\",\"2001\",\"20\n");
    within(MADE_GOOD, "the call behind it is there", || async {
        (owner.count("select count(*) from cdr", &[]).await == 5).then_some(())
    })
    .await;
    std::fs::remove_file(spool.join("unreadable.csv")).expect("removed");
    is_well().await;
    let log = pbx.log("server.log");
    let told = |words: &str| log.matches(words).count();
    assert_eq!(told("records of calls wait for the database"), 1, "{log}");
    assert_eq!(
        told("the spool of finished calls cannot be read"),
        1,
        "{log}"
    );
}

#[tokio::test]
async fn a_spool_that_was_read_is_set_aside_and_removed_in_time() {
    let pbx = own_pbx("spool-tidy").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let owner = pbx.owner().await;
    assert_eq!(ada.tries(&bob).await, 486);
    within(MADE_GOOD, "it is read", || async {
        (owner.count("select count(*) from pbx.cdr_spool", &[]).await == 1).then_some(())
    })
    .await;
    pbx.stop(Part::Server).await;
    // As if it had begun the day before yesterday.
    let folder = pbx.cdr_spool();
    let text = std::fs::read_to_string(folder.join("Master.csv")).expect("a spool");
    let old = text.replace("\"20", "\"19");
    std::fs::write(folder.join("Master.csv"), &old).expect("written");
    std::fs::write(folder.join("Master.1000000000.csv"), &text).expect("written");
    pbx.begin(Part::Server).await;
    let names = || {
        let entries = std::fs::read_dir(&folder).expect("a folder").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        names
    };
    within(
        MADE_GOOD,
        "the old one is removed, this one set aside",
        || async {
            let names = names();
            (names.len() == 1 && names[0] != "Master.csv" && names[0] != "Master.1000000000.csv")
                .then_some(())
        },
    )
    .await;
    // Asterisk begins a new one.
    assert_eq!(ada.tries(&bob).await, 486);
    within(MADE_GOOD, "the next line is in a new file", || async {
        let names = names();
        (names.len() == 2 && names.contains(&"Master.csv".to_owned())).then_some(())
    })
    .await;
}

/// All lines of a folder, in an order of ours.
fn lines_of(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("Master"));
    let texts = files.map(|entry| std::fs::read_to_string(entry.path()).unwrap_or_default());
    let mut lines: Vec<String> = texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn the_spool_is_moved_to_another_folder_and_back_and_loses_no_line() {
    let pbx = own_pbx("spool-moves").await;
    let (ada, bob) = (pbx.ext().phone().await, pbx.ext().phone().await);
    let owner = pbx.owner().await;
    assert_eq!(ada.tries(&bob).await, 486);
    let read = "select coalesce(sum(position), 0)::bigint from pbx.cdr_spool";
    let usual = pbx.cdr_spool();
    let (first, second) = (pbx.data().join("calls"), pbx.data().join("other/calls"));
    let mut folder = usual.clone();
    for (next, setting) in [
        (&first, first.to_str()),
        (&second, second.to_str()),
        (&usual, Some("")),
    ] {
        let setting = [("GONOPBX_CDR_SPOOL", setting.expect("a path"))];
        within(MADE_GOOD, "all there is is read", || async {
            let lines = lines_of(&folder);
            let length: usize = lines.iter().map(|line| line.len() + 1).sum();
            let is_read = owner.count(read, &[]).await == i64::try_from(length).unwrap_or(0);
            (is_read && !lines.is_empty()).then_some(())
        })
        .await;
        pbx.stop(Part::Server).await;
        let known = lines_of(&folder);
        // Nobody but the spool knows of this call.
        calls_work(&ada, &bob).await;
        within(MADE_GOOD, "Asterisk has written lines", || async {
            (lines_of(&folder).len() > known.len()).then_some(())
        })
        .await;
        // It writes all of them before it ends.
        pbx.stop(Part::Asterisk).await;
        let mut fresh = lines_of(&folder);
        fresh.retain(|line| !known.contains(line));
        owner.does("delete from cdr");
        pbx.run_with(&setting, &["init"]).await;
        pbx.begin(Part::Asterisk).await;
        pbx.begin(Part::Server).await;
        within(
            MADE_GOOD,
            "what was not read yet, and only that",
            || async { (as_in_the_spool(&owner) == fresh).then_some(()) },
        )
        .await;
        // Asterisk itself knows the usual place only.
        if folder == usual {
            assert_eq!(std::fs::read_link(&usual).ok().as_ref(), Some(next));
        } else {
            let left = lines_of(&folder);
            assert!(left.is_empty(), "left behind: {left:?}");
        }
        folder.clone_from(next);
        // The next one is written to the new place, and read there.
        health_is(&pbx, "asterisk", "connected").await;
        let before = lines_of(&folder).len();
        calls_work(&ada, &bob).await;
        within(MADE_GOOD, "lines in the new folder", || async {
            (lines_of(&folder).len() > before).then_some(())
        })
        .await;
        let path = folder.to_str().expect("a path");
        let (is_well, said) = doctor(&pbx, &[("GONOPBX_CDR_SPOOL", path)]);
        assert!(is_well, "{said:?}");
        let problems = problems(&pbx.admin().await).await;
        assert!(
            !problems.contains(&"spool_unreadable".to_owned()),
            "{problems:?}"
        );
    }
}
