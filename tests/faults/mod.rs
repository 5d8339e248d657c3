//! Parts that fail, and what goes on meanwhile. Each test breaks a stack of its own.

mod asterisk;
mod backup;
mod database;
mod doctor;
mod health;
mod loss;
mod restart;
mod server;
mod spool;

use std::time::Duration;

use serde_json::Value;

use crate::support::phone::{Incoming, Outgoing, Phone};
use crate::support::{Pbx, within};

/// "Within seconds": what nobody has to do anything for.
const SECONDS: Duration = Duration::from_secs(10);

/// A call in progress.
struct Talk {
    out: Outgoing,
    call: Incoming,
}

impl Talk {
    async fn begin(from: &Phone, to: &Phone) -> Self {
        let mut out = from.dial(&to.number).await;
        let mut call = to.rings().await;
        call.ring().await;
        out.rings().await;
        call.answer().await;
        out.is_answered().await;
        Self { out, call }
    }

    fn goes_on(&mut self) {
        assert!(
            !self.out.is_over() && !self.call.is_over(),
            "the call was ended"
        );
    }

    async fn end(self) {
        self.out.hang_up().await;
        self.call.other_side_hangs_up().await;
    }
}

/// Until a call can be made from one phone to another, both of which may have to be heard of again.
async fn calls_work(from: &Phone, to: &Phone) {
    within(SECONDS, "a call rings", || async {
        (from.tries(to).await == 486).then_some(())
    })
    .await;
}

/// The calls of an extension, when there are as many as expected.
async fn history_has(pbx: &Pbx, number: &str, count: usize) -> Value {
    let admin = pbx.admin().await;
    let path = format!("/api/cdr/?extension={number}");
    within(SECONDS, "the call is in the history", || async {
        let answer = admin.get(&path).await;
        let list = (answer.status == 200).then_some(answer.json)?;
        (list.as_array().map(Vec::len) == Some(count)).then_some(list)
    })
    .await
}

/// What the health of the system is, once it is this.
async fn health_is(pbx: &Pbx, service: &str, state: &str) {
    let anonymous = pbx.anonymous();
    within(SECONDS, &format!("{service} is {state}"), || async {
        let answer = anonymous.get("/api/health").await;
        let right = if state == "connected" { 200 } else { 503 };
        (answer.json["services"][service] == state && answer.status == right).then_some(())
    })
    .await;
}
