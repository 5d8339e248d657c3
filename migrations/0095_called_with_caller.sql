-- Calls of either number, counted without reading the calls: whoever counts those of numbers that were called has to see
-- whether the number that called was counted already.
set local statement_timeout = 0;
set local lock_timeout = 0;

create index call_dst_with_src on pbx.call (dst, started_at desc, id desc) include (direction, outcome, duration, billsec, src);
drop index pbx.call_dst;
alter index pbx.call_dst_with_src rename to call_dst;
