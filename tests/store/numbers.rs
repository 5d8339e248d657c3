//! Parts of numbers, of few and of many numbers, against plain SQL over the calls: each page, and what is counted.

use std::time::Instant;

use chrono::{DateTime, Utc};
use gonopbx::domain::call::{CallFilter, Direction, Outcome, Page, Place};
use gonopbx::domain::did::NumberPlan;
use gonopbx::store::calls::{Search, count, fold_numbers, list, sums};
use sqlx::PgConnection;

use crate::support::db::Database;
use crate::support::pbx;
use crate::support::poll::PATIENCE;

/// In a year of which no other test has calls.
const FROM: &str = "2012-01-01T00:00:00Z";
const UNTIL: &str = "2013-01-01T00:00:00Z";

/// `n` calls of numbers that are made of n, from a day of that year on, each minute one.
fn write(owner: &Database, (prefix, day): (&str, &str), calls: u32, (src, dst): (&str, &str)) {
    // A transaction holds a lock for each call.
    const AT_ONCE: u32 = 3_000;
    let mut first = 1;
    while first <= calls {
        let last = calls.min(first + AT_ONCE - 1);
        write_some(owner, (prefix, day), (first, last), (src, dst));
        first = last + 1;
    }
}

fn write_some(
    owner: &Database,
    (prefix, day): (&str, &str),
    (first, last): (u32, u32),
    (src, dst): (&str, &str),
) {
    owner.does(&format!(
        "insert into cdr (src, dst, clid, channel, dstchannel, lastapp, start, \"end\", duration, billsec, disposition, uniqueid,
                          linkedid, sequence)
         select {src}, {dst}, '', case n % 3 when 0 then 'PJSIP/trunk-ep-1-1' else 'SIP/x-1' end,
                case n % 3 when 1 then 'PJSIP/trunk-ep-1-2' else 'SIP/y-2' end, 'Dial', at, at + interval '9 seconds', 9,
                case when n % 2 = 0 then 5 else 0 end, case when n % 2 = 0 then 'ANSWERED' else 'BUSY' end,
                '{prefix}' || n, '{prefix}' || n, 1
           from generate_series({first}, {last}) n, lateral (select timestamp '{day}' + interval '1 minute' * (n / 2) as at) t"
    ));
}

fn within(filter: CallFilter) -> CallFilter {
    let at = |text: &str| text.parse::<DateTime<Utc>>().ok();
    CallFilter {
        from: filter.from.or_else(|| at(FROM)),
        until: filter.until.or_else(|| at(UNTIL)),
        ..filter
    }
}

/// What plain SQL says of a filter: the ids, newest first.
async fn plain(conn: &mut PgConnection, filter: &CallFilter) -> Vec<i64> {
    let part = |part: &Option<String>| part.clone().unwrap_or_default().to_lowercase();
    sqlx::query_scalar(
        "select id from pbx.call where started_at >= $1 and started_at < $2
            and position($3 in lower(src)) > 0 and position($4 in lower(dst)) > 0
            and (position($5 in lower(src)) > 0 or position($5 in lower(dst)) > 0)
            and $6 in ('', outcome) and $7 in ('', direction)
          order by started_at desc, id desc",
    )
    .bind(filter.from)
    .bind(filter.until)
    .bind(part(&filter.src))
    .bind(part(&filter.dst))
    .bind(part(&filter.text))
    .bind(filter.outcome.map_or("", Outcome::as_str))
    .bind(filter.direction.map_or("", Direction::as_str))
    .fetch_all(conn)
    .await
    .expect("plain SQL")
}

async fn same_as_plain(conn: &mut PgConnection, filter: CallFilter, limit: u64) {
    let wanted = plain(conn, &filter).await;
    let search = Search::prepare(conn, filter.clone(), &NumberPlan::default())
        .await
        .expect("a search");
    let mut got: Vec<i64> = Vec::new();
    let mut after = None;
    loop {
        let page = Page {
            after,
            offset: 0,
            limit,
        };
        let calls = list(conn, &search, page).await.expect("a page");
        let Some(last) = calls.last() else { break };
        after = Some(Place {
            started_at: last.started_at,
            id: last.id,
        });
        got.extend(calls.iter().map(|call| call.id));
    }
    assert_eq!(got, wanted, "pages of {filter:?}");
    let offset = wanted.len() / 2;
    let page = Page {
        after: None,
        offset: u64::try_from(offset).expect("a number"),
        limit,
    };
    let calls = list(conn, &search, page).await.expect("a page");
    let got: Vec<i64> = calls.iter().map(|call| call.id).collect();
    let wanted_page: Vec<i64> = wanted
        .iter()
        .skip(offset)
        .take(got.len())
        .copied()
        .collect();
    assert_eq!(got, wanted_page, "from an offset on: {filter:?}");
    let counted = count(conn, &search).await.expect("a count");
    let found = i64::try_from(wanted.len()).expect("a number");
    assert_eq!(counted, found, "count of {filter:?}");
    let summed = sums(conn, &search).await.expect("sums");
    let summed: i64 = summed.iter().map(|sum| sum.calls).sum();
    assert_eq!(summed, counted, "sums of {filter:?}");
}

/// On whatever day. Calls of other tests may come and go meanwhile.
async fn counted_as_plain(conn: &mut PgConnection, filter: CallFilter) {
    let plan = NumberPlan::default();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let all = CallFilter {
            from: filter.from.or_else(|| "0001-01-01T00:00:00Z".parse().ok()),
            until: filter.until.or_else(|| "9999-01-01T00:00:00Z".parse().ok()),
            ..filter.clone()
        };
        let wanted = plain(conn, &all).await.len();
        let search = Search::prepare(conn, filter.clone(), &plan).await;
        let counted = count(conn, &search.expect("a search")).await;
        let counted = usize::try_from(counted.expect("a count")).expect("no less than none");
        if counted == wanted {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{counted} instead of {wanted} of {filter:?}"
        );
    }
}

async fn fold_all(conn: &mut PgConnection) {
    while fold_numbers(conn, 500).await.expect("added up") > 0 {}
}

fn part(text: &str) -> CallFilter {
    CallFilter {
        text: Some(text.to_owned()),
        ..CallFilter::default()
    }
}

/// Parts as people type them, alone and with other filters.
fn filters() -> Vec<CallFilter> {
    let text = |part: &str| Some(part.to_owned());
    let at = |text: &str| text.parse::<DateTime<Utc>>().ok();
    let everything = CallFilter::default;
    vec![
        CallFilter {
            text: text("8642"),
            ..everything()
        },
        CallFilter {
            text: text("8642"),
            outcome: Some(Outcome::Busy),
            ..everything()
        },
        CallFilter {
            text: text("8642"),
            direction: Some(Direction::Outgoing),
            ..everything()
        },
        CallFilter {
            text: text("8642"),
            from: at("2012-02-02T00:00:00Z"),
            until: at("2012-02-02T01:00:30Z"),
            ..everything()
        },
        CallFilter {
            src: text("8642"),
            ..everything()
        },
        CallFilter {
            dst: text("8642"),
            ..everything()
        },
        CallFilter {
            src: text("8642"),
            dst: text("8642"),
            ..everything()
        },
        CallFilter {
            src: text("7392"),
            dst: text("8642"),
            ..everything()
        },
        CallFilter {
            text: text("86421"),
            ..everything()
        },
        CallFilter {
            text: text("864217"),
            ..everything()
        },
        CallFilter {
            text: text("anonYmous86"),
            ..everything()
        },
        CallFilter {
            src: text("nym"),
            text: text("8642"),
            ..everything()
        },
        CallFilter {
            text: text("864299999"),
            ..everything()
        },
    ]
}

#[tokio::test]
async fn calls_of_a_part_of_numbers_are_those_of_plain_sql_however_many_numbers_have_it() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    // 1,500 numbers that contain 8642, as caller, as called, and as both; few with letters; and more newer calls of others
    // than are looked through for the many.
    write(
        &owner,
        ("parts-a-", "2012-02-01"),
        900,
        ("'08642' || n", "'7391'"),
    );
    write(
        &owner,
        ("parts-b-", "2012-02-01"),
        900,
        ("'7392'", "'+498642' || n"),
    );
    write(
        &owner,
        ("parts-c-", "2012-02-02"),
        300,
        ("'08642' || n", "'08642' || n % 7"),
    );
    write(
        &owner,
        ("parts-d-", "2012-02-03"),
        40,
        ("'Anonymous86' || n % 3", "'08642' || n"),
    );
    write(
        &owner,
        ("parts-e-", "2012-06-01"),
        21_000,
        ("'7393'", "'7394'"),
    );
    let mut conn = owner.pool.acquire().await.expect("a connection");
    for filter in filters() {
        counted_as_plain(&mut conn, filter.clone()).await;
        same_as_plain(&mut conn, within(filter), 170).await;
    }
    fold_all(&mut conn).await;
    // Some added up, and some waiting for it.
    owner.does(
        "update cdr set dstchannel = 'SIP/z-1', disposition = 'ANSWERED', billsec = 3 where linkedid like 'parts-%' and sequence = 1
            and substring(linkedid from '[0-9]+$')::integer % 4 = 0 and linkedid not like 'parts-e-%'",
    );
    for filter in filters() {
        counted_as_plain(&mut conn, filter).await;
    }
    fold_all(&mut conn).await;
    for filter in filters() {
        counted_as_plain(&mut conn, filter).await;
    }
    owner.does("delete from cdr where linkedid like 'parts-%' and substring(linkedid from '[0-9]+$')::integer % 3 = 0");
    same_as_plain(&mut conn, within(part("8642")), 170).await;
    counted_as_plain(&mut conn, part("8642")).await;
    owner.does("delete from cdr where linkedid like 'parts-%'");
    same_as_plain(&mut conn, within(part("8642")), 170).await;
    counted_as_plain(&mut conn, part("8642")).await;
    fold_all(&mut conn).await;
    counted_as_plain(&mut conn, part("8642")).await;
}
