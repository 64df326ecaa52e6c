#!/usr/bin/env bash
# How long provisionctl takes for each question and order, from its start to its
# end, at a real daemon that has many reservations.
#
#   bench/questions.sh BIN_DIR [--count N] [--runs N] [--json FILE]
#
# COUNT (100,000) reservations are in its store, all provisioned. Each command is
# run RUNS (5) times after one to warm up; median and worst are shown. Needs
# provisiond, provisionctl and fill-store in BIN_DIR.
set -euo pipefail

bin=$(realpath "${1:?usage: bench/questions.sh BIN_DIR [--count N] [--runs N] [--json FILE]}")
shift
count=100000
runs=5
json=
while [[ $# -gt 0 ]]; do
  case $1 in
    --count) count=$2 ;;
    --runs) runs=$2 ;;
    --json) json=$2 ;;
    *) echo "questions.sh: $1 is no option" >&2; exit 2 ;;
  esac
  shift 2
done

# On a disk, not in memory.
folder=$(mktemp --directory --tmpdir=/var/tmp)
daemon=
clean_up() {
  if [[ -n $daemon ]]; then
    kill "$daemon" 2>/dev/null && wait "$daemon" || true
  fi
  rm -rf "$folder"
}
trap clean_up EXIT

readonly data=$folder/data
ask() { "$bin/provisionctl" --data-dir "$data" "$@"; }

start_daemon() {
  "$bin/fill-store" "$data" "$count" >"$folder/identity"
  : >"$folder/nothing.jsonl"
  cat >"$folder/node.toml" <<END
[node]
data_dir = "$data"
[replay]
file = "$folder/nothing.jsonl"
signatures = "off"
[volumes]
technique = "directory"
[capacity]
cru = 1048576
mru = "1024TiB"
sru = "1024TiB"
hru = "1024TiB"
END
  "$bin/provisiond" run --config "$folder/node.toml" 2>"$folder/log" &
  daemon=$!
  local tries=0
  until ask ready >/dev/null 2>&1; do
    kill -0 "$daemon" 2>/dev/null && ((++tries < 1200)) \
      || { cat "$folder/log" >&2; exit 1; }
    sleep 0.05
  done
}


rows=()
# COMMAND...: measures it and says so.
take() {
  local i start end times=() bytes median worst
  ask "$@" >"$folder/answer" 2>"$folder/complaint" || {
    local code=$?
    [[ $code -ne 2 && $code -ne 4 ]] || { cat "$folder/complaint" >&2; exit 1; }
  }
  for ((i = 0; i < runs; ++i)); do
    start=${EPOCHREALTIME/./}
    ask "$@" >"$folder/answer" 2>/dev/null || true
    end=${EPOCHREALTIME/./}
    times+=($((end - start)))
  done
  mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
  median=${times[runs / 2]}
  worst=${times[-1]}
  bytes=$(wc -c <"$folder/answer")
  printf '%8d.%d %8d.%d %11d  %s\n' $((median / 1000)) $((median % 1000 / 100)) \
    $((worst / 1000)) $((worst % 1000 / 100)) "$bytes" "$*"
  rows+=("{\"command\":\"$*\",\"median_us\":$median,\"worst_us\":$worst,\"bytes\":$bytes}")
}

start_daemon
first() { ask list --type "$1" --limit 1 -o name; }
container=$(first container)
volume=$(first volume)
mkdir -p "$data/containers/$container"
for ((i = 0; i < 5000; ++i)); do echo "line $i of what it says"; done \
  >"$data/containers/$container/log"
printf '{"id":"7-1","node_id":"%s","user_id":"7","type":"volume","data":{"size":1,"type":"ssd"},"created":"2021-02-25T10:47:30Z","duration":9000000000000000000,"version":1}\n' \
  "$(<"$folder/identity")" >"$folder/wish.json"

printf '%10s %10s %11s  %s\n' 'median ms' 'worst ms' bytes "of $count reservations"
take --version
take status
take ready
take types
take waiting
take capacity
take capacity audit
take list --limit 20
take list --type volume --limit 20
take list --state failed
take list --user 9 --limit 20
take list --prefix "${volume%%-*}" -o wide
take list -o name --limit 200 --prefix "${volume:0:6}"
take show "$volume"
take show "${volume%%-*}"
take explain "$volume"
take explain "$container"
take usage "$volume"
take usage
take logs "$container"
take events
take events --last 1000
take journal
take journal list --last 1000
take outbox
take outbox --parked
take quarantine list
take orphans
take plan "$folder/wish.json"
take wait "$volume" --for=provisioned
take top --count 1
take log level
take completion bash
take retry "$volume"
take cordon volume
take uncordon volume
take pause
take resume
take drain --timeout 1s
take drain --cancel
take submit "$folder/wish.json"
take list --user 999
take list -o name
take journal verify
take journal export "$folder/journal.jsonl"
take bundle "$folder/node.tar.gz"

if [[ -n $json ]]; then
  (IFS=,; printf '{"count":%d,"runs":%d,"commands":[%s]}\n' \
    "$count" "$runs" "${rows[*]}") >"$json"
fi
