//! The record of one finished leg of a call, with the columns of Asterisk's table `cdr`.

use chrono::NaiveDateTime;

/// How Asterisk writes a time without a zone, which is UTC.
const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// Empty where Asterisk had nothing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cdr {
    pub accountcode: String,
    pub src: String,
    pub dst: String,
    pub dcontext: String,
    pub clid: String,
    pub channel: String,
    pub dstchannel: String,
    pub lastapp: String,
    pub lastdata: String,
    /// In whole seconds, all three.
    pub start: Option<NaiveDateTime>,
    pub answer: Option<NaiveDateTime>,
    pub end: Option<NaiveDateTime>,
    pub duration: Option<i32>,
    pub billsec: Option<i32>,
    pub disposition: String,
    pub amaflags: String,
    pub uniqueid: String,
    pub userfield: String,
    pub peeraccount: String,
    pub linkedid: String,
    pub sequence: i32,
}

impl Cdr {
    /// How many columns [`Cdr::read`] takes.
    pub const COLUMNS: usize = 21;

    /// From texts in the order of the fields above; `None` without a key, or where a time or number is none.
    pub fn read(columns: [String; Self::COLUMNS]) -> Option<Self> {
        // PostgreSQL has no null byte.
        let [
            accountcode,
            src,
            dst,
            dcontext,
            clid,
            channel,
            dstchannel,
            lastapp,
            lastdata,
            start,
            answer,
            end,
            duration,
            billsec,
            disposition,
            amaflags,
            uniqueid,
            userfield,
            peeraccount,
            linkedid,
            sequence,
        ] = columns.map(|text| text.replace('\0', "\u{fffd}"));
        if uniqueid.is_empty() {
            return None;
        }
        Some(Self {
            start: time(&start)?,
            answer: time(&answer)?,
            end: time(&end)?,
            duration: number(&duration)?,
            billsec: number(&billsec)?,
            sequence: sequence.parse().ok()?,
            accountcode,
            src,
            dst,
            dcontext,
            clid,
            channel,
            dstchannel,
            lastapp,
            lastdata,
            disposition,
            amaflags,
            uniqueid,
            userfield,
            peeraccount,
            linkedid,
        })
    }
}

/// The outer `None`: it is no time.
#[expect(clippy::option_option, reason = "no time, and something that is none")]
fn time(text: &str) -> Option<Option<NaiveDateTime>> {
    if text.is_empty() {
        return Some(None);
    }
    NaiveDateTime::parse_from_str(text, TIME).ok().map(Some)
}

#[expect(
    clippy::option_option,
    reason = "no number, and something that is none"
)]
fn number(text: &str) -> Option<Option<i32>> {
    if text.is_empty() {
        return Some(None);
    }
    text.parse().ok().map(Some)
}
