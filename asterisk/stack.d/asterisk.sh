# shellcheck shell=bash
# Asterisk: its start-up files are rendered from asterisk/etc (addresses, ports and secrets only), and it runs with the
# rights of the service account, without chroot.

# Finds the Asterisk to run: the distribution's if it is new enough and complete, else the one in the private root.
# Sets ASTERISK (a command as array), MODULES, SHARE, ODBC_DRIVER and ASTERISK_ENV.
find_asterisk() {
  ASTERISK_ENV=(PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "HOME=$DATA/var" "ODBCSYSINI=$DATA/asterisk" "ODBCINI=$DATA/asterisk/odbc.ini")
  if distribution_asterisk; then
    ASTERISK=(/usr/sbin/asterisk)
    MODULES=$DISTRIBUTION_MODULES
    SHARE=/usr/share/asterisk
    [ -d "$SHARE" ] || SHARE=/var/lib/asterisk
    ODBC_DRIVER=$(odbc_driver_below /)
  elif root_is_complete; then
    local lib=$ASTERISK_ROOT/usr/lib/$MULTIARCH
    # Its own loader finds its own libraries, and the machine's are never mixed in: no chroot, and so no root rights.
    ASTERISK=("$(root_loader)" --inhibit-cache --library-path "$lib:$ASTERISK_ROOT/usr/lib" "$ASTERISK_ROOT/usr/sbin/asterisk")
    MODULES=$lib/asterisk/modules
    SHARE=$ASTERISK_ROOT/usr/share/asterisk
    ODBC_DRIVER=$(odbc_driver_below "$ASTERISK_ROOT")
    ASTERISK_ENV+=("GCONV_PATH=$lib/gconv" "LOCPATH=$ASTERISK_ROOT/usr/lib/locale" "OPENSSL_CONF=$ASTERISK_ROOT/etc/ssl/openssl.cnf"
      "OPENSSL_MODULES=$lib/ossl-modules")
  else
    fail "Asterisk 22.2 or newer with its PostgreSQL modules is not installed: run \`sudo make install\`."
  fi
  [ -n "$ODBC_DRIVER" ] || fail "The ODBC driver of PostgreSQL is not installed: run \`sudo make install\`."
}

odbc_driver_below() { find "${1%/}/usr/lib/$MULTIARCH/odbc" -name psqlodbcw.so -print -quit 2>/dev/null || true; }

# 22.2 is the first with ps_auths.password_digest.
distribution_asterisk() {
  local version dir
  [ -x /usr/sbin/asterisk ] || return 1
  version=$(/usr/sbin/asterisk -V 2>/dev/null | sed -n 's/^Asterisk \([0-9][0-9.]*\).*/\1/p')
  [ -n "$version" ] && [ "$(printf '%s\n' 22.2 "$version" | sort -V | head -n 1)" = 22.2 ] || return 1
  for dir in "/usr/lib/$MULTIARCH/asterisk/modules" /usr/lib/asterisk/modules; do
    if [ -e "$dir/res_config_pgsql.so" ] && [ -e "$dir/cdr_pgsql.so" ] && [ -e "$dir/app_voicemail_odbc.so" ]; then
      DISTRIBUTION_MODULES=$dir
      return 0
    fi
  done
  return 1
}

# Modules that not every build has.
optional_modules() {
  local module
  for module in codec_opus_open_source codec_opus res_format_attr_opus; do
    if [ -e "$MODULES/$module.so" ]; then echo "load = $module.so"; fi
  done
}

# What others must be told instead of our own address, unless they are in a local network.
nat_of_transport() {
  local net
  [ -n "$GONOPBX_EXTERNAL_ADDRESS" ] || return 0
  echo "external_signaling_address = $GONOPBX_EXTERNAL_ADDRESS"
  echo "external_media_address = $GONOPBX_EXTERNAL_ADDRESS"
  for net in ${GONOPBX_LOCAL_NETS//,/ }; do echo "local_net = $net"; done
}

# Trunks use it as a client, which needs no certificate of ours; phones can use it when there is one. It is one transport
# for both: with a second one PJSIP takes whichever it finds first.
tls_transport() {
  cat <<TEXT
[transport-tls]
type = transport
protocol = tls
bind = $(bracketed "$GONOPBX_SIP_HOST"):$(tls_port)
method = tlsv1_2
verify_server = yes
allow_wildcard_certs = yes
ca_list_file = $DATA/var/keys/sip-ca.pem
$(nat_of_transport)
TEXT
  [ -n "$GONOPBX_TLS_CERT" ] || return 0
  cat <<TEXT
cert_file = $DATA/var/keys/sip-cert.pem
priv_key_file = $DATA/var/keys/sip-key.pem
TEXT
}

# PJSIP has no client without a listener. Without a certificate that refuses every handshake, so it stays away from the
# ports that people choose and that the kernel gives to connections; the same data folder gets the same one.
tls_port() {
  local port sum
  if [ -n "$GONOPBX_TLS_CERT" ]; then
    echo "$GONOPBX_SIPS_PORT"
    return 0
  fi
  sum=$(cksum <<<"$DATA")
  port=$((61000 + ${sum%% *} % 4000))
  while port_in_use tcp "$port"; do port=$((port + 1)); done
  echo "$port"
}

# Whom a provider's certificate may come from: the machine's list, else that of the private root, and who is named.
trusted_certificates() {
  cat /etc/ssl/certs/ca-certificates.crt 2>/dev/null || cat "$ASTERISK_ROOT/etc/ssl/certs/ca-certificates.crt" 2>/dev/null || true
  [ -z "$GONOPBX_TLS_CA" ] || cat "$GONOPBX_TLS_CA"
}

# The same care for the list of those to trust.
copy_authorities() {
  local why list=$DATA/var/keys/sip-ca.pem
  if [ -n "$GONOPBX_TLS_CA" ] && ! why=$(check_pem GONOPBX_TLS_CA "$GONOPBX_TLS_CA" CERTIFICATE 2>&1); then
    as_service test -s "$list" || fail "${why#gonopbx: }"
    say "${why#gonopbx: } The list of the last start is used."
  else
    trusted_certificates | put "$list"
  fi
}

# Certificates often belong to root or to a web server, so Asterisk gets copies. One that cannot be read when Asterisk is
# started again, because it is just being renewed, must not keep it from starting.
copy_certificate() {
  local why cert=$DATA/var/keys/sip-cert.pem key=$DATA/var/keys/sip-key.pem
  copy_authorities
  if [ -z "$GONOPBX_TLS_CERT$GONOPBX_TLS_KEY" ]; then
    as_service rm -f "$cert" "$key"
  elif why=$(check_certificate 2>&1); then
    put "$cert" <"$GONOPBX_TLS_CERT"
    put "$key" <"$GONOPBX_TLS_KEY"
  elif as_service test -s "$cert" && as_service test -s "$key"; then
    say "${why#gonopbx: } The certificate of the last start is used."
  else
    fail "${why#gonopbx: }"
  fi
}

# A server of its own replaces the machine's; Asterisk's resolver writes a port behind an @.
nameserver() {
  if [ -z "$GONOPBX_DNS_SERVER" ]; then
    echo "resolv = system"
  else
    printf 'resolv =\nnameserver = %s\n' "${GONOPBX_DNS_SERVER/:/@}"
  fi
}

# The network as Asterisk tells it to who asks for PBX_NETWORK: address, networks, ports for audio, for SIP, for SIP over
# TLS. An empty last field: no certificate.
network_line() {
  printf '%s|%s|%s|%s|%s' "$GONOPBX_EXTERNAL_ADDRESS" "$GONOPBX_LOCAL_NETS" "$GONOPBX_RTP_PORTS" "$GONOPBX_SIP_PORT" \
    "${GONOPBX_TLS_CERT:+$GONOPBX_SIPS_PORT}"
}

asterisk_render() {
  local file text default
  # What this script was given stays as it is for a later start; `local` makes these this function's own.
  local GONOPBX_EXTERNAL_ADDRESS=$GONOPBX_EXTERNAL_ADDRESS GONOPBX_LOCAL_NETS=$GONOPBX_LOCAL_NETS
  local GONOPBX_RTP_PORTS=$GONOPBX_RTP_PORTS RTP_START=$RTP_START RTP_END=$RTP_END
  default=$(network_line)
  find_asterisk
  take_saved_network
  copy_certificate
  declare -A value=(
    [DATA]=$DATA [MODULES]=$MODULES [SHARE]=$SHARE [ODBC_DRIVER]=$ODBC_DRIVER [LANGUAGE]=$GONOPBX_LANGUAGE
    [SIP_HOST]=$(bracketed "$GONOPBX_SIP_HOST") [SIP_PORT]=$GONOPBX_SIP_PORT [RTP_START]=$RTP_START [RTP_END]=$RTP_END
    [AMI_HOST]=127.0.0.1 [AMI_PERMIT]=127.0.0.1/255.255.255.255 [AMI_PORT]=$GONOPBX_AMI_PORT [AMI_SECRET]=$(secret ami)
    [NETWORK]=$(network_line) [NETWORK_DEFAULT]=$default
    [NAT]=$(nat_of_transport) [TLS_TRANSPORT]=$(tls_transport) [NAMESERVER]=$(nameserver)
    [DB_HOST]=127.0.0.1 [DB_PORT]=$GONOPBX_DB_PORT [DB_PASSWORD]=$(secret db-asterisk) [OPTIONAL_MODULES]=$(optional_modules)
  )
  for file in "$HERE"/etc/*; do
    text=$(<"$file")
    fill value
    put "$DATA/asterisk/$(basename "$file")" <<<"$text"
  done
  copy_music
  make_cdr_spool
}

# cdr_csv.c writes to a fixed folder below the logs; where the spool is elsewhere (a volume that the server's container
# mounts too), that is a link to it.
make_cdr_spool() {
  local fixed=$DATA/log/asterisk/cdr-csv spool before
  spool=$(cdr_spool)
  before=$(as_service readlink -- "$fixed" || true)
  if [ "$spool" = "$fixed" ]; then
    [ -z "$before" ] || as_service rm -f "$fixed"
    as_service mkdir -p "$fixed"
    [ -z "$before" ] || move_spool "$before" "$fixed"
    return 0
  fi
  as_service mkdir -p "$spool" || fail "GONOPBX_CDR_SPOOL names $spool, which cannot be made: choose a folder that the account of Asterisk may write to."
  as_service test -w "$spool" || fail "GONOPBX_CDR_SPOOL names $spool, which the account of Asterisk may not write to."
  if [ -n "$before" ]; then
    [ "$before" = "$spool" ] || move_spool "$before" "$spool"
  elif as_service test -d "$fixed"; then
    move_spool "$fixed" "$spool"
    # shellcheck disable=SC2016
    as_service sh -c 'rmdir "$1" 2>/dev/null || mv "$1" "$1.$(date +%s)"' sh "$fixed"
  fi
  as_service ln -sfn "$spool" "$fixed"
}

# move_spool FROM TO: what nobody has read yet moves along, and the server knows each file by its first line.
move_spool() {
  # shellcheck disable=SC2016  # expanded by the inner shell, which has other rights
  as_service sh -c 'for file in "$1/Master.csv" "$1"/Master.*.csv; do
      [ -f "$file" ] || continue
      name=${file##*/}
      [ "$name" != Master.csv ] || name=Master.$(date +%s).csv
      mv -n "$file" "$2/$name"
    done' sh "$1" "$2"
}

# Music on hold is read while calls go on, by an account that may not look into the repository. A class of one's own is a
# folder beside this one, or any other that the account can read.
copy_music() {
  local file
  as_service mkdir -p "$DATA/moh/default"
  for file in "$HERE"/moh/default/*.alaw; do put "$DATA/moh/default/$(basename "$file")" <"$file"; done
}

# fill TABLE: replaces each @NAME@ in $text.
fill() {
  local -n table=$1
  local name
  for name in "${!table[@]}"; do text=${text//"@$name@"/"${table[$name]}"}; done
  if [[ $text =~ @[A-Z_]+@ ]]; then fail "asterisk/etc/$(basename "$file") has an unknown name: ${BASH_REMATCH[0]}"; fi
}

bracketed() { case "$1" in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }

start_asterisk() {
  if alive asterisk; then
    alive asterisk-keeper || start_keeper
    return 0
  fi
  need_schema
  stop_asterisk gently
  asterisk_render
  need_free_port udp "$GONOPBX_SIP_PORT" GONOPBX_SIP_PORT
  need_free_port tcp "$GONOPBX_SIP_PORT" GONOPBX_SIP_PORT
  if [ -n "$GONOPBX_TLS_CERT" ]; then need_free_port tcp "$GONOPBX_SIPS_PORT" GONOPBX_SIPS_PORT; fi
  need_free_port tcp "$GONOPBX_AMI_PORT" GONOPBX_AMI_PORT
  as_service rm -f "$DATA/run/asterisk.pid"
  start_keeper
  if ! await 60 up_or_dead asterisk asterisk_booted || ! alive asterisk; then
    last_lines "$DATA/log/asterisk/console.log" >&2
    stop_asterisk kill
    fail "Asterisk did not start; the lines above and the files in $DATA/log/asterisk say why."
  fi
}

asterisk_booted() { asterisk_remote 'core waitfullybooted' 2>/dev/null | grep -q 'fully booted'; }

# up_or_dead PART TEST: to wait for. Its pid file appears a moment after the start; before that there is nothing to judge.
up_or_dead() {
  local pid
  pid=$(pid_of "$1") || return 1
  gone "$pid" || "$2"
}

asterisk_remote() {
  as_service timeout 60 env -i "${ASTERISK_ENV[@]}" "${ASTERISK[@]}" -C "$DATA/asterisk/asterisk.conf" -rx "$1" 9<&-
}

asterisk_cli() {
  [ -n "${1:-}" ] || fail "Say which command: asterisk/stack cli 'core show channels'."
  alive asterisk || fail "Asterisk does not run: start it with \`asterisk/stack start asterisk\`."
  find_asterisk
  asterisk_remote "$*"
}
