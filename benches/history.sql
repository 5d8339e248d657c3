-- Legs (setting bench.legs) of calls over three years, on weekdays mostly and by day: a thousand extensions, half a million
-- numbers outside. One call in five has two legs. What the triggers would file is made beside, all at once: row by row it
-- would take hours.
set synchronous_commit = off;
alter table cdr disable trigger user;
alter table pbx.call disable trigger user;
drop index cdr_uniqueid_sequence, cdr_linkedid, cdr_start;
drop index pbx.call_newest, pbx.call_src, pbx.call_dst, pbx.call_outcome, pbx.call_direction;
alter table pbx.call drop constraint call_linkedid_key;
alter table pbx.call_extension drop constraint call_extension_pkey;

create unlogged table bench_call as
select n, format('%s.%s', 1700000000 + n, n) as linkedid, started_at, direction, outcome, own, peer,
       case direction when 'incoming' then outside else own::text end as src,
       case direction when 'internal' then peer::text when 'incoming' then '+4942161' || lpad((own - 1000)::text, 4, '0') else outside end as dst,
       case when outcome = 'answered' then 5 + (h2 % 400)::integer else 0 end as billsec,
       5 + (h3 % 25)::integer as rang, h4 % 5 = 0 as has_two
  from (
    select n, h2, h3, h4, 1001 + (h1 % 1000)::integer as own, 1001 + (h5 % 1000)::integer as peer,
           '0' || (30 + h2 % 5) || lpad(((h6 * h6 % 40009) * 5 + h5 % 5)::text, 7, '0') as outside,
           case when h3 % 10 < 4 then 'incoming' when h3 % 10 < 7 then 'outgoing' else 'internal' end as direction,
           case when h4 % 100 < 62 then 'answered' when h4 % 100 < 88 then 'missed' when h4 % 100 < 95 then 'busy' else 'failed' end as outcome,
           timestamptz '2023-11-01 00:00:00+00' + interval '1 day' * ((n * 1096 / total)::integer)
             + interval '1 second' * (21600 + (h5 % 43200) * case when h6 % 20 = 0 then 1.9 else 1 end)::integer as started_at
      from (select n, total, abs(hashint8(n)::bigint) as h1, abs(hashint8(n + 1000000007)::bigint) as h2,
                   abs(hashint8(n * 3 + 17)::bigint) as h3, abs(hashint8(n * 5 + 29)::bigint) as h4,
                   abs(hashint8(n * 7 + 31)::bigint) as h5, abs(hashint8(n * 11 + 37)::bigint) as h6
              from generate_series(1::bigint, (current_setting('bench.legs')::bigint * 10 / 12)::bigint) n, (select (current_setting('bench.legs')::bigint * 10 / 12)::bigint as total) t) hashed) made;

insert into cdr (src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer, "end", duration, billsec, disposition,
                 amaflags, uniqueid, linkedid, sequence)
select src, dst, case direction when 'incoming' then 'from-trunk-did' else 'internal' end, format('"Person %s" <%s>', src, src),
       case direction when 'incoming' then 'PJSIP/trunk-ep-1-' else 'PJSIP/' || own || '-' end || lpad(to_hex(n), 8, '0'),
       case when direction = 'outgoing' then 'PJSIP/trunk-ep-1-' when direction = 'incoming' then 'PJSIP/' || own || '-'
            when leg = 0 and has_two then 'PJSIP/' || own || '-' else 'PJSIP/' || peer || '-' end || lpad(to_hex(n + 1), 8, '0'),
       'Dial', 'PJSIP/' || dst || ',20', at, case when leg = legs - 1 and outcome = 'answered' then at + interval '1 second' * rang end,
       at + interval '1 second' * (rang + case when leg = legs - 1 then billsec else 0 end),
       rang + case when leg = legs - 1 then billsec else 0 end, case when leg = legs - 1 then billsec else 0 end,
       case when leg < legs - 1 then 'NO ANSWER' else
         case outcome when 'answered' then 'ANSWERED' when 'missed' then 'NO ANSWER' when 'busy' then 'BUSY' else 'FAILED' end end,
       'DOCUMENTATION', linkedid, linkedid, n * 2 + leg
  from (select c.*, legs, leg, started_at at time zone 'UTC' + interval '1 second' * rang * leg as at
          from bench_call c, lateral (select case when has_two and outcome in ('answered', 'missed') then 2 else 1 end as legs) l,
               lateral generate_series(0, legs - 1) leg) l;

insert into pbx.call (linkedid, started_at, ended_at, direction, outcome, src, src_name, dst, extensions, duration, billsec, legs)
select linkedid, started_at, started_at + interval '1 second' * duration, direction, outcome, src, 'Person ' || src, dst,
       array(select distinct m::text from unnest(case direction when 'internal' then array[own, peer] else array[own] end) m order by 1),
       duration, billsec, legs
  from (select c.*, legs, rang * legs + billsec as duration from bench_call c,
               lateral (select case when has_two and outcome in ('answered', 'missed') then 2 else 1 end as legs) l) c
 order by started_at;
drop table bench_call;

insert into pbx.call_extension (extension, started_at, call_id, direction, outcome, duration, billsec)
select m, c.started_at, c.id, c.direction, c.outcome, c.duration, c.billsec from pbx.call c, unnest(c.extensions) m;
insert into pbx.call_number (number, calls)
select number, pbx.number_sums(array_agg(pbx.number_place(side, direction, outcome)), array_agg(calls))
  from (select number, side, direction, outcome, count(*)::integer as calls
          from pbx.call, lateral (values (src, 'src'), (dst, 'dst')) n (number, side) group by 1, 2, 3, 4) sides
 group by number
 -- In no order, as calls bring them.
 order by hashtext(number);
insert into pbx.call_hour (hour, direction, outcome, calls, duration, billsec)
select pbx.hour_of(started_at), direction, outcome, count(*), sum(duration), sum(billsec) from pbx.call group by 1, 2, 3;
insert into pbx.call_day (day, direction, outcome, calls, duration, billsec)
select date_trunc('day', hour at time zone 'UTC') at time zone 'UTC', direction, outcome, sum(calls), sum(duration), sum(billsec)
  from pbx.call_hour group by 1, 2, 3;
insert into pbx.call_calendar (day, direction, calls, total)
select day, direction, array_agg(coalesce(p.calls, 0) order by place), coalesce(sum(p.calls), 0)
  from (select distinct day, direction from pbx.call_day) d cross join generate_series(1, 96) place
  left join (select date_trunc('day', hour at time zone 'UTC') at time zone 'UTC' as day, direction,
                    pbx.calendar_place(hour, outcome) as place, sum(calls) as calls
               from pbx.call_hour group by 1, 2, 3) p using (day, direction, place)
 group by day, direction;

set maintenance_work_mem = '512MB';
create unique index cdr_uniqueid_sequence on cdr (uniqueid, sequence);
create index cdr_linkedid on cdr (linkedid);
create index cdr_start on cdr (start, id);
create index call_newest on pbx.call (started_at desc, id desc);
create index call_src on pbx.call (src, started_at desc, id desc) include (direction, outcome, duration, billsec, dst);
create index call_dst on pbx.call (dst, started_at desc, id desc) include (direction, outcome, duration, billsec, src);
create index call_outcome on pbx.call (outcome, started_at desc, id desc);
create index call_direction on pbx.call (direction, started_at desc, id desc);
alter table pbx.call add constraint call_linkedid_key unique (linkedid);
alter table pbx.call_extension add constraint call_extension_pkey
  primary key (extension, started_at, call_id) include (direction, outcome, duration, billsec);
alter table cdr enable trigger user;
alter table pbx.call enable trigger user;
vacuum analyze cdr;
vacuum analyze pbx.call;
vacuum analyze pbx.call_extension;
vacuum analyze pbx.call_number;
vacuum analyze pbx.call_hour;
vacuum analyze pbx.call_day;
vacuum analyze pbx.call_calendar;
