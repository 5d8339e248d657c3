-- Trunks, numbers and routing. A trunk's SIP side is in Asterisk's tables under ids made of its id:
-- trunk-ep-<id> (endpoint), trunk-aor-<id>, trunk-auth-<id>, trunk-reg-<id>, trunk-identify-<id>-<n>.

create table pbx.trunk (
  id bigint generated always as identity primary key,
  endpoint varchar(255) generated always as ('trunk-ep-' || id::text) stored
    constraint trunk_endpoint_fkey references public.ps_endpoints (id) on delete cascade,
  name text not null constraint trunk_name_length check (char_length(name) between 1 and 100),
  -- Key of a provider template.
  provider text not null,
  auth_mode text not null constraint trunk_auth_mode check (auth_mode in ('registration', 'ip')),
  -- The number of the contract itself, shown when nothing else says which; E.164.
  caller_id text constraint trunk_caller_id check (caller_id ~ '^\+[1-9][0-9]{5,14}$'),
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index trunk_name_key on pbx.trunk (lower(name));
create index trunk_endpoint on pbx.trunk (endpoint);

-- The numbers of the contract, as ranges: 10,000 numbers are one row. No number is in two contracts.
create table pbx.number_range (
  trunk_id bigint not null references pbx.trunk (id) on delete cascade,
  numbers int8range not null,
  constraint number_range_legal check (not isempty(numbers) and lower(numbers) >= 100000 and upper(numbers) <= 1000000000000000
    and upper(numbers) - lower(numbers) <= 10000),
  constraint number_range_taken exclude using gist (numbers with &&)
);
create index number_range_trunk on pbx.number_range (trunk_id);

create table pbx.did_route (
  id bigint generated always as identity primary key,
  -- E.164, so that a number is stored once however it is written.
  did text not null constraint did_route_did_key unique
    constraint did_route_did check (did ~ '^\+[1-9][0-9]{5,14}$'),
  trunk_id bigint not null constraint did_route_trunk_fkey references pbx.trunk (id) on delete cascade,
  extension varchar(255) not null
    constraint did_route_extension_fkey references pbx.extension (number) on update cascade on delete cascade,
  description text constraint did_route_description_length check (char_length(description) <= 200),
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index did_route_extension on pbx.did_route (extension, id);
create index did_route_trunk on pbx.did_route (trunk_id, did);

alter table pbx.extension
  -- Which of its numbers an extension shows outside; NULL: the first that was assigned.
  add column outbound_did text
    constraint extension_outbound_did_fkey references pbx.did_route (did) on update cascade on delete set null,
  add column pai text constraint extension_pai check (pai ~ '^\+[1-9][0-9]{5,14}$');

-- Numbers that were called and lead nowhere, for the admin to assign.
create table pbx.unknown_did (
  did text not null,
  trunk_id bigint not null references pbx.trunk (id) on delete cascade,
  day date not null,
  calls integer not null default 1,
  last_called timestamptz not null,
  primary key (did, trunk_id, day)
);

-- The number an extension shows may only be one of its own.
create function pbx.guard_outbound_did() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  if new.outbound_did is not null
     and not exists (select from pbx.did_route r where r.did = new.outbound_did and r.extension = new.number) then
    raise exception using errcode = 'check_violation', constraint = 'extension_outbound_did',
      message = format('extension.outbound_did: %s is not assigned to %s', new.outbound_did, new.number),
      hint = 'Assign the number to this extension first (pbx.did_route).';
  end if;
  return new;
end $$;
create trigger guard_outbound before insert or update of outbound_did on pbx.extension
  for each row when (new.outbound_did is not null) execute function pbx.guard_outbound_did();

create function pbx.follow_route() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  update pbx.extension set outbound_did = null where number = old.extension and outbound_did = old.did;
  return null;
end $$;
create trigger follow after update on pbx.did_route for each row
  when (old.extension is distinct from new.extension) execute function pbx.follow_route();

create function pbx.remove_trunk() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from ps_endpoint_id_ips where endpoint = old.endpoint;
  delete from ps_registrations where id = 'trunk-reg-' || old.id;
  delete from ps_endpoints where id = old.endpoint;
  -- ps_auths stays: the provider asks for the password once more when it is told that we go. The server removes it
  -- some minutes later.
  delete from ps_aors where id = 'trunk-aor-' || old.id;
  delete from extensions where context = 'trunks' and exten = old.id::text;
  return null;
end $$;
create trigger remove after delete on pbx.trunk for each row execute function pbx.remove_trunk();

create function pbx.remove_route() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from extensions where context = 'from-trunk' and exten = old.did;
  return null;
end $$;
create trigger remove after delete on pbx.did_route for each row execute function pbx.remove_route();

do $$
declare place text;
begin
  foreach place in array array['trunk', 'did_route'] loop
    execute format('create trigger record after insert or delete on pbx.%s for each row execute function pbx.record(''id'')', place);
    execute format('create trigger record_update after update on pbx.%s for each row when (old.* is distinct from new.*) execute function pbx.record(''id'')', place);
  end loop;
  execute 'create trigger record after insert or delete on pbx.number_range for each row execute function pbx.record(''trunk_id'', ''numbers'')';
  execute 'create trigger record_update after update on pbx.number_range for each row when (old.* is distinct from new.*) execute function pbx.record(''trunk_id'', ''numbers'')';
end $$;

create view dialplan_from_trunk as
  select exten, appdata from extensions where context = 'from-trunk' and priority = 1 and app = 'Gosub';
create view dialplan_trunks as
  select exten, appdata from extensions where context = 'trunks' and priority = 1 and app = 'Gosub';

-- A number that was called and leads nowhere, counted where every call passes, whether the server runs or not.
create function pbx.count_unknown_did() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  on_trunk bigint := substring(new.channel from '^PJSIP/trunk-ep-([0-9]{1,15})-')::bigint;
begin
  if new.dst ~ '^\+[1-9][0-9]{5,14}$' and exists (select from pbx.trunk where id = on_trunk)
     and not exists (select from pbx.did_route r where r.did = new.dst and r.trunk_id = on_trunk and r.enabled) then
    insert into pbx.unknown_did (did, trunk_id, day, last_called)
    values (new.dst, on_trunk, (now() at time zone 'UTC')::date, now())
    on conflict (did, trunk_id, day) do update set calls = pbx.unknown_did.calls + 1, last_called = now();
    perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', 'unknown_did', 'o', 'I', 's', false)::text);
  end if;
  return null;
exception when others then
  -- The record of the call is worth more than the count.
  raise warning 'unknown number % not counted: %', new.dst, sqlerrm;
  return null;
end $$;
create trigger count_unknown after insert on cdr for each row
  when (new.dcontext = 'from-trunk-unknown' and new.channel like 'PJSIP/trunk-ep-%') execute function pbx.count_unknown_did();

grant select on dialplan_from_trunk, dialplan_trunks to asterisk, gonopbx_dba;
grant select, insert, update, delete on pbx.trunk, pbx.number_range, pbx.did_route, pbx.unknown_did to gonopbx_dba;
