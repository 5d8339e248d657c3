//! Calls added up. Without a filter on numbers or extension they come from the sums of each hour, and the parts of hours at
//! both ends from the calls themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use sea_query::{Expr, ExprTrait, Func};
use sqlx::FromRow;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::QueryAs;

use super::search::{As, Search};
use crate::domain::call::{Direction, Outcome};
use crate::domain::call_sums::{Axis, Bar, Sum};
use crate::realtime::tables::Call;
use crate::store::{PgConnection, Result, sql};

#[derive(FromRow)]
struct SumRow {
    direction: String,
    outcome: String,
    calls: i64,
    duration: i64,
    billsec: i64,
}

pub async fn sums(conn: &mut PgConnection, search: &Search) -> Result<Vec<Sum>> {
    let rows: Vec<SumRow> = if search.is_impossible() {
        Vec::new()
    } else if search.is_summed() {
        sum_up(conn, search).await?
    } else {
        let column = |column| Expr::col((As::C, column));
        let total = |of: Call| Func::sum(column(of)).cast_as("bigint");
        let mut query = cheapest(conn, search).await?.calls();
        query
            .columns([(As::C, Call::Direction), (As::C, Call::Outcome)])
            .expr_as(Func::count(column(Call::StartedAt)), "calls")
            .expr_as(total(Call::Duration), Call::Duration)
            .expr_as(total(Call::Billsec), Call::Billsec)
            .add_group_by([column(Call::Direction), column(Call::Outcome)]);
        sql::fetch_all(conn, &query).await?
    };
    let sums = rows.into_iter().filter_map(|row| {
        Some(Sum {
            direction: Direction::parse(&row.direction)?,
            outcome: Outcome::parse(&row.outcome)?,
            calls: row.calls,
            duration: row.duration,
            billsec: row.billsec,
        })
    });
    Ok(sums.collect())
}

/// So many calls are looked at sooner than many numbers are.
const FEW_CALLS: i64 = 100_000;

/// The way to add up these calls: those of many numbers, unless there are only few of any number.
pub(super) async fn cheapest(conn: &mut PgConnection, search: &Search) -> Result<Search> {
    if search.has_many_numbers() {
        let of_any = search.of_any_number();
        let sums = sum_up(conn, &of_any).await?;
        if sums.iter().map(|sum| sum.calls).sum::<i64>() <= FEW_CALLS {
            return Ok(search.by_time());
        }
    }
    Ok(search.clone())
}

async fn sum_up(conn: &mut PgConnection, search: &Search) -> Result<Vec<SumRow>> {
    let days = Bounds::of(search).days;
    let query = by_hour(search, SUMS_BY_HOUR).bind(days.0).bind(days.1);
    Ok(query.fetch_all(conn).await?)
}

/// Whole days are [$7, $8), whole hours [$5, $6); the rest of [$1, $2) is counted call by call. $3 outcome, $4 direction.
/// Days are those of UTC, and what waits to be added up has only hours.
const SUMS_BY_HOUR: &str = "
    with r as (
      select direction, outcome, calls, duration, billsec from pbx.call_day
       where ($7::timestamptz is null or day >= $7) and ($8::timestamptz is null or day < $8)
      union all
      select direction, outcome, calls, duration, billsec from pbx.call_hour
       where (hour >= $5 and hour < least($7, $6)) or (hour >= greatest($8, $7, $5) and hour < $6)
      union all
      select direction, outcome, calls, duration, billsec from pbx.call_delta
       where ($5::timestamptz is null or hour >= $5) and ($6::timestamptz is null or hour < $6)
      union all
      select direction, outcome, 1, duration, billsec from pbx.call
       where (started_at >= $1 and started_at < least($5, $2)) or (started_at >= greatest($6, $5, $1) and started_at < $2))
    select direction, outcome, sum(calls)::bigint as calls, sum(duration)::bigint as duration, sum(billsec)::bigint as billsec
      from r where ($3::text is null or outcome = $3) and ($4::text is null or direction = $4)
     group by direction, outcome having sum(calls) <> 0";

/// The days with any of these whole hours in them, and what no day has: by outcome, of the hour at which it begins.
const CHARTS_BY_HOUR: &str = "
    select day as at, null as outcome, calls from pbx.call_calendar
     where ($5::timestamptz is null or day > $5 - interval '1 day') and ($6::timestamptz is null or day < $6)
       and ($4::text is null or direction = $4)
    union all
    select at, outcome, array[sum(calls)]::integer[] from (
      select hour as at, direction, outcome, calls from pbx.call_delta
       where ($5::timestamptz is null or hour >= $5) and ($6::timestamptz is null or hour < $6)
      union all
      select date_trunc('hour', started_at, 'UTC'), direction, outcome, 1 from pbx.call
       where (started_at >= $1 and started_at < least($5, $2)) or (started_at >= greatest($6, $5, $1) and started_at < $2)) r
     where ($3::text is null or outcome = $3) and ($4::text is null or direction = $4)
     group by at, outcome";

/// The bounds of whole hours and days in what is asked for, as both statements want them.
struct Bounds {
    hours: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    days: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

impl Bounds {
    fn of(search: &Search) -> Self {
        let filter = search.filter();
        let whole = |unit: TimeDelta| {
            let down = move |at: DateTime<Utc>| at.duration_trunc(unit).unwrap_or(at);
            let up = move |at: DateTime<Utc>| {
                let below = down(at);
                if below == at { at } else { below + unit }
            };
            (filter.from.map(up), filter.until.map(down))
        };
        Self {
            hours: whole(TimeDelta::hours(1)),
            days: whole(TimeDelta::days(1)),
        }
    }
}

fn by_hour<'q, T>(search: &Search, sql: &'static str) -> QueryAs<'q, Postgres, T, PgArguments>
where
    T: for<'r> FromRow<'r, PgRow>,
{
    let filter = search.filter();
    let bounds = Bounds::of(search);
    sqlx::query_as(sql)
        .bind(filter.from)
        .bind(filter.until)
        .bind(filter.outcome.map(Outcome::as_str))
        .bind(filter.direction.map(Direction::as_str))
        .bind(bounds.hours.0)
        .bind(bounds.hours.1)
        .persistent(false)
}

/// A day of UTC, with four sums for each of its hours, or one outcome of an hour.
#[derive(FromRow)]
struct TimeRow {
    at: DateTime<Utc>,
    outcome: Option<String>,
    calls: Vec<i32>,
}

/// The calls of each span of days and of each hour of the day, as clocks show it.
pub async fn charts(
    conn: &mut PgConnection,
    search: &Search,
    axis: &Axis,
) -> Result<(Vec<Bar<NaiveDate>>, Vec<Bar<u32>>)> {
    let mut counted = Counted::default();
    if search.is_impossible() {
        return Ok(counted.bars());
    }
    if search.is_summed() && axis.has_whole_hours() {
        let query = by_hour(search, CHARTS_BY_HOUR);
        let rows: Vec<TimeRow> = query.fetch_all(conn).await?;
        let hours = Bounds::of(search).hours;
        let only = search.filter().outcome;
        let is_meant = |outcome| only.is_none_or(|only| only == outcome);
        for row in rows {
            if let Some(outcome) = row.outcome {
                let outcome = Outcome::parse(&outcome);
                counted.add(axis, row.at, outcome.into_iter().zip(row.calls));
                continue;
            }
            for (hour, sums) in (0..).zip(row.calls.chunks(Outcome::ALL.len())) {
                let at = row.at + TimeDelta::hours(hour);
                if hours.0.is_none_or(|from| from <= at) && hours.1.is_none_or(|end| at < end) {
                    let sums = Outcome::ALL.into_iter().zip(sums.iter().copied());
                    counted.add(axis, at, sums.filter(|(outcome, _)| is_meant(*outcome)));
                }
            }
        }
    } else {
        let started = Expr::col((As::C, Call::StartedAt));
        let local = Func::cust("timezone")
            .arg(axis.zone.name())
            .arg(started.clone());
        let hour = Func::cust("date_part").arg("hour").arg(local.clone());
        let day = Func::cust("date_trunc").arg(axis.span.as_str()).arg(local);
        let mut query = cheapest(conn, search).await?.calls();
        query
            .expr_as(day.cast_as("date"), "day")
            .expr_as(hour.cast_as("integer"), "hour")
            .column((As::C, Call::Outcome))
            .expr_as(Func::count(started), "calls")
            .add_group_by([Expr::cust("1"), Expr::cust("2"), Expr::cust("3")]);
        let rows: Vec<(NaiveDate, i32, String, i64)> = sql::fetch_all(conn, &query).await?;
        for (day, hour, outcome, calls) in rows {
            let Some(outcome) = Outcome::parse(&outcome) else {
                continue;
            };
            counted.span(Some(day), outcome, calls);
            counted.hour(u32::try_from(hour).ok(), outcome, calls);
        }
    }
    Ok(counted.bars())
}

/// Calls by outcome, in the order of all outcomes.
type Sums = [i64; Outcome::ALL.len()];

#[derive(Default)]
struct Counted {
    days: BTreeMap<NaiveDate, Sums>,
    hours: BTreeMap<u32, Sums>,
}

impl Counted {
    fn span(&mut self, day: Option<NaiveDate>, outcome: Outcome, calls: i64) {
        if let Some(day) = day {
            self.days.entry(day).or_default()[outcome as usize] += calls;
        }
    }

    fn hour(&mut self, hour: Option<u32>, outcome: Outcome, calls: i64) {
        if let Some(hour) = hour {
            self.hours.entry(hour).or_default()[outcome as usize] += calls;
        }
    }

    /// Those of an hour of UTC.
    fn add(
        &mut self,
        axis: &Axis,
        at: DateTime<Utc>,
        calls: impl IntoIterator<Item = (Outcome, i32)>,
    ) {
        let day = axis.day_at(at).map(|day| self.days.entry(day).or_default());
        let hour = axis.hour_at(at);
        let hour = hour.map(|hour| self.hours.entry(hour).or_default());
        let mut places: Vec<&mut Sums> = day.into_iter().chain(hour).collect();
        for (outcome, calls) in calls {
            for sums in &mut places {
                sums[outcome as usize] += i64::from(calls);
            }
        }
    }

    fn bars(self) -> (Vec<Bar<NaiveDate>>, Vec<Bar<u32>>) {
        fn list<T: Copy>(counted: BTreeMap<T, Sums>) -> Vec<Bar<T>> {
            let each = |(at, sums): (T, Sums)| {
                let bars = Outcome::ALL.into_iter().zip(sums);
                bars.map(move |(outcome, calls)| Bar { at, outcome, calls })
            };
            let bars = counted.into_iter().flat_map(each);
            bars.filter(|bar| bar.calls != 0).collect()
        }
        (list(self.days), list(self.hours))
    }
}
