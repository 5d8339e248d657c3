-- Asterisk asks the contact of an AOR once a minute whether it is there, and goes on for ever when the row is deleted at
-- once. So it sees an AOR without contact first; the server removes the row when Asterisk has stopped.

create or replace function pbx.remove_trunk() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from ps_endpoint_id_ips where endpoint = old.endpoint;
  delete from ps_registrations where id = 'trunk-reg-' || old.id;
  delete from ps_endpoints where id = old.endpoint;
  -- ps_auths stays: the provider asks for the password once more when it is told that we go. The server removes it
  -- some minutes later.
  update ps_aors set contact = null, outbound_proxy = null, qualify_frequency = 0 where id = 'trunk-aor-' || old.id;
  delete from extensions where context = 'trunks' and exten = old.id::text;
  return null;
end $$;
