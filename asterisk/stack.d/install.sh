# shellcheck shell=bash
# What the machine needs, and only what is missing. Packages and the private root need root; nothing else does.

APT_UPDATED=

exclusively_install() {
  install -d -m 755 "$STATE"
  exec 8>"$STATE/install.lock"
  flock -w 3600 8 || fail "Another installation has been running for an hour: end it, and try again."
}

has() { command -v "$1" >/dev/null 2>&1; }

apt_install() {
  local log=$STATE/packages.log
  if [ -z "$APT_UPDATED" ]; then
    say "Reading the package lists ..."
    apt-get -qq update >"$log" 2>&1 || say "Not every package list could be read ($log); trying with those that could."
    APT_UPDATED=yes
  fi
  say "Installing $* ..."
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends "$@" >>"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    fail "The packages $* could not be installed; the lines above and $log say why."
  }
}

# A name that other packages mention is known to apt without being there to install.
apt_has() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q '^ *Candidate: [^(]'; }

# provide [--tests]
provide() {
  local tests=${1:-} missing
  case "$tests" in '' | --tests) ;; *) fail "install knows one option: --tests." ;; esac
  missing=$(missing_parts "$tests")
  if [ -n "$missing" ]; then
    if ! is_root; then
      fail "This machine lacks $missing: an administrator must run \`sudo $(admin_command "$tests")\` once."
    fi
    has apt-get || fail "This machine lacks $missing, and it has no apt-get: install them with its own package manager."
    install_parts "$tests"
    missing=$(missing_parts "$tests")
    [ -z "$missing" ] || fail "After the installation this machine still lacks $missing: see $STATE/packages.log."
  fi
  # With sudo the rest belongs to the person and not to root: that person's own `make up` does it.
  if is_root && [ -n "${SUDO_USER:-}" ] && [ "$COMMAND" = install ]; then return 0; fi
  need_rust
  fetch_static
}

admin_command() {
  if [ "$1" = --tests ]; then echo "$HERE/stack install --tests"; else echo "make install"; fi
}

missing_parts() {
  local parts=()
  if is_root && ! id "$SERVICE_USER" >/dev/null 2>&1; then parts+=("the account $SERVICE_USER"); fi
  DATA=/nonexistent find_postgres || parts+=("a PostgreSQL server ($OLDEST_POSTGRES to $NEWEST_POSTGRES)")
  if distribution_asterisk; then
    [ -n "$(odbc_driver_below /)" ] || parts+=("psqlODBC")
  else
    root_is_complete || parts+=("Asterisk 22.2 or newer")
  fi
  has cc || parts+=("a C compiler")
  has_certificates || parts+=("the certificates of the package registries")
  has npm || static_is_fetched || parts+=("npm")
  rust_can_be_had || parts+=("Rust $(needed_rust)")
  if [ "$1" = --tests ]; then
    has sipp || parts+=("SIPp")
    has aiosmtpd || parts+=("the mail server aiosmtpd")
    { has chromium && has chromedriver; } || parts+=("Chromium and its driver")
  fi
  joined "${parts[@]}"
}

joined() {
  local text=${1:-} i
  for ((i = 2; i <= $#; i++)); do
    if [ "$i" -eq $# ]; then text+=" and ${!i}"; else text+=", ${!i}"; fi
  done
  printf '%s' "$text"
}

install_parts() {
  local packages=()
  exclusively_install
  id "$SERVICE_USER" >/dev/null 2>&1 || make_service_user
  DATA=/nonexistent find_postgres || { no_default_cluster && packages+=(postgresql); }
  has cc || packages+=(gcc libc6-dev)
  has_certificates || packages+=(ca-certificates)
  has npm || static_is_fetched || packages+=(nodejs npm)
  if [ "$1" = --tests ]; then
    has sipp || packages+=(sip-tester)
    has aiosmtpd || packages+=(python3-aiosmtpd)
    { has chromium && has chromedriver; } || packages+=($(chromium_packages))
  fi
  if [ ${#packages[@]} -gt 0 ]; then apt_install "${packages[@]}"; fi
  if [ "$1" = --tests ] && ! { has chromium && has chromedriver; }; then chromium_from_root; fi
  install_asterisk
  rust_can_be_had || install_rust
}

has_certificates() { [ -e /etc/ssl/certs/ca-certificates.crt ]; }

make_service_user() {
  useradd --system --user-group --home-dir "$STATE" --no-create-home --shell /usr/sbin/nologin "$SERVICE_USER" ||
    fail "The account $SERVICE_USER could not be made: create it with useradd, and try again."
}

# Debian's package would make and start a cluster of its own, which nobody asked for.
no_default_cluster() {
  install -d -m 755 /etc/postgresql-common/createcluster.d
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/gonopbx.conf
}

install_asterisk() {
  if distribution_asterisk; then
    [ -n "$(odbc_driver_below /)" ] || apt_install odbc-postgresql
    return 0
  fi
  if root_is_complete; then return 0; fi
  make_root
}

need_debootstrap() {
  if ! has debootstrap || ! has gpgv || [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
    apt_install debootstrap debian-archive-keyring gpgv
  fi
}

# ------------------------------------------------------------------------------------------------------------- Rust

needed_rust() { sed -n 's/^rust-version *= *"\(.*\)"/\1/p' "$REPOSITORY/Cargo.toml" | head -n 1; }

# rust_is_new CARGO: its compiler too, because a cargo may stand beside an older rustc.
rust_is_new() {
  local tool version
  for tool in "$1" "$(dirname "$1")/rustc"; do
    version=$("$tool" --version 2>/dev/null | cut -d' ' -f2)
    [ -n "$version" ] && [ "$(printf '%s\n' "$(needed_rust)" "${version%%-*}" | sort -V | head -n 1)" = "$(needed_rust)" ] || return 1
  done
}

# The folder of a new enough cargo: the user's own, rustup's, or the one through the private root.
find_rust() {
  local dir home=${HOME:-/root}
  # `sudo make install` is for the person who asked, whatever root has in its own home.
  if [ "$COMMAND" = install ] && [ -n "${SUDO_USER:-}" ]; then home=$(getent passwd "$SUDO_USER" | cut -d: -f6); fi
  for dir in "$(dirname "$(command -v cargo 2>/dev/null || echo /usr/bin/cargo)")" "${CARGO_HOME:-$home/.cargo}/bin" "$STATE/rust/bin"; do
    if [ -x "$dir/cargo" ] && rust_is_new "$dir/cargo"; then
      printf '%s' "$dir"
      return 0
    fi
  done
  return 1
}

# Where rustup is, a toolchain is one command of the user's own away.
rust_can_be_had() { find_rust >/dev/null || has rustup; }

need_rust() {
  if find_rust >/dev/null; then return 0; fi
  say "Fetching the stable Rust toolchain with rustup ..."
  rustup toolchain install stable --profile minimal --component clippy,rustfmt && rustup default stable >/dev/null 2>&1 || true
  find_rust >/dev/null || fail "Rust $(needed_rust) or newer is needed: run \`rustup update stable && rustup default stable\`."
}

with_rust() {
  local dir
  dir=$(find_rust) || fail "Rust $(needed_rust) or newer is not installed: run \`make install\`."
  PATH=$dir:$PATH "$@"
}

install_rust() {
  if [ -z "$APT_UPDATED" ] && ! apt_has rustup; then
    apt-get -qq update >/dev/null 2>&1 || true
    APT_UPDATED=yes
  fi
  if apt_has rustup; then
    apt_install rustup
  else
    rust_from_root
  fi
}

# ------------------------------------------------------------------------------------------------ files for the browser

# htmx is fetched by npm with the checksums of the lock file, and no package of it may run a script.
static_is_fetched() {
  [ ! -e "$REPOSITORY/static/package-lock.json" ] || {
    [ -e "$REPOSITORY/static/node_modules/.package-lock.json" ] &&
      [ ! "$REPOSITORY/static/package-lock.json" -nt "$REPOSITORY/static/node_modules/.package-lock.json" ]
  }
}

fetch_static() {
  if static_is_fetched; then return 0; fi
  say "Fetching htmx ..."
  (cd "$REPOSITORY/static" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >/dev/null ||
    fail "htmx could not be fetched with npm; the lines above say why."
}

# -------------------------------------------------------------------------------------------------------------- browser

# Ubuntu's package is a doorway to a snap, which has no driver for tests and does not run in containers.
chromium_packages() {
  if ! grep -qi '^ID=ubuntu' /etc/os-release; then echo chromium chromium-driver fonts-liberation; fi
}
