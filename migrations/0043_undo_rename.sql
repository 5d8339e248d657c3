-- A new number can be taken back: the password that belongs to the old one comes back with it.

create or replace function pbx.guard_endpoints() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  pair text;
begin
  if tg_op = 'UPDATE' and new.id is distinct from old.id
     and exists (select from pbx.extension where number = old.id)
     and not (session_user = current_user and coalesce(current_setting('pbx.act', true), '') in ('extension.rename', 'undo')) then
    perform pbx.refuse(format('ps_endpoints.id: %s cannot be renamed here: its password is only good for the old number', old.id),
      'Rename the extension in the browser or by PUT /api/peers/{id}: it takes everything along and makes a new password.');
  end if;
  if pbx.has_control(concat_ws('', new.id, new.callerid, new.context, new.set_var, new.auth, new.aors, new.from_user, new.from_domain)) then
    perform pbx.refuse(format('ps_endpoints: a control character (such as a line break) is not allowed (endpoint %s)', new.id), 'Write the value on one line.');
  end if;
  -- NULL would be Asterisk's context "default", where nothing is.
  if not exists (select from pbx.context c where c.name = new.context) then
    perform pbx.refuse(format('ps_endpoints.context: "%s" does not exist (endpoint %s)', coalesce(new.context, 'NULL'), new.id),
      'Use internal, or custom for rows of your own; trunks use from-trunk.');
  end if;
  if exists (select from unnest(array[new.subscribe_context, new.message_context]) other
             where other is not null and not exists (select from pbx.context c where c.name = other)) then
    perform pbx.refuse(format('ps_endpoints: subscribe_context or message_context of endpoint %s does not exist', new.id), 'Leave both NULL.');
  end if;
  -- Overlap dialling would make a wrong number wait for more digits instead of failing at once.
  if new.allow_overlap is null then
    new.allow_overlap := 'no';
  elsif new.allow_overlap in ('yes', 'on', 'true', '1') then
    perform pbx.refuse('ps_endpoints.allow_overlap: overlap dialling is off in this system', 'Set it to no or leave it NULL.');
  end if;
  if tg_op = 'INSERT' and new.id ~ '^[1-9][0-9]{1,5}$' then
    -- A phone behind NAT works by default, however the row came.
    new.direct_media := coalesce(new.direct_media, 'no');
    new.rtp_symmetric := coalesce(new.rtp_symmetric, 'yes');
    new.force_rport := coalesce(new.force_rport, 'yes');
    new.rewrite_contact := coalesce(new.rewrite_contact, 'yes');
  end if;
  foreach pair in array string_to_array(coalesce(new.set_var, ''), ';') loop
    pair := pbx.decoded(pair);
    if pair <> '' and split_part(pair, '=', 1) !~ '^\s*[A-Za-z_][A-Za-z0-9_]*\s*$' or pair ~ '\$[{\[]' then
      perform pbx.refuse(format('ps_endpoints.set_var: "%s" is not a plain NAME=value', pair), 'Functions and expressions are not allowed here.');
    end if;
  end loop;
  return new;
end $$;
