//! Numbers that were watched. Asterisk makes a hint of its own of each, whether an extension has it or not, and keeps
//! it when the last phone stops to watch it; without this, who watches one number after the other fills its memory.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::App;
use crate::ami::{Action, Ami, Failure};

/// The one whose pattern hints became these.
const CONTEXT: &str = "internal";
const EVERY: Duration = Duration::from_hours(1);

impl App {
    pub async fn forget_unwatched(self: Arc<Self>, stop: CancellationToken) {
        let mut state = self.ami.watch();
        loop {
            if state.borrow_and_update().is_connected()
                && let Err(failure) = forget(&self.ami).await
            {
                tracing::debug!(%failure, "numbers that nobody watches any more are kept for now");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                changed = state.changed() => if changed.is_err() { break },
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }
}

/// By their first two digits, so that no answer is too long for one message. A phone that begins to watch one between
/// question and removal is told that it ended, and subscribes again.
async fn forget(ami: &Ami) -> Result<(), Failure> {
    for prefix in 10..=99 {
        let asked = Action::command(format!("core show hint {prefix}"));
        let reply = ami.send(asked).await?;
        let printed = reply.response.output().unwrap_or_default();
        for number in printed.lines().filter_map(unwatched) {
            let remove = Action::new("DialplanExtensionRemove")
                .set("Context", CONTEXT)
                .set("Extension", number)
                .set("Priority", "hint");
            match ami.send(remove).await {
                // Somebody else was faster.
                Ok(_) | Err(Failure::Refused { .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
    }
    Ok(())
}

/// The number in a line such as `4444@internal : PJSIP/4444 State:Unavailable Presence:not_set Watchers 0`.
fn unwatched(line: &str) -> Option<&str> {
    let (number, rest) = line.trim().split_once('@')?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let is_ours = rest.split_whitespace().next() == Some(CONTEXT);
    let watchers = rest.rsplit_once("Watchers")?.1.trim();
    (is_number && is_ours && watchers == "0").then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_watchers_is_told_from_the_others() {
        for (line, number) in [
            (
                "4444@internal                 : PJSIP/4444            State:Unavailable     Presence:not_set         Watchers  0",
                Some("4444"),
            ),
            (
                "1001@internal                 : PJSIP/1001            State:Idle            Presence:not_set         Watchers  10",
                None,
            ),
            (
                "_[1-9]X@internal              : PJSIP/${EXTEN}        State:Unavailable     Presence:                Watchers  0",
                None,
            ),
            (
                "4444@custom                   : PJSIP/4444            State:Unavailable     Presence:not_set         Watchers  0",
                None,
            ),
            ("2 hints matching extension 44", None),
        ] {
            assert_eq!(unwatched(line), number, "{line}");
        }
    }
}
