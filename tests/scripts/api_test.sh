#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The API over real HTTP: what it promises, on the demonstration; the ready procedures of the library in a town that has none, and made-up
# procedures (COUNT, 40), imported into the running server, published, and filed from their schema alone. BIN: which build; SEED, COUNT:
# which procedures.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
bin=${BIN:-build/debug/beffroi}
make -s -j"$(nproc)" debug makers >&2 || exit 1
[ -x "$bin" ] || make -s -j"$(nproc)" release >&2 || exit 1
stamp=build/node-modules-api.stamp
sum=$(sha256sum tests/api/package-lock.json | cut -d' ' -f1)
if [ "$(cat $stamp 2>/dev/null)" != "$sum" ] || [ ! -d tests/api/node_modules ]; then
    (cd tests/api && npm ci --no-audit --no-fund --silent) || exit 1
    echo "$sum" > $stamp
fi
dir=$(mktemp -d)
server=
hook=
cleanup() {
    [ -z "$hook" ] || { exec 7>&-; wait "$hook" 2>/dev/null; }
    [ -z "$server" ] || { kill -TERM "$server" 2>/dev/null; wait "$server" 2>/dev/null; }
    rm -rf "$dir"
}
trap cleanup EXIT
# The real procedure, when it is beside the project: it must be filed from its schema alone like the others.
real=../shared/data/procedures/derogation-especes-protegees.json
with=()
[ ! -f "$real" ] || { with=(--with "$real"); export BEFFROI_REAL=$real; }
"$bin" demo --data "$dir/data" "${with[@]}" > "$dir/demo.log" 2>&1 || { cat "$dir/demo.log"; exit 1; }
export BEFFROI_BIN=$bin
# serve DATA — in place of the one served before
serve() {
    [ -z "$server" ] || { kill -TERM "$server"; wait "$server"; }
    for _ in $(seq 20); do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 40000))
        (exec 3<> "/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    export BEFFROI_URL=http://127.0.0.1:$port BEFFROI_DATA=$1
    BEFFROI_FILINGS_PER_MINUTE=100000 BEFFROI_TRUSTED_PROXIES=127.0.0.1 BEFFROI_PRIVATE_ADDRESSES=yes "$bin" serve --data "$1" --listen "127.0.0.1:$port" 2>> "$dir/server.log" > /dev/null 7>&- &
    server=$!
    for _ in $(seq 400); do
        (exec 3<> "/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    tail -n 20 "$dir/server.log"
    exit 1
}
serve "$dir/data"
failed=0
if [ -z "${ONLY_DESCRIPTORS:-}" ]; then
    node tests/api/api.mjs || failed=1
    # A receiver of webhooks; it ends with its standard input.
    mkdir "$dir/hook"
    mkfifo "$dir/hook/in" "$dir/hook/out"
    tests/servers/start hook "$dir/hook" < "$dir/hook/in" > "$dir/hook/out" &
    hook=$!
    exec 7> "$dir/hook/in"
    read -r hook_port _ < "$dir/hook/out"
    BEFFROI_HOOK_DIR=$dir/hook BEFFROI_HOOK_PORT=$hook_port node tests/api/webhooks.mjs || failed=1
fi
build/debug/generate/descriptors --seed "${SEED:-1}" --count "${COUNT:-40}" -o "$dir/descriptors" || exit 1
node tests/api/descriptors.mjs "$dir"/descriptors/*.json || failed=1
if [ -z "${ONLY_DESCRIPTORS:-}" ]; then
    # A town that gave its contacts only.
    echo '{"service":{"name":"Mairie","postal_address":"1 place de la Mairie","mail":"mairie@exemple.fr","phone":"0339980101"}}' > "$dir/contacts.json"
    { "$bin" tenant add --insee 88160 --name Ville --host 127.0.0.1 --data "$dir/town" && "$bin" defaults "$dir/contacts.json" --data "$dir/town"; } > "$dir/town.log" 2>&1 ||
        { cat "$dir/town.log"; exit 1; }
    serve "$dir/town"
    node tests/api/library.mjs || failed=1
fi
if grep -E 'Sanitizer|runtime error' "$dir/server.log"; then echo "not ok the sanitizers are silent"; failed=1; fi
[ $failed -eq 0 ] || { echo "last lines of the server:"; tail -n 5 "$dir/server.log"; }
exit $failed
