# shellcheck shell=bash
# The server: built from the repository, copied into the data folder (where the service account can reach it), started.

built_server() { echo "${GONOPBX_SERVER_BIN:-${CARGO_TARGET_DIR:-$REPOSITORY/target}/release/gonopbx}"; }

build_server() {
  [ -z "${GONOPBX_SERVER_BIN:-}" ] || return 0
  say "Building the server (the first time takes some minutes) ..."
  (cd "$REPOSITORY" && with_rust cargo build --release --locked --package gonopbx) 9<&- ||
    fail "The server could not be built; the lines above say why."
}

copy_server() {
  local built
  built=$(built_server)
  [ -x "$built" ] || fail "The server is not built yet: run \`make up\`, or \`cargo build --release --locked\`."
  if [ "$(stat -c '%s %Y' "$built")" = "$(as_service stat -c '%s %Y' "$DATA/bin/gonopbx" 2>/dev/null)" ]; then return 0; fi
  # Renamed into place: a running program's file cannot be written.
  as_service sh -c 'cat >"$1.new" && chmod 700 "$1.new" && touch -d "@$2" "$1.new" && mv -f "$1.new" "$1"' \
    sh "$DATA/bin/gonopbx" "$(stat -c %Y "$built")" <"$built"
}

# enter_server_environment terminal|file: where its lines go.
# Replaces this shell's environment by what the server may see. Variables and not arguments: arguments can be read by
# every account of the machine.
enter_server_environment() {
  local name line
  for name in $(compgen -e); do
    case "$name" in
      PATH | LANG | LC_* | TZ | RUST_LOG | RUST_BACKTRACE | NO_COLOR | GONOPBX_* | SSL_CERT_*) ;;
      *) export -n "${name?}" ;;
    esac
  done
  while IFS= read -r line; do
    [[ $line =~ ^([A-Z_]+)=\'(.*)\'$ ]] || continue
    export "${BASH_REMATCH[1]}=${BASH_REMATCH[2]}"
  done < <(stack_env)
  # The roles of others are none of its business.
  unset ASTERISK_DATABASE_URL DBA_DATABASE_URL
  export GONOPBX_HTTP_HOST GONOPBX_HTTP_PORT GONOPBX_LANGUAGE GONOPBX_DNS_SERVER HOME=$DATA/var
  # What it says of a provider's certificate is what Asterisk will say.
  export SSL_CERT_FILE=$DATA/var/keys/sip-ca.pem
  # A password hash takes 19 MiB for 30 ms; from this size on the C library gives memory back.
  export MALLOC_MMAP_THRESHOLD_=1048576
  if [ "$1" = file ] || [ ! -t 1 ]; then export NO_COLOR=1; fi
}

migrate() {
  alive postgres || fail "PostgreSQL does not run: start it with \`asterisk/stack start postgres\`."
  copy_server
  (
    cd "$DATA"
    enter_server_environment terminal
    as_service "$DATA/bin/gonopbx" migrate
  ) 9<&- || fail "The database schema could not be brought up to date; the lines above say why."
}

# Asterisk starts without a database and waits for it, but a database without its tables makes it crash (double free).
need_schema() {
  alive postgres || return 0
  if [ "$(superuser_psql --quiet --tuples-only --no-align --command="select to_regclass('public.ps_endpoints') is null" 9<&-)" = t ]; then
    migrate
  fi
}

start_server() {
  if alive server; then return 0; fi
  need_free_port tcp "$GONOPBX_HTTP_PORT" GONOPBX_HTTP_PORT
  copy_server
  (
    close_inherited
    cd "$DATA"
    umask 077
    enter_server_environment file
    as_service rm -f run/server.pid
    # In a session of its own: Ctrl-C in the terminal is not for it.
    as_service setsid --fork sh -c "$BECOME" sh "$DATA/run/server.pid" "$DATA/log/server.log" "$DATA/bin/gonopbx" serve
  ) </dev/null
  if ! await 30 up_or_dead server server_listens || ! alive server; then
    last_lines "$DATA/log/server.log" >&2
    fail "The server did not start; the lines above and $DATA/log/server.log say why."
  fi
}

server_listens() { port_in_use tcp "$GONOPBX_HTTP_PORT"; }

stop_server() {
  if [ "$1" = kill ]; then
    end_process server KILL 10
  else
    end_process server TERM 30
  fi
}

# The server writes to the terminal; Ctrl-C reaches it through the trap of `up`.
run_server_in_foreground() {
  local status=0
  need_free_port tcp "$GONOPBX_HTTP_PORT" GONOPBX_HTTP_PORT
  copy_server
  say "GonoPBX is starting at $(server_url) (SIP: port $GONOPBX_SIP_PORT). Ctrl-C stops it."
  (
    cd "$DATA"
    umask 077
    enter_server_environment terminal
    # shellcheck disable=SC2016  # expanded by the inner shell, which has other rights
    as_service setsid sh -c 'echo $$ >"$1" && shift && exec "$@"' sh "$DATA/run/server.pid" "$DATA/bin/gonopbx" serve
  ) </dev/null 9<&- &
  wait $! || status=$?
  [ "$status" -eq 0 ] || say "The server ended with status $status."
  return "$status"
}
