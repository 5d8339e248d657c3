//! Channels, and the calls they form: all channels with the same `Linkedid` are one call.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};

use crate::ami::event::{Dial, Party};

use super::phone::device_endpoint;

/// How many ended channels are remembered, so that a late event does not bring one back.
const REMEMBERED: usize = 256;

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallState {
    Dialing,
    Ringing,
    Up,
}

impl CallState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dialing => "dialing",
            Self::Ringing => "ringing",
            Self::Up => "up",
        }
    }
}

/// A call in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    /// The `Linkedid`.
    pub id: String,
    pub state: CallState,
    pub started: DateTime<Utc>,
    /// When this callee answered; `None` until then.
    pub answered: Option<DateTime<Utc>>,
    /// What the caller dialled.
    pub dialled: Option<String>,
    pub caller: End,
    /// Who answered; before that the first that rings; for a service of the PBX the number dialled.
    pub callee: End,
    /// The others that ring or take part.
    pub others: Vec<End>,
}

/// One end of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct End {
    pub number: Option<String>,
    pub name: Option<String>,
    /// The endpoint whose channel it is: an extension's number, or a trunk's name.
    pub endpoint: Option<String>,
    /// For a hang-up; `None` where the PBX itself is the end.
    pub channel: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Caller,
    Unknown,
    Callee,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LegState {
    Down,
    Ringing,
    Up,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Channel {
    uniqueid: String,
    linkedid: String,
    name: String,
    endpoint: Option<String>,
    number: Option<String>,
    caller_name: Option<String>,
    dialled: Option<String>,
    state: LegState,
    role: Role,
    started: DateTime<Utc>,
    answered: Option<DateTime<Utc>>,
}

impl Channel {
    fn new(uniqueid: &str, party: Party<'_>, at: DateTime<Utc>) -> Self {
        Self {
            uniqueid: uniqueid.to_owned(),
            linkedid: party.linkedid().unwrap_or(uniqueid).to_owned(),
            name: String::new(),
            endpoint: None,
            number: None,
            caller_name: None,
            // Later it is where the dialplan got to.
            dialled: party
                .exten()
                .filter(|exten| *exten != "s")
                .map(str::to_owned),
            state: LegState::Down,
            role: Role::Unknown,
            started: at,
            answered: None,
        }
    }

    /// Takes over what the event says; returns whether anything is different now.
    fn hear(&mut self, party: Party<'_>, at: DateTime<Utc>) -> bool {
        let mut changed = false;
        if let Some(name) = party.channel().filter(|name| *name != self.name) {
            self.rename(name);
            changed = true;
        }
        changed |= overwrite(&mut self.number, party.number());
        changed |= overwrite(&mut self.caller_name, party.name());
        let state = match party.state() {
            Some("Up") => LegState::Up,
            Some("Ringing") => LegState::Ringing,
            Some(_) => LegState::Down,
            None => self.state,
        };
        if state != self.state {
            self.state = state;
            changed = true;
            if state == LegState::Up {
                self.answered.get_or_insert(at);
            }
        }
        changed
    }

    fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.name);
        self.endpoint = device_endpoint(name)
            .and_then(|name| name.rsplit_once('-'))
            .map(|(endpoint, _)| endpoint.to_owned());
    }

    /// The two halves of a Local channel are plumbing inside Asterisk.
    fn is_plumbing(&self) -> bool {
        self.name.starts_with("Local/")
    }

    fn end(&self) -> End {
        End {
            number: self.number.clone(),
            name: self.caller_name.clone(),
            endpoint: self.endpoint.clone(),
            channel: Some(self.name.clone()),
        }
    }
}

fn overwrite(old: &mut Option<String>, new: Option<&str>) -> bool {
    let Some(new) = new.filter(|new| old.as_deref() != Some(*new)) else {
        return false;
    };
    *old = Some(new.to_owned());
    true
}

/// All channels, found by call and by endpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    channels: HashMap<String, Channel>,
    by_call: HashMap<String, Vec<String>>,
    by_endpoint: HashMap<String, Vec<String>>,
    ended: VecDeque<String>,
}

impl Calls {
    /// Takes in what an event says about a channel; returns the call that looks different now.
    pub(super) fn hear(&mut self, party: Party<'_>, at: DateTime<Utc>) -> Option<String> {
        let uniqueid = party.uniqueid()?;
        if let Some(channel) = self.channels.get_mut(uniqueid) {
            let moved = party
                .linkedid()
                .is_some_and(|linkedid| linkedid != channel.linkedid);
            let renamed = party.channel().is_some_and(|name| name != channel.name);
            if !moved && !renamed {
                return channel.hear(party, at).then(|| channel.linkedid.clone());
            }
        } else if party.channel().is_none() || self.ended.iter().any(|ended| ended == uniqueid) {
            return None;
        }
        let mut channel = self
            .take(uniqueid)
            .unwrap_or_else(|| Channel::new(uniqueid, party, at));
        if let Some(linkedid) = party.linkedid() {
            linkedid.clone_into(&mut channel.linkedid);
        }
        channel.hear(party, at);
        Some(self.put(channel))
    }

    /// Who calls whom; a channel that was called and calls on is a caller from then on.
    pub(super) fn dial(&mut self, dial: Dial<'_>, at: DateTime<Utc>) -> [Option<String>; 2] {
        let mut changed = [dial.caller(), dial.callee()].map(|party| self.hear(party, at));
        for (index, role) in [Role::Caller, Role::Callee].into_iter().enumerate() {
            let party = if role == Role::Caller {
                dial.caller()
            } else {
                dial.callee()
            };
            let channel = party.uniqueid().and_then(|id| self.channels.get_mut(id));
            if let Some(channel) = channel.filter(|channel| channel.role != role) {
                channel.role = role;
                if role == Role::Caller && channel.dialled.is_none() {
                    let exten = party.exten().filter(|exten| *exten != "s");
                    channel.dialled = exten.map(str::to_owned);
                }
                changed[index] = Some(channel.linkedid.clone());
            }
        }
        changed
    }

    pub(super) fn rename(&mut self, uniqueid: &str, name: &str) -> Option<String> {
        let mut channel = self.take(uniqueid)?;
        channel.rename(name);
        Some(self.put(channel))
    }

    /// Returns the call and the endpoint that lost a channel.
    pub(super) fn hang_up(&mut self, uniqueid: &str) -> Option<(String, Option<String>)> {
        let channel = self.take(uniqueid)?;
        if self.ended.len() == REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back(channel.uniqueid);
        Some((channel.linkedid, channel.endpoint))
    }

    /// Takes in an item of `CoreShowChannels`. What was known of the same channel before is better
    /// than what the list tells: it has no time of answer.
    pub(super) fn list(&mut self, party: Party<'_>, at: DateTime<Utc>, before: &mut Self) {
        let Some(uniqueid) = party.uniqueid() else {
            return;
        };
        let known = before.channels.remove(uniqueid);
        let started = at - party.duration().unwrap_or_default();
        let mut channel = known.unwrap_or_else(|| Channel {
            role: match party.application() {
                Some("Dial" | "Queue" | "FollowMe") => Role::Caller,
                Some("AppDial" | "AppQueue") => Role::Callee,
                _ => Role::Unknown,
            },
            ..Channel::new(uniqueid, party, started)
        });
        if let Some(linkedid) = party.linkedid() {
            linkedid.clone_into(&mut channel.linkedid);
        }
        channel.hear(party, started);
        self.put(channel);
    }

    /// The endpoints that take part in a call.
    pub(super) fn endpoints<'c>(&'c self, call: &str) -> impl Iterator<Item = &'c str> {
        self.legs(call)
            .filter_map(|channel| channel.endpoint.as_deref())
    }

    /// All calls, the oldest first.
    pub(super) fn views(&self) -> Vec<CallView> {
        let mut views: Vec<_> = self
            .by_call
            .keys()
            .filter_map(|call| self.view(call))
            .collect();
        views.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
        views
    }

    /// The call of an endpoint, if there are several the one that was answered or began first.
    pub(super) fn of_endpoint(&self, endpoint: &str) -> Option<(CallView, End)> {
        let ids = self.by_endpoint.get(endpoint)?;
        let channels = ids.iter().filter_map(|id| self.channels.get(id));
        let channel = channels.min_by_key(|leg| (leg.answered.is_none(), leg.started))?;
        let view = self.view(&channel.linkedid)?;
        let is_caller = view.caller.channel.as_deref() == Some(channel.name.as_str());
        let peer = if is_caller {
            view.callee.clone()
        } else {
            view.caller.clone()
        };
        Some((view, peer))
    }

    fn view(&self, call: &str) -> Option<CallView> {
        let (plumbing, mut legs): (Vec<&Channel>, Vec<_>) =
            self.legs(call).partition(|channel| channel.is_plumbing());
        legs.sort_by(|a, b| (a.started, &a.uniqueid).cmp(&(b.started, &b.uniqueid)));
        let from = *legs
            .iter()
            .min_by_key(|leg| (leg.role, leg.uniqueid != leg.linkedid))?;
        legs.retain(|leg| leg.uniqueid != from.uniqueid);
        // Every phone of an extension rings, which is to call somebody then: nobody has called yet.
        let is_clicked =
            from.role == Role::Callee && legs.iter().all(|leg| leg.endpoint == from.endpoint);
        let to = legs.iter().copied().min_by_key(|leg| match leg.state {
            LegState::Up => 0,
            LegState::Ringing => 1,
            LegState::Down => 2,
        });
        let to = to.filter(|_| !is_clicked);
        legs.retain(|leg| to.is_none_or(|to| to.uniqueid != leg.uniqueid));
        // Without another leg the PBX itself answers: a mailbox, an announcement.
        let answering = to.unwrap_or(from);
        let state = match answering.state {
            LegState::Up => CallState::Up,
            LegState::Ringing if to.is_some() || is_clicked => CallState::Ringing,
            LegState::Ringing | LegState::Down => CallState::Dialing,
        };
        // What rings a phone that is to call somebody shows whom.
        let wanted = plumbing.iter().find_map(|leg| leg.number.as_ref());
        let service = || End {
            number: wanted
                .filter(|_| is_clicked)
                .or(from.dialled.as_ref())
                .cloned(),
            ..End::default()
        };
        Some(CallView {
            id: call.to_owned(),
            state,
            started: from.started,
            answered: answering.answered.filter(|_| state == CallState::Up),
            dialled: from.dialled.clone(),
            caller: from.end(),
            callee: to.map_or_else(service, Channel::end),
            others: legs.into_iter().map(Channel::end).collect(),
        })
    }

    fn legs<'c>(&'c self, call: &str) -> impl Iterator<Item = &'c Channel> {
        let ids = self
            .by_call
            .get(call)
            .map(Vec::as_slice)
            .unwrap_or_default();
        ids.iter().filter_map(|id| self.channels.get(id))
    }

    fn put(&mut self, channel: Channel) -> String {
        let (id, call) = (channel.uniqueid.clone(), channel.linkedid.clone());
        self.by_call
            .entry(call.clone())
            .or_default()
            .push(id.clone());
        if let Some(endpoint) = &channel.endpoint {
            self.by_endpoint
                .entry(endpoint.clone())
                .or_default()
                .push(id.clone());
        }
        self.channels.insert(id, channel);
        call
    }

    fn take(&mut self, uniqueid: &str) -> Option<Channel> {
        let channel = self.channels.remove(uniqueid)?;
        forget(&mut self.by_call, &channel.linkedid, uniqueid);
        if let Some(endpoint) = &channel.endpoint {
            forget(&mut self.by_endpoint, endpoint, uniqueid);
        }
        Some(channel)
    }
}

fn forget(index: &mut HashMap<String, Vec<String>>, key: &str, id: &str) {
    if let Some(ids) = index.get_mut(key) {
        ids.retain(|other| other != id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
