//! The bytes of Asterisk's manager protocol: frames, an incremental decoder and an encoder.
//!
//! A frame keeps every header in order, repeats included, so that nothing Asterisk says is lost
//! before somebody decides that it does not matter. Knows no action, no event and no socket.

use std::fmt;

/// A frame larger than this is skipped, not read into memory.
pub const MAX_FRAME: usize = 1 << 20;
/// A frame with more headers than this is skipped.
pub const MAX_HEADERS: usize = 32_768;
/// Asterisk reads a line into a buffer of 1,025 bytes and discards a message with a longer one.
pub const MAX_LINE: usize = 1_000;
/// Asterisk discards a message with more headers (`AST_MAX_MANHEADERS`).
pub const MAX_SENT_HEADERS: usize = 128;

const END: &[u8] = b"\r\n\r\n";

/// Where one header lies in the text of its frame.
#[derive(Clone, Copy)]
struct Span {
    name: u32,
    name_end: u32,
    value: u32,
    value_end: u32,
}

/// One message of Asterisk: a response or an event.
#[derive(Clone)]
pub struct Frame {
    text: String,
    spans: Vec<Span>,
}

impl Frame {
    /// Reads the text between two blank lines; `None` when it is over the limits.
    ///
    /// Bytes that are not UTF-8 become U+FFFD: caller names come from anywhere.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_FRAME {
            return None;
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut spans = Vec::with_capacity(24);
        let mut at = 0;
        for line in text.split("\r\n") {
            let start = at;
            at += line.len() + 2;
            let Some(colon) = line.find(':') else {
                continue;
            };
            if spans.len() == MAX_HEADERS {
                return None;
            }
            let value = &line[colon + 1..];
            // Some modules end their message with a line feed of their own.
            let trimmed = value
                .strip_prefix(' ')
                .unwrap_or(value)
                .trim_end_matches(['\r', '\n']);
            let value_start = start + line.len() - value.strip_prefix(' ').unwrap_or(value).len();
            spans.push(Span {
                name: offset(start),
                name_end: offset(start + colon),
                value: offset(value_start),
                value_end: offset(value_start + trimmed.len()),
            });
        }
        Some(Self { text, spans })
    }

    /// All headers as they came.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.spans
            .iter()
            .map(|span| (self.name(span), self.value(span)))
    }

    /// The first header of that name, upper and lower case alike.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// Every header of that name, in order.
    pub fn get_all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> {
        self.get_joined("", name)
    }

    /// Like [`Frame::get`], for a name put together of two parts (`Dest` and `Channel`).
    pub fn get_prefixed(&self, prefix: &str, name: &str) -> Option<&str> {
        self.get_joined(prefix, name).next()
    }

    /// The event's name, or `None` for a response.
    pub fn event(&self) -> Option<&str> {
        self.get("Event")
    }

    /// What a command printed: its `Output` headers as lines.
    pub fn output(&self) -> Option<String> {
        let lines: Vec<&str> = self.get_all("Output").collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn get_joined<'f>(&'f self, prefix: &str, name: &str) -> impl Iterator<Item = &'f str> {
        let wanted = prefix.len() + name.len();
        self.spans.iter().filter_map(move |span| {
            if (span.name_end - span.name) as usize != wanted {
                return None;
            }
            let found = self.name(span).as_bytes();
            let (head, tail) = found.split_at(prefix.len());
            let same = tail.eq_ignore_ascii_case(name.as_bytes())
                && head.eq_ignore_ascii_case(prefix.as_bytes());
            same.then(|| self.value(span))
        })
    }

    fn name(&self, span: &Span) -> &str {
        &self.text[span.name as usize..span.name_end as usize]
    }

    fn value(&self, span: &Span) -> &str {
        &self.text[span.value as usize..span.value_end as usize]
    }
}

/// A replaced byte grows to three, so a frame of the largest size still fits.
fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("a frame is limited to 1 MiB")
}

impl fmt::Debug for Frame {
    /// Names only: values hold callers' names and numbers, which do not belong into a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.event().or_else(|| self.get("Response")).unwrap_or("?");
        let names: Vec<&str> = self.headers().map(|(name, _)| name).collect();
        f.debug_struct("Frame")
            .field("kind", &kind)
            .field("headers", &names)
            .finish()
    }
}

impl PartialEq for Frame {
    fn eq(&self, other: &Self) -> bool {
        self.headers().eq(other.headers())
    }
}

/// Cuts a stream of bytes into frames.
///
/// A frame over the limits is skipped up to the next blank line and counted; the connection goes on.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Bytes before this were handed out already.
    start: usize,
    /// Between `start` and here no end of a frame was found.
    searched: usize,
    skipping: bool,
    skipped: u64,
}

impl Decoder {
    /// Where the bytes that were read are appended.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        &mut self.buffer
    }

    /// How many frames were too large.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The next complete frame, if there is one.
    pub fn next_frame(&mut self) -> Option<Frame> {
        loop {
            // The blank line after a message that ended with a line feed of its own.
            while !self.skipping && self.buffer[self.start..].starts_with(b"\r\n") {
                self.start += 2;
                self.searched = self.searched.max(self.start);
            }
            let Some(end) = self.find_end() else {
                self.give_up_on_a_giant();
                return None;
            };
            let bytes = &self.buffer[self.start..end];
            let frame = if self.skipping {
                None
            } else {
                Frame::parse(bytes)
            };
            self.start = end + END.len();
            self.searched = self.start;
            self.skipping = false;
            match frame {
                Some(frame) => return Some(frame),
                None => self.skipped += 1,
            }
        }
    }

    fn find_end(&mut self) -> Option<usize> {
        let mut at = self.searched;
        while let Some(found) = self.buffer[at..].iter().position(|&byte| byte == b'\n') {
            at += found + 1;
            if at - self.start >= END.len() && self.buffer[..at].ends_with(END) {
                return Some(at - END.len());
            }
        }
        self.searched = self.buffer.len();
        None
    }

    /// Forgets what came of a frame that is too large already, but for the bytes of a possible end.
    fn give_up_on_a_giant(&mut self) {
        if self.buffer.len() - self.start <= MAX_FRAME {
            return;
        }
        self.skipping = true;
        self.start = self.buffer.len() - (END.len() - 1);
        self.searched = self.buffer.len();
    }
}

/// Why a message can not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    #[error("header {0:?} has an empty name, a colon or a control character in its name")]
    Name(String),
    /// A line break in a value would let whoever wrote the value add headers and actions.
    #[error("the value of {0} holds a line break or a null byte")]
    Value(String),
    #[error("the line of {0} is longer than Asterisk reads")]
    TooLong(String),
    #[error("more headers than Asterisk reads")]
    TooMany,
}

/// One message for Asterisk; nothing is made of it when any header is refused.
pub fn encode<'h>(
    headers: impl IntoIterator<Item = (&'h str, &'h str)>,
) -> Result<Vec<u8>, Unsendable> {
    let mut bytes = Vec::with_capacity(128);
    let mut count = 0;
    for (name, value) in headers {
        let forbidden = |byte: u8| matches!(byte, b'\r' | b'\n' | 0);
        if name.is_empty() || name.bytes().any(|byte| forbidden(byte) || byte == b':') {
            return Err(Unsendable::Name(name.escape_default().to_string()));
        }
        if value.bytes().any(forbidden) {
            return Err(Unsendable::Value(name.to_owned()));
        }
        if name.len() + value.len() + 4 > MAX_LINE {
            return Err(Unsendable::TooLong(name.to_owned()));
        }
        count += 1;
        if count > MAX_SENT_HEADERS {
            return Err(Unsendable::TooMany);
        }
        for part in [name, ": ", value, "\r\n"] {
            bytes.extend_from_slice(part.as_bytes());
        }
    }
    bytes.extend_from_slice(b"\r\n");
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(chunks: &[&[u8]]) -> (Vec<Frame>, u64) {
        let mut decoder = Decoder::default();
        let mut frames = Vec::new();
        for chunk in chunks {
            decoder.buffer().extend_from_slice(chunk);
            while let Some(frame) = decoder.next_frame() {
                frames.push(frame);
            }
        }
        (frames, decoder.skipped())
    }

    #[test]
    fn order_repeats_and_case_are_kept() {
        let (frames, _) =
            decode(&[b"Event: X\r\nVariable: a=1\r\nvariable: b: 2\r\nEmpty:\r\n\r\n"]);
        let headers: Vec<_> = frames[0].headers().collect();
        assert_eq!(headers[2], ("variable", "b: 2"));
        assert_eq!(
            frames[0].get_all("VARIABLE").collect::<Vec<_>>(),
            ["a=1", "b: 2"]
        );
        assert_eq!(frames[0].get("empty"), Some(""));
        assert_eq!(frames[0].get("missing"), None);
        assert_eq!(frames[0].get_prefixed("vari", "ABLE"), Some("a=1"));
    }

    #[test]
    fn output_lines_are_joined() {
        let (frames, _) =
            decode(&[b"Response: Success\r\nOutput: a: 1\r\nOutput: \r\nOutput: c\r\n\r\n"]);
        assert_eq!(frames[0].output().as_deref(), Some("a: 1\n\nc"));
    }

    #[test]
    fn a_message_with_its_own_line_feed_does_not_disturb_the_next() {
        let (frames, skipped) =
            decode(&[b"Response: Success\r\nMessage: expired\n\r\n\r\n\r\nEvent: Next\r\n\r\n"]);
        assert_eq!(frames[0].get("Message"), Some("expired"));
        assert_eq!(frames[1].event(), Some("Next"));
        assert_eq!((frames.len(), skipped), (2, 0));
    }

    #[test]
    fn a_bare_line_feed_in_a_value_does_not_start_a_header() {
        let (frames, _) = decode(&[b"Event: X\r\nCallerIDName: a\n\nEvent: Hangup\r\n\r\n"]);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].get("CallerIDName"), Some("a\n\nEvent: Hangup"));
    }

    #[test]
    fn a_giant_is_skipped_and_counted_in_any_portion() {
        let mut bytes = b"Event: A\r\n\r\nEvent: Big\r\nX: ".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', MAX_FRAME + 10));
        bytes.extend_from_slice(b"\r\n\r\nEvent: B\r\n\r\n");
        for portion in [1_000, 65_536, bytes.len()] {
            let chunks: Vec<&[u8]> = bytes.chunks(portion).collect();
            let (frames, skipped) = decode(&chunks);
            let names: Vec<_> = frames.iter().filter_map(Frame::event).collect();
            assert_eq!((names, skipped), (vec!["A", "B"], 1));
        }
    }

    #[test]
    fn too_many_headers_are_skipped_and_counted() {
        let mut bytes = b"Event: Big\r\n".to_vec();
        for _ in 0..MAX_HEADERS {
            bytes.extend_from_slice(b"A: 1\r\n");
        }
        bytes.extend_from_slice(b"\r\nEvent: B\r\n\r\n");
        let (frames, skipped) = decode(&[&bytes]);
        assert_eq!((frames[0].event(), skipped), (Some("B"), 1));
    }

    #[test]
    fn what_could_add_a_header_is_refused() {
        let name = encode([("Act\rion", "x")]);
        assert!(matches!(name, Err(Unsendable::Name(_))));
        assert!(matches!(encode([("A: b", "x")]), Err(Unsendable::Name(_))));
        assert!(matches!(encode([("", "x")]), Err(Unsendable::Name(_))));
        for value in ["a\r\nAction: Originate", "a\nb", "a\rb", "a\0b"] {
            assert_eq!(
                encode([("Data", value)]),
                Err(Unsendable::Value("Data".into()))
            );
        }
        let long = "x".repeat(MAX_LINE);
        assert_eq!(
            encode([("Data", long.as_str())]),
            Err(Unsendable::TooLong("Data".into()))
        );
        assert_eq!(encode([("Variable", "a=1"); 129]), Err(Unsendable::TooMany));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(chunks: Vec<Vec<u8>>) {
            let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
            let (frames, _) = decode(&chunks);
            for frame in frames {
                prop_assert!(frame.headers().all(|(name, _)| frame.get(name).is_some()));
            }
        }

        #[test]
        fn nearly_right_bytes_never_panic_and_split_anywhere(
            text in "(([A-C]{0,2}:? ?[ü:x]{0,3}|\u{0})(\r|\n|\r\n|\r\n\r\n)){0,20}",
            cut: prop::sample::Index,
        ) {
            let bytes = text.as_bytes();
            let (head, tail) = bytes.split_at(cut.index(bytes.len() + 1));
            prop_assert_eq!(decode(&[head, tail]), decode(&[bytes]));
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(decode(&single), decode(&[bytes]));
        }

        #[test]
        fn what_is_encoded_is_decoded(
            headers in prop::collection::vec(("[A-Za-z-]{1,12}", "[^\r\n\u{0}]{0,40}"), 1..30)
        ) {
            let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let bytes = encode(pairs.clone()).unwrap();
            let (frames, _) = decode(&[&bytes]);
            prop_assert!(frames[0].headers().eq(pairs));
        }
    }
}
