# shellcheck shell=bash
# The data folder, the settings it remembers, its secrets, and stack.env for those who want to attach.

# GONOPBX_DATA as a person wrote it, and the folder behind it.
locate_data() {
  REQUESTED_DATA=${GONOPBX_DATA:-$REPOSITORY/.data}
  case "$REQUESTED_DATA" in /*) ;; *) REQUESTED_DATA=$PWD/$REQUESTED_DATA ;; esac
  REQUESTED_DATA=$(realpath -s -m -- "$REQUESTED_DATA")
  [[ $REQUESTED_DATA =~ ^[A-Za-z0-9/._+@~-]+$ ]] ||
    fail "The path $REQUESTED_DATA has a character that Asterisk's configuration cannot hold: set GONOPBX_DATA to a path of plain letters, digits, '.', '_' and '-'."
  DATA=$(realpath -m -- "$REQUESTED_DATA")
}

need_own_data() {
  if [ -d "$DATA" ] && ! is_root && [ ! -O "$DATA" ]; then
    fail "$DATA belongs to $(stat -c %U -- "$DATA"): run this as that user, or set GONOPBX_DATA to a folder of your own."
  fi
}

# The service account must be able to reach the folder, and the sockets in it must fit the 107 bytes of a socket
# address. Where one of them is not so (a clone below /root, a deep path), the real folder is elsewhere and the
# requested path is a link to it.
make_data_folder() {
  local parent
  need_own_data
  if [ ! -e "$REQUESTED_DATA" ]; then
    parent=$(dirname "$REQUESTED_DATA")
    mkdir -p -- "$parent" 2>/dev/null || fail "The folder $parent cannot be made: set GONOPBX_DATA to a place that you may write to."
    if is_root; then
      if [ ${#REQUESTED_DATA} -gt 80 ] || ! as_service test -x "$parent"; then
        DATA=/var/lib/gonopbx/data-$(printf '%s' "$REQUESTED_DATA" | sha256sum | cut -c1-12)
        if [ ! -L "$REQUESTED_DATA" ]; then ln -s -- "$DATA" "$REQUESTED_DATA"; fi
      fi
    elif [ ${#REQUESTED_DATA} -gt 80 ]; then
      fail "The path $REQUESTED_DATA is too long for the sockets in it: set GONOPBX_DATA to a shorter one."
    fi
    mkdir -p -- "$DATA" 2>/dev/null || fail "The folder $DATA cannot be made: set GONOPBX_DATA to a place that you may write to."
  elif [ ! -d "$DATA/run" ] && [ -n "$(ls -A -- "$DATA")" ]; then
    fail "$DATA has other files in it: set GONOPBX_DATA to a new or empty folder."
  fi
  if is_root && [ "$(stat -c %U -- "$DATA")" != "$SERVICE_USER" ]; then
    [ ! -d "$DATA/run" ] || fail "$DATA belongs to $(stat -c %U -- "$DATA"), who made it without root: run this as that user, or set GONOPBX_DATA to another folder."
    chown "$SERVICE_USER:$SERVICE_USER" -- "$DATA"
    as_service test -x "$DATA" || fail "The account $SERVICE_USER cannot reach $DATA: set GONOPBX_DATA to another folder."
  fi
  as_service chmod 700 "$DATA"
  umask 077
  as_service mkdir -p "$DATA"/{run,log/asterisk,secrets,asterisk,var/keys,spool,bin}
}

REMEMBERED=(GONOPBX_HTTP_HOST GONOPBX_HTTP_PORT GONOPBX_SIP_HOST GONOPBX_SIP_PORT GONOPBX_AMI_PORT GONOPBX_DB_PORT
  GONOPBX_RTP_PORTS GONOPBX_LANGUAGE GONOPBX_SIPS_PORT GONOPBX_LOCAL_NETS)
# These have no default, and set to nothing they are forgotten again.
OPTIONAL=(GONOPBX_EXTERNAL_ADDRESS GONOPBX_TLS_CERT GONOPBX_TLS_KEY GONOPBX_TLS_CA GONOPBX_DNS_SERVER GONOPBX_CDR_SPOOL)

default_of() {
  case "$1" in
    GONOPBX_HTTP_HOST | GONOPBX_SIP_HOST) echo 0.0.0.0 ;;
    GONOPBX_HTTP_PORT) echo 3000 ;;
    GONOPBX_SIP_PORT) echo 5060 ;;
    GONOPBX_AMI_PORT) echo 5038 ;;
    GONOPBX_DB_PORT) echo 5442 ;;
    GONOPBX_RTP_PORTS) echo 10000-10100 ;;
    GONOPBX_SIPS_PORT) echo 5061 ;;
    # What no packet from the Internet can come from. Link-local and unique local addresses are the private ones of IPv6.
    GONOPBX_LOCAL_NETS) echo 127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10 ;;
    GONOPBX_LANGUAGE) case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in de*) echo de ;; *) echo en ;; esac ;;
  esac
}

remembered() { as_service sed -n "s/^$1='\(.*\)'$/\1/p" "$DATA/settings" 2>/dev/null || true; }

# A value given now wins over the remembered one, and that over the default.
load_settings() {
  local name value
  need_own_data
  for name in "${REMEMBERED[@]}"; do
    value=${!name:-}
    [ -n "$value" ] || value=$(remembered "$name")
    [ -n "$value" ] || value=$(default_of "$name")
    printf -v "$name" '%s' "$value"
  done
  for name in "${OPTIONAL[@]}"; do
    if [ -z "${!name+set}" ]; then printf -v "$name" '%s' "$(remembered "$name")"; fi
  done
  for name in GONOPBX_HTTP_PORT GONOPBX_SIP_PORT GONOPBX_SIPS_PORT GONOPBX_AMI_PORT GONOPBX_DB_PORT; do check_port "$name" "${!name}"; done
  for name in GONOPBX_HTTP_HOST GONOPBX_SIP_HOST; do
    [[ ${!name} =~ ^[0-9A-Fa-f.:]+$ ]] || fail "$name is \"${!name}\": it must be an address of this machine, such as 127.0.0.1 or 0.0.0.0."
  done
  check_network
  check_resolver
  check_spool
  case "$GONOPBX_LANGUAGE" in de | en) ;; *) fail "GONOPBX_LANGUAGE is \"$GONOPBX_LANGUAGE\": choose de or en." ;; esac
}

# What becomes part of Asterisk's files, and where a mistake would only be seen as calls without sound.
check_network() {
  local net
  [[ $GONOPBX_RTP_PORTS =~ ^([0-9]+)-([0-9]+)$ ]] || fail "GONOPBX_RTP_PORTS is \"$GONOPBX_RTP_PORTS\": write it as 10000-10100."
  RTP_START=${BASH_REMATCH[1]} RTP_END=${BASH_REMATCH[2]}
  check_port GONOPBX_RTP_PORTS "$RTP_START"
  check_port GONOPBX_RTP_PORTS "$RTP_END"
  [ "$RTP_START" -lt "$RTP_END" ] || fail "GONOPBX_RTP_PORTS is \"$GONOPBX_RTP_PORTS\": the first port must be the smaller one."
  [[ $GONOPBX_EXTERNAL_ADDRESS =~ ^([0-9A-Za-z.:-]*)$ ]] ||
    fail "GONOPBX_EXTERNAL_ADDRESS is \"$GONOPBX_EXTERNAL_ADDRESS\": it must be the address, or the host name, under which the Internet reaches this machine."
  for net in ${GONOPBX_LOCAL_NETS//,/ }; do
    [[ $net =~ ^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$ ]] || fail "GONOPBX_LOCAL_NETS has \"$net\": write networks as 192.168.0.0/16, separated by commas."
  done
}

check_resolver() {
  [[ $GONOPBX_DNS_SERVER =~ ^([0-9.]+(:[0-9]{1,5})?)?$ ]] || fail "GONOPBX_DNS_SERVER is \"$GONOPBX_DNS_SERVER\": write it as 192.0.2.53 or 192.0.2.53:53."
}

check_spool() {
  [[ $GONOPBX_CDR_SPOOL =~ ^(/[A-Za-z0-9/._+@~-]+)?$ ]] ||
    fail "GONOPBX_CDR_SPOOL is \"$GONOPBX_CDR_SPOOL\": it must name a folder with its whole path, of plain letters, digits, '.', '_' and '-'."
}

# Only where it is read: whoever stops the system needs none.
check_certificate() {
  check_pem GONOPBX_TLS_CERT "$GONOPBX_TLS_CERT" CERTIFICATE
  check_pem GONOPBX_TLS_KEY "$GONOPBX_TLS_KEY" 'PRIVATE KEY'
}

check_pem() {
  [[ $2 == /* ]] || fail "$1 is \"$2\": it must name a file with its whole path; GONOPBX_TLS_CERT and GONOPBX_TLS_KEY belong together."
  [ -r "$2" ] || fail "$1 names $2, which cannot be read."
  grep -q -- "-----BEGIN .*$3-----" "$2" || fail "$1 names $2, which has no $3 in PEM format."
}

check_port() {
  [[ $2 =~ ^[0-9]{1,5}$ ]] && [ "$2" -ge 1 ] && [ "$2" -le 65535 ] || fail "$1 is \"$2\": a port is a number from 1 to 65535."
}

save_settings() {
  local name
  for name in "${REMEMBERED[@]}" "${OPTIONAL[@]}"; do printf "%s='%s'\n" "$name" "${!name}"; done | put "$DATA/settings"
}

# Asked once, on a terminal only; the data folder remembers the answer.
ask_language() {
  local answer
  if [ -n "${GONOPBX_LANGUAGE:-}" ] || [ -n "$(remembered GONOPBX_LANGUAGE)" ] || [ ! -t 0 ] || [ ! -t 1 ]; then return 0; fi
  while true; do
    read -r -p "Language of the system / Sprache der Anlage [de/en] ($(default_of GONOPBX_LANGUAGE)): " answer || answer=
    case "${answer:-$(default_of GONOPBX_LANGUAGE)}" in
      de | DE | d | D) GONOPBX_LANGUAGE=de ;;
      en | EN | e | E) GONOPBX_LANGUAGE=en ;;
      *) continue ;;
    esac
    return 0
  done
}

make_secrets() {
  local name
  for name in db-owner db-asterisk db-dba ami; do
    as_service test -s "$DATA/secrets/$name" || random_secret | put "$DATA/secrets/$name"
  done
  as_service test -s "$DATA/secrets/jwt" || random_secret 32 | put "$DATA/secrets/jwt"
}

secret() { as_service cat "$DATA/secrets/$1"; }

# Where a client on this machine reaches a listener: 0.0.0.0 is no address to connect to.
reachable() {
  case "$1" in
    0.0.0.0) echo 127.0.0.1 ;;
    ::) echo '[::1]' ;;
    *:*) echo "[$1]" ;;
    *) echo "$1" ;;
  esac
}

server_url() { echo "http://$(reachable "$GONOPBX_HTTP_HOST"):$GONOPBX_HTTP_PORT"; }

database_url() { echo "postgres://$1:$(secret "$2")@127.0.0.1:$GONOPBX_DB_PORT/gonopbx"; }

# Everything a person or a script needs to attach with psql, a phone or a client.
stack_env() {
  cat <<TEXT
GONOPBX_URL='$(server_url)'
DATABASE_URL='$(database_url gonopbx db-owner)'
ASTERISK_DATABASE_URL='$(database_url asterisk db-asterisk)'
DBA_DATABASE_URL='$(database_url gonopbx_dba db-dba)'
GONOPBX_AMI_ADDRESS='127.0.0.1:$GONOPBX_AMI_PORT'
GONOPBX_AMI_USER='gonopbx'
GONOPBX_AMI_SECRET='$(secret ami)'
GONOPBX_SIP_ADDRESS='$(reachable "$GONOPBX_SIP_HOST"):$GONOPBX_SIP_PORT'
GONOPBX_JWT_SECRET='$(secret jwt)'
GONOPBX_CDR_SPOOL='$(cdr_spool)'
TEXT
}

# The folder where Asterisk writes a line for each finished leg of a call; for Asterisk it is always log/asterisk/cdr-csv.
cdr_spool() { echo "${GONOPBX_CDR_SPOOL:-$DATA/log/asterisk/cdr-csv}"; }

write_stack_env() { stack_env | put "$DATA/stack.env"; }
