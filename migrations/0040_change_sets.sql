-- Changes by transaction: one row says who, when, from where and what for; its changes name what they are about in words
-- that people search for, and the row they changed, so that a transaction can be undone.

create table pbx.change_set (
  id bigint generated always as identity primary key,
  tx xid8 not null,
  -- When the transaction began. In a database that was restored elsewhere transactions are counted anew, but not the time.
  began_at timestamptz not null,
  actor text not null,
  origin text,
  -- What a person wanted; NULL for SQL, and then `actor` is a database role.
  act text,
  -- The one that this one takes back.
  undoes bigint constraint change_set_undoes_fkey references pbx.change_set (id) on delete set null
);
create unique index change_set_tx on pbx.change_set (tx, began_at);
create index change_set_actor on pbx.change_set (actor, id);
create index change_set_began_at on pbx.change_set (began_at);
create index change_set_undoes on pbx.change_set (undoes) where undoes is not null;

alter table pbx.change
  add column set_id bigint constraint change_set_id_fkey references pbx.change_set (id) on delete cascade,
  -- The columns by which the row is found, after the change; of a deleted one, before.
  add column ident jsonb,
  add column kind text,
  add column object text,
  -- What a person would type to find it; NULL for rows that follow from others.
  add column words text;

-- What a row is about, for people: a kind and its name there.
create function pbx.object_of(tab text, r jsonb) returns text[] language sql immutable parallel safe
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
    when tab = 'setting' then array['setting', r ->> 'key']
    when tab = 'mail_server' then array['setting', 'mail']
    when tab in ('musiconhold', 'musiconhold_entry') then array['music', r ->> 'name']
    when tab = 'queues' then array['queue', r ->> 'name']
    when tab = 'queue_members' then array['queue', r ->> 'queue_name']
    when tab = 'queue_rules' then array['queue', r ->> 'rule_name']
    else array['other', tab]
  end
$$;

-- Named columns of what changed; all of it is in `before` and `after`.
create function pbx.words_of(tab text, key text, r jsonb, was jsonb, now_is jsonb) returns text language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp as $$
  select case
    when tab in ('ps_auths', 'ps_aors') or tab = 'extensions' and r ->> 'context' <> 'custom' then null
    else left(lower(concat_ws(' ', key, r ->> 'did', r ->> 'name', r ->> 'username',
      (select string_agg(distinct v, ' ') from (
        select v from jsonb_each_text(was) w (k, v) where k = any (human) and v <> '********'
        union all select v from jsonb_each_text(now_is) n (k, v) where k = any (human) and v <> '********') said),
      case when was is not null and now_is is not null then (select string_agg(k, ' ') from jsonb_object_keys(now_is) k where k <> 'updated_at') end)), 1000)
  end
  from (values (array['callerid', 'fullname', 'full_name', 'email', 'description', 'destination', 'exten', 'appdata', 'caller_id',
    'server_uri', 'match', 'host', 'value', 'provider', 'extension', 'outbound_did', 'named_call_group', 'context', 'set_var', 'name',
    'username', 'directory', 'interface', 'number', 'did', 'numbers'])) c (human)
$$;

-- A time reads the same whoever wrote it: rows are compared with what they were.
create or replace function pbx.record() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  now_is jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  whole jsonb := coalesce(now_is, was);
  key_was text := was ->> tg_argv[0];
  key_is text := now_is ->> tg_argv[0];
  ident jsonb := jsonb_build_object(tg_argv[0], whole -> tg_argv[0]);
  by_server boolean := session_user = current_user and coalesce(current_setting('pbx.actor', true), '') <> '';
  about text[];
  in_set bigint;
  masked text[];
  hidden_was jsonb;
  hidden_is jsonb;
  change bigint;
  told integer;
begin
  for part in 1 .. tg_nargs - 1 loop
    key_was := key_was || '/' || (was ->> tg_argv[part]);
    key_is := key_is || '/' || (now_is ->> tg_argv[part]);
    ident := ident || jsonb_build_object(tg_argv[part], whole -> tg_argv[part]);
  end loop;
  if tg_op = 'UPDATE' then
    select coalesce(jsonb_object_agg(k, v), '{}'), coalesce(jsonb_object_agg(k, now_is -> k), '{}') into was, now_is
      from jsonb_each(was) e (k, v) where v is distinct from now_is -> k;
    if now_is - 'updated_at' = '{}' then return null; end if;
  elsif tg_op = 'INSERT' then
    -- Not jsonb_strip_nulls, which would look into values that are JSON themselves.
    select jsonb_object_agg(k, v) into now_is from jsonb_each(now_is) e (k, v) where v <> 'null';
  else
    select jsonb_object_agg(k, v) into was from jsonb_each(was) e (k, v) where v <> 'null';
  end if;

  if coalesce(was, now_is) ?| pbx.masked_columns() then
    select array_agg(c) into masked from unnest(pbx.masked_columns()) c where was ? c or now_is ? c;
    select jsonb_object_agg(c, was -> c) filter (where was ? c), jsonb_object_agg(c, now_is -> c) filter (where now_is ? c)
      into hidden_was, hidden_is from unnest(masked) c;
    select was || coalesce(jsonb_object_agg(c, '********') filter (where jsonb_typeof(was -> c) = 'string'), '{}'),
           now_is || coalesce(jsonb_object_agg(c, '********') filter (where jsonb_typeof(now_is -> c) = 'string'), '{}')
      into was, now_is from unnest(masked) c;
  end if;

  select s.id into in_set from pbx.change_set s where s.tx = pg_current_xact_id() and s.began_at = now();
  if in_set is null then
    insert into pbx.change_set (tx, began_at, actor, origin, act, undoes)
    values (pg_current_xact_id(), now(),
            case when by_server then current_setting('pbx.actor') else session_user::text end,
            case when by_server then nullif(current_setting('pbx.origin', true), '') else host(inet_client_addr()) end,
            case when by_server then nullif(current_setting('pbx.act', true), '') end,
            case when by_server then nullif(current_setting('pbx.undoes', true), '')::bigint end)
    returning id into in_set;
  end if;
  about := pbx.object_of(tg_table_name, whole);
  insert into pbx.change (tx, at, actor, origin, act, tab, op, key, before, after, set_id, ident, kind, object, words)
  values (pg_current_xact_id(), clock_timestamp(),
          case when by_server then current_setting('pbx.actor') else session_user::text end,
          case when by_server then nullif(current_setting('pbx.origin', true), '') else host(inet_client_addr()) end,
          case when by_server then nullif(current_setting('pbx.act', true), '') end,
          tg_table_name, left(tg_op, 1), coalesce(key_is, key_was), was, now_is, in_set, ident, about[1], about[2],
          pbx.words_of(tg_table_name, concat_ws(' ', nullif(key_was, key_is), key_is), whole, was, now_is))
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

-- Rules of a queue have no key of their own; a mailbox keeps its number under another context.
create or replace trigger record after insert or delete on public.queue_rules for each row execute function pbx.record('rule_name', 'time');
create or replace trigger record_update after update on public.queue_rules for each row when (old.* is distinct from new.*)
  execute function pbx.record('rule_name', 'time');

-- What was recorded so far. A change of a key's column before this says only what the row was called afterwards.
insert into pbx.change_set (tx, began_at, actor, origin, act)
select tx, min(at), (array_agg(actor order by id))[1], (array_agg(origin order by id))[1], (array_agg(act order by id))[1]
  from pbx.change group by tx order by min(id);
update pbx.change c set set_id = known.set_id, kind = known.o[1], object = coalesce(known.o[2], c.key),
       words = pbx.words_of(c.tab, c.key, known.r, c.before, c.after)
  from (
    select row_of.id, row_of.set_id, row_of.r, pbx.object_of(row_of.tab, row_of.r) as o from (
      select old.id, old.tab, s.id as set_id, coalesce(old.after, old.before) || case
        when old.tab = 'extension' then jsonb_build_object('number', old.key)
        when old.tab = 'extensions' then jsonb_build_object('context', split_part(old.key, '/', 1), 'exten', split_part(old.key, '/', 2))
        when old.tab = 'voicemail' then jsonb_build_object('mailbox', split_part(old.key, '/', 2))
        when old.tab = 'forward' then jsonb_build_object('extension', split_part(old.key, '/', 2))
        when old.tab = 'number_range' then jsonb_build_object('trunk_id', split_part(old.key, '/', 1))
        when old.tab = 'setting' then jsonb_build_object('key', old.key)
        else jsonb_build_object('id', split_part(old.key, '/', 1)) end as r
        from pbx.change old join pbx.change_set s on s.tx = old.tx) row_of) known
 where known.id = c.id;
alter table pbx.change alter column set_id set not null, alter column kind set not null, alter column object set not null;
drop index pbx.change_tx;
create index change_set_id on pbx.change (set_id, id);
create index change_object on pbx.change (object, kind, id);
create index change_kind on pbx.change (kind, set_id);
create index change_words on pbx.change using gin (words gin_trgm_ops) where words is not null;

-- Four things the server does with rows of recorded tables when a change is taken back. Which tables and columns there
-- are, it knows; names are quoted here, values are never part of a statement.
create function pbx.rows_now(place regclass, keys text[], wanted jsonb) returns setof jsonb language plpgsql as $$
begin
  return query execute format('select to_jsonb(t) from %1$s t join jsonb_populate_recordset(null::%1$s, $1) k on %2$s for update of t',
    place, (select string_agg(format('t.%1$I = k.%1$I', c), ' and ') from unnest(keys) c)) using wanted;
end $$;

create function pbx.rows_remove(place regclass, keys text[], wanted jsonb) returns bigint language plpgsql as $$
declare n bigint;
begin
  execute format('delete from %1$s t using jsonb_populate_recordset(null::%1$s, $1) k where %2$s',
    place, (select string_agg(format('t.%1$I = k.%1$I', c), ' and ') from unnest(keys) c)) using wanted;
  get diagnostics n = row_count;
  return n;
end $$;

-- All rows get the same columns: each is {"key": {...}, "set": {...}}.
create function pbx.rows_set(place regclass, keys text[], columns text[], changes jsonb) returns bigint language plpgsql as $$
declare n bigint;
begin
  execute format('update %1$s t set %3$s from jsonb_array_elements($1) e,
      lateral jsonb_populate_record(null::%1$s, e -> ''key'') k, lateral jsonb_populate_record(null::%1$s, e -> ''set'') n where %2$s',
    place, (select string_agg(format('t.%1$I = k.%1$I', c), ' and ') from unnest(keys) c),
    (select string_agg(format('%1$I = n.%1$I', c), ', ') from unnest(columns) c)) using changes;
  get diagnostics n = row_count;
  return n;
end $$;

-- With the same ids as before. A row that a trigger has made meanwhile becomes the one that is wanted.
create function pbx.rows_put(place regclass, keys text[], wanted jsonb) returns bigint language plpgsql as $$
declare
  n bigint;
  columns text[];
begin
  -- Columns that came after the row was deleted have no value there: where they must have one, it is the default.
  select array_agg(a.attname::text order by a.attnum) into columns from pg_attribute a
   where a.attrelid = place and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     and (not a.attnotnull or exists (select from jsonb_array_elements(wanted) e where e ? a.attname::text));
  execute format('insert into %1$s as t (%2$s) overriding system value select %2$s from jsonb_populate_recordset(null::%1$s, $1) %3$s',
    place, (select string_agg(quote_ident(c), ', ') from unnest(columns) c),
    case when place = 'pbx.extension'::regclass then format('on conflict (number) do update set %s',
      (select string_agg(format('%1$I = excluded.%1$I', c), ', ') from unnest(columns) c where c <> all (keys))) else '' end) using wanted;
  get diagnostics n = row_count;
  return n;
end $$;

revoke execute on function pbx.object_of(text, jsonb), pbx.words_of(text, text, jsonb, jsonb, jsonb),
  pbx.rows_now(regclass, text[], jsonb), pbx.rows_remove(regclass, text[], jsonb),
  pbx.rows_set(regclass, text[], text[], jsonb), pbx.rows_put(regclass, text[], jsonb) from public;
grant select on pbx.change_set to gonopbx_dba;
