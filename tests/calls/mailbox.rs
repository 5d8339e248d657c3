//! A mailbox by phone: who gets in, in which language, and what happens when the browser acts at the same time.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::client::Api;
use crate::support::pbx::Extension;
use crate::support::phone::{Outgoing, Phone};
use crate::support::{Pbx, eventually, own_pbx_that_speaks, pbx};

const SONG: Duration = Duration::from_secs(2);

/// An extension with a mailbox, and its PIN.
async fn boxed(pbx: &Pbx) -> (Extension, String) {
    let extension = pbx.ext().name("Bob").ring_time(5).create().await;
    let path = format!("/api/voicemail/mailbox/{}", extension.number);
    let admin = pbx.admin().await;
    let made = admin.put(&path, &json!({})).await.expect(200);
    let pin = made["pin"].as_str().expect("shown once").to_owned();
    (extension, pin)
}

/// A first message that can be heard, and so many others.
async fn is_filled(pbx: &Pbx, bob: &Phone, song: Duration, others: u32) {
    let ada = pbx.ext().name("Ada").phone().await;
    let mut out = ada.dial(&bob.number).await;
    bob.rings().await.busy().await;
    out.is_answered().await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.sings(song).await;
    out.hang_up().await;
    bob.lamp_tells(1, 0).await;
    let owner = pbx.owner().await;
    for n in 1..=others {
        owner.add_message(&bob.number, &format!("Caller {n}")).await;
    }
    bob.lamp_tells(others + 1, 0).await;
}

/// The callers of the messages, oldest first, each with whether it has been read.
async fn messages(api: &Api, number: &str) -> Vec<(String, bool)> {
    let path = format!("/api/voicemail/?mailbox={number}");
    let list = api.get(&path).await.expect(200);
    let mut list = list.as_array().cloned().unwrap_or_default();
    list.reverse();
    let told = list.iter().map(|message| {
        let caller = message["caller_id"].as_str().unwrap_or_default();
        let name = caller.split('"').nth(1).unwrap_or(caller);
        (name.to_owned(), message["is_read"] == true)
    });
    told.collect()
}

async fn holds(api: &Api, number: &str, expected: &[(&str, bool)]) {
    eventually(&format!("{number} holds {expected:?}"), || async {
        let found = messages(api, number).await;
        let found: Vec<_> = found
            .iter()
            .map(|(name, read)| (name.as_str(), *read))
            .collect();
        (found == expected).then_some(())
    })
    .await;
}

/// The messages of a mailbox as the browser names them, oldest first.
async fn ids(api: &Api, number: &str) -> Vec<Value> {
    let path = format!("/api/voicemail/?mailbox={number}");
    let list = api.get(&path).await.expect(200);
    let list = list.as_array().cloned().unwrap_or_default();
    list.iter()
        .rev()
        .map(|message| message["id"].clone())
        .collect()
}

async fn opens(phone: &Phone, code: &str, pin: &str) -> Outgoing {
    let mut out = phone.dial(code).await;
    out.is_answered().await;
    out.presses(&format!("{pin}#")).await;
    out
}

#[tokio::test]
async fn a_wrong_pin_opens_no_mailbox_neither_the_own_nor_another_one() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (callee, pin) = boxed(&pbx).await;
    let (bob, eve) = (callee.phone().await, pbx.ext().phone().await);
    is_filled(&pbx, &bob, SONG, 0).await;
    let wrong = if pin == "11111" { "22222" } else { "11111" };
    let other = format!("*97{}", callee.number);
    for (phone, code) in [(&bob, "*98"), (&eve, other.as_str())] {
        let mut out = phone.dial(code).await;
        out.is_answered().await;
        for _ in 0..3 {
            out.hears_nothing_more().await;
            out.presses(&format!("{wrong}#")).await;
        }
        // It says goodbye, and that was it.
        out.other_side_hangs_up().await;
    }
    holds(&admin, &callee.number, &[("Ada", false)]).await;

    // With the right one it is played, and read.
    let mut out = opens(&eve, &other, &pin).await;
    out.presses("1").await;
    out.hears_singing().await;
    out.hang_up().await;
    holds(&admin, &callee.number, &[("Ada", true)]).await;
}

#[tokio::test]
async fn a_pin_by_phone_follows_the_rule_of_the_browser_and_the_phone_says_so() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    let (callee, pin) = boxed(&pbx).await;
    let bob = callee.phone().await;
    let is_pin = async |pin: &str| {
        let kept = "select count(*) from voicemail where mailbox = $1 and password = $2";
        owner.count(kept, &[&callee.number, pin]).await == 1
    };
    // Five among the options of the mailbox, which speak until somebody presses a key.
    let asks_for_a_new_one = async || {
        let mut out = opens(&bob, "*98", &pin).await;
        out.hears_nothing_more().await;
        out.presses("05").await;
        out.hears_nothing_more().await;
        out
    };
    for obvious in ["1234", &callee.number] {
        let mut out = asks_for_a_new_one().await;
        out.presses(&format!("{obvious}#")).await;
        // Asterisk writes this line where it says that the password is not valid.
        let line = format!("Invalid password for user {} ({obvious})", callee.number);
        eventually("the phone is told that it is no PIN", || async {
            pbx.log("asterisk/messages").contains(&line).then_some(())
        })
        .await;
        out.hang_up().await;
        assert!(is_pin(&pin).await, "{obvious} was taken");
    }
    let new = if pin == "80157" { "80158" } else { "80157" };
    let mut out = asks_for_a_new_one().await;
    out.presses(&format!("{new}#")).await;
    out.hears_nothing_more().await;
    out.presses(&format!("{new}#")).await;
    eventually("the new one is kept", || async {
        is_pin(new).await.then_some(())
    })
    .await;
    out.hang_up().await;
    let mut out = opens(&bob, "*98", new).await;
    out.hears_nothing_more().await;
    out.hang_up().await;
}

/// How long the sound file of a prompt is, that this Asterisk has for a language.
async fn length_of_prompt(pbx: &Pbx, language: &str, prompt: &str) -> Duration {
    let settings = pbx.cli("core show settings").await;
    let folder = settings
        .lines()
        .find_map(|line| line.trim().strip_prefix("Data directory:"))
        .unwrap_or_else(|| panic!("no folder of sounds: {settings}"));
    let folder = Path::new(folder.trim()).join("sounds").join(language);
    let bytes = |extension: &str| {
        let file = folder.join(prompt).with_extension(extension);
        fs::metadata(file).map(|file| file.len()).ok()
    };
    // Twenty milliseconds are 33 bytes of GSM, or 320 of 16 bits behind a header of 44.
    let gsm = bytes("gsm").map(|bytes| bytes / 33);
    let packets = gsm.or_else(|| bytes("wav").map(|bytes| (bytes - 44) / 320));
    let packets = packets.unwrap_or_else(|| panic!("no {prompt} in {}", folder.display()));
    Duration::from_millis(20 * packets)
}

#[tokio::test]
async fn the_mailbox_speaks_the_language_of_the_system() {
    let prompts = async |language| {
        let pbx = own_pbx_that_speaks(language).await;
        let (callee, _) = boxed(&pbx).await;
        let bob = callee.phone().await;
        let mut out = bob.dial("*98").await;
        out.is_answered().await;
        let heard = out.hears_nothing_more().await;
        out.hang_up().await;
        let german = length_of_prompt(&pbx, "de", "vm-password").await;
        let english = length_of_prompt(&pbx, "en", "vm-password").await;
        (heard, german, english)
    };
    let apart = Duration::from_millis(100);
    let (heard, german, english) = prompts("de").await;
    assert!(german.abs_diff(english) > 4 * apart, "they sound the same");
    assert!(heard.abs_diff(german) < apart, "{heard:?}, {german:?}");
    let (heard, _, english) = prompts("en").await;
    assert!(heard.abs_diff(english) < apart, "{heard:?}, {english:?}");
}

#[tokio::test]
async fn a_message_is_as_long_by_phone_as_it_was_said() {
    let pbx = pbx().await;
    let (callee, pin) = boxed(&pbx).await;
    let bob = callee.phone().await;
    let song = Duration::from_secs(3);
    is_filled(&pbx, &bob, song, 0).await;

    let mut out = opens(&bob, "*98", &pin).await;
    out.presses("1").await;
    let heard = out.hears_singing_out().await;
    out.hang_up().await;
    // A packet at each end may belong to the silence around it.
    let difference = heard.abs_diff(song);
    assert!(difference <= Duration::from_millis(100), "{heard:?}");
}

#[tokio::test]
async fn what_the_browser_does_while_the_phone_is_in_the_mailbox_holds() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (callee, pin) = boxed(&pbx).await;
    let bob = callee.phone().await;
    is_filled(&pbx, &bob, SONG, 3).await;
    let of_browser = ids(&admin, &callee.number).await;
    let at = |n: usize, act: &str| format!("/api/voicemail/{}{act}", of_browser[n]);

    // The phone has opened the mailbox and plays the first one.
    let mut out = opens(&bob, "*98", &pin).await;
    out.presses("1").await;
    out.hears_singing().await;
    admin.delete(&at(1, "")).await.expect(200);
    admin
        .patch(&at(3, "/mark-read"), &json!({}))
        .await
        .expect(200);
    // It deletes the one it plays, and puts up the receiver.
    out.presses("7").await;
    out.hang_up().await;

    let left = [("Caller 2", false), ("Caller 3", true)];
    holds(&admin, &callee.number, &left).await;
    bob.lamp_tells(1, 1).await;
    assert_eq!(
        ids(&admin, &callee.number).await,
        [of_browser[2].clone(), of_browser[3].clone()],
        "they are the same messages"
    );
}

#[tokio::test]
async fn a_message_that_phone_and_browser_delete_at_once_is_gone_once() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (callee, pin) = boxed(&pbx).await;
    let bob = callee.phone().await;
    is_filled(&pbx, &bob, SONG, 1).await;
    let of_browser = ids(&admin, &callee.number).await;
    let mut out = opens(&bob, "*98", &pin).await;
    out.presses("1").await;
    out.hears_singing().await;
    let path = format!("/api/voicemail/{}", of_browser[0]);
    admin.delete(&path).await.expect(200);
    out.presses("7").await;
    out.hang_up().await;
    holds(&admin, &callee.number, &[("Caller 1", false)]).await;
    bob.lamp_tells(1, 0).await;
    // What the browser has deleted can come back, whatever the phone did meanwhile.
    let back = admin.post(&format!("{path}/restore"), &json!({})).await;
    back.expect(200);
    bob.lamp_tells(2, 0).await;
    let all = [("Ada", false), ("Caller 1", false)];
    holds(&admin, &callee.number, &all).await;
}
