# shellcheck shell=bash
# A private PostgreSQL cluster in the data folder, of the newest server that the machine has. It listens on the
# loopback and on a socket in the data folder; only the socket lets the superuser in.

NEWEST_POSTGRES=18
OLDEST_POSTGRES=15

# The server's programs: those of the version that made the cluster, else the newest installed.
find_postgres() {
  local version made=
  made=$(as_service cat "$DATA/postgres/PG_VERSION" 2>/dev/null) || true
  if [ -n "$made" ]; then
    POSTGRES=/usr/lib/postgresql/$made/bin
    [ -x "$POSTGRES/postgres" ] || fail "The database in $DATA was made by PostgreSQL $made, which is not installed: run \`sudo apt-get install postgresql-$made\`."
    return 0
  fi
  for ((version = NEWEST_POSTGRES; version >= OLDEST_POSTGRES; version--)); do
    POSTGRES=/usr/lib/postgresql/$version/bin
    if [ -x "$POSTGRES/postgres" ] && [ -x "$POSTGRES/initdb" ]; then return 0; fi
  done
  return 1
}

postgres_init() {
  as_service test -s "$DATA/postgres/PG_VERSION" || make_cluster
  write_postgres_conf
  make_roles
}

# ICU with the root locale sorts and lower-cases every language alike on every machine; the C library's locale is the
# one that is always there. Made aside and renamed, so that an interrupted run leaves no half cluster.
make_cluster() {
  local new=$DATA/postgres.new
  say "Making the database in $DATA/postgres ..."
  as_service rm -rf "$new"
  as_service env -i PATH="$PATH" LC_ALL=C.UTF-8 "$POSTGRES/initdb" --pgdata="$new" --username=postgres --encoding=UTF8 \
    --locale=C.UTF-8 --locale-provider=icu --icu-locale=und --auth-local=peer --auth-host=scram-sha-256 --no-instructions \
    2>&1 | put "$DATA/log/initdb.log" || true
  as_service test -s "$new/PG_VERSION" || {
    last_lines "$DATA/log/initdb.log" >&2
    fail "PostgreSQL could not make its files; the lines above and $DATA/log/initdb.log say why."
  }
  as_service sh -c 'cat >>"$1"' sh "$new/postgresql.conf" <<<"include 'gonopbx.conf'"
  put "$new/pg_hba.conf" <<'TEXT'
# Written by asterisk/stack. The superuser comes through the socket only, and only as the account the server runs as.
local all     postgres                              peer map=stack
host  gonopbx gonopbx,asterisk,gonopbx_dba 127.0.0.1/32 scram-sha-256
TEXT
  printf '%s\n' "stack $(as_service id -un) postgres" | put "$new/pg_ident.conf"
  as_service mv "$new" "$DATA/postgres"
}

write_postgres_conf() {
  put "$DATA/postgres/gonopbx.conf" <<TEXT
# Written by asterisk/stack at each start.
listen_addresses = '127.0.0.1'
port = $GONOPBX_DB_PORT
unix_socket_directories = '$DATA/run'
unix_socket_permissions = 0700
external_pid_file = '$DATA/run/postgres.pid'
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %q%u %a '
log_checkpoints = off
logging_collector = off
# Every query of ours is short; compiling one would cost more than running it.
jit = off
$(fsync_settings)
TEXT
}

fsync_settings() {
  case "${GONOPBX_DB_FSYNC:-on}" in
    on) echo "fsync = on" ;;
    off) printf 'fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n' ;;
    *) fail "GONOPBX_DB_FSYNC is \"$GONOPBX_DB_FSYNC\": on, or off for tests that may lose their data." ;;
  esac
}

# Runs the SQL when it, or a password in it, has changed since the last time.
make_roles() {
  local stamp started=
  stamp=$(cat "$HERE/roles.sql" <(secret db-owner) <(secret db-asterisk) <(secret db-dba) | sha256sum | cut -c1-64)
  [ "$(as_service cat "$DATA/var/roles.done" 2>/dev/null)" != "$stamp" ] || return 0
  if ! alive postgres; then
    started=yes
    start_postgres
  fi
  {
    printf "\\\\set owner_password '%s'\n" "$(secret db-owner)"
    printf "\\\\set asterisk_password '%s'\n" "$(secret db-asterisk)"
    printf "\\\\set dba_password '%s'\n" "$(secret db-dba)"
    cat "$HERE/roles.sql"
  } | superuser_psql --quiet --dbname=postgres --file=- || fail "The roles and the database could not be made; the lines above say why."
  if [ -n "$started" ]; then stop_postgres gently; fi
  printf '%s\n' "$stamp" | put "$DATA/var/roles.done"
}

superuser_psql() {
  find_postgres || fail "No PostgreSQL server is installed: run \`sudo make install\`."
  as_service env PGOPTIONS='--client-min-messages=warning' PGDATABASE=gonopbx \
    "$POSTGRES/psql" --no-psqlrc --host="$DATA/run" --port="$GONOPBX_DB_PORT" --username=postgres "$@"
}

start_postgres() {
  if alive postgres; then return 0; fi
  find_postgres || fail "No PostgreSQL server is installed: run \`sudo make install\`."
  need_free_port tcp "$GONOPBX_DB_PORT" GONOPBX_DB_PORT
  remove_stale_locks
  write_postgres_conf
  (
    close_inherited
    cd /
    as_service env -i PATH="$PATH" LC_ALL=C.UTF-8 "$POSTGRES/pg_ctl" start --silent --wait --timeout=60 \
      --pgdata="$DATA/postgres" --log="$DATA/log/postgres.log"
  ) </dev/null >/dev/null || {
    last_lines "$DATA/log/postgres.log" >&2
    fail "PostgreSQL did not start; the lines above and $DATA/log/postgres.log say why."
  }
}

# Every process of the cluster has its folder as working folder, also those whose parent was killed.
cluster_processes() {
  as_service find /proc -maxdepth 2 -name cwd -lname "$DATA/postgres" 2>/dev/null | cut -d/ -f3
}

no_cluster_processes() { [ -z "$(cluster_processes)" ]; }

# After a crash the locks name a process that is dead but may not have been buried by its parent, and PostgreSQL would
# take it for alive. They are safe to remove only when no process of the cluster is left.
remove_stale_locks() {
  if as_service test -e "$DATA/postgres/postmaster.pid" && await 10 no_cluster_processes; then
    as_service find "$DATA/postgres/postmaster.pid" "$DATA/run" -maxdepth 1 \( -name postmaster.pid -o -name '.s.PGSQL.*' \) -delete
  fi
}

# stop_postgres gently|kill
stop_postgres() {
  local pid
  alive postgres || return 0
  if [ "$1" = kill ]; then
    # All of them at once, as when the machine crashes.
    for pid in $(cluster_processes); do signal KILL "$pid"; done
    await 10 no_cluster_processes || fail "PostgreSQL (process $(pid_of postgres)) cannot be ended."
    return 0
  fi
  # INT is the fast shutdown: sessions are ended, what is committed stays.
  end_process postgres INT 30
}
