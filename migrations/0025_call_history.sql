-- The call history: who called whom and how it ended as a person means it, found and counted fast in any number of calls.
-- What is derived from the legs (cdr) is kept by triggers, whoever writes, mends or deletes them.
set local statement_timeout = 0;
set local lock_timeout = 0;

-- For substrings of numbers. It is there already where the roles were made by asterisk/roles.sql.
create extension if not exists pg_trgm;

------------------------------------------------------------------------------------------------- what is looked things up by

-- The calls of each extension, newest first, with what is summed up of them.
create table pbx.call_extension (
  extension varchar(10) not null,
  started_at timestamptz not null,
  call_id bigint not null,
  direction text not null,
  outcome text not null,
  duration integer not null,
  billsec integer not null
);

-- Every number that called or was called, once: a part of a number is looked for here, and the calls by whole numbers.
create table pbx.call_number (
  number varchar(80) primary key
);

-- Sums of each hour (UTC), which every time zone with whole hours can be put together from.
create table pbx.call_hour (
  hour timestamptz not null,
  direction text not null,
  outcome text not null,
  calls integer not null,
  duration integer not null,
  billsec integer not null
);

-- The same of each day (UTC), for what is asked about years.
create table pbx.call_day (
  day timestamptz not null,
  direction text not null,
  outcome text not null,
  calls integer not null,
  duration bigint not null,
  billsec bigint not null
);

-- What is in neither yet, plus and minus. Calls that end at the same time would wait for each other at the row of
-- their hour; here nobody waits. The server adds these up now and then; who reads adds both.
create table pbx.call_delta (like pbx.call_hour);

------------------------------------------------------------------------------------------------------------------ filing

-- Only the mailbox answered, or an announcement: a person would say that the call was missed. Whoever ends a message with #
-- is hung up on by the dialplan, with the cause that led to the mailbox.
create function pbx.is_recorded(leg cdr) returns boolean language sql immutable as $$
  select coalesce(leg.disposition = 'ANSWERED' and (leg.lastapp in ('VoiceMail', 'Playback', 'BackGround')
    or (leg.lastapp = 'Hangup' and leg.lastdata in ('17', '19') and coalesce(leg.dstchannel, '') = '')), false)
$$;

-- What the dialplan refused the caller with, which is how the call ended: 17 busy, 19 nobody there, 1 no such number,
-- 21 not allowed to call there, 34 no way there, or what the provider said.
create function pbx.refusal(leg cdr) returns text language sql immutable as $$
  select case when leg.lastapp = 'Hangup' and leg.disposition <> 'ANSWERED' and leg.lastdata ~ '^[0-9]{1,3}$' then leg.lastdata end
$$;

-- The calls that these legs are. In which order the legs arrived does not matter: Asterisk numbers them.
create function pbx.calls_of_legs(calls text[])
returns table (linkedid text, started_at timestamptz, ended_at timestamptz, direction text, outcome text, src text, src_name text,
               dst text, extensions text[], duration integer, billsec integer, legs integer)
language sql stable as $$
  select c.linkedid, first_start at time zone 'UTC', last_end at time zone 'UTC',
    case when first_channel like 'PJSIP/trunk-ep-%' then 'incoming' when to_trunk then 'outgoing' else 'internal' end,
    case when answered then 'answered' when recorded then 'missed'
         when refused is not null then case when refused = '17' then 'busy' when refused in ('16', '18', '19') then 'missed' else 'failed' end
         when all_busy then 'busy' when any_missed then 'missed' else 'failed' end,
    coalesce(pbx.channel_extension(first_channel), first_src, ''), coalesce(first_name, ''), coalesce(first_dst, ''),
    array(select distinct m from unnest(members) m where m is not null order by m),
    greatest(extract(epoch from last_end - first_start), 0)::integer, talked, c.legs
  from (
    select l.linkedid, min(start) first_start, coalesce(max("end"), max(start)) last_end, count(*)::integer legs,
      (array_agg(channel order by sequence, uniqueid, channel))[1] first_channel,
      (array_agg(l.src order by sequence, uniqueid, channel))[1] first_src,
      (array_agg(substring(clid from '^"(.*)" <') order by sequence, uniqueid, channel))[1] first_name,
      (array_agg(l.dst order by sequence, uniqueid, channel))[1] first_dst,
      coalesce(bool_or(dstchannel like 'PJSIP/trunk-ep-%'), false) to_trunk,
      coalesce(bool_or(disposition = 'ANSWERED' and not pbx.is_recorded(l)), false) answered,
      bool_or(pbx.is_recorded(l)) recorded,
      (array_agg(pbx.refusal(l) order by sequence desc, uniqueid desc, channel desc) filter (where pbx.refusal(l) is not null))[1] refused,
      coalesce(bool_and(disposition = 'BUSY'), false) all_busy,
      coalesce(bool_or(disposition in ('NO ANSWER', 'ANSWERED')), false) any_missed,
      coalesce(max(l.billsec) filter (where disposition = 'ANSWERED' and not pbx.is_recorded(l)), 0) talked,
      -- An extension whose phones were all away has no leg, and its call is its call all the same.
      array_agg(pbx.channel_extension(channel)) || array_agg(pbx.channel_extension(dstchannel))
        || array_agg(substring(l.dst from '^[1-9][0-9]{1,5}$'))
        || array_agg(case when lastapp = 'VoiceMail' then substring(lastdata from '^([1-9][0-9]{1,5})@') end) members
    from cdr l where l.linkedid = any (calls) group by l.linkedid
  ) c where first_start is not null
$$;

-- Files these calls anew. Two who file the same call wait for each other; whoever files many keeps all others away, so
-- that the table of locks does not overflow.
create function pbx.file_calls(calls text[]) returns void language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  call text;
begin
  if cardinality(calls) > 200 then
    perform pg_advisory_xact_lock(hashtextextended('calls', 0));
  else
    perform pg_advisory_xact_lock_shared(hashtextextended('calls', 0));
    for call in select distinct c from unnest(calls) c order by c loop
      perform pg_advisory_xact_lock(hashtextextended('call ' || call, 0));
    end loop;
  end if;
  insert into pbx.call as c (linkedid, started_at, ended_at, direction, outcome, src, src_name, dst, extensions, duration, billsec, legs)
  select l.linkedid, l.started_at, l.ended_at, l.direction, l.outcome, l.src, l.src_name, l.dst, l.extensions, l.duration, l.billsec, l.legs
    from pbx.calls_of_legs(calls) l
  on conflict (linkedid) do update set started_at = excluded.started_at, ended_at = excluded.ended_at, direction = excluded.direction,
    outcome = excluded.outcome, src = excluded.src, src_name = excluded.src_name, dst = excluded.dst, extensions = excluded.extensions,
    duration = excluded.duration, billsec = excluded.billsec, legs = excluded.legs
  where (c.started_at, c.ended_at, c.direction, c.outcome, c.src, c.src_name, c.dst, c.extensions, c.duration, c.billsec, c.legs)
    is distinct from (excluded.started_at, excluded.ended_at, excluded.direction, excluded.outcome, excluded.src, excluded.src_name,
      excluded.dst, excluded.extensions, excluded.duration, excluded.billsec, excluded.legs);
  -- Legs that are gone or have no time any more are no call.
  delete from pbx.call c where c.linkedid = any (calls)
    and not exists (select from cdr l where l.linkedid = c.linkedid and l.start is not null);
end $$;

create or replace function pbx.file_call(call text) returns void language sql security definer
  set search_path = pg_catalog, public, pg_temp as $$
  select pbx.file_calls(array[call])
$$;

-- Asterisk never tries a record again: it is worth more than its place. The server files later what could not be filed.
create or replace function pbx.file_cdr() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  calls text[];
begin
  select array_agg(distinct linkedid) into calls from fresh where linkedid is not null;
  if calls is null then
    return null;
  end if;
  begin
    perform pbx.file_calls(calls);
  exception when others then
    raise warning '% calls not filed, among them %: %', cardinality(calls), calls[1], sqlerrm;
  end;
  perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', 'cdr', 'o', 'I', 'k', calls[1], 's', false)::text);
  return null;
end $$;

-- Legs that somebody deletes or mends in SQL take their call along.
create or replace function pbx.refile_cdr() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  calls text[];
begin
  if tg_op = 'DELETE' then
    select array_agg(distinct linkedid) into calls from gone where linkedid is not null;
  else
    select array_agg(distinct linkedid) into calls
      from (select linkedid from gone union select linkedid from fresh) both_sides where linkedid is not null;
  end if;
  if calls is not null then
    perform pbx.file_calls(calls);
    perform pg_notify('pbx', jsonb_build_object('x', pg_current_xact_id()::text, 't', 'cdr', 'o', 'U', 'k', calls[1], 's', false)::text);
  end if;
  return null;
end $$;

drop trigger file on cdr;
drop trigger refile on cdr;
create trigger file after insert on cdr referencing new table as fresh for each statement execute function pbx.file_cdr();
create trigger refile_update after update on cdr referencing old table as gone new table as fresh
  for each statement execute function pbx.refile_cdr();
create trigger refile_delete after delete on cdr referencing old table as gone for each statement execute function pbx.refile_cdr();

-- Calls whose legs are there and that are not, of legs from this id on.
create function pbx.file_unfiled(from_leg bigint) returns bigint language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  calls text[];
begin
  select array_agg(l.linkedid) into calls from (
    select distinct l.linkedid from cdr l
     where l.id >= from_leg and l.linkedid is not null and l.start is not null
       and not exists (select from pbx.call c where c.linkedid = l.linkedid) limit 200) l;
  if calls is null then
    return 0;
  end if;
  perform pbx.file_calls(calls);
  return cardinality(calls);
end $$;

------------------------------------------------------------------------------------------- what is kept about calls beside them

create function pbx.hour_of(at timestamptz) returns timestamptz language sql immutable parallel safe as $$
  select date_trunc('hour', at at time zone 'UTC') at time zone 'UTC'
$$;

create function pbx.follow_calls() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into pbx.call_delta (hour, direction, outcome, calls, duration, billsec)
    select pbx.hour_of(started_at), direction, outcome, count(*), sum(duration), sum(billsec) from fresh group by 1, 2, 3;
  elsif tg_op = 'DELETE' then
    insert into pbx.call_delta (hour, direction, outcome, calls, duration, billsec)
    select pbx.hour_of(started_at), direction, outcome, -count(*), -sum(duration), -sum(billsec) from gone group by 1, 2, 3;
    delete from pbx.call_extension e using gone g, unnest(g.extensions) m
     where e.extension = m and e.started_at = g.started_at and e.call_id = g.id;
    return null;
  else
    insert into pbx.call_delta (hour, direction, outcome, calls, duration, billsec)
    select hour, direction, outcome, sum(calls), sum(duration), sum(billsec) from (
      select pbx.hour_of(started_at) as hour, direction, outcome, 1 as calls, duration, billsec from fresh
      union all
      select pbx.hour_of(started_at), direction, outcome, -1, -duration, -billsec from gone) both_sides
     group by 1, 2, 3 having sum(calls) <> 0 or sum(duration) <> 0 or sum(billsec) <> 0;
    delete from pbx.call_extension e using gone g, unnest(g.extensions) m
     where e.extension = m and e.started_at = g.started_at and e.call_id = g.id
       and not exists (select from fresh f where f.id = g.id and f.started_at = g.started_at and m = any (f.extensions));
  end if;
  insert into pbx.call_extension as e (extension, started_at, call_id, direction, outcome, duration, billsec)
  select m, f.started_at, f.id, f.direction, f.outcome, f.duration, f.billsec from fresh f, unnest(f.extensions) m
  on conflict (extension, started_at, call_id) do update
    set direction = excluded.direction, outcome = excluded.outcome, duration = excluded.duration, billsec = excluded.billsec
  where (e.direction, e.outcome, e.duration, e.billsec)
    is distinct from (excluded.direction, excluded.outcome, excluded.duration, excluded.billsec);
  -- In order, so that two who add the same new numbers cannot wait for each other in a circle.
  insert into pbx.call_number (number)
  select distinct n from fresh f, unnest(array[f.src, f.dst]) n where n <> '' order by n
  on conflict (number) do nothing;
  return null;
end $$;

-- Adds up what waits in call_delta. Returns how many rows waited.
create function pbx.fold_calls() returns bigint language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  folded bigint;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('fold calls', 0)) then
    return 0;
  end if;
  with waiting as (
    delete from pbx.call_delta returning hour, direction, outcome, calls, duration, billsec
  ), days as (
    insert into pbx.call_day as d (day, direction, outcome, calls, duration, billsec)
    select date_trunc('day', hour at time zone 'UTC') at time zone 'UTC', direction, outcome, sum(calls), sum(duration), sum(billsec)
      from waiting group by 1, 2, 3
    on conflict (day, direction, outcome) do update
      set calls = d.calls + excluded.calls, duration = d.duration + excluded.duration, billsec = d.billsec + excluded.billsec
  ), hours as (
    insert into pbx.call_hour as h (hour, direction, outcome, calls, duration, billsec)
    select hour, direction, outcome, sum(calls), sum(duration), sum(billsec) from waiting group by 1, 2, 3
    on conflict (hour, direction, outcome) do update
      set calls = h.calls + excluded.calls, duration = h.duration + excluded.duration, billsec = h.billsec + excluded.billsec
  )
  select count(*) into folded from waiting;
  delete from pbx.call_hour where calls = 0;
  delete from pbx.call_day where calls = 0;
  return folded;
end $$;

-- Numbers that no call has any more are forgotten, so that nothing is left of a call that was deleted. Only while nobody
-- files a call, which may be of such a number; returns how many, or NULL when somebody does.
create function pbx.forget_numbers(after text, most integer, out last text, out forgotten bigint) language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('calls', 0)) then
    return;
  end if;
  with batch as (
    select n.number from pbx.call_number n where n.number > after order by n.number limit most
  ), gone as (
    delete from pbx.call_number n using batch s where n.number = s.number
       and not exists (select from pbx.call c where c.src = s.number) and not exists (select from pbx.call c where c.dst = s.number)
    returning 1
  )
  select (select max(number) from batch), (select count(*) from gone) into last, forgotten;
end $$;

revoke execute on function pbx.is_recorded(cdr), pbx.refusal(cdr), pbx.calls_of_legs(text[]), pbx.file_calls(text[]), pbx.file_call(text),
  pbx.file_unfiled(bigint), pbx.hour_of(timestamptz), pbx.follow_calls(), pbx.fold_calls(), pbx.forget_numbers(text, integer) from public;

---------------------------------------------------------------------------------------------------- calls that are there already

-- With what is added up of the calls of a number, so that the calls themselves need not be read.
drop index pbx.call_extensions, pbx.call_src, pbx.call_dst;
create index call_src on pbx.call (src, started_at desc, id desc) include (direction, outcome, duration, billsec);
create index call_dst on pbx.call (dst, started_at desc, id desc) include (direction, outcome, duration, billsec);
create index call_direction on pbx.call (direction, started_at desc, id desc);

do $$
declare
  last bigint := 0;
  next_last bigint;
  calls text[];
begin
  loop
    select array_agg(c.linkedid), max(c.id) into calls, next_last
      from (select id, linkedid from pbx.call where id > last order by id limit 5000) c;
    exit when calls is null;
    perform pbx.file_calls(calls);
    last := next_last;
  end loop;
end $$;

insert into pbx.call_extension (extension, started_at, call_id, direction, outcome, duration, billsec)
select m, c.started_at, c.id, c.direction, c.outcome, c.duration, c.billsec from pbx.call c, unnest(c.extensions) m;
insert into pbx.call_number (number) select src from pbx.call where src <> '' union select dst from pbx.call where dst <> '';
insert into pbx.call_hour (hour, direction, outcome, calls, duration, billsec)
select pbx.hour_of(started_at), direction, outcome, count(*), sum(duration), sum(billsec) from pbx.call group by 1, 2, 3;
insert into pbx.call_day (day, direction, outcome, calls, duration, billsec)
select date_trunc('day', hour at time zone 'UTC') at time zone 'UTC', direction, outcome, sum(calls), sum(duration), sum(billsec)
  from pbx.call_hour group by 1, 2, 3;

-- Newest first, and all that is summed up without looking at the call.
alter table pbx.call_extension add constraint call_extension_pkey
  primary key (extension, started_at, call_id) include (direction, outcome, duration, billsec);
alter table pbx.call_hour add constraint call_hour_pkey primary key (hour, direction, outcome);
create index call_hour_empty on pbx.call_hour (hour) where calls = 0;
alter table pbx.call_day add constraint call_day_pkey primary key (day, direction, outcome);
create index call_day_empty on pbx.call_day (day) where calls = 0;
create index call_number_part on pbx.call_number using gin (lower(number) gin_trgm_ops);

create trigger follow_insert after insert on pbx.call referencing new table as fresh for each statement execute function pbx.follow_calls();
create trigger follow_update after update on pbx.call referencing old table as gone new table as fresh
  for each statement execute function pbx.follow_calls();
create trigger follow_delete after delete on pbx.call referencing old table as gone for each statement execute function pbx.follow_calls();

-- A mailbox's message of a call is found by the box and the time.
grant select on pbx.call_extension, pbx.call_number, pbx.call_hour, pbx.call_day, pbx.call_delta to gonopbx_dba;
