# shellcheck shell=bash
# Words, files and processes: what every other part of the stack uses.

say() { printf '%s\n' "$*"; }

fail() {
  printf 'gonopbx: %s\n' "$*" >&2
  exit 1
}

is_root() { [ "$EUID" -eq 0 ]; }

# PostgreSQL refuses to run as root, and Asterisk has no business being root: both run as this account. Who is not
# root runs everything as himself.
SERVICE_USER=gonopbx

# Runs a command as the account the services run as. What it writes in the data folder is written with that account's
# rights, so that a link planted there cannot lead root astray.
as_service() {
  if is_root; then
    setpriv --reuid="$SERVICE_USER" --regid="$SERVICE_USER" --clear-groups -- "$@"
  else
    "$@"
  fi
}

need_service_user() {
  if is_root && ! id "$SERVICE_USER" >/dev/null 2>&1; then
    fail "The account $SERVICE_USER, which PostgreSQL and Asterisk run as, is missing: run \`make install\` first."
  fi
}

# put FILE: standard input becomes the file, readable by the service account only, whole or not at all.
put() {
  # shellcheck disable=SC2016  # expanded by the inner shell, which has other rights
  as_service sh -c 'umask 077; cat >"$1.new" && mv -f "$1.new" "$1"' sh "$1"
}

# exclusively FILE: holds a lock until this script ends. Two `make up` at once must not build the same thing twice.
exclusively() {
  is_root || [ -w "$(dirname "$1")" ] || fail "$(dirname "$1") cannot be written: it belongs to another account."
  as_service touch "$1"
  exec 9<"$1"
  flock -w 1800 9 || fail "Another process has held $1 for half an hour: end it, and try again."
}

# For a subshell that becomes a service: the lock, and the pipes of whoever called, must not live on in it.
close_inherited() {
  local fd
  for fd in /proc/"$BASHPID"/fd/*; do
    fd=${fd##*/}
    if [ "$fd" -gt 2 ] && [ "$fd" -ne 255 ]; then exec {fd}>&-; fi
  done
}

release_lock() { exec 9<&-; }

# A secret for a machine: 192 random bits, only characters that need quoting nowhere.
random_secret() { od -An -v -N"${1:-24}" -tx1 /dev/urandom | tr -d ' \n'; }

pid_of() {
  local pid
  pid=$(as_service cat "$DATA/run/$1.pid" 2>/dev/null | head -n 1) || return 1
  [[ $pid =~ ^[0-9]+$ ]] && printf '%s' "$pid"
}

# The number alone does not prove anything after a crash or a reboot: the process must also name the data folder.
alive() {
  local pid
  pid=$(pid_of "$1") || return 1
  [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$DATA/"
}

# await SECONDS COMMAND...: until the command succeeds; fails when it never does.
await() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }

# signal NAME PID: with the rights of the service account, and by the shell's own kill: a small machine has no other.
signal() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  as_service sh -c 'kill -s "$1" "$2" 2>/dev/null' sh "$1" "$2" || true
}

# end_process PART SIGNAL SECONDS: asks it to end, and makes it end when it does not.
end_process() {
  local pid
  alive "$1" || return 0
  pid=$(pid_of "$1")
  signal "$2" "$pid"
  if ! await "$3" gone "$pid"; then
    say "$1 did not end within $3 seconds and is killed."
    signal KILL "$pid"
    await 10 gone "$pid" || fail "$1 (process $pid) cannot be ended."
  fi
}

# port_in_use udp|tcp PORT: asks the kernel's own tables, so that no tool has to be installed for it.
port_in_use() {
  local hex
  printf -v hex '%04X' "$2"
  awk -v port=":$hex" -v kind="$1" '
    substr($2, length($2) - 4) == port && (kind == "udp" || $4 == "0A") { found = 1 }
    END { exit !found }' "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null
}

need_free_port() {
  if port_in_use "$1" "$2"; then
    fail "Port $2 ($1) is taken by another program: set $3 to a free one."
  fi
}

last_lines() { as_service tail -n 15 "$1" 2>/dev/null || true; }

# What the shell between us and a service does: it writes its number, which becomes the service's, and sends what it says
# to a file. Arguments: pid file, log file, command.
# shellcheck disable=SC2016,SC2034  # expanded by that shell, which has other rights; used by the other parts
BECOME='echo $$ >"$1.new" && mv -f "$1.new" "$1" && log=$2 && shift 2 && exec "$@" >>"$log" 2>&1'
