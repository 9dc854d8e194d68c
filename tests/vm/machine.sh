# shellcheck shell=bash
# A virtual machine with systemd, cgroup v2 and Docker, made from Debian's packages. Sourced by run.sh, after compose/setup's lib.sh and
# packages.sh. Everything lies in $VM; needs root.
# Two kernels are in its image: Debian 12's 6.1, and the backported one (6.12 or newer), from which on a cgroup's peak can be reset.

VM=${VM:-$STATE/vm}
VM_PORT=${VM_PORT:-22022}
VM_PACKAGES="systemd systemd-sysv dbus docker.io apparmor ca-certificates curl openssh-server iptables iproute2 procps kmod udev netbase
  python3-minimal linux-image-cloud-amd64 initramfs-tools zstd"

vm_needs() {
  have qemu-system-x86_64 && have mmdebstrap && return
  say "installing QEMU and mmdebstrap"
  as_root apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends qemu-system-x86 seabios ipxe-qemu mmdebstrap \
    >"$STATE/log/vm-packages.log" 2>&1 || { tail -n 20 "$STATE/log/vm-packages.log" >&2 && die "installing QEMU failed"; }
}

# The image of the machine, made once for what this file and the list of packages say.
vm_image() {
  local recipe mirror security
  recipe=$(printf '%s' "$PACKAGES_RUN" | cat - "${BASH_SOURCE[0]}" | sha256sum | cut -c 1-16)
  [ "$(cat "$VM/recipe" 2>/dev/null)" = "$recipe" ] && return
  vm_needs
  mirror=$(debian_mirror)
  security=$(security_mirror)
  mkdir -p "$VM"
  rm -rf "$VM/recipe" "$VM/root" "${VM:?}/boot" "$VM/disk.img"
  [ -f "$VM/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$VM/key"
  say "making the virtual machine (about 8 minutes; log in $VM/mmdebstrap.log)"
  # shellcheck disable=SC2016,SC2086
  mmdebstrap --variant=important --include="$(echo $VM_PACKAGES $PACKAGES_RUN | tr ' ' ,)" --format=directory \
    --customize-hook='chroot "$1" apt-get install -y -q --no-install-recommends -t bookworm-backports linux-image-cloud-amd64' \
    bookworm "$VM/root" "deb $mirror bookworm main" "deb $mirror bookworm-updates main" "deb $mirror bookworm-backports main" \
    "deb $security bookworm-security main" >"$VM/mmdebstrap.log" 2>&1 || { tail -n 20 "$VM/mmdebstrap.log" >&2 && die "making the virtual machine failed"; }
  vm_settings "$VM/root"
  mkdir -p "$VM/boot"
  cp -L "$VM"/root/boot/vmlinuz-* "$VM"/root/boot/initrd.img-* "$VM/boot/"
  truncate -s 12G "$VM/disk.img"
  mkfs.ext4 -q -F -d "$VM/root" -L root "$VM/disk.img"
  rm -rf "$VM/root"
  printf '%s' "$recipe" >"$VM/recipe"
}

vm_settings() { # <root>
  echo stackdyno-vm >"$1/etc/hostname"
  echo '127.0.0.1 localhost stackdyno-vm' >"$1/etc/hosts"
  echo '/dev/vda / ext4 defaults,noatime 0 1' >"$1/etc/fstab"
  printf '[Match]\nName=en* eth*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n' >"$1/etc/systemd/network/20-user.network"
  chroot "$1" systemctl -q enable systemd-networkd
  printf 'UseDNS no\nPermitRootLogin yes\n' >"$1/etc/ssh/sshd_config.d/vm.conf"
  chroot "$1" ssh-keygen -A >/dev/null
  install -d -m 700 "$1/root/.ssh"
  cp "$VM/key.pub" "$1/root/.ssh/authorized_keys"
  rm -f "$1/etc/machine-id"
  chroot "$1" systemd-machine-id-setup >/dev/null 2>&1
  chroot "$1" systemctl -q disable apt-daily.timer apt-daily-upgrade.timer man-db.timer e2scrub_all.timer fstrim.timer 2>/dev/null || true
  # An emulated machine is slow: containerd may need more than the 90 s after which systemd gives it up.
  mkdir -p "$1/etc/systemd/system.conf.d"
  printf '[Manager]\nDefaultTimeoutStartSec=900\nDefaultDeviceTimeoutSec=900\n' >"$1/etc/systemd/system.conf.d/slow.conf"
  printf 'nameserver 10.0.2.3\n' >"$1/etc/resolv.conf"
}

vm_kernels() { find "$VM/boot" -name 'vmlinuz-*' -printf '%f\n' | sed 's/^vmlinuz-//' | sort -V; }

# Boots a kernel and waits until ssh answers. KVM is tried where it is there, and left where the kernel does not come up under it.
vm_start() { # <kernel>
  if [ -w /dev/kvm ] && [ "${VM_ACCEL:-kvm}" = kvm ]; then
    vm_boot "$1" 90 -accel kvm -cpu host && return
    vm_kill
    warn "no ssh within 90 s under KVM; emulating, which is 10 times slower (VM_ACCEL=tcg does so from the start)"
  fi
  VM_ACCEL=tcg
  # cx16=off: under cmpxchg16b as QEMU 7.2 emulates it, Linux 6.12 panics at its start.
  vm_boot "$1" 900 -accel tcg,thread=multi,tb-size=1024 -cpu max,la57=off,cx16=off || { tail -n 20 "$VM/console" >&2 && die "the virtual machine does not come up"; }
}

vm_boot() { # <kernel> <seconds> <accelerator…>
  local kernel=$1 limit=$2 begin=$SECONDS
  shift 2
  : >"$VM/console"
  qemu-system-x86_64 -name stackdyno-vm -M q35 "$@" -m 4096 -smp 2 -nodefaults -no-user-config -display none -no-reboot \
    -serial "file:$VM/console" -kernel "$VM/boot/vmlinuz-$kernel" -initrd "$VM/boot/initrd.img-$kernel" \
    -append "console=ttyS0 root=/dev/vda rw net.ifnames=0 mitigations=off" \
    -drive "file=$VM/disk.img,if=virtio,format=raw,cache=unsafe,discard=unmap" \
    -object rng-random,id=r,filename=/dev/urandom -device virtio-rng-pci,rng=r \
    -netdev "user,id=n,hostfwd=tcp:127.0.0.1:$VM_PORT-:22" -device virtio-net-pci,netdev=n \
    -pidfile "$VM/pid" >"$VM/qemu.log" 2>&1 </dev/null &
  VM_PID=$!
  until vm_ssh true 2>/dev/null; do
    kill -0 "$VM_PID" 2>/dev/null || return 1
    [ $((SECONDS - begin)) -lt "$limit" ] || return 1
    sleep 2
  done
  note "Linux $kernel answers after $((SECONDS - begin)) s"
}

vm_ssh() {
  ssh -i "$VM/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=10 -p "$VM_PORT" root@127.0.0.1 "$@"
}

vm_kill() {
  [ -n "${VM_PID:-}" ] || return 0
  kill "$VM_PID" 2>/dev/null || true
  wait "$VM_PID" 2>/dev/null || true
  VM_PID=
}

vm_stop() {
  local tries
  [ -n "${VM_PID:-}" ] || return 0
  vm_ssh 'sync; systemctl poweroff' 2>/dev/null || true
  for ((tries = 0; tries < 60; tries++)); do
    kill -0 "$VM_PID" 2>/dev/null || break
    sleep 1
  done
  vm_kill
}
