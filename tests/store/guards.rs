//! What breaks calls or security is refused with words that say what to do; what people need is accepted.

use crate::support::{Pbx, pbx};

/// An extension of its own for each test; `@` in a statement stands for its number.
async fn stage(pbx: &Pbx) -> (String, crate::support::db::Database) {
    let number = pbx.ext().create().await.number;
    (number, pbx.dba().await)
}

const CUSTOM: &str =
    "insert into extensions (context, exten, priority, app, appdata) values ('custom', '7@', 1, ";
const INTERNAL: &str =
    "insert into extensions (context, exten, priority, app, appdata) values ('internal', '7@', 1, ";

/// Start and end of a statement, and what psql says about it.
const PROGRAMS: &[(&str, &str, &str)] = &[
    (
        CUSTOM,
        "'System', 'id')",
        "extensions.app: System is not allowed",
    ),
    (
        CUSTOM,
        "'TrySystem', 'id')",
        "extensions.app: TrySystem is not allowed",
    ),
    (
        CUSTOM,
        "'AGI', '/bin/sh')",
        "extensions.app: AGI is not allowed",
    ),
    (
        CUSTOM,
        "'ExternalIVR', 'x')",
        "extensions.app: ExternalIVR is not allowed",
    ),
    (
        CUSTOM,
        "'sYsTeM', 'id')",
        "extensions.app: sYsTeM is not allowed",
    ),
    (
        CUSTOM,
        "'ExecIf', '1?System:id')",
        "extensions.app: ExecIf is not allowed",
    ),
    (
        CUSTOM,
        "'Set', 'X=${SHELL(id)}')",
        "extensions.appdata: the function SHELL",
    ),
    (
        CUSTOM,
        "'NoOp', '${CURL(http://example.com)}')",
        "extensions.appdata: the function CURL",
    ),
    (
        CUSTOM,
        "'NoOp', '${FILE(/etc/passwd)}')",
        "extensions.appdata: the function FILE",
    ),
    (
        CUSTOM,
        "'NoOp', '${ENV(PATH)}')",
        "extensions.appdata: the function ENV",
    ),
    (
        CUSTOM,
        "'NoOp', '${EVAL(${X})}')",
        "extensions.appdata: the function EVAL",
    ),
    (
        CUSTOM,
        "'NoOp', '${shell (id)}')",
        "extensions.appdata: the function SHELL",
    ),
    (
        CUSTOM,
        "'NoOp', '${${X}(id)}')",
        "extensions.appdata: the name of a function",
    ),
    (
        CUSTOM,
        "'NoOp', e'a\\nSystem(id)')",
        "extensions: a control character",
    ),
    (
        INTERNAL,
        "'Dial', 'PJSIP/1001')",
        "in context internal is not allowed",
    ),
    (
        INTERNAL,
        "'Gosub', 'pbx-ring,s,1(1001,20)&System(id)')",
        "in context internal is not allowed",
    ),
    (
        INTERNAL,
        "'Gosub', 'pbx-ring,s,1(${SHELL(id)})')",
        "in context internal is not allowed",
    ),
    (
        INTERNAL,
        "'Gosub', 'custom,7,1')",
        "in context internal is not allowed",
    ),
];

#[tokio::test]
async fn rows_of_the_dialplan_run_no_programs() {
    let pbx = pbx().await;
    let (number, dba) = stage(&pbx).await;
    for (start, rest, words) in PROGRAMS {
        let statement = format!("{start}{rest}").replace('@', &number);
        let complaint = dba.is_refused(&statement);
        assert!(complaint.contains(words), "{statement}\n{complaint}");
        assert!(
            complaint.contains("HINT:"),
            "it does not say what to do: {complaint}"
        );
    }
}

#[tokio::test]
async fn rows_of_the_dialplan_are_in_a_context_of_this_system() {
    let pbx = pbx().await;
    let dba = pbx.dba().await;
    for context in ["default", "control", "pbx-ring", "anything", ""] {
        let statement = format!(
            "insert into extensions (context, exten, priority, app, appdata) values ('{context}', '7', 1, 'NoOp', '')"
        );
        let complaint = dba.is_refused(&statement);
        assert!(
            complaint.contains("extensions.context"),
            "{statement}\n{complaint}"
        );
    }
}

#[tokio::test]
async fn what_the_dialplan_stands_on_stays() {
    let pbx = pbx().await;
    let (_, dba) = stage(&pbx).await;
    for statement in [
        "update extensions set appdata = 'x' where context = 'control'",
        "delete from extensions where context = 'control'",
        "delete from extensions",
    ] {
        let complaint = dba.is_refused(statement);
        assert!(complaint.contains("db-is-here"), "{complaint}");
    }
    for name in ["system", "agi", "execif", "trysystem"] {
        let complaint = dba.is_refused(&format!(
            "insert into pbx.dialplan_application values ('{name}')"
        ));
        assert!(complaint.contains("cannot be allowed"), "{complaint}");
    }
    for name in ["shell", "curl", "file", "env", "eval"] {
        let complaint = dba.is_refused(&format!(
            "insert into pbx.dialplan_function values ('{name}')"
        ));
        assert!(complaint.contains("cannot be allowed"), "{complaint}");
    }
}

#[tokio::test]
async fn an_endpoint_cannot_be_opened_or_broken() {
    let pbx = pbx().await;
    let (number, dba) = stage(&pbx).await;
    let cases = [
        (
            "update ps_endpoints set auth = null where id = '@'",
            "would be open to everybody",
        ),
        (
            "update ps_endpoints set auth = '' where id = '@'",
            "would be open to everybody",
        ),
        (
            "update ps_endpoints set auth = ' ' where id = '@'",
            "does not exist",
        ),
        (
            "update ps_endpoints set auth = 'nobody' where id = '@'",
            "names the auth \"nobody\"",
        ),
        (
            "update ps_endpoints set auth = '@,nobody' where id = '@'",
            "names the auth \"nobody\"",
        ),
        (
            "update ps_endpoints set aors = 'nobody' where id = '@'",
            "names the AOR nobody",
        ),
        (
            "delete from ps_auths where id = '@'",
            "names the auth \"@\", which does not exist",
        ),
        (
            "delete from ps_aors where id = '@'",
            "names the AOR @, which does not exist",
        ),
        (
            "update ps_auths set id = '8@' where id = '@'",
            "names the auth \"@\", which does not exist",
        ),
        (
            "update ps_endpoints set context = 'default' where id = '@'",
            "ps_endpoints.context: \"default\"",
        ),
        (
            "update ps_endpoints set context = null where id = '@'",
            "ps_endpoints.context: \"NULL\"",
        ),
        (
            "update ps_endpoints set subscribe_context = 'x' where id = '@'",
            "subscribe_context",
        ),
        (
            "update ps_endpoints set allow_overlap = 'yes' where id = '@'",
            "ps_endpoints.allow_overlap",
        ),
        (
            "update ps_endpoints set set_var = 'SHELL(id)=x' where id = '@'",
            "ps_endpoints.set_var",
        ),
        (
            "update ps_endpoints set set_var = 'A=1;B=${SHELL(id)}' where id = '@'",
            "ps_endpoints.set_var",
        ),
        (
            "update ps_endpoints set set_var = 'A=$[1+1]' where id = '@'",
            "ps_endpoints.set_var",
        ),
        (
            "update ps_endpoints set callerid = e'A\\r\\nX: y' where id = '@'",
            "a control character",
        ),
        (
            "update ps_endpoints set id = '8@' where id = '@'",
            "ps_endpoints.id",
        ),
        (
            "insert into ps_endpoints (id, context) values ('open-@', 'internal')",
            "would be open to everybody",
        ),
    ];
    for (statement, words) in cases {
        let (statement, words) = (statement.replace('@', &number), words.replace('@', &number));
        let complaint = dba.is_refused(&statement);
        assert!(complaint.contains(&words), "{statement}\n{complaint}");
        assert!(
            complaint.contains("HINT:"),
            "it does not say what to do: {complaint}"
        );
    }
    let phone = pbx.phone(&number, "whatever-it-was").await;
    assert_eq!(
        phone.register().await,
        401,
        "it still asks for the password"
    );
}

#[tokio::test]
async fn other_columns_that_asterisk_would_run_are_guarded_too() {
    let pbx = pbx().await;
    let (number, dba) = stage(&pbx).await;
    let cases = [
        (
            "insert into musiconhold (name, mode, application) values ('m@', 'custom', '/bin/sh')",
            "musiconhold: class m@",
        ),
        (
            "insert into musiconhold (name, mode, directory) values ('m@', 'quietmp3', 'http://example.com/')",
            "musiconhold: class m@",
        ),
        (
            "insert into musiconhold_entry (name, position, entry) values ('default', 99, 'http://example.com/@')",
            "musiconhold_entry: \"http://example.com/@\"",
        ),
        (
            "insert into musiconhold (name, mode, application) values ('m@', 'files', '/bin/sh')",
            "musiconhold: class m@",
        ),
        (
            "insert into queues (name, membergosub) values ('q@', 'custom,1,1')",
            "queues: q@",
        ),
        (
            "insert into queues (name, context) values ('q@', 'default')",
            "queues.context",
        ),
        (
            "insert into voicemail (context, mailbox, password, dialout) values ('default', '@', '1', 'internal')",
            "voicemail: mailbox @",
        ),
        (
            "insert into voicemail (context, mailbox, password, callback) values ('default', '@', '1', 'internal')",
            "voicemail: mailbox @",
        ),
        (
            "update pbx.extension set ring_time = 500 where number = '@'",
            "extension_ring_time_range",
        ),
        (
            "update pbx.extension set ring_time = 0 where number = '@'",
            "extension_ring_time_range",
        ),
        (
            "update pbx.extension set user_id = 999999 where number = '@'",
            "extension_user_id_fkey",
        ),
        (
            "insert into pbx.extension (number) values ('9@')",
            "extension_number_fkey",
        ),
    ];
    for (statement, words) in cases {
        let (statement, words) = (statement.replace('@', &number), words.replace('@', &number));
        let complaint = dba.is_refused(&statement);
        assert!(complaint.contains(&words), "{statement}\n{complaint}");
    }
}

#[tokio::test]
async fn what_people_need_is_accepted() {
    let pbx = pbx().await;
    let (number, dba) = stage(&pbx).await;
    for statement in [
        "update ps_endpoints set callerid = '\"Löwe; Ada\" <@>' where id = '@'",
        "update ps_endpoints set set_var = 'COLOUR=blue;SIZE=5' where id = '@'",
        "update ps_endpoints set allow = 'alaw', direct_media = 'no' where id = '@'",
        "update ps_endpoints set deny = '0.0.0.0/0', permit = '127.0.0.1/32' where id = '@'",
        "update ps_auths set password = 'a-new-password-for-@' where id = '@'",
        "update ps_aors set max_contacts = 3 where id = '@'",
        "update pbx.extension set ring_time = 30 where number = '@'",
        "insert into extensions (context, exten, priority, app, appdata) values
           ('custom', '75@', 1, 'Set', 'CALLERID(name)=Door'), ('custom', '75@', 2, 'Dial', 'PJSIP/@,20'),
           ('custom', '75@', 3, 'Playback', 'hello-world'), ('custom', '75@', 4, 'Hangup', '16')",
        "update extensions set appdata = 'PJSIP/@,25' where context = 'custom' and exten = '75@' and priority = 2",
        "delete from extensions where context = 'custom' and exten = '75@'",
        "insert into queues (name, strategy) values ('q@', 'ringall')",
        "insert into queue_members (queue_name, interface, uniqueid) values ('q@', 'PJSIP/@', @)",
        "insert into musiconhold (name, mode, directory) values ('m@', 'files', 'moh')",
        "insert into voicemail (context, mailbox, password) values ('default', '@', '4711')",
        "delete from voicemail where mailbox = '@'",
        "delete from queue_members where queue_name = 'q@'",
        "delete from queues where name = 'q@'",
        "delete from musiconhold where name = 'm@'",
        "insert into pbx.dialplan_application values ('playtones@') on conflict do nothing",
        "delete from pbx.dialplan_application where name = 'playtones@'",
        // In any order: the rows of an endpoint are looked at when the transaction ends.
        "insert into ps_endpoints (id, auth, aors, context) values ('door-@', 'door-@', 'door-@', 'custom');
         insert into ps_aors (id, max_contacts) values ('door-@', 1);
         insert into ps_auths (id, auth_type, username, password) values ('door-@', 'userpass', 'door-@', 'secret')",
        "delete from ps_auths where id = 'door-@'; delete from ps_aors where id = 'door-@';
         delete from ps_endpoints where id = 'door-@'",
        "delete from ps_endpoints where id = '@'",
    ] {
        dba.does(&statement.replace('@', &number));
    }
}

#[tokio::test]
async fn network_values_that_asterisk_could_not_start_with_are_refused() {
    let pbx = pbx().await;
    let dba = pbx.dba().await;
    for (key, value) in [
        ("external_address", "\"203.0.113\""),
        ("external_address", "\"10.0.0.0/8\""),
        ("external_address", "\"a.example;b\""),
        ("external_address", "\"a.example\\n[global]\""),
        ("external_address", "7"),
        ("local_nets", "\"10.0.0.1/8\""),
        ("local_nets", "\"10.0.0.0/8,0.0.0.0/0\""),
        ("local_nets", "[\"10.0.0.0/8\"]"),
        ("rtp_ports", "\"10000-10010\""),
        ("rtp_ports", "\"80-10000\""),
        ("rtp_ports", "\"10000-99999\""),
    ] {
        let statement = format!("insert into pbx.setting (key, value) values ('{key}', '{value}')");
        let complaint = dba.is_refused(&statement);
        assert!(
            complaint.contains(&format!("setting.{key}")) && complaint.contains("HINT:"),
            "{statement}\n{complaint}"
        );
    }
}
