-- From where phones may register and call. pbx.setting 'ip_whitelist' is {"enabled": true, "ips": ["192.168.0.0/16", "2001:db8::7"]}.

-- What Asterisk cannot read as an address would shut every phone out, so SQL may not write it either.
create function pbx.guard_phone_addresses() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  net text;
begin
  if jsonb_typeof(new.value) is distinct from 'object' or jsonb_typeof(new.value -> 'enabled') is distinct from 'boolean'
     or jsonb_typeof(new.value -> 'ips') is distinct from 'array' then
    raise exception 'an object with enabled and ips is expected';
  end if;
  if (new.value ->> 'enabled')::boolean and jsonb_array_length(new.value -> 'ips') = 0 then
    raise exception 'no phone could register any more';
  end if;
  if jsonb_array_length(new.value -> 'ips') > 200 then
    raise exception 'at most 200 addresses are expected';
  end if;
  for net in select jsonb_array_elements_text(new.value -> 'ips') loop
    perform net::cidr;
    if masklen(net::cidr) = 0 then raise exception 'a network with every address in it would shut nobody out'; end if;
  end loop;
  return new;
exception when others then
  raise exception using errcode = 'check_violation', constraint = 'setting_ip_whitelist',
    message = format('setting.%s: %s (%s)', new.key, new.value, sqlerrm),
    hint = 'As in {"enabled": true, "ips": ["192.168.0.0/16", "2001:db8::7"]}; "enabled": false lets phones in from everywhere.';
end $$;
create trigger guard_phone_addresses before insert or update on pbx.setting for each row
  when (new.key = 'ip_whitelist') execute function pbx.guard_phone_addresses();
revoke execute on function pbx.guard_phone_addresses() from public;

-- Asterisk's name for lists of addresses; its migration tool makes no such table. The last rule that fits counts. An
-- endpoint that names a list which is not there lets nobody in, so there is always one.
create view acls as
  with said as (
    select coalesce((value ->> 'enabled')::boolean, false) as enabled, value -> 'ips' as ips from pbx.setting where key = 'ip_whitelist')
  select 'gonopbx-phones'::text as name, row_number() over (order by place)::text as rule_order, sense, rule
    from (select 0 as place, 'deny' as sense, '0.0.0.0/0.0.0.0' as rule from said where enabled
          union all select 0, 'deny', '::/0' from said where enabled
          union all select 0, 'permit', '0.0.0.0/0.0.0.0' where not exists (select from said where enabled)
          union all select 0, 'permit', '::/0' where not exists (select from said where enabled)
          union all select net.place::integer, 'permit', net.rule
                      from said cross join jsonb_array_elements_text(said.ips) with ordinality net (rule, place) where enabled) rules;
grant select on acls to asterisk, gonopbx_dba;

-- Endpoints as Asterisk reads them: those of extensions that name no list of their own have this one while it is on.
do $$
declare
  columns text;
begin
  select string_agg(case attname when 'acl' then
           $c$case when coalesce(acl, '') = '' and id ~ '^[1-9][0-9]{1,5}$'
                   and (select coalesce((value ->> 'enabled')::boolean, false) from pbx.setting where key = 'ip_whitelist')
                then 'gonopbx-phones' else acl end::varchar(40) as acl$c$
         else quote_ident(attname) end, ', ' order by attnum)
    into columns from pg_attribute where attrelid = 'public.ps_endpoints'::regclass and attnum > 0 and not attisdropped;
  execute format('create view public.asterisk_endpoints as select %s from public.ps_endpoints', columns);
end $$;
grant select on asterisk_endpoints to asterisk, gonopbx_dba;
