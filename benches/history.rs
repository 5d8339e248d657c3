//! The call history with one and with ten million legs: every question that a page or a program asks, and what filing a
//! call costs.
//!
//! `GONOPBX_BENCH_CALLS` says how many legs (several sizes with commas); ten million need 20 GB in the temporary folder.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::filler::fill;
use crate::http::{Connection, bearer, cookie};
use crate::postgres;
use crate::report::{Report, Samples, say};
use crate::stack::Stack;

const FILL: &str = include_str!("history.sql");
const EXTENSIONS: u32 = 1_000;
const USUAL: &str = "1000000,10000000";
const WARM_UP: usize = 10;
const ROUNDS: usize = 200;
/// Milliseconds.
const GOAL: f64 = 50.0;
const COUNT_GOAL: f64 = 300.0;

#[expect(
    clippy::disallowed_methods,
    reason = "the server's configuration has nothing to do with how much is measured"
)]
pub async fn measure(report: &mut Report) -> Outcome<()> {
    let sizes = std::env::var("GONOPBX_BENCH_CALLS").unwrap_or_else(|_| USUAL.to_owned());
    for size in sizes.split(',') {
        of_size(report, size.trim().parse()?).await?;
    }
    Ok(())
}

async fn of_size(report: &mut Report, legs: i64) -> Outcome<()> {
    let stack = Stack::start(format!("history-{legs}")).await?;
    fill(&stack, EXTENSIONS).await?;
    let pool = postgres::pool(&stack).await?;
    let began = Instant::now();
    say(format_args!("making {legs} legs ..."));
    make(&pool, legs).await?;
    let known = Known::read(&pool).await?;
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    report.note(
        &format!("{legs} legs: filled"),
        format_args!("{} calls in {minutes:.1} min, {}", known.calls, known.size),
    );
    is_filed_alike(&pool).await?;
    questions(report, &stack, legs, &known).await?;
    export(report, &stack, legs, &known).await?;
    filing(report, &stack, legs).await
}

/// One statement after the other, on one connection: some cannot be in a transaction.
async fn make(pool: &PgPool, legs: i64) -> Outcome<()> {
    let mut connection = pool.acquire().await?;
    sqlx::query("select set_config('bench.legs', $1, false)")
        .bind(legs.to_string())
        .execute(&mut *connection)
        .await?;
    for statement in FILL.split(";\n").filter(|text| !text.trim().is_empty()) {
        sqlx::raw_sql(statement).execute(&mut *connection).await?;
    }
    // Its settings are for filling.
    connection.close().await?;
    Ok(())
}

/// What was made beside must be what the triggers make of the same legs.
async fn is_filed_alike(pool: &PgPool) -> Outcome<()> {
    let different: i64 = sqlx::query_scalar(
        "select count(*) from (select * from pbx.call where id % 997 = 0 limit 3000) c,
                lateral (select * from pbx.calls_of_legs(array[c.linkedid::text])) l
          where (c.started_at, c.ended_at, c.direction, c.outcome, c.src, c.src_name, c.dst, c.extensions, c.duration, c.billsec, c.legs)
             is distinct from (l.started_at, l.ended_at, l.direction, l.outcome, l.src::varchar, l.src_name::varchar, l.dst::varchar,
                               l.extensions, l.duration, l.billsec, l.legs)",
    )
    .fetch_one(pool)
    .await?;
    if different == 0 {
        Ok(())
    } else {
        Err(format!("{different} calls are not what their legs are").into())
    }
}

/// What there is to ask for.
struct Known {
    calls: i64,
    size: String,
    outside: Vec<String>,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
}

impl Known {
    async fn read(pool: &PgPool) -> Outcome<Self> {
        let (calls, first, last): (i64, DateTime<Utc>, DateTime<Utc>) =
            sqlx::query_as("select count(*), min(started_at), max(started_at) from pbx.call")
                .fetch_one(pool)
                .await?;
        let size =
            sqlx::query_scalar("select pg_size_pretty(pg_database_size(current_database()))");
        let outside = sqlx::query_scalar(
            "select dst from pbx.call where direction = 'outgoing' and id % 1009 = 0 limit 250",
        );
        Ok(Self {
            calls,
            size: size.fetch_one(pool).await?,
            outside: outside.fetch_all(pool).await?,
            first,
            last,
        })
    }

    fn outside(&self, n: usize) -> &str {
        &self.outside[n % self.outside.len()]
    }

    /// A day of the past, and days after it.
    fn days(&self, n: usize, days: i64) -> (String, String) {
        let back = i64::try_from(n * 7 % 900).unwrap_or(0) + days;
        let from = self.last - TimeDelta::days(back) + TimeDelta::minutes(7);
        let text = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        (text(from), text(from + TimeDelta::days(days)))
    }
}

struct Question<'a> {
    what: &'static str,
    goal: f64,
    path: Box<dyn Fn(usize) -> String + 'a>,
}

#[expect(clippy::too_many_lines, reason = "one table")]
fn asked<'a>(known: &'a Known) -> Vec<Question<'a>> {
    let extension = |n: usize| 1_001 + n * 37 % 1_000;
    let question = |what, path: Box<dyn Fn(usize) -> String + 'a>| Question {
        what,
        goal: GOAL,
        path,
    };
    let day = |at: &str| at[..10].to_owned();
    let mut all = vec![
        question("first page", Box::new(|_| "/api/cdr/?limit=50".into())),
        question(
            "first page, HTML with statistics and charts",
            Box::new(|_| "/calls".into()),
        ),
        question(
            "deep page",
            Box::new(move |n| {
                let at = known.first
                    + (known.last - known.first) / 250 * i32::try_from(n % 250).unwrap_or(1);
                format!("/api/cdr/?limit=50&after={}-1", at.timestamp_micros())
            }),
        ),
        question(
            "source: an extension",
            Box::new(move |n| format!("/api/cdr/?src={}", extension(n))),
        ),
        question(
            "source: a number outside",
            Box::new(move |n| format!("/api/cdr/?src={}", known.outside(n))),
        ),
        question(
            "destination: a number outside",
            Box::new(move |n| format!("/api/cdr/?dst={}", known.outside(n))),
        ),
        question(
            "destination, page",
            Box::new(move |n| format!("/calls?dst={}", known.outside(n))),
        ),
        question(
            "part of a number, 5 digits",
            Box::new(move |n| format!("/api/cdr/?q={}", &known.outside(n)[4..9])),
        ),
        question(
            "part of a number, 3 digits",
            Box::new(move |n| format!("/api/cdr/?q={}", &known.outside(n)[5..8])),
        ),
        question(
            "part of a number that 40 % of the calls have",
            Box::new(|_| "/api/cdr/?q=421".into()),
        ),
        question(
            "part of a number, page",
            Box::new(move |n| format!("/calls?q={}", &known.outside(n)[4..9])),
        ),
        question(
            "part of a number that no call has",
            Box::new(|n| format!("/api/cdr/?q=77{n:03}77777")),
        ),
        question(
            "an extension",
            Box::new(move |n| format!("/api/cdr/?extension={}", extension(n))),
        ),
        question(
            "an extension, page",
            Box::new(move |n| format!("/calls?extension={}", extension(n))),
        ),
        question(
            "an extension and a number",
            Box::new(move |n| {
                format!(
                    "/api/cdr/?extension={}&q={}",
                    extension(n),
                    known.outside(n)
                )
            }),
        ),
        question(
            "week and disposition",
            Box::new(move |n| {
                let (from, to) = known.days(n, 7);
                format!("/api/cdr/?date_from={from}&date_to={to}&disposition=BUSY")
            }),
        ),
        question(
            "week and disposition, page",
            Box::new(move |n| {
                let (from, to) = known.days(n, 6);
                format!("/calls?from={}&to={}&result=busy", day(&from), day(&to))
            }),
        ),
        question(
            "direction",
            Box::new(|n| {
                format!(
                    "/api/cdr/?direction={}",
                    ["incoming", "outgoing", "internal"][n % 3]
                )
            }),
        ),
        question("count of all", Box::new(|_| "/api/cdr/count".into())),
        question(
            "count of a week and disposition",
            Box::new(move |n| {
                let (from, to) = known.days(n, 7);
                format!("/api/cdr/count?date_from={from}&date_to={to}&disposition=FAILED")
            }),
        ),
        question(
            "count of a disposition",
            Box::new(|_| "/api/cdr/count?disposition=ANSWERED".into()),
        ),
        question(
            "count of a number",
            Box::new(move |n| format!("/api/cdr/count?q={}", known.outside(n))),
        ),
        question(
            "count of an extension",
            Box::new(move |n| format!("/api/cdr/count?extension={}", extension(n))),
        ),
        question("statistics of all", Box::new(|_| "/api/cdr/stats".into())),
        question(
            "statistics of a week",
            Box::new(move |n| {
                let (from, to) = known.days(n, 7);
                format!("/api/cdr/stats?date_from={from}&date_to={to}")
            }),
        ),
        question(
            "statistics of an extension",
            Box::new(move |n| format!("/api/cdr/stats?extension={}", extension(n))),
        ),
        question(
            "statistics and charts of a month",
            Box::new(move |n| {
                let (from, to) = known.days(n, 30);
                format!("/api/cdr/stats?charts=true&date_from={from}&date_to={to}")
            }),
        ),
        question(
            "statistics and charts of a year",
            Box::new(move |n| {
                let (from, to) = known.days(n % 100, 365);
                format!("/api/cdr/stats?charts=true&date_from={from}&date_to={to}")
            }),
        ),
    ];
    // Which nobody has to wait for to see a page.
    let count = |what, path| Question {
        goal: COUNT_GOAL,
        ..question(what, path)
    };
    all.push(count(
        "count of a part, 5 digits",
        Box::new(move |n| format!("/api/cdr/count?q={}", &known.outside(n)[4..9])),
    ));
    all.push(count(
        "count of a part, 3 digits",
        Box::new(move |n| format!("/api/cdr/count?q={}", &known.outside(n)[5..8])),
    ));
    all.push(count(
        "count of a part that 40 % of the calls have",
        Box::new(|_| "/api/cdr/count?q=421".into()),
    ));
    all.push(count(
        "count of an area, a fifth of all numbers",
        Box::new(|n| format!("/api/cdr/count?q=03{}", n % 5)),
    ));
    all
}

async fn questions(report: &mut Report, stack: &Stack, legs: i64, known: &Known) -> Outcome<()> {
    let mut program = Connection::open(stack.http_port(), &bearer(stack.token())).await?;
    let mut person = Connection::open(stack.http_port(), &cookie(stack.token())).await?;
    for question in asked(known) {
        let mut samples = Samples::default();
        for n in 0..WARM_UP + ROUNDS {
            let path = (question.path)(n);
            let connection = if path.starts_with("/api") {
                &mut program
            } else {
                &mut person
            };
            let request = connection.request("GET", &path, "");
            let start = Instant::now();
            connection.repeat(&request).await?;
            if n >= WARM_UP {
                samples.add(start.elapsed());
            }
        }
        report.goal(
            &format!("{legs} legs: {}", question.what),
            &format!("p99 <= {} ms", question.goal),
            samples.p99() <= question.goal,
            &samples,
        );
    }
    Ok(())
}

/// Half a year as a file, and the memory that it takes.
async fn export(report: &mut Report, stack: &Stack, legs: i64, known: &Known) -> Outcome<()> {
    let server = stack.process("server")?;
    let (from, to) = known.days(0, 180);
    let path = format!("/api/cdr/export?date_from={from}&date_to={to}");
    let start = Instant::now();
    let bytes = Connection::drain(stack.http_port(), &bearer(stack.token()), &path).await?;
    report.note(
        &format!("{legs} legs: half a year as CSV"),
        format_args!(
            "{:.1} MB in {:.1} s, the server then has {:.0} MB",
            f64::from(u32::try_from(bytes)?) / 1e6,
            start.elapsed().as_secs_f64(),
            server.memory()?
        ),
    );
    Ok(())
}

/// Calls of this hour, as Asterisk writes them: one after the other, and eight at the same time.
async fn filing(report: &mut Report, stack: &Stack, legs: i64) -> Outcome<()> {
    let pool = PgPoolOptions::new()
        .max_connections(8)
        .connect(stack.value("ASTERISK_DATABASE_URL")?)
        .await?;
    for writers in [1, 8] {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for writer in 0..writers {
            tasks.spawn(write(pool.clone(), format!("bench-{writers}-{writer}")));
        }
        let mut samples = Samples::default();
        while let Some(written) = tasks.join_next().await {
            samples.extend(&written??);
        }
        let rate = f64::from(writers * u32::try_from(ROUNDS)?) / start.elapsed().as_secs_f64();
        report.note(
            &format!("{legs} legs: insert into cdr, {writers} writers"),
            format_args!("{samples}, {rate:.0} a second"),
        );
    }
    let bare = postgres::pool(stack).await?;
    sqlx::raw_sql("create table bench_bare (word text)")
        .execute(&bare)
        .await?;
    let mut samples = Samples::default();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        sqlx::query("insert into bench_bare values ('one row')")
            .execute(&bare)
            .await?;
        samples.add(start.elapsed());
    }
    report.note(&format!("{legs} legs: bare commit of one row"), &samples);
    Ok(())
}

async fn write(pool: PgPool, name: String) -> Outcome<Samples> {
    let mut samples = Samples::default();
    let mut connection = pool.acquire().await?;
    for n in 0..ROUNDS {
        let start = Instant::now();
        sqlx::query(
            "insert into cdr (src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer, \"end\", duration, billsec,
                              disposition, uniqueid, linkedid, sequence)
             select '1001', '1002', 'internal', '\"Ada\" <1001>', 'PJSIP/1001-0000000a', 'PJSIP/1002-0000000b', 'Dial', 'PJSIP/1002,20',
                    now() at time zone 'UTC', now() at time zone 'UTC', now() at time zone 'UTC', 20, 15, 'ANSWERED', $1, $1, 1",
        )
        .bind(format!("{name}-{n}"))
        .execute(&mut *connection)
        .await?;
        samples.add(start.elapsed());
    }
    drop(connection);
    // So that nobody else's checkpoint is measured.
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(samples)
}
