#!/usr/bin/env bash
# The life of the Debian package on a host: without systemd, then with a real
# one that applies the unit's sandbox. Ends with 0 if all was as promised, with
# 77 if this machine cannot make a host to throw away.
#
#   deb_test.sh DEB WISHES
#
# WISHES is the program package_wishes. Run from the root of the sources.
set -euo pipefail
source "$(dirname "$0")/service_host.sh"

refuses_to_run_without_a_source() {
  holds_not on_host systemctl start provisiond 2>/dev/null
  holds is_state failed
  [[ $(property NRestarts) == 0 ]] || fail 'a wrong configuration is retried'
  holds logs 'set explorer.url or replay.file'
  holds on_host systemctl is-enabled --quiet provisiond
  [[ -z $(on_host systemd-analyze verify provisiond.service 2>&1 \
    | grep -F provisiond) ]] || fail 'systemd-analyze finds fault with the unit'
}

starts_and_serves() {
  have_wishes
  set_key volumes pool_image_size '"2GiB"'
  set_key provisioners isolate '["volume"]'
  holds on_host provisiond check --config "$configuration" >/dev/null
  holds on_host systemctl start provisiond
  holds is_state active
  wait_until 'both workloads run' provisioned 2
}

status_is_told() { [[ $(property StatusText) == running,* ]]; }

is_confined() {
  local status
  status=$(on_host cat "/proc/$(main_process)/status")
  grep -qE '^NoNewPrivs:\s*1$' <<<"$status" || fail 'may gain privileges'
  grep -qE '^Seccomp:\s*2$' <<<"$status" || fail 'has no filter of calls'
  # CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_NET_ADMIN, CAP_NET_RAW, CAP_SETPCAP and
  # CAP_SYS_ADMIN
  grep -qE '^CapBnd:\s*000000000020310a$' <<<"$status" \
    || fail "has other capabilities: $status"
}

# A root without the unit's sandbox, asked for the same.
can_do_what_the_host_can() {
  local abilities type technique
  abilities=$(on_host provisiond probe --data-dir /root --json)
  for type in volume network; do
    technique=$(sed -E "s/.*\"type\":\"$type\",\"state\":\"[a-z]*\",\"technique\":\"([^\"]*)\".*/\1/" \
      <<<"$abilities")
    holds logs " ${type}s=$technique "
  done
}

# What of the workloads must be the same after a restart.
volume() { on_host find "$data/volumes" -maxdepth 2 -type d -name 100-1; }
networks() { on_host sh -c 'stat --format "%n %i" /run/netns/*'; }
tunnels() { on_host pgrep wireguard-go || true; }
workloads() { volume; networks; tunnels; on_host cat "$(volume)/mine"; }

workloads_are_seen_on_the_host() {
  [[ -n $(volume) ]] || fail 'the volume is not seen outside of the service'
  on_host sh -c "echo 'customer data' >'$(volume)/mine'"
  [[ $(on_host ip netns list | wc -l) -ge 1 ]] || fail 'there is no namespace'
}

lets_members_in() {
  holds as_member provisiond-readers status
  holds_not as_member provisiond-readers pause
  holds as_member provisiond-admins pause
  holds as_member provisiond-admins resume
  holds_not as_member nogroup status
}

reloads() {
  set_key log level '"debug"'
  holds on_host systemctl reload provisiond
  wait_until 'the configuration was read again' logs \
    'the configuration was read again'
}

outlives() { # WHAT COMMAND...: workloads are the same after it
  local before process what=$1
  shift
  before=$(workloads)
  process=$(main_process)
  "$@"
  wait_until "the daemon is back after $what" is_another_process "$process"
  wait_until "both workloads run after $what" provisioned 2
  [[ $(workloads) == "$before" ]] || fail "$what changed workloads:" \
    "$before" 'became' "$(workloads)"
}

hang_it() {
  on_host sh -c 'mkdir -p /run/systemd/system/provisiond.service.d
    printf "[Service]\nWatchdogSec=1\n" \
      >/run/systemd/system/provisiond.service.d/watchdog.conf
    systemctl daemon-reload && systemctl restart provisiond'
  # It is told with the watchdog's beat.
  wait_until 'the status is told' status_is_told
  on_host kill -STOP "$(main_process)"
}

# -- the package ---------------------------------------------------------------

install_next_version() {
  local folder=$1
  dpkg-deb --raw-extract "$DEB" "$folder/next"
  sed -i -E 's/^(Version: .*)/\1+next/' "$folder/next/DEBIAN/control"
  dpkg-deb --build --root-owner-group -Zgzip "$folder/next" "$folder/next.deb" \
    >/dev/null
  on_host tee /next.deb <"$folder/next.deb" >/dev/null
  on_host env DEBIAN_FRONTEND=noninteractive dpkg --install /next.deb >/dev/null
  [[ $(on_host dpkg-query --show --showformat '${Version}' provisiond) \
    == *+next ]] || fail 'the next version is not installed'
  holds on_host grep -qF "$data/wishes.jsonl" "$configuration"
}

# As docs/operators_guide.md says.
restore_from_backup() {
  on_host sh -ec "systemctl stop provisiond
    tar -C $data --exclude=./volumes --exclude='./volumes.*' \
      -czf /root/node.tar.gz .
    systemctl start provisiond"
  [[ $(on_host tar -tzf /root/node.tar.gz | grep -c volumes) == 0 ]] \
    || fail 'the backup holds volumes'
  on_host sh -ec "systemctl stop provisiond
    mv $data/store $data/store.before
    mv $data/identity.key $data/identity.key.before
    tar -C $data -xzf /root/node.tar.gz ./store ./identity.key
    systemctl start provisiond"
  holds ask capacity audit >/dev/null
}

go_on_with_the_key_alone() {
  on_host sh -ec "systemctl stop provisiond
    mv $data/store $data/store.lost
    systemctl start provisiond"
}

removal_keeps_data() {
  local before
  before=$(tunnels)$(networks)
  on_host dpkg --remove provisiond >/dev/null
  holds_not is_state active
  holds_not on_host test -e /usr/bin/provisiond
  holds on_host test -e "$configuration"
  [[ $(on_host cat "$(volume)/mine") == 'customer data' ]] \
    || fail 'the removal of the package took data'
  [[ $(tunnels)$(networks) == "$before" ]] || fail 'the removal cut networks'
}

purge_keeps_only_data() {
  on_host dpkg --purge provisiond 2>&1 | grep -qF "$data is kept" \
    || fail 'purge does not say what it keeps'
  holds_not on_host test -e /etc/provisiond
  holds_not on_host test -e /run/provisiond
  holds_not on_host test -e \
    /etc/systemd/system/multi-user.target.wants/provisiond.service
  holds on_host test -s "$data/identity.key"
  holds on_host dpkg --purge provisiond 2>/dev/null
}

comes_back() {
  on_host dpkg --install /next.deb >/dev/null
  set_key replay file "\"$data/wishes.jsonl\""
  holds on_host systemctl start provisiond
  wait_until 'both workloads are known' provisioned 2
  [[ $(on_host cat "$(volume)/mine") == 'customer data' ]] \
    || fail 'data was lost'
}

takes_down_what_is_cancelled() {
  local id
  for id in 100-1 104-1; do
    holds ask cancel "$id" --reason 'a test is over' >/dev/null
  done
  [[ -z $(volume) && -z $(tunnels) ]] || fail 'a workload is left'
  [[ -z $(on_host ip netns list) ]] || fail 'a namespace is left'
}

# What a workload's own users wrote is not root's.
takes_down_what_others_filled() {
  local plain=$data/plain
  set_key replay signatures '"off"'
  set_key volumes technique '"directory"'
  set_key volumes pool "\"$plain\""
  on_host sh -c "sed -n 's/\"100-1\"/\"200-1\"/p' $data/wishes.jsonl \
    >>$data/wishes.jsonl"
  holds on_host systemctl restart provisiond
  wait_until 'a volume without a limit is made' provisioned 1
  on_host sh -c "cd $plain/200-1 && install -d -o 65534 -m 0700 theirs \
    && install -d -o 65533 -m 1777 ours && touch theirs/file ours/file \
    && chown 65534 theirs/file ours/file"
  holds ask cancel 200-1 --reason 'a test is over' >/dev/null
  holds_not on_host test -e "$plain/200-1"
}

# The same node begins anew, in a folder that is nobody's yet.
runs_without_privileges() {
  on_host sh -c "systemctl stop provisiond
    mkdir -p /run/systemd/system/provisiond.service.d
    cp /usr/share/doc/provisiond/examples/unprivileged.conf \
      /run/systemd/system/provisiond.service.d/
    cp $data/wishes.jsonl /etc/provisiond/
    umount --lazy --all-targets --recursive $data/volumes || true
    cp $data/identity.key /root/
    rm --recursive --force --one-file-system $data
    mkdir $data
    cp /root/identity.key $data/
    systemctl daemon-reload"
  set_key replay file '"/etc/provisiond/wishes.jsonl"'
  set_key volumes technique '"auto"'
  set_key volumes pool '""'
  holds on_host systemctl start provisiond
  on_host cat "/proc/$(main_process)/status" \
    | grep -qE '^CapBnd:\s*0000000000000000$' || fail 'has capabilities'
  holds ask status >/dev/null
}

# -- the story -----------------------------------------------------------------

# An authority for this alone, and one certificate for both sides.
make_certificates() { # FOLDER
  on_host sh -ec "umask 077; mkdir -p $1; cd $1
    request() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
      -nodes -days 2 \"\$@\" 2>/dev/null; }
    request -subj /CN=throw-away -keyout authority.key -out authority.pem
    request -subj /CN=node -addext subjectAltName=DNS:localhost \
      -addext basicConstraints=critical,CA:FALSE \
      -CA authority.pem -CAkey authority.key -keyout worker.key -out worker.pem
    rm authority.key
    cp worker.key daemon.key
    chown provisiond daemon.key
    chmod 755 .
    chmod 644 *.pem"
}

# With the part that needs privileges in a unit of its own.
lets_a_worker_make_volumes() {
  local keys=/etc/provisiond/keys name volume
  make_certificates "$keys"
  on_host tee /etc/provisiond/worker.toml >/dev/null <<END
[node]
data_dir = "/var/lib/provisiond-worker"
[volumes]
pool_image_size = "2GiB"
[workers]
listen = "127.0.0.1:7443"
daemon = "localhost"
certificate = "$keys/worker.pem"
key = "$keys/worker.key"
authority = "$keys/authority.pem"
END
  set_key workers volume '"localhost:7443"'
  set_key workers certificate "\"$keys/worker.pem\""
  set_key workers key "\"$keys/daemon.key\""
  set_key workers authority "\"$keys/authority.pem\""
  set_key provisioners isolate '[]'
  set_key capacity sru '"100GiB"'
  on_host systemctl stop provisiond
  on_host rm -rf "$data/store"
  holds on_host systemctl start provisiond-worker
  holds on_host systemctl start provisiond
  wait_until 'the worker has made the volumes' provisioned 2
  for name in 100-1 200-1; do
    volume=$(on_host find /var/lib/provisiond-worker/volumes -maxdepth 2 \
      -type d -name "$name")
    [[ -n $volume && $(on_host stat --file-system --format %T "$volume") \
      == btrfs ]] || fail "the worker has not made volume $name with its size"
    holds ask cancel "$name" --reason 'a test is over' >/dev/null
    holds_not on_host test -e "$volume"
  done
}

say 'is installed, twice, where no systemd runs'
start_host install_without_systemd
say 'is not started without a source of reservations'
refuses_to_run_without_a_source
say 'starts, and makes a volume and a network'
starts_and_serves
say 'is confined as its unit says'
is_confined
say 'can do in it what the host can'
can_do_what_the_host_can
say 'makes its mounts and namespaces those of the host'
workloads_are_seen_on_the_host
say 'lets members of its groups ask and order'
lets_members_in
say 'reads its configuration again'
reloads
say 'outlives kill -9'
outlives 'kill -9' kill_it
say 'outlives a restart'
outlives 'a restart' restart_it
say 'is restarted by the watchdog'
outlives 'a hang' hang_it
say 'is upgraded'
outlives 'an upgrade' install_next_version "$scratch"
say 'is restored from a backup'
outlives 'a restore' restore_from_backup
say 'goes on with its key alone'
outlives 'the loss of the store' go_on_with_the_key_alone
say 'is removed, and keeps data and configuration'
removal_keeps_data
say 'is purged, and keeps data'
purge_keeps_only_data
say 'comes back'
comes_back
say 'takes down what is cancelled'
takes_down_what_is_cancelled
say 'takes down what others filled'
takes_down_what_others_filled
say 'runs without privileges'
runs_without_privileges
say 'lets a worker make volumes'
lets_a_worker_make_volumes
