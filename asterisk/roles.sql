-- Roles and database, by a superuser; repeated as often as you like. Needs the psql variables owner_password,
-- asterisk_password and dba_password. What each role may do inside the database is in the migrations.
\set ON_ERROR_STOP on
\set QUIET on
select format('create role %I login', name) from unnest(array['gonopbx', 'asterisk', 'gonopbx_dba']) name
 where not exists (select from pg_roles where rolname = name) \gexec
alter role gonopbx login nosuperuser nocreatedb nocreaterole noreplication password :'owner_password';
alter role asterisk login nosuperuser nocreatedb nocreaterole noreplication password :'asterisk_password';
alter role gonopbx_dba login nosuperuser nocreatedb nocreaterole noreplication password :'dba_password';
-- A query of Asterisk waits for nobody: a SIP thread hangs on it.
alter role asterisk set lock_timeout = '3s';
alter role asterisk set statement_timeout = '5s';

select 'create database gonopbx owner gonopbx template template0 encoding ''UTF8'''
 where not exists (select from pg_database where datname = 'gonopbx') \gexec
revoke all on database gonopbx from public;
grant connect on database gonopbx to asterisk, gonopbx_dba;

\connect gonopbx
-- Substring search in the call history. A superuser makes it, so that it also works where the owner may not.
create extension if not exists pg_trgm;
