-- Mailboxes and their messages. Asterisk's `voicemail` holds the mailboxes: context `default`, or `disabled` for one that
-- is switched off and keeps all it has. Asterisk's `voicemail_messages` holds the recordings.

-- A message's place (dir, msgnum) changes whenever the mailbox is tidied, and it becomes another row whenever Asterisk
-- copies it to another folder. This id stays.
create table pbx.message (
  id bigint generated always as identity primary key,
  msg_id varchar(40) not null constraint message_msg_id_key unique,
  mailbox varchar(30) not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index message_mailbox on pbx.message (mailbox, id);

-- What was deleted here, for as long as it can be brought back.
create table pbx.deleted_message (
  id bigint primary key,
  mailbox varchar(30) not null,
  dir varchar(255) not null,
  context varchar(80),
  callerid varchar(80),
  origtime integer,
  duration integer,
  recording bytea,
  flag varchar(30),
  category varchar(30),
  msg_id varchar(40) not null,
  deleted_by text not null,
  received_at timestamptz not null,
  deleted_at timestamptz not null default now()
);
create index deleted_message_mailbox on pbx.deleted_message (mailbox);
create index deleted_message_deleted_at on pbx.deleted_message (deleted_at);

create table pbx.mailbox (
  mailbox varchar(80) primary key,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- A message is found by its id, and counted by mailbox on every page.
create index voicemail_messages_msg_id on voicemail_messages (msg_id);
create index voicemail_messages_mailbox on voicemail_messages (mailboxuser, origtime);
create index voicemail_messages_new on voicemail_messages (mailboxuser) where msgnum >= 0 and dir ~ '/(INBOX|Urgent)$';

-- Every row has a msg_id of its own, a copy in another folder too.
create function pbx.name_message() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if coalesce(new.msg_id, '') = '' or exists (select from voicemail_messages v where v.msg_id = new.msg_id) then
    new.msg_id := gen_random_uuid()::text;
  end if;
  return new;
end $$;
create trigger name before insert on voicemail_messages for each row execute function pbx.name_message();

-- Tells that a mailbox has changed. What Asterisk did by itself it has told the phones already.
create function pbx.tell_mailbox(mailbox text, op text) returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 'o', left(op, 1), 'k', left(mailbox, 200),
    't', case when session_user = 'asterisk' then 'message' else 'voicemail_messages' end,
    's', session_user = current_user and coalesce(current_setting('pbx.actor', true), '') <> '')::text);
end $$;

-- Greetings have number -1 and are no messages. A message that is saved in another folder is there twice for a moment: the
-- copy comes first, and takes the id over; the original then goes without one.
create function pbx.follow_message() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  twin varchar(40);
begin
  if tg_op = 'UPDATE' then
    update pbx.message set msg_id = new.msg_id, mailbox = new.mailboxuser, updated_at = now() where msg_id = old.msg_id;
    if old.mailboxuser <> new.mailboxuser then
      perform pbx.tell_mailbox(old.mailboxuser, tg_op);
    end if;
    perform pbx.tell_mailbox(new.mailboxuser, tg_op);
    return null;
  end if;
  if tg_op = 'INSERT' then
    select v.msg_id into twin from voicemail_messages v join pbx.message m on m.msg_id = v.msg_id
     where v.mailboxuser = new.mailboxuser and v.origtime = new.origtime and v.dir <> new.dir
       and v.callerid is not distinct from new.callerid and v.duration is not distinct from new.duration
       and v.recording is not distinct from new.recording limit 1;
    if found then
      update pbx.message set msg_id = new.msg_id, updated_at = now() where msg_id = twin;
    else
      insert into pbx.message (msg_id, mailbox) values (new.msg_id, new.mailboxuser) on conflict (msg_id) do nothing;
    end if;
    perform pbx.tell_mailbox(new.mailboxuser, tg_op);
    return null;
  end if;
  select v.msg_id into twin from voicemail_messages v
   where v.mailboxuser = old.mailboxuser and v.origtime = old.origtime and v.dir <> old.dir and v.msgnum >= 0
     and v.callerid is not distinct from old.callerid and v.duration is not distinct from old.duration
     and v.recording is not distinct from old.recording
     and not exists (select from pbx.message m where m.msg_id = v.msg_id) limit 1;
  if found then
    update pbx.message set msg_id = twin, updated_at = now() where msg_id = old.msg_id;
  else
    delete from pbx.message where msg_id = old.msg_id;
  end if;
  perform pbx.tell_mailbox(old.mailboxuser, tg_op);
  return null;
end $$;
create trigger follow after insert on voicemail_messages for each row when (new.msgnum >= 0) execute function pbx.follow_message();
create trigger follow_delete after delete on voicemail_messages for each row when (old.msgnum >= 0) execute function pbx.follow_message();
create trigger follow_update after update on voicemail_messages for each row
  when (new.msgnum >= 0 and (old.dir, old.msg_id, old.mailboxuser) is distinct from (new.dir, new.msg_id, new.mailboxuser))
  execute function pbx.follow_message();

-- The lamp of a phone: Asterisk tells it about the mailbox that stands here. What a DBA chose is left alone.
create function pbx.follow_mailbox() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  number varchar(80);
begin
  if tg_op = 'UPDATE' and old.mailbox <> new.mailbox then
    update pbx.mailbox set mailbox = new.mailbox where mailbox = old.mailbox;
    update voicemail_messages set mailboxuser = new.mailbox, dir = regexp_replace(dir, '/default/[^/]+/', '/default/' || new.mailbox || '/')
     where mailboxuser = old.mailbox and mailboxcontext = 'default';
    update pbx.deleted_message set mailbox = new.mailbox, dir = regexp_replace(dir, '/default/[^/]+/', '/default/' || new.mailbox || '/')
     where mailbox = old.mailbox;
  end if;
  if tg_op = 'DELETE' then
    number := old.mailbox;
    if not exists (select from voicemail v where v.mailbox = old.mailbox and v.context in ('default', 'disabled')) then
      delete from pbx.mailbox where mailbox = old.mailbox;
      delete from voicemail_messages where mailboxuser = old.mailbox and mailboxcontext = 'default';
      delete from pbx.deleted_message where mailbox = old.mailbox;
    end if;
  else
    number := new.mailbox;
    insert into pbx.mailbox (mailbox) values (new.mailbox) on conflict (mailbox) do update set updated_at = now();
  end if;
  update ps_endpoints e set mailboxes = box.mailboxes
    from (select case when exists (select from voicemail v where v.mailbox = number and v.context = 'default') then number || '@default' end) box (mailboxes)
   where e.id = number and coalesce(e.mailboxes, number || '@default') = number || '@default' and e.mailboxes is distinct from box.mailboxes;
  return null;
end $$;
create trigger follow after insert or update or delete on voicemail for each row execute function pbx.follow_mailbox();

-- An extension takes its mailbox along, to its new number or out of the world.
create function pbx.move_mailbox() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    delete from voicemail where mailbox = old.number and context in ('default', 'disabled');
    return null;
  end if;
  update ps_endpoints set mailboxes = new.number || '@default' where id = new.number and mailboxes = old.number || '@default';
  update voicemail set mailbox = new.number where mailbox = old.number and context in ('default', 'disabled');
  return null;
end $$;
create trigger move_mailbox after update on pbx.extension for each row when (old.number <> new.number) execute function pbx.move_mailbox();
create trigger remove_mailbox after delete on pbx.extension for each row execute function pbx.move_mailbox();

insert into pbx.mailbox (mailbox) select distinct mailbox from voicemail;
update voicemail_messages set msg_id = gen_random_uuid()::text where coalesce(msg_id, '') = '';
insert into pbx.message (msg_id, mailbox, created_at)
select msg_id, mailboxuser, to_timestamp(coalesce(origtime, 0)) from voicemail_messages
 where msgnum >= 0 and mailboxuser is not null order by origtime, msgnum
on conflict (msg_id) do nothing;

revoke execute on function pbx.name_message(), pbx.tell_mailbox(text, text), pbx.follow_message(), pbx.follow_mailbox(), pbx.move_mailbox() from public;
grant select on pbx.message, pbx.mailbox to gonopbx_dba;
