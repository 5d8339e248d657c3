//! The picture and the hub, fed with what a real Asterisk said.

mod hub;
mod reducer;

use chrono::{DateTime, Utc};

use crate::ami::wire::Decoder;
use crate::ami::{Event, Frame};

use super::{CallView, Live, Snapshot};

/// The messages of a recording.
fn recorded(text: &str) -> Vec<Frame> {
    let mut decoder = Decoder::default();
    decoder
        .buffer()
        .extend_from_slice(text.replace('\n', "\r\n").as_bytes());
    std::iter::from_fn(|| decoder.next_frame()).collect()
}

/// The events among them, without answers and the items of lists.
fn events(text: &str) -> Vec<Frame> {
    let mut frames = recorded(text);
    frames.retain(|frame| frame.event().is_some() && frame.get("ActionID").is_none());
    frames
}

/// The items of a list among them.
fn items(text: &str, name: &str) -> Vec<Frame> {
    let mut frames = recorded(text);
    frames.retain(|frame| frame.event() == Some(name));
    frames
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// Connected, with nobody there.
fn quiet() -> Live {
    let mut live = Live::new("test", at(0));
    live.resynchronise(&Snapshot::default(), at(1));
    live
}

fn apply_all(live: &mut Live, frames: &[Frame]) {
    for (second, frame) in frames.iter().enumerate() {
        live.apply(Event::of(frame), at(100 + i64::try_from(second).unwrap()));
    }
}

/// `1001>1002 up +1003`
fn sketch(call: &CallView) -> String {
    let number = |number: &Option<String>| number.clone().unwrap_or_else(|| "?".to_owned());
    let (from, to) = (number(&call.caller.number), number(&call.callee.number));
    let others = call
        .others
        .iter()
        .map(|end| format!(" +{}", number(&end.number)));
    format!(
        "{from}>{to} {}{}",
        call.state.as_str(),
        others.collect::<String>()
    )
}
