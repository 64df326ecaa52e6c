# Sourced by bash: a host that is thrown away, with the Debian package on it, and
# how its service is asked and judged. The first two arguments of who sources it
# are the package and the program package_wishes. Ends the script with 77 if this
# machine cannot make a host to throw away.
source "$(dirname "${BASH_SOURCE[0]}")/throwaway_host.sh"

readonly configuration=/etc/provisiond/provisiond.toml
readonly data=/var/lib/provisiond

say() { printf '== %s\n' "$*"; }

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  if [[ -n $host_init ]]; then
    on_host journalctl --unit provisiond --no-pager --lines 30 --output cat \
      >&2 || true
  fi
  exit 1
}

# Like a test: fails with what was asked for.
holds() { "$@" || fail "does not hold: $*"; }
holds_not() { if "$@"; then fail "holds, but should not: $*"; fi; }

# The folder of the files is in $root.
install_without_systemd() {
  local in=(chroot "$root")
  cp "$DEB" "$root/provisiond.deb"
  export DEBIAN_FRONTEND=noninteractive
  # Takes longer than all the rest.
  rm -f "$root/var/lib/man-db/auto-update"
  "${in[@]}" dpkg --install /provisiond.deb >/dev/null
  "${in[@]}" dpkg --install /provisiond.deb >/dev/null
  [[ -z $("${in[@]}" dpkg --verify provisiond) ]]
  "${in[@]}" getent group provisiond-readers provisiond-admins >/dev/null
  "${in[@]}" getent passwd provisiond-fetch >/dev/null
  [[ $(stat --format '%a %U' "$root$data") == '700 root' ]]
  [[ $(stat --format '%a %U' "$root/run/provisiond") == '755 root' ]]
  "${in[@]}" provisionctl --version >/dev/null
  # What keeps packages from starting services where this test may run.
  rm -f "$root/usr/sbin/policy-rc.d"
}

if [[ ${1:-} == --inside ]]; then
  shift
  inside_host "$@"
fi

export DEB=$1
readonly wishes=$2
obstacle=$(host_obstacle)
if [[ -n $obstacle ]]; then
  echo "SKIP: $obstacle"
  exit 77
fi

# -- the service ---------------------------------------------------------------

property() { on_host systemctl show --property "$1" --value provisiond; }
is_state() { [[ $(property ActiveState) == "$1" ]]; }
main_process() { property MainPID; }
ask() { on_host provisionctl --socket /run/provisiond/api.sock "$@"; }
as_member() { # GROUP COMMAND...
  local group
  group=$(on_host getent group "$1" | cut -d: -f3)
  shift
  on_host setpriv --reuid 65534 --regid 65534 --groups "$group" \
    provisionctl --socket /run/provisiond/api.sock "$@" >/dev/null 2>&1
}

logs() { # TEXT: whether it says so
  on_host journalctl --unit provisiond --output cat | grep -qF -- "$1"
}

provisioned() {
  [[ $(ask list --state provisioned -o name 2>/dev/null | wc -l) -eq $1 ]]
}

set_key() { # SECTION KEY VALUE
  on_host sed -i "/^\[$1\]/,/^\[/ s|^#*$2 = .*|$2 = $3|" "$configuration"
}

is_another_process() { # than PID
  local now
  now=$(main_process)
  [[ $now != 0 && $now != "$1" ]] && is_state active
}

kill_it() { on_host kill -KILL "$(main_process)"; }
restart_it() { on_host systemctl restart provisiond; }

# The customer's, with WORD as package_wishes has it.
have_wishes() { # WORD
  local id
  on_host provisiond identity new --config "$configuration" >/dev/null
  id=$(on_host provisiond identity show --data-dir "$data" \
    | grep -oE '\b[1-9A-HJ-NP-Za-km-z]{43,44}\b' | head -n 1)
  "$wishes" "$id" "$@" | on_host tee "$data/wishes.jsonl" >/dev/null
  set_key replay file "\"$data/wishes.jsonl\""
  set_key replay signatures '"off"'
}

# -- its end -------------------------------------------------------------------

scratch=$(mktemp --directory)
clean_up() {
  local code=$?
  trap - EXIT
  throw_host_away || code=1
  rm -rf "$scratch"
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
