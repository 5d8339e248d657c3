-- Somebody must always be able to administer the system: the last admin is neither removed nor demoted, whoever tries.

-- Two that demote at once would each see the other's admin; so they come one after the other.
create function pbx.lock_admins() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('pbx.app_user.admins', 0));
  return null;
end $$;

create function pbx.keep_an_admin() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  perform from pbx.app_user where role = 'admin' order by id limit 1 for update;
  if not found then
    raise exception using message = format('%s is the last administrator and can neither be removed nor become a user', old.username),
      hint = 'Make somebody else an administrator first.', errcode = 'check_violation', constraint = 'app_user_last_admin';
  end if;
  return null;
end $$;

create trigger lock_admins before delete or update of role on pbx.app_user for each statement execute function pbx.lock_admins();
create trigger keep_an_admin after delete on pbx.app_user for each row
  when (old.role = 'admin') execute function pbx.keep_an_admin();
create trigger keep_an_admin_role after update of role on pbx.app_user for each row
  when (old.role = 'admin' and new.role <> 'admin') execute function pbx.keep_an_admin();

create function pbx.keep_users() returns trigger language plpgsql as $$
begin
  raise exception using message = 'pbx.app_user cannot be truncated: nobody could log in any more',
    hint = 'Delete the users that are to go one by one.', errcode = 'check_violation', constraint = 'app_user_last_admin';
end $$;
create trigger keep_users before truncate on pbx.app_user for each statement execute function pbx.keep_users();

-- A token carries the user's name: under another name it is nobody's, so its session ends with the old one.
create or replace function pbx.end_sessions() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  delete from pbx.session where user_id = new.id
    and (old.username <> new.username or id::text <> coalesce(current_setting('pbx.session', true), ''));
  return null;
end $$;
drop trigger end_sessions on pbx.app_user;
create trigger end_sessions after update on pbx.app_user for each row
  when (old.password_hash <> new.password_hash or old.role <> new.role or old.username <> new.username)
  execute function pbx.end_sessions();
