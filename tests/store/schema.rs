//! The tables are Asterisk's own, and ours beside them.

use std::collections::BTreeSet;

use gonopbx::realtime::tables::NAMED;

use crate::support::pbx;

const FACTS: &str = include_str!("asterisk_22.facts");

/// One line each: enumerations, columns, keys and indexes of schema public.
const CATALOGUE: &str = r"
select 'enum ' || t.typname || ': ' || string_agg(e.enumlabel, '|' order by e.enumsortorder)
  from pg_type t join pg_enum e on e.enumtypid = t.oid
 where t.typnamespace = 'public'::regnamespace group by t.typname
union all
select 'column ' || c.relname || '.' || a.attname || ': ' || format_type(a.atttypid, a.atttypmod)
       || case when a.attnotnull then ' not null' else '' end
  from pg_attribute a join pg_class c on c.oid = a.attrelid
 where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like '\_sqlx%'
   and a.attnum > 0 and not a.attisdropped
union all
select 'key ' || c.relname || ': ' || pg_get_constraintdef(k.oid)
  from pg_constraint k join pg_class c on c.oid = k.conrelid
 where c.relnamespace = 'public'::regnamespace and k.contype in ('p', 'u', 'f') and c.relname not like '\_sqlx%'
union all
select 'index ' || c.relname || ': ' || case when i.indisunique then 'unique ' else '' end
       || regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING btree ', '')
  from pg_index i join pg_class c on c.oid = i.indrelid
 where c.relnamespace = 'public'::regnamespace and c.relname not like '\_sqlx%'
   and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))";

#[tokio::test]
async fn the_schema_is_asterisks_own_and_every_addition_is_known() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    let rows: Vec<(String,)> = owner.rows(CATALOGUE, &[]).await;
    let have: BTreeSet<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    let want: BTreeSet<&str> = FACTS.lines().filter(|line| !line.is_empty()).collect();

    let missing: Vec<_> = want.difference(&have).collect();
    assert!(
        missing.is_empty(),
        "Asterisk has this, we do not: {missing:#?}"
    );
    let added: Vec<&str> = have.difference(&want).copied().collect();
    insta::assert_snapshot!(added.join("\n"), @r"
    column cdr.id: bigint not null
    index cdr: (linkedid)
    index cdr: (start, id)
    index cdr: unique (uniqueid, sequence)
    index extensions: (exten)
    index ps_contacts: (id varchar_pattern_ops)
    index ps_endpoint_id_ips: (endpoint)
    index ps_endpoints: (aors)
    index ps_endpoints: (aors) WHERE ((aors)::text ~~ '%,%'::text)
    index ps_endpoints: (auth)
    index ps_endpoints: (auth) WHERE ((auth)::text ~~ '%,%'::text)
    index voicemail_messages: (mailboxuser) WHERE ((msgnum >= 0) AND ((dir)::text ~ '/(INBOX|Urgent)$'::text))
    index voicemail_messages: (mailboxuser, origtime)
    index voicemail_messages: (msg_id)
    key cdr: PRIMARY KEY (id)
    ");
}

#[tokio::test]
async fn every_column_the_program_names_exists() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    for (schema, table, columns) in NAMED {
        for column in columns {
            let found = owner
                .count(
                    "select count(*) from information_schema.columns
                      where table_schema = $1 and table_name = $2 and column_name = $3",
                    &[schema, table, column],
                )
                .await;
            assert_eq!(found, 1, "{schema}.{table}.{column}");
        }
    }
}

#[tokio::test]
async fn every_table_of_configuration_is_recorded_and_the_others_are_none() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    let rows: Vec<(String,)> = owner
        .rows(
            "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where c.relkind = 'r' and n.nspname in ('public', 'pbx')
                and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'record')
              order by 1",
            &[],
        )
        .await;
    let silent: Vec<String> = rows.into_iter().map(|row| row.0).collect();
    insta::assert_snapshot!(silent.join("\n"), @r"
    pbx.api_key_use
    pbx.call
    pbx.call_calendar
    pbx.call_day
    pbx.call_delta
    pbx.call_extension
    pbx.call_hour
    pbx.call_number
    pbx.call_number_delta
    pbx.cdr_spool
    pbx.change
    pbx.change_secret
    pbx.change_set
    pbx.context
    pbx.deleted_message
    pbx.did_called
    pbx.mail
    pbx.mailbox
    pbx.message
    pbx.recovery_code
    pbx.removed_message
    pbx.second_factor
    pbx.second_factor_draft
    pbx.server_secret
    pbx.session
    pbx.unknown_did
    public._sqlx_migrations
    public.cdr
    public.iaxfriends
    public.meetme
    public.ps_asterisk_publications
    public.ps_contacts
    public.ps_inbound_publications
    public.ps_outbound_publishes
    public.ps_resource_list
    public.ps_subscription_persistence
    public.queue_log
    public.sippeers
    public.stir_tn
    public.voicemail_messages
    ");
}
