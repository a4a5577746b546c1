#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Follows docs/add-a-kind.md: its kind goes through the tool that compiles kinds in; a fault is refused with its place.
set -u
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
block() { awk -v l="$1" -v n="$2" '$0 == "```" l {k++; if (k == n) {on = 1; next}} /^```$/ {on = 0} on' docs/add-a-kind.md; }
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "not ok $2"; sed 's/^/    /' "$dir/out"; fi; }
mapfile -t shipped < <(find src towns -name '*.kind.yaml' -o -name '*.list.yaml' -o -path 'src/core/asks.yaml')
block yaml 1 > "$dir/lost.kind.yaml"
build/tools/mkkind "$dir/kinds.c" "$dir/kinds.h" "${shipped[@]}" "$dir/lost.kind.yaml" > "$dir/out" 2>&1
say $? "the kind of the page compiles in"
gcc -std=gnu11 -D_GNU_SOURCE -Isrc -I"$dir" -Ibuild/gen -Wall -Wextra -Werror -c -o "$dir/x.o" "$dir/kinds.c" > "$dir/out" 2>&1
say $? "and the C compiles without a warning"
grep -q 'lost' "$dir/kinds.c"
say $? "and is there"
make -s debug > "$dir/out" 2>&1
build/debug/beffroi check-kind "$dir/lost.kind.yaml" > "$dir/out" 2>&1
say $? "the program takes it"
sed 's/type: yesno/type: yesnt/' "$dir/lost.kind.yaml" > "$dir/bad.kind.yaml"
! build/debug/beffroi check-kind "$dir/bad.kind.yaml" > "$dir/out" 2>&1 && grep -q 'fields\[2\]' "$dir/out"
say $? "a type that is none is refused, with its place"
