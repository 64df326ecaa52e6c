#!/usr/bin/env bash
# What the package brings for systemd, judged by systemd's own programs, and the
# configuration that it brings, by the daemon. Needs no right of root but for
# users and folders.
#
#   unit_test.sh DEB PROVISIOND
#
# Run from the root of the sources.
set -euo pipefail

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

root=$(mktemp --directory)
trap 'rm -rf "$root"' EXIT
dpkg-deb --extract "$1" "$root"
unit=$root/usr/lib/systemd/system/provisiond.service
examples=$root/usr/share/doc/provisiond/examples

# Programs and pages are not where an installed unit finds them.
is_sound() { # UNIT PROVISIOND
  local copy=$root/$1.service complaints
  sed -e "s|^ExecStart=/usr/bin/provisiond|ExecStart=$2|" \
    -e '/^Documentation=/d' "$root/usr/lib/systemd/system/$1.service" >"$copy"
  complaints=$(systemd-analyze verify "$copy" 2>&1 | grep -F "$1.service") \
    || true
  [[ -z $complaints ]] || fail "$complaints"
}

units_are_sound() {
  local unit
  for unit in provisiond-workloads provisiond-worker provisiond; do
    is_sound "$unit" "$1"
  done
  # It would complain if there were something to complain of.
  sed -i 's/^Restart=.*/Restart=maybe/' "$root/provisiond.service"
  [[ $(systemd-analyze verify "$root/provisiond.service" 2>&1 || true) \
    == *maybe* ]] || fail 'systemd-analyze finds no fault in a faulty unit'
}

# The figures that docs/operators_guide.md shows, of 10.0, which is the worst: of
# the unit, with what containers and machines need, and without privileges.
promised() { # UNIT WHICH
  sed -n "s/^.*exposure level for $1.service: \([0-9.]*\) .*/\1/p" \
    docs/operators_guide.md | sed -n "$2p"
}

exposure_is_promised() { # UNIT WHICH
  local line figure
  figure=$(promised "$1" "$2")
  line=$(systemd-analyze security --no-pager --offline=true --root="$root" \
    --threshold="${figure/./}" "$1.service" | tail -n 1) \
    || fail "more than $figure: $line"
  echo "$line"
  [[ $line == *": $figure "* ]] || fail "the guide says $figure"
}

with_drop_ins() { # NAME...
  local folder=$root/etc/systemd/system/provisiond.service.d name
  rm -rf "$folder"
  mkdir -p "$folder"
  for name in "$@"; do cp "$examples/$name.conf" "$folder"; done
}

exposure_is_small() {
  exposure_is_promised provisiond 1
  with_drop_ins containers machines
  exposure_is_promised provisiond 2
  with_drop_ins unprivileged
  exposure_is_promised provisiond 3
  exposure_is_promised provisiond-worker 1
}

# Mounts and namespaces have to be the host's: man 5 systemd.exec says which
# settings would give the daemon its own.
stays_in_the_mounts_of_the_host() {
  local found
  found=$(grep -nE '^(Private(Mounts|Tmp|Devices|IPC)|Protect(System|Home|Proc|Kernel[A-Za-z]*|ControlGroups)|ProcSubset|ReadOnlyPaths|ReadWritePaths|InaccessiblePaths|ExecPaths|NoExecPaths|TemporaryFileSystem|Bind[A-Za-z]*Paths|MountFlags|RootDirectory|RootImage|MountImages|DynamicUser|LogNamespace)=' \
    "$unit" "${unit/provisiond./provisiond-worker.}" \
    "$examples"/{containers,machines}.conf) \
    && fail "gives the daemon mounts of its own: $found"
  grep -qx 'KillMode=process' "$unit" || fail 'tunnels would end with the daemon'
}

users_and_folders_are_made() {
  if [[ $(id -u) -ne 0 ]]; then
    echo 'not root: users and folders are not tried'
    return
  fi
  local round
  for round in first second; do
    systemd-sysusers --root="$root" provisiond.conf
    systemd-tmpfiles --root="$root" --create provisiond.conf
  done
  grep -q '^provisiond-readers:' "$root/etc/group" || fail 'no group of readers'
  grep -q '^provisiond-admins:' "$root/etc/group" || fail 'no group of admins'
  grep -q '^provisiond:.*:/usr/sbin/nologin$' "$root/etc/passwd" \
    || fail 'no user'
  grep -q '^provisiond-fetch:x:[1-9].*:/usr/sbin/nologin$' "$root/etc/passwd" \
    || fail 'no user for fetching images'
  [[ $(stat --format '%a' "$root/var/lib/provisiond") == 700 ]] \
    || fail 'the data folder is open to others'
  [[ $(stat --format '%a' "$root/run/provisiond") == 755 ]] \
    || fail "the socket's folder is closed to members"
}

configuration_is_read() {
  local file=$root/etc/provisiond/provisiond.toml message
  message=$("$1" check --config "$file" 2>&1) \
    && fail 'a source of reservations is invented'
  grep -qF 'explorer.url: there is no source' <<<"$message" || fail "$message"
  sed -i 's|^#url = ""|url = "https://explorer.example.org"|' "$file"
  "$1" check --config "$file"
  for group in reader admin; do
    grep -qE "^${group}_group = \"provisiond-${group}s\"$" "$file" \
      || fail "no group of ${group}s is set"
  done
}

units_are_sound "$2"
exposure_is_small
stays_in_the_mounts_of_the_host
users_and_folders_are_made
configuration_is_read "$2"
