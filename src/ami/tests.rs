//! The connection against a scripted Asterisk.

use std::time::Duration;

use tokio::task::JoinSet;

use super::fake::{FakeAsterisk, in_time, incoming};
use super::{Action, Away, Failure, Incoming, NotSent, State};

async fn send(fake: &FakeAsterisk, action: Action) -> Result<super::Reply, Failure> {
    in_time(fake.ami.send(action)).await
}

async fn reason(fake: &FakeAsterisk, wanted: impl Fn(&Away) -> bool) -> Away {
    let mut states = fake.ami.watch();
    let is_wanted = |state: &State| matches!(state, State::Away { reason, .. } if wanted(reason));
    let state = in_time(states.wait_for(is_wanted)).await.unwrap().clone();
    let State::Away { reason, .. } = state else {
        unreachable!("just matched")
    };
    reason
}

#[tokio::test]
async fn it_counts_as_connected_only_when_fully_booted() {
    let (fake, mut events) = FakeAsterisk::start(|_| {}).await;
    let mut peer = fake.accept().await;
    peer.log_in().await;
    reason(&fake, |reason| *reason == Away::Booting).await;
    assert_eq!(
        send(&fake, Action::ping()).await.unwrap_err(),
        NotSent::Away.into()
    );
    // What is said before is part of what is read after.
    peer.send("Event: Early\n\nEvent: FullyBooted\n\nEvent: Late\n\n")
        .await;
    assert!(matches!(
        incoming(&mut events).await,
        Incoming::Up { generation: 1 }
    ));
    let mut names = Vec::new();
    while names.len() < 2 {
        let Incoming::Event(frame) = incoming(&mut events).await else {
            panic!("lost")
        };
        names.push(frame.event().unwrap().to_owned());
    }
    assert_eq!(names, ["FullyBooted", "Late"]);
    assert!(fake.ami.state().is_connected());
}

#[tokio::test]
async fn actions_run_side_by_side_and_find_their_answers() {
    let (fake, _events) = FakeAsterisk::start(|_| {}).await;
    let mut peer = fake.accept_and_boot().await;
    in_time(fake.ami.watch().wait_for(State::is_connected))
        .await
        .unwrap();
    let mut asking = JoinSet::new();
    for number in 0..50 {
        let ami = fake.ami.clone();
        let variable = format!("V{number}");
        asking.spawn(async move { (number, ami.getvar(None, variable).await.unwrap()) });
    }
    let mut asked = Vec::new();
    while asked.len() < 50 {
        asked.push(peer.action("Getvar").await);
    }
    for action in asked.iter().rev() {
        let value = action.get("Variable").unwrap().replace('V', "value ");
        peer.answer(action, &format!("Response: Success\nValue: {value}"))
            .await;
    }
    while let Some(answer) = in_time(asking.join_next()).await {
        let (number, value) = answer.unwrap();
        assert_eq!(value, Some(format!("value {number}")));
    }
}

#[tokio::test]
async fn a_list_is_complete_or_an_error_and_its_items_are_no_events() {
    let (fake, mut events) = FakeAsterisk::start(|_| {}).await;
    let mut peer = fake.accept_and_boot().await;
    in_time(fake.ami.watch().wait_for(State::is_connected))
        .await
        .unwrap();
    let (reply, ()) = tokio::join!(send(&fake, Action::device_states()), async {
        let list = peer.action("DeviceStateList").await;
        peer.list(&list, &["Event: DeviceStateChange\nDevice: PJSIP/1001"])
            .await;
    });
    assert_eq!(reply.unwrap().items.len(), 1);
    let (reply, ()) = tokio::join!(send(&fake, Action::contacts()), async {
        let list = peer.action("PJSIPShowContacts").await;
        peer.answer(&list, "Response: Error\nMessage: No Contacts found")
            .await;
    });
    assert_eq!(reply.unwrap().items.len(), 0);
    let late = Action::channels().within(Duration::from_millis(50));
    let (reply, list) = tokio::join!(send(&fake, late), peer.action("CoreShowChannels"));
    assert_eq!(reply.unwrap_err(), Failure::Unknown("no answer in time"));
    peer.list(&list, &["Event: CoreShowChannel\nUniqueid: 1"])
        .await;
    peer.send("Event: Real\n\n").await;
    loop {
        match incoming(&mut events).await {
            Incoming::Event(frame) if frame.event() == Some("Real") => break,
            Incoming::Event(frame) => assert_eq!(frame.event(), Some("FullyBooted")),
            Incoming::Up { .. } => {}
            Incoming::Down { reason, .. } => panic!("{reason}"),
        }
    }
}

#[tokio::test]
async fn a_refusal_keeps_its_message_and_nothing_illegal_is_written() {
    let (fake, _events) = FakeAsterisk::start(|_| {}).await;
    let mut peer = fake.accept_and_boot().await;
    in_time(fake.ami.watch().wait_for(State::is_connected))
        .await
        .unwrap();
    let injection = Action::hangup("PJSIP/1\r\n\r\nAction: Originate");
    let failure = send(&fake, injection).await.unwrap_err();
    assert!(
        matches!(failure, Failure::NotSent(NotSent::Unsendable(_))),
        "{failure}"
    );
    // The next thing Asterisk sees is the next action.
    let (reply, ()) = tokio::join!(send(&fake, Action::hangup("PJSIP/2")), async {
        let action = peer.action("Hangup").await;
        assert_eq!(action.get("Channel"), Some("PJSIP/2"));
        peer.answer(&action, "Response: Error\nMessage: No such channel")
            .await;
    });
    let message = "No such channel".to_owned();
    assert_eq!(reply.unwrap_err(), Failure::Refused { message });
}

#[tokio::test]
async fn a_cut_ends_every_action_at_once_and_a_new_generation_follows() {
    let (fake, mut events) = FakeAsterisk::start(|_| {}).await;
    let mut peer = fake.accept_and_boot().await;
    in_time(fake.ami.watch().wait_for(State::is_connected))
        .await
        .unwrap();
    let long = Action::getvar(None, "X").within(Duration::from_hours(1));
    let (reply, ()) = tokio::join!(send(&fake, long), async {
        peer.action("Getvar").await;
        // In the middle of an answer.
        peer.send("Response: Succ").await;
        drop(peer);
    });
    assert_eq!(
        reply.unwrap_err(),
        Failure::Unknown("the connection was cut")
    );
    let _peer = fake.accept_and_boot().await;
    let mut seen = Vec::new();
    while seen.len() < 3 {
        match incoming(&mut events).await {
            Incoming::Up { generation } => seen.push(format!("up {generation}")),
            Incoming::Down { reason, .. } => seen.push(reason.to_string()),
            Incoming::Event(_) => {}
        }
    }
    assert_eq!(seen, ["up 1", "the connection was closed", "up 2"]);
}

#[tokio::test]
async fn a_refused_login_is_named_and_tried_again_slowly() {
    let (fake, _events) =
        FakeAsterisk::start(|config| config.refused_retry = Duration::from_millis(100)).await;
    let mut peer = fake.accept().await;
    peer.send("Asterisk Call Manager/11.0.0\n").await;
    let challenge = peer.action("Challenge").await;
    peer.answer(&challenge, "Response: Success\nChallenge: 1")
        .await;
    let login = peer.action("Login").await;
    peer.answer(&login, "Response: Error\nMessage: Authentication failed")
        .await;
    drop(peer);
    let reason = reason(&fake, |reason| matches!(reason, Away::LoginRefused(_))).await;
    assert_eq!(
        reason,
        Away::LoginRefused("Authentication failed".to_owned())
    );
    let _peer = fake.accept_and_boot().await;
    in_time(fake.ami.watch().wait_for(State::is_connected))
        .await
        .unwrap();
}

#[tokio::test]
async fn silence_is_noticed_by_the_ping() {
    let (fake, mut events) = FakeAsterisk::start(|config| {
        config.ping_every = Duration::from_millis(20);
        config.ping_deadline = Duration::from_millis(50);
    })
    .await;
    // Reads nothing and says nothing any more, but keeps the connection.
    let _frozen = fake.accept_and_boot().await;
    assert!(matches!(incoming(&mut events).await, Incoming::Up { .. }));
    loop {
        if let Incoming::Down { reason, .. } = incoming(&mut events).await {
            assert_eq!(reason, Away::Silent);
            break;
        }
    }
    assert_eq!(
        send(&fake, Action::ping()).await.unwrap_err(),
        NotSent::Away.into()
    );
}

#[tokio::test]
async fn a_slow_receiver_loses_nothing_and_does_not_look_like_silence() {
    let (fake, mut events) = FakeAsterisk::start(|config| {
        config.event_queue = 2;
        config.ping_every = Duration::from_millis(20);
        config.ping_deadline = Duration::from_millis(50);
    })
    .await;
    let mut peer = fake.accept_and_boot().await;
    for number in 0..200 {
        peer.send(&format!("Event: Number\nValue: {number}\n\n"))
            .await;
    }
    let answering = async {
        while let Some(ping) = peer.any_action().await {
            peer.answer(&ping, "Response: Success").await;
        }
    };
    let receiving = async {
        // The answers to these pings lie behind the events and are not read in time.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut next = 0;
        while next < 200 {
            match incoming(&mut events).await {
                Incoming::Event(frame) if frame.event() == Some("Number") => {
                    assert_eq!(frame.get("Value"), Some(next.to_string().as_str()));
                    next += 1;
                }
                Incoming::Down { reason, .. } => panic!("{reason}"),
                Incoming::Event(_) | Incoming::Up { .. } => {}
            }
        }
    };
    tokio::select! {
        () = receiving => {}
        () = answering => panic!("the client hung up"),
    }
}

#[tokio::test]
async fn a_giant_is_left_out_and_the_connection_goes_on() {
    let (fake, mut events) = FakeAsterisk::start(|_| {}).await;
    let mut peer = fake.accept_and_boot().await;
    peer.send(&format!("Event: Giant\nX: {}\n\n", "x".repeat(2 << 20)))
        .await;
    peer.send("Event: Small\n\n").await;
    loop {
        match incoming(&mut events).await {
            Incoming::Event(frame) if frame.event() == Some("Small") => break,
            Incoming::Event(frame) => assert_eq!(frame.event(), Some("FullyBooted")),
            Incoming::Up { .. } => {}
            Incoming::Down { reason, .. } => panic!("{reason}"),
        }
    }
}

#[tokio::test]
async fn something_else_at_the_address_is_recognised() {
    let (fake, _events) = FakeAsterisk::start(|_| {}).await;
    let mut peer = fake.accept().await;
    peer.send("SSH-2.0-OpenSSH\n").await;
    reason(&fake, |reason| *reason == Away::NotAsterisk).await;
}

#[tokio::test]
async fn too_many_actions_wait_and_then_were_never_sent() {
    let (fake, _events) = FakeAsterisk::start(|config| config.in_flight = 1).await;
    let mut peer = fake.accept_and_boot().await;
    in_time(fake.ami.watch().wait_for(State::is_connected))
        .await
        .unwrap();
    let slow = Action::getvar(None, "SLOW").within(Duration::from_millis(300));
    let waiting = Action::getvar(None, "WAITING").within(Duration::from_millis(100));
    let (slow, waiting, action) = tokio::join!(
        send(&fake, slow),
        send(&fake, waiting),
        peer.action("Getvar")
    );
    assert_eq!(action.get("Variable"), Some("SLOW"));
    assert_eq!(waiting.unwrap_err(), NotSent::Busy.into());
    assert_eq!(slow.unwrap_err(), Failure::Unknown("no answer in time"));
    // The slot is free again.
    let (reply, ()) = tokio::join!(send(&fake, Action::getvar(None, "NEXT")), async {
        let action = peer.action("Getvar").await;
        assert_eq!(action.get("Variable"), Some("NEXT"));
        peer.answer(&action, "Response: Success\nValue: 1").await;
    });
    assert_eq!(reply.unwrap().value(), Some("1"));
}

#[tokio::test]
async fn stopping_ends_the_connection_and_everything_in_flight() {
    let (mut fake, _events) = FakeAsterisk::start(|_| {}).await;
    let mut peer = fake.accept_and_boot().await;
    in_time(fake.ami.watch().wait_for(State::is_connected))
        .await
        .unwrap();
    let long = Action::getvar(None, "X").within(Duration::from_hours(1));
    let (reply, ()) = tokio::join!(send(&fake, long), async {
        peer.action("Getvar").await;
        fake.stop.cancel();
    });
    assert_eq!(
        reply.unwrap_err(),
        Failure::Unknown("the connection was cut")
    );
    in_time(fake.tasks.join_next()).await.unwrap().unwrap();
    assert!(matches!(
        fake.ami.state(),
        State::Away {
            reason: Away::Stopping,
            ..
        }
    ));
    assert!(peer.any_action().await.is_none());
    fake.close();
}
