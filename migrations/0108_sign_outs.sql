-- Sessions are no configuration and are in no history; but that somebody signs another person out is a thing to be answered for.
-- In the transaction that ends the sessions, with its actor and origin. Nothing can take it back: no table of that name is recorded.
create function pbx.record_sign_out(who bigint, ended bigint) returns void language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare
  in_set bigint;
begin
  insert into pbx.change_set (tx, began_at, actor, origin, act)
  values (pg_current_xact_id(), now(), current_setting('pbx.actor'), nullif(current_setting('pbx.origin', true), ''),
          nullif(current_setting('pbx.act', true), ''))
  on conflict (tx, began_at) do update set actor = excluded.actor
  returning id into in_set;
  insert into pbx.change (tx, at, actor, origin, act, tab, op, key, before, set_id, ident, kind, object, words)
  select s.tx, clock_timestamp(), s.actor, s.origin, s.act, 'session', 'D', u.id::text, jsonb_build_object('sessions', ended),
         s.id, jsonb_build_object('user_id', u.id), 'user', u.username, lower(u.username)
    from pbx.change_set s, pbx.app_user u where s.id = in_set and u.id = who;
  perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', 'sign_out', 'o', 'D', 'k', who::text, 's', true)::text);
end $$;
revoke execute on function pbx.record_sign_out(bigint, bigint) from public;
