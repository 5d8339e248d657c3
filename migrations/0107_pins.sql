-- The PIN of a mailbox follows the same rule whoever sets it: the browser, the REST API, the phone (asterisk/etc/pin-check) or SQL.
-- Those that are there stay as they are until they are changed.

create function pbx.is_pin(pin text, mailbox text) returns boolean language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp as $$
  select coalesce(pin ~ '^[0-9]{4,10}$' and pin !~ '^(.)\1*$' and pin <> '1234' and pin <> mailbox, false)
$$;

create or replace function pbx.guard_voicemail() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if coalesce(new.dialout, '') <> '' or coalesce(new.callback, '') <> '' then
    perform pbx.refuse(format('voicemail: mailbox %s would let a caller dial out', new.mailbox), 'Leave dialout and callback NULL.');
  end if;
  if pbx.has_control(concat_ws('', new.mailbox, new.context, new.fullname, new.email)) then
    perform pbx.refuse('voicemail: a control character (such as a line break) is not allowed', 'Write the value on one line.');
  end if;
  if (tg_op = 'INSERT' or new.password is distinct from old.password) and not pbx.is_pin(new.password, new.mailbox)
     or new.password = new.mailbox and tg_op = 'UPDATE' and new.mailbox <> old.mailbox then
    -- Not the PIN itself: messages are logged.
    perform pbx.refuse(format('voicemail.password: mailbox %s would have no PIN, or one that is tried first', new.mailbox),
      'Write 4 to 10 digits, not all the same, and neither 1234 nor the number of the mailbox.');
  end if;
  return new;
end $$;

revoke execute on function pbx.is_pin(text, text) from public;
