//! What a broken, hostile or merely strange Asterisk may send, in any portions.

use proptest::prelude::*;

use super::wire::{Decoder, Frame, MAX_FRAME, Unsendable, encode};

const RECORDED: [&str; 4] = [
    include_str!("../live/recordings/register.txt"),
    include_str!("../live/recordings/qualified.txt"),
    include_str!("../live/recordings/trunk.txt"),
    include_str!("../live/recordings/echo.txt"),
];

fn decode<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<Frame> {
    let mut decoder = Decoder::default();
    let mut frames = Vec::new();
    for chunk in chunks {
        decoder.buffer().extend_from_slice(chunk);
        frames.extend(std::iter::from_fn(|| decoder.next_frame()));
    }
    frames
}

fn as_sent(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

#[test]
fn a_recording_is_the_same_wherever_it_is_cut() {
    for text in RECORDED {
        let bytes = as_sent(text);
        let whole = decode([bytes.as_slice()]);
        assert!(!whole.is_empty());
        assert_eq!(decode(bytes.chunks(1)), whole);
        // Some of them are long, and every position is what counts, not every message.
        let some = &bytes[..bytes.len().min(4_000)];
        let whole = decode([some]);
        for cut in 0..=some.len() {
            let (head, tail) = some.split_at(cut);
            assert_eq!(decode([head, tail]), whole, "cut at {cut}");
        }
    }
}

#[test]
fn what_never_ends_takes_no_more_memory_than_one_message() {
    for noise in [&b"x"[..], b"X: y\r\n", b"\n\n\r\r", b"\0\xff: "] {
        let mut decoder = Decoder::default();
        let portion: Vec<u8> = noise.iter().copied().cycle().take(64 * 1024).collect();
        for _ in 0..50 {
            decoder.buffer().extend_from_slice(&portion);
            assert!(decoder.next_frame().is_none());
            let held = decoder.buffer();
            assert!(
                held.len() <= MAX_FRAME + portion.len(),
                "{} bytes",
                held.len()
            );
            assert!(
                held.capacity() <= 4 * MAX_FRAME,
                "{} bytes",
                held.capacity()
            );
        }
        decoder
            .buffer()
            .extend_from_slice(b"\r\n\r\nEvent: Next\r\n\r\n");
        let frames: Vec<Frame> = std::iter::from_fn(|| decoder.next_frame()).collect();
        assert_eq!(frames.last().and_then(Frame::event), Some("Next"));
        assert_eq!(decoder.skipped(), 1);
    }
}

proptest! {
    #[test]
    fn noise_never_takes_the_next_message_along(
        noise in prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), any::<u8>()], 0..300),
        portions in prop::collection::vec(1_usize..40, 1..20),
    ) {
        let mut bytes = noise;
        bytes.extend_from_slice(b"\r\n\r\nEvent: First\r\nX: 1\r\n\r\nEvent: Second\r\n\r\n");
        let mut chunks = Vec::new();
        let mut rest = bytes.as_slice();
        for portion in portions.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, later) = rest.split_at((*portion).min(rest.len()));
            chunks.push(chunk);
            rest = later;
        }
        let frames = decode(chunks);
        let last: Vec<_> = frames.iter().rev().take(2).map(Frame::event).collect();
        prop_assert_eq!(last, [Some("Second"), Some("First")]);
        prop_assert_eq!(frames[frames.len() - 2].get("X"), Some("1"));
    }

    #[test]
    fn no_value_writes_a_header_or_a_message(
        values in prop::collection::vec("[ -~\r\n\u{0}ü:]{0,30}", 1..10)
    ) {
        let headers = values.iter().map(|value| ("Data", value.as_str()));
        match encode(headers.clone()) {
            Ok(bytes) => {
                let frames = decode([bytes.as_slice()]);
                prop_assert_eq!(frames.len(), 1);
                prop_assert!(frames[0].headers().eq(headers));
                let breaks = bytes.iter().filter(|&&byte| matches!(byte, b'\r' | b'\n')).count();
                prop_assert_eq!(breaks, 2 * values.len() + 2);
            }
            Err(refused) => {
                prop_assert_eq!(refused, Unsendable::Value("Data".into()));
                let broken = |value: &String| value.contains(['\r', '\n', '\0']);
                prop_assert!(values.iter().any(broken));
            }
        }
    }
}
