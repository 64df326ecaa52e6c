#!/usr/bin/env bash
# Installs the Debian packages that a list names and that are missing.
#
#   scripts/install_packages.sh LIST...
#
# A list holds one package per line; '#' starts a comment. Nothing is asked of
# apt when all are present. Without root and without password-free sudo it
# prints the line to run and ends with 2. SKIP_PACKAGES=1 leaves all to you.
set -euo pipefail

readonly nothing_done=2

if [[ $# -eq 0 ]]; then
  echo "usage: $0 LIST..." >&2
  exit "$nothing_done"
fi

if [[ "${SKIP_PACKAGES:-}" == 1 ]]; then
  exit 0
fi

for list in "$@"; do
  if [[ ! -r "$list" ]]; then
    echo "$0: cannot read $list" >&2
    exit "$nothing_done"
  fi
done

mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' -- "$@")

if ! command -v dpkg-query >/dev/null; then
  echo "This is not Debian or a relative of it. Install what these Debian" >&2
  echo "packages hold, then run again with SKIP_PACKAGES=1:" >&2
  echo "  ${wanted[*]}" >&2
  exit "$nothing_done"
fi

# dpkg-query fails if it knows nothing of a package; that is an answer here.
present=$(dpkg-query --show --showformat='${db:Status-Abbrev} ${Package}\n' \
  -- "${wanted[@]}" 2>/dev/null | sed -n 's/^.i *//p' || true)

missing=()
for package in "${wanted[@]}"; do
  grep --quiet --line-regexp --fixed-strings -- "$package" <<<"$present" \
    || missing+=("$package")
done

if [[ ${#missing[@]} -eq 0 ]]; then
  exit 0
fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
    echo "Packages are missing. Install them, then run again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y" \
      "--no-install-recommends ${missing[*]}" >&2
    exit "$nothing_done"
  fi
  as_root=(sudo -n)
fi

echo "Installing ${#missing[@]} of ${#wanted[@]} packages: ${missing[*]}"
# What is installed to build and test must not begin to serve: invoke-rc.d asks
# this policy, and it is taken away again.
readonly policy=/usr/sbin/policy-rc.d
if [[ ! -e "$policy" ]]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 0755 "$policy"
fi
"${as_root[@]}" apt-get update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y --no-install-recommends "${missing[@]}"
