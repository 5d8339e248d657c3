-- What SQL could still do to calls, with words that say what to do instead.

-- Nobody but the server's own start makes these: Asterisk reads them from files, and a row would be a second truth.
create function pbx.guard_static() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pbx.refuse(format('%s: Asterisk takes these from its files, a row here would do nothing or break its start', tg_table_name),
    'Use the settings of the network in the browser (pbx.setting), or the environment Asterisk is started with.');
  return null;
end $$;
create trigger guard before insert or update on ps_transports for each row execute function pbx.guard_static();
create trigger guard before insert or update on ps_globals for each row execute function pbx.guard_static();
create trigger guard before insert or update on ps_systems for each row execute function pbx.guard_static();

-- Calls that come back to where they were forwarded would only be ended by the limit of hops.
create function pbx.guard_forward() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not new.enabled then return null; end if;
  perform pg_advisory_xact_lock(hashtext('pbx.forward'));
  if exists (
    with recursive chain (number) as (
      select coalesce((select r.extension::text from pbx.did_route r where r.did = new.destination), new.destination)
      union
      select coalesce(r.extension::text, f.destination)
        from chain c join pbx.forward f on f.extension = c.number and f.enabled
        left join pbx.did_route r on r.did = f.destination
    )
    select from chain where number = new.extension) then
    perform pbx.refuse(format('forward: calls of %s that are forwarded to %s would come back to %s', new.extension, new.destination, new.extension),
      'Choose another destination, or switch a forward of the chain off (pbx.forward).');
  end if;
  return null;
end $$;
-- At the end, so that a chain may be turned round in one transaction.
create constraint trigger guard after insert or update on pbx.forward deferrable initially deferred
  for each row execute function pbx.guard_forward();

-- Settings that the server reads at every call and every login.
create function pbx.guard_setting() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    if old.key in ('emergency_numbers', 'global_codecs', 'country_code') then
      perform pbx.refuse(format('setting.%s: the telephone system needs it', old.key), 'Give it another value instead.');
    end if;
    return old;
  end if;
  if new.key = 'emergency_numbers' and not (jsonb_typeof(new.value) = 'array' and jsonb_array_length(new.value) between 1 and 10
      and not exists (select from jsonb_array_elements(new.value) e where jsonb_typeof(e) <> 'string' or e #>> '{}' !~ '^[0-9]{2,6}$')) then
    perform pbx.refuse(format('setting.emergency_numbers: %s is no list of numbers', new.value), 'Write a list such as ["110", "112"].');
  end if;
  if new.key = 'global_codecs' and not (jsonb_typeof(new.value) = 'array' and jsonb_array_length(new.value) > 0
      and not exists (select from jsonb_array_elements(new.value) e where jsonb_typeof(e) <> 'string' or e #>> '{}' !~ '^[a-z0-9]+$')) then
    perform pbx.refuse(format('setting.global_codecs: %s is no list of codecs', new.value), 'Write a list such as ["ulaw", "alaw", "g722"].');
  end if;
  if new.key = 'country_code' and coalesce(new.value #>> '{}', '') !~ '^[1-9][0-9]{0,2}$' then
    perform pbx.refuse(format('setting.country_code: %s is no country code', new.value), 'Write it without + and 0, such as "49".');
  end if;
  if new.key = 'area_code' and coalesce(new.value #>> '{}', 'x') !~ '^([1-9][0-9]{0,5})?$' then
    perform pbx.refuse(format('setting.area_code: %s is no area code', new.value), 'Write it without the first 0, such as "421", or "".');
  end if;
  return new;
end $$;
create trigger guard before insert or update or delete on pbx.setting for each row execute function pbx.guard_setting();

revoke execute on function pbx.guard_static(), pbx.guard_forward(), pbx.guard_setting() from public;
