//! Owns how dates, durations and numbers are written; the patterns are texts of the language.

use std::time::Duration;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::texts::Texts;

impl Texts {
    /// The day, as in `22.11.2026`.
    pub fn date(&self, at: DateTime<Utc>) -> String {
        self.local(at).format(self.t("format-date")).to_string()
    }

    /// The time of day, as in `14:05`.
    pub fn time(&self, at: DateTime<Utc>) -> String {
        self.local(at).format(self.t("format-time")).to_string()
    }

    /// Day and time to the second, for places where precision matters.
    pub fn date_time(&self, at: DateTime<Utc>) -> String {
        self.local(at)
            .format(self.t("format-date-time"))
            .to_string()
    }

    /// As short as it can be understood now: the time today, with the day before that.
    pub fn when(&self, at: DateTime<Utc>) -> String {
        let (now, then) = (self.local(self.now()), self.local(at));
        if then.date_naive() == now.date_naive() {
            self.time(at)
        } else if Some(then.date_naive()) == now.date_naive().pred_opt() {
            self.t_args("format-yesterday", &[("time", self.time(at).into())])
        } else if then.year() == now.year() {
            then.format(self.t("format-day-time")).to_string()
        } else {
            then.format(self.t("format-long-ago")).to_string()
        }
    }

    /// `since 14:05`.
    pub fn since(&self, at: DateTime<Utc>) -> String {
        self.t_args("format-since", &[("when", self.when(at).into())])
    }

    /// Seconds that have gone since then; a clock that ran back counts as none.
    pub fn elapsed(&self, at: DateTime<Utc>) -> u64 {
        (self.now() - at)
            .max(TimeDelta::zero())
            .num_seconds()
            .unsigned_abs()
    }

    /// A call's length, as in `1:23` or `1:02:03`.
    pub fn clock(&self, seconds: u64) -> String {
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if hours > 0 {
            format!("{hours}:{minutes:02}:{seconds:02}")
        } else {
            format!("{minutes}:{seconds:02}")
        }
    }

    /// A span in words, rounded to one unit, as in `20 s`, `5 min`, `3 h`.
    pub fn span(&self, seconds: u64) -> String {
        let (key, value) = match seconds {
            0..120 => ("format-seconds", seconds),
            120..7200 => ("format-minutes", (seconds + 30) / 60),
            7200..172_800 => ("format-hours", (seconds + 1800) / 3600),
            _ => ("format-days", (seconds + 43_200) / 86_400),
        };
        self.t_args(key, &[("n", self.number(value).into())])
    }

    /// A short time with two digits, as in `0.08 s`.
    pub fn blink(&self, took: Duration) -> String {
        let hundredths = (took.as_millis() + 5) / 10;
        let (whole, part) = (hundredths / 100, hundredths % 100);
        let number = format!("{whole}{}{part:02}", self.t("format-decimal"));
        self.t_args("format-seconds", &[("n", number.into())])
    }

    /// A round-trip time, as in `12 ms`.
    pub fn millis(&self, took: Duration) -> String {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.t_args("format-millis", &[("n", self.number(millis).into())])
    }

    /// A whole number with its digits grouped.
    pub fn number(&self, value: u64) -> String {
        let digits = value.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.char_indices() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push_str(self.t("format-group"));
            }
            grouped.push(digit);
        }
        grouped
    }

    fn local(&self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.zone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Lang;

    fn texts(code: &str) -> Texts {
        let now = "2026-11-22T13:05:09Z".parse().unwrap();
        Texts::new(Lang::find(code).unwrap(), chrono_tz::Europe::Berlin, now)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn moments_are_as_short_as_they_can_be() {
        let (de, en) = (texts("de"), texts("en"));
        assert_eq!(de.when(at("2026-11-22T12:00:00Z")), "13:00");
        assert_eq!(de.when(at("2026-11-21T12:00:00Z")), "gestern 13:00");
        assert_eq!(en.when(at("2026-11-21T12:00:00Z")), "yesterday 13:00");
        assert_eq!(de.when(at("2026-06-01T12:00:00Z")), "01.06. 14:00");
        assert_eq!(en.when(at("2026-06-01T12:00:00Z")), "1 Jun 14:00");
        assert_eq!(de.when(at("2025-06-01T12:00:00Z")), "01.06.2025 14:00");
        assert_eq!(
            de.date_time(at("2026-11-22T13:05:09Z")),
            "22.11.2026 14:05:09"
        );
    }

    #[test]
    fn spans_and_numbers_follow_the_language() {
        let (de, en) = (texts("de"), texts("en"));
        assert_eq!(de.blink(Duration::from_millis(84)), "0,08 s");
        assert_eq!(en.blink(Duration::from_millis(1_996)), "2.00 s");
        assert_eq!(de.number(1_234_567), "1.234.567");
        assert_eq!(en.number(12_345), "12,345");
        assert_eq!(en.number(999), "999");
        assert_eq!(de.clock(83), "1:23");
        assert_eq!(de.clock(3_723), "1:02:03");
        assert_eq!(en.span(20), "20 s");
        assert_eq!(en.span(7_200), "2 h");
        assert_eq!(de.millis(Duration::from_millis(12)), "12 ms");
    }

    #[test]
    fn a_clock_that_ran_back_counts_no_time() {
        assert_eq!(texts("en").elapsed(at("2026-11-22T13:06:00Z")), 0);
        assert_eq!(texts("en").elapsed(at("2026-11-22T13:05:00Z")), 9);
    }
}
