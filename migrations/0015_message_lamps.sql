-- Lamps for messages. A phone is told either without having asked, which is the mailbox of its endpoint, or because it has
-- subscribed, which is the mailbox of its AOR. Asterisk does one of both for an endpoint, so that who subscribes replaces
-- what would have come anyway; and it begins to tell when a phone registers.

-- Phones that Asterisk tells nothing of this mailbox, because they had registered before it was made, or before Asterisk was
-- started: contact and end of the registration, which is another one as soon as the phone registers again. The server tells
-- them.
alter table pbx.mailbox add column untold text[] not null default '{}';

create function pbx.registered_phones(number text) returns text[] language sql stable
  set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(array_agg(c.id || ' ' || c.expiration_time), '{}') from ps_contacts c
   where c.id ~>=~ (number || '^3B@') and c.id ~<~ (number || '^3BA')
$$;

-- What a DBA chose is left alone.
create function pbx.light_mailbox(number text) returns void language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  ours text := number || '@default';
  box text := (select ours where exists (select from voicemail v where v.mailbox = number and v.context = 'default'));
begin
  update ps_endpoints e set mailboxes = box,
         mwi_subscribe_replaces_unsolicited = case when box is null then e.mwi_subscribe_replaces_unsolicited
                                                   else coalesce(e.mwi_subscribe_replaces_unsolicited, 'yes') end
   where e.id = number and coalesce(e.mailboxes, ours) = ours
     and (e.mailboxes is distinct from box or (box is not null and e.mwi_subscribe_replaces_unsolicited is null));
  update ps_aors a set mailboxes = box,
         voicemail_extension = case when box is null then a.voicemail_extension else coalesce(a.voicemail_extension, '*98') end
   where a.id = number and coalesce(a.mailboxes, ours) = ours
     and (a.mailboxes is distinct from box or (box is not null and a.voicemail_extension is null));
end $$;

create or replace function pbx.follow_mailbox() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
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
  insert into pbx.mailbox (mailbox) values (new.mailbox) on conflict (mailbox) do update set updated_at = now();
  if new.context = 'default' and (tg_op = 'INSERT' or old.context <> 'default') then
    update pbx.mailbox set untold = pbx.registered_phones(new.mailbox) where mailbox = new.mailbox;
  end if;
  perform pbx.light_mailbox(new.mailbox);
  return null;
end $$;

create or replace function pbx.move_mailbox() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    delete from voicemail where mailbox = old.number and context in ('default', 'disabled');
    return null;
  end if;
  update ps_endpoints set mailboxes = new.number || '@default' where id = new.number and mailboxes = old.number || '@default';
  update ps_aors set mailboxes = new.number || '@default' where id = new.number and mailboxes = old.number || '@default';
  update voicemail set mailbox = new.number where mailbox = old.number and context in ('default', 'disabled');
  return null;
end $$;

select pbx.light_mailbox(v.mailbox) from voicemail v where v.context = 'default';
update pbx.mailbox set untold = pbx.registered_phones(mailbox);

revoke execute on function pbx.registered_phones(text), pbx.light_mailbox(text) from public;
