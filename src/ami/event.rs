//! Typed views of the events this program cares about.
//!
//! A view borrows its frame and adds names and meaning, never a copy. Every header may be missing:
//! then that accessor is `None` and the event still counts.

use std::time::Duration;

use super::wire::Frame;

/// Declares a view with an accessor for each header.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $header:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'f>(pub &'f Frame);

        impl<'f> $name<'f> {
            $($(#[$field_doc])* pub fn $field(self) -> Option<&'f str> {
                present(self.0.get($header))
            })*
        }
    };
}

/// Asterisk writes an empty value or `<unknown>` where it has nothing to say.
fn present(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty() && *value != "<unknown>")
}

/// Any event of Asterisk.
#[derive(Debug, Clone, Copy)]
pub enum Event<'f> {
    DeviceStateChange(DeviceStateChange<'f>),
    ContactStatus(ContactStatus<'f>),
    Registry(Registry<'f>),
    Reload(Reload<'f>),
    /// The channel of a `Newchannel`, `Newstate`, `NewCallerid` or `NewConnectedLine`.
    Channel(Party<'f>),
    Rename(Rename<'f>),
    DialBegin(Dial<'f>),
    DialEnd(Dial<'f>),
    BridgeEnter(Bridge<'f>),
    BridgeLeave(Bridge<'f>),
    Hangup(Hangup<'f>),
    Cdr(Cdr<'f>),
    FullyBooted,
    Shutdown,
    Other(&'f Frame),
}

/// The names of the events that are read here; `manager.conf` should let these pass and no others.
pub const NAMES: [&str; 18] = [
    "BridgeEnter",
    "BridgeLeave",
    "Cdr",
    "ContactStatus",
    "DeviceStateChange",
    "DialBegin",
    "DialEnd",
    "DialState",
    "FullyBooted",
    "Hangup",
    "NewCallerid",
    "NewConnectedLine",
    "Newchannel",
    "Newstate",
    "Registry",
    "Reload",
    "Rename",
    "Shutdown",
];

impl<'f> Event<'f> {
    pub fn of(frame: &'f Frame) -> Self {
        match frame.event().unwrap_or_default() {
            "DeviceStateChange" => Self::DeviceStateChange(DeviceStateChange(frame)),
            "ContactStatus" => Self::ContactStatus(ContactStatus(frame)),
            "Registry" => Self::Registry(Registry(frame)),
            "Reload" => Self::Reload(Reload(frame)),
            "Newchannel" | "Newstate" | "NewCallerid" | "NewConnectedLine" => {
                Self::Channel(Party::of(frame))
            }
            "Rename" => Self::Rename(Rename(frame)),
            "DialBegin" | "DialState" => Self::DialBegin(Dial(frame)),
            "DialEnd" => Self::DialEnd(Dial(frame)),
            "BridgeEnter" => Self::BridgeEnter(Bridge(frame)),
            "BridgeLeave" => Self::BridgeLeave(Bridge(frame)),
            "Hangup" => Self::Hangup(Hangup(frame)),
            "Cdr" => Self::Cdr(Cdr(frame)),
            "FullyBooted" => Self::FullyBooted,
            "Shutdown" => Self::Shutdown,
            _ => Self::Other(frame),
        }
    }
}

view! {
    /// The state of a device; also an item of `DeviceStateList`.
    DeviceStateChange {
        /// `PJSIP/1001`
        device: "Device",
        /// `NOT_INUSE`, `INUSE`, `RINGING`, `UNAVAILABLE` and others
        state: "State",
    }
}

/// How Asterisk calls a contact that it has not asked yet whether it is there.
pub const NOT_QUALIFIED: &str = "NonQualified";

view! {
    /// A contact came, went, or answered a qualify request.
    ContactStatus {
        aor: "AOR",
        endpoint: "EndpointName",
        uri: "URI",
        /// `Reachable`, `Unreachable`, `NonQualified`, `Removed`, `Updated`
        status: "ContactStatus",
    }
}

impl ContactStatus<'_> {
    pub fn round_trip(self) -> Option<Duration> {
        microseconds(self.0.get("RoundtripUsec"))
    }
}

view! {
    /// An item of `PJSIPShowContacts`.
    ContactListed {
        /// `1001;@<hash>`
        id: "ObjectName",
        endpoint: "Endpoint",
        uri: "Uri",
        user_agent: "UserAgent",
        status: "Status",
        /// seconds, `0` for never
        qualify_frequency: "QualifyFrequency",
    }
}

impl<'f> ContactListed<'f> {
    /// Asterisk is to ask the phone whether it is there, and has not done so yet.
    pub fn waits_to_be_qualified(self) -> bool {
        self.status() == Some(NOT_QUALIFIED) && self.qualify_frequency() != Some("0")
    }

    pub fn round_trip(self) -> Option<Duration> {
        microseconds(self.0.get("RoundtripUsec"))
    }

    /// The address of record is the part of the id before the separator.
    pub fn aor(self) -> Option<&'f str> {
        self.id().and_then(|id| id.split([';', '^', '@']).next())
    }
}

view! {
    /// The state of an outbound registration changed.
    Registry {
        /// the client URI
        username: "Username",
        /// the server URI
        domain: "Domain",
        /// `Registered`, `Unregistered`, `Rejected`
        status: "Status",
        cause: "Cause",
    }
}

view! {
    /// A module has read its configuration again.
    Reload {
        module: "Module",
    }
}

view! {
    /// An item of `PJSIPShowRegistrationsOutbound`.
    RegistrationListed {
        name: "ObjectName",
        client_uri: "ClientUri",
        server_uri: "ServerUri",
        status: "Status",
    }
}

view! {
    /// The record of a finished leg, with the extra columns of `cdr_manager.conf` when mapped.
    Cdr {
        account: "AccountCode",
        source: "Source",
        destination: "Destination",
        context: "DestinationContext",
        caller_id: "CallerID",
        channel: "Channel",
        destination_channel: "DestinationChannel",
        last_application: "LastApplication",
        last_data: "LastData",
        duration: "Duration",
        billable_seconds: "BillableSeconds",
        disposition: "Disposition",
        ama_flags: "AMAFlags",
        uniqueid: "UniqueID",
        user_field: "UserField",
        linkedid: "LinkedID",
        sequence: "Sequence",
        peer_account: "PeerAccount",
        /// local time without a zone
        start_time: "StartTime",
        /// seconds since 1970, with microseconds
        start_epoch: "StartEpoch",
        /// `0.000000` when it was not answered
        answer_epoch: "AnswerEpoch",
        end_epoch: "EndEpoch",
    }
}

view! {
    /// A channel has another name from now on.
    Rename {
        uniqueid: "Uniqueid",
        new_name: "Newname",
    }
}

view! {
    /// A channel is gone.
    Hangup {
        uniqueid: "Uniqueid",
        linkedid: "Linkedid",
        /// the Q.850 cause
        cause: "Cause",
    }
}

/// `Channel` calls `DestChannel`; without a caller when the call was originated.
#[derive(Debug, Clone, Copy)]
pub struct Dial<'f>(pub &'f Frame);

impl<'f> Dial<'f> {
    pub fn caller(self) -> Party<'f> {
        Party::of(self.0)
    }

    pub fn callee(self) -> Party<'f> {
        Party {
            frame: self.0,
            prefix: "Dest",
        }
    }

    /// How the attempt ended (`ANSWER`, `BUSY`, `NOANSWER`, `CANCEL`), or `RINGING` on the way.
    pub fn status(self) -> Option<&'f str> {
        present(self.0.get("DialStatus"))
    }
}

/// A channel enters or leaves a bridge.
#[derive(Debug, Clone, Copy)]
pub struct Bridge<'f>(pub &'f Frame);

impl<'f> Bridge<'f> {
    pub fn bridge(self) -> Option<&'f str> {
        present(self.0.get("BridgeUniqueid"))
    }

    pub fn channel(self) -> Party<'f> {
        Party::of(self.0)
    }
}

/// What an event says about one channel.
#[derive(Debug, Clone, Copy)]
pub struct Party<'f> {
    frame: &'f Frame,
    prefix: &'static str,
}

impl<'f> Party<'f> {
    pub fn of(frame: &'f Frame) -> Self {
        Self { frame, prefix: "" }
    }

    fn get(self, name: &str) -> Option<&'f str> {
        present(self.frame.get_prefixed(self.prefix, name))
    }

    /// `PJSIP/1001-0000002a`
    pub fn channel(self) -> Option<&'f str> {
        self.get("Channel")
    }

    pub fn uniqueid(self) -> Option<&'f str> {
        self.get("Uniqueid")
    }

    /// The same for all channels of one call.
    pub fn linkedid(self) -> Option<&'f str> {
        self.get("Linkedid")
    }

    /// `Down`, `Ring` (it calls), `Ringing` (it is called), `Up`
    pub fn state(self) -> Option<&'f str> {
        self.get("ChannelStateDesc")
    }

    pub fn number(self) -> Option<&'f str> {
        self.get("CallerIDNum")
    }

    pub fn name(self) -> Option<&'f str> {
        self.get("CallerIDName")
    }

    /// What this channel asked for, or where it is in the dialplan by now.
    pub fn exten(self) -> Option<&'f str> {
        self.get("Exten")
    }

    /// The running application; only in `CoreShowChannels`.
    pub fn application(self) -> Option<&'f str> {
        self.get("Application")
    }

    /// How long the channel lives; only in `CoreShowChannels`.
    pub fn duration(self) -> Option<Duration> {
        let mut seconds = 0;
        for part in self.get("Duration")?.split(':') {
            seconds = seconds * 60 + part.parse::<u64>().ok()?;
        }
        Some(Duration::from_secs(seconds))
    }
}

/// When Asterisk made the event (`timestampevents = yes`), as seconds since 1970.
pub fn timestamp(frame: &Frame) -> Option<Duration> {
    let (seconds, fraction) = frame.get("Timestamp")?.split_once('.')?;
    let micros = if fraction.len() == 6 {
        fraction.parse().ok()?
    } else {
        0
    };
    Some(Duration::from_secs(seconds.parse().ok()?) + Duration::from_micros(micros))
}

fn microseconds(value: Option<&str>) -> Option<Duration> {
    let micros: u64 = value?.parse().ok()?;
    (micros > 0).then(|| Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Frame {
        Frame::parse(text.replace('\n', "\r\n").as_bytes()).unwrap()
    }

    #[test]
    fn an_event_without_its_headers_is_still_an_event() {
        for name in NAMES {
            let frame = frame(&format!("Event: {name}"));
            assert!(!matches!(Event::of(&frame), Event::Other(_)), "{name}");
        }
        let dial = frame("Event: DialBegin\nDestChannel: PJSIP/1002-01\nDestUniqueid: 7");
        let Event::DialBegin(dial) = Event::of(&dial) else {
            panic!("not a DialBegin")
        };
        assert_eq!(dial.caller().channel(), None);
        assert_eq!(dial.callee().uniqueid(), Some("7"));
    }

    #[test]
    fn unknown_and_empty_are_nothing() {
        let frame = frame("Event: Newstate\nCallerIDNum: <unknown>\nCallerIDName: \nExten: s");
        let party = Party::of(&frame);
        assert_eq!(
            (party.number(), party.name(), party.exten()),
            (None, None, Some("s"))
        );
    }

    #[test]
    fn times_are_read() {
        let frame = frame("Event: X\nTimestamp: 1795380263.000479\nDuration: 01:02:03");
        assert_eq!(
            timestamp(&frame),
            Some(Duration::new(1_795_380_263, 479_000))
        );
        assert_eq!(
            Party::of(&frame).duration(),
            Some(Duration::from_secs(3723))
        );
    }
}
