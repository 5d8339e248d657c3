//! Finished calls, while in turn each part is away: what the phones know is in the history, once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep_until};

use super::spool::{MADE_GOOD, as_in_the_spool, spool};
use super::{Talk, calls_work, health_is};
use crate::support::link::Link;
use crate::support::phone::Phone;
use crate::support::poll::tried;
use crate::support::stack::Part;
use crate::support::{Pbx, own_pbx};

/// In each round every phone calls another one and is called by another one, and no two of them ever talk twice in the
/// same direction: caller and number are what a call is known by.
const PHONES: usize = 15;
/// So many are placed at least.
const CALLS: usize = 200;
/// Between two calls of a round.
const PACE: Duration = Duration::from_millis(30);

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
    for _ in 0..3 {
        office.short_calls().await;
    }

    // Those of `calls_work` are not the office's.
    let warm_up = (
        office.phones[0].number.clone(),
        office.phones[1].number.clone(),
    );
    office.known.remove(&warm_up);
    assert!(office.known.len() >= CALLS, "{}", office.known.len());
    history_is(&pbx, &office.known, &warm_up).await;
}

/// Waits until no more comes, and compares.
async fn history_is(pbx: &Pbx, known: &Ends, except: &(String, String)) {
    let owner = pbx.owner().await;
    // The legs of the last calls are written a moment after their phones are done; what never comes is told below.
    let wanted = i64::try_from(known.len() + 1).expect("a few");
    let calls = "select count(*) from (select distinct src, dst from pbx.call) ends";
    tried(MADE_GOOD, || async {
        let is_filed = owner.count(calls, &[]).await >= wanted;
        let rows = owner.count("select count(*) from cdr", &[]).await;
        let is_read = usize::try_from(rows) == Ok(spool(pbx).len());
        (is_filed && is_read).then_some(())
    })
    .await;
    let spool = spool(pbx);
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
