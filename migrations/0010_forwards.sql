-- Forwards of extensions: unconditional (CFU), busy (CFB), no answer (CFNA); one of each kind.

create table pbx.forward (
  id bigint generated always as identity primary key,
  extension varchar(255) not null
    constraint forward_extension_fkey references pbx.extension (number) on update cascade on delete cascade,
  kind text not null constraint forward_kind check (kind in ('unconditional', 'busy', 'no_answer')),
  -- An extension's number, or E.164. It may be gone later: then the forward leads nowhere, and the mailbox answers.
  destination text not null
    constraint forward_destination check (destination ~ '^([1-9][0-9]{1,5}|\+[1-9][0-9]{5,14})$'),
  -- Seconds; counts for no_answer only.
  ring_time smallint not null default 20 constraint forward_ring_time check (ring_time between 5 and 120),
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint forward_extension_kind_key unique (extension, kind),
  constraint forward_to_itself check (destination <> extension)
);
create index forward_destination on pbx.forward (destination);

create trigger record after insert or delete on pbx.forward for each row execute function pbx.record('id', 'extension');
create trigger record_update after update on pbx.forward for each row when (old.* is distinct from new.*)
  execute function pbx.record('id', 'extension');

-- An extension that gets another number takes along what is forwarded to it.
create function pbx.follow_renamed() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  update pbx.forward set destination = new.number where destination = old.number;
  return null;
end $$;
create trigger follow_forwards after update of number on pbx.extension for each row
  when (old.number is distinct from new.number) execute function pbx.follow_renamed();

grant select, insert, update, delete on pbx.forward to gonopbx_dba;
