#!/usr/bin/env bash
# Workloads that are processes, under the unit of the Debian package and a real
# systemd: a container, a machine and a namespace, with the drop-ins that they
# need. Ends with 0 if all was as promised, with 77 if this machine cannot.
#
#   processes_test.sh DEB WISHES ZDB
#
# WISHES is the program package_wishes, ZDB a 0-db server. Run from the root of
# the sources.
set -euo pipefail

# Before the host's systemd runs; the folder of its files is in $root.
install_with_images() {
  # Files of containers are an overlay, which cannot stand on another one.
  mkdir -p "$root/var/lib/provisiond"
  mount -t tmpfs -o mode=700,size=2g tmpfs "$root/var/lib/provisiond"
  install_without_systemd
  cp "$ZDB" "$root/usr/sbin/zdb"
  cp -r build/test_guest "$root/opt/guest"
  make_box_image "$root/opt/images"
}

# Archive "box.tar" with busybox, which runs a shell: it is root's alone, and goes
# through the hands of the user who fetches images.
make_box_image() { # FOLDER
  local files=$1/files name
  mkdir -p "$files/bin" "$files/tmp"
  cp "$(command -v busybox)" "$files/bin/busybox"
  for name in sh sleep id touch chmod; do
    ln -s busybox "$files/bin/$name"
  done
  umoci init --layout "$1/box"
  umoci new --image "$1/box:latest"
  umoci insert --image "$1/box:latest" "$files" / >/dev/null
  umoci config --image "$1/box:latest" --config.env PATH=/bin
  skopeo copy --quiet "oci:$1/box:latest" "oci-archive:$1/box.tar:latest"
  chmod 600 "$1/box.tar"
  rm -r "$1/box" "$1/files"
}

if [[ ${1:-} != --inside ]]; then
  export ZDB=$3
  for program in crun skopeo umoci qemu-system-x86_64 busybox; do
    if ! command -v "$program" >/dev/null; then
      echo "SKIP: needs $program"
      exit 77
    fi
  done
  if ! scripts/make_test_guest.sh build/test_guest; then
    echo 'SKIP: the machine for tests cannot be made here'
    exit 77
  fi
fi
source "$(dirname "$0")/service_host.sh"

readonly drop_ins=/etc/systemd/system/provisiond.service.d
readonly examples=/usr/share/doc/provisiond/examples
readonly groups_there=/sys/fs/cgroup/system.slice/provisiond-workloads.service

drop_in() { # NAME...
  local name
  on_host mkdir -p "$drop_ins"
  for name in "$@"; do
    on_host cp "$examples/$name.conf" "$drop_ins/"
  done
  on_host systemctl daemon-reload
}

has_workloads() { # COUNT
  wait_until "$1 workloads run" provisioned "$1"
}

state_of() { ask show "$1" --json; }

# As docs/operators_guide.md says: what is not allowed is refused, not tried.
refuses_what_its_unit_does_not_allow() {
  have_wishes processes
  set_key containers image_folder '"/opt/images"'
  set_key machines image_folder '"/opt/guest"'
  set_key zdb listen '"127.0.0.1:9900"'
  set_key volumes technique '"directory"'
  set_key capacity sru '"100GiB"'
  set_key capacity hru '"100GiB"'
  holds on_host systemctl restart provisiond
  has_workloads 2
  state_of 102-1 | grep -qF containers.conf || fail 'no word of containers.conf'
  state_of 103-1 | grep -qF machines.conf || fail 'no word of machines.conf'
}

# With the drop-ins of these names, and no others; what was refused before is
# forgotten with the store.
serves() { # COUNT NAME...
  on_host systemctl stop provisiond
  on_host rm -rf "$drop_ins" "$data/store"
  drop_in "${@:2}"
  holds on_host systemctl start provisiond
  has_workloads "$1"
}

# All that are in the groups of workloads.
processes() {
  on_host sh -c "cat \$(find $groups_there/provision-* -name cgroup.procs)" \
    | sort -n
}

programs() {
  local process
  for process in $(processes); do
    on_host cat "/proc/$process/comm"
  done | sort | paste -sd ' '
}

field() { # PROCESS NAME
  on_host sed -n "s/^$2:\s*//p" "/proc/$1/status" | cut -f 1
}

are_in_groups_of_their_own() {
  [[ $(programs) == 'qemu-system-x86 sh sleep zdb' ]] \
    || fail "in the groups of workloads are: $(programs)"
  # Those who look after them are the daemon's.
  [[ $(on_host cat /sys/fs/cgroup/system.slice/provisiond.service/cgroup.procs \
    | wc -l) -ge 4 ]] || fail 'the shims are elsewhere'
}

are_confined() {
  local process
  for process in $(processes); do
    [[ $(field "$process" NoNewPrivs) == 1 ]] \
      || fail "$process may gain privileges"
    [[ $(field "$process" Seccomp) == 2 ]] || fail "$process has no filter"
    case $(on_host cat "/proc/$process/comm") in
      qemu* | zdb) [[ $(field "$process" CapBnd) =~ ^0+$ ]] \
        || fail "$process has capabilities" ;;
      *) [[ $(field "$process" Uid) == 100000 ]] \
        || fail "$process is a user of the host" ;;
    esac
  done
}

# Root of its own, and files with set-uid bits.
can_do_what_containers_do() {
  wait_until 'the container has worked' said '0 marked'
}

fetches_images_as_a_user_of_its_own() {
  holds_not logs 'images are fetched by the user nobody'
  [[ $(on_host stat --format %U /opt/images/box.tar) == root ]] \
    || fail 'the archive has another owner'
}

said() { # LINES
  [[ $(ask logs 102-1 2>/dev/null | awk '{ print $NF }' | paste -sd ' ') \
    == "$1" ]]
}

outlive() { # WHAT COMMAND...: processes are the same after it
  local before what=$1
  shift
  before=$(processes)
  [[ -n $before ]] || fail 'there are no processes'
  "$@"
  wait_until "the daemon is back after $what" ask ready >/dev/null 2>&1
  has_workloads 4
  [[ $(processes) == "$before" ]] || fail "$what changed processes:" \
    "$before" 'became' "$(processes)"
}

execute_systemd_anew() { on_host systemctl daemon-reexec; }

install_again() {
  on_host dpkg --remove provisiond >/dev/null 2>&1
  on_host dpkg --install /provisiond.deb >/dev/null
  # One that was stopped stays so.
  on_host systemctl start provisiond
}

leave_nothing() {
  local id
  for id in 101-1 102-1 103-1 104-1; do
    holds ask cancel "$id" --reason 'a test is over' >/dev/null
  done
  [[ -z $(on_host find "$groups_there" /run/older-groups -name 'provision-*') ]] \
    || fail 'a group is left'
  [[ -z $(on_host ls -A "$data/containers" "$data/machines" "$data/zdb" \
    | grep -v ':$') ]] || fail 'a record is left'
  [[ -z $(on_host ls -A "$data/volumes") ]] || fail 'a disk is left'
  [[ -z $(on_host ip netns list) ]] || fail 'a namespace is left'
  holds_not on_host pgrep -f 'provisiond-shim|crun|qemu-system|wireguard-go'
}

removal_leaves_no_keeper() {
  on_host dpkg --remove provisiond >/dev/null 2>&1
  wait_until 'the group of groups is gone' \
    on_host test ! -e "$groups_there"
}

say 'is installed with images beside it'
start_host install_with_images
say 'refuses what its unit does not allow'
refuses_what_its_unit_does_not_allow
say 'runs machines with the drop-in for machines alone'
serves 3 machines
say 'runs all with both'
serves 4 machines containers
say 'keeps them in groups that systemd has delegated'
are_in_groups_of_their_own
say 'confines them'
are_confined
say 'fetches images as a user of its own'
fetches_images_as_a_user_of_its_own
say 'lets containers do what they do elsewhere'
can_do_what_containers_do
say 'they outlive a restart'
outlive 'a restart' restart_it
say 'they outlive kill -9'
outlive 'kill -9' kill_it
say 'they outlive systemd itself'
outlive 'a new systemd' execute_systemd_anew
say 'they outlive the removal of the package'
outlive 'a removal' install_again
say 'nothing of them is left'
leave_nothing
say 'runs containers with the drop-in for containers alone'
# What it allows is enough for machines whose processors are software.
serves 4 containers
leave_nothing
say 'is removed with what held their groups'
removal_leaves_no_keeper
