//! What a list is asked for in its address: words, a span of time, and how far it has been read.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};

use crate::domain::Invalid;
use crate::domain::invalid::Code;

/// What stands in an address, by its name.
pub type Asked = HashMap<String, String>;

/// 1 to 500.
pub fn limit(text: Option<&str>, otherwise: u64) -> Result<u64, Invalid> {
    let Some(text) = text else {
        return Ok(otherwise);
    };
    let limit = text.parse().ok().filter(|limit| (1..=500).contains(limit));
    limit.ok_or_else(|| Invalid::one("limit", Code::Malformed))
}

/// A time with its zone, or one without, which is UTC; in years that a history can have.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc));
    let time = zoned.ok().or_else(|| {
        text.parse::<NaiveDateTime>()
            .ok()
            .map(|time| time.and_utc())
    })?;
    (1970..=9999).contains(&time.year()).then_some(time)
}

/// A text; none that is empty.
pub fn given(asked: &Asked, name: &str) -> Option<String> {
    asked.get(name).filter(|text| !text.is_empty()).cloned()
}

/// No text of the database holds a null byte.
pub fn check_texts(asked: &Asked, names: &[&'static str], invalid: &mut Invalid) {
    for name in names {
        if asked.get(*name).is_some_and(|text| text.contains('\0')) {
            invalid.add(name, Code::Malformed);
        }
    }
}

/// From `date_from` until before: the original's upper bound, `date_to`, counts.
pub fn span(
    asked: &Asked,
    invalid: &mut Invalid,
) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let mut date = |name: &'static str| {
        let time = time(asked.get(name)?);
        if time.is_none() {
            invalid.add(name, Code::Malformed);
        }
        time
    };
    let from = date("date_from");
    let until = date("date_to").and_then(|to| to.checked_add_signed(TimeDelta::microseconds(1)));
    (from, until)
}

/// Which part of a list: after a place in it, or some further on.
#[derive(Debug)]
pub struct Part<P> {
    pub after: Option<P>,
    pub offset: u64,
    pub limit: u64,
}

impl<P> Part<P> {
    pub fn asked<E>(
        asked: &Asked,
        place: impl FnOnce(&str) -> Result<P, E>,
    ) -> Result<Self, Invalid> {
        let malformed = |name| Invalid::one(name, Code::Malformed);
        let offset = asked.get("offset").map(|text| text.parse::<u32>());
        let offset = offset.transpose().map_err(|_| malformed("offset"))?;
        let after = asked.get("after").map(|text| place(text)).transpose();
        Ok(Self {
            after: after.map_err(|_| malformed("after"))?,
            offset: offset.map_or(0, u64::from),
            limit: limit(asked.get("limit").map(String::as_str), 50)?,
        })
    }
}
