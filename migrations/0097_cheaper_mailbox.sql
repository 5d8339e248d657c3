-- What a new mailbox costs: an import makes a thousand. One statement where there were two, and no function that is planned
-- for each row.
create or replace function pbx.follow_mailbox() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  opens boolean;
begin
  if tg_op = 'UPDATE' and old.mailbox <> new.mailbox then
    update pbx.mailbox set mailbox = new.mailbox where mailbox = old.mailbox;
    update voicemail_messages set mailboxuser = new.mailbox, dir = regexp_replace(dir, '/default/[^/]+/', '/default/' || new.mailbox || '/')
     where mailboxuser = old.mailbox and mailboxcontext = 'default';
    update pbx.deleted_message set mailbox = new.mailbox, dir = regexp_replace(dir, '/default/[^/]+/', '/default/' || new.mailbox || '/')
     where mailbox = old.mailbox;
  end if;
  if tg_op = 'DELETE' then
    if not exists (select from voicemail v where v.mailbox = old.mailbox and v.context in ('default', 'disabled')) then
      delete from pbx.mailbox where mailbox = old.mailbox;
      delete from voicemail_messages where mailboxuser = old.mailbox and mailboxcontext = 'default';
      delete from pbx.deleted_message where mailbox = old.mailbox;
    end if;
    perform pbx.light_mailbox(old.mailbox);
    return null;
  end if;
  opens := new.context = 'default' and (tg_op = 'INSERT' or old.context <> 'default');
  insert into pbx.mailbox as m (mailbox, untold)
  select new.mailbox, case when opens then coalesce(array_agg(c.id || ' ' || c.expiration_time), '{}') else '{}' end
    from ps_contacts c where c.id ~>=~ (new.mailbox || '^3B@') and c.id ~<~ (new.mailbox || '^3BA')
  on conflict (mailbox) do update set updated_at = now(), untold = case when opens then excluded.untold else m.untold end;
  perform pbx.light_mailbox(new.mailbox);
  return null;
end $$;
