-- What a recorded row costs: an import of a thousand extensions records eight thousand rows.

-- In plpgsql, which keeps its plan from one call to the next; a function in SQL is planned for each row.
create or replace function pbx.words_of(tab text, key text, r jsonb, was jsonb, now_is jsonb) returns text
  language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
  human constant text[] := array['callerid', 'fullname', 'full_name', 'email', 'description', 'destination', 'exten', 'appdata',
    'caller_id', 'server_uri', 'match', 'host', 'value', 'provider', 'extension', 'outbound_did', 'named_call_group', 'context',
    'set_var', 'name', 'username', 'directory', 'interface', 'number', 'did', 'numbers'];
  said text;
  columns text;
begin
  if tab in ('ps_auths', 'ps_aors') or tab = 'extensions' and r ->> 'context' <> 'custom' then
    return null;
  end if;
  select string_agg(distinct v, ' ') into said
    from unnest(human) h (k) cross join lateral (values (was ->> k), (now_is ->> k)) w (v) where v <> '********';
  if was is not null and now_is is not null then
    select string_agg(k, ' ') into columns from jsonb_object_keys(now_is) k where k <> 'updated_at';
  end if;
  return left(lower(concat_ws(' ', key, r ->> 'did', r ->> 'name', r ->> 'username', said, columns)), 1000);
end $$;

-- Nulls are taken out of a new or a deleted row in one go, where none of its values is JSON itself.
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
  elsif whole @? '$.* ? (@.type() == "object" || @.type() == "array")' then
    -- Not jsonb_strip_nulls, which would look into values that are JSON themselves.
    select jsonb_object_agg(k, v) into whole from jsonb_each(whole) e (k, v) where v <> 'null';
  else
    whole := jsonb_strip_nulls(whole);
  end if;
  if tg_op = 'INSERT' then now_is := whole; elsif tg_op = 'DELETE' then was := whole; end if;

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
