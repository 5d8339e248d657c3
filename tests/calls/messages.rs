//! The lamp for messages, of every kind of phone: those that ask to be told, those that do not, and those that were there
//! before there was anything to tell.

use serde_json::{Value, json};

use crate::support::pbx::Extension;
use crate::support::phone::Phone;
use crate::support::stack::Part;
use crate::support::{Pbx, eventually, own_pbx, pbx};

async fn make_mailbox(pbx: &Pbx, number: &str) -> String {
    let path = format!("/api/voicemail/mailbox/{number}");
    let made = pbx.admin().await.put(&path, &json!({})).await.expect(200);
    made["pin"].as_str().expect("shown once").to_owned()
}

async fn boxed(pbx: &Pbx) -> (Extension, String) {
    let extension = pbx.ext().ring_time(5).create().await;
    let pin = make_mailbox(pbx, &extension.number).await;
    (extension, pin)
}

/// A caller who leaves a message, by phone.
async fn leave(from: &Phone, to: &Phone) {
    let mut out = from.dial(&to.number).await;
    to.rings().await.decline().await;
    out.is_answered().await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.sings(std::time::Duration::from_secs(2)).await;
    out.hang_up().await;
}

async fn only_message(pbx: &Pbx, number: &str) -> Value {
    let (admin, path) = (
        pbx.admin().await,
        format!("/api/voicemail/?mailbox={number}"),
    );
    eventually("the message is there", || async {
        let list = admin.get(&path).await.expect(200);
        list.as_array()?.first().cloned()
    })
    .await
}

#[tokio::test]
async fn a_phone_that_asks_to_be_told_follows_new_read_and_deleted_messages() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (extension, pin) = boxed(&pbx).await;
    let (bob, ada) = (extension.phone().await, pbx.ext().phone().await);
    bob.lamp_tells(0, 0).await;
    let mut lamp = bob.watches_messages(&bob.number).await;
    lamp.shows("0/0").await;
    leave(&ada, &bob).await;
    lamp.shows("1/0").await;

    let message = only_message(&pbx, &bob.number).await;
    let path = format!("/api/voicemail/{}", message["id"]);
    admin
        .patch(&format!("{path}/mark-read"), &json!({}))
        .await
        .expect(200);
    lamp.shows("0/1").await;
    admin
        .patch(&format!("{path}/mark-new"), &json!({}))
        .await
        .expect(200);
    lamp.shows("1/0").await;
    // Heard and deleted by phone.
    let mut out = bob.dial("*98").await;
    out.is_answered().await;
    out.presses(&format!("{pin}#")).await;
    out.presses("1").await;
    out.hears_singing().await;
    out.presses("7").await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.hang_up().await;
    lamp.shows("0/0").await;
    // One that does not ask any more is told without asking again.
    lamp.ends().await;
    pbx.owner().await.add_message(&bob.number, "Eva").await;
    bob.lamp_tells(1, 0).await;
}

#[tokio::test]
async fn phones_ask_by_the_number_of_the_mailbox_service_too_and_only_where_there_is_one() {
    let pbx = pbx().await;
    let (extension, _) = boxed(&pbx).await;
    let bob = extension.phone().await;
    let mut lamp = bob.watches_messages("*98").await;
    lamp.shows("0/0").await;
    pbx.owner().await.add_message(&bob.number, "Eva").await;
    lamp.shows("1/0").await;
    let eve = pbx.ext().phone().await;
    assert_eq!(eve.may_not_watch_messages(&eve.number).await, 404);
    assert_eq!(eve.may_not_watch_messages("*98").await, 404);
}

#[tokio::test]
async fn of_two_phones_the_one_that_does_not_ask_is_told_as_well() {
    let pbx = pbx().await;
    let (extension, _) = boxed(&pbx).await;
    let (desk, sofa) = (extension.phone().await, extension.phone().await);
    let mut lamp = desk.watches_messages(&desk.number).await;
    lamp.shows("0/0").await;
    pbx.owner().await.add_message(&desk.number, "Eva").await;
    lamp.shows("1/0").await;
    sofa.lamp_tells(1, 0).await;
    let message = only_message(&pbx, &desk.number).await;
    let path = format!("/api/voicemail/{}", message["id"]);
    pbx.admin().await.delete(&path).await.expect(200);
    lamp.shows("0/0").await;
    sofa.lamp_tells(0, 0).await;
}

#[tokio::test]
async fn a_phone_that_was_there_before_its_mailbox_is_told_at_once() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let (bob, ada) = (
        pbx.ext().ring_time(5).phone().await,
        pbx.ext().phone().await,
    );
    let pin = make_mailbox(&pbx, &bob.number).await;
    bob.lamp_tells(0, 0).await;
    leave(&ada, &bob).await;
    bob.lamp_tells(1, 0).await;
    let message = only_message(&pbx, &bob.number).await;
    let path = format!("/api/voicemail/{}", message["id"]);
    admin
        .patch(&format!("{path}/mark-read"), &json!({}))
        .await
        .expect(200);
    bob.lamp_tells(0, 1).await;
    // By phone as well: the old ones, the first, 7.
    let mut out = bob.dial("*98").await;
    out.is_answered().await;
    out.presses(&format!("{pin}#")).await;
    out.presses("1").await;
    out.hears_singing().await;
    out.presses("7").await;
    out.presses("#").await;
    out.hears_nothing_more().await;
    out.hang_up().await;
    bob.lamp_tells(0, 0).await;
    // What is gone has no messages.
    pbx.owner().await.add_message(&bob.number, "Eva").await;
    bob.lamp_tells(1, 0).await;
    let path = format!("/api/voicemail/mailbox/{}", bob.number);
    admin.delete(&path).await.expect(200);
    bob.lamp_tells(0, 0).await;
}

#[tokio::test]
async fn lamps_for_messages_go_on_after_a_restart_of_asterisk() {
    let pbx = own_pbx("messages").await;
    let (extension, _) = boxed(&pbx).await;
    let (asks, other) = (extension.phone().await, boxed(&pbx).await.0.phone().await);
    let mut lamp = asks.watches_messages(&asks.number).await;
    lamp.shows("0/0").await;
    other.lamp_tells(0, 0).await;
    pbx.stop(Part::Asterisk).await;
    // Meanwhile somebody calls in another way, as it were.
    pbx.owner().await.add_message(&other.number, "Eva").await;
    pbx.begin(Part::Asterisk).await;
    other.lamp_tells(1, 0).await;
    for phone in [&asks, &other] {
        pbx.owner().await.add_message(&phone.number, "Eva").await;
    }
    lamp.shows("1/0").await;
    other.lamp_tells(2, 0).await;
}
