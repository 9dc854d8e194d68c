#!/usr/bin/env bash
# Makes the stand-in for debian:trixie: a minimal Debian 13 from the mirror this machine itself uses,
# trusting the certificate authorities this machine trusts. Prints the root file system as a tar.
set -euo pipefail

suite=trixie
mirror=$1
security=$2 # may be empty
work=$(mktemp -d "$3/mmdebstrap.XXXXXX")
root=$work/root
trap 'rm -rf --one-file-system "$work"' EXIT

# As the official slim image: no documentation, and dpkg does not wait for the disk. The options stay in the image for what is
# installed there later. mmdebstrap, because it takes half of debootstrap's time.
options=(force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-include=/usr/share/doc/*/copyright' 'path-exclude=/usr/share/man/*'
  'path-exclude=/usr/share/info/*' 'path-exclude=/usr/share/locale/*')
mmdebstrap --variant=minbase --include=ca-certificates --format=directory "${options[@]/#/--dpkgopt=}" "$suite" "$root" "$mirror" >&2

rm -f "$root/etc/apt/sources.list"
{
  printf 'Types: deb\nURIs: %s\nSuites: %s %s-updates\nComponents: main\n' "$mirror" "$suite" "$suite"
  printf 'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n'
  if [ -n "$security" ]; then
    printf '\nTypes: deb\nURIs: %s\nSuites: %s-security\nComponents: main\n' "$security" "$suite"
    printf 'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n'
  fi
} >"$root/etc/apt/sources.list.d/debian.sources"

# No package lists, no services started by packages.
cat >"$root/etc/apt/apt.conf.d/image" <<'EOF'
APT::Keep-Downloaded-Packages "false";
Acquire::Languages "none";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Retries "3";
EOF
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb
rm -rf "$root"/var/log/*.log "$root"/var/log/apt "$root"/var/cache/debconf/*-old "$root"/etc/machine-id
: >"$root/etc/machine-id"
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"

# The finished bundle alone would be undone by the next update-ca-certificates inside.
mkdir -p "$root/usr/local/share/ca-certificates"
find /usr/local/share/ca-certificates -name '*.crt' -exec cp -t "$root/usr/local/share/ca-certificates" {} + 2>/dev/null || true
chroot "$root" update-ca-certificates --fresh >&2

tar -C "$root" --numeric-owner --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -c .
