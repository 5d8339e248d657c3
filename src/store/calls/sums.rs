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
        let days = Bounds::of(search).days;
        let query = by_hour(search, SUMS_BY_HOUR).bind(days.0).bind(days.1);
        query.fetch_all(conn).await?
    } else {
        let column = |column| Expr::col((As::C, column));
        let total = |of: Call| Func::sum(column(of)).cast_as("bigint");
        let mut query = search.calls();
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

/// The same with hours alone, by spans that begin at $7, and by hours of UTC from the places where the clocks change, $8.
const CHARTS_BY_HOUR: &str = "
    with r as (
      select hour as at, direction, outcome, calls from pbx.call_hour
       where ($5::timestamptz is null or hour >= $5) and ($6::timestamptz is null or hour < $6)
      union all
      select hour, direction, outcome, calls from pbx.call_delta
       where ($5::timestamptz is null or hour >= $5) and ($6::timestamptz is null or hour < $6)
      union all
      select started_at, direction, outcome, 1 from pbx.call
       where (started_at >= $1 and started_at < least($5, $2)) or (started_at >= greatest($6, $5, $1) and started_at < $2))
    select width_bucket(at, $7::timestamptz[]) as span, width_bucket(at, $8::timestamptz[]) as season,
           extract(hour from at at time zone 'UTC')::integer as hour, outcome, sum(calls)::bigint as calls
      from r where ($3::text is null or outcome = $3) and ($4::text is null or direction = $4)
     group by grouping sets ((1, 4), (2, 3, 4)) having sum(calls) <> 0";

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

/// A place among the spans, or among the seasons with an hour of UTC.
#[derive(FromRow)]
struct PlaceRow {
    span: Option<i32>,
    season: Option<i32>,
    hour: Option<i32>,
    outcome: String,
    calls: i64,
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
        let rows: Vec<PlaceRow> = by_hour(search, CHARTS_BY_HOUR)
            .bind(axis.spans())
            .bind(axis.seasons())
            .fetch_all(conn)
            .await?;
        for row in rows {
            let calls = row.calls;
            let Some(outcome) = Outcome::parse(&row.outcome) else {
                continue;
            };
            match (row.span, row.season.zip(row.hour)) {
                (Some(span), _) => counted.span(axis.day_of(span), outcome, calls),
                (None, Some((season, hour))) => {
                    counted.hour(axis.hour_of(season, hour), outcome, calls);
                }
                (None, None) => {}
            }
        }
    } else {
        let started = Expr::col((As::C, Call::StartedAt));
        let local = Func::cust("timezone")
            .arg(axis.zone.name())
            .arg(started.clone());
        let hour = Func::cust("date_part").arg("hour").arg(local.clone());
        let day = Func::cust("date_trunc").arg(axis.span.as_str()).arg(local);
        let mut query = search.calls();
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

#[derive(Default)]
struct Counted {
    days: BTreeMap<(NaiveDate, Outcome), i64>,
    hours: BTreeMap<(u32, Outcome), i64>,
}

impl Counted {
    fn span(&mut self, day: Option<NaiveDate>, outcome: Outcome, calls: i64) {
        if let Some(day) = day {
            *self.days.entry((day, outcome)).or_default() += calls;
        }
    }

    fn hour(&mut self, hour: Option<u32>, outcome: Outcome, calls: i64) {
        if let Some(hour) = hour {
            *self.hours.entry((hour, outcome)).or_default() += calls;
        }
    }

    fn bars(self) -> (Vec<Bar<NaiveDate>>, Vec<Bar<u32>>) {
        fn list<T>(counted: BTreeMap<(T, Outcome), i64>) -> Vec<Bar<T>> {
            let bars = counted.into_iter();
            bars.map(|((at, outcome), calls)| Bar { at, outcome, calls })
                .collect()
        }
        (list(self.days), list(self.hours))
    }
}
