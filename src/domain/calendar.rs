//! Days as the clocks of a zone show them.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The first moment of a day where the people are. A night in which the clocks change may begin an hour late.
pub fn day_start(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.and_hms_opt(0, 0, 0)?;
    let local = zone.from_local_datetime(&midnight).earliest().or_else(|| {
        let later = midnight + TimeDelta::hours(1);
        zone.from_local_datetime(&later).earliest()
    });
    local.map(|time| time.with_timezone(&Utc))
}

/// When the day, the week (on Monday) and the month of a moment began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    pub day: Option<DateTime<Utc>>,
    pub week: Option<DateTime<Utc>>,
    pub month: Option<DateTime<Utc>>,
}

impl Today {
    pub fn at(now: DateTime<Utc>, zone: Tz) -> Self {
        let today = now.with_timezone(&zone).date_naive();
        let monday = today - TimeDelta::days(i64::from(today.weekday().num_days_from_monday()));
        let first = today.with_day(1).unwrap_or(today);
        Self {
            day: day_start(today, zone),
            week: day_start(monday, zone),
            month: day_start(first, zone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_when_the_clocks_say_so() {
        let berlin = chrono_tz::Europe::Berlin;
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        // Between the two changes of the year, on the last day of summer time.
        let today = Today::at(at("2026-10-25T22:59:00Z"), berlin);
        assert_eq!(today.day, Some(at("2026-10-24T22:00:00Z")));
        assert_eq!(today.week, Some(at("2026-10-18T22:00:00Z")));
        assert_eq!(today.month, Some(at("2026-09-30T22:00:00Z")));
        let today = Today::at(at("2026-10-25T23:00:00Z"), berlin);
        assert_eq!(today.day, Some(at("2026-10-25T23:00:00Z")));
        // Midnight does not exist there on this day.
        let day = NaiveDate::from_ymd_opt(2018, 11, 4).expect("a day");
        let start = day_start(day, chrono_tz::America::Sao_Paulo);
        assert_eq!(start, Some(at("2018-11-04T03:00:00Z")));
    }
}
