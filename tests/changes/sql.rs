//! SQL as a first-class client: what would break calls or security is refused with words that say what to do.

use serde_json::json;

use super::{newest, undone};
use crate::support::provider::Provider;
use crate::support::{eventually, pbx};

/// `@` stands for an extension that is there, `#` for another one, `%T` for a trunk's id. What psql says about it.
const DESTRUCTIVE: &[(&str, &str)] = &[
    (
        "update ps_endpoints set auth = null where id = '@'",
        "would be open to everybody",
    ),
    (
        "update ps_endpoints set auth = '' where id = '@'",
        "would be open to everybody",
    ),
    (
        "update ps_endpoints set auth = 'nobody' where id = '@'",
        "does not exist",
    ),
    (
        "update ps_endpoints set aors = 'nobody' where id = '@'",
        "does not exist",
    ),
    (
        "update ps_endpoints set context = 'default' where id = '@'",
        "ps_endpoints.context",
    ),
    (
        "update ps_endpoints set context = null where id = '@'",
        "ps_endpoints.context",
    ),
    (
        "update ps_endpoints set subscribe_context = 'nowhere' where id = '@'",
        "subscribe_context",
    ),
    (
        "update ps_endpoints set message_context = 'nowhere' where id = '@'",
        "message_context",
    ),
    (
        "update ps_endpoints set allow_overlap = 'yes' where id = '@'",
        "overlap",
    ),
    (
        "update ps_endpoints set set_var = 'X=${FILE(/etc/passwd)}' where id = '@'",
        "set_var",
    ),
    (
        "update ps_endpoints set set_var = 'SHELL(id)=1' where id = '@'",
        "set_var",
    ),
    (
        "update ps_endpoints set callerid = e'A\\nB' where id = '@'",
        "control character",
    ),
    (
        "update ps_endpoints set id = '8@' where id = '@'",
        "cannot be renamed here",
    ),
    (
        "update ps_endpoints set callerid = repeat('x', 41) where id = '@'",
        "too long",
    ),
    (
        "update ps_endpoints set context = repeat('x', 41) where id = '@'",
        "too long",
    ),
    (
        "insert into ps_endpoints (id, context) values ('open-@', 'internal')",
        "would be open to everybody",
    ),
    (
        "insert into ps_endpoints (id, context, auth, aors) values ('@', 'internal', '@', '@')",
        "duplicate key",
    ),
    (
        "insert into ps_endpoints (id, context, auth, aors) values ('a;b', 'internal', '@', '@')",
        "cannot be a name",
    ),
    ("delete from ps_auths where id = '@'", "does not exist"),
    ("delete from ps_aors where id = '@'", "does not exist"),
    (
        "update ps_auths set id = '8@' where id = '@'",
        "does not exist",
    ),
    (
        "update ps_aors set id = '8@' where id = '@'",
        "does not exist",
    ),
    (
        "update ps_auths set password = 'abc' where id = '@'",
        "too short",
    ),
    (
        "insert into ps_auths (id, auth_type) values ('@', 'userpass')",
        "duplicate key",
    ),
    ("insert into ps_aors (id) values ('')", "cannot be a name"),
    (
        "insert into ps_endpoint_id_ips (id, endpoint, match) values ('all-@', '@', '0.0.0.0/0')",
        "every call of the internet",
    ),
    (
        "insert into ps_endpoint_id_ips (id, endpoint, match) values ('all-@', '@', '::/0')",
        "every call of the internet",
    ),
    (
        "insert into ps_transports (id, bind) values ('udp-@', '0.0.0.0:5099')",
        "ps_transports",
    ),
    (
        "insert into ps_globals (id, debug) values ('global', 'yes')",
        "ps_globals",
    ),
    (
        "insert into ps_systems (id, threadpool_max_size) values ('system', 1)",
        "ps_systems",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '7@', 1, 'System', 'id')",
        "extensions.app",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '7@', 1, 'AGI', 'x')",
        "extensions.app",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '7@', 1, 'ExecIf', '1?System:id')",
        "extensions.app",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '7@', 1, 'Set', 'X=${SHELL(id)}')",
        "the function SHELL",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '7@', 1, 'NoOp', '${ENV(PATH)}')",
        "the function ENV",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '7@', 1, 'NoOp', '${${X}(id)}')",
        "name of a function",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('internal', '7@', 1, 'Dial', 'PJSIP/1')",
        "in context internal",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('default', '7@', 1, 'NoOp', '')",
        "extensions.context",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('control', '7@', 1, 'NoOp', '')",
        "extensions.context",
    ),
    (
        "insert into extensions (context, exten, priority, app, appdata) values ('internal', '@', 1, 'Gosub', 'pbx-ring,s,1(1,20)')",
        "duplicate key",
    ),
    (
        "delete from extensions where context = 'control'",
        "db-is-here",
    ),
    (
        "update extensions set appdata = repeat('x', 300) where context = 'internal' and exten = '@'",
        "too long",
    ),
    (
        "insert into pbx.dialplan_application values ('system')",
        "cannot be allowed",
    ),
    (
        "insert into pbx.dialplan_function values ('shell')",
        "cannot be allowed",
    ),
    (
        "insert into pbx.extension (number) values ('987654')",
        "extension_number_fkey",
    ),
    (
        "update pbx.extension set ring_time = 500 where number = '@'",
        "extension_ring_time_range",
    ),
    (
        "update pbx.extension set user_id = 999999 where number = '@'",
        "extension_user_id_fkey",
    ),
    (
        "update pbx.extension set outbound_did = '+4942100000' where number = '@'",
        "is not assigned to",
    ),
    (
        "update pbx.extension set pai = 'me' where number = '@'",
        "extension_pai",
    ),
    (
        "insert into pbx.forward (extension, kind, destination) values ('@', 'busy', '@')",
        "forward_to_itself",
    ),
    (
        "insert into pbx.forward (extension, kind, destination) values ('@', 'unconditional', '#'), ('#', 'busy', '@')",
        "would come back",
    ),
    (
        "insert into pbx.forward (extension, kind, destination) values ('@', 'sometimes', '#')",
        "forward_kind",
    ),
    (
        "insert into pbx.forward (extension, kind, destination) values ('@', 'busy', 'mother')",
        "forward_destination",
    ),
    (
        "insert into pbx.forward (extension, kind, destination) values ('987654', 'busy', '#')",
        "forward_extension_fkey",
    ),
    (
        "insert into pbx.forward (extension, kind, destination) values ('@', 'busy', '#'), ('@', 'busy', '#')",
        "forward_extension_kind_key",
    ),
    (
        "insert into pbx.did_route (did, trunk_id, extension) values ('+494210000', 999999, '@')",
        "did_route_trunk_fkey",
    ),
    (
        "insert into pbx.did_route (did, trunk_id, extension) values ('{did}', {trunk}, '#')",
        "did_route_did_key",
    ),
    (
        "insert into pbx.number_range (trunk_id, numbers) values (999999, '[494210,494211]')",
        "number_range",
    ),
    (
        "insert into pbx.number_range (trunk_id, numbers) values (1, 'abc-def')",
        "malformed range",
    ),
    (
        "insert into pbx.trunk (name, provider, auth_mode) values ('', 'custom', 'ip')",
        "trunk_name_length",
    ),
    (
        "insert into pbx.trunk (name, provider, auth_mode) values ('Geist', 'custom', 'ip')",
        "trunk_endpoint_fkey",
    ),
    (
        "insert into voicemail (context, mailbox, password, dialout) values ('default', '9@', '1', 'internal')",
        "dial out",
    ),
    (
        "insert into voicemail (context, mailbox, password) values ('default', '@', '1234')",
        "would have no PIN",
    ),
    (
        "insert into voicemail (context, mailbox, password) values ('default', '@', '@')",
        "would have no PIN",
    ),
    (
        "insert into voicemail (context, mailbox, password) values ('default', '@', '')",
        "would have no PIN",
    ),
    (
        "insert into voicemail (context, mailbox) values ('default', '@')",
        "would have no PIN",
    ),
    (
        "update voicemail set password = '1' where mailbox = '#'",
        "would have no PIN",
    ),
    (
        "update voicemail set password = '55555' where mailbox = '#'",
        "would have no PIN",
    ),
    (
        "insert into musiconhold (name, mode, application) values ('m@', 'custom', '/bin/sh')",
        "run a program",
    ),
    (
        "insert into musiconhold_entry (name, position, entry) values ('default', 99, 'http://example.com/')",
        "not a file",
    ),
    (
        "insert into queues (name, membergosub) values ('q@', 'custom,1,1')",
        "subroutine",
    ),
    (
        "delete from pbx.setting where key = 'emergency_numbers'",
        "needs it",
    ),
    (
        "update pbx.setting set value = '[]' where key = 'emergency_numbers'",
        "no list of numbers",
    ),
    (
        "update pbx.setting set value = '[\"110\", \"@\"]' where key = 'emergency_numbers'",
        "is an extension",
    ),
    (
        "update pbx.setting set value = '\"ulaw\"' where key = 'global_codecs'",
        "no list of codecs",
    ),
    (
        "update pbx.setting set value = '\"+49\"' where key = 'country_code'",
        "no country code",
    ),
    (
        "insert into pbx.setting (key, value) values ('rtp_ports', '\"1-2\"')",
        "setting.rtp_ports",
    ),
    (
        "update pbx.app_user set role = 'admin'",
        "permission denied",
    ),
    ("delete from pbx.change", "permission denied"),
    ("drop table ps_endpoints", "must be owner"),
];

#[tokio::test]
async fn destructive_statements_are_refused_with_readable_words() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().create().await);
    let provider = Provider::open(&pbx).await;
    let admin = pbx.admin().await;
    let fields = json!({
        "name": "Twice", "provider": "custom", "auth_mode": "ip", "sip_server": provider.server(),
        "number_block": "0421977000-0421977009",
    });
    let trunk = admin.post("/api/trunks/", &fields).await.expect(200);
    let (did, id) = ("+49421977000", trunk["id"].to_string());
    let route = json!({"did": did, "trunk_id": trunk["id"], "destination_extension": ada.number});
    admin.post("/api/routes/", &route).await.expect(200);
    let dba = pbx.dba().await;
    let mailbox = format!("/api/voicemail/mailbox/{}", bob.number);
    admin.put(&mailbox, &json!({})).await.expect(200);
    assert!(DESTRUCTIVE.len() >= 60);
    let mut accepted = Vec::new();
    for (statement, words) in DESTRUCTIVE {
        let statement = statement
            .replace('@', &ada.number)
            .replace('#', &bob.number)
            .replace("{did}", did)
            .replace("{trunk}", &id);
        let said = dba.psql(&statement);
        if said.ok || !said.complaint.contains(words) {
            accepted.push(format!("{statement}\n  {}", said.complaint));
        }
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
    assert_eq!(
        ada.new_phone().await.register().await,
        200,
        "nothing is broken"
    );
    admin.delete(&format!("/api/trunks/{id}")).await.expect(200);
}

#[tokio::test]
async fn a_password_in_sql_is_taken_back_and_asterisk_asks_for_the_old_one() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    let old = ada.phone().await;
    pbx.dba().await.does(&format!(
        "update ps_auths set password = 'from-psql-47' where id = '{}'",
        ada.number
    ));
    eventually("the old one is refused", || async {
        (old.register().await == 401).then_some(())
    })
    .await;
    let entry = newest(&admin, "extension", &ada.number).await;
    undone(&admin, &entry["tx"]).await;
    assert_eq!(old.register().await, 200);
}

#[tokio::test]
async fn the_statements_of_the_guide_for_dbas_work() {
    let pbx = pbx().await;
    let dba = pbx.dba().await;
    for (key, statement) in views::help::QUERIES {
        let said = dba.psql(&format!("{statement} rollback"));
        assert!(said.ok, "{key}: {statement}\n{}", said.complaint);
    }
    let visitor = pbx.visitor("de").await;
    let page = visitor.open("/help").await.expect(200);
    for (_, statement) in views::help::QUERIES {
        assert!(page.shows(statement), "{statement} is not on the page");
    }
}
