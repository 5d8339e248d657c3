-- Keys with which programs use the REST API in the name of their owner, whose role is theirs.
create table pbx.api_key (
  id bigint generated always as identity primary key,
  user_id bigint not null constraint api_key_user_id_fkey references pbx.app_user (id) on delete cascade,
  name text not null constraint api_key_name_length check (char_length(name) between 1 and 50),
  -- The beginning of the key, by which people tell keys apart.
  prefix text not null,
  -- SHA-256 of the key, in hex: the key itself is random enough that nothing slower is needed. Masked in the history by its name.
  secret text not null constraint api_key_secret_key unique,
  scopes text[] not null constraint api_key_scopes check (cardinality(scopes) > 0 and scopes <@ array['read', 'write', 'calls', 'users']),
  -- NULL: until somebody revokes it.
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- The history names a key by its name.
create unique index api_key_name_key on pbx.api_key (lower(name));
create index api_key_user_id on pbx.api_key (user_id);

-- Apart from the key, because use is no change of it. Written at most once a minute.
create table pbx.api_key_use (
  key_id bigint primary key constraint api_key_use_key_id_fkey references pbx.api_key (id) on delete cascade,
  used_at timestamptz not null,
  origin text
);

create trigger record after insert or delete on pbx.api_key for each row execute function pbx.record('id');
create trigger record_update after update on pbx.api_key for each row when (old.* is distinct from new.*) execute function pbx.record('id');

create or replace function pbx.object_of(tab text, r jsonb) returns text[] language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp as $$
  select case
    when tab in ('ps_endpoints', 'ps_auths', 'ps_aors') then
      case when r ->> 'id' ~ '^[1-9][0-9]{1,5}$' then array['extension', r ->> 'id']
           when r ->> 'id' ~ '^trunk-(ep|auth|aor)-[0-9]+$' then array['trunk', substring(r ->> 'id' from '[0-9]+$')]
           else array['endpoint', r ->> 'id'] end
    when tab = 'ps_registrations' and r ->> 'id' ~ '^trunk-reg-[0-9]+$' then array['trunk', substring(r ->> 'id' from '[0-9]+$')]
    when tab = 'ps_endpoint_id_ips' and r ->> 'id' ~ '^trunk-identify-[0-9]+-' then
      array['trunk', substring(r ->> 'id' from '^trunk-identify-([0-9]+)-')]
    when tab in ('ps_registrations', 'ps_endpoint_id_ips') then array['endpoint', r ->> 'id']
    when tab = 'extension' then array['extension', r ->> 'number']
    when tab = 'trunk' then array['trunk', r ->> 'id']
    when tab = 'number_range' then array['trunk', r ->> 'trunk_id']
    when tab = 'did_route' then array['number', r ->> 'did']
    when tab = 'forward' then array['forward', r ->> 'extension']
    when tab = 'voicemail' then array['mailbox', r ->> 'mailbox']
    when tab = 'extensions' then array['dialplan', r ->> 'exten']
    when tab = 'app_user' then array['user', r ->> 'username']
    when tab = 'api_key' then array['api_key', r ->> 'name']
    when tab = 'setting' then array['setting', r ->> 'key']
    when tab = 'mail_server' then array['setting', 'mail']
    when tab in ('musiconhold', 'musiconhold_entry') then array['music', r ->> 'name']
    when tab = 'queues' then array['queue', r ->> 'name']
    when tab = 'queue_members' then array['queue', r ->> 'queue_name']
    when tab = 'queue_rules' then array['queue', r ->> 'rule_name']
    else array['other', tab]
  end
$$;

grant select (id, user_id, name, prefix, scopes, expires_at, created_at, updated_at) on pbx.api_key to gonopbx_dba;
grant select on pbx.api_key_use to gonopbx_dba;
