//! Each message is mailed once, whatever ends meanwhile.

use super::{are, folder, header, mailbox, message, problem_is, states};
use crate::support::smtp::MailServer;
use crate::support::stack::Part;
use crate::support::{eventually, own_pbx};

#[tokio::test]
async fn a_mail_server_that_is_away_gets_each_mail_once_afterwards() {
    let pbx = own_pbx("mail-away").await;
    let bob = mailbox(&pbx, "bob@example.com", "attach = 'yes'").await;
    problem_is(&pbx, Some("mail_server_missing")).await;
    let mut server = MailServer::open(&pbx);
    server.is_used_by(&pbx).await;
    problem_is(&pbx, None).await;
    server.goes_away();
    message(&pbx, &bob.number, 0, "\"Ada\" <1001>").await;
    eventually("a first attempt has failed", || async {
        let states = states(&pbx, &bob.number).await;
        (states.first()?.1 >= 1).then_some(())
    })
    .await;
    let (state, _, problem) = states(&pbx, &bob.number).await.remove(0);
    assert_eq!(
        (state.as_str(), problem.as_deref()),
        ("waiting", Some("unreachable"))
    );
    problem_is(&pbx, Some("mails_waiting")).await;

    // What is new meanwhile waits for no more than the others.
    let eve = mailbox(&pbx, "eve@example.com", "attach = 'no'").await;
    pbx.kill(Part::Server).await;
    message(&pbx, &eve.number, 0, "\"Ada\" <1001>").await;
    server.comes_back();
    pbx.begin(Part::Server).await;
    let first = server.gets_one_for("eve@example.com").await;
    assert_eq!(first["file_name"], serde_json::Value::Null);
    // The first that goes through calls the others.
    server.gets_one_for("bob@example.com").await;
    are(&pbx, &bob.number, &["done"]).await;
    are(&pbx, &eve.number, &["done"]).await;
    problem_is(&pbx, None).await;

    // One more start, and one more mail behind it: nothing was sent twice.
    pbx.kill(Part::Server).await;
    pbx.begin(Part::Server).await;
    let last = mailbox(&pbx, "last@example.com", "attach = 'no'").await;
    message(&pbx, &last.number, 0, "").await;
    server.gets_one_for("last@example.com").await;
    assert_eq!(server.mails_to("bob@example.com").len(), 1);
    assert_eq!(server.mails_to("eve@example.com").len(), 1);
    let log = pbx.log("server.log");
    assert!(!log.contains(crate::support::smtp::PASSWORD), "{log}");
}

#[tokio::test]
async fn a_message_that_moves_is_not_a_new_one() {
    let pbx = own_pbx("mail-moves").await;
    let server = MailServer::open(&pbx);
    server.is_used_by(&pbx).await;
    let bob = mailbox(&pbx, "bob@example.com", "attach = 'no'").await;
    message(&pbx, &bob.number, 3, "\"Ada\" <1001>").await;
    server.gets_one_for("bob@example.com").await;
    let (inbox, old) = (folder(&bob.number, "INBOX"), folder(&bob.number, "Old"));
    let copy = |to: &str, from: &str| {
        format!(
            "insert into voicemail_messages (dir, msgnum, msg_id, context, callerid, origtime, duration, recording, flag, mailboxuser, mailboxcontext)
             select '{to}', 0, msg_id, context, callerid, origtime, duration, recording, flag, mailboxuser, mailboxcontext
               from voicemail_messages where dir = '{from}';
             delete from voicemail_messages where dir = '{from}'"
        )
    };
    let asterisk = pbx.asterisk().await;
    // Renumbered, heard, marked as new again, deleted and undone; a greeting is no message.
    asterisk.does(&format!(
        "update voicemail_messages set msgnum = 1 where dir = '{inbox}' and msgnum = 3"
    ));
    asterisk.does(&copy(&old, &inbox));
    asterisk.does(&copy(&inbox, &old));
    asterisk.does(&format!(
        "delete from voicemail_messages where dir = '{inbox}'"
    ));
    message(&pbx, &bob.number, 3, "\"Ada\" <1001>").await;
    asterisk.does(&format!(
        "insert into voicemail_messages (dir, msgnum, mailboxuser, mailboxcontext, msg_id) values
           ('{}', -1, '{}', 'default', 'greeting')",
        folder(&bob.number, "unavail"),
        bob.number
    ));
    // Heard before there was an address, and marked as new afterwards.
    let eve = mailbox(&pbx, "", "attach = 'no'").await;
    message(&pbx, &eve.number, 0, "").await;
    pbx.owner().await.does(&format!(
        "update voicemail set email = 'eve@example.com' where mailbox = '{}'",
        eve.number
    ));
    let (inbox, old) = (folder(&eve.number, "INBOX"), folder(&eve.number, "Old"));
    for (to, from) in [(&old, &inbox), (&inbox, &old)] {
        asterisk.does(&format!(
            "insert into voicemail_messages (dir, msgnum, msg_id, mailboxuser, mailboxcontext)
             select '{to}', 0, msg_id, mailboxuser, mailboxcontext from voicemail_messages where dir = '{from}';
             delete from voicemail_messages where dir = '{from}'"
        ));
    }
    message(&pbx, &eve.number, 7, "").await;
    server.gets_one_for("eve@example.com").await;
    are(&pbx, &eve.number, &["done"]).await;
    assert_eq!(server.mails_to("bob@example.com").len(), 1);
    assert_eq!(states(&pbx, &bob.number).await.len(), 1);
}

#[tokio::test]
async fn a_recipient_who_is_refused_is_told_and_not_tried_again_until_somebody_wants_it() {
    let pbx = own_pbx("mail-refused").await;
    let server = MailServer::open(&pbx);
    server.is_used_by(&pbx).await;
    let bob = mailbox(&pbx, "refused@example.com", "attach = 'no'").await;
    let eve = mailbox(&pbx, "eve@example.com, bob@example.com", "attach = 'no'").await;
    message(
        &pbx,
        &bob.number,
        0,
        "\"Ada\nBcc: evil@example.com\" <1001>",
    )
    .await;
    message(&pbx, &eve.number, 1, "").await;
    are(&pbx, &bob.number, &["failed"]).await;
    are(&pbx, &eve.number, &["failed"]).await;
    assert_eq!(states(&pbx, &bob.number).await[0].1, 1, "one attempt");

    problem_is(&pbx, Some("mails_failed")).await;
    let visitor = pbx.visitor("en").await;
    let dashboard = visitor.open("/").await.expect(200);
    assert!(
        dashboard.shows("2 mails could not be sent"),
        "{}",
        dashboard.text()
    );
    let page = visitor.open("/settings/mail").await.expect(200);
    assert!(page.shows("2 mails were not sent"), "{}", page.text());
    let said = "The mail server refuses the recipient: 550 5.1.1 No such user here";
    assert!(page.shows(said), "{}", page.text());
    assert!(page.shows("This is not a mail address"), "{}", page.text());

    pbx.owner().await.does(&format!(
        "update voicemail set email = 'mended@example.com' where mailbox = '{}'",
        bob.number
    ));
    let page = visitor.submit(&page.form("/settings/mail/again")).await;
    assert!(page.expect(200).shows("2 mails wait again."));
    let mail = server.gets_one_for("mended@example.com").await;
    assert_eq!(header(&mail, "bcc"), "");
    assert_eq!(
        header(&mail, "subject"),
        "New message from Ada Bcc: evil@example.com (1001)"
    );
    are(&pbx, &eve.number, &["failed"]).await;
}
