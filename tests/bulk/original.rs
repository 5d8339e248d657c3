//! A telephone system with GonoPBX 2 is taken over.

use std::process::{Command, Output};

use serde_json::json;

use crate::support::db::Database;
use crate::support::own_pbx;
use crate::support::provider::Provider;
use crate::support::{Pbx, eventually};

/// Its tables, as that program made them.
const TABLES: &str = "
create table users (id serial primary key, username varchar(50) unique not null, email varchar(100) not null,
  password_hash varchar(255) not null, full_name varchar(100), role varchar(20) default 'user', avatar_url varchar(255),
  created_at timestamp default now(), updated_at timestamp default now());
create table sip_peers (id serial primary key, user_id integer references users, extension varchar(20) unique not null,
  secret varchar(100) not null, caller_id varchar(100), context varchar(50) default 'internal', host varchar(50) default 'dynamic',
  nat varchar(20), type varchar(20) default 'friend', codecs varchar(200), outbound_cid varchar(50), pai varchar(50),
  blf_enabled boolean default true, pickup_group varchar(50), enabled boolean default true, created_at timestamp default now(),
  updated_at timestamp default now());
create table sip_trunks (id serial primary key, name varchar(100) unique not null, provider varchar(50) not null,
  auth_mode varchar(20) default 'registration', sip_server varchar(200) not null, username varchar(100), password varchar(200),
  caller_id varchar(100), number_block varchar(100), context varchar(50) default 'from-trunk',
  codecs varchar(200) default 'ulaw,alaw,g722', from_user varchar(100), enabled boolean default true,
  created_at timestamp default now(), updated_at timestamp default now());
create table inbound_routes (id serial primary key, did varchar(50) unique not null, trunk_id integer not null references sip_trunks,
  destination_extension varchar(20) not null, description varchar(200), enabled boolean default true,
  created_at timestamp default now(), updated_at timestamp default now());
create table call_forwards (id serial primary key, extension varchar(20) not null, forward_type varchar(20) not null,
  destination varchar(100) not null, ring_time integer default 20, enabled boolean default true,
  created_at timestamp default now(), updated_at timestamp default now());
create table voicemail_mailboxes (id serial primary key, extension varchar(20) unique not null, enabled boolean default true,
  pin varchar(20) default '1234', name varchar(100), email varchar(200), ring_timeout integer default 20,
  created_at timestamp default now(), updated_at timestamp default now());
create table cdr (id serial primary key, call_date timestamp default now(), clid varchar(80), src varchar(80), dst varchar(80),
  dcontext varchar(80), channel varchar(80), dstchannel varchar(80), lastapp varchar(80), lastdata varchar(80), duration integer,
  billsec integer, disposition varchar(45), amaflags integer, uniqueid varchar(150), userfield varchar(255));";

/// bcrypt of `Altes-Kennwort-2`
const HASH: &str = "$2b$10$aFAS4lJ2qrUimdUxqkA0HeI/CGt0HAfyi23VaJ.VoUgW9O51MSu/C";

fn take_over(pbx: &Pbx, source: &str, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gonopbx"))
        .arg("import")
        .arg(source)
        .args(more)
        .env("DATABASE_URL", pbx.value("DATABASE_URL"))
        .output()
        .expect("the program")
}

/// Where its tables are: in a schema beside ours.
fn beside(pbx: &Pbx, owner: &Database) -> String {
    owner.does("create schema original");
    let url = pbx.value("DATABASE_URL");
    let joined = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joined}options=-csearch_path%3Doriginal")
}

#[tokio::test]
async fn it_is_taken_as_a_whole_or_not_at_all_and_taken_back_as_one_change() {
    let pbx = own_pbx("original-whole").await;
    let (admin, owner) = (pbx.admin().await, pbx.owner().await);
    let source = beside(&pbx, &owner);
    let old = Database::open(&source).await;
    old.does(TABLES);
    old.does(&format!(
        "insert into users (username, email, password_hash) values ('eva', 'eva@example.com', '{HASH}');
         insert into sip_peers (user_id, extension, secret, caller_id) values (1, '1001', 'pw1-Tq7.vZ', 'Ada'), (null, '1002', 'pw2-Tq7.vZ', 'Bob');
         insert into voicemail_mailboxes (extension, pin) values ('1001', '4711');
         insert into call_forwards (extension, forward_type, destination) values ('1001', 'busy', '1002'), ('1002', 'busy', '0900123456');
         alter table call_forwards rename column id to old_id"
    ));
    let count = "select (select count(*) from pbx.extension) + (select count(*) from pbx.app_user) + (select count(*) from voicemail)
      + (select count(*) from pbx.forward) + (select count(*) from pbx.change where act = 'original.import')";
    let before = owner.count(count, &[]).await;
    let failed = take_over(&pbx, &source, &[]);
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert_eq!(
        owner.count(count, &[]).await,
        before,
        "nothing of it is there"
    );

    old.does("alter table call_forwards rename column old_id to id");
    let done = take_over(&pbx, &source, &[]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        said.contains("forward 1002 busy: NOT taken: destination: Nobody is forwarded to numbers"),
        "{said}"
    );
    assert!(
        said.contains("5 taken, 0 there already, 1 not taken"),
        "{said}"
    );
    admin.get("/api/peers/1001").await.expect(200);
    let sets = admin
        .get("/api/audit/?action=original.import")
        .await
        .expect(200);
    assert_eq!(sets["total"], 1, "{sets}");
    let tx = sets["logs"][0]["tx"].as_str().expect("a transaction");
    let undone = admin
        .post(&format!("/api/audit/{tx}/undo"), &json!({}))
        .await;
    undone.expect(200);
    admin
        .get("/api/peers/1001")
        .await
        .expect_error(404, "not_found");
    let left = "select (select count(*) from pbx.extension) + (select count(*) from pbx.app_user where username <> 'admin')
      + (select count(*) from voicemail) + (select count(*) from pbx.forward)";
    assert_eq!(owner.count(left, &[]).await, 0);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one telephone system is taken over")]
async fn everything_that_can_be_taken_is_and_works_and_the_rest_is_named() {
    let pbx = own_pbx("original").await;
    let provider = Provider::open(&pbx).await;
    provider.has_account("firma", "geheim");
    let dba = pbx.owner().await;
    let source = beside(&pbx, &dba);
    let old = Database::open(&source).await;
    old.does(TABLES);
    let server = provider.server();
    old.does(&format!(
        "insert into users (username, email, password_hash, full_name, role) values
           ('eva', 'eva@example.com', '{HASH}', 'Eva Löwe', 'user'), ('root', 'root@example.com', '{HASH}', null, 'superuser'),
           ('plain', 'p@example.com', 'plaintext', null, 'user'), ('admin', 'a@example.com', '{HASH}', null, 'admin');
         insert into sip_peers (user_id, extension, secret, caller_id, codecs, outbound_cid, pai, pickup_group, context, enabled) values
           (1, '1001', 'pw1-Tq7.vZ', 'Ada', 'alaw,foo', null, null, '1,2', 'internal', true),
           (null, '1002', 'pw2-Tq7.vZ', '{long}', null, '042198961301', '0815', null, 'from-internal', true),
           (null, '1003', 'abc', 'Short', null, null, null, null, 'internal', true),
           (null, '0815', 'pw4-Tq7.vZ', 'Zero', null, null, null, null, 'internal', true),
           (null, '1005', 'pw5-Tq7.vZ', 'Off', null, null, null, null, 'internal', false),
           (null, '1006', 'password', 'Weak', null, null, null, null, 'internal', true);
         insert into sip_trunks (name, provider, auth_mode, sip_server, username, password, number_block) values
           ('Main', 'custom', 'registration', '{server}', 'firma', 'geheim', '042198961300-042198961309'),
           ('Odd', 'banana', 'registration', 'sip.example.com', 'a', 'b', null);
         insert into inbound_routes (did, trunk_id, destination_extension) values ('042198961300', 1, '1001'), ('042198961301', 1, '1002'),
           ('042198961302', 1, '7777'), ('042198961303', 2, '1001'), ('abc', 1, '1001');
         insert into call_forwards (extension, forward_type, destination, enabled) values ('1001', 'busy', '1002', true),
           ('1002', 'unconditional', '1002', true), ('9999', 'busy', '1001', true);
         insert into voicemail_mailboxes (extension, pin, name, email, ring_timeout) values ('1001', '1234', 'Ada', '', 33),
           ('1002', '4711', null, 'nobody', 20), ('0815', '4711', null, null, 20);
         insert into cdr (call_date, clid, src, dst, channel, dstchannel, duration, billsec, disposition, uniqueid)
         select timestamp '2025-01-01' + n * interval '1 minute', '\"Ada\" <1001>', '1001', '1002', 'PJSIP/1001-0000000' || n, 'PJSIP/1002-0000000' || n,
                10, case when n % 2 = 0 then 5 else 0 end, case when n % 2 = 0 then 'ANSWERED' else 'NOANSWER' end, '1735689600.' || n
           from generate_series(1, 2500) n;",
        long = "x".repeat(60),
    ));

    let count = "select (select count(*) from pbx.extension) + (select count(*) from pbx.app_user) + (select count(*) from cdr where uniqueid like '%/gonopbx2-%')
      + (select count(*) from pbx.trunk) + (select count(*) from pbx.did_route) + (select count(*) from pbx.forward) + (select count(*) from voicemail)";
    let before = dba.count(count, &[]).await;
    let rehearsal = take_over(&pbx, &source, &["--dry-run"]);
    assert_eq!(rehearsal.status.code(), Some(2), "{rehearsal:?}");
    assert_eq!(
        dba.count(count, &[]).await,
        before,
        "a rehearsal writes nothing"
    );

    let done = take_over(&pbx, &source, &[]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(
        done.status.code(),
        Some(2),
        "{said}{}",
        String::from_utf8_lossy(&done.stderr)
    );
    for words in [
        "user eva: taken",
        "user root: taken; role superuser does not exist",
        "user plain: NOT taken: password_hash",
        "user admin: there already",
        "extension 1001: taken; codecs left out (unknown_codec)",
        "extension 1002: taken; caller_id left out (too_long)",
        "context left out (invalid_context)",
        "pai left out (did_not_assigned)",
        "extension 1003: taken; secret left out (secret_too_short); new password ",
        "extension 1006: taken; its password is easy to guess",
        "extension 0815: NOT taken: extension: An extension has two to six digits",
        "extension 1005: taken",
        "trunk Main: taken",
        "trunk Odd: NOT taken: provider",
        "number 042198961300: taken",
        "number 042198961302: NOT taken: destination_extension",
        "number 042198961303: NOT taken: trunk_id",
        "number abc: NOT taken: did",
        "forward 1001 busy: taken",
        "forward 1002 unconditional: NOT taken",
        "forward 9999 busy: NOT taken",
        "mailbox 1001: taken; pin left out (pin_weak); new PIN",
        "mailbox 1002: taken; email left out (invalid_email)",
        "mailbox 0815: NOT taken",
        "2500 of 2500 calls written",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    let changes = dba
        .count(
            "select count(distinct tx) from pbx.change where act = 'original.import'",
            &[],
        )
        .await;
    assert_eq!(changes, 1, "one change");

    // The phones still know their passwords, and calls come in.
    let (ada, bob) = (
        pbx.phone("1001", "pw1-Tq7.vZ").await,
        pbx.phone("1002", "pw2-Tq7.vZ").await,
    );
    assert_eq!((ada.register().await, bob.register().await), (200, 200));
    let off = pbx.phone("1005", "pw5-Tq7.vZ").await;
    assert_eq!(off.register().await, 401, "one that was disabled is");
    let admin = pbx.admin().await;
    assert_eq!(
        admin.get("/api/peers/1001").await.expect(200)["ring_time"],
        33
    );
    provider.is_registered("firma").await;
    let mut call = provider.call("+4942198961301").send().await;
    bob.rings().await.busy().await;
    // Its mailbox.
    call.is_answered().await;
    call.hang_up().await;
    let calls = eventually("the calls are in the history", || async {
        let count = admin.get("/api/cdr/count?src=1001").await.expect(200);
        (count["count"].as_i64() >= Some(2500)).then_some(count)
    })
    .await;
    drop(calls);

    // Who logged in there logs in here, and the old hash is gone with it.
    let hash = || async {
        dba.does("select left(password_hash, 10) from pbx.app_user where username = 'eva'")
    };
    assert!(hash().await.starts_with("$2"));
    let wrong = json!({"username": "eva", "password": "Altes-Kennwort-3"});
    pbx.anonymous()
        .post("/api/auth/login", &wrong)
        .await
        .expect_error(401, "login_failed");
    let eva = pbx.anonymous().log_in("eva", "Altes-Kennwort-2").await;
    assert_eq!(hash().await, "$argon2id$");
    eva.get("/api/peers/1001").await.expect(200);
    eva.get("/api/peers/1002")
        .await
        .expect_error(403, "forbidden");
    pbx.anonymous().log_in("eva", "Altes-Kennwort-2").await;

    let after = dba.count(count, &[]).await;
    let again = take_over(&pbx, &source, &[]);
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(said.contains("\n0 taken, "), "{said}");
    assert!(said.contains("; 0 of 2500 calls written"), "{said}");
    assert_eq!(dba.count(count, &[]).await, after, "nothing is there twice");
}
