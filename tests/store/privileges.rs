//! Who may do what with SQL.

use crate::support::db::Database;
use crate::support::pbx;

async fn rights(owner: &Database, role: &str) -> String {
    let rows: Vec<(String,)> = owner
        .rows(
            "select t.name || ': ' || string_agg(p, ' ' order by p) from (
               select n.nspname || '.' || c.relname as name, c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('public', 'pbx') and c.relkind in ('r', 'v')) t,
               unnest(array['select', 'insert', 'update', 'delete', 'truncate']) p
              where has_table_privilege($1, t.oid, p) group by t.name order by t.name",
            &[role],
        )
        .await;
    let lines: Vec<String> = rows.into_iter().map(|row| row.0).collect();
    lines.join("\n")
}

fn is_a_matter_of_rights(complaint: &str) -> bool {
    ["permission denied", "must be owner", "must be superuser"]
        .iter()
        .any(|words| complaint.contains(words))
}

#[tokio::test]
async fn asterisk_may_do_what_asterisk_does_and_nothing_else() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    insta::assert_snapshot!(rights(&owner, "asterisk").await, @r"
    public.acls: select
    public.asterisk_endpoints: select
    public.asterisk_voicemail: select
    public.cdr: insert
    public.dialplan_from_trunk: select
    public.dialplan_internal: select
    public.dialplan_trunks: select
    public.dialplan_twins: select
    public.extensions: select
    public.musiconhold: select
    public.musiconhold_entry: select
    public.ps_aors: select
    public.ps_auths: select
    public.ps_contacts: delete insert select update
    public.ps_domain_aliases: select
    public.ps_endpoint_id_ips: select
    public.ps_endpoints: select
    public.ps_globals: select
    public.ps_registrations: select
    public.ps_subscription_persistence: delete insert select update
    public.ps_systems: select
    public.ps_transports: select
    public.queue_log: insert
    public.queue_members: select
    public.queue_rules: select
    public.queues: select
    public.saved_network: select
    public.voicemail: select
    public.voicemail_messages: delete insert select update
    ");
    let columns: Vec<(String,)> = owner
        .rows(
            "select table_name || '.' || column_name || ': ' || string_agg(lower(privilege_type), ' ')
               from information_schema.column_privileges where grantee = 'asterisk' and privilege_type = 'UPDATE'
                and table_name not in ('ps_contacts', 'ps_subscription_persistence', 'voicemail_messages')
              group by table_name, column_name order by 1",
            &[],
        )
        .await;
    let columns: Vec<String> = columns.into_iter().map(|row| row.0).collect();
    insta::assert_snapshot!(columns.join("\n"), @r"
    asterisk_voicemail.password: update
    queue_members.paused: update
    queue_members.reason_paused: update
    voicemail.password: update
    ");
}

#[tokio::test]
async fn asterisk_is_refused_what_is_not_its_business() {
    let pbx = pbx().await;
    let asterisk = pbx.asterisk().await;
    for statement in [
        "select * from pbx.app_user",
        "select * from pbx.extension",
        "select * from pbx.setting",
        "select * from pbx.change",
        "select * from pbx.session",
        "select * from pbx.second_factor",
        "select * from pbx.api_key",
        "select * from pbx.server_secret",
        "update ps_endpoints set context = 'internal'",
        "update ps_auths set password = 'x'",
        "delete from ps_aors",
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '1', 1, 'NoOp', '')",
        "delete from cdr",
        "update voicemail set email = 'x'",
        "truncate ps_contacts",
        "drop table ps_contacts",
        "create table mine (x int)",
        "create function mine() returns int language sql as 'select 1'",
        "select pg_read_file('/etc/passwd')",
        "copy (select 1) to program 'id'",
        "set role gonopbx",
    ] {
        let complaint = asterisk.is_refused(statement);
        assert!(
            is_a_matter_of_rights(&complaint),
            "{statement}: {complaint}"
        );
    }
}

#[tokio::test]
async fn a_dba_may_configure_but_neither_read_secrets_nor_rewrite_history() {
    let pbx = pbx().await;
    let dba = pbx.dba().await;
    for statement in [
        "select password_hash from pbx.app_user",
        "select * from pbx.session",
        "select secret from pbx.api_key",
        "select * from pbx.second_factor",
        "select * from pbx.recovery_code",
        "select * from pbx.server_secret",
        "select * from pbx.change_secret",
        "insert into pbx.app_user (username, password_hash, role) values ('mallory', 'x', 'admin')",
        "update pbx.app_user set role = 'admin'",
        "delete from pbx.change",
        "update pbx.change set actor = 'somebody else'",
        "alter table ps_endpoints disable trigger all",
        "alter table ps_endpoints drop column callerid",
        "drop table ps_endpoints",
        "drop trigger guard on extensions",
        "truncate ps_endpoints",
        "set session_replication_role = replica",
        "select pbx.remove_extension()",
        "copy (select 1) to program 'id'",
    ] {
        let complaint = dba.is_refused(statement);
        assert!(
            is_a_matter_of_rights(&complaint),
            "{statement}: {complaint}"
        );
    }
    for statement in [
        "select id, callerid from ps_endpoints limit 1",
        "select actor, tab, key from pbx.change limit 1",
        "select username, role from pbx.app_user limit 1",
        "select * from pbx.call limit 1",
        "select * from cdr limit 1",
    ] {
        dba.does(statement);
    }
}

/// As SECURITY.md says: whoever works on Asterisk's tables reads what Asterisk reads there, and no secret of ours.
#[tokio::test]
async fn a_dba_reads_asterisk_s_secrets_and_of_ours_none() {
    let pbx = pbx().await;
    let (owner, dba) = (pbx.owner().await, pbx.dba().await);
    for statement in [
        "select * from ps_auths limit 1",
        "select * from voicemail limit 1",
        "select * from voicemail_messages limit 1",
    ] {
        dba.does(statement);
    }
    let unread: Vec<(String,)> = owner
        .rows(
            "select name || ': ' || case when bool_or(may) then string_agg(col, ' ' order by col) filter (where not may) else '*' end
               from (select c.relname::text as name, a.attname::text as col, has_column_privilege($1, c.oid, a.attnum, 'select') as may
                       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                      where c.relnamespace = 'pbx'::regnamespace and c.relkind in ('r', 'v')) columns
              group by name having bool_or(not may) order by name",
            &["gonopbx_dba"],
        )
        .await;
    let unread: Vec<String> = unread.into_iter().map(|row| row.0).collect();
    insta::assert_snapshot!(unread.join("\n"), @r"
    api_key: secret
    app_user: password_hash
    cdr_spool: *
    change_secret: *
    deleted_message: *
    mail_server: password
    recovery_code: *
    removed_message: *
    second_factor: *
    second_factor_draft: *
    server_secret: *
    session: *
    ");
}

#[tokio::test]
async fn no_role_is_more_than_it_needs() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    let mighty: Vec<(String,)> = owner
        .rows(
            "select rolname from pg_roles where rolname in ('gonopbx', 'asterisk', 'gonopbx_dba')
                and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)",
            &[],
        )
        .await;
    assert!(mighty.is_empty(), "{mighty:?}");
    let open = owner
        .count(
            "select count(*) from pg_proc p where p.pronamespace = 'pbx'::regnamespace and p.prosecdef
                and not (coalesce(p.proconfig, '{}')::text like '%search_path=%')",
            &[],
        )
        .await;
    assert_eq!(
        open, 0,
        "a function with the owner's rights must fix its search_path"
    );
}
