-- How many calls each number made and got, so that those of a part that many numbers have, or that many calls have, are
-- counted without looking at the calls.
set local statement_timeout = 0;
set local lock_timeout = 0;
set local work_mem = '256MB';
-- A call that is filed meanwhile would be missing here; its transaction ends first.
lock table pbx.call in share row exclusive mode;

-- Where the calls of a number stand among its 24 sums: those that it made, then those that it got; in each internal, incoming,
-- outgoing; in each answered, missed, busy, failed.
create function pbx.number_place(side text, direction text, outcome text) returns integer language sql immutable parallel safe as $$
  select 12 * (array_position(array['src', 'dst'], side) - 1) + 4 * (array_position(array['internal', 'incoming', 'outgoing'], direction) - 1)
    + array_position(array['answered', 'missed', 'busy', 'failed'], outcome)
$$;

-- All 24 of one number, of those places that have any.
create function pbx.number_sums(places integer[], calls integer[]) returns integer[] language plpgsql immutable parallel safe as $$
declare
  sums integer[] := array_fill(0, array[24]);
begin
  for n in 1 .. cardinality(places) loop
    sums[places[n]] := sums[places[n]] + calls[n];
  end loop;
  return sums;
end $$;

-- What is in no sum yet, plus and minus, as in pbx.call_delta.
create table pbx.call_number_delta (
  number varchar(80) not null,
  place integer not null,
  calls integer not null
);

create or replace function pbx.follow_calls() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into pbx.call_delta (hour, direction, outcome, calls, duration, billsec)
    select pbx.hour_of(started_at), direction, outcome, count(*), sum(duration), sum(billsec) from fresh group by 1, 2, 3;
    insert into pbx.call_number_delta (number, place, calls)
    select number, pbx.number_place(side, direction, outcome), count(*)
      from fresh, lateral (values (src, 'src'), (dst, 'dst')) n (number, side) where number <> '' group by 1, 2;
  elsif tg_op = 'DELETE' then
    insert into pbx.call_delta (hour, direction, outcome, calls, duration, billsec)
    select pbx.hour_of(started_at), direction, outcome, -count(*), -sum(duration), -sum(billsec) from gone group by 1, 2, 3;
    insert into pbx.call_number_delta (number, place, calls)
    select number, pbx.number_place(side, direction, outcome), -count(*)
      from gone, lateral (values (src, 'src'), (dst, 'dst')) n (number, side) where number <> '' group by 1, 2;
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
    insert into pbx.call_number_delta (number, place, calls)
    select number, pbx.number_place(side, direction, outcome), sum(calls) from (
      select src, dst, direction, outcome, 1 as calls from fresh
      union all
      select src, dst, direction, outcome, -1 from gone) both_sides,
      lateral (values (src, 'src'), (dst, 'dst')) n (number, side)
     where number <> '' group by 1, 2 having sum(calls) <> 0;
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

-- Adds up some of what waits in call_number_delta. Returns how many rows that was.
create function pbx.fold_numbers(most integer) returns bigint language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  folded bigint;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('fold numbers', 0)) then
    return 0;
  end if;
  with waiting as (
    delete from pbx.call_number_delta where ctid = any (array(select ctid from pbx.call_number_delta limit most))
    returning number, place, calls
  ), sums as (
    insert into pbx.call_number as n (number, calls)
    select number, pbx.number_sums(array_agg(place), array_agg(calls)) from waiting group by number
    on conflict (number) do update set calls = nullif(
      array(select coalesce(was, 0) + more from unnest(n.calls, excluded.calls) with ordinality u (was, more, place) order by place),
      array_fill(0, array[24]))
  )
  select count(*) into folded from waiting;
  return folded;
end $$;

-- A number of which anything is still added up or waits for it is not forgotten.
create or replace function pbx.forget_numbers(after text, most integer, out last text, out forgotten bigint) language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('calls', 0)) then
    return;
  end if;
  with batch as (
    select n.number from pbx.call_number n where n.number > after order by n.number limit most
  ), gone as (
    delete from pbx.call_number n using batch s where n.number = s.number and n.calls is null
       and not exists (select from pbx.call_number_delta d where d.number = s.number)
       and not exists (select from pbx.call c where c.src = s.number) and not exists (select from pbx.call c where c.dst = s.number)
    returning 1
  )
  select (select max(number) from batch), (select count(*) from gone) into last, forgotten;
end $$;

-- Each number is in the table already. Room beside it, because its sums change and what it is found by does not.
alter table pbx.call_number set (fillfactor = 80), add column calls integer[] check (array_length(calls, 1) = 24),
  -- Of all outcomes: a hundred thousand numbers of one area are added up three times as fast as from the list.
  add column made_internal integer generated always as (calls[1] + calls[2] + calls[3] + calls[4]) stored,
  add column made_incoming integer generated always as (calls[5] + calls[6] + calls[7] + calls[8]) stored,
  add column made_outgoing integer generated always as (calls[9] + calls[10] + calls[11] + calls[12]) stored,
  add column got_internal integer generated always as (calls[13] + calls[14] + calls[15] + calls[16]) stored,
  add column got_incoming integer generated always as (calls[17] + calls[18] + calls[19] + calls[20]) stored,
  add column got_outgoing integer generated always as (calls[21] + calls[22] + calls[23] + calls[24]) stored;

update pbx.call_number n set calls = s.calls from (
  select number, pbx.number_sums(array_agg(pbx.number_place(side, direction, outcome)), array_agg(calls)) as calls
    from (select number, side, direction, outcome, count(*)::integer as calls
            from pbx.call, lateral (values (src, 'src'), (dst, 'dst')) n (number, side) where number <> '' group by 1, 2, 3, 4) sides
   group by number) s
 where s.number = n.number;

-- By the number itself: the index does not tell small letters from big ones anyway, and most numbers have none.
drop index pbx.call_number_part;
create index call_number_part on pbx.call_number using gin (number gin_trgm_ops);

-- With the other number: a call of which both match is counted twice, and found from the side that has fewer.
create index call_src_with_dst on pbx.call (src, started_at desc, id desc) include (direction, outcome, duration, billsec, dst);
drop index pbx.call_src;
alter index pbx.call_src_with_dst rename to call_src;

revoke execute on function pbx.number_place(text, text, text), pbx.number_sums(integer[], integer[]), pbx.fold_numbers(integer) from public;
grant select on pbx.call_number_delta to gonopbx_dba;
