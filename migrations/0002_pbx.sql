-- Schema `pbx`: what Asterisk's schema lacks. Nothing here repeats a value of `ps_*`; foreign keys onto
-- ps_endpoints (id) with cascade leave no orphans, whoever deletes.

do $$
declare missing text;
begin
  select string_agg(name, ', ') into missing from unnest(array['asterisk', 'gonopbx_dba']) name
   where not exists (select from pg_roles where rolname = name);
  if missing is not null then
    raise exception 'database role missing: %', missing
      using hint = 'Create the roles first: psql -f asterisk/roles.sql as a superuser, or `asterisk/stack init`.';
  end if;
end $$;

create schema pbx;

create table pbx.app_user (
  id bigint generated always as identity primary key,
  username text not null constraint app_user_username_length check (char_length(username) between 1 and 50),
  password_hash text not null,
  role text not null constraint app_user_role check (role in ('admin', 'user')),
  full_name text not null default '' constraint app_user_full_name_length check (char_length(full_name) <= 100),
  email text constraint app_user_email_key unique constraint app_user_email_length check (char_length(email) <= 254),
  language text constraint app_user_language check (language ~ '^[a-z]{2}$'),
  must_change_password boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- Two names that differ in case only would be one person to everybody but the database.
create unique index app_user_username_key on pbx.app_user (lower(username));

-- One row a login; a token is good for as long as its row is here. Deleting the row ends it at once.
create table pbx.session (
  id uuid primary key default gen_random_uuid(),
  user_id bigint not null references pbx.app_user (id) on delete cascade,
  origin text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index session_user_id on pbx.session (user_id);
create index session_expires_at on pbx.session (expires_at);

-- What ps_endpoints, ps_auths and ps_aors cannot hold of an extension. The number is the endpoint's id.
create table pbx.extension (
  number varchar(255) primary key
    constraint extension_number_fkey references public.ps_endpoints (id) on update cascade on delete cascade,
  user_id bigint constraint extension_user_id_key unique
    constraint extension_user_id_fkey references pbx.app_user (id) on delete set null,
  ring_time smallint not null default 20 constraint extension_ring_time_range check (ring_time between 5 and 120),
  blf_enabled boolean not null default true,
  -- false: ps_endpoints.allow follows the system's order; true: it is this extension's own choice.
  own_codecs boolean not null default false,
  -- zxcvbn's score (0 to 4) when the password was set; it cannot be told from the digest later. NULL: set in SQL.
  secret_score smallint constraint extension_secret_score_range check (secret_score between 0 and 4),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table pbx.setting (
  key text primary key,
  value jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
insert into pbx.setting (key, value) values
  ('global_codecs', '["ulaw", "alaw", "g722"]'),
  ('emergency_numbers', '["110", "112"]'),
  ('country_code', '"49"'),
  ('area_code', '""');

-- Secrets of the server itself (the signing key of sessions, when none is configured). Nobody else may read it.
create table pbx.server_secret (name text primary key, value text not null);

-- The contexts a phone or a row of ours may name; anything else would be a dead phone.
create table pbx.context (name varchar(40) primary key, for_extensions boolean not null);
insert into pbx.context values ('internal', true), ('custom', true), ('from-trunk', false);

-- What the rows of context `custom` may run. An admin may extend both lists; what can start a program or read a file
-- is refused even then.
create table pbx.dialplan_application (name text primary key check (name = lower(name)));
insert into pbx.dialplan_application
select unnest(string_to_array('answer,background,busy,confbridge,congestion,dial,directory,echo,gosub,gosubif,goto,gotoif,gotoiftime,hangup,musiconhold,noop,pickup,playback,playtones,progress,queue,read,return,ringing,saydigits,saynumber,set,stackpop,stopplaytones,voicemail,voicemailmain,wait,waitexten', ','));
create table pbx.dialplan_function (name text primary key check (name = lower(name)));
insert into pbx.dialplan_function
select unnest(string_to_array('callerid,cdr,channel,cut,device_state,exists,extension_state,filter,group,group_count,hash,if,iftime,isnull,len,pjsip_aor,pjsip_contact,pjsip_dial_contacts,pjsip_endpoint,pjsip_header,redirecting,regex,strftime,timeout,tolower,toupper', ','));

-- Every change of configuration, by people, phones and SQL alike.
create table pbx.change (
  id bigint generated always as identity primary key,
  tx xid8 not null,
  at timestamptz not null,
  actor text not null,
  origin text,
  act text,
  tab text not null,
  op char(1) not null check (op in ('I', 'U', 'D')),
  key text not null,
  before jsonb,
  after jsonb
);
create index change_key on pbx.change (key, id);
create index change_tx on pbx.change (tx);
-- The secrets that `change` masks, kept for undo only, for as long as undo is offered.
create table pbx.change_secret (
  change_id bigint primary key references pbx.change (id) on delete cascade,
  before jsonb,
  after jsonb
);

-- One row a call as a person understands it; its legs are the rows of `cdr` with the same linkedid.
create table pbx.call (
  id bigint generated always as identity primary key,
  linkedid varchar(150) not null constraint call_linkedid_key unique,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  direction text not null check (direction in ('internal', 'incoming', 'outgoing')),
  outcome text not null check (outcome in ('answered', 'missed', 'busy', 'failed')),
  src varchar(80) not null,
  src_name varchar(80) not null,
  dst varchar(80) not null,
  extensions text[] not null,
  duration integer not null,
  billsec integer not null,
  legs integer not null
);
create index call_newest on pbx.call (started_at desc, id desc);
create index call_src on pbx.call (src, started_at desc, id desc);
create index call_dst on pbx.call (dst, started_at desc, id desc);
create index call_outcome on pbx.call (outcome, started_at desc, id desc);
create index call_extensions on pbx.call using gin (extensions);

---------------------------------------------------------------------------------------------- additions to Asterisk's

-- REST and keyset paging need an id. A sequence default, not an identity: cdr_pgsql looks for pg_attrdef only and
-- would write '' into a NOT NULL column that seems to have no default.
alter table cdr add column id bigserial;
alter table cdr add constraint cdr_pkey primary key (id);
-- One row for each (uniqueid, sequence), whoever writes it first.
create unique index cdr_uniqueid_sequence on cdr (uniqueid, sequence);
create index cdr_linkedid on cdr (linkedid);
create index cdr_start on cdr (start, id);

-- The registrar asks for id LIKE '1001^3B@%': only a pattern index serves that in every collation.
create index ps_contacts_id_pattern on ps_contacts (id varchar_pattern_ops);
-- The guards look up who uses an auth or an AOR; without these, deleting one would read every endpoint.
create index ps_endpoints_auth on ps_endpoints (auth);
create index ps_endpoints_auth_list on ps_endpoints (auth) where auth like '%,%';
create index ps_endpoints_aors on ps_endpoints (aors);
create index ps_endpoints_aors_list on ps_endpoints (aors) where aors like '%,%';
create index ps_endpoint_id_ips_endpoint on ps_endpoint_id_ips (endpoint);
create index extensions_exten on extensions (exten);

-- REALTIME_HASH takes one column to search by; the static dialplan reads the row of a number here and runs it
-- as the arguments of Gosub, so that such a row cannot name an application.
create view dialplan_internal as
  select exten, appdata from extensions where context = 'internal' and priority = 1 and app = 'Gosub';

-- Read by the static dialplan to tell "unknown number" from "database away".
insert into extensions (context, exten, priority, app, appdata) values ('control', 'db-is-here', 1, 'NoOp', '');
-- An empty identify table would be asked again at each request: a full-backend cache of nothing is no cache.
-- TEST-NET-1 never sends a packet, and no endpoint has this name.
insert into ps_endpoint_id_ips (id, endpoint, match) values ('cache-anchor', 'nobody', '192.0.2.1/32');

------------------------------------------------------------------------------------------------------------- triggers

create function pbx.masked_columns() returns text[] language sql immutable parallel safe as $$
  select array['password', 'password_digest', 'md5_cred', 'refresh_token', 'oauth_secret', 'oauth_clientid', 'password_hash', 'imappassword', 'secret']
$$;

-- History and notification, one row each; the arguments are the key columns. Runs as the owner because it fires under
-- roles that may not write history. Whoever is not the owner is named by the role, whatever its settings claim.
create function pbx.record() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  now_is jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  key_was text := was ->> tg_argv[0];
  key_is text := now_is ->> tg_argv[0];
  by_server boolean := session_user = current_user and coalesce(current_setting('pbx.actor', true), '') <> '';
  masked text[];
  hidden_was jsonb;
  hidden_is jsonb;
  change bigint;
  told integer;
begin
  for part in 1 .. tg_nargs - 1 loop
    key_was := key_was || '/' || (was ->> tg_argv[part]);
    key_is := key_is || '/' || (now_is ->> tg_argv[part]);
  end loop;
  if tg_op = 'UPDATE' then
    select coalesce(jsonb_object_agg(k, v), '{}'), coalesce(jsonb_object_agg(k, now_is -> k), '{}') into was, now_is
      from jsonb_each(was) e (k, v) where v is distinct from now_is -> k;
    if now_is - 'updated_at' = '{}' then return null; end if;
  else
    was := jsonb_strip_nulls(was);
    now_is := jsonb_strip_nulls(now_is);
  end if;

  if coalesce(was, now_is) ?| pbx.masked_columns() then
    select array_agg(c) into masked from unnest(pbx.masked_columns()) c where was ? c or now_is ? c;
    select jsonb_object_agg(c, was -> c) filter (where was ? c), jsonb_object_agg(c, now_is -> c) filter (where now_is ? c)
      into hidden_was, hidden_is from unnest(masked) c;
    select was || coalesce(jsonb_object_agg(c, '********') filter (where jsonb_typeof(was -> c) = 'string'), '{}'),
           now_is || coalesce(jsonb_object_agg(c, '********') filter (where jsonb_typeof(now_is -> c) = 'string'), '{}')
      into was, now_is from unnest(masked) c;
  end if;

  insert into pbx.change (tx, at, actor, origin, act, tab, op, key, before, after)
  values (pg_current_xact_id(), clock_timestamp(),
          case when by_server then current_setting('pbx.actor') else session_user::text end,
          case when by_server then nullif(current_setting('pbx.origin', true), '') else host(inet_client_addr()) end,
          case when by_server then nullif(current_setting('pbx.act', true), '') end,
          tg_table_name, left(tg_op, 1), coalesce(key_is, key_was), was, now_is)
  returning id into change;
  if masked is not null then
    insert into pbx.change_secret values (change, hidden_was, hidden_is);
  end if;

  -- A statement over thousands of rows tells once that it touched many; a listener then takes everything as changed.
  -- The count is bound to the transaction, so that nobody can set it beforehand and be silent.
  told := case when split_part(coalesce(current_setting('pbx.told', true), ''), ':', 1) = pg_current_xact_id()::text
               then split_part(current_setting('pbx.told'), ':', 2)::integer else 0 end + 1;
  if told <= 300 then
    perform set_config('pbx.told', pg_current_xact_id()::text || ':' || told, true);
    perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', tg_table_name, 'o', left(tg_op, 1),
      'k', left(coalesce(key_is, key_was), 200), 'w', case when tg_op = 'UPDATE' then left(nullif(key_was, key_is), 200) end, 's', by_server,
      'c', case when tg_op = 'UPDATE' then (select jsonb_agg(c) from jsonb_object_keys(now_is) c) end)::text);
  elsif told = 301 then
    perform set_config('pbx.told', pg_current_xact_id()::text || ':' || told, true);
    perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', '*', 's', by_server)::text);
  end if;
  return null;
end $$;

do $$
declare
  spec text[];
  place text;
begin
  foreach spec slice 1 in array array[
    ['public.ps_endpoints', '''id'''], ['public.ps_auths', '''id'''], ['public.ps_aors', '''id'''],
    ['public.ps_registrations', '''id'''], ['public.ps_endpoint_id_ips', '''id'''], ['public.ps_domain_aliases', '''id'''],
    ['public.ps_transports', '''id'''], ['public.ps_globals', '''id'''], ['public.ps_systems', '''id'''],
    ['public.extensions', '''context'', ''exten'', ''priority'''], ['public.voicemail', '''context'', ''mailbox'''],
    ['public.queues', '''name'''], ['public.queue_members', '''queue_name'', ''interface'''],
    ['public.queue_rules', '''rule_name'''], ['public.musiconhold', '''name'''],
    ['public.musiconhold_entry', '''name'', ''position'''],
    ['pbx.app_user', '''id'''], ['pbx.extension', '''number'''], ['pbx.setting', '''key'''],
    ['pbx.dialplan_application', '''name'''], ['pbx.dialplan_function', '''name''']]
  loop
    place := spec[1];
    execute format('create trigger record after insert or delete on %s for each row execute function pbx.record(%s)', place, spec[2]);
    execute format('create trigger record_update after update on %s for each row when (old.* is distinct from new.*) execute function pbx.record(%s)', place, spec[2]);
  end loop;
end $$;

create function pbx.refuse(problem text, what_to_do text) returns void language plpgsql as $$
begin
  raise exception using message = problem, hint = what_to_do, errcode = 'check_violation', constraint = 'pbx_guard';
end $$;

-- Realtime decodes ^XX before Asterisk looks at a value, so a guard must look at what Asterisk will see.
create function pbx.decoded(value text) returns text language plpgsql immutable parallel safe as $$
declare
  part text;
begin
  if value !~ '\^[0-9A-Fa-f]{2}' then return value; end if;
  for part in select distinct m[1] from regexp_matches(value, '\^([0-7][0-9A-Fa-f])', 'g') m loop
    -- NUL cannot be in a text; it would end the value, which is as bad as any control character.
    value := replace(value, '^' || part, case when part = '00' then chr(1) else chr(('x' || part)::bit(8)::integer) end);
  end loop;
  return value;
end $$;

create function pbx.has_control(value text) returns boolean language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp as $$
  select pbx.decoded(value) ~ '[\x01-\x1f\x7f]'
$$;

-- Rows of `extensions` are executable code.
create function pbx.guard_extensions() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  word text;
begin
  if tg_op <> 'INSERT' and old.context = 'control' then
    perform pbx.refuse(format('the row %s in context control belongs to the dialplan and is never changed', old.exten),
      'Leave it as it is: the dialplan reads it to see whether the database answers.');
  end if;
  if tg_op = 'DELETE' then return old; end if;
  if pbx.has_control(concat_ws('', new.context, new.exten, new.app, new.appdata)) then
    perform pbx.refuse('extensions: a control character (such as a line break) is not allowed', 'Write the value on one line.');
  end if;
  -- A value that Asterisk would read differently from how it is written cannot be judged.
  if concat_ws('', new.context, new.exten, new.app, new.appdata) ~ '\^[0-9A-Fa-f]{2}|;' then
    perform pbx.refuse('extensions: neither ; nor ^ before two hexadecimal digits can be used here: Asterisk would read something else',
      'Write the character itself; arguments of a subroutine after ^ may not begin with two hexadecimal digits.');
  end if;
  if new.context in ('internal', 'from-trunk', 'trunks') then
    if new.app is distinct from 'Gosub' or new.priority is distinct from 1
       or coalesce(new.appdata, '') !~ '^pbx-[a-z-]+,s,1\([-A-Za-z0-9_@+*#.,:/]*\)$' then
      perform pbx.refuse(format('extensions: %s(%s) in context %s is not allowed: a row there only calls a subroutine of the product', new.app, new.appdata, new.context),
        'Put rows of your own into context custom; it is consulted for numbers that internal does not have.');
    end if;
    if coalesce(new.exten, '') !~ '^[0-9*#+]{1,40}$' then
      perform pbx.refuse(format('extensions.exten: "%s" cannot be dialled', new.exten), 'Use digits, *, # and +.');
    end if;
    return new;
  end if;
  if new.context is distinct from 'custom' then
    perform pbx.refuse(format('extensions.context: "%s" is not a context of this system', new.context),
      'Use custom for rows of your own. Endpoints with context internal reach them too.');
  end if;
  if not exists (select from pbx.dialplan_application a where a.name = lower(new.app)) then
    perform pbx.refuse(format('extensions.app: %s is not allowed in the dialplan', coalesce(new.app, 'an empty application')),
      'Allowed applications are in pbx.dialplan_application. Nothing that runs a program can be added.');
  end if;
  for word in select lower(m[1]) from regexp_matches(coalesce(new.appdata, ''), '([A-Za-z_][A-Za-z0-9_]+)\s*\(', 'g') m loop
    if not exists (select from pbx.dialplan_function f where f.name = word) then
      perform pbx.refuse(format('extensions.appdata: the function %s is not allowed in the dialplan', upper(word)),
        'Allowed functions are in pbx.dialplan_function. Nothing that runs a program or reads a file can be added.');
    end if;
  end loop;
  -- A function's name and its bracket must stand there as they are: ${${X}(...)} and ${MD5${P}...} would build them
  -- at run time.
  if new.appdata ~ '\}\s*\(' or new.appdata ~ '\$\{[^}(]*\$[{\[]' then
    perform pbx.refuse('extensions.appdata: the name of a function must not come from a variable', 'Write the function''s name itself.');
  end if;
  return new;
end $$;
create trigger guard before insert or update or delete on extensions for each row execute function pbx.guard_extensions();

create function pbx.guard_allow_list() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.name !~ '^[a-z][a-z0-9_]*$' then
    perform pbx.refuse(format('%s is not the name of an application or function', quote_literal(new.name)), 'Write it in small letters, digits and _.');
  end if;
  if new.name = any (array['system', 'trysystem', 'agi', 'eagi', 'deadagi', 'externalivr', 'exec', 'execif', 'tryexec', 'originate',
      'mixmonitor', 'monitor', 'record', 'dictate', 'minivmnotify', 'festival', 'mp3player', 'readfile', 'stasis', 'jack', 'while', 'dumpchan', 'sendtext',
      'shell', 'curl', 'curlopt', 'file', 'env', 'eval', 'stat', 'realtime', 'realtime_hash', 'realtime_store', 'realtime_destroy', 'realtime_field',
      'db', 'db_delete', 'db_keys', 'global', 'shared', 'import', 'masterchannel', 'ast_config', 'ast_sorcery', 'sysinfo', 'odbc', 'sql_esc', 'manager', 'passthru', 'evalexten', 'chanspy', 'extenspy']) then
    perform pbx.refuse(format('%s cannot be allowed: it could run a program, read a file or rewrite the configuration', new.name), 'There is no way around this.');
  end if;
  return new;
end $$;
create trigger guard before insert or update on pbx.dialplan_application for each row execute function pbx.guard_allow_list();
create trigger guard before insert or update on pbx.dialplan_function for each row execute function pbx.guard_allow_list();

create function pbx.guard_endpoints() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  pair text;
begin
  if tg_op = 'UPDATE' and new.id is distinct from old.id
     and exists (select from pbx.extension where number = old.id)
     and not (session_user = current_user and coalesce(current_setting('pbx.act', true), '') = 'extension.rename') then
    perform pbx.refuse(format('ps_endpoints.id: %s cannot be renamed here: its password is only good for the old number', old.id),
      'Rename the extension in the browser or by PUT /api/peers/{id}: it takes everything along and makes a new password.');
  end if;
  if pbx.has_control(concat_ws('', new.id, new.callerid, new.context, new.set_var, new.auth, new.aors, new.from_user, new.from_domain)) then
    perform pbx.refuse(format('ps_endpoints: a control character (such as a line break) is not allowed (endpoint %s)', new.id), 'Write the value on one line.');
  end if;
  -- NULL would be Asterisk's context "default", where nothing is.
  if not exists (select from pbx.context c where c.name = new.context) then
    perform pbx.refuse(format('ps_endpoints.context: "%s" does not exist (endpoint %s)', coalesce(new.context, 'NULL'), new.id),
      'Use internal, or custom for rows of your own; trunks use from-trunk.');
  end if;
  if exists (select from unnest(array[new.subscribe_context, new.message_context]) other
             where other is not null and not exists (select from pbx.context c where c.name = other)) then
    perform pbx.refuse(format('ps_endpoints: subscribe_context or message_context of endpoint %s does not exist', new.id), 'Leave both NULL.');
  end if;
  -- Overlap dialling would make a wrong number wait for more digits instead of failing at once.
  if new.allow_overlap is null then
    new.allow_overlap := 'no';
  elsif new.allow_overlap in ('yes', 'on', 'true', '1') then
    perform pbx.refuse('ps_endpoints.allow_overlap: overlap dialling is off in this system', 'Set it to no or leave it NULL.');
  end if;
  if tg_op = 'INSERT' and new.id ~ '^[1-9][0-9]{1,5}$' then
    -- A phone behind NAT works by default, however the row came.
    new.direct_media := coalesce(new.direct_media, 'no');
    new.rtp_symmetric := coalesce(new.rtp_symmetric, 'yes');
    new.force_rport := coalesce(new.force_rport, 'yes');
    new.rewrite_contact := coalesce(new.rewrite_contact, 'yes');
  end if;
  foreach pair in array string_to_array(coalesce(new.set_var, ''), ';') loop
    pair := pbx.decoded(pair);
    if pair <> '' and split_part(pair, '=', 1) !~ '^\s*[A-Za-z_][A-Za-z0-9_]*\s*$' or pair ~ '\$[{\[]' then
      perform pbx.refuse(format('ps_endpoints.set_var: "%s" is not a plain NAME=value', pair), 'Functions and expressions are not allowed here.');
    end if;
  end loop;
  return new;
end $$;
create trigger guard before insert or update on ps_endpoints for each row execute function pbx.guard_endpoints();

-- At the end of the transaction, so that the rows of one endpoint may come in any order.
create function pbx.check_endpoint(endpoint text) returns void language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  e record;
  name text;
begin
  select p.id, p.auth, p.aors, p.identify_by into e from ps_endpoints p where p.id = endpoint;
  if not found then return; end if;
  if e.auth is null or e.auth = '' then
    -- Whoever writes this name into From would be this endpoint, without a password.
    if e.id ~ '^[1-9][0-9]{1,5}$' or coalesce(e.identify_by, 'username') ~ 'username' then
      perform pbx.refuse(format('endpoint %s would be open to everybody: it has no auth', e.id),
        'Set ps_endpoints.auth to the id of a row of ps_auths; a line to a provider has identify_by = ''ip'' and rows of ps_endpoint_id_ips instead.');
    end if;
  else
    foreach name in array string_to_array(e.auth, ',') loop
      -- Asterisk skips an empty name, and asks for no password then.
      if btrim(name) = '' or name ~ '[;^]' or not exists (select from ps_auths a where a.id = btrim(name)) then
        perform pbx.refuse(format('endpoint %s names the auth "%s", which does not exist', e.id, name), 'Insert the row of ps_auths in the same transaction.');
      end if;
    end loop;
  end if;
  foreach name in array string_to_array(coalesce(e.aors, ''), ',') loop
    if not exists (select from ps_aors a where a.id = btrim(name)) then
      perform pbx.refuse(format('endpoint %s names the AOR %s, which does not exist', e.id, name), 'Insert the row of ps_aors in the same transaction.');
    end if;
  end loop;
end $$;

create function pbx.guard_ids() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if coalesce(btrim(new.id), '') = '' or new.id ~ '[;,^]' or pbx.has_control(new.id) then
    perform pbx.refuse(format('%s.id: "%s" cannot be a name', tg_table_name, new.id), 'Use letters, digits, - and _.');
  end if;
  return new;
end $$;
create trigger guard_id before insert or update of id on ps_auths for each row execute function pbx.guard_ids();
create trigger guard_id before insert or update of id on ps_aors for each row execute function pbx.guard_ids();
create trigger guard_id before insert or update of id on ps_endpoints for each row execute function pbx.guard_ids();

create function pbx.guard_identify() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  part text;
begin
  if pbx.has_control(concat_ws('', new.endpoint, new.match, new.match_header, new.match_request_uri)) then
    perform pbx.refuse('ps_endpoint_id_ips: a control character (such as a line break) is not allowed', 'Write the value on one line.');
  end if;
  foreach part in array string_to_array(coalesce(pbx.decoded(new.match), ''), ',') loop
    if btrim(part) ~ '/(0+|0+\.0+\.0+\.0+)$' then
      perform pbx.refuse(format('ps_endpoint_id_ips.match: %s would take every call of the internet for this endpoint', btrim(part)),
        'Name the addresses of the provider.');
    end if;
  end loop;
  return new;
end $$;
create trigger guard before insert or update on ps_endpoint_id_ips for each row execute function pbx.guard_identify();

create function pbx.check_endpoint_row() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pbx.check_endpoint(new.id);
  return null;
end $$;
create constraint trigger complete after insert on ps_endpoints deferrable initially deferred
  for each row execute function pbx.check_endpoint_row();
create constraint trigger complete_update after update on ps_endpoints deferrable initially deferred for each row
  when (old.auth is distinct from new.auth or old.aors is distinct from new.aors or old.id is distinct from new.id
    or old.identify_by is distinct from new.identify_by)
  execute function pbx.check_endpoint_row();

create function pbx.check_used_row() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  e text;
begin
  if tg_table_name = 'ps_auths' then
    for e in select id from ps_endpoints where auth = old.id
       union select id from ps_endpoints where auth like '%,%' and old.id = any (string_to_array(auth, ',')) loop
      perform pbx.check_endpoint(e);
    end loop;
  else
    for e in select id from ps_endpoints where aors = old.id
       union select id from ps_endpoints where aors like '%,%' and old.id = any (string_to_array(aors, ',')) loop
      perform pbx.check_endpoint(e);
    end loop;
  end if;
  return null;
end $$;
create constraint trigger complete after delete on ps_auths deferrable initially deferred
  for each row execute function pbx.check_used_row();
create constraint trigger complete_update after update on ps_auths deferrable initially deferred
  for each row when (old.id is distinct from new.id) execute function pbx.check_used_row();
create constraint trigger complete after delete on ps_aors deferrable initially deferred
  for each row execute function pbx.check_used_row();
create constraint trigger complete_update after update on ps_aors deferrable initially deferred
  for each row when (old.id is distinct from new.id) execute function pbx.check_used_row();

-- A phone's password is never kept in clear text: one that is written here becomes the digest Asterisk compares with.
-- Trunks send theirs to a provider whose realm we do not choose, so theirs stays as it is.
create function pbx.digest_password() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.password is not null and new.id ~ '^[1-9][0-9]{1,5}$' then
    if char_length(new.password) < 6 or pbx.has_control(new.password) then
      perform pbx.refuse(format('ps_auths.password: the password of %s is too short (at least 6 characters)', new.id), 'Choose a longer one.');
    end if;
    new.auth_type := 'userpass';
    new.username := coalesce(new.username, new.id);
    new.realm := 'gonopbx';
    new.password_digest := 'MD5:' || md5(new.username || ':gonopbx:' || new.password);
    new.password := null;
    if tg_op = 'UPDATE' then
      update pbx.extension set secret_score = null, updated_at = now() where number = new.id;
    end if;
  end if;
  return new;
end $$;
create trigger digest before insert or update on ps_auths for each row execute function pbx.digest_password();

-- An endpoint whose id is an extension number is an extension, whoever inserted it.
create function pbx.adopt_endpoint() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into pbx.extension (number, own_codecs) values (new.id, true) on conflict do nothing;
  return null;
end $$;
create trigger adopt after insert on ps_endpoints for each row when (new.id ~ '^[1-9][0-9]{1,5}$')
  execute function pbx.adopt_endpoint();

-- A number that a row of context custom has is taken: the extension would hide it.
create function pbx.guard_number() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from extensions where context = 'custom' and exten = new.number) then
    raise exception using errcode = 'unique_violation', constraint = 'extension_number_custom',
      message = format('extension %s: context custom has rows for this number', new.number),
      hint = 'Choose another number, or remove the rows of extensions in context custom first.';
  end if;
  return new;
end $$;
create trigger guard_number before insert or update of number on pbx.extension for each row execute function pbx.guard_number();

-- Whichever part of an extension is deleted, by whom ever: all of it goes, its registrations too.
create function pbx.remove_extension() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from ps_endpoints where id = old.number;
  delete from ps_auths where id = old.number;
  delete from ps_aors where id = old.number;
  -- Asterisk removes an expired contact itself, and only then do its device state and the lamps follow.
  update ps_contacts set expiration_time = 1 where id ~>=~ (old.number || '^3B@') and id ~<~ (old.number || '^3BA');
  delete from extensions where context = 'internal' and exten = old.number;
  return null;
end $$;
create trigger remove after delete on pbx.extension for each row execute function pbx.remove_extension();

create function pbx.touch_extension() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  update pbx.extension set updated_at = now() where number = new.id and updated_at < now();
  return null;
end $$;
create trigger touch after update on ps_endpoints for each row when (old.* is distinct from new.*) execute function pbx.touch_extension();
create trigger touch after update on ps_auths for each row when (old.* is distinct from new.*) execute function pbx.touch_extension();
create trigger touch after update on ps_aors for each row when (old.* is distinct from new.*) execute function pbx.touch_extension();

-- A changed password or role ends every session of that user but the one that made the change, in SQL as well.
create function pbx.end_sessions() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  delete from pbx.session where user_id = new.id and id::text <> coalesce(current_setting('pbx.session', true), '');
  return null;
end $$;
create trigger end_sessions after update on pbx.app_user for each row
  when (old.password_hash <> new.password_hash or old.role <> new.role) execute function pbx.end_sessions();

create function pbx.tell_session() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', 'session', 'o', 'D', 'k', old.id, 's', true)::text);
  return null;
end $$;
create trigger tell after delete on pbx.session for each row execute function pbx.tell_session();

-- Asterisk says nothing when a phone it took for unreachable registers again, and would not call it until it next asks.
create function pbx.tell_contact() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', 'ps_contacts', 'o', 'U', 'k', left(new.endpoint, 200), 's', false)::text);
  return null;
end $$;
create trigger tell after update on ps_contacts for each row
  when (new.expiration_time > old.expiration_time) execute function pbx.tell_contact();

-- Other columns that Asterisk would run.
create function pbx.guard_musiconhold() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.mode = 'custom' or coalesce(new.application, '') <> '' then
    perform pbx.refuse(format('musiconhold: class %s would run a program', new.name), 'Use mode files or playlist and leave application NULL.');
  end if;
  return new;
end $$;
create trigger guard before insert or update on musiconhold for each row execute function pbx.guard_musiconhold();

create function pbx.guard_queues() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if coalesce(new.membergosub, '') <> '' or coalesce(new.membermacro, '') <> '' then
    perform pbx.refuse(format('queues: %s names a subroutine to run', new.name), 'Leave membergosub and membermacro NULL.');
  end if;
  if new.context is not null and not exists (select from pbx.context c where c.name = new.context) then
    perform pbx.refuse(format('queues.context: "%s" does not exist', new.context), 'Leave it NULL.');
  end if;
  return new;
end $$;
create trigger guard before insert or update on queues for each row execute function pbx.guard_queues();

create function pbx.guard_voicemail() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if coalesce(new.dialout, '') <> '' or coalesce(new.callback, '') <> '' then
    perform pbx.refuse(format('voicemail: mailbox %s would let a caller dial out', new.mailbox), 'Leave dialout and callback NULL.');
  end if;
  if pbx.has_control(concat_ws('', new.mailbox, new.context, new.fullname, new.email)) then
    perform pbx.refuse('voicemail: a control character (such as a line break) is not allowed', 'Write the value on one line.');
  end if;
  return new;
end $$;
create trigger guard before insert or update on voicemail for each row execute function pbx.guard_voicemail();

-------------------------------------------------------------------------------------------------------------------- cdr

create function pbx.skip_known_cdr() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  -- The lock makes two writers of the same leg wait for each other; the later one then inserts nothing, without error.
  perform pg_advisory_xact_lock(hashtextextended(concat(new.uniqueid, '/', new.sequence), 0));
  if exists (select from cdr where uniqueid = new.uniqueid and sequence = new.sequence) then return null; end if;
  return new;
end $$;
create trigger skip_known before insert on cdr for each row execute function pbx.skip_known_cdr();

-- The extension behind a channel's name, NULL for a trunk or anything else.
create function pbx.channel_extension(channel text) returns text language sql immutable parallel safe as $$
  select substring(channel from '^PJSIP/([1-9][0-9]{1,5})-')
$$;

create function pbx.file_call(call text) returns void language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('call ' || call, 0));
  insert into pbx.call (linkedid, started_at, ended_at, direction, outcome, src, src_name, dst, extensions, duration, billsec, legs)
  select call, first_start at time zone 'UTC', last_end at time zone 'UTC',
    case when first_channel like 'PJSIP/trunk-ep-%' then 'incoming' when to_trunk then 'outgoing' else 'internal' end,
    case when answered then 'answered' when all_busy then 'busy' when any_missed then 'missed' else 'failed' end,
    coalesce(pbx.channel_extension(first_channel), first_src, ''), coalesce(first_name, ''), coalesce(first_dst, ''),
    array_remove(members, null), extract(epoch from last_end - first_start)::integer, talked, legs
  from (
    select min(start) first_start, max("end") last_end, count(*) legs,
      (array_agg(channel order by sequence))[1] first_channel,
      (array_agg(src order by sequence))[1] first_src,
      (array_agg(substring(clid from '^"(.*)" <') order by sequence))[1] first_name,
      (array_agg(dst order by sequence))[1] first_dst,
      bool_or(dstchannel like 'PJSIP/trunk-ep-%') to_trunk,
      -- Only the mailbox answered: a person would say that the call was missed.
      bool_or(disposition = 'ANSWERED' and coalesce(lastapp, '') not in ('VoiceMail', 'Playback', 'BackGround')) answered,
      bool_and(disposition = 'BUSY') all_busy,
      bool_or(disposition in ('NO ANSWER', 'ANSWERED')) any_missed,
      coalesce(max(billsec) filter (where disposition = 'ANSWERED'), 0) talked,
      (array_agg(distinct pbx.channel_extension(channel)) || array_agg(distinct pbx.channel_extension(dstchannel))) members
    from cdr where linkedid = call
  ) legs where first_start is not null
  on conflict (linkedid) do update set started_at = excluded.started_at, ended_at = excluded.ended_at, direction = excluded.direction,
    outcome = excluded.outcome, src = excluded.src, src_name = excluded.src_name, dst = excluded.dst, extensions = excluded.extensions,
    duration = excluded.duration, billsec = excluded.billsec, legs = excluded.legs;
end $$;

create function pbx.file_cdr() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.linkedid is not null then
    begin
      perform pbx.file_call(new.linkedid);
    exception when others then
      -- Asterisk never tries a record again: it is worth more than its place.
      raise warning 'call % not filed: %', new.linkedid, sqlerrm;
    end;
  end if;
  perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', 'cdr', 'o', 'I', 'k', new.linkedid, 's', false)::text);
  return null;
end $$;
create trigger file after insert on cdr for each row execute function pbx.file_cdr();

-- Legs that somebody deletes or mends in SQL take their call along.
create function pbx.refile_cdr() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not exists (select from cdr where linkedid = old.linkedid) then
    delete from pbx.call where linkedid = old.linkedid;
  else
    perform pbx.file_call(old.linkedid);
  end if;
  if tg_op = 'UPDATE' and new.linkedid is distinct from old.linkedid and new.linkedid is not null then
    perform pbx.file_call(new.linkedid);
  end if;
  return null;
end $$;
create trigger refile after delete or update on cdr for each row execute function pbx.refile_cdr();

----------------------------------------------------------------------------------------------------------------- rights

revoke create on schema public from public;
revoke execute on all functions in schema pbx from public;
grant usage on schema public to asterisk, gonopbx_dba;

-- Exactly what Asterisk does, and nothing in schema pbx.
grant select on ps_endpoints, ps_auths, ps_aors, ps_endpoint_id_ips, ps_registrations, extensions, dialplan_internal, voicemail, queues,
  queue_members, queue_rules, musiconhold, musiconhold_entry, ps_domain_aliases, ps_transports, ps_globals, ps_systems to asterisk;
grant select, insert, update, delete on ps_contacts, ps_subscription_persistence, voicemail_messages to asterisk;
grant insert on cdr, queue_log to asterisk;
grant update (password) on voicemail to asterisk;
grant update (paused, reason_paused) on queue_members to asterisk;
grant usage on sequence queue_log_id_seq, cdr_id_seq to asterisk;

grant usage on schema pbx to gonopbx_dba;
grant select, insert, update, delete on all tables in schema public to gonopbx_dba;
grant usage on all sequences in schema public to gonopbx_dba;
grant select, insert, update, delete on pbx.extension, pbx.setting, pbx.dialplan_application, pbx.dialplan_function to gonopbx_dba;
grant select on pbx.change, pbx.call, pbx.context to gonopbx_dba;
grant select (id, username, role, full_name, email, language, must_change_password, created_at, updated_at) on pbx.app_user to gonopbx_dba;

do $$ begin
  -- The record of migrations belongs to the server; it is there when the server migrates, and not when a person runs these files.
  if to_regclass('public._sqlx_migrations') is not null then revoke all on public._sqlx_migrations from gonopbx_dba; end if;
end $$;
