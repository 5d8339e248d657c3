-- Trunks with fixed addresses at one server of a provider: whether calls of an endpoint may come from an address.
create view dialplan_twins as
  select endpoint || '/' || match as exten, endpoint as appdata from ps_endpoint_id_ips where match is not null;

grant select on dialplan_twins to asterisk, gonopbx_dba;
