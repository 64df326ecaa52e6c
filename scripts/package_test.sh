#!/usr/bin/env bash
# Judges the Debian package as it is given away.
#
#   scripts/package_test.sh FOLDER WISHES ZDB
#
# FOLDER is where `make package` built it; WISHES is the program package_wishes,
# ZDB a 0-db server or the double of one.
# Ends with 0 if lintian has nothing to say and tests/package holds for it.
set -euo pipefail

cd "$(dirname "$0")/.."
folder=$(realpath "$1")
wishes=$(realpath "$2")
zdb=$(realpath "$3")
mapfile -t packages < <(ls "$folder"/provisiond_*.deb)
if [[ ${#packages[@]} -ne 1 ]]; then
  echo "there must be one package in $folder: ${packages[*]}" >&2
  exit 1
fi

# Who answers for a package is said where it is built for others:
# PROVISION_PACKAGE_CONTACT.
echo '== lintian'
lintian --fail-on error,warning --suppress-tags \
  bogus-mail-host,bogus-mail-host-in-debian-changelog,root-in-contact \
  "${packages[0]}"
echo '== the unit'
tests/package/unit_test.sh "${packages[0]}" "$folder/bin/provisiond"
echo '== the manual'
tests/package/manual_test.sh "${packages[0]}" "$folder/bin/provisiond" \
  "$folder/bin/provisionctl"
tests/package/deb_test.sh "${packages[0]}" "$wishes"
tests/package/processes_test.sh "${packages[0]}" "$wishes" "$zdb"
echo "All as promised: ${packages[0]}"
