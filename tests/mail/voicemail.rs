//! Messages that people leave.

use std::time::Duration;

use super::{are, header, mailbox, message};
use crate::support::smtp::MailServer;
use crate::support::stack::Part;
use crate::support::{Pbx, eventually, own_pbx};

/// Twenty milliseconds of sound after the other, as a phone sends them.
const PACKET: Duration = Duration::from_millis(20);
/// Two seconds and a half: the shortest message is one second.
const PACKETS: u16 = 125;

/// A caller who speaks to the mailbox.
async fn leaves_a_message(pbx: &Pbx, number: &str) {
    let row = format!("7{number}");
    pbx.dba().await.does(&format!(
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '{row}', 1, 'VoiceMail', '{number}@default,s')"
    ));
    let ada = pbx.ext().name("Ada Lovelace").phone().await;
    let mut out = ada.dial(&row).await;
    out.is_answered().await;
    let mut clock = tokio::time::interval(PACKET);
    for sequence in 0..PACKETS {
        clock.tick().await;
        out.speaks(sequence).await;
    }
    out.hang_up().await;
}

/// New messages, as Asterisk counts them.
async fn new_messages(pbx: &Pbx, number: &str) -> String {
    let asked = format!("dialplan eval function VM_INFO({number}@default,count,INBOX)");
    let said = pbx.cli(&asked).await;
    let result = said.lines().find_map(|line| line.split_once("Result: "));
    let (_, count) = result.unwrap_or_else(|| panic!("no count: {said}"));
    count.trim().to_owned()
}

#[tokio::test]
async fn a_message_of_a_caller_arrives_with_its_sound() {
    let pbx = own_pbx("mail-call").await;
    let server = MailServer::open(&pbx);
    server.is_used_by(&pbx).await;
    let bob = mailbox(&pbx, "bob@example.com", "attach = 'yes'").await;
    let owner = pbx.owner().await;
    let user = pbx.person("user").await;
    owner.does(&format!(
        "update pbx.app_user set language = 'de' where id = {}; update pbx.extension set user_id = {} where number = '{}'",
        user.id, user.id, bob.number
    ));
    leaves_a_message(&pbx, &bob.number).await;
    let mail = server.gets_one_for("bob@example.com").await;
    let subject = header(&mail, "subject");
    assert!(
        subject.starts_with("Neue Nachricht von Ada Lovelace ("),
        "{subject}"
    );
    assert_eq!(header(&mail, "auto-submitted"), "auto-generated");
    let text = mail["text"].as_str().unwrap_or_default();
    assert!(text.contains(&format!("Mailbox: {}", bob.number)), "{text}");
    assert!(text.contains("Die Nachricht hängt an."), "{text}");
    assert!(
        mail["html"]
            .as_str()
            .is_some_and(|html| html.contains("Länge"))
    );
    let name = mail["file_name"].as_str().unwrap_or_default();
    let named = name
        .strip_prefix("voicemail-")
        .and_then(|name| name.strip_suffix(".wav"));
    assert!(named.is_some(), "{name}");
    let kept = format!(
        "select encode(recording, 'hex') from voicemail_messages where mailboxuser = '{}'",
        bob.number
    );
    assert_eq!(
        mail["sound"],
        owner.does(&kept),
        "the sound is the message's"
    );
    assert!(
        mail["sound"]
            .as_str()
            .is_some_and(|hex| hex.len() > 32_000 && hex.starts_with("52494646"))
    );
    assert_eq!(new_messages(&pbx, &bob.number).await, "1");
}

#[tokio::test]
async fn a_message_that_is_not_to_be_kept_goes_when_its_mail_has_been_taken() {
    let pbx = own_pbx("mail-delete").await;
    let mut server = MailServer::open(&pbx);
    server.is_used_by(&pbx).await;
    server.goes_away();
    let bob = mailbox(
        &pbx,
        "bob@example.com",
        "attach = 'yes', deletevoicemail = 'yes'",
    )
    .await;
    leaves_a_message(&pbx, &bob.number).await;
    are(&pbx, &bob.number, &["waiting"]).await;
    assert_eq!(
        new_messages(&pbx, &bob.number).await,
        "1",
        "kept until then"
    );
    // Asterisk removes it, and is away itself when the mail is taken.
    pbx.stop(Part::Asterisk).await;
    server.comes_back();
    // Saved anew, with nothing changed: mails that wait for the server are tried at once.
    server.is_used_by(&pbx).await;
    let mail = server.gets_one_for("bob@example.com").await;
    let text = mail["text"].as_str().unwrap_or_default();
    assert!(text.contains("It is not kept in the mailbox."), "{text}");
    are(&pbx, &bob.number, &["delivered"]).await;
    pbx.begin(Part::Asterisk).await;
    are(&pbx, &bob.number, &["done"]).await;
    eventually("the message is gone", || async {
        (new_messages(&pbx, &bob.number).await == "0").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_number_outside_is_written_as_people_write_it() {
    let pbx = own_pbx("mail-words").await;
    let server = MailServer::open(&pbx);
    server.is_used_by(&pbx).await;
    let bob = mailbox(&pbx, "bob@example.com", "attach = 'yes', fullname = null").await;
    message(&pbx, &bob.number, 0, "\"Ärzte <b>\" <042198961300>").await;
    let mail = server.gets_one_for("bob@example.com").await;
    let told = "New message from Ärzte <b> (0421 98961300)";
    assert_eq!(header(&mail, "subject"), told);
    assert_eq!(
        mail["file_name"],
        "voicemail-042198961300-2026-11-18-1206.wav"
    );
    let text = mail["text"].as_str().unwrap_or_default();
    assert!(text.contains("Length: 1:23"), "{text}");
    let html = mail["html"].as_str().unwrap_or_default();
    assert!(!html.contains("<b>"), "{html}");
}

#[tokio::test]
async fn asterisk_sees_a_mailbox_without_its_address_and_may_still_change_the_pin() {
    let pbx = own_pbx("mail-pin").await;
    let bob = mailbox(&pbx, "bob@example.com", "attach = 'yes'").await;
    let number = &bob.number;
    // As its voicemail changes a PIN.
    let said = pbx
        .cli(&format!(
            "realtime update2 voicemail context default mailbox {number} NULL password 9753"
        ))
        .await;
    assert!(said.contains("Updated 1"), "{said}");
    let seen = pbx
        .cli(&format!("realtime load voicemail mailbox {number}"))
        .await;
    assert!(seen.contains("9753"), "{seen}");
    assert!(
        !seen.contains("email") && !seen.contains("delete"),
        "{seen}"
    );
    let kept = format!("select password from voicemail where mailbox = '{number}'");
    assert_eq!(pbx.owner().await.does(&kept), "9753");
}
