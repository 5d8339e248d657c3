//! What happens now, as those see it who look on: browsers, programs with a WebSocket, and people who call by a click.

mod callback;
mod click;
mod dashboard;
pub mod ends;
mod parts;
mod reading;
mod socket;

use std::time::Duration;

use serde_json::Value;

/// What the product promises.
const SOON: Duration = Duration::from_secs(1);

/// The call between two numbers in a frame or an answer, if it is there.
fn call_between(calls: &Value, from: &str, to: &str) -> Option<Value> {
    let calls = calls.as_array()?;
    let found = calls
        .iter()
        .find(|call| call["caller"] == from && call["destination"] == to);
    found.cloned()
}
