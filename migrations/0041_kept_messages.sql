-- Messages of a mailbox that was deleted, for as long as that can be taken back.

create table pbx.removed_message (
  -- The message's own id, which programs know.
  id bigint not null,
  tx xid8 not null,
  began_at timestamptz not null,
  mailbox varchar(80) not null,
  row jsonb not null,
  recording bytea,
  received_at timestamptz not null,
  removed_at timestamptz not null default now()
);
create index removed_message_mailbox on pbx.removed_message (mailbox, tx);
create index removed_message_removed_at on pbx.removed_message (removed_at);

-- Before the trigger that deletes them, which comes later in the alphabet.
create function pbx.keep_messages() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not exists (select from voicemail v where v.mailbox = old.mailbox and v.context in ('default', 'disabled')) then
    insert into pbx.removed_message (id, tx, began_at, mailbox, row, recording, received_at)
    select m.id, pg_current_xact_id(), now(), old.mailbox, to_jsonb(v) - 'recording', v.recording, m.created_at
      from voicemail_messages v join pbx.message m using (msg_id)
     where v.mailboxuser = old.mailbox and v.mailboxcontext = 'default' and v.msgnum >= 0;
  end if;
  return null;
end $$;
create trigger a_keep after delete on voicemail for each row execute function pbx.keep_messages();

-- With the ids they had, when their mailbox is there again.
create function pbx.bring_messages_back(undone bigint) returns bigint language plpgsql as $$
declare
  kept record;
  message public.voicemail_messages;
  n bigint := 0;
begin
  for kept in delete from pbx.removed_message r using pbx.change_set s
     where s.id = undone and s.tx = r.tx and s.began_at = r.began_at
       and exists (select from public.voicemail v where v.mailbox = r.mailbox and v.context in ('default', 'disabled'))
     returning r.*
  loop
    insert into pbx.message (id, msg_id, mailbox, created_at) overriding system value
    values (kept.id, kept.row ->> 'msg_id', kept.mailbox, kept.received_at) on conflict (msg_id) do nothing;
    message := jsonb_populate_record(null::public.voicemail_messages, kept.row);
    message.recording := kept.recording;
    insert into public.voicemail_messages select message.*;
    n := n + 1;
  end loop;
  return n;
end $$;

revoke execute on function pbx.keep_messages(), pbx.bring_messages_back(bigint) from public;
