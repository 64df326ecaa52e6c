#!/usr/bin/env bash
# Shows the node at work against a simulated explorer, and checks what it shows.
#
#   scripts/demo.sh BIN_DIR
#
# BIN_DIR holds provisiond and explorer-sim. Both run on the loopback interface
# with everything they keep in build/demo, which is removed at the end, volumes
# unmounted. Works for root and for others (then volumes are plain folders).
# Ends with 0 if everything was as promised, else with 1 and the logs.
set -euo pipefail

if [[ $# -ne 1 || ! -x $1/provisiond || ! -x $1/explorer-sim ]]; then
  echo "usage: $0 BIN_DIR   (with provisiond and explorer-sim in it)" >&2
  exit 2
fi

bin=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")/.." && pwd -P)
demo=$here/build/demo
golden=$here/tests/golden/documents
readonly bin here demo golden
node_pid='' explorer_pid=''
# Per reservation number: what was asked, and which answer is right.
declare -A asked expected

say() { printf '\n== %s\n' "$*"; }
fail() {
  printf '\nDEMO FAILED: %s\n' "$*" >&2
  exit 1
}

# -- the two programs ----------------------------------------------------------

start_explorer() {
  rm -f "$demo/port"
  "$bin/explorer-sim" --listen 127.0.0.1:0 --port-file "$demo/port" \
    --data "$demo/explorer" --keep-epoch --load "$demo/documents/forged.json" \
    >"$demo/explorer.out" 2>&1 &
  explorer_pid=$!
  wait_until 'the explorer listens' test -s "$demo/port"
  url=http://127.0.0.1:$(<"$demo/port")
}

start_node() {
  "$bin/provisiond" --config "$demo/node.conf" >>"$demo/node.log" 2>&1 &
  node_pid=$!
}

is_ready() { [[ $(grep -c ' ready' "$demo/node.log") -ge $1 ]]; }

stop() { # PID SIGNAL: ends one of ours and waits for it
  local code=0
  kill "-$2" "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || code=$?
  return "$code"
}

# Waits until a command succeeds, ten seconds at most.
wait_until() { # WHAT COMMAND...
  local what=$1 tries=0
  shift
  until "$@"; do
    ((++tries <= 200)) || fail "waited in vain until $what"
    sleep 0.05
  done
}

# -- leaving nothing behind ----------------------------------------------------

release_volumes() {
  local mount
  # Inner mounts first. The kernel writes spaces in paths as \040.
  while read -r mount; do
    umount -- "$(printf '%b' "$mount")" || return 1
  done < <(awk -v folder="${demo// /\\\\040}/" \
    'index($5 "/", folder) == 1 { print length($5), $5 }' \
    /proc/self/mountinfo | sort -rn | cut -d' ' -f2)
  if [[ $(id -u) -eq 0 ]] && command -v losetup >/dev/null; then
    while read -r device; do
      losetup -d "$device" || return 1
    done < <(losetup -nO NAME,BACK-FILE 2>/dev/null \
      | awk -v folder="$demo/" 'index($2, folder) == 1 { print $1 }')
  fi
}

# What outlives the node: containers, and networks that bear its name.
release_workloads() {
  local line pid space
  [[ -n ${node_id:-} && $(id -u) -eq 0 ]] || return 0
  for line in /proc/[0-9]*/cmdline; do
    if tr '\0' ' ' 2>/dev/null <"$line" | grep -qF "shim $demo/node/"; then
      pid=${line#/proc/}
      kill "${pid%/cmdline}" 2>/dev/null || true
    fi
  done
  command -v ip >/dev/null || return 0
  for space in $(ip netns list 2>/dev/null | sed -n 's/^\(provision-[^ ]*\).*/\1/p'); do
    ip -n "$space" link show dev br0 2>/dev/null \
      | grep -qF "provision node $node_id " || continue
    ip -n "$space" -o link show type tun 2>/dev/null \
      | sed -n 's/^[0-9]*: \(pw[^:@]*\).*/\1/p' \
      | xargs -r -n 1 ip -n "$space" link delete || true
    ip netns delete "$space" || true
  done
}

clean_up() {
  local code=$?
  trap - EXIT
  [[ -z $node_pid ]] || stop "$node_pid" KILL || true
  [[ -z $explorer_pid ]] || stop "$explorer_pid" KILL || true
  if [[ $code -ne 0 && -d $demo ]]; then
    echo "-- the end of the node's log:" >&2
    tail -n 20 "$demo/node.log" >&2 || true
    tail -n 5 "$demo/explorer.out" >&2 || true
  fi
  release_workloads
  local tries=0
  until release_volumes 2>/dev/null || ((++tries > 100)); do sleep 0.1; done
  if release_volumes; then
    rm -rf "$demo"
  else
    echo "$demo is left behind: a volume is still mounted" >&2
    code=1
  fi
  exit "$code"
}

# -- the user ------------------------------------------------------------------

submit() { # NAME FILE EXPECTED: posts one document as the user
  local id
  id=$("$bin/explorer-sim" submit --url "$url" --key "$demo/user.key" \
    --node "$node_id" "$2" | sed -n 's/^reservation \([0-9]*\)-.*/\1/p')
  [[ -n $id ]] || fail "the explorer did not take $2"
  asked[$id]=$1
  expected[$id]=$3
  printf '   %2d asked for, %2d answered   %s\n' "${#asked[@]}" "$(answered)" "$1"
}

submit_volume() { # GIB EXPECTED
  local file=$demo/documents/volume_$1.json
  sed "s/\"size\":10,/\"size\":$1,/" "$golden/volume.json" >"$file"
  submit "volume of $1 GiB" "$file" "$2"
}

list() { "$bin/explorer-sim" list --url "$url" --json | sed 's/},{/}\n{/g'; }

# A member of the explorer's line about one reservation.
told() { # ID MEMBER
  sed -n "s/.*\"id\":\"$1-1\".*\"$2\":\"\(\([^\"\\\\]\|\\\\.\)*\)\".*/\1/p" \
    "$demo/list"
}

answered() { # how many of the reservations have their last result
  list >"$demo/list"
  grep -cE '"result":"(ok|deleted)' "$demo/list" || true
}

# Shows how the answers come in, until there are as many as asked for.
watch_until_answered() {
  local done=0 shown='' line tries=0
  while [[ $done -lt ${#asked[@]} ]]; do
    ((++tries <= 300)) || fail "only $done of ${#asked[@]} were answered"
    done=$(answered)
    line=$(printf '   %2d asked for, %2d answered' "${#asked[@]}" "$done")
    [[ $line == "$shown" ]] || echo "$line"
    shown=$line
    sleep 0.1
  done
}

# -- what is promised ----------------------------------------------------------

check_answer() { # ID
  local result message signature
  result=$(told "$1" result)
  message=$(told "$1" message)
  signature=$(told "$1" node_signature)
  case ${expected[$1]} in
    runs) [[ $result == ok && $signature == valid && -d $(path_of "$1") ]] ;;
    network) [[ $result == ok && $signature == valid && -n $(router) ]] ;;
    container) [[ $result == ok && $signature == valid \
      && -n $(process_of "$1") ]] ;;
    gone) [[ $result == deleted && -z $(path_of "$1") ]] ;;
    # An error is followed by "deleted"; message and signature stay.
    not-offered) [[ $result$signature == deletedvalid \
      && $message == *'does not offer'* ]] ;;
    wrong-key) [[ $result$signature == deletedvalid \
      && $message =~ 'wg_private_key'|'does not offer' ]] ;;
    too-large) [[ $result$signature == deletedvalid \
      && $message == *'not enough capacity'* ]] ;;
    forged) [[ $result$signature == deletedvalid \
      && $message == *signature* ]] ;;
  esac || fail "reservation $1 (${asked[$1]}) should be ${expected[$1]}:" \
    "result '$result', signature '$signature', message '$message'"
}

path_of() { # ID: empty if there is nothing
  find "$demo/node/volumes" -maxdepth 2 -type d -name "$1-1" -print -quit
}

router() { # the namespace of the node's network; empty if there is none
  local space
  for space in $(ip netns list | sed -n 's/^\(provision-[^ ]*-net-[^ ]*\).*/\1/p'); do
    if ip -n "$space" link show dev br0 2>/dev/null \
      | grep -qF "provision node $node_id "; then
      echo "$space"
      return
    fi
  done
}

process_of() { # ID: number of a container's process; empty if none runs
  local pid
  pid=$(sed -n 's/^pid\t//p' "$demo/node/containers/$1-1/state" 2>/dev/null) \
    || true
  if [[ -n $pid && -d /proc/$pid ]]; then echo "$pid"; fi
}

output_of() { # ID: what a container has written
  cat "$demo/node/containers/$1-1/log"
}

limit_of() { # ID: the limit that the kernel enforces
  local group=1/$(($1 << 8 | 1)) limit=''
  case $technique in
    btrfs)
      # Older tools do not know the newer kind of quota.
      limit=$(btrfs qgroup show -r --raw "$demo/node/volumes" 2>/dev/null \
        | awk -v group="$group" \
          '$1 == group && $4 > 0 { printf "%g GiB", $4 / 2 ^ 30 }') || true
      echo "${limit:-enforced by quota}"
      ;;
    ext4-image) df --output=size -BM "$(path_of "$1")" | tail -n 1 | tr -d ' ' ;;
    *) echo 'none' ;;
  esac
}

show_both_sides() {
  local id
  answered >/dev/null
  printf '   %-4s %-17s %-8s %-10s %s\n' id asked result signature \
    'on the node: path and limit, or the reason'
  for id in $(printf '%s\n' "${!asked[@]}" | sort -n); do
    check_answer "$id"
    local where
    where=$(told "$id" message)
    if [[ ${expected[$id]} == runs ]]; then
      where="$(path_of "$id")  limit: $(limit_of "$id")"
      where=${where#"$demo/node/"}
    elif [[ ${expected[$id]} == network ]]; then
      where="namespace $(router)"
    elif [[ ${expected[$id]} == container ]]; then
      where="process $(process_of "$id")  disk: $(limit_of "$id")"
    elif [[ ${expected[$id]} == gone ]]; then
      where='nothing is left'
    fi
    printf '   %-4s %-17s %-8s %-10s %.100s\n' "$id" "${asked[$id]}" \
      "$(told "$id" result)" "$(told "$id" node_signature)" "$where"
  done
}

# A busybox as an image of the node's own.
lay_image() {
  local files=$demo/box own=$demo/node/images/own
  mkdir -p "$files/bin" "$own"
  cp "$(command -v busybox)" "$files/bin/busybox"
  for name in cat echo hostname ip sh sleep; do
    ln -s busybox "$files/bin/$name"
  done
  umoci init --layout "$own/box"
  umoci new --image "$own/box"
  umoci insert --image "$own/box" "$files" /
}

submit_network() {
  local key file=$demo/documents/network.json
  key=$(wg genkey)
  sed -E -e "s#(\"wireguard_private_key_encrypted\":\")[^\"]*#\1$(echo "$key" \
    | "$bin/explorer-sim" seal --node "$node_id")#" \
    -e "s#(\"wireguard_public_key\":\")[^\"]*#\1$(echo "$key" | wg pubkey)#" \
    -e 's#("wireguard_listen_port":)[0-9]*#\142180#' \
    "$golden/network_resource.json" >"$file"
  submit network_resource "$file" network
}

submit_container() { # VOLUME: with that volume and the network
  local file=$demo/documents/container.json
  local script="ip addr show eth0; echo \$FOO > /data/note; sleep 100000"
  sed -E -e 's#("flist":")[^"]*#\1oci:box#' \
    -e "s#(\"entrypoint\":\")[^\"]*#\1/bin/sh -c '$script'#" \
    -e 's#"secret_environment":\{[^}]*\}#"secret_environment":{}#' \
    -e "s#\"volumes\":\[[^]]*\]#\"volumes\":[{\"volume_id\":\"$1-1\",\"mountpoint\":\"/data\"}]#" \
    -e 's#"(public_ip6|yggdrasil_ip)":true#"\1":false#g' \
    -e 's#("disk_size":)[0-9]*#\164#' \
    "$golden/container.json" >"$file"
  submit container "$file" container
}

can_run_containers() {
  [[ $networks != none && $containers != none ]] \
    && command -v busybox >/dev/null
}

# One reservation, one result: however often it was sent, across all restarts.
check_signed_once() {
  local twice
  twice=$(grep -o '"result":{"id":.*' "$demo/explorer/explorer.log" \
    | sed -nE 's/^"result":\{"id":([0-9]+),.*"signature":"([0-9a-f]{128})".*/\1 \2/p' \
    | sort -u | cut -d' ' -f1 | uniq -d)
  [[ -z $twice ]] || fail "signed more than once: $twice"
}

prove_limit() { # ID: writes past the limit of a volume of 1 GiB
  local size
  if dd if=/dev/zero "of=$(path_of "$1")/flood" bs=1M count=1100 \
    2>"$demo/dd.err"; then
    fail "1100 MiB went into a volume of 1 GiB"
  fi
  size=$(stat -c %s "$(path_of "$1")/flood")
  [[ $size -le $((1024 * 1024 * 1024)) ]] || fail "$size bytes went in"
  echo "   $((size >> 20)) MiB of 1100 went in, then:" \
    "$(sed -n '1s/.*: //p' "$demo/dd.err")"
  rm "$(path_of "$1")/flood"
}

# -- the story -----------------------------------------------------------------

trap clean_up EXIT
trap 'exit 130' INT TERM
release_volumes
rm -rf "$demo"
mkdir -p "$demo/documents" "$demo/node"
: >"$demo/node.log"

say 'A node, an explorer and a user'
"$bin/provisiond" identity new --data-dir "$demo/node" >"$demo/identity.out"
node_id=$("$bin/provisiond" identity show --data-dir "$demo/node" \
  | grep -oE '\b[1-9A-HJ-NP-Za-km-z]{43,44}\b' | head -n 1)
# In the name of the user, who never signed it.
sed -e 's/"id":[0-9]*,/"id":1,/' -e 's/"customer_tid":7,/"customer_tid":1,/' \
  -e "s/\"node_id\":\"[^\"]\{40,\}\"/\"node_id\":\"$node_id\"/" \
  "$golden/public_ip.json" >"$demo/documents/forged.json"
asked[1]='forged public_ip' expected[1]=forged
start_explorer
cat >"$demo/node.conf" <<CONF
[node]
data_dir = "$demo/node"
[explorer]
url = "$url"
poll_interval = "100ms"
retry_delay = "50ms"
signatures = "enforce"
[capacity]
sru = "100GiB"
[volumes]
pool_image_size = "2GiB"
CONF
"$bin/explorer-sim" user create --url "$url" --name demo.user \
  --email demo@example.org --key "$demo/user.key" | sed 's/^/   /'
start_node
wait_until 'the node is ready' is_ready 1
technique=$(sed -nE 's/.* ready.*volumes="?([a-z0-9-]+).*/\1/p' \
  "$demo/node.log" | head -n 1)
told_of() { # TYPES: the technique that the node has told
  sed -nE "s/.* ready.* $1=\"?([a-zA-Z0-9-]+).*/\1/p" "$demo/node.log" \
    | head -n 1
}
networks=$(told_of networks)
containers=$(told_of containers)
echo "   explorer $url"
echo "   node     $node_id, volumes by $technique," \
  "networks by $networks, containers by $containers"

say 'The user asks for this and that'
for size in 1 2 5 10; do submit_volume "$size" runs; done
submit_volume 500 too-large
sed 's/"public_ip":42/"public_ip":0/' "$golden/kubernetes.json" \
  >"$demo/documents/kubernetes.json"
submit zdb "$golden/zdb.json" not-offered
submit kubernetes "$demo/documents/kubernetes.json" not-offered
if [[ $containers == none ]]; then
  submit container "$golden/container.json" not-offered
fi
# Its WireGuard key is not sealed for this node.
submit network_resource "$golden/network_resource.json" wrong-key
for type in proxy reverse_proxy subdomain domain_delegate gateway4to6; do
  submit "$type" "$golden/$type.json" not-offered
done
watch_until_answered

say 'What was asked, and what became of it'
show_both_sides

say 'A network, and a container with it and a volume'
container='' process=''
if can_run_containers; then
  lay_image
  submit_network
  network=$(printf '%s\n' "${!asked[@]}" | sort -n | tail -n 1)
  submit_container 5
  container=$(printf '%s\n' "${!asked[@]}" | sort -n | tail -n 1)
  watch_until_answered
  check_answer "$network"
  check_answer "$container"
  process=$(process_of "$container")
  has_note() { [[ -s $(path_of 5)/note ]]; }
  wait_until 'the container has written into the volume' has_note
  echo "   process $process, address" \
    "$(output_of "$container" | sed -n 's/.*inet \([^ ]*\).*/\1/p')," \
    "wrote \"$(<"$(path_of 5)/note")\" into volume 5"
else
  echo '   not shown: provisiond probe tells what this host lacks'
fi

say 'A volume holds what was asked for, and no more'
if [[ $technique == btrfs || $technique == ext4-image ]]; then
  prove_limit 2
else
  echo '   not shown: plain folders have no limit; root on a host with btrfs' \
    'or loop devices gets one'
fi

say 'kill -9 in the middle of a batch of twelve'
before=${#asked[@]}
for ((i = 1; i <= 12; ++i)); do
  submit_volume 1 runs
  if [[ $i -eq 6 ]]; then
    stop "$node_pid" KILL || true
    node_pid=''
    echo "   killed with $(($(answered) - before)) of the twelve answered;" \
      'the user goes on'
  fi
done
start_node
wait_until 'the node is ready again' is_ready 2
watch_until_answered
for id in "${!asked[@]}"; do check_answer "$id"; done
check_signed_once
echo '   all twelve run; nothing was lost, nothing was signed twice'
if [[ -n $container ]]; then
  [[ $(process_of "$container") == "$process" ]] \
    || fail 'the container did not outlive the daemon'
  echo "   the container is the same process $process"
fi

say 'The user cancels three'
"$bin/explorer-sim" delete --url "$url" --key "$demo/user.key" 2 3 4 \
  | sed 's/^/   /'
for id in 2 3 4; do expected[$id]=gone; done
are_gone() {
  answered >/dev/null
  [[ $(told 2 result)$(told 3 result)$(told 4 result) \
    == deleteddeleteddeleted ]]
}
wait_until 'three are gone' are_gone

if [[ -n $container ]]; then
  say 'The user cancels the container and its network'
  space=$(router)
  "$bin/explorer-sim" delete --url "$url" --key "$demo/user.key" \
    "$container" "$network" | sed 's/^/   /'
  expected[$container]=gone expected[$network]=gone
  both_are_gone() {
    answered >/dev/null
    [[ $(told "$container" result)$(told "$network" result) == deleteddeleted ]]
  }
  wait_until 'both are gone' both_are_gone
  [[ ! -d /proc/$process && ! -e $demo/node/containers/$container-1 \
    && ! -e /run/netns/$space ]] || fail 'something of them is left'
  compgen -G "/sys/fs/cgroup/*/provision-$node_id" >/dev/null \
    && fail 'control groups are left'
  echo '   no process, namespace, control group or file of them is left;' \
    "volume 5 still has its note: $(<"$(path_of 5)/note")"
fi

say 'Both sides at the end'
show_both_sides

say 'Both stop'
stop "$node_pid" TERM || fail "the node ended with $?"
node_pid=''
stop "$explorer_pid" TERM || fail "the explorer ended with $?"
explorer_pid=''
"$bin/provisiond" fsck --data-dir "$demo/node" >"$demo/fsck.out" 2>&1 \
  || fail "the store is not sound: $(<"$demo/fsck.out")"
release_volumes || fail 'a volume could not be unmounted'
rm -rf "$demo"
echo '   the store is sound, everything is cleaned up'

cat <<END

All as promised, in $SECONDS s. To try next:
  $1/explorer-sim --listen 127.0.0.1:8080 --data /tmp/explorer
  $1/provisiond --explorer http://127.0.0.1:8080 --data-dir /tmp/node
  $1/explorer-sim --help     users, faults (--fault reset=0.1), your documents
  $1/provisiond config       every setting with what it means
END
