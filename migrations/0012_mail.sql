-- Mails about new messages: the server that takes them, and what still has to be sent.

-- One row at most. The password is in the clear because the mail server wants to hear it; the history masks it.
create table pbx.mail_server (
  id boolean primary key default true constraint mail_server_one check (id),
  host text not null default '' constraint mail_server_host_length check (char_length(host) <= 253),
  port integer not null default 587 constraint mail_server_port_range check (port between 1 and 65535),
  encryption text not null default 'starttls' constraint mail_server_encryption check (encryption in ('starttls', 'tls', 'none')),
  username text,
  password text,
  sender text not null default '',
  sender_name text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create trigger record after insert or delete on pbx.mail_server for each row execute function pbx.record('id');
create trigger record_update after update on pbx.mail_server for each row when (old.* is distinct from new.*)
  execute function pbx.record('id');

-- What is to be said is read from the message when it is sent, so the queue holds no words and no sound. The key is why a
-- message is mailed once: Asterisk keeps msg_id when it renumbers messages and moves them between folders.
create table pbx.mail (
  id bigint generated always as identity primary key,
  context text not null,
  mailbox text not null,
  msg_id text not null,
  -- Shown to people; where it goes is what the mailbox says when it is sent.
  recipient text not null,
  -- delivered: the mail is out, and the message is still to be removed; dropped: there is nothing left to tell of.
  state text not null default 'waiting' constraint mail_state check (state in ('waiting', 'delivered', 'done', 'failed', 'dropped')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  problem text,
  -- What the mail server said.
  answer text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint mail_message_key unique (context, mailbox, msg_id)
);
create index mail_due on pbx.mail (next_attempt_at) where state in ('waiting', 'delivered');

-- In the transaction in which Asterisk writes the message: nothing is lost while the server is away.
create function pbx.queue_mail() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  address text := (select nullif(trim(v.email), '') from voicemail v
                    where v.context = new.mailboxcontext and v.mailbox = new.mailboxuser order by v.uniqueid limit 1);
  known bigint;
begin
  -- Marked as new again: Asterisk copies a message into the folder and deletes it where it was. The copy has another id.
  if address is null or exists (select from voicemail_messages m
      where m.mailboxcontext = new.mailboxcontext and m.mailboxuser = new.mailboxuser
        and (m.msg_id = new.msg_id and (m.dir <> new.dir or m.msgnum <> new.msgnum)
             or m.dir <> new.dir and m.msgnum >= 0 and m.origtime is not distinct from new.origtime
                and m.callerid is not distinct from new.callerid and m.duration is not distinct from new.duration
                and m.recording is not distinct from new.recording)) then
    return null;
  end if;
  insert into pbx.mail as known_mail (context, mailbox, msg_id, recipient)
  values (new.mailboxcontext, new.mailboxuser, new.msg_id, address)
  -- It had been deleted before its mail was sent, and somebody has undone that.
  on conflict on constraint mail_message_key do update
    set state = 'waiting', next_attempt_at = now(), updated_at = now() where known_mail.state = 'dropped'
  returning id into known;
  if known is not null then
    perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', 'mail', 'o', 'I', 'k', known::text, 's', false)::text);
  end if;
  return null;
exception when others then
  -- Asterisk never tries a message again: it is worth more than its mail.
  raise warning 'no mail about message % of %: %', new.msg_id, new.mailboxuser, sqlerrm;
  return null;
end $$;
create trigger queue_mail after insert on voicemail_messages for each row
  when (new.dir like '%/INBOX' and new.msgnum >= 0 and new.msg_id is not null)
  execute function pbx.queue_mail();

create function pbx.rename_mail() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  update pbx.mail set context = new.context, mailbox = new.mailbox where context = old.context and mailbox = old.mailbox;
  return null;
end $$;
create trigger rename_mail after update on voicemail for each row
  when (old.context <> new.context or old.mailbox <> new.mailbox) execute function pbx.rename_mail();

-- Mailboxes without what is ours to do: Asterisk knows no address, so it mails nothing and deletes nothing after a mail.
create view asterisk_voicemail as
  select uniqueid, context, mailbox, password, fullname, alias, attachfmt, language, tz, saycid, sendvoicemail, review,
         tempgreetwarn, operator, envelope, sayduration, forcename, forcegreetings, callback, dialout, exitcontext, maxmsg,
         volgain, stamp
    from voicemail;
grant select, update (password) on asterisk_voicemail to asterisk;
grant select on asterisk_voicemail to gonopbx_dba;

revoke execute on function pbx.queue_mail(), pbx.rename_mail() from public;
grant select (id, host, port, encryption, username, sender, sender_name, created_at, updated_at),
  insert, update, delete on pbx.mail_server to gonopbx_dba;
grant select on pbx.mail to gonopbx_dba;
