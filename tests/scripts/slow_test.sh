#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# slowhttptest on loopback: slow headers, slow bodies, slow reading, 300 connections each for 8 s. Meanwhile others are served.
set -u
cd "$(dirname "$0")/../.." || exit 1
command -v slowhttptest > /dev/null || { echo "ok slowhttptest is not installed # skip"; exit 0; }
dir=$(mktemp -d) server=
trap '[ -z "$server" ] || { kill -TERM $server; wait $server; } 2> /dev/null; rm -rf "$dir"' EXIT
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "not ok $2"; sed 's/^/    /' "$dir/out"; fi; }
make -s -j"$(nproc)" release > "$dir/out" 2>&1 || { say 1 "the program builds"; exit 1; }
build/release/beffroi tenant add --slug v --name Ville --host 127.0.0.1 --data "$dir/data" > "$dir/out" 2>&1 || { say 1 "a town is made"; exit 1; }
port=$((20000 + RANDOM % 20000))
build/release/beffroi serve --data "$dir/data" --listen "127.0.0.1:$port" > "$dir/log" 2>&1 &
server=$!
for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$port/healthz" && break; sleep 0.05; done
for kind in "headers -H" "bodies -B" "reading -X"; do
    read -r what flag <<< "$kind"
    slowhttptest "$flag" -c 300 -r 200 -i 4 -l 8 -u "http://127.0.0.1:$port/demarches" > "$dir/slow" 2>&1 &
    slow=$!
    sleep 2
    : > "$dir/out"
    bad=0
    for _ in $(seq 20); do
        said=$(curl -s -o /dev/null --max-time 2 -w '%{http_code} %{time_total}' "http://127.0.0.1:$port/demarches")
        echo "$said" >> "$dir/out"
        [ "${said%% *}" = 200 ] || bad=1
    done
    wait $slow
    say $bad "while 300 clients are slow with $what, others get their page"
done
kill -0 $server
say $? "and the server is there"
