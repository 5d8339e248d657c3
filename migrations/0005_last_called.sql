-- When each number was last called from outside, so that a page of numbers never reads the history of calls. And an index
-- that deleting a route needs.

create table pbx.did_called (
  -- E.164, whether it leads somewhere or not.
  did text not null,
  trunk_id bigint not null references pbx.trunk (id) on delete cascade,
  last_called timestamptz not null,
  primary key (did, trunk_id)
);

-- The trunk that brought a call, NULL when none did.
create function pbx.channel_trunk(channel text) returns bigint language sql immutable parallel safe as $$
  select substring(channel from '^PJSIP/trunk-ep-([0-9]{1,15})-')::bigint
$$;

create function pbx.note_called_did() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into pbx.did_called (did, trunk_id, last_called)
  select new.dst, t.id, coalesce(new.start at time zone 'UTC', now()) from pbx.trunk t where t.id = pbx.channel_trunk(new.channel)
  -- Records that come late, after a gap, are older than what is known.
  on conflict (did, trunk_id) do update set last_called = excluded.last_called
    where pbx.did_called.last_called < excluded.last_called;
  return null;
exception when others then
  -- The record of the call is worth more than the time.
  raise warning 'call of % not noted: %', new.dst, sqlerrm;
  return null;
end $$;
create trigger note_called after insert on cdr for each row
  when (new.dcontext in ('from-trunk-did', 'from-trunk-unknown') and new.channel like 'PJSIP/trunk-ep-%'
        and new.dst ~ '^\+[1-9][0-9]{5,14}$')
  execute function pbx.note_called_did();
revoke execute on function pbx.channel_trunk(text), pbx.note_called_did() from public;

insert into pbx.did_called (did, trunk_id, last_called)
select c.dst, t.id, max(c.start) at time zone 'UTC'
  from cdr c join pbx.trunk t on t.id = pbx.channel_trunk(c.channel)
 where c.dcontext in ('from-trunk-did', 'from-trunk-unknown') and c.dst ~ '^\+[1-9][0-9]{5,14}$' and c.start is not null
 group by c.dst, t.id;

grant select on pbx.did_called to gonopbx_dba;

-- A number that is taken away is looked for in every extension that may show it; without this, all of them are read.
create index extension_outbound_did on pbx.extension (outbound_did) where outbound_did is not null;
