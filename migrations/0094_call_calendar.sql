-- What the charts are drawn from. A year of call_hour is a hundred thousand rows, one for each hour, direction and outcome;
-- here it is a thousand: a row for each day (UTC) and direction, with the calls of its hours in it.
set local statement_timeout = 0;
set local lock_timeout = 0;
-- What a server adds up meanwhile would be missing here.
select pg_advisory_xact_lock(hashtextextended('fold calls', 0));

create table pbx.call_calendar (
  day timestamptz not null,
  direction text not null,
  -- Four for each hour of the day: answered, missed, busy, failed.
  calls integer[] not null check (array_length(calls, 1) = 96),
  total integer not null
);

-- Where the calls of an hour and outcome stand in it.
create function pbx.calendar_place(hour timestamptz, outcome text) returns integer language sql immutable parallel safe as $$
  select extract(hour from hour at time zone 'UTC')::integer * 4 + array_position(array['answered', 'missed', 'busy', 'failed'], outcome)
$$;

create or replace function pbx.fold_calls() returns bigint language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  folded bigint;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('fold calls', 0)) then
    return 0;
  end if;
  with waiting as (
    delete from pbx.call_delta returning hour, date_trunc('day', hour at time zone 'UTC') at time zone 'UTC' as day,
                                         direction, outcome, calls, duration, billsec
  ), days as (
    insert into pbx.call_day as d (day, direction, outcome, calls, duration, billsec)
    select day, direction, outcome, sum(calls), sum(duration), sum(billsec) from waiting group by 1, 2, 3
    on conflict (day, direction, outcome) do update
      set calls = d.calls + excluded.calls, duration = d.duration + excluded.duration, billsec = d.billsec + excluded.billsec
  ), hours as (
    insert into pbx.call_hour as h (hour, direction, outcome, calls, duration, billsec)
    select hour, direction, outcome, sum(calls), sum(duration), sum(billsec) from waiting group by 1, 2, 3
    on conflict (hour, direction, outcome) do update
      set calls = h.calls + excluded.calls, duration = h.duration + excluded.duration, billsec = h.billsec + excluded.billsec
  ), placed as (
    select day, direction, pbx.calendar_place(hour, outcome) as place, sum(calls) as calls from waiting group by 1, 2, 3
  ), calendar as (
    insert into pbx.call_calendar as k (day, direction, calls, total)
    select day, direction, array_agg(coalesce(p.calls, 0) order by place), coalesce(sum(p.calls), 0)
      from (select distinct day, direction from placed) d cross join generate_series(1, 96) place
      left join placed p using (day, direction, place)
     group by day, direction
    on conflict (day, direction) do update
      set total = k.total + excluded.total,
          calls = array(select was + more from unnest(k.calls, excluded.calls) with ordinality u (was, more, place) order by place)
  )
  select count(*) into folded from waiting;
  delete from pbx.call_hour where calls = 0;
  delete from pbx.call_day where calls = 0;
  delete from pbx.call_calendar where total = 0;
  return folded;
end $$;

insert into pbx.call_calendar (day, direction, calls, total)
select day, direction, array_agg(coalesce(p.calls, 0) order by place), coalesce(sum(p.calls), 0)
  from (select distinct day, direction from pbx.call_day) d cross join generate_series(1, 96) place
  left join (select date_trunc('day', hour at time zone 'UTC') at time zone 'UTC' as day, direction,
                    pbx.calendar_place(hour, outcome) as place, sum(calls) as calls
               from pbx.call_hour group by 1, 2, 3) p using (day, direction, place)
 group by day, direction;

alter table pbx.call_calendar add constraint call_calendar_pkey primary key (day, direction);
create index call_calendar_empty on pbx.call_calendar (day) where total = 0;

revoke execute on function pbx.calendar_place(timestamptz, text) from public;
grant select on pbx.call_calendar to gonopbx_dba;
