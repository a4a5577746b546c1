#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What of the Debian package can be seen without building it; the rest takes minutes and root: make deb-test.
set -u
cd "$(dirname "$0")/../.." || exit 1
make -s V=debug all > /dev/null || exit 1
bin=build/debug/beffroi dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
is() { if [ "$2" = "$3" ]; then echo "ok $1"; else printf 'not ok %s\n  got      %s\n  expected %s\n' "$1" "$2" "$3"; fi; }
is "the changelog has the program's version" "$(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)" "$("$bin" version | cut -d' ' -f2)"
run=$(sed -n 's/^run //p' packages.txt | tr ' ' '\n' | grep -vE '^(gcc|libc6-dev|make|tzdata|ca-certificates|fonts-.*)$' | LC_ALL=C sort)
build=$(sed -n '/^Build-Depends:/,/^$/p' debian/control | tr ',' '\n' | tr -d ' ' | LC_ALL=C sort)
is "what is installed to build is what the package asks for" "$(LC_ALL=C comm -23 <(echo "$run") <(echo "$build") | paste -sd ' ')" ""
"$bin" manual > "$dir/beffroi.8"
is "the manual is roff that man reads without a word" "$(LC_ALL=C.UTF-8 MANWIDTH=80 man -l -E UTF-8 --warnings "$dir/beffroi.8" 2>&1 > /dev/null)" ""
is "it has every command" "$("$bin" help | sed -n 's/^beffroi \([a-z -]*[a-z]\).*/\1/p' | sed 's/ *$//' | while read -r c; do grep -qF "\\fB${c//-/\\-}\\fR" "$dir/beffroi.8" || echo "$c"; done)" ""
"$bin" settings > "$dir/beffroi.conf"
is "the file of settings is one: uncommented, it is read without a fault" "$(sed -n 's/^# \([a-z_]* = ..*\)/\1/p' "$dir/beffroi.conf" > "$dir/all.conf"; BEFFROI_CONF=$dir/all.conf "$bin" kinds --data "$dir/nowhere" 2>&1 | grep -c all.conf)" 0
mkdir "$dir/units"
for f in debian/beffroi.service debian/beffroi.beffroi-nightly.service debian/beffroi.beffroi-nightly.timer; do
    sed "s,=/usr/bin/beffroi,=$PWD/$bin,; s,=/usr/libexec/beffroi/,=$PWD/debian/," $f > "$dir/units/${f#debian/beffroi.}"
done
mv "$dir/units/service" "$dir/units/beffroi.service"
if command -v systemd-analyze > /dev/null; then
    is "systemd finds no fault in the units" "$(systemd-analyze verify --man=no "$dir"/units/* 2>&1 | grep -F "$dir")" ""
fi
exit 0
