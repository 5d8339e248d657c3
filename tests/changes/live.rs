//! What people do with SQL is live without anybody who helps, in the history, and taken back by one request.

use std::time::Instant;

use serde_json::json;

use super::{newest, undo};
use crate::support::db::Database;
use crate::support::manager::Manager;
use crate::support::pbx::Extension;
use crate::support::phone::Phone;
use crate::support::poll::PATIENCE;
use crate::support::{Pbx, pbx};

/// How somebody who does not read the tables finds out that it is live. `@` and `#` stand for the extensions.
#[derive(Debug, Clone, Copy)]
enum Live {
    /// The running Asterisk has this in its memory.
    Function(&'static str, &'static str),
    /// Its console says so.
    Console(&'static str, &'static str),
    /// A phone with the password as it was gets this answer to REGISTER.
    Registers(u16),
    /// A call from `@` to this number is refused with this status.
    Refused(&'static str, u16),
    /// A call from `#` to this number hears music.
    Music(&'static str),
    /// What was refused in SQL is taken.
    Allowed(&'static str),
}

/// What a DBA does, and how it shows. `@` stands for an extension, `#` for another one.
const LEGITIMATE: &[(&str, Live)] = &[
    (
        "update ps_endpoints set callerid = 'Door <@>' where id = '@'",
        Live::Function("PJSIP_ENDPOINT(@,callerid)", "\"Door\" <@>"),
    ),
    (
        "update ps_endpoints set allow = 'gsm' where id = '@'",
        Live::Function("PJSIP_ENDPOINT(@,allow)", "(gsm)"),
    ),
    (
        "update ps_endpoints set identify_by = 'ip' where id = '@'",
        Live::Function("PJSIP_ENDPOINT(@,identify_by)", "ip"),
    ),
    (
        "update ps_endpoints set set_var = 'CAUSE=17' where id = '@';
         insert into extensions (context, exten, priority, app, appdata) values ('custom', '74@', 1, 'Hangup', '${CAUSE}')",
        Live::Refused("74@", 486),
    ),
    (
        "update ps_endpoints set named_call_group = 'a@', named_pickup_group = 'a@' where id = '@'",
        Live::Function("PJSIP_ENDPOINT(@,named_call_group)", "a@"),
    ),
    (
        "update ps_endpoints set deny = '0.0.0.0/0', permit = '192.0.2.0/24' where id = '@'",
        Live::Registers(401),
    ),
    (
        "update ps_aors set max_contacts = 3 where id = '@'",
        Live::Function("PJSIP_AOR(@,max_contacts)", "3"),
    ),
    (
        "update ps_auths set password = 'written-by-a-dba' where id = '@'",
        Live::Registers(401),
    ),
    (
        "update pbx.extension set ring_time = 45 where number = '@'",
        Live::Function("REALTIME_FIELD(dialplan_internal,exten,@,appdata)", ",45)"),
    ),
    (
        "update ps_endpoints set language = 'de' where id = '@'",
        Live::Function("PJSIP_ENDPOINT(@,language)", "de"),
    ),
    (
        "insert into pbx.forward (extension, kind, destination) values ('@', 'unconditional', '#')",
        Live::Function("REALTIME_FIELD(dialplan_internal,exten,@,appdata)", ",#"),
    ),
    (
        "insert into pbx.forward (extension, kind, destination, ring_time) values ('@', 'no_answer', '#', 12)",
        Live::Function(
            "REALTIME_FIELD(dialplan_internal,exten,@,appdata)",
            ",12,,,#",
        ),
    ),
    (
        "insert into voicemail (context, mailbox, password) values ('default', '@', '471147')",
        Live::Function("PJSIP_ENDPOINT(@,mailboxes)", "@@default"),
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '75@', 1, 'Hangup', '17')",
        Live::Refused("75@", 486),
    ),
    (
        "insert into queues (name, strategy) values ('q@', 'ringall'); insert into queue_members (queue_name, interface, uniqueid) values ('q@', 'PJSIP/@', @)",
        Live::Console("queue show q@", "PJSIP/@"),
    ),
    (
        "insert into musiconhold (name, mode, directory) values ('m@', 'files', '/proc/self/cwd/moh/default');
         insert into extensions (context, exten, priority, app, appdata) values
           ('custom', '76@', 1, 'Progress', ''), ('custom', '76@', 2, 'MusicOnHold', 'm@')",
        Live::Music("76@"),
    ),
    (
        "insert into pbx.dialplan_application values ('playtones@')",
        Live::Allowed("insert into extensions (context, exten, priority, app, appdata) values ('custom', '77@', 1, 'PlayTones@', '')"),
    ),
    (
        "insert into pbx.dialplan_function values ('md5@')",
        Live::Allowed("insert into extensions (context, exten, priority, app, appdata) values ('custom', '77@', 1, 'NoOp', '${MD5@(1)}')"),
    ),
    (
        "insert into ps_endpoint_id_ips (id, endpoint, match) values ('office-@', '@', '192.0.2.7/32')",
        Live::Console("pjsip show identify office-@", "192.0.2.7/32"),
    ),
    (
        "delete from ps_endpoints where id = '@'",
        Live::Console("pjsip show endpoint @", "Unable to find object @"),
    ),
];

/// The two extensions of one statement, and who looks at what became of it.
struct Scene {
    manager: Manager,
    dba: Database,
    /// Is `#`.
    bob: Phone,
    /// Has the password of `@` as it was.
    desk: Phone,
    ada: Extension,
}

impl Scene {
    async fn build(pbx: &Pbx) -> Self {
        let ada = pbx.ext().name("Ada").with("codecs", "alaw").create().await;
        Self {
            manager: Manager::log_in(pbx).await,
            dba: pbx.dba().await,
            bob: pbx.ext().with("codecs", "alaw").phone().await,
            desk: ada.phone().await,
            ada,
        }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("@@", &format!("{}\u{1}", self.ada.number))
            .replace('@', &self.ada.number)
            .replace('#', &self.bob.number)
            .replace('\u{1}', "@")
    }

    /// Whether it is to be seen, or not to be seen, as wanted.
    async fn is(&mut self, live: Live, wanted: bool) -> bool {
        let seen = match live {
            Live::Function(function, value) => {
                let (function, value) = (self.fill(function), self.fill(value));
                self.manager.evaluate(&function).await.contains(&value)
            }
            Live::Console(command, words) => {
                let (command, words) = (self.fill(command), self.fill(words));
                self.manager.command(&command).await.contains(&words)
            }
            Live::Registers(status) => self.desk.register().await == status,
            Live::Refused(number, status) => {
                let mut out = self.desk.dial(&self.fill(number)).await;
                out.is_refused().await == status
            }
            Live::Music(number) => {
                let mut out = self.bob.dial(&self.fill(number)).await;
                if wanted {
                    out.hears_music().await;
                    out.cancel().await;
                    true
                } else {
                    out.is_refused().await != 404
                }
            }
            Live::Allowed(statement) => {
                let statement = self.fill(statement);
                self.dba.psql(&format!("{statement}; rollback")).ok
            }
        };
        seen == wanted
    }

    async fn becomes(&mut self, live: Live, wanted: bool, what: &str) {
        let start = Instant::now();
        while !self.is(live, wanted).await {
            assert!(start.elapsed() < PATIENCE, "{what}");
        }
    }
}

#[tokio::test]
async fn legitimate_statements_are_live_in_the_history_and_taken_back_by_one_request() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    assert_eq!(LEGITIMATE.len(), 20);
    for (statement, live) in LEGITIMATE {
        let mut scene = Scene::build(&pbx).await;
        let number = scene.ada.number.clone();
        // Asterisk remembers it as it was.
        assert!(scene.is(*live, false).await, "before: {statement}");
        let before = super::rows(&pbx, &number).await;
        scene.dba.does(&scene.fill(statement));
        let what = format!("it is live: {statement}");
        scene.becomes(*live, true, &what).await;
        let found = admin
            .get(&format!(
                "/api/audit/?username=gonopbx_dba&q={number}&limit=1"
            ))
            .await
            .expect(200);
        let entry = match found["logs"][0].clone() {
            none if none.is_null() => newest(&admin, "extension", &number).await,
            entry => entry,
        };
        assert_eq!(
            (&entry["username"], &entry["action"]),
            (&json!("gonopbx_dba"), &json!("sql")),
            "{statement}"
        );
        let done = undo(&admin, &entry["tx"], json!({})).await.expect(200);
        assert_eq!(
            (&done["conflicts"], &done["live"]),
            (&json!([]), &json!(true)),
            "{statement}: {done}"
        );
        assert_eq!(super::rows(&pbx, &number).await, before, "{statement}");
        let what = format!("that it is taken back is live: {statement}");
        scene.becomes(*live, false, &what).await;
        assert_eq!(scene.desk.register().await, 200, "{statement}");
    }
}
