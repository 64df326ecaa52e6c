#!/usr/bin/env bash
# The manual pages and completions of a package: sound, and nothing is missing
# that the programs offer.
#
#   manual_test.sh DEB PROVISIOND PROVISIONCTL
set -euo pipefail

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

root=$(mktemp --directory)
trap 'rm -rf "$root"' EXIT
dpkg-deb --extract "$1" "$root"
readonly manuals=$root/usr/share/man

# A date would make each build another.
is_sound() { # PAGE
  local complaints
  gzip --test "$1"
  complaints=$(zcat "$1" | mandoc -T lint -W warning \
    | grep -vF 'missing date') || true
  [[ -z $complaints ]] || fail "$1: $complaints"
}

has() { # PAGE TEXT: in what people see of it
  grep -qF -- "$2" <<<"$1" || fail "the manual page lacks: $2"
}

# Compares a command, and those below it, with the page.
checked=0
covers() { # PAGE PROGRAM COMMAND...
  local page=$1 help names name
  shift
  help=$("$@" --help)
  while read -r name; do
    has "$page" "$name"
    checked=$((checked + 1))
  done < <(grep -oE '^ +(-[a-z],)?--[a-z-]+' <<<"$help" | grep -oE -- '--.*')
  names=$(sed -n '/^Subcommands:/,/^$/ s/^  \([a-z-]\+\) .*/\1/p' <<<"$help")
  for name in $names; do
    # Indented: a heading of its own.
    grep -qE "^   ${*:2}${2:+ }$name( |$)" <<<"$page" \
      || fail "the manual page lacks the command ${*:2} $name"
    checked=$((checked + 1))
    covers "$page" "$@" "$name"
  done
}

seen() { zcat "$1" | mandoc -T utf8 -O width=200 | col -b; }

for page in man8/provisiond.8 man5/provisiond.toml.5 man1/provisionctl.1; do
  is_sound "$manuals/$page.gz"
done
covers "$(seen "$manuals/man8/provisiond.8.gz")" "$2"
covers "$(seen "$manuals/man1/provisionctl.1.gz")" "$3"
[[ $checked -ge 90 ]] || fail "only $checked options and commands were found"

configuration=$(seen "$manuals/man5/provisiond.toml.5.gz")
while read -r name; do
  grep -qE "^ +$name( |$)" <<<"$configuration" \
    || fail "provisiond.toml(5) lacks $name"
done < <("$2" config | grep -oE '^[a-z_]+ =' | cut -d' ' -f1)

for shell in bash zsh fish; do
  case $shell in
    bash) file=bash-completion/completions/provisionctl ;;
    zsh) file=zsh/vendor-completions/_provisionctl ;;
    fish) file=fish/vendor_completions.d/provisionctl.fish ;;
  esac
  cmp <("$3" completion "$shell") "$root/usr/share/$file"
  if command -v "$shell" >/dev/null; then "$shell" -n "$root/usr/share/$file"; fi
done
echo "$checked options and commands are in the pages"
