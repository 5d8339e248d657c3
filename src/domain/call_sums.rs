//! Calls added up: totals, and by day and hour of the day where the people are.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Offset, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::calendar::day_start;
use super::call::{Direction, Outcome};

/// Calls of one kind, added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    pub direction: Direction,
    pub outcome: Outcome,
    pub calls: i64,
    /// Seconds from start to end, and seconds of talk.
    pub duration: i64,
    pub billsec: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    pub sums: Vec<Sum>,
    /// Of the same filter, whatever days it names.
    pub today: i64,
    pub this_week: i64,
    pub this_month: i64,
}

impl Statistics {
    fn of(&self, outcome: Option<Outcome>) -> impl Iterator<Item = &Sum> {
        self.sums
            .iter()
            .filter(move |sum| outcome.is_none_or(|wanted| sum.outcome == wanted))
    }

    pub fn calls(&self, outcome: Option<Outcome>) -> i64 {
        self.of(outcome).map(|sum| sum.calls).sum()
    }

    pub fn duration(&self) -> i64 {
        self.of(None).map(|sum| sum.duration).sum()
    }

    pub fn billsec(&self) -> i64 {
        self.of(None).map(|sum| sum.billsec).sum()
    }

    /// Of calls that somebody answered, in seconds.
    pub fn average_talk(&self) -> f64 {
        let answered = Some(Outcome::Answered);
        let talked: i64 = self.of(answered).map(|sum| sum.billsec).sum();
        average(talked, self.calls(answered))
    }

    pub fn average_duration(&self) -> f64 {
        average(self.duration(), self.calls(None))
    }
}

/// To a tenth, as clients of the original know it.
fn average(sum: i64, count: i64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a sum of seconds that a float cannot hold takes longer than anybody has telephoned"
    )]
    let tenths = (sum as f64 * 10.0 / count as f64).round();
    tenths / 10.0
}

/// How long a bar of the chart is in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    Day,
    Week,
    Month,
}

impl Span {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// So many bars at most that they can be told apart.
    pub fn fit(days: i64) -> Self {
        match days {
            ..=62 => Self::Day,
            63..=190 => Self::Week,
            _ => Self::Month,
        }
    }

    /// The first day of the span with this day.
    fn start(self, day: NaiveDate) -> NaiveDate {
        let back = match self {
            Self::Day => 0,
            Self::Week => day.weekday().num_days_from_monday(),
            Self::Month => day.day0(),
        };
        day - TimeDelta::days(i64::from(back))
    }

    fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => start.succ_opt(),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
        }
    }
}

/// Days from the first to the last, in spans, as the clocks of a zone show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    pub span: Span,
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub zone: Tz,
    /// The first days of all spans, in order; the first span may begin before the first day.
    pub days: Vec<NaiveDate>,
    /// When they begin.
    starts: Vec<DateTime<Utc>>,
    seasons: Vec<Season>,
}

/// Hours in which clocks differ from UTC by the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Season {
    since: DateTime<Utc>,
    /// Seconds that clocks are ahead.
    ahead: i32,
}

/// A year of days is read at once at most.
const MOST_DAYS: i64 = 366;

impl Axis {
    /// A chart that would reach further back shows its last year.
    pub fn new(first: NaiveDate, last: NaiveDate, zone: Tz) -> Self {
        let first = first.min(last).max(last - TimeDelta::days(MOST_DAYS - 1));
        let span = Span::fit((last - first).num_days() + 1);
        let mut days = vec![span.start(first)];
        while let Some(next) = days.last().and_then(|day| span.next(*day))
            && next <= last
        {
            days.push(next);
        }
        let starts = days.iter().filter_map(|day| day_start(*day, zone));
        let starts = starts.collect();
        let start = day_start(first, zone);
        let end = last.succ_opt().and_then(|day| day_start(day, zone));
        let seasons = start.zip(end).map(|(start, end)| seasons(start, end, zone));
        Self {
            span,
            first,
            last,
            zone,
            days,
            starts,
            seasons: seasons.unwrap_or_default(),
        }
    }

    /// The first day of the span in which a moment is.
    pub fn day_at(&self, at: DateTime<Utc>) -> Option<NaiveDate> {
        let place = self.starts.partition_point(|start| *start <= at);
        self.days.get(place.checked_sub(1)?).copied()
    }

    /// The hour that clocks show at an hour of UTC.
    pub fn hour_at(&self, at: DateTime<Utc>) -> Option<u32> {
        let place = self.seasons.partition_point(|season| season.since <= at);
        let ahead = self.seasons.get(place.checked_sub(1)?)?.ahead;
        let hour = i32::try_from(at.hour()).ok()?;
        u32::try_from((hour + ahead / 3600).rem_euclid(24)).ok()
    }

    /// Whether hours begin there when hours of UTC do.
    pub fn has_whole_hours(&self) -> bool {
        let whole =
            |season: &Season| season.ahead % 3600 == 0 && season.since.timestamp() % 3600 == 0;
        self.seasons.iter().all(whole)
    }
}

fn seasons(start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) -> Vec<Season> {
    let mut seasons: Vec<Season> = Vec::new();
    let mut since = start;
    while since < end {
        let ahead = since.with_timezone(&zone).offset().fix().local_minus_utc();
        if seasons.last().is_none_or(|season| season.ahead != ahead) {
            seasons.push(Season { since, ahead });
        }
        since += TimeDelta::hours(1);
    }
    seasons
}

/// One bar: the calls of a span that begins on this day, or of an hour of all days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar<T> {
    pub at: T,
    pub outcome: Outcome,
    pub calls: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charts {
    pub axis: Axis,
    pub days: Vec<Bar<NaiveDate>>,
    pub hours: Vec<Bar<u32>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_of_what_was_answered() {
        let sum = |outcome, calls, duration, billsec| Sum {
            direction: Direction::Internal,
            outcome,
            calls,
            duration,
            billsec,
        };
        let statistics = Statistics {
            sums: vec![
                sum(Outcome::Answered, 2, 95, 85),
                sum(Outcome::Missed, 1, 20, 0),
                sum(Outcome::Busy, 2, 3, 0),
            ],
            ..Statistics::default()
        };
        assert_eq!(statistics.calls(None), 5);
        assert!((statistics.average_talk() - 42.5).abs() < f64::EPSILON);
        assert!((statistics.average_duration() - 23.6).abs() < f64::EPSILON);
        assert!(Statistics::default().average_talk().abs() < f64::EPSILON);
    }

    #[test]
    fn an_axis_follows_the_clocks() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let axis = Axis::new(
            day("2026-10-24"),
            day("2026-10-26"),
            chrono_tz::Europe::Berlin,
        );
        let spans: Vec<String> = axis.starts.iter().map(DateTime::to_rfc3339).collect();
        assert_eq!(
            spans,
            [
                "2026-10-23T22:00:00+00:00",
                "2026-10-24T22:00:00+00:00",
                "2026-10-25T23:00:00+00:00"
            ]
        );
        assert!(axis.has_whole_hours());
        // 00:30 UTC is 2:30 in summer time, and 1:30 UTC is 2:30 once more.
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        for twice in ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"] {
            assert_eq!(axis.hour_at(at(twice)), Some(2));
            assert_eq!(axis.day_at(at(twice)), Some(day("2026-10-25")));
        }
        assert_eq!(axis.day_at(at("2026-10-23T21:59:59Z")), None);
        let kathmandu = Axis::new(
            day("2026-10-24"),
            day("2026-10-26"),
            chrono_tz::Asia::Kathmandu,
        );
        assert!(!kathmandu.has_whole_hours());
    }

    #[test]
    fn long_charts_have_longer_spans_and_a_year_at_most() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let axis = |first, last| Axis::new(day(first), day(last), chrono_tz::UTC);
        assert_eq!(axis("2026-01-01", "2026-01-31").days.len(), 31);
        let weeks = axis("2026-01-01", "2026-04-30");
        assert_eq!((weeks.span, weeks.days[0]), (Span::Week, day("2025-12-29")));
        let months = axis("2020-01-01", "2026-04-30");
        assert_eq!((months.span, months.days.len()), (Span::Month, 13));
        assert_eq!(months.first, day("2025-04-30"));
    }
}
