-- A number that leads elsewhere, or nowhere, in SQL: who has lost it is told apart by the key, as with forwards.

create or replace trigger record after insert or delete on pbx.did_route for each row execute function pbx.record('id', 'extension');
create or replace trigger record_update after update on pbx.did_route for each row when (old.* is distinct from new.*)
  execute function pbx.record('id', 'extension');
