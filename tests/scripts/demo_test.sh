#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The demonstration: 500 dossiers in every state of a procedure, 100 reports, an account of each role; filled twice, it says the same.
set -u
cd "$(dirname "$0")/../.." || exit 1
make -s V=debug all > /dev/null || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "not ok $2"; cat "$dir/out" 2> /dev/null; fi; }
ask() { sqlite3 "$dir/$1/beffroi.db" "$2" > "$dir/out"; }
for n in one two; do build/debug/beffroi demo --data "$dir/$n" > "$dir/$n.accounts" 2> /dev/null || say 1 "$n is filled"; done
ask one "SELECT count(*) FROM record WHERE kind <> 'report'" && [ "$(cat "$dir/out")" = 500 ]
say $? "500 dossiers"
ask one "SELECT count(*) FROM record WHERE kind = 'report'" && [ "$(cat "$dir/out")" = 100 ]
say $? "100 reports"
ask one "SELECT DISTINCT state FROM record WHERE kind <> 'report'"
states=$(sed -n '/^states:/,/^transitions:/s/^  \([a-z_]*\):.*/\1/p' src/services/procedures/procedure.kind.yaml)
missing=$(for s in $states; do grep -qx "$s" "$dir/out" || echo "$s"; done)
[ -n "$states" ] && [ -z "$missing" ]
say $? "every state of a procedure occurs $missing"
ask one "SELECT DISTINCT state FROM record WHERE kind = 'report'"
states=$(sed -n '/^states:/,/^transitions:/s/^  \([a-z_]*\):.*/\1/p' src/services/reports/report.kind.yaml)
missing=$(for s in $states; do grep -qx "$s" "$dir/out" || echo "$s"; done)
[ -n "$states" ] && [ -z "$missing" ]
say $? "every state of a report occurs $missing"
for n in one two; do ask "$n" "SELECT kind, state, title, doc FROM record ORDER BY created, doc" && sed 's/"[0-9A-Za-z-]*"\]/"file"]/g' "$dir/out" > "$dir/$n.said"; done
cmp -s "$dir/one.accounts" "$dir/two.accounts" && [ "$(cut -d'|' -f1-3 "$dir/one.said" | sort | md5sum)" = "$(cut -d'|' -f1-3 "$dir/two.said" | sort | md5sum)" ]
say $? "the same kinds, states and titles each time"
