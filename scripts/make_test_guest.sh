#!/usr/bin/env bash
# Makes the image of a small machine for tests: Debian's cloud kernel and an
# initrd of busybox.
#
#   scripts/make_test_guest.sh FOLDER
#
# FOLDER then holds kernel, initrd and command_line. The kernel is downloaded
# as a package and only unpacked; what is there already is kept. The guest says
# on its console what it finds, answers on port 7777 and obeys its power button.
set -euo pipefail

readonly modules=(virtio_ring virtio virtio_pci_legacy_dev
  virtio_pci_modern_dev virtio_pci virtio_blk failover net_failover virtio_net
  cdrom isofs button evdev)

if [[ $# -ne 1 ]]; then
  echo "usage: $0 FOLDER" >&2
  exit 2
fi
script=$(readlink -f "$0")
mkdir -p "$1"
cd "$1"
# Several tests may want it at once.
exec 9> lock
flock 9
made_by=$(sha256sum "$script" | cut -d ' ' -f 1)
if [[ -e complete && $(cat complete) == "$made_by" ]]; then
  exit 0
fi

for program in apt-get apt-cache dpkg-deb cpio busybox flock; do
  command -v "$program" >/dev/null || { echo "needs $program" >&2; exit 1; }
done

unpack_kernel() {
  local package
  package=$(apt-cache depends linux-image-cloud-amd64 \
    | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p' | head -n 1)
  [[ -n "$package" ]] || { echo "apt knows no cloud kernel" >&2; exit 1; }
  # As root apt would rather be another user, who may not write here.
  apt-get download -q -o APT::Sandbox::User=root "$package" >&2
  dpkg-deb -x "$package"_*.deb package
  rm -f "$package"_*.deb
  cp package/boot/vmlinuz-* kernel
}

write_init() {
  cat > root/init <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module.ko"; done < /modules/order
for word in $(cat /proc/cmdline); do
  case "$word" in
    ip=*) IFS=: read -r address _ gateway mask _ <<WORD
${word#ip=}
WORD
      ip link set eth0 up
      ifconfig eth0 "$address" netmask "$mask"
      ip route add default via "$gateway" ;;
  esac
done
boots=$(dd if=/dev/vda bs=4 count=1 2>/dev/null | tr -cd 0-9)
boots=$((boots + 1))
printf '%-4s' "$boots" | dd of=/dev/vda conv=notrunc 2>/dev/null
sync
echo "GUEST memory_kib=$(sed -n 's/MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)"
echo "GUEST cpus=$(grep -c ^processor /proc/cpuinfo)"
echo "GUEST disk_sectors=$(cat /sys/block/vda/size)"
echo "GUEST mac=$(cat /sys/class/net/eth0/address)"
mount -t iso9660 -o ro /dev/vdb /mnt
for file in user-data meta-data network-config; do
  echo "GUEST $file=$(tail -n 1 "/mnt/$file")"
done
if [ -e /sys/class/net/eth1 ]; then
  echo "GUEST public_mac=$(cat /sys/class/net/eth1/address)"
  ip link set eth1 up
  ip address add "$(sed -n \
    's/.*"eth1".*"addresses":\["\([^"]*\)"\].*/\1/p' /mnt/network-config)" dev eth1
fi
nc -ll -p 7777 -e echo "hello from boot $boots" &
for events in /dev/input/event*; do
  # Opened here: what is pressed before is lost.
  exec 4< "$events"
  { dd bs=24 count=1 <&4 >/dev/null 2>&1
    echo "GUEST leaves"
    poweroff -f; } &
done
echo "GUEST is up, boot $boots"
while :; do wait; done
INIT
  chmod 755 root/init
}

make_initrd() {
  rm -rf root
  mkdir -p root/{bin,proc,sys,dev,mnt,modules}
  cp "$(command -v busybox)" root/bin/busybox
  local module
  for module in "${modules[@]}"; do
    find package/lib/modules -name "$module.ko" -exec cp {} root/modules/ \;
    echo "$module" >> root/modules/order
  done
  write_init
  (cd root && find . | cpio --quiet -o -H newc | gzip -1) > initrd
}

unpack_kernel
make_initrd
echo "console=ttyS0 panic=-1 quiet ip={address}::{gateway}:{netmask}" \
  > command_line
rm -rf package root
echo "$made_by" > complete
