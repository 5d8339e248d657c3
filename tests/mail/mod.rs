//! Mails about new messages, taken by a real mail server. Each test has a stack of its own: the mail server is a setting
//! of the whole system.

mod queue;
mod settings;
mod voicemail;

use serde_json::Value;

use crate::support::{Extension, Pbx, eventually};

/// A mailbox of an extension; `columns` is what else the row says.
async fn mailbox(pbx: &Pbx, address: &str, columns: &str) -> Extension {
    let extension = pbx.ext().name("Bob").create().await;
    let number = &extension.number;
    pbx.owner().await.does(&format!(
        "insert into voicemail (context, mailbox, password, fullname, email) values ('default', '{number}', '4711', 'Bob', '{address}');
         update voicemail set {columns} where mailbox = '{number}'"
    ));
    extension
}

/// The folder as Asterisk names it; what is before it differs from machine to machine.
fn folder(number: &str, name: &str) -> String {
    format!("/var/spool/asterisk/voicemail/default/{number}/{name}")
}

/// A message as Asterisk writes it, with Asterisk's role.
async fn message(pbx: &Pbx, number: &str, place: u32, caller: &str) -> String {
    let id = format!("1795000000-{place:08x}");
    let dir = folder(number, "INBOX");
    pbx.asterisk().await.does(&format!(
        "insert into voicemail_messages (dir, msgnum, recording, context, callerid, origtime, duration, mailboxuser, mailboxcontext, flag, msg_id)
         values ('{dir}', {place}, '\\x52494646deadbeef', 'internal', '{caller}', 1795000000, 83, '{number}', 'default', '', '{id}')"
    ));
    id
}

/// How the mails of a mailbox are: states and attempts.
async fn states(pbx: &Pbx, number: &str) -> Vec<(String, i32, Option<String>)> {
    let owner = pbx.owner().await;
    owner
        .rows(
            "select state, attempts, problem from pbx.mail where mailbox = $1 order by id",
            &[number],
        )
        .await
}

async fn are(pbx: &Pbx, number: &str, expected: &[&str]) {
    eventually(
        &format!("the mails of {number} are {expected:?}"),
        || async {
            let states = states(pbx, number).await;
            states
                .iter()
                .map(|(state, ..)| state.as_str())
                .eq(expected.iter().copied())
                .then_some(())
        },
    )
    .await;
}

fn header<'a>(mail: &'a Value, name: &str) -> &'a str {
    mail["headers"][name].as_str().unwrap_or_default()
}

/// Until the state of the system names this problem with mails, or none.
async fn problem_is(pbx: &Pbx, expected: Option<&str>) {
    let admin = pbx.admin().await;
    eventually(
        &format!("the problem with mails is {expected:?}"),
        || async {
            let status = admin.get("/api/dashboard/status").await.expect(200);
            let problems = status["system"]["problems"].as_array().cloned();
            let codes = problems
                .into_iter()
                .flatten()
                .map(|problem| problem["code"].clone());
            let mut codes =
                codes.filter(|code| code.as_str().is_some_and(|code| code.starts_with("mail")));
            (codes.next().as_ref().and_then(Value::as_str) == expected).then_some(())
        },
    )
    .await;
}
