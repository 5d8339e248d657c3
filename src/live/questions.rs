//! What has to be asked because no event tells it: everything after a login, the names of new
//! registrations, the software of a phone. One question at a time, so that a thousand phones that
//! come back together are asked about one after the other.

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;

use tokio::time::sleep;
use tracing::{debug, warn};

use crate::ami::event::Event;
use crate::ami::{Action, Ami, Failure, Frame, Reply};

use super::phone::decoded;
use super::state::Live;
use super::view::Snapshot;

const AGAIN: Duration = Duration::from_secs(1);
/// Phones beyond this stay without a name until the next login.
const MOST_PHONES: usize = 20_000;

/// What was learnt.
#[derive(Debug)]
pub(super) enum Answer {
    Everything(Box<Snapshot>),
    Registrations(Reply),
    /// Pairs of URI and software.
    UserAgents {
        aor: String,
        named: Vec<(String, String)>,
    },
}

type Asking = Pin<Box<dyn Future<Output = Option<Answer>> + Send>>;

/// What is still to be asked.
#[derive(Default)]
pub(super) struct Questions {
    everything: bool,
    registrations: bool,
    phones: VecDeque<String>,
    asking: Option<Asking>,
}

impl Questions {
    /// Forgets what was to be asked, and asks for everything.
    pub(super) fn start_over(&mut self) {
        *self = Self {
            everything: true,
            ..Self::default()
        };
    }

    pub(super) fn stop(&mut self) {
        *self = Self::default();
    }

    /// Notes what an event leaves open; called after it was applied.
    pub(super) fn consider(&mut self, event: Event<'_>, live: &Live) {
        match event {
            Event::Registry(event) => self.registrations |= live.is_new_registration(event),
            Event::ContactStatus(event) => {
                let aor = event.aor().unwrap_or_default();
                // A phone says several things in a row when it registers.
                let is_asked = self.phones.back().is_some_and(|last| last == aor);
                let is_full = self.phones.len() == MOST_PHONES;
                if live.lacks_user_agent(aor) && !is_asked && !is_full {
                    self.phones.push_back(aor.to_owned());
                }
            }
            _ => {}
        }
    }

    /// The next answer; waits for ever when there is nothing to ask. May be dropped and called
    /// again: the question being asked is kept.
    pub(super) async fn next(&mut self, ami: &Ami) -> Answer {
        loop {
            let asking = match &mut self.asking {
                Some(asking) => asking,
                None => match self.ask(ami.clone()) {
                    Some(asking) => self.asking.insert(asking),
                    None => pending().await,
                },
            };
            let answer = asking.await;
            self.asking = None;
            if let Some(answer) = answer {
                return answer;
            }
        }
    }

    fn ask(&mut self, ami: Ami) -> Option<Asking> {
        if std::mem::take(&mut self.everything) {
            return Some(Box::pin(everything(ami)));
        }
        if std::mem::take(&mut self.registrations) {
            return Some(Box::pin(registrations(ami)));
        }
        let aor = self.phones.pop_front()?;
        Some(Box::pin(user_agents(ami, aor)))
    }
}

/// Tries until it works; the connection's end drops it.
async fn everything(ami: Ami) -> Option<Answer> {
    loop {
        match snapshot(&ami).await {
            Ok(snapshot) => return Some(Answer::Everything(Box::new(snapshot))),
            Err(failure) => warn!(%failure, "what Asterisk does now could not be read"),
        }
        sleep(AGAIN).await;
    }
}

async fn snapshot(ami: &Ami) -> Result<Snapshot, Failure> {
    let (settings, devices, contacts, channels, registrations) = tokio::join!(
        ami.send(Action::core_settings()),
        ami.send(Action::device_states()),
        ami.send(Action::contacts()),
        ami.send(Action::channels()),
        ami.send(Action::registrations()),
    );
    let version = settings
        .ok()
        .and_then(|reply| reply.response.get("AsteriskVersion").map(str::to_owned));
    Ok(Snapshot {
        version,
        devices: devices?.items,
        contacts: contacts?.items,
        channels: channels?.items,
        registrations: optional(registrations)?,
    })
}

/// A refused list is an empty one: the module may not be loaded where there are no trunks.
fn optional(reply: Result<Reply, Failure>) -> Result<Vec<Frame>, Failure> {
    match reply {
        Ok(reply) => Ok(reply.items),
        Err(Failure::Refused { message }) => {
            debug!(message, "no list of registrations");
            Ok(Vec::new())
        }
        Err(failure) => Err(failure),
    }
}

async fn registrations(ami: Ami) -> Option<Answer> {
    ami.send(Action::registrations())
        .await
        .ok()
        .map(Answer::Registrations)
}

/// Asks for the contacts of one address of record: the full list takes a second with many phones.
async fn user_agents(ami: Ami, aor: String) -> Option<Answer> {
    let ids = ami
        .getvar(None, format!("PJSIP_AOR({aor},contact)"))
        .await
        .ok()??;
    let mut named = Vec::new();
    for id in ids.split(',') {
        let ask = |field: &str| ami.getvar(None, format!("PJSIP_CONTACT({id},{field})"));
        if let (Ok(Some(uri)), Ok(Some(agent))) = tokio::join!(ask("uri"), ask("user_agent")) {
            named.push((decoded(&uri), agent));
        }
    }
    Some(Answer::UserAgents { aor, named })
}
