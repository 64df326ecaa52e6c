#!/usr/bin/env bash
# Takes the figures of bench/: scripts/bench.sh BIN_DIR
set -euo pipefail
bin=${1:?usage: scripts/bench.sh BIN_DIR}
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

mkdir -p build/bench
"$bin/parts_bench" --benchmark_repetitions=5 \
  --benchmark_report_aggregates_only=true --benchmark_min_time=0.2 \
  --benchmark_out=build/bench/report.json --benchmark_out_format=json \
  | tee build/bench/report.txt
echo "report: build/bench/report.txt and build/bench/report.json"
