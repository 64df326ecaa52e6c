#!/usr/bin/env bash
# Runs clang's fuzzer over every target, each for its share of the time, as many
# at once as there are processors.
#
#   scripts/fuzz.sh BUILD MINUTES [TARGET...]
#
# What a run learns stays in BUILD/corpus and serves the next one. Inputs that
# break something are kept in BUILD/found; the run then ends with 1.
set -euo pipefail

if [[ $# -lt 2 ]]; then
  echo "usage: $0 BUILD MINUTES [TARGET...]" >&2
  exit 2
fi
readonly build=$1 minutes=$2
shift 2

readonly sources=tests/fuzz
# Larger inputs are slower and rarely tell more.
readonly bytes_max=4096
readonly seconds_per_input=20
readonly memory_mb=2048

targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
  mapfile -t targets < <(ls "$sources/corpus")
fi
at_once=$(nproc)
if [[ $at_once -gt ${#targets[@]} ]]; then
  at_once=${#targets[@]}
fi
readonly at_once
readonly seconds=$((minutes * 60 * at_once / ${#targets[@]}))

mkdir -p "$build/found" "$build/logs"
export ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-16

fuzz() {
  local target=$1 status=0
  mkdir -p "$build/corpus/$target"
  "$build/bin/${target}_fuzz" \
    -max_total_time="$seconds" -max_len="$bytes_max" \
    -timeout="$seconds_per_input" -rss_limit_mb="$memory_mb" \
    -dict="$sources/dictionary/$target" \
    -artifact_prefix="$build/found/$target-" -print_final_stats=1 \
    "$build/corpus/$target" "$sources/corpus/$target" \
    >"$build/logs/$target.log" 2>&1 || status=$?
  echo "$status" >"$build/logs/$target.status"
}

# The fuzzer's last line of progress, such as "#4096 pulse cov: 1 ... rss: 9Mb".
progress() {
  grep --text '^#' "$build/logs/$1.log" 2>/dev/null | tail -n 1 \
    | sed -E 's/[[:space:]]+/ /g; s/ corp:.*exec/ exec/'
}

statistic() {
  sed -n "s/^stat::$2: *//p" "$build/logs/$1.log" | tail -n 1
}

echo "${#targets[@]} targets, $seconds s each, $at_once at once"
rm -f "$build"/logs/*
declare -A running=()
next=0
# Each target is a process group of its own: however this ends, the fuzzers end
# with it.
set -m
end_all() {
  for process in "${!running[@]}"; do
    kill -- "-$process" 2>/dev/null || true
  done
}
trap end_all EXIT
trap 'exit 130' INT TERM
last_shown=$SECONDS
while [[ $next -lt ${#targets[@]} || ${#running[@]} -gt 0 ]]; do
  while [[ $next -lt ${#targets[@]} && ${#running[@]} -lt $at_once ]]; do
    fuzz "${targets[next]}" &
    running[$!]=${targets[next]}
    next=$((next + 1))
  done
  sleep 1
  for process in "${!running[@]}"; do
    target=${running[$process]}
    if [[ -e "$build/logs/$target.status" ]]; then
      unset "running[$process]"
      echo "$target: done, $(statistic "$target" number_of_executed_units) runs"
    fi
  done
  if [[ $((SECONDS - last_shown)) -ge 15 ]]; then
    last_shown=$SECONDS
    for target in "${running[@]}"; do
      echo "  $target: $(progress "$target")"
    done
  fi
done

echo
printf '%-20s %12s %9s  %s\n' target executions exec/s found
found=0
for target in "${targets[@]}"; do
  verdict=nothing
  if [[ $(<"$build/logs/$target.status") -ne 0 ]]; then
    is_real=1
    verdict=$(sed -n 's/.*Test unit written to //p' "$build/logs/$target.log" \
      | tail -n 1)
    verdict=${verdict:-"see $build/logs/$target.log"}
    # On a busy machine a run may stand still; a hang hangs again.
    if [[ $verdict == *-timeout-* ]] \
      && "$build/bin/${target}_fuzz" -timeout="$seconds_per_input" "$verdict" \
        >/dev/null 2>&1; then
      verdict="nothing (slow once, not again: $verdict)"
      is_real=0
    fi
    [[ $is_real -eq 0 ]] || found=1
  fi
  printf '%-20s %12s %9s  %s\n' "$target" \
    "$(statistic "$target" number_of_executed_units)" \
    "$(statistic "$target" average_exec_per_sec)" "$verdict"
done
if [[ $found -ne 0 ]]; then
  echo "Something was found. Run it again with"
  echo "  $build/bin/<target>_fuzz <file>"
fi
exit "$found"
