#!/usr/bin/env bash
# Takes the standard figures: scripts/bench.sh BIN_DIR. Takes some minutes; the
# machine should have nothing else to do. Results go to build/bench:
# report.md, and per measurement NAME.txt, NAME.json and NAME.svg.
set -euo pipefail
bin=$(cd -- "${1:?usage: scripts/bench.sh BIN_DIR}" && pwd)
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

out=build/bench
mkdir -p "$out"
report=$out/report.md
{
  echo "# Figures"
  echo
  echo "How they are taken and what they mean: bench/README.md."
} > "$report"

# take NAME TITLE ARGUMENTS...
take() {
  local name=$1 title=$2
  shift 2
  echo "== $title"
  "$bin/provision-replay" --dir "$out" --json "$out/$name.json" \
    --plot "$out/$name.svg" "$@" | tee "$out/$name.txt"
  {
    printf '\n## %s\n\n`provision-replay %s`\n\n```\n' "$title" "$*"
    cat "$out/$name.txt"
    printf '```\n'
    # Not everything can be drawn.
    if grep -q '<text' "$out/$name.svg"; then
      printf '\n![%s](%s.svg)\n' "$title" "$name"
    fi
  } >> "$report"
}

take full "Full path: signatures checked, reports over HTTP" \
  --explorer sim --count 20000
take local "Signatures checked, reports accepted in process" --count 20000
take original_http "The original's work: no signatures checked, HTTP" \
  --verify off --explorer sim --count 20000
take original_none "The original's work: no signatures checked, no HTTP" \
  --verify off --count 20000
take serial "One reservation at a time" \
  --sync each --explorer sim --count 1000
take known "A stream that is known already" --known --count 50000
take growth "Cost against workloads that run already" \
  --verify off --count 20000 --repetitions 5 --cached 100,1000,10000,100000
take million "A million workloads that run already" \
  --verify off --count 2000 --repetitions 1 --cached 1000000
take expiry "100,000 workloads whose time ends within a minute" \
  --expire 100000 --repetitions 1
take idle "Nothing to do" --cached 100000 --idle 20 --repetitions 1
take hang "One type hangs" --hang zdb --count 100000 --deadline 20 \
  --repetitions 3

echo "== Questions of an operator"
bench/questions.sh "$bin" --json "$out/questions.json" \
  | tee "$out/questions.txt"
{
  printf '\n## Questions of an operator\n\n```\n'
  cat "$out/questions.txt"
  printf '```\n'
} >> "$report"

echo "== Parts"
"$bin/parts_bench" --benchmark_repetitions=5 \
  --benchmark_report_aggregates_only=true --benchmark_min_time=0.1 \
  --benchmark_out="$out/parts.json" --benchmark_out_format=json \
  | tee "$out/parts.txt"
{
  printf '\n## Parts, alone\n\n```\n'
  cat "$out/parts.txt"
  printf '```\n'
} >> "$report"
echo "report: $report"
