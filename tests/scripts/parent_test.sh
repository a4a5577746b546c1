#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The server process is killed while clients send requests: its parent keeps the socket and starts another.
# On the builds named by BUILDS (release debug).
set -u
builds=${BUILDS:-release debug}
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d) parent=
trap '[ -z "$parent" ] || { kill -KILL $parent; wait $parent; } 2> /dev/null; rm -rf "$dir"' EXIT
is() { if [ "$2" = "$3" ]; then echo "ok $build: $1"; else echo "not ok $build: $1"; echo "    got $2, expected $3"; tail -n 5 "$dir/log" | sed 's/^/    /'; fi; }
for build in $builds; do make -s -j"$(nproc)" V="$build" all > "$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }; done
"build/$build/beffroi" demo --data "$dir/demo" > "$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
export BEFFROI_FILINGS_PER_MINUTE=100000

# start LISTEN [SETTING=VALUE…]: sets parent and url
start() {
    local listen=$1
    shift
    : > "$dir/said"
    cat "$dir/log" >> "$dir/logs" 2> /dev/null
    env "$@" "build/$build/beffroi" serve --data "$dir/data" --listen "$listen" > "$dir/said" 2> "$dir/log" &
    parent=$!
    for _ in $(seq 400); do
        grep -q '^http' "$dir/said" && break
        kill -0 $parent 2> /dev/null || break
        sleep 0.05
    done
    port=$(sed -n 's|^http://127.0.0.1:\([0-9]*\)/$|\1|p' "$dir/said" | head -n 1)
    url=http://127.0.0.1:$port
}
stop() { kill -"$1" $parent; wait $parent; status=$?; parent=; }
server() { pgrep -P $parent -x beffroi; }
# next PID: waits for another server than PID
next() { for _ in $(seq 500); do now=$(server) && [ "$now" != "$1" ] && return; sleep 0.01; done; now=; }
healthz() { curl -sk --max-time 10 -o /dev/null -w '%{http_code}' "$url/healthz"; }

# client N: files without a pause until $dir/enough is there; writes "file CURL-STATUS HTTP-STATUS REFERENCE TOKEN" lines
client() {
    local n=0 rc
    while [ ! -e "$dir/enough" ]; do
        n=$((n + 1))
        code=$(curl -s --max-time 20 -o "$dir/answer$1" -w '%{http_code}' -H 'Content-Type: application/json' -H "Idempotency-Key: $build-$1-$n" "$url/api/v1/procedures/ecrire-a-la-mairie/records" \
            -d "{\"answers\":{\"f1\":\"Objet $1 $n\",\"f2\":\"voirie\",\"f3\":\"Message\",\"f5\":\"Marie Imagier\",\"f6\":false},\"contact\":{\"email\":\"p@exemple.fr\"}}")
        rc=$?
        echo "file $rc $code $(jq -r '"\(.reference) \(.token)"' "$dir/answer$1" 2> /dev/null)"
    done > "$dir/client$1"
}

under_load() {
    rm -f "$dir/enough"
    local clients=() killed=3 before helpers slowest=0 from took i
    for i in 1 2 3 4; do client "$i" & clients+=($!); done
    for _ in $(seq 200); do helpers=$(pgrep -P $parent -x beffroi-courier) && break; sleep 0.1; done   # receipts leave
    for _ in $(seq $killed); do
        before=$(server)
        from=$(date +%s%3N)
        kill -KILL "$before"
        next "$before"
        [ "$(healthz)" = 200 ] || slowest=99999
        took=$(($(date +%s%3N) - from))
        [ "$took" -le "$slowest" ] || slowest=$took
        sleep 0.7
    done
    touch "$dir/enough"
    wait "${clients[@]}"
    is "the courier was at work" "$([ -n "$helpers" ] && echo yes)" yes
    is "the dead server's helpers are gone" "$(kill -0 $helpers 2> /dev/null && echo there)" ""
    is "no connection was refused" "$(cat "$dir"/client? | awk '$2 == 7' | wc -l)" 0
    is "requests cut by the deaths are few: one a client and a death" "$(cat "$dir"/client? | awk '$2 != 0' | wc -l | awk -v most=$((killed * 4)) '{ print $1 <= most ? "few" : $1 }')" few
    is "what was answered was filed" "$(cat "$dir"/client? | awk '$2 == 0 && $3 != 201' | wc -l)" 0
    is "service came back within two seconds, slowest $slowest ms" "$([ "$slowest" -lt 2000 ] && echo yes)" yes
    is "each death is said" "$(grep -c '"what":"server_died"' "$dir/log")" $killed
    local filed=0 missing=0
    while read -r _ _ _ reference token; do
        filed=$((filed + 1))
        [ "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$url/api/v1/records/$reference")" = 200 ] || missing=$((missing + 1))
    done < <(cat "$dir"/client? | awk '$2 == 0 && $3 == 201')
    is "of $filed acknowledged filings none is missing" "$missing $([ $filed -ge 20 ] && echo many)" "0 many"
}

for build in $builds; do
    rm -rf "$dir/data" "$dir/logs"
    cp -r "$dir/demo" "$dir/data"
    start 127.0.0.1:0
    under_load
    stop TERM
    is "SIGTERM stops all, after restarts too" "$status $(curl -s -o /dev/null "$url/healthz"; echo $?)" "0 7"
    is "the journal verifies" "$("build/$build/beffroi" verify-journal --data "$dir/data" > /dev/null 2>&1; echo $?)" 0

    start 127.0.0.1:0
    s=$(server)
    for _ in 1 2 3 4 5; do
        kill -KILL "$s"
        next "$s"
        s=$now
    done
    is "five deaths within a minute: a sixth server on the same port" "$(healthz)" 200
    kill -ABRT "$s"
    wait $parent
    is "at the sixth the parent gives up with the signal's status" "$? $(grep -c '"what":"server_given_up"' "$dir/log")" "$((128 + 6)) 1"
    parent=
    is "and the port is free" "$(curl -s -o /dev/null "$url/healthz"; echo $?)" 7

    start 127.0.0.1:0
    s=$(server)
    for _ in 1 2 3; do
        kill -KILL "$s"
        next "$s"
        s=$now
    done
    kill -KILL "$s"
    sleep 0.05                                      # of the 200 ms before another start
    stop TERM
    is "SIGTERM between two servers starts none" "$status $(curl -s -o /dev/null "$url/healthz"; echo $?)" "$((128 + 9)) 7"

    for signal in INT HUP; do
        start 127.0.0.1:0
        stop $signal
        is "SIG$signal stops all" $status 0
    done

    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key.pem" -out "$dir/cert.pem" -days 2 -subj /CN=localhost 2> /dev/null
    start '[::]:0' BEFFROI_TLS_CERT="$dir/cert.pem" BEFFROI_TLS_KEY="$dir/key.pem" BEFFROI_WITH_DEMO=yes
    url="https://[::1]:$port"
    is "IPv6 and TLS are served" "$(healthz)" 200
    s=$(server)
    kill -KILL "$s"
    is "IPv6 and TLS are served again, on the same port" "$(healthz)" 200
    stop TERM
    is "and stopped" $status 0
    is "the sanitizers are silent" "$(cat "$dir/logs" "$dir/log" | grep -cE 'Sanitizer|runtime error')" 0
done
