-- Music on hold: the class that every call has where nobody chose another, and a closer look at what a class may do.

-- The folder as Asterisk sees it from its working folder, the data folder: the same on every machine, so that a restored
-- database finds its music.
insert into musiconhold (name, mode, directory, sort) values ('default', 'files', '/proc/self/cwd/moh/default', 'random')
on conflict do nothing;

-- The modes for MP3 start a program, too, and one of them fetches what a URL names.
create or replace function pbx.guard_musiconhold() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if coalesce(new.mode::text, '') not in ('files', 'playlist') or coalesce(new.application, '') <> '' then
    perform pbx.refuse(format('musiconhold: class %s would run a program', new.name), 'Use mode files or playlist and leave application NULL.');
  end if;
  if pbx.has_control(concat_ws('', new.name, new.directory)) then
    perform pbx.refuse('musiconhold: a control character (such as a line break) is not allowed', 'Write the value on one line.');
  end if;
  return new;
end $$;

-- A URL would make Asterisk fetch it at each call.
create function pbx.guard_musiconhold_entry() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if pbx.decoded(new.entry) !~ '^/' or pbx.has_control(new.entry) then
    perform pbx.refuse(format('musiconhold_entry: "%s" is not a file of this machine', new.entry),
      'Write its path from / on, without the ending of the file.');
  end if;
  return new;
end $$;
create trigger guard before insert or update on musiconhold_entry for each row execute function pbx.guard_musiconhold_entry();
revoke execute on function pbx.guard_musiconhold_entry() from public;
