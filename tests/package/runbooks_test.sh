#!/usr/bin/env bash
# Every alert and every error code has its run-book, no run-book is for what does
# not exist, and run-books name commands and keys that there are.
#
#   runbooks_test.sh PROVISIONCTL PROVISIOND
#
# Run from the root of the sources.
set -euo pipefail

readonly book=docs/runbooks.md

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

alerts() { sed -n 's/^ *- alert: *//p' docs/alerts.yml | sort; }

# The program's own names, but "none".
codes() {
  sed -n '/names{/,/^};/ s/^  "\([a-z_]*\)",$/\1/p' messages/error.cpp \
    | grep -vx none | sort
}

section() { # HEADING: the text below it
  awk -v heading="### $1" \
    '/^#/ { inside = ($0 == heading); next } inside' "$book"
}

headings() { # PATTERN
  sed -n "s/^### \($1\)\$/\1/p" "$book" | sort
}

compare() { # WHAT WANTED THERE
  diff <(echo "$2") <(echo "$3") \
    || fail "$1 (<) and their run-books (>) differ"
}

[[ $(alerts | wc -l) -ge 18 && $(codes | wc -l) -ge 34 ]] \
  || fail 'alerts or codes were not found'
compare alerts "$(alerts)" "$(headings '[A-Z][A-Za-z]*')"
compare codes "$(codes)" "$(headings '`[a-z_]*`' | tr -d '`' | sort)"
for code in $(codes); do
  grep -qF "| \`$code\` |" docs/errors.md || fail "docs/errors.md lacks $code"
  [[ $(section "\`$code\`" | wc -w) -ge 4 ]] || fail "$code: nothing is said"
done
for alert in $(alerts); do
  for part in Means Look Do Over; do
    section "$alert" | grep -q "^- \*\*$part\*\* " \
      || fail "$alert: '$part' is missing"
  done
done

commands=$("$1" --help)
# A command may stand across two lines.
tr '\n' ' ' <"$book" | tr -s ' ' | grep -oE 'provisionctl [a-z]+( [a-z]+)?' \
  | while read -r _ command second; do
    grep -qE "^  $command " <<<"$commands" \
      || fail "there is no command provisionctl $command"
    case $command in
      quarantine | confirm | capacity)
        [[ -z $second ]] || "$1" "$command" --help | grep -qE "^  $second " \
          || fail "there is no command provisionctl $command $second"
        ;;
    esac
  done

keys=$("$2" config | sed -nE 's/^\[(.*)\]$/[\1]/p; s/^([a-z_]+) = .*/\1/p' \
  | awk '/^\[/ { section = substr($0, 2, length($0) - 2); next }
         { print section "." $0 }')
sections=$(cut -d. -f1 <<<"$keys" | sort -u | paste -sd'|')
grep -oE "\`($sections)\.[a-z_]+" "$book" | tr -d '`' | sort -u \
  | while read -r key; do
    grep -qxF "$key" <<<"$keys" || fail "there is no key $key"
  done
# Whoever follows a link to a heading arrives.
for file in "$book" docs/operators_guide.md; do
  { grep -oE '\]\(([a-z_]+\.md)?#[a-z-]+\)' "$file" || true; } | tr -d ']()' \
    | while IFS='#' read -r other anchor; do
      target=${other:+docs/$other}
      grep -E '^#' "${target:-$file}" | tr -d '`' \
        | sed -E 's/^#+ //; s/[^A-Za-z0-9 _-]//g; s/ /-/g' | tr 'A-Z' 'a-z' \
        | grep -qx -- "$anchor" || fail "$file: #$anchor leads nowhere"
    done
done
