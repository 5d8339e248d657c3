//! The hub against a scripted Asterisk.

use std::time::Instant;

use tokio::sync::broadcast::error::RecvError;

use super::*;
use crate::ami::fake::{FakeAsterisk, Peer, in_time};
use crate::live::{DeviceState, Hub, Notice, Presence, Subscription, Topic};

async fn start() -> (FakeAsterisk, Hub) {
    let (mut fake, events) = FakeAsterisk::start(|_| {}).await;
    let (hub, task) = Hub::new(fake.ami.clone(), events, || at(5_000));
    fake.tasks.spawn(task.run(fake.stop.clone()));
    (fake, hub)
}

/// Answers the questions after a login; 1001 is there.
async fn answer_questions(peer: &mut Peer) {
    answer_questions_with(peer, &[]).await;
}

/// The same, with phones that have registered.
async fn answer_questions_with(peer: &mut Peer, contacts: &[&str]) {
    for _ in 0..5 {
        let action = peer.any_action().await.unwrap();
        match action.get("Action").unwrap() {
            "CoreSettings" => {
                peer.answer(&action, "Response: Success\nAsteriskVersion: 22.10.1")
                    .await;
            }
            "DeviceStateList" => {
                let item = "Event: DeviceStateChange\nDevice: PJSIP/1001\nState: NOT_INUSE";
                peer.list(&action, &[item]).await;
            }
            "PJSIPShowRegistrationsOutbound" => {
                let item = "Event: OutboundRegistrationDetail\nObjectName: trunk-1\n\
                            ClientUri: sip:me@provider\nStatus: Unregistered";
                peer.list(&action, &[item]).await;
            }
            "PJSIPShowContacts" if contacts.is_empty() => {
                peer.answer(&action, "Response: Error\nMessage: No Contacts found")
                    .await;
            }
            "PJSIPShowContacts" => peer.list(&action, contacts).await,
            _ => peer.list(&action, &[]).await,
        }
    }
    let action = peer.action("Command").await;
    assert_eq!(
        action.get("Command"),
        Some("pjsip show registration trunk-1")
    );
    let printed = "Output:  trunk-1/sip:provider  auth  Unregistered  (exp. 7s)";
    peer.answer(&action, &format!("Response: Success\n{printed}"))
        .await;
}

/// Waits for the notice after which the claim holds.
async fn until(subscription: &mut Subscription, claim: impl Fn() -> bool) {
    in_time(async {
        while !claim() {
            subscription.next().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn events_during_the_reading_count_and_come_after_it() {
    let (fake, hub) = start().await;
    let mut subscription = hub.subscribe();
    assert!(!hub.asterisk().connected);
    let mut peer = fake.accept_and_boot().await;
    // Before the answers, and later than what they say.
    peer.send("Event: DeviceStateChange\nDevice: PJSIP/1001\nState: RINGING\n\n")
        .await;
    answer_questions(&mut peer).await;
    until(&mut subscription, || hub.asterisk().connected).await;
    until(&mut subscription, || {
        hub.endpoint("1001").state == DeviceState::Ringing
    })
    .await;
    assert_eq!(hub.asterisk().version.as_deref(), Some("22.10.1"));
    let presences = hub.presences(["1001", "1002"]);
    assert_eq!(presences, [Presence::Ringing, Presence::Unregistered]);
    let trunk = || hub.trunk("trunk-1").unwrap();
    assert_eq!(trunk().status, "Unregistered");
    until(&mut subscription, || trunk().next == Some(at(5_007))).await;
    peer.send("Event: Registry\nUsername: sip:me@provider\nStatus: Registered\n\n")
        .await;
    until(&mut subscription, || {
        hub.trunk("trunk-1").unwrap().status == "Registered"
    })
    .await;
}

#[tokio::test]
async fn a_cut_makes_everything_unknown_and_a_login_brings_it_back() {
    let (fake, hub) = start().await;
    let mut subscription = hub.subscribe();
    let mut peer = fake.accept_and_boot().await;
    answer_questions(&mut peer).await;
    until(&mut subscription, || hub.endpoint("1001").state.is_online()).await;
    // Cut again while the second reading is under way.
    drop(peer);
    until(&mut subscription, || !hub.asterisk().connected).await;
    assert_eq!(hub.endpoint("1001").state, DeviceState::Unknown);
    let mut peer = fake.accept_and_boot().await;
    peer.any_action().await.unwrap();
    drop(peer);
    let mut peer = fake.accept_and_boot().await;
    answer_questions(&mut peer).await;
    until(&mut subscription, || hub.endpoint("1001").state.is_online()).await;
}

#[tokio::test]
async fn a_new_phone_is_asked_for_its_software_and_qualified_at_once() {
    let (fake, hub) = start().await;
    let mut subscription = hub.subscribe();
    let mut peer = fake.accept_and_boot().await;
    answer_questions(&mut peer).await;
    until(&mut subscription, || hub.asterisk().connected).await;
    registers(&mut peer).await;
    answer_about_phone(&mut peer).await;
    let user_agent = || hub.endpoint("1001").contacts.first()?.user_agent.clone();
    until(&mut subscription, || {
        user_agent().as_deref() == Some("Snom D785")
    })
    .await;
}

#[tokio::test]
async fn a_phone_that_came_while_nobody_listened_is_qualified_after_the_login() {
    let (fake, hub) = start().await;
    let mut subscription = hub.subscribe();
    let mut peer = fake.accept_and_boot().await;
    let listed = |number: &str, status: &str, seconds: u8| {
        format!(
            "Event: ContactList\nObjectName: {number};@ab\nEndpoint: ep\nUri: {PHONE}\n\
             UserAgent: Snom D785\nStatus: {status}\nQualifyFrequency: {seconds}"
        )
    };
    // Neither who answers already is asked, nor who is never to be asked.
    let contacts = [
        listed("1002", "Reachable", 60),
        listed("1003", "NonQualified", 0),
        listed("1001", "NonQualified", 60),
    ];
    answer_questions_with(&mut peer, &contacts.each_ref().map(String::as_str)).await;
    until(&mut subscription, || hub.asterisk().connected).await;
    answer_about_phone(&mut peer).await;
}

#[tokio::test]
async fn a_question_about_a_phone_that_stays_open_is_asked_again() {
    let (fake, hub) = start().await;
    let mut subscription = hub.subscribe();
    let mut peer = fake.accept_and_boot().await;
    answer_questions(&mut peer).await;
    until(&mut subscription, || hub.asterisk().connected).await;
    registers(&mut peer).await;
    let unanswered = peer.action("Getvar").await;
    assert_eq!(unanswered.get("Variable"), Some("PJSIP_AOR(1001,contact)"));
    answer_about_phone(&mut peer).await;
}

/// Where the phone of 1001 is.
const PHONE: &str = "sip:1001@10.0.0.7:5060";

/// It registers, and nobody has asked it yet whether it is there.
async fn registers(peer: &mut Peer) {
    let contact = "Event: ContactStatus\nAOR: 1001\nEndpointName: ep\nContactStatus: NonQualified";
    peer.send(&format!("{contact}\nURI: {PHONE}\n\n")).await;
}

/// Answers the questions about 1001, which waits for its turn, until it is qualified.
async fn answer_about_phone(peer: &mut Peer) {
    for (variable, value) in [
        ("PJSIP_AOR(1001,contact)", "1001;@ab"),
        ("PJSIP_CONTACT(1001;@ab,uri)", PHONE),
        ("PJSIP_CONTACT(1001;@ab,user_agent)", "Snom D785"),
        ("PJSIP_CONTACT(1001;@ab,status)", "NonQualified"),
        ("PJSIP_CONTACT(1001;@ab,qualify_frequency)", "60"),
    ] {
        let action = peer.action("Getvar").await;
        assert_eq!(action.get("Variable"), Some(variable));
        peer.answer(&action, &format!("Response: Success\nValue: {value}"))
            .await;
    }
    let action = peer.action("PJSIPQualify").await;
    assert_eq!(action.get("Endpoint"), Some("ep"));
    peer.answer(&action, "Response: Success").await;
}

#[tokio::test]
async fn a_first_change_is_told_at_once_and_a_burst_once_in_a_while() {
    let (_fake, hub) = start().await;
    let mut subscription = hub.subscribe();
    let begin = Instant::now();
    hub.publish(Topic::Other("voicemail"));
    let first = in_time(subscription.next()).await;
    assert_eq!(first, Some(Notice::Changed(Topic::Other("voicemail"))));
    for _ in 0..1_000 {
        hub.publish(Topic::Other("voicemail"));
        tokio::task::yield_now().await;
    }
    let mut notices = 1;
    in_time(subscription.next()).await;
    hub.publish(Topic::Cdr);
    while in_time(subscription.next()).await != Some(Notice::Changed(Topic::Cdr)) {
        notices += 1;
    }
    let windows = begin.elapsed().as_millis() / 250;
    assert!(
        (1..=windows).contains(&notices),
        "{notices} notices in {windows} windows"
    );
}

#[tokio::test]
async fn a_slow_subscriber_is_told_to_look_at_everything() {
    let (_fake, hub) = start().await;
    let (mut slow, mut quick) = (hub.subscribe(), hub.subscribe());
    let names: Vec<&'static str> = (0..100)
        .map(|number| &*Box::leak(number.to_string().into_boxed_str()))
        .collect();
    for name in names {
        hub.publish(Topic::Other(name));
        in_time(quick.next()).await;
    }
    assert_eq!(in_time(slow.next()).await, Some(Notice::Everything));
    assert!(matches!(
        in_time(slow.next()).await,
        Some(Notice::Changed(_))
    ));
}

#[tokio::test]
async fn observers_get_the_events_as_they_came() {
    let (fake, hub) = start().await;
    let mut raw = hub.observe();
    let mut peer = fake.accept_and_boot().await;
    peer.send("Event: UserEvent\nUserEvent: Forward\nTarget: 1002\n\n")
        .await;
    loop {
        let frame = in_time(raw.recv()).await.unwrap();
        if frame.event() == Some("UserEvent") {
            assert_eq!(frame.get("Target"), Some("1002"));
            break;
        }
    }
}

#[tokio::test]
async fn whoever_does_not_listen_never_slows_the_picture() {
    let (fake, hub) = start().await;
    // A browser and an observer that have stopped to read.
    let (_asleep, mut behind) = (hub.subscribe(), hub.observe());
    let mut subscription = hub.subscribe();
    let mut peer = fake.accept_and_boot().await;
    answer_questions(&mut peer).await;
    until(&mut subscription, || hub.asterisk().connected).await;
    for _ in 0..10 {
        for state in ["INUSE", "RINGING"] {
            let event = |number| {
                format!("Event: DeviceStateChange\nDevice: PJSIP/{number}\nState: {state}\n\n")
            };
            let all: Vec<String> = (1_000..2_000).map(event).collect();
            peer.send(&all.concat()).await;
        }
    }
    peer.send("Event: DeviceStateChange\nDevice: PJSIP/4711\nState: INUSE\n\n")
        .await;
    until(&mut subscription, || {
        hub.endpoint("4711").state == DeviceState::InUse
    })
    .await;
    assert_eq!(hub.endpoint("1999").state, DeviceState::Ringing);
    let missed = in_time(behind.recv()).await.unwrap_err();
    assert!(
        matches!(missed, RecvError::Lagged(many) if many > 10_000),
        "{missed}"
    );
}
