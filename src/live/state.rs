//! The picture of this moment and how each event changes it. Pure: no clock, no connection.
//!
//! While Asterisk is away the last picture is kept aside, to know since when something is so once
//! Asterisk is back; nothing of it is shown.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use crate::ami::event::{
    self, ContactListed, DeviceStateChange, Event, Party, RegistrationListed, Registry,
};
use crate::ami::{Frame, Reply};

use super::call::{CallView, Calls};
use super::phone::{Contact, DeviceState, Presence, decoded, device_endpoint};
use super::topic::Topic;
use super::view::{AsteriskView, Changes, EndpointView, PeerView, Snapshot, TrunkView};

#[derive(Debug, Clone, Default)]
struct Phone {
    state: DeviceState,
    since: Option<DateTime<Utc>>,
    contacts: BTreeMap<String, Contact>,
}

#[derive(Debug, Clone)]
struct Registration {
    client_uri: String,
    server_uri: String,
    status: String,
    since: DateTime<Utc>,
    heard: Option<DateTime<Utc>>,
    next: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
struct Picture {
    phones: HashMap<String, Phone>,
    calls: Calls,
    registrations: HashMap<String, Registration>,
}

/// The state of everything that changes by itself.
#[derive(Debug)]
pub struct Live {
    asterisk: AsteriskView,
    picture: Picture,
}

impl Live {
    pub fn new(reason: impl Into<String>, since: DateTime<Utc>) -> Self {
        let reason = Some(reason.into());
        let asterisk = AsteriskView {
            connected: false,
            since,
            reason,
            version: None,
        };
        Self {
            asterisk,
            picture: Picture::default(),
        }
    }

    /// From now on nothing is known; a later reason keeps the time of the first.
    pub fn lose(&mut self, reason: impl Into<String>, since: DateTime<Utc>) -> Changes {
        let reason = Some(reason.into());
        if !self.asterisk.connected {
            if self.asterisk.reason == reason {
                return Changes::none();
            }
            self.asterisk.reason = reason;
            return Changes::of(Topic::System);
        }
        let version = self.asterisk.version.take();
        self.asterisk = AsteriskView {
            connected: false,
            since,
            reason,
            version,
        };
        self.everything()
    }

    /// Puts what was read in the place of what was known.
    pub fn resynchronise(&mut self, snapshot: &Snapshot, at: DateTime<Utc>) -> Changes {
        let gone = self.everything().extensions;
        let mut before = std::mem::take(&mut self.picture);
        for item in &snapshot.contacts {
            self.list_contact(ContactListed(item), at, &before);
        }
        for item in &snapshot.devices {
            self.list_device(DeviceStateChange(item), at, &before);
        }
        for item in &snapshot.channels {
            self.picture
                .calls
                .list(Party::of(item), at, &mut before.calls);
        }
        self.list_registrations_over(&snapshot.registrations, at, &before.registrations);
        let version = snapshot.version.clone();
        let since = if self.asterisk.connected {
            self.asterisk.since
        } else {
            at
        };
        self.asterisk = AsteriskView {
            connected: true,
            since,
            reason: None,
            version,
        };
        let mut changes = self.everything();
        changes.extensions.extend(gone);
        changes
    }

    /// Takes in one event; while Asterisk is away events say nothing.
    pub fn apply(&mut self, event: Event<'_>, at: DateTime<Utc>) -> Changes {
        if !self.asterisk.connected {
            return Changes::none();
        }
        match event {
            Event::DeviceStateChange(event) => self.device(event, at),
            Event::ContactStatus(event) => self.contact(event, at),
            Event::Registry(event) => self.registry(event, at),
            Event::Channel(party) => self.channel(party, at),
            Event::BridgeEnter(bridge) | Event::BridgeLeave(bridge) => {
                self.channel(bridge.channel(), at)
            }
            Event::DialBegin(dial) | Event::DialEnd(dial) => {
                // Usually the same call; a transfer may just be joining two.
                let [from, to] = self.picture.calls.dial(dial, at);
                let to = to.filter(|to| from.as_ref() != Some(to));
                let mut changes = self.call_changes(from);
                changes.merge(self.call_changes(to));
                changes
            }
            Event::Rename(event) => {
                let call = event
                    .uniqueid()
                    .zip(event.new_name())
                    .and_then(|(id, name)| self.picture.calls.rename(id, name));
                self.call_changes(call)
            }
            Event::Hangup(event) => self.hang_up(event),
            Event::Cdr(_) => Changes::of(Topic::Cdr),
            Event::Reload(_) | Event::FullyBooted | Event::Shutdown | Event::Other(_) => {
                Changes::none()
            }
        }
    }

    /// Replaces the outbound registrations by what `PJSIPShowRegistrationsOutbound` told.
    pub fn list_registrations(&mut self, reply: &Reply, at: DateTime<Utc>) -> Changes {
        let before = std::mem::take(&mut self.picture.registrations);
        self.list_registrations_over(&reply.items, at, &before);
        Changes::of(Topic::Trunks)
    }

    /// Adds what only the console tells of registrations, from the lines of `pjsip show registrations`.
    pub fn time_registrations(&mut self, printed: &str, at: DateTime<Utc>) -> Changes {
        let mut changes = Changes::none();
        for (name, seconds) in printed.lines().filter_map(next_attempt) {
            let known = self.picture.registrations.get_mut(name);
            let next = TimeDelta::try_seconds(seconds).map(|left| at + left);
            if let Some(known) = known.filter(|known| known.next != next) {
                known.next = next;
                changes = Changes::of(Topic::Trunks);
            }
        }
        changes
    }

    /// Adds what was asked for after a registration: the events do not name the phone's software.
    pub fn name_user_agent(&mut self, aor: &str, uri: &str, user_agent: &str) -> Changes {
        let phone = self.picture.phones.get_mut(aor);
        let contact = phone.and_then(|phone| phone.contacts.get_mut(uri));
        match contact {
            Some(contact) if contact.user_agent.is_none() => {
                contact.user_agent = Some(decoded(user_agent));
                Changes::endpoint(aor)
            }
            _ => Changes::none(),
        }
    }

    /// Whether a contact of this address of record has not told its software yet.
    pub fn lacks_user_agent(&self, aor: &str) -> bool {
        let phone = self.picture.phones.get(aor);
        phone.is_some_and(|phone| phone.contacts.values().any(|one| one.user_agent.is_none()))
    }

    /// The registrations an event may be about; none while no list has named a new one.
    pub fn registrations_of(&self, event: Registry<'_>) -> Vec<String> {
        let uri = event.username().unwrap_or_default();
        let server = event.domain().unwrap_or_default();
        let known = self.picture.registrations.iter();
        known
            .filter(|(_, one)| one.client_uri == uri && one.server_uri == server)
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// All of them, by name.
    pub fn registrations(&self) -> Vec<String> {
        self.picture.registrations.keys().cloned().collect()
    }

    pub fn is_connected(&self) -> bool {
        self.asterisk.connected
    }

    pub fn asterisk(&self) -> AsteriskView {
        self.asterisk.clone()
    }

    pub fn endpoint(&self, name: &str) -> EndpointView {
        if !self.asterisk.connected {
            return EndpointView {
                since: Some(self.asterisk.since),
                ..EndpointView::default()
            };
        }
        let call = self
            .picture
            .calls
            .of_endpoint(name)
            .map(|(call, peer)| PeerView {
                state: call.state,
                since: call.answered.unwrap_or(call.started),
                call: call.id,
                peer,
            });
        let phone = self.picture.phones.get(name);
        EndpointView {
            state: self.device_state(name),
            presence: self.presence(name),
            since: phone.and_then(|phone| phone.since),
            contacts: phone
                .map_or_else(Vec::new, |phone| phone.contacts.values().cloned().collect()),
            call,
        }
    }

    /// Like [`Live::endpoint`], where only that is wanted.
    pub fn device_state(&self, name: &str) -> DeviceState {
        if !self.asterisk.connected {
            return DeviceState::Unknown;
        }
        // Asterisk lists no device of which it never had to know: no phone has registered there.
        let known = self.picture.phones.get(name);
        let known = known.filter(|phone| phone.since.is_some());
        known.map_or(DeviceState::Unavailable, |phone| phone.state)
    }

    /// Like [`Live::endpoint`], where only that is wanted.
    pub fn presence(&self, name: &str) -> Presence {
        if !self.asterisk.connected {
            return Presence::Unknown;
        }
        let known = self.picture.phones.get(name);
        let contacts = known.into_iter().flat_map(|phone| phone.contacts.values());
        Presence::of(self.device_state(name), contacts)
    }

    /// Every endpoint with a registered contact, and that contact's `host:port`.
    pub fn registered(&self) -> Vec<(String, String)> {
        let phones = self.picture.phones.iter();
        let each = phones.flat_map(|(name, phone)| {
            let contacts = phone.contacts.values();
            contacts.map(move |contact| (name.clone(), contact.address.clone()))
        });
        each.collect()
    }

    /// Calls in progress, the oldest first.
    pub fn calls(&self) -> Vec<CallView> {
        if self.asterisk.connected {
            self.picture.calls.views()
        } else {
            Vec::new()
        }
    }

    /// An outbound registration by its name; `None` when Asterisk is away or does not have it.
    pub fn trunk(&self, name: &str) -> Option<TrunkView> {
        let known = self
            .picture
            .registrations
            .get(name)
            .filter(|_| self.asterisk.connected)?;
        Some(TrunkView {
            status: known.status.clone(),
            since: known.since,
            heard: known.heard,
            next: known.next,
        })
    }

    fn device(&mut self, event: DeviceStateChange<'_>, at: DateTime<Utc>) -> Changes {
        let Some(name) = event.device().and_then(device_endpoint) else {
            return Changes::none();
        };
        let state = DeviceState::of(event.state().unwrap_or_default());
        let phone = entry(&mut self.picture.phones, name);
        if phone.state == state && phone.since.is_some() {
            return Changes::none();
        }
        (phone.state, phone.since) = (state, Some(at));
        Changes::endpoint(name)
    }

    fn contact(&mut self, event: event::ContactStatus<'_>, at: DateTime<Utc>) -> Changes {
        let (Some(aor), Some(uri)) = (event.aor(), event.uri()) else {
            return Changes::none();
        };
        let phone = entry(&mut self.picture.phones, aor);
        let uri = decoded(uri);
        let changed = if event.status() == Some("Removed") {
            phone.contacts.remove(&uri).is_some()
        } else if let Some(contact) = phone.contacts.get_mut(&uri) {
            contact.hear(event)
        } else {
            let mut contact = Contact::new(&uri, at);
            contact.hear(event);
            phone.contacts.insert(uri, contact);
            true
        };
        if changed {
            Changes::endpoint(aor)
        } else {
            Changes::none()
        }
    }

    fn registry(&mut self, event: Registry<'_>, at: DateTime<Utc>) -> Changes {
        let status = event.status().unwrap_or("Unknown");
        // Two that differ in their password only have one name in the events: then the list has to tell.
        let [name] = &self.registrations_of(event)[..] else {
            return Changes::none();
        };
        let Some(known) = self.picture.registrations.get_mut(name) else {
            return Changes::none();
        };
        if known.status != status {
            status.clone_into(&mut known.status);
            known.since = at;
        }
        known.heard = Some(at);
        Changes::of(Topic::Trunks)
    }

    fn channel(&mut self, party: Party<'_>, at: DateTime<Utc>) -> Changes {
        let call = self.picture.calls.hear(party, at);
        self.call_changes(call)
    }

    fn hang_up(&mut self, event: event::Hangup<'_>) -> Changes {
        let ended = event
            .uniqueid()
            .and_then(|id| self.picture.calls.hang_up(id));
        let Some((call, endpoint)) = ended else {
            return Changes::none();
        };
        let mut changes = self.call_changes(Some(call));
        changes.extensions.extend(endpoint);
        changes
    }

    /// A call that looks different looks different on the phones of all its ends.
    fn call_changes(&self, call: Option<String>) -> Changes {
        let Some(call) = call else {
            return Changes::none();
        };
        let extensions = self
            .picture
            .calls
            .endpoints(&call)
            .map(str::to_owned)
            .collect();
        Changes {
            topics: BTreeSet::from([Topic::Calls, Topic::Extensions]),
            extensions,
        }
    }

    fn everything(&self) -> Changes {
        Changes {
            topics: [
                Topic::System,
                Topic::Extensions,
                Topic::Calls,
                Topic::Trunks,
            ]
            .into(),
            extensions: self.picture.phones.keys().cloned().collect(),
        }
    }

    fn list_contact(&mut self, item: ContactListed<'_>, at: DateTime<Utc>, before: &Picture) {
        let Some((aor, mut contact)) = item.aor().zip(Contact::listed(item, at)) else {
            return;
        };
        let known = before
            .phones
            .get(aor)
            .and_then(|phone| phone.contacts.get(&contact.uri));
        if let Some(known) = known {
            contact.since = known.since;
        }
        entry(&mut self.picture.phones, aor)
            .contacts
            .insert(contact.uri.clone(), contact);
    }

    fn list_device(&mut self, item: DeviceStateChange<'_>, at: DateTime<Utc>, before: &Picture) {
        let Some(name) = item.device().and_then(device_endpoint) else {
            return;
        };
        let state = DeviceState::of(item.state().unwrap_or_default());
        let known = before.phones.get(name).filter(|phone| phone.state == state);
        let phone = entry(&mut self.picture.phones, name);
        phone.state = state;
        phone.since = known.map_or(Some(at), |phone| phone.since);
    }

    fn list_registrations_over(
        &mut self,
        items: &[Frame],
        at: DateTime<Utc>,
        before: &HashMap<String, Registration>,
    ) {
        for item in items.iter().map(RegistrationListed) {
            let Some(name) = item.name() else { continue };
            let status = item.status().unwrap_or("Unknown");
            let known = before.get(name).filter(|known| known.status == status);
            let registration = Registration {
                client_uri: item.client_uri().unwrap_or_default().to_owned(),
                server_uri: item.server_uri().unwrap_or_default().to_owned(),
                status: status.to_owned(),
                since: known.map_or(at, |known| known.since),
                heard: known.and_then(|known| known.heard),
                next: known.and_then(|known| known.next),
            };
            self.picture
                .registrations
                .insert(name.to_owned(), registration);
        }
    }
}

/// Of a line such as ` trunk-reg-1/sip:192.0.2.1  trunk-auth-1  Registered  (exp. 590s)`: whose it is, and in how many
/// seconds Asterisk asks again.
fn next_attempt(line: &str) -> Option<(&str, i64)> {
    let (name, rest) = line.trim_start().split_once('/')?;
    let (_, time) = rest.rsplit_once("(exp. ")?;
    Some((name, time.strip_suffix("s)")?.parse().ok()?))
}

fn entry<'p>(phones: &'p mut HashMap<String, Phone>, name: &str) -> &'p mut Phone {
    if !phones.contains_key(name) {
        phones.insert(name.to_owned(), Phone::default());
    }
    phones
        .get_mut(name)
        .expect("it was put there if it was missing")
}
