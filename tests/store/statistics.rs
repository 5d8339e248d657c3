//! The sums and charts of the history against plain SQL over the same legs, wherever the people are and whatever their
//! clocks do.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use gonopbx::domain::ExtNumber;
use gonopbx::domain::calendar::day_start;
use gonopbx::domain::call::{CallFilter, Direction, Outcome};
use gonopbx::domain::call_sums::Axis;
use gonopbx::domain::did::NumberPlan;
use gonopbx::store::calls::{Search, charts, fold, sums};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sqlx::PgConnection;

use crate::support::db::Database;
use crate::support::{eventually, pbx};

/// A leg: which call it is of, when it begins (minutes from the start of the days), how long it is, how it ends.
type Leg = (usize, i64, i32, usize);

const DISPOSITIONS: [&str; 4] = ["ANSWERED", "NO ANSWER", "BUSY", "FAILED"];
/// The caller's channel and the other end, the same for all legs of a call.
const ENDS: [(&str, &str); 3] = [
    ("PJSIP/7301-00000001", "PJSIP/7302-00000002"),
    ("PJSIP/trunk-ep-1-00000001", "PJSIP/7302-00000002"),
    ("PJSIP/7301-00000001", "PJSIP/trunk-ep-1-00000002"),
];

/// Days around which calls are made: an ordinary midnight, and both nights in which clocks change. In years of which no
/// other test has calls.
const NIGHTS: [(&str, &str); 8] = [
    ("Europe/Berlin", "2015-01-14"),
    ("Europe/Berlin", "2015-03-29"),
    ("Europe/Berlin", "2015-10-25"),
    ("America/New_York", "2016-03-13"),
    ("America/New_York", "2016-11-06"),
    ("Asia/Kolkata", "2017-05-05"),
    ("Australia/Lord_Howe", "2018-04-01"),
    ("America/Sao_Paulo", "2017-10-15"),
];

fn write(owner: &Database, prefix: &str, first: DateTime<Utc>, legs: &[Leg]) {
    let rows: Vec<String> = legs
        .iter()
        .enumerate()
        .map(|(n, (call, minute, seconds, disposition))| {
            let start = first + TimeDelta::minutes(*minute);
            let end = start + TimeDelta::seconds(i64::from(*seconds));
            let (channel, other) = ENDS[call % ENDS.len()];
            let disposition = DISPOSITIONS[*disposition];
            let billsec = if disposition == "ANSWERED" { seconds / 2 } else { 0 };
            format!(
                "('7301', '7302', 'internal', '\"A\" <7301>', '{channel}', '{other}', 'Dial', '{}', '{}', {seconds}, {billsec},
                  '{disposition}', '{prefix}{call}', '{prefix}{call}', {n})",
                start.format("%Y-%m-%d %H:%M:%S"),
                end.format("%Y-%m-%d %H:%M:%S"),
            )
        })
        .collect();
    owner.does(&format!(
        "insert into cdr (src, dst, dcontext, clid, channel, dstchannel, lastapp, start, \"end\", duration, billsec, disposition,
                          uniqueid, linkedid, sequence) values {}",
        rows.join(", ")
    ));
}

/// The calls as anybody would put them together from `cdr` alone.
const PLAIN: &str = "
    with calls as (
      select linkedid, min(start) at time zone 'UTC' as at,
             case when bool_or(channel like 'PJSIP/trunk-ep-%') then 'incoming'
                  when bool_or(dstchannel like 'PJSIP/trunk-ep-%') then 'outgoing' else 'internal' end as direction,
             case when bool_or(disposition = 'ANSWERED') then 'answered' when bool_and(disposition = 'BUSY') then 'busy'
                  when bool_or(disposition = 'NO ANSWER') then 'missed' else 'failed' end as outcome,
             extract(epoch from max(\"end\") - min(start))::bigint as duration,
             coalesce(max(billsec) filter (where disposition = 'ANSWERED'), 0)::bigint as billsec
        from cdr where linkedid like $1 || '%' group by linkedid)";

async fn same_as_plain(
    conn: &mut PgConnection,
    prefix: &str,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    (first, last, zone): (NaiveDate, NaiveDate, Tz),
) {
    let everything = CallFilter {
        from: Some(from),
        until: Some(until),
        ..CallFilter::default()
    };
    let filters = [
        everything.clone(),
        CallFilter {
            outcome: Some(Outcome::Answered),
            ..everything.clone()
        },
        CallFilter {
            direction: Some(Direction::Incoming),
            ..everything.clone()
        },
        CallFilter {
            extension: ExtNumber::parse("7302").ok(),
            ..everything.clone()
        },
        CallFilter {
            src: Some("7301".into()),
            ..everything.clone()
        },
        CallFilter {
            text: Some("730".into()),
            ..everything
        },
    ];
    for filter in filters {
        // Every one of these calls is of both extensions, and of the number that is looked for.
        let outcome = filter.outcome.map_or("", Outcome::as_str);
        let direction = filter.direction.map_or("", Direction::as_str);
        let kept = format!("'{outcome}' in ('', outcome) and '{direction}' in ('', direction)");
        let plan = NumberPlan::default();
        let search = Search::prepare(conn, filter.clone(), &plan)
            .await
            .expect("a search");
        let mut got: Vec<String> = sums(conn, &search)
            .await
            .expect("sums")
            .iter()
            .map(|s| {
                format!(
                    "{} {} {} {} {}",
                    s.direction.as_str(),
                    s.outcome.as_str(),
                    s.calls,
                    s.duration,
                    s.billsec
                )
            })
            .collect();
        got.sort_unstable();
        let wanted = plain(
            conn,
            &format!(
                "{PLAIN} select concat_ws(' ', direction, outcome, count(*), sum(duration), sum(billsec)) from calls
                  where at >= $2 and at < $3 and {kept} group by direction, outcome"
            ),
            (prefix, from, until),
        )
        .await;
        assert_eq!(got, wanted, "sums of {filter:?} in {zone}");

        let axis = Axis::new(first, last, zone);
        let (days, hours) = charts(conn, &search, &axis).await.expect("charts");
        let mut got: Vec<String> = days
            .iter()
            .map(|bar| format!("{} {} {}", bar.at, bar.outcome.as_str(), bar.calls))
            .chain(
                hours
                    .iter()
                    .map(|bar| format!("{} {} {}", bar.at, bar.outcome.as_str(), bar.calls)),
            )
            .collect();
        got.sort_unstable();
        let wanted = plain(
            conn,
            &format!(
                "{PLAIN}, local as (select at at time zone '{zone}' as at, outcome from calls where at >= $2 and at < $3 and {kept})
                 select concat_ws(' ', at::date, outcome, count(*)) from local group by at::date, outcome
                 union all
                 select concat_ws(' ', extract(hour from at), outcome, count(*)) from local group by extract(hour from at), outcome"
            ),
            (prefix, from, until),
        )
        .await;
        assert_eq!(got, wanted, "charts of {filter:?} in {zone}");
    }
}

async fn plain(
    conn: &mut PgConnection,
    sql: &str,
    (prefix, from, until): (&str, DateTime<Utc>, DateTime<Utc>),
) -> Vec<String> {
    let mut rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()))
        .bind(prefix)
        .bind(from)
        .bind(until)
        .fetch_all(conn)
        .await
        .expect("plain SQL");
    rows.sort_unstable();
    rows
}

fn legs() -> impl Strategy<Value = Vec<Leg>> {
    // Three days, of which the second is the one with the night.
    let leg = (0_usize..40, 0_i64..3 * 1_440, 0_i32..5_000, 0_usize..4);
    proptest::collection::vec(leg, 30..80)
}

#[tokio::test]
async fn sums_and_charts_are_those_of_plain_sql_over_the_legs_in_every_zone() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    let always_the_same = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), always_the_same);
    for (n, (zone, day)) in NIGHTS.into_iter().enumerate() {
        let zone: Tz = zone.parse().expect("a zone");
        let night: NaiveDate = day.parse().expect("a day");
        let (first, last) = (night - TimeDelta::days(1), night + TimeDelta::days(1));
        let begin = day_start(first, zone).expect("a day");
        let end = day_start(last + TimeDelta::days(1), zone).expect("a day");
        let prefix = format!("sums-{n}-");
        let made = legs().new_tree(&mut runner).expect("legs").current();
        let (some, more) = made.split_at(made.len() / 2);
        let mut conn = owner.pool.acquire().await.expect("a connection");
        let part = (begin + TimeDelta::minutes(95), end - TimeDelta::minutes(40));
        let days = (first, last, zone);

        write(&owner, &prefix, begin, some);
        same_as_plain(&mut conn, &prefix, (begin, end), days).await;
        fold(&mut conn).await.expect("added up");
        // What comes later changes calls that are added up already.
        owner.does(&format!(
            "update cdr set sequence = sequence + 1000 where linkedid like '{prefix}%'"
        ));
        write(&owner, &prefix, begin, more);
        same_as_plain(&mut conn, &prefix, (begin, end), days).await;
        fold(&mut conn).await.expect("added up");
        same_as_plain(&mut conn, &prefix, part, days).await;
        owner.does(&format!(
            "delete from cdr where linkedid like '{prefix}%' and sequence % 3 = 0;
             update cdr set disposition = 'BUSY', billsec = 0 where linkedid like '{prefix}%' and sequence % 5 = 0"
        ));
        same_as_plain(&mut conn, &prefix, (begin, end), days).await;
        fold(&mut conn).await.expect("added up");
        same_as_plain(&mut conn, &prefix, part, days).await;
        owner.does(&format!("delete from cdr where linkedid like '{prefix}%'"));
        same_as_plain(&mut conn, &prefix, (begin, end), days).await;
    }
}

#[tokio::test]
async fn what_is_kept_beside_the_calls_follows_whatever_happens_to_their_legs() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    owner.does(
        "insert into cdr (src, dst, clid, channel, dstchannel, lastapp, start, \"end\", duration, billsec, disposition, uniqueid,
                          linkedid, sequence) values
           ('7311', '0987123456789', '', 'PJSIP/7311-0000000a', 'PJSIP/trunk-ep-9-0000000b', 'Dial', '2014-02-03 10:59:59',
            '2014-02-03 11:00:09', 10, 5, 'ANSWERED', 'kept.1', 'kept.1', 1)",
    );
    let kept = "select concat_ws(' ', (select count(*) from pbx.call where linkedid = 'kept.1'),
                  (select string_agg(extension || ' ' || outcome || ' ' || billsec, ', ' order by extension) from pbx.call_extension
                    where started_at >= '2014-02-03' and started_at < '2014-02-04'),
                  (select coalesce(sum(calls), 0) || ' ' || coalesce(sum(billsec), 0) from (select * from pbx.call_hour union all select * from pbx.call_delta) h
                    where hour = '2014-02-03 10:00+00'))";
    let told = || owner.does(kept);
    assert_eq!(told(), "1 7311 answered 5 1 5");
    owner.does(
        "update cdr set channel = 'PJSIP/7312-0000000a', billsec = 7 where linkedid = 'kept.1'",
    );
    assert_eq!(told(), "1 7312 answered 7 1 7");
    owner.does("update cdr set start = '2014-02-04 10:00:00' where linkedid = 'kept.1'");
    assert_eq!(told(), "1 0 0");
    owner.does("delete from cdr where linkedid = 'kept.1'");
    assert_eq!(told(), "0 0 0");
    eventually("nothing is left of the number either", || async {
        owner.does("select pbx.forget_numbers('0987123', 1)");
        let left = "select count(*) from pbx.call_number where number = $1";
        (owner.count(left, &["0987123456789"]).await == 0).then_some(())
    })
    .await;
}
