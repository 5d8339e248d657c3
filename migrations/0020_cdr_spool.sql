-- How far the server has read the spool, the file in which Asterisk writes a line for each finished leg. It is in the
-- database, in the transaction that writes the legs, so that the two never disagree: a database restored from a backup
-- also knows again what it has not read yet.

create table pbx.cdr_spool (
  -- Digest of the file's first line, which no other file has: a file that is renamed is the same one, a new one is not.
  file text primary key,
  -- Bytes.
  position bigint not null check (position >= 0),
  read_at timestamptz not null default now()
);
