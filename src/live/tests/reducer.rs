//! What each recording looks like, step by step.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::ami::{Reply, event};
use crate::live::{Changes, ContactStatus, DeviceState, Topic};

const REGISTER: &str = include_str!("../recordings/register.txt");
const UNREGISTER: &str = include_str!("../recordings/unregister.txt");
const QUALIFIED: &str = include_str!("../recordings/qualified.txt");
const ANSWERED: &str = include_str!("../recordings/answered.txt");
const BUSY: &str = include_str!("../recordings/busy.txt");
const CANCEL: &str = include_str!("../recordings/cancel.txt");
const GROUP: &str = include_str!("../recordings/group.txt");
const ECHO: &str = include_str!("../recordings/echo.txt");
const TRANSFER: &str = include_str!("../recordings/transfer.txt");
const CHANNELS: &str = include_str!("../recordings/channels.txt");
const LISTS: &str = include_str!("../recordings/lists.txt");
const SUBROUTINE: &str = include_str!("../recordings/subroutine.txt");
const TRUNK: &str = include_str!("../recordings/trunk.txt");
const PICKUP: &str = include_str!("../recordings/pickup.txt");
const VOICEMAIL: &str = include_str!("../recordings/voicemail.txt");
const FORWARD: &str = include_str!("../recordings/forward.txt");
const OUTGOING: &str = include_str!("../recordings/outgoing.txt");
const CALLS: [&str; 11] = [
    ANSWERED, BUSY, CANCEL, GROUP, ECHO, TRANSFER, SUBROUTINE, PICKUP, VOICEMAIL, FORWARD, OUTGOING,
];

/// How the calls look after each event, without repeats.
fn course(text: &str) -> Vec<String> {
    let mut live = quiet();
    let mut course = vec![];
    for frame in events(text) {
        live.apply(Event::of(&frame), at(100));
        let calls: Vec<String> = live.calls().iter().map(sketch).collect();
        course.push(calls.join(", "));
    }
    course.dedup();
    course
}

#[test]
fn an_answered_call_dials_rings_and_is_up_until_both_hang_up() {
    let expected = ["1001>1002 dialing", "1001>1002 ringing", "1001>1002 up"];
    assert_eq!(course(ANSWERED)[..3], expected);
    assert_eq!(course(ANSWERED).last().unwrap(), "");
}

#[test]
fn the_number_dialled_stays_when_the_dialplan_moves_on() {
    let mut live = quiet();
    let frames = events(SUBROUTINE);
    let up = frames
        .iter()
        .position(|frame| frame.event() == Some("BridgeEnter"))
        .unwrap();
    apply_all(&mut live, &frames[..=up]);
    assert_eq!(live.calls()[0].dialled.as_deref(), Some("1002"));
    apply_all(&mut live, &frames[up..]);
    assert_eq!(live.calls(), []);
}

#[test]
fn a_trunk_is_as_it_was_listed_until_it_says_otherwise() {
    let mut live = quiet();
    let reply = Reply {
        response: recorded(TRUNK)[0].clone(),
        items: items(TRUNK, "OutboundRegistrationDetail"),
    };
    assert!(
        live.registrations_of(event::Registry(&items(TRUNK, "Registry")[0]))
            .is_empty()
    );
    live.list_registrations(&reply, at(50));
    let trunk = live.trunk("trunk-1").unwrap();
    assert_eq!((trunk.status.as_str(), trunk.since), ("Rejected", at(50)));
    let server = items(TRUNK, "Registry")[0]
        .get("Domain")
        .unwrap()
        .to_owned();
    let text = format!(
        "Event: Registry\nUsername: sip:acct@127.0.0.1:15599\nDomain: {server}\nStatus: Registered\n\n"
    );
    let changes = live.apply(Event::of(&events(&text)[0]), at(60));
    assert_eq!(changes.topics, [Topic::Trunks].into());
    let printed = "\n <Registration/ServerURI....>  <Status>\n\n trunk-1/sip:127.0.0.1:1  auth  Registered  (exp. 590s)\n";
    assert_eq!(
        live.time_registrations(printed, at(61)).topics,
        [Topic::Trunks].into()
    );
    assert!(live.time_registrations(printed, at(61)).topics.is_empty());
    let trunk = live.trunk("trunk-1").unwrap();
    assert_eq!(trunk.status, "Registered");
    assert_eq!((trunk.heard, trunk.next), (Some(at(60)), Some(at(651))));
    // Another trunk with the same account: an event does not say which of them it is about.
    let twin = |name: &str| {
        let text = format!(
            "Event: OutboundRegistrationDetail\nObjectName: {name}\nClientUri: sip:acct@127.0.0.1:15599\nServerUri: {server}\nStatus: Registered\n\n"
        );
        events(&text).remove(0)
    };
    let twins = Reply {
        response: reply.response.clone(),
        items: vec![twin("trunk-1"), twin("trunk-2")],
    };
    live.list_registrations(&twins, at(62));
    let refused = text.replace("Registered", "Rejected");
    assert_eq!(
        live.apply(Event::of(&events(&refused)[0]), at(63)),
        Changes::default()
    );
    assert_eq!(live.trunk("trunk-1").unwrap().status, "Registered");
    // Once the row is gone it is not listed any more.
    live.list_registrations(
        &Reply {
            items: Vec::new(),
            ..reply
        },
        at(70),
    );
    assert_eq!(live.trunk("trunk-1"), None);
}

#[test]
fn a_busy_call_ends_without_being_up() {
    assert!(
        !course(BUSY).iter().any(|calls| calls.contains("up")),
        "{:?}",
        course(BUSY)
    );
    assert_eq!(course(BUSY).last().unwrap(), "");
}

#[test]
fn a_cancelled_call_rings_and_ends() {
    let course = course(CANCEL);
    assert_eq!(course[..2], ["1001>1002 dialing", "1001>1002 ringing"]);
    assert!(
        !course.iter().any(|calls| calls.contains("up")),
        "{course:?}"
    );
    assert_eq!(course.last().unwrap(), "");
}

#[test]
fn a_group_rings_several_and_shows_who_answered() {
    let course = course(GROUP);
    assert!(
        course.contains(&"1001>1002 ringing +1003".to_owned()),
        "{course:?}"
    );
    assert!(course.contains(&"1001>1002 up".to_owned()), "{course:?}");
    assert_eq!(course.last().unwrap(), "");
}

#[test]
fn a_service_of_the_pbx_is_the_number_dialled() {
    assert_eq!(course(ECHO), ["1001>*43 dialing", "1001>*43 up", ""]);
}

#[test]
fn after_a_transfer_the_one_who_stays_is_the_caller() {
    let course = course(TRANSFER);
    let up = course
        .iter()
        .position(|calls| calls == "1001>1002 up")
        .unwrap();
    let after = course
        .iter()
        .position(|calls| calls == "1002>1003 up")
        .unwrap();
    assert!(up < after, "{course:?}");
    assert!(
        course.contains(&"1002>1003 ringing".to_owned()),
        "{course:?}"
    );
    assert_eq!(course.last().unwrap(), "");
}

#[test]
fn a_call_that_is_picked_up_is_one_call_with_who_picked_it_up() {
    let course = course(PICKUP);
    assert_eq!(course[..2], ["1001>1002 dialing", "1001>1002 ringing"]);
    let talk = course.iter().position(|calls| calls == "1001>1003 up");
    assert!(talk.is_some(), "{course:?}");
    assert_eq!(course.last().unwrap(), "");
}

#[test]
fn a_mailbox_answers_for_the_number_dialled() {
    assert_eq!(course(VOICEMAIL), ["1001>1004 dialing", "1001>1004 up", ""]);
}

/// The call as it is when both are on the phone.
fn talk(text: &str) -> CallView {
    let mut live = quiet();
    let frames = events(text);
    let up = frames
        .iter()
        .rposition(|frame| frame.event() == Some("BridgeEnter"))
        .unwrap();
    apply_all(&mut live, &frames[..=up]);
    live.calls().remove(0)
}

#[test]
fn a_forwarded_call_shows_who_rings_and_keeps_what_was_dialled() {
    let course = course(FORWARD);
    assert!(
        course.contains(&"1001>1002 ringing".to_owned()),
        "{course:?}"
    );
    assert_eq!(sketch(&talk(FORWARD)), "1001>1002 up");
    assert_eq!(talk(FORWARD).dialled.as_deref(), Some("1005"));
    assert_eq!(course.last().unwrap(), "");
}

#[test]
fn a_call_over_a_trunk_keeps_what_was_dialled() {
    let call = talk(OUTGOING);
    assert_eq!(call.dialled.as_deref(), Some("030123456"));
    assert_eq!(call.callee.endpoint.as_deref(), Some("trunk-ep-1"));
    assert_eq!(call.state.as_str(), "up");
    assert_eq!(course(OUTGOING).last().unwrap(), "");
}

#[test]
fn each_end_sees_the_other_and_the_times_are_those_of_the_events() {
    let mut live = quiet();
    let frames = events(ANSWERED);
    let is_up = |frame: &&Frame| frame.event() == Some("BridgeEnter");
    let up = frames.iter().position(|frame| is_up(&frame)).unwrap();
    apply_all(&mut live, &frames[..=up]);
    let call = &live.calls()[0];
    assert_eq!(
        (call.started, call.dialled.as_deref()),
        (at(100), Some("1002"))
    );
    assert!(call.answered.unwrap() > call.started);
    assert_eq!(call.caller.endpoint.as_deref(), Some("1001"));
    assert_eq!(call.callee.name.as_deref(), Some("Person 1002"));
    let peer = |number: &str| live.endpoint(number).call.unwrap().peer.number;
    assert_eq!(peer("1001").as_deref(), Some("1002"));
    assert_eq!(peer("1002").as_deref(), Some("1001"));
    assert_eq!(
        live.endpoint("1001").call.unwrap().since,
        call.answered.unwrap()
    );
    assert_eq!(live.endpoint("1003").call, None);
}

#[test]
fn phones_come_and_go() {
    let mut live = quiet();
    apply_all(&mut live, &events(REGISTER));
    let phone = live.endpoint("1002");
    assert_eq!(phone.state, DeviceState::NotInUse);
    assert_eq!(phone.contacts[0].address, "127.0.0.1:15302");
    assert_eq!(phone.contacts[0].status, ContactStatus::NotQualified);
    apply_all(&mut live, &events(UNREGISTER));
    assert_eq!(live.endpoint("1002").state, DeviceState::Unavailable);
    assert_eq!(live.endpoint("1002").contacts, []);
    assert!(live.endpoint("1001").state.is_online());
    assert_eq!(live.endpoint("4711").state, DeviceState::Unavailable);
}

#[test]
fn a_qualified_phone_is_reachable_with_its_round_trip() {
    let mut live = quiet();
    let frames = events(QUALIFIED);
    apply_all(&mut live, &frames[..2]);
    let contact = &live.endpoint("1004").contacts[0];
    assert_eq!(contact.status, ContactStatus::Reachable);
    assert_eq!(contact.round_trip, Some(Duration::from_micros(256)));
    apply_all(&mut live, &frames);
    assert_eq!(live.endpoint("1004").contacts, []);
}

#[test]
fn the_user_agent_is_added_once_it_is_known() {
    let mut live = quiet();
    apply_all(&mut live, &events(REGISTER));
    assert!(live.lacks_user_agent("1001"));
    let uri = live.endpoint("1001").contacts[0].uri.clone();
    assert_eq!(
        live.name_user_agent("1001", "sip:other", "x"),
        Changes::default()
    );
    let changes = live.name_user_agent("1001", &uri, "Snom^3B D785");
    assert!(changes.extensions.contains("1001"));
    assert_eq!(
        live.endpoint("1001").contacts[0].user_agent.as_deref(),
        Some("Snom; D785")
    );
    assert!(!live.lacks_user_agent("1001"));
}

fn lists() -> Snapshot {
    Snapshot {
        version: Some("22".to_owned()),
        devices: items(LISTS, "DeviceStateChange"),
        contacts: items(LISTS, "ContactList"),
        channels: items(CHANNELS, "CoreShowChannel"),
        registrations: Vec::new(),
    }
}

#[test]
fn a_login_in_the_middle_of_a_call_shows_the_call_and_the_phones() {
    let mut live = Live::new("test", at(0));
    live.resynchronise(&lists(), at(1_000));
    assert_eq!(
        live.calls().iter().map(sketch).collect::<Vec<_>>(),
        ["1002>1003 up"]
    );
    assert_eq!(live.calls()[0].started, at(996));
    let phone = live.endpoint("1001");
    assert_eq!(phone.state, DeviceState::NotInUse);
    assert_eq!(
        phone.contacts[0].user_agent.as_deref(),
        Some("Snom D785/10.1.175")
    );
    assert_eq!(phone.contacts[0].uri, "sip:1001@127.0.0.1:15301");
}

#[test]
fn what_happened_before_the_snapshot_may_be_told_again() {
    let mut live = Live::new("test", at(0));
    live.resynchronise(&lists(), at(1_000));
    let frames = events(TRANSFER);
    let bridged = frames
        .iter()
        .rposition(|frame| frame.event() == Some("BridgeEnter"))
        .unwrap();
    apply_all(&mut live, &frames[..=bridged]);
    assert_eq!(
        live.calls().iter().map(sketch).collect::<Vec<_>>(),
        ["1002>1003 up"]
    );
    apply_all(&mut live, &frames[bridged..]);
    assert_eq!(live.calls(), []);
}

#[test]
fn a_late_event_does_not_bring_a_channel_back() {
    let mut live = quiet();
    let frames = events(ANSWERED);
    apply_all(&mut live, &frames);
    let late: Vec<Frame> = frames
        .iter()
        .filter(|frame| frame.event() != Some("Hangup"))
        .cloned()
        .collect();
    apply_all(&mut live, &late);
    assert_eq!(live.calls(), []);
}

#[test]
fn nothing_stale_is_shown_while_asterisk_is_away() {
    let mut live = Live::new("test", at(0));
    live.resynchronise(&lists(), at(1_000));
    let before = live.endpoint("1001");
    let changes = live.lose("closed", at(2_000));
    assert!(changes.topics.contains(&Topic::System) && changes.extensions.contains("1001"));
    assert_eq!(live.calls(), []);
    let away = live.endpoint("1001");
    assert_eq!(
        (away.state, away.since),
        (DeviceState::Unknown, Some(at(2_000)))
    );
    assert_eq!(away.contacts, []);
    let asterisk = live.asterisk();
    assert_eq!((asterisk.connected, asterisk.since), (false, at(2_000)));
    // Another reason, still away since then; and events of nobody knows when say nothing.
    assert!(
        live.lose("refused", at(3_000))
            .topics
            .contains(&Topic::System)
    );
    assert_eq!(live.asterisk().since, at(2_000));
    apply_all(&mut live, &events(REGISTER));
    assert_eq!(live.endpoint("1001").state, DeviceState::Unknown);
    // Back again: what has not changed has been so since then.
    live.resynchronise(&lists(), at(4_000));
    assert_eq!(live.endpoint("1001"), before);
}

#[test]
fn changes_name_what_looks_different_and_nothing_else() {
    let mut live = quiet();
    let frames = events(REGISTER);
    for frame in &frames {
        let changes = live.apply(Event::of(frame), at(100));
        assert_eq!(changes.topics, [Topic::Extensions].into());
        assert_eq!(changes.extensions.len(), 1);
        let again = live.apply(Event::of(frame), at(101));
        assert_eq!(again, Changes::default(), "told twice");
    }
    let cdr = items(ANSWERED, "Cdr");
    assert_eq!(
        live.apply(Event::of(&cdr[0]), at(100)).topics,
        [Topic::Cdr].into()
    );
}

proptest! {
    /// Events may be lost, doubled and mixed up; once every channel has hung up no call is left.
    #[test]
    fn no_order_of_events_leaves_a_call_behind(picks: Vec<(prop::sample::Index, u8)>) {
        let frames: Vec<Frame> = CALLS.iter().flat_map(|text| events(text)).collect();
        let mut live = quiet();
        for (pick, _) in &picks {
            live.apply(Event::of(&frames[pick.index(frames.len())]), at(100));
            for call in live.calls() {
                prop_assert!(call.caller.channel.is_some());
            }
        }
        for frame in frames.iter().filter(|frame| frame.event() == Some("Hangup")) {
            live.apply(Event::of(frame), at(200));
        }
        prop_assert_eq!(live.calls(), []);
    }

    /// Whatever was seen, missed, doubled or mixed up before: what is read after a login is what is shown.
    #[test]
    fn nothing_that_was_heard_survives_a_new_reading(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..150),
        prefix: prop::sample::Index,
    ) {
        let all = [REGISTER, UNREGISTER, QUALIFIED, TRUNK];
        let frames: Vec<Frame> = CALLS.iter().chain(&all).flat_map(|text| events(text)).collect();
        let mut live = quiet();
        // A true beginning, and then anything.
        let transfer = events(TRANSFER);
        apply_all(&mut live, &transfer[..prefix.index(transfer.len() + 1)]);
        for pick in &picks {
            live.apply(Event::of(&frames[pick.index(frames.len())]), at(300));
        }
        live.resynchronise(&lists(), at(1_000));
        let mut fresh = Live::new("test", at(0));
        fresh.resynchronise(&lists(), at(1_000));
        prop_assert_eq!(shown(&live), shown(&fresh));
    }
}

/// What people see, but for since when, and who called whom: that is not read anew, and so remembered.
fn shown(live: &Live) -> Vec<String> {
    let ends = |call: &CallView| {
        let ends = [&call.caller, &call.callee].into_iter().chain(&call.others);
        let mut channels: Vec<_> = ends.map(|end| end.channel.clone()).collect();
        channels.sort_unstable();
        format!("{channels:?} {}", call.state.as_str())
    };
    let mut lines: Vec<String> = live.calls().iter().map(ends).collect();
    for number in ["1001", "1002", "1003", "1004", "4711"] {
        let phone = live.endpoint(number);
        let contacts: Vec<_> = phone
            .contacts
            .iter()
            .map(|c| (&c.uri, c.status, &c.user_agent))
            .collect();
        lines.push(format!("{number} {:?} {contacts:?}", phone.state));
    }
    lines.extend(live.registrations());
    lines
}
