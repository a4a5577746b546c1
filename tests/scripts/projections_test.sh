#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A server that finds projections of another version makes them again by itself, on both engines, while it serves.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${BEFFROI_TEST_PG:-}" ]; then exec tests/with-postgres "$0"; fi
{ make -s V=debug all && make -s V=release all; } > /dev/null || exit 1
bin=build/debug/beffroi dir=$(mktemp -d) server=
trap '[ -z "$server" ] || { kill -TERM $server; wait $server; } 2> /dev/null; rm -rf "$dir"' EXIT
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "not ok $2"; fi; }
ask() { if [ "$engine" = sqlite ]; then sqlite3 "$dir/sqlite/beffroi.db" ".timeout 2000" "$1"; else psql -qAt "$BEFFROI_TEST_PG" -c "$1"; fi; }
for engine in sqlite postgresql; do
    [ "$engine" = sqlite ] || export BEFFROI_STORE=$BEFFROI_TEST_PG
    build/release/beffroi demo --data "$dir/$engine" > /dev/null 2> "$dir/log" || { say 1 "$engine: a demonstration"; tail -n 5 "$dir/log"; continue; }
    rows=$(ask 'SELECT count(*) FROM record_index')
    made=$(grep -o '"store.rebuilt","text":"[a-z]* ' "$dir/log" | sort -u | wc -l)
    [ "$rows" -gt 0 ] && [ "$made" -gt 0 ] && [ "$(ask "SELECT count(*) FROM projection WHERE version <> ''")" = "$made" ]
    say $? "$engine: a new store knows the versions of its projections"
    ask "DELETE FROM record_index; UPDATE projection SET version = 'older' WHERE name = 'records'" > /dev/null
    port=$((20000 + RANDOM % 20000))
    "$bin" serve --data "$dir/$engine" --listen "127.0.0.1:$port" > /dev/null 2> "$dir/log" &
    server=$!
    for _ in $(seq 200); do [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/healthz")" = 200 ] && break; sleep 0.05; done
    for _ in $(seq 1200); do grep -q "store.rebuilt" "$dir/log" && break; sleep 0.1; done             # put off a minute by writers of the same rows
    [ "$(ask 'SELECT count(*) FROM record_index')" = "$rows" ] && [ "$(ask "SELECT count(*) FROM projection WHERE version = 'older'")" = 0 ]
    say $? "$engine: one of another version is made again"
    kill -TERM $server && wait $server
    server=
done
