-- While calls are filed, numbers are looked at again in a moment, from the same place on; only the end is NULL.
create or replace function pbx.forget_numbers(after text, most integer, out last text, out forgotten bigint) language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('calls', 0)) then
    last := after;
    return;
  end if;
  with batch as (
    select n.number from pbx.call_number n where n.number > after order by n.number limit most
  ), gone as (
    delete from pbx.call_number n using batch b where n.number = b.number
       and not exists (select from pbx.call c where c.src = b.number) and not exists (select from pbx.call c where c.dst = b.number)
    returning 1
  )
  select (select max(number) from batch), (select count(*) from gone) into last, forgotten;
end $$;
