//! What has to be asked because no event tells it: everything after a login, the names of new
//! registrations, the software of a phone that has just come. One question at a time, so that a thousand phones that
//! come back together are asked about one after the other.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;

use tokio::time::sleep;
use tracing::{debug, warn};

use crate::ami::event::{ContactListed, Event, NOT_QUALIFIED};
use crate::ami::{Action, Ami, Failure, Frame, Reply};

use super::phone::decoded;
use super::state::Live;
use super::view::Snapshot;

const AGAIN: Duration = Duration::from_secs(1);
const REGISTRATIONS: &str = "res_pjsip_outbound_registration.so";
/// Phones beyond this stay without a name until the next login.
const MOST_PHONES: usize = 20_000;
/// How often a phone is asked about while Asterisk is too busy to say anything.
const ATTEMPTS: u32 = 3;

/// What was learnt.
#[derive(Debug)]
pub(super) enum Answer {
    Everything(Box<Snapshot>),
    Registrations(Reply),
    /// What the console prints of them.
    RegistrationTimes(String),
    /// Pairs of URI and software.
    UserAgents {
        aor: String,
        named: Vec<(String, String)>,
    },
}

/// Ends with the phone that is to be asked about again, when Asterisk was too busy to say anything of it.
type Asking = Pin<Box<dyn Future<Output = Result<Option<Answer>, Newcomer>> + Send>>;

/// A phone that registered.
#[derive(Debug, PartialEq, Eq)]
struct Newcomer {
    aor: String,
    endpoint: String,
    attempts: u32,
}

/// What is still to be asked.
#[derive(Default)]
pub(super) struct Questions {
    everything: bool,
    registrations: bool,
    /// Registrations whose next attempt is at another time than it was.
    times: BTreeSet<String>,
    phones: VecDeque<Newcomer>,
    /// The addresses of record in `phones`.
    noted: HashSet<String>,
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
            Event::Registry(event) => {
                let known = live.registrations_of(event);
                if known.len() == 1 {
                    self.times.extend(known);
                } else {
                    self.registrations |= live.is_connected();
                }
            }
            // A registration that is deleted says nothing else.
            Event::Reload(event) => self.registrations |= event.module() == Some(REGISTRATIONS),
            Event::ContactStatus(event) => {
                let aor = event.aor().unwrap_or_default();
                let is_unasked = event.status() == Some(NOT_QUALIFIED);
                if is_unasked || live.lacks_user_agent(aor) {
                    self.note(aor, event.endpoint().unwrap_or(aor));
                }
            }
            _ => {}
        }
    }

    /// Notes that a list was read, which does not say when they are tried again.
    pub(super) fn listed(&mut self, registrations: Vec<String>) {
        self.times.extend(registrations);
    }

    /// Notes phones of which a new picture does not know whether they are there: they registered
    /// while nobody listened, or before Asterisk was started.
    pub(super) fn find_newcomers(&mut self, contacts: &[Frame]) {
        let unasked = contacts
            .iter()
            .map(ContactListed)
            .filter(|contact| contact.waits_to_be_qualified())
            .filter_map(|contact| contact.aor().zip(contact.endpoint()));
        for (aor, endpoint) in unasked {
            self.note(aor, endpoint);
        }
    }

    /// A phone says several things in a row when it registers, and is asked about once.
    fn note(&mut self, aor: &str, endpoint: &str) {
        if self.phones.len() < MOST_PHONES && self.noted.insert(aor.to_owned()) {
            self.phones.push_back(Newcomer {
                aor: aor.to_owned(),
                endpoint: endpoint.to_owned(),
                attempts: 0,
            });
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
            match answer {
                // Behind all others, who do not wait for this one.
                Err(phone) if self.noted.insert(phone.aor.clone()) => {
                    self.phones.push_back(phone);
                }
                Err(_) | Ok(None) => {}
                Ok(Some(answer)) => return answer,
            }
        }
    }

    fn ask(&mut self, ami: Ami) -> Option<Asking> {
        if std::mem::take(&mut self.everything) {
            return Some(Box::pin(async { Ok(everything(ami).await) }));
        }
        if std::mem::take(&mut self.registrations) {
            return Some(Box::pin(async { Ok(registrations(ami).await) }));
        }
        if !self.times.is_empty() {
            let names = std::mem::take(&mut self.times);
            return Some(Box::pin(async { Ok(times(ami, names).await) }));
        }
        let newcomer = self.phones.pop_front()?;
        self.noted.remove(&newcomer.aor);
        Some(Box::pin(phone(ami, newcomer)))
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

/// When they are tried again, which is also how long they last.
async fn times(ami: Ami, names: BTreeSet<String>) -> Option<Answer> {
    let mut names = names.into_iter();
    let command = match (names.next(), names.next()) {
        (Some(one), None) => format!("pjsip show registration {one}"),
        _ => "pjsip show registrations".to_owned(),
    };
    match ami.send(Action::command(command)).await {
        Ok(reply) => reply.response.output().map(Answer::RegistrationTimes),
        Err(failure) => {
            debug!(%failure, "the times of registrations could not be read");
            None
        }
    }
}

/// Asks about the contacts of one phone: the full list takes a second with many phones.
async fn phone(ami: Ami, mut newcomer: Newcomer) -> Result<Option<Answer>, Newcomer> {
    let aor = &newcomer.aor;
    newcomer.attempts += 1;
    match ask_phone(&ami, &newcomer).await {
        Ok(answer) => Ok(answer),
        Err(failure @ Failure::Refused { .. }) => {
            debug!(aor, %failure, "a new phone could not be asked about");
            Ok(None)
        }
        Err(failure) if newcomer.attempts == ATTEMPTS => {
            warn!(aor, %failure, "a new phone was asked about in vain");
            Ok(None)
        }
        Err(failure) => {
            debug!(aor, %failure, "asking about a new phone again");
            if matches!(failure, Failure::NotSent(_)) {
                sleep(AGAIN).await;
            }
            Err(newcomer)
        }
    }
}

async fn ask_phone(ami: &Ami, newcomer: &Newcomer) -> Result<Option<Answer>, Failure> {
    let Newcomer { aor, endpoint, .. } = newcomer;
    let contacts = ami
        .getvar(None, format!("PJSIP_AOR({aor},contact)"))
        .await?;
    let Some(ids) = contacts else {
        return Ok(None);
    };
    let mut named = Vec::new();
    let mut is_waiting = false;
    for id in ids.split(',') {
        let ask = |field: &str| ami.getvar(None, format!("PJSIP_CONTACT({id},{field})"));
        let (uri, agent, status, frequency) = tokio::try_join!(
            ask("uri"),
            ask("user_agent"),
            ask("status"),
            ask("qualify_frequency"),
        )?;
        let is_qualified = frequency.is_some_and(|seconds| seconds != "0");
        is_waiting |= is_qualified && status.as_deref() == Some(NOT_QUALIFIED);
        named.extend(uri.map(|uri| decoded(&uri)).zip(agent));
    }
    // pjsip_options.c: the first phone of an extension that is younger than Asterisk's start waits
    // for its turn, up to the whole qualify interval, and counts as unavailable meanwhile.
    if is_waiting {
        ami.send(Action::new("PJSIPQualify").set("Endpoint", endpoint))
            .await?;
    }
    let aor = aor.clone();
    Ok(Some(Answer::UserAgents { aor, named }))
}
