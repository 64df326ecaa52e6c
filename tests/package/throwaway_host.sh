# Sourced by bash: a host that is thrown away. Its files are an overlay over
# those of this machine, kept in memory; its systemd is the first process of
# namespaces of its own. Nothing of it outlives `throw_host_away`.
#
#   start_host BEFORE     runs the function BEFORE on the files, then boots
#   on_host COMMAND...    runs a command there
#   throw_host_away

host_folder='' host_groups=() host_starter='' host_init=''
readonly groups=$([[ -d /sys/fs/cgroup/unified ]] \
  && echo /sys/fs/cgroup/unified || echo /sys/fs/cgroup)

# Control groups of the older version, which limit what those of the newer one
# cannot where both are there: a line with mount point and controllers for each.
older_groups() {
  awk '$3 == "cgroup" && $4 ~ /(^|,)(memory|cpu|pids)(,|$)/ {
    count = split($4, words, ","); controllers = ""
    for (i = 1; i <= count; i++)
      if (words[i] ~ /^(memory|cpu|cpuacct|pids)$/)
        controllers = controllers (controllers ? "," : "") words[i]
    print $2, controllers }' /proc/self/mounts
}

# Why there can be no host here; nothing if there can.
host_obstacle() {
  local program
  [[ $(id -u) -eq 0 ]] || { echo 'needs root'; return; }
  for program in /lib/systemd/systemd unshare nsenter dpkg-deb; do
    command -v "$program" >/dev/null || { echo "needs $program"; return; }
  done
  [[ -e $groups/cgroup.procs ]] || { echo 'needs cgroup2'; return; }
  unshare --mount --pid --fork --cgroup --net sh -c \
    'mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w && mount -t overlay \
      -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w none /mnt' 2>/dev/null \
    || echo 'needs the right to make namespaces and overlays'
}

# Units that would change what namespaces do not keep apart.
readonly unwanted='systemd-sysctl.service systemd-modules-load.service
  systemd-binfmt.service systemd-tmpfiles-setup-dev.service
  systemd-remount-fs.service systemd-random-seed.service
  systemd-udevd.service systemd-udev-trigger.service systemd-hwdb-update.service
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount
  sys-kernel-config.mount dev-hugepages.mount tmp.mount systemd-timesyncd.service
  systemd-networkd.service systemd-resolved.service'

# In the namespaces: makes the files and becomes their systemd.
inside_host() { # FOLDER BEFORE
  set -Eeu
  trap 'echo "while the host was made, this failed: $BASH_COMMAND" >&2' ERR
  local root=$1/root unit older
  # Not seen once another /proc is there.
  older=$(older_groups)
  mount --make-rprivate /
  mount -t tmpfs -o mode=755,size=4g tmpfs "$1"
  mkdir "$1/upper" "$1/work" "$root"
  mount -t overlay overlay "$root" \
    -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  while read -r _ unit; do
    mkdir -p "$root/run/older-groups/$unit"
    mount -t cgroup -o "$unit" cgroup "$root/run/older-groups/$unit"
  done <<<"$older"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount --rbind /dev "$root/dev"
  ip link set lo up
  hostname throwaway
  for unit in $unwanted; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
  root=$root "$2"
  cd "$root"
  mkdir .old
  pivot_root . .old
  umount --lazy /.old
  rmdir /.old
  exec env --ignore-environment container=throwaway \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --unit=basic.target --log-target=journal
}

start_host() { # BEFORE
  host_folder=$(mktemp --directory)
  mapfile -t host_groups < <(echo "$groups"; older_groups | cut -d ' ' -f 1)
  host_groups=("${host_groups[@]/%//throwaway.$$}")
  mkdir "${host_groups[@]}"
  (
    for group in "${host_groups[@]}"; do
      echo "$BASHPID" >"$group/cgroup.procs"
    done
    exec unshare --mount --pid --fork --cgroup --ipc --uts --net --kill-child \
      bash "$0" --inside "$host_folder" "$1"
  ) &
  host_starter=$!
  wait_until 'the host has a first process' has_init
  wait_until 'the host is up' is_up
}

has_init() {
  kill -0 "$host_starter" 2>/dev/null || fail 'the host could not be made'
  host_init=$(pgrep --parent "$host_starter" systemd) || return 1
}

is_up() { on_host systemctl is-active --quiet basic.target 2>/dev/null; }

on_host() {
  nsenter --target "$host_init" --mount --pid --cgroup --ipc --uts --net \
    --root -- env --chdir=/ "$@"
}

throw_host_away() {
  if [[ -n $host_starter ]]; then
    kill -KILL "$(pgrep --parent "$host_starter")" 2>/dev/null || true
    wait "$host_starter" 2>/dev/null || true
  fi
  if [[ ${#host_groups[@]} -gt 0 ]]; then
    wait_until 'the host is gone' remove_groups
  fi
  [[ -z $host_folder ]] || rmdir "$host_folder"
}

remove_groups() {
  local group
  for group in "${host_groups[@]}"; do
    [[ ! -e $group ]] \
      || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || return 1
  done
}

# Waits until a command succeeds, half a minute at most.
wait_until() { # WHAT COMMAND...
  local what=$1 tries=0
  shift
  until "$@"; do
    ((++tries <= 600)) || fail "waited in vain until $what"
    sleep 0.05
  done
}
