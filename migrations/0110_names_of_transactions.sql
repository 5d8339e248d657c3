-- What a transaction is called outside. A database that was restored elsewhere counts transactions anew, so that an old
-- one and a new one may have the same number: then the number alone is the newest, and the others say which they are.
create function pbx.tx_name(tx xid8, set_id bigint) returns text language sql stable
  set search_path = pg_catalog, pg_temp as $$
  select tx::text || case when exists (select from pbx.change_set later where later.tx = $1 and later.id > $2)
                          then '-' || set_id else '' end
$$;
revoke execute on function pbx.tx_name(xid8, bigint) from public;
