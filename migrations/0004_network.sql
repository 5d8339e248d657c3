-- The machine's place in the network, as people set it in the browser: pbx.setting has external_address, local_nets and
-- rtp_ports as strings; none, or an empty one, leaves it to the environment that Asterisk is started with.

-- These three become part of the files Asterisk starts with, so SQL may not write there what the browser may not:
-- a value that Asterisk cannot read would leave it without telephony at its next start.
create function pbx.guard_network() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  said text := new.value #>> '{}';
  net text;
  range integer[];
begin
  if jsonb_typeof(new.value) <> 'string' then
    raise exception 'a string is expected';
  end if;
  if said = '' then
    return new;
  end if;
  case new.key
    when 'external_address' then
      if said ~ '^[0-9.]+$' or said ~ ':' then
        perform said::inet;
        if strpos(said, '/') > 0 then raise exception 'an address is expected, not a network'; end if;
      elsif said !~ '^([0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)*[A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?$' or length(said) > 253 then
        raise exception 'an address or a host name is expected';
      end if;
    when 'local_nets' then
      if length(said) > 1000 or said !~ '^[0-9A-Fa-f.:/,]+$' then
        raise exception 'networks such as 192.168.0.0/16 are expected, separated by commas';
      end if;
      foreach net in array string_to_array(said, ',') loop
        perform net::cidr;
        if masklen(net::cidr) = 0 then raise exception 'a network with every address in it is none'; end if;
      end loop;
    when 'rtp_ports' then
      if said !~ '^[0-9]{4,5}-[0-9]{4,5}$' then
        raise exception 'ports such as 10000-10100 are expected';
      end if;
      range := string_to_array(said, '-')::integer[];
      if range[1] < 1024 or range[2] > 65535 or range[2] - range[1] < 19 then
        raise exception 'at least 20 ports between 1024 and 65535 are expected';
      end if;
  end case;
  return new;
exception when others then
  raise exception using errcode = 'check_violation', constraint = 'setting_network',
    message = format('setting.%s: %s (%s)', new.key, new.value, sqlerrm),
    hint = 'An empty string leaves it to the environment that Asterisk is started with.';
end $$;
create trigger guard_network before insert or update on pbx.setting for each row
  when (new.key in ('external_address', 'local_nets', 'rtp_ports')) execute function pbx.guard_network();

-- Whoever starts Asterisk reads these with Asterisk's own role: its container has no other. The role may read nothing in
-- schema pbx, so this is a view with the owner's rights and exactly these values.
create view saved_network as
  select coalesce(max(value #>> '{}') filter (where key = 'external_address'), '') as external_address,
         coalesce(max(value #>> '{}') filter (where key = 'local_nets'), '') as local_nets,
         coalesce(max(value #>> '{}') filter (where key = 'rtp_ports'), '') as rtp_ports
    from pbx.setting where key in ('external_address', 'local_nets', 'rtp_ports');
grant select on saved_network to asterisk, gonopbx_dba;
