# shellcheck shell=bash
# What people have set about the network in the browser. It is read when Asterisk starts, wins over the environment, and
# is remembered for a start without a database.

# One line: external address, local networks, ports for audio; each may be empty. With the role of Asterisk, which is the
# only one its container knows.
ask_saved_network() {
  local psql=psql
  # Its container has the client alone.
  if (find_postgres) 2>/dev/null && find_postgres; then psql=$POSTGRES/psql; fi
  PGPASSWORD=$(secret db-asterisk) PGCONNECT_TIMEOUT=3 as_service "$psql" --no-psqlrc --quiet --no-align --tuples-only \
    --host=127.0.0.1 --port="$GONOPBX_DB_PORT" --username=asterisk --dbname=gonopbx \
    --command='select external_address, local_nets, rtp_ports from saved_network' 2>/dev/null 9<&-
}

# Sets GONOPBX_EXTERNAL_ADDRESS, GONOPBX_LOCAL_NETS, GONOPBX_RTP_PORTS and the two ends of the latter.
take_saved_network() {
  local line why kept=$DATA/var/network
  if line=$(ask_saved_network); then
    printf '%s\n' "$line" | put "$kept"
  else
    line=$(as_service cat "$kept" 2>/dev/null) || line='||'
    say "The database does not say what the network settings are: Asterisk starts with those of its last start."
  fi
  # The database refuses what is not legal; these files must not depend on that.
  if why=$(use_network "$line" 2>&1); then
    use_network "$line"
  else
    say "The saved network settings are not used: ${why#gonopbx: }"
  fi
}

# use_network LINE: fails when a value is not legal.
# shellcheck disable=SC2034  # read by other parts
use_network() {
  local address nets ports
  IFS='|' read -r address nets ports <<<"$1"
  if [ -n "$address" ]; then GONOPBX_EXTERNAL_ADDRESS=$address; fi
  if [ -n "$nets" ]; then GONOPBX_LOCAL_NETS=$nets; fi
  if [ -n "$ports" ]; then GONOPBX_RTP_PORTS=$ports; fi
  check_network
}
