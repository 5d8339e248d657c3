//! A leg's record from an event of Asterisk, and from lines of the spool. Both give what `cdr_pgsql` would have written.

use chrono::{DateTime, NaiveDateTime};

use crate::ami::Frame;
use crate::domain::Cdr;

/// No column of Asterisk is longer.
const LONGEST: usize = 1024;

/// None when a header is missing that `cdr_manager.conf` adds.
pub(super) fn from_event(frame: &Frame) -> Option<Cdr> {
    let text = |header: &str| frame.get(header).unwrap_or_default().to_owned();
    let time = |header: &str| epoch(frame.get(header)?);
    let times = [time("StartEpoch")?, time("AnswerEpoch")?, time("EndEpoch")?];
    let [start, answer, end] = times.map(|time| time.map_or(String::new(), |t| t.to_string()));
    Cdr::read([
        text("AccountCode"),
        text("Source"),
        text("Destination"),
        text("DestinationContext"),
        text("CallerID"),
        text("Channel"),
        text("DestinationChannel"),
        text("LastApplication"),
        text("LastData"),
        start,
        answer,
        end,
        text("Duration"),
        text("BillableSeconds"),
        text("Disposition"),
        text("AMAFlags"),
        text("UniqueID"),
        text("UserField"),
        text("PeerAccount"),
        text("LinkedID"),
        text("Sequence"),
    ])
}

/// Of `1795380263.000479`; the table has whole seconds, and zero is never.
#[expect(clippy::option_option, reason = "no time, and something that is none")]
fn epoch(text: &str) -> Option<Option<NaiveDateTime>> {
    let whole = text.split('.').next().unwrap_or_default();
    if whole.is_empty() {
        return Some(None);
    }
    let seconds: i64 = whole.parse().ok()?;
    let time = DateTime::from_timestamp(seconds, 0)?.naive_utc();
    Some((seconds != 0).then_some(time))
}

/// What a piece of the spool is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'b> {
    Leg(Box<Cdr>),
    /// Of a disk that was full, or a file that somebody has edited.
    Unreadable(&'b [u8]),
}

/// Everything in whole lines of the spool. A line that is none takes no other along.
pub(super) fn from_lines(mut lines: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while !lines.is_empty() {
        if let Some((leg, length)) = leg(lines) {
            pieces.push(Piece::Leg(Box::new(leg)));
            lines = &lines[length..];
            continue;
        }
        let end = lines.iter().position(|&byte| byte == b'\n');
        let (line, rest) = lines.split_at(end.map_or(lines.len(), |end| end + 1));
        pieces.extend(salvaged(line));
        lines = rest;
    }
    pieces
}

/// The line that was cut off lacks its end, and the next one follows on the same line.
fn salvaged(line: &[u8]) -> Vec<Piece<'_>> {
    let whole = (1..line.len()).filter(|&at| line[at] == b'"');
    for at in whole {
        if let Some((leg, length)) = leg(&line[at..])
            && at + length == line.len()
        {
            return vec![Piece::Unreadable(&line[..at]), Piece::Leg(Box::new(leg))];
        }
    }
    vec![Piece::Unreadable(line)]
}

/// The record that begins here, and how many bytes it takes with its line feed.
fn leg(bytes: &[u8]) -> Option<(Cdr, usize)> {
    let mut columns = Vec::with_capacity(Cdr::COLUMNS);
    let mut at = 0;
    loop {
        let (text, length) = column(&bytes[at..])?;
        columns.push(text);
        at += length + 1;
        match bytes.get(at - 1)? {
            b',' if columns.len() < Cdr::COLUMNS => {}
            b'\n' => break,
            _ => return None,
        }
    }
    let columns: [String; Cdr::COLUMNS] = columns.try_into().ok()?;
    Some((Cdr::read(columns)?, at))
}

/// cdr_csv.c: texts and times are quoted, with quotes inside doubled; numbers and missing times are not.
fn column(bytes: &[u8]) -> Option<(String, usize)> {
    let readable = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    if bytes.first() != Some(&b'"') {
        let end = |byte: &u8| matches!(byte, b',' | b'\n' | b'"');
        let length = bytes.iter().take(LONGEST).position(end)?;
        return Some((readable(&bytes[..length]), length));
    }
    let mut text = Vec::new();
    let mut at = 1;
    while text.len() < LONGEST {
        match (*bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', Some(b'"')) => {
                text.push(b'"');
                at += 2;
            }
            (b'"', _) => return Some((readable(&text), at + 1)),
            (byte, _) => {
                text.push(byte);
                at += 1;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quoted(text: &str) -> String {
        format!("\"{}\"", text.replace('"', "\"\""))
    }

    fn line(name: &str, sequence: i32) -> String {
        let clid = quoted(&format!("\"{name}\" <2001>"));
        format!(
            "\"\",\"2001\",\"2002\",\"internal\",{clid},\"PJSIP/2001-00000002\",\"\",\"Hangup\",\"17\",\"2026-11-28 03:24:01\",,\
             \"2026-11-28 03:24:09\",8,0,\"BUSY\",\"DOCUMENTATION\",\"1795836241.25\",\"\",\"\",\"1795836241.25\",{sequence}\n"
        )
    }

    fn event(name: &str, sequence: i32) -> Frame {
        let text = format!(
            "Event: Cdr\r\nAccountCode: \r\nSource: 2001\r\nDestination: 2002\r\nDestinationContext: internal\r\n\
             CallerID: \"{name}\" <2001>\r\nChannel: PJSIP/2001-00000002\r\nDestinationChannel: \r\nLastApplication: Hangup\r\n\
             LastData: 17\r\nStartTime: 2026-11-28 04:24:01\r\nAnswerTime: \r\nEndTime: 2026-11-28 04:24:09\r\nDuration: 8\r\n\
             BillableSeconds: 0\r\nDisposition: BUSY\r\nAMAFlags: DOCUMENTATION\r\nUniqueID: 1795836241.25\r\nUserField: \r\n\
             LinkedID: 1795836241.25\r\nSequence: {sequence}\r\nPeerAccount: \r\nStartEpoch: 1795836241.999999\r\n\
             AnswerEpoch: 0.000000\r\nEndEpoch: 1795836249.000001"
        );
        Frame::parse(text.as_bytes()).unwrap()
    }

    fn keys(pieces: &[Piece<'_>]) -> Vec<i32> {
        let legs = pieces.iter().filter_map(|piece| match piece {
            Piece::Leg(leg) => Some(leg.sequence),
            Piece::Unreadable(_) => None,
        });
        legs.collect()
    }

    #[test]
    fn an_event_and_a_line_give_the_same_leg() {
        for name in ["Ada", "Ada \"Q\" Löwe", "a),b:1:2(\\", "x\u{fffd}", " , "] {
            let line = line(name, 4);
            let Piece::Leg(from_line) = from_lines(line.as_bytes()).remove(0) else {
                panic!("{line}")
            };
            assert_eq!(Some(*from_line), from_event(&event(name, 4)));
        }
    }

    #[test]
    fn an_event_without_its_mapped_headers_is_no_leg() {
        let frame = Frame::parse(b"Event: Cdr\r\nUniqueID: 1.1\r\nSequence: 3").unwrap();
        assert_eq!(from_event(&frame), None);
    }

    #[test]
    fn a_line_that_was_cut_off_takes_no_other_along() {
        let (first, last) = (line("Ada", 1), line("Bob", 3));
        for length in 0..first.len() - 1 {
            let text = format!("{}{last}{}", &first[..length], line("Eve", 5));
            let pieces = from_lines(text.as_bytes());
            assert_eq!(keys(&pieces), [3, 5], "{text}");
            assert!(pieces.len() <= 3, "{text}");
        }
        let pieces = from_lines(b"\n#!,,\n");
        assert_eq!(
            pieces,
            [Piece::Unreadable(b"\n"), Piece::Unreadable(b"#!,,\n")]
        );
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_its_column(name in "[^\u{0}]{0,60}") {
            let text = format!("{}{}", line(&name, 1), line("Bob", 2));
            let pieces = from_lines(text.as_bytes());
            prop_assert_eq!(keys(&pieces), [1, 2]);
            let Piece::Leg(leg) = &pieces[0] else { panic!("{text}") };
            prop_assert_eq!(&leg.clid, &format!("\"{name}\" <2001>"));
        }

        #[test]
        fn arbitrary_bytes_before_a_line_never_panic_and_never_take_it_along(mut bytes: Vec<u8>) {
            bytes.retain(|&byte| byte != b'"');
            bytes.push(b'\n');
            bytes.extend_from_slice(line("Bob", 2).as_bytes());
            prop_assert_eq!(keys(&from_lines(&bytes)), [2]);
        }
    }
}
