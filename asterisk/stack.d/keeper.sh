# shellcheck shell=bash
# Keeps Asterisk running: whoever ends it, be it the server for a guided restart, a crash or a signal, it is started again
# with start-up files made anew. Only `stop asterisk`, `down` and `purge` (and the Ctrl-C of `up`) end it for good: they
# take the file run/asterisk.wanted away first.

LONGEST_PAUSE=30

wanted() { [ -e "$DATA/run/asterisk.wanted" ]; }

# A process of its own, in a session of its own. It keeps the rights of whoever started it, because only they may be able
# to read the certificate.
start_keeper() {
  as_service touch "$DATA/run/asterisk.wanted"
  (
    close_inherited
    cd /
    unset GONOPBX_ADMIN_PASSWORD
    GONOPBX_DATA=$DATA setsid --fork "$HERE/stack" keep asterisk "$DATA/"
  ) </dev/null >/dev/null 2>&1
}

keep_asterisk() {
  local began ran status pause=1
  exec 8<"$DATA/run/asterisk.wanted"
  flock -n 8 || return 0
  echo "$$" | put "$DATA/run/asterisk-keeper.pid"
  find_asterisk
  while true; do
    began=$SECONDS status=0
    if alive asterisk; then await_end "$(pid_of asterisk)"; else run_asterisk || status=$?; fi
    wanted || break
    ran=$((SECONDS - began))
    if [ "$ran" -ge 60 ]; then pause=1; fi
    if [ "$status" -eq 0 ] && [ "$ran" -ge 5 ]; then
      note "Asterisk was asked to end and is started again."
    else
      note "Asterisk ended with status $status after $ran s and is started again in $pause s."
      rest "$pause"
      pause=$((pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE))
      wanted || break
    fi
    render_anew
  done
  as_service rm -f "$DATA/run/asterisk-keeper.pid"
}

run_asterisk() {
  (
    # The working folder is the data folder: the path of the spool is relative to it.
    cd "$DATA" || exit 1
    ulimit -n "$(ulimit -H -n)" 2>/dev/null || true
    umask 077
    as_service sh -c "$BECOME" sh "$DATA/run/asterisk.pid" "$DATA/log/asterisk/console.log" \
      env -i "${ASTERISK_ENV[@]}" "${ASTERISK[@]}" -C "$DATA/asterisk/asterisk.conf" -f
  ) 8<&-
}

# One that an earlier keeper started cannot be waited for.
await_end() { until gone "$1" || ! wanted; do sleep 0.5; done; }

rest() {
  local end=$((SECONDS + $1))
  while wanted && [ "$SECONDS" -lt "$end" ]; do sleep 0.1; done
}

# With the scripts and files as they are now: both may have been brought up to date together since Asterisk started.
render_anew() {
  local said
  if said=$("$HERE/stack" render asterisk "$DATA/" 2>&1 8<&-); then
    if [ -n "$said" ]; then note "$said"; fi
  else
    note "The start-up files could not be made anew, so the former ones are used: $said"
  fi
}

note() {
  # shellcheck disable=SC2016  # expanded by the inner shell, which has other rights
  printf '%(%F %T)T %s\n' -1 "$*" | as_service sh -c 'cat >>"$1"' sh "$DATA/log/asterisk/keeper.log" 8<&-
}

# Nothing of it is left when this returns. The keeper may be about to start it, so one look is not enough.
stop_asterisk() {
  local signal=TERM patience=20 deadline=$((SECONDS + 60))
  if [ "$1" = kill ]; then signal=KILL patience=10; fi
  as_service rm -f "$DATA/run/asterisk.wanted"
  end_process asterisk "$signal" "$patience"
  while alive asterisk-keeper; do
    [ "$SECONDS" -lt "$deadline" ] || fail "What keeps Asterisk running (process $(pid_of asterisk-keeper)) does not end."
    end_process asterisk "$signal" "$patience"
    sleep 0.05
  done
}
