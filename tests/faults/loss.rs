//! Finished calls, while in turn each part is away: what the phones know is in the history, once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep_until};

use super::{Talk, calls_work, health_is};
use crate::support::client::Api;
use crate::support::db::Database;
use crate::support::link::Link;
use crate::support::phone::Phone;
use crate::support::stack::Part;
use crate::support::{Pbx, own_pbx, within};

/// In each round every phone calls another one and is called by another one, and no two of them ever talk twice in the
/// same direction: caller and number are what a call is known by.
const PHONES: usize = 15;
/// Between two calls of a round.
const PACE: Duration = Duration::from_millis(30);
/// After each gap, on a machine that is busy with other tests.
const MADE_GOOD: Duration = Duration::from_secs(30);

/// How a call ended, as its phones know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Answered,
    /// With this status.
    Refused(u16),
}

/// Caller and number called.
type Ends = BTreeMap<(String, String), End>;

struct Office {
    phones: Vec<Phone>,
    round: usize,
    known: Ends,
}

impl Office {
    async fn open(pbx: &Pbx) -> Self {
        let mut phones = Vec::new();
        for number in 0..PHONES {
            let name = format!("Phone \"{number}\", ü");
            phones.push(pbx.ext().name(&name).phone().await);
        }
        Self {
            phones,
            round: 0,
            known: Ends::new(),
        }
    }

    /// Who calls whom in the next round.
    fn pairs(&mut self) -> Vec<(usize, usize)> {
        self.round += 1;
        assert!(
            self.round < PHONES,
            "every phone has called every other one"
        );
        let round = self.round;
        (0..PHONES)
            .map(|from| (from, (from + round) % PHONES))
            .collect()
    }

    fn knows(&mut self, (from, to): (usize, usize), end: End) {
        let pair = (
            self.phones[from].number.clone(),
            self.phones[to].number.clone(),
        );
        let before = self.known.insert(pair, end);
        assert_eq!(before, None);
    }

    /// Everybody calls, a moment after each other, and hangs up again; each third is busy.
    async fn short_calls(&mut self) {
        let pairs = self.pairs();
        let phones = &self.phones;
        let calls = pairs
            .iter()
            .enumerate()
            .map(|(place, &(from, to))| async move {
                wait(PACE * u32::try_from(place).expect("a few")).await;
                short_call(&phones[from], &phones[to], place % 3 == 0).await
            });
        for (pair, end) in pairs.iter().zip(join_all(calls).await) {
            self.knows(*pair, end);
        }
    }

    /// Calls that go on.
    async fn talks(&mut self) -> Vec<((usize, usize), Talk)> {
        let pairs = self.pairs();
        let phones = &self.phones;
        let talks = pairs
            .iter()
            .enumerate()
            .map(|(place, &(from, to))| async move {
                wait(PACE * u32::try_from(place).expect("a few")).await;
                Talk::begin(&phones[from], &phones[to]).await
            });
        let talks = join_all(talks).await;
        pairs.into_iter().zip(talks).collect()
    }

    async fn end(&mut self, talks: impl IntoIterator<Item = ((usize, usize), Talk)>) {
        for (pair, talk) in talks {
            talk.end().await;
            self.knows(pair, End::Answered);
        }
    }
}

async fn wait(time: Duration) {
    sleep_until(Instant::now() + time).await;
}

async fn short_call(from: &Phone, to: &Phone, is_busy: bool) -> End {
    let mut out = from.dial(&to.number).await;
    let mut call = tokio::select! {
        status = out.is_refused() => return End::Refused(status),
        call = to.rings() => call,
    };
    if is_busy {
        call.busy().await;
        return End::Refused(out.is_refused().await);
    }
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
    End::Answered
}

/// So long each part is away. The whole minute that is promised is too long for each run of the tests.
fn outage() -> Duration {
    #[expect(
        clippy::disallowed_methods,
        reason = "of this test alone, and no part of the product"
    )]
    let seconds = std::env::var("GONOPBX_TEST_OUTAGE").ok();
    let seconds = seconds.map(|text| text.parse().expect("seconds"));
    Duration::from_secs(seconds.unwrap_or(2))
}

#[tokio::test]
async fn no_finished_call_is_lost_or_doubled_while_each_part_is_away_in_turn() {
    let pbx = own_pbx("loss").await;
    let mut office = Office::open(&pbx).await;
    let link = Link::to(pbx.ports.ami).await;
    pbx.stop(Part::Server).await;
    pbx.begin_server_by_way_of(link.port).await;
    health_is(&pbx, "asterisk", "connected").await;
    office.short_calls().await;

    let mut talks = office.talks().await;
    pbx.stop(Part::Postgres).await;
    let back = Instant::now() + outage();
    office.end(talks.split_off(PHONES / 2)).await;
    // They fail, and have happened.
    office.short_calls().await;
    sleep_until(back).await;
    pbx.begin(Part::Postgres).await;
    office.end(talks).await;
    health_is(&pbx, "database", "connected").await;
    office.short_calls().await;

    let mut talks = office.talks().await;
    pbx.kill(Part::Server).await;
    let back = Instant::now() + outage();
    office.end(talks.split_off(PHONES / 2)).await;
    office.short_calls().await;
    sleep_until(back).await;
    pbx.begin_server_by_way_of(link.port).await;
    office.end(talks).await;
    office.short_calls().await;

    let mut talks = office.talks().await;
    link.cut();
    let back = Instant::now() + outage();
    health_is(&pbx, "asterisk", "disconnected").await;
    office.end(talks.split_off(PHONES / 2)).await;
    office.short_calls().await;
    sleep_until(back).await;
    link.mend();
    office.end(talks).await;
    health_is(&pbx, "asterisk", "connected").await;
    office.short_calls().await;

    // It ends the calls itself, and has to write them before it is gone.
    let talks = office.talks().await;
    let cut = async {
        for (pair, talk) in talks {
            talk.out.other_side_hangs_up().await;
            talk.call.other_side_hangs_up().await;
            office.knows(pair, End::Answered);
        }
    };
    tokio::join!(pbx.stop(Part::Asterisk), cut);
    wait(outage()).await;
    pbx.begin(Part::Asterisk).await;
    health_is(&pbx, "asterisk", "connected").await;
    calls_work(&office.phones[0], &office.phones[1]).await;
    office.short_calls().await;
    office.short_calls().await;

    // Those of `calls_work` are not the office's.
    let warm_up = (
        office.phones[0].number.clone(),
        office.phones[1].number.clone(),
    );
    office.known.remove(&warm_up);
    history_is(&pbx, &office.known, &warm_up).await;
}

/// Waits until no more comes, and compares.
async fn history_is(pbx: &Pbx, known: &Ends, except: &(String, String)) {
    let owner = pbx.owner().await;
    let spool = spool(pbx);
    within(
        MADE_GOOD,
        "every line of the spool is in the table",
        || async {
            let rows = owner.count("select count(*) from cdr", &[]).await;
            (usize::try_from(rows) == Ok(spool.len())).then_some(())
        },
    )
    .await;
    assert_eq!(as_in_the_spool(&owner), spool, "column for column");

    let rows: Vec<(String, String, String)> = owner
        .rows(
            "select src, dst, outcome from pbx.call order by started_at, id",
            &[],
        )
        .await;
    let calls: Vec<(String, String)> = rows
        .iter()
        .map(|(src, dst, _)| (src.clone(), dst.clone()))
        .filter(|call| call != except)
        .collect();
    let once: BTreeSet<_> = calls.iter().cloned().collect();
    let wanted: BTreeSet<_> = known.keys().cloned().collect();
    let lost: Vec<_> = wanted.difference(&once).collect();
    assert!(lost.is_empty(), "lost {}: {lost:?}", lost.len());
    let strange: Vec<_> = once.difference(&wanted).collect();
    assert!(strange.is_empty(), "nobody made these: {strange:?}");
    assert_eq!(calls.len(), once.len(), "doubled");
    for (src, dst, outcome) in &rows {
        let Some(end) = known.get(&(src.clone(), dst.clone())) else {
            continue;
        };
        let is_right = match end {
            End::Answered => outcome == "answered",
            End::Refused(486) => outcome == "busy",
            End::Refused(_) => outcome == "missed" || outcome == "failed",
        };
        assert!(is_right, "{src} to {dst}: {outcome} and {end:?}");
    }
    eprintln!("{} calls, {} legs", calls.len(), spool.len());
}

/// Its lines, in an order of ours.
fn spool(pbx: &Pbx) -> Vec<String> {
    // There is none before the first call.
    let text = std::fs::read_to_string(pbx.cdr_spool().join("Master.csv")).unwrap_or_default();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

/// The table as Asterisk writes its spool.
fn as_in_the_spool(owner: &Database) -> Vec<String> {
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
    let talk = Talk::begin(ada, bob).await;
    // All count whole seconds, and have to round alike.
    wait(Duration::from_millis(1300)).await;
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
async fn problems(admin: &Api) -> Vec<String> {
    let status = admin.get("/api/dashboard/status").await;
    let issues = status.json["system"]["issues"].as_array().cloned();
    let codes = issues.unwrap_or_default().into_iter();
    codes
        .filter_map(|issue| issue["code"].as_str().map(str::to_owned))
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
