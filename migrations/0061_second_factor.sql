-- A second factor at login: codes of an authenticator app (TOTP). What makes the codes is in no history, not even masked:
-- the row of the person says that it is switched on, and that is recorded.
alter table pbx.app_user add column second_factor boolean not null default false;

create table pbx.second_factor (
  user_id bigint primary key constraint second_factor_user_id_fkey references pbx.app_user (id) on delete cascade,
  -- Base32, as authenticator apps take it.
  secret text not null,
  -- The 30 seconds of the last code that was accepted: none is accepted twice.
  last_step bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- Shown, but not yet proved by a code.
create table pbx.second_factor_draft (
  user_id bigint primary key constraint second_factor_draft_user_id_fkey references pbx.app_user (id) on delete cascade,
  secret text not null,
  created_at timestamptz not null default now()
);
-- For whoever has lost the app; 80 random bits each, kept as SHA-256.
create table pbx.recovery_code (
  user_id bigint not null constraint recovery_code_user_id_fkey references pbx.second_factor (user_id) on delete cascade,
  hash text not null,
  used_at timestamptz,
  constraint recovery_code_pkey primary key (user_id, hash)
);

create function pbx.mark_second_factor() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  update pbx.app_user set second_factor = tg_op = 'INSERT', updated_at = now() where id = coalesce(new.user_id, old.user_id);
  return null;
end $$;
create trigger mark after insert or delete on pbx.second_factor for each row execute function pbx.mark_second_factor();

-- The mark follows from the secret: neither SQL nor an undo can set it without one.
create function pbx.guard_second_factor() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  is_there boolean := exists (select from pbx.second_factor where user_id = new.id);
begin
  if tg_op = 'INSERT' then
    new.second_factor := false;
  elsif new.second_factor <> is_there then
    perform pbx.refuse(format('app_user: the second factor of %s follows from pbx.second_factor', new.username),
      'Who has it switches it on and off in the profile; an administrator takes it off at the user.');
  end if;
  return new;
end $$;
create trigger guard_second_factor before insert or update of second_factor on pbx.app_user
  for each row execute function pbx.guard_second_factor();

revoke execute on function pbx.mark_second_factor(), pbx.guard_second_factor() from public;
grant select (second_factor) on pbx.app_user to gonopbx_dba;
