#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# bare.sh — for tests that need a machine: a minimal Debian 12 with systemd, booted in namespaces of its own, without network. Sourced, as
# root, by a script that first says:  bare_namespaces "$@"
#   bare_make               into $root, over a debootstrap of the week; that one and downloaded packages are kept in CACHE (~/.cache/beffroi-fresh)
#   bare_download PACKAGE…  into that cache, with what they depend on
#   bare_boot · bare_stop   its systemd
#   b COMMAND…              runs in it · bnet COMMAND… a command of this machine in its network
set -uo pipefail
bare_namespaces() {
    [ "$(id -u)" -eq 0 ] || { echo "$0: needs root (debootstrap, systemd-nspawn)" >&2; exit 2; }
    for tool in debootstrap systemd-nspawn dh curl jq; do
        command -v $tool > /dev/null || { echo "$0: install debootstrap systemd-container debhelper curl jq" >&2; exit 2; }
    done
    [ "${1:-}" = --inside ] || exec unshare --mount --pid --fork --kill-child --mount-proc "$0" --inside "$@"
    mount --make-rprivate /
    mount -t tmpfs tmpfs /run
    cache=${CACHE:-$HOME/.cache/beffroi-fresh}
    dir=$(mktemp -d /var/tmp/beffroi-bare.XXXXXX) root=$dir/root nspawn=
    mkdir -p "$cache/archives/partial" "$root"
    trap bare_end EXIT
    trap 'exit 143' INT TERM HUP
}
bare_end() {
    bare_stop
    umount "$root/var/cache/apt/archives" "$root" "$dir/over" 2> /dev/null
    rm -rf --one-file-system "$dir"
}
passed=0 failed=0
# is NAME GOT EXPECTED
is() {
    if [ "$2" = "$3" ]; then echo "ok $1"; passed=$((passed + 1)); else
        printf 'not ok %s\n    got      %s\n    expected %s\n' "$1" "$2" "$3"; failed=$((failed + 1))
        [ ! -s "$dir/last" ] || tail -n 15 "$dir/last" | sed 's/^/    | /'
    fi
}
bare_finish() { echo "$passed passed, $failed failed"; [ "$failed" -eq 0 ]; exit; }

bare_make() {
    local mirror f base=$cache/base-$(date +%G-%V)
    if [ ! -d "$base" ]; then
        rm -rf "$cache"/base-*
        mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2> /dev/null |
            sed -nE 's/^(URIs:|deb( +\[[^]]*\])?) +([^ ]+).*/\3/p' | grep debian | grep -v security | head -n 1) || true
        debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus --cache-dir="$cache/archives" bookworm "$dir/base" "${mirror:-http://deb.debian.org/debian}" \
            > "$dir/debootstrap.log" 2>&1 || { tail -n 20 "$dir/debootstrap.log"; exit 1; }
        mkdir -p "$dir/base/var/cache/apt/archives/partial"
        rm -f "$dir/base/etc/machine-id" "$dir/base/etc/apt/sources.list"
        mv "$dir/base" "$base"
    fi
    mkdir -p "$dir/over"
    mount -t tmpfs -o mode=755 tmpfs "$dir/over"          # dpkg waits for the disk after each file
    mkdir "$dir/over/upper" "$dir/over/work"
    mount -t overlay overlay -o "lowerdir=$base,upperdir=$dir/over/upper,workdir=$dir/over/work" "$root"
    for f in sources.list sources.list.d apt.conf.d/*proxy* trusted.gpg.d; do
        [ ! -e "/etc/apt/$f" ] || cp -r "/etc/apt/$f" "$root/etc/apt/$(dirname "$f")/"
    done
    cp /etc/resolv.conf "$root/etc/"
    printf '127.0.0.1 localhost\n::1 localhost\n' > "$root/etc/hosts"        # what the installer of Debian writes
    ln -s /dev/null "$root/etc/systemd/system/systemd-networkd-wait-online.service"     # two minutes for a network that never comes
    mount --bind "$cache/archives" "$root/var/cache/apt/archives"
    echo 'APT::Sandbox::User "root"; Binary::apt::APT::Keep-Downloaded-Packages "true"; Dpkg::Use-Pty "0";' > "$root/etc/apt/apt.conf.d/99test"
    chroot "$root" apt-get -qq update > "$dir/last" 2>&1 || { cat "$dir/last"; exit 1; }
}
bare_download() { chroot "$root" apt-get install -y --no-install-recommends --download-only "$@" > "$dir/last" 2>&1 || { tail "$dir/last"; exit 1; }; }

bare_boot() {
    systemd-nspawn --quiet -D "$root" -b --keep-unit --register=no --private-network --bind="$cache/archives:/var/cache/apt/archives" < /dev/null > "$dir/console" 2>&1 &
    nspawn=$!
    for _ in $(seq 200); do
        leader=$(pgrep -P $nspawn -x systemd) && [ "$(b systemctl is-system-running 2> /dev/null)" != starting ] && b systemctl is-active -q multi-user.target 2> /dev/null && return
        sleep 0.2
    done
    tail -n 20 "$dir/console"
    echo "the machine did not start" >&2
    exit 1
}
bare_stop() {
    [ -n "$nspawn" ] || return 0
    b systemctl poweroff > /dev/null 2>&1
    for _ in $(seq 100); do kill -0 $nspawn 2> /dev/null || break; sleep 0.1; done
    kill -KILL $nspawn 2> /dev/null
    wait $nspawn 2> /dev/null
    nspawn=
}
b() { nsenter -t "$leader" -m -u -i -n -p --wdns=/ env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
bnet() { nsenter -t "$leader" -n "$@"; }
