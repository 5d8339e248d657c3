# shellcheck shell=bash
# The private root: a small Debian testing in a folder, for machines whose distribution has no recent Asterisk (or Rust).
# Its programs are started through its own loader, so they run without chroot and without root rights.

STATE=/var/lib/gonopbx
ASTERISK_ROOT=${GONOPBX_ASTERISK_ROOT:-$STATE/asterisk-root}
ROOT_SUITE=forky
ROOT_PACKAGES=(asterisk odbc-postgresql asterisk-core-sounds-en-wav asterisk-prompt-de)

case "$(uname -m)" in
  x86_64) MULTIARCH=x86_64-linux-gnu LOADER=ld-linux-x86-64.so.2 ;;
  aarch64) MULTIARCH=aarch64-linux-gnu LOADER=ld-linux-aarch64.so.1 ;;
  *) MULTIARCH=$(uname -m)-linux-gnu LOADER=ld.so ;;
esac

root_loader() { echo "$ASTERISK_ROOT/usr/lib/$MULTIARCH/$LOADER"; }

root_stamp() { echo "$ASTERISK_ROOT/etc/gonopbx-packages"; }

# The stamp is the last thing written, and names what was asked for: a later version that needs more finds out.
root_is_complete() { [ "$(cat "$(root_stamp)" 2>/dev/null)" = "${ROOT_PACKAGES[*]}" ] && [ -x "$(root_loader)" ]; }

# Debian's address as this machine's own package manager knows it. Where the machine is no Debian, nothing is printed,
# and debootstrap uses its own default.
debian_mirror() {
  local uri
  if [ -n "${GONOPBX_DEBIAN_MIRROR:-}" ]; then
    echo "$GONOPBX_DEBIAN_MIRROR"
    return 0
  fi
  uri=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n 's/^Debian|Debian|//p' | head -n 1)
  # Cloud images name a file with a list of mirrors.
  case "$uri" in
    mirror+file:*)
      uri=${uri#mirror+file:}
      uri=$(awk 'NF && $1 !~ /^#/ { print $1; exit }' "${uri%/}" 2>/dev/null)
      ;;
  esac
  printf '%s' "$uri"
}

# Mounts that debootstrap makes end with it, whatever happens to it, where the machine allows a mount namespace.
aside() {
  if unshare --mount true 2>/dev/null; then unshare --mount -- "$@"; else "$@"; fi
}

in_root() {
  local root=$1
  shift
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    "http_proxy=${http_proxy:-}" "https_proxy=${https_proxy:-}" "$@"
}

# apt_in_root ROOT ARGUMENTS...: the index of a testing snapshot may be past its date; it is signed all the same.
apt_in_root() {
  local root=$1
  shift
  in_root "$root" apt-get -qq -o Acquire::Check-Valid-Until=false -o Dpkg::Use-Pty=0 "$@"
}

add_to_root() {
  local root=$1
  shift
  apt_in_root "$root" update
  apt_in_root "$root" install --yes --no-install-recommends "$@"
  apt_in_root "$root" clean
  rm -rf "$root"/var/lib/apt/lists/*
}

# The machine's proxy for packages is good for the root's as well.
take_apt_proxy() {
  local proxy
  proxy=$(apt-config shell P Acquire::http::Proxy 2>/dev/null | sed -n "s/^P='\(.*\)'$/\1/p")
  if [ -n "$proxy" ] && [ "$proxy" != DIRECT ]; then export http_proxy=$proxy; fi
}

# Absolute links lead into the machine when nobody has changed root; those below the prompts are made relative.
relink_prompts() {
  local root=$1 link target
  for link in "$root"/usr/share/asterisk/sounds/*; do
    [ -L "$link" ] || continue
    target=$(in_root "$root" readlink -f "${link#"$root"}") || continue
    if [ -d "$root$target" ]; then ln -sfn --relative "$root$target" "$link"; fi
  done
}

make_root() {
  local new=$ASTERISK_ROOT.new mirror log=$STATE/asterisk-root.log
  install -d -m 755 "$STATE" "$(dirname "$ASTERISK_ROOT")"
  exclusively_install
  if root_is_complete; then return 0; fi
  take_apt_proxy
  if [ -x "$(root_loader)" ]; then
    say "Adding packages to the private Asterisk in $ASTERISK_ROOT ..."
    add_to_root "$ASTERISK_ROOT" "${ROOT_PACKAGES[@]}" >>"$log" 2>&1 || root_failed "$log"
    relink_prompts "$ASTERISK_ROOT"
    echo "${ROOT_PACKAGES[*]}" >"$(root_stamp)"
    return 0
  fi
  need_debootstrap
  mirror=$(debian_mirror)
  say "Making a private Asterisk in $ASTERISK_ROOT (Debian $ROOT_SUITE, about 400 MB, one or two minutes) ..."
  rm -rf --one-file-system "$new"
  # "sid" is the recipe for suites that this machine's debootstrap does not know yet.
  # shellcheck disable=SC2086  # no mirror is no argument
  aside debootstrap --variant=minbase --include=ca-certificates --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
    "$ROOT_SUITE" "$new" $mirror ${mirror:+/usr/share/debootstrap/scripts/sid} >"$log" 2>&1 || root_failed "$log"
  printf '#!/bin/sh\nexit 101\n' >"$new/usr/sbin/policy-rc.d" # no package may start a service
  chmod 755 "$new/usr/sbin/policy-rc.d"
  add_to_root "$new" "${ROOT_PACKAGES[@]}" >>"$log" 2>&1 || root_failed "$log"
  relink_prompts "$new"
  echo "${ROOT_PACKAGES[*]}" >"$new/etc/gonopbx-packages"
  chmod 755 "$new"
  rm -rf --one-file-system "$ASTERISK_ROOT"
  mv "$new" "$ASTERISK_ROOT"
}

root_failed() {
  tail -n 15 "$1" >&2 || true
  fail "The private Asterisk could not be made; the lines above and $1 say why. Set GONOPBX_DEBIAN_MIRROR if this machine reaches Debian under another address."
}

# For distributions with neither a new enough Rust nor rustup. What it compiles is linked by the machine's own C compiler
# against the machine's own libraries, and runs without the root.
rust_from_root() {
  local bin=$STATE/rust/bin log=$STATE/asterisk-root.log
  make_root
  take_apt_proxy
  say "Installing Rust into $ASTERISK_ROOT (about 700 MB) ..."
  add_to_root "$ASTERISK_ROOT" rustc cargo >>"$log" 2>&1 || root_failed "$log"
  install -d -m 755 "$STATE/rust" "$bin"
  # A compiler started by its loader cannot find its libraries from the path of its program.
  root_wrapper rustc "--sysroot='$ASTERISK_ROOT/usr'" >"$bin/rustc"
  root_wrapper rustdoc "--sysroot='$ASTERISK_ROOT/usr'" >"$bin/rustdoc"
  # Cargo would tell build scripts that the loader is cargo.
  root_wrapper cargo "" "CARGO='$bin/cargo'" >"$bin/cargo"
  chmod 755 "$bin"/*
}

# root_wrapper PROGRAM ARGUMENT ENVIRONMENT: a script that runs a program of the root on this machine.
root_wrapper() {
  cat <<TEXT
#!/bin/sh
# Made by GonoPBX: a program of the private root, run by its own loader.
$([ -z "${3:-}" ] || echo "export $3")
exec '$(root_loader)' --inhibit-cache --library-path '$ASTERISK_ROOT/usr/lib/$MULTIARCH' '$ASTERISK_ROOT/usr/bin/$1' $2 "\$@"
TEXT
}

# For distributions whose Chromium is only a doorway to a snap. It starts copies of itself, which the loader's trick does
# not reach, so it sees the root as its whole machine; it shares /tmp with the tests.
chromium_from_root() {
  local log=$STATE/asterisk-root.log program
  has bwrap || apt_install bubblewrap
  make_root
  take_apt_proxy
  say "Installing Chromium into $ASTERISK_ROOT (about 400 MB) ..."
  add_to_root "$ASTERISK_ROOT" chromium chromium-driver fonts-liberation >>"$log" 2>&1 || root_failed "$log"
  for program in chromium chromedriver; do
    cat >"/usr/local/bin/$program" <<TEXT
#!/bin/sh
# Made by GonoPBX: a program of its private root, for the tests.
exec bwrap --die-with-parent --bind '$ASTERISK_ROOT' / --dev-bind /dev /dev --proc /proc --ro-bind /sys /sys --bind /tmp /tmp \\
  --ro-bind /etc/resolv.conf /etc/resolv.conf --ro-bind /etc/hosts /etc/hosts --setenv HOME /tmp -- /usr/bin/$program "\$@"
TEXT
    chmod 755 "/usr/local/bin/$program"
  done
}
