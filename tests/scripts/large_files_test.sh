#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A file of 200 MB goes in by one request and by a resumed upload (tus), and comes back the same, while the memory of the server (its
# peak, VmHWM) grows by 16 MiB at most. On the release build: sanitizers keep what is freed.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
make -s -j"$(nproc)" release >&2 || exit 1
bin=build/release/beffroi slug=ecrire-a-la-mairie bytes=209715200 most_kb=16384
dir=$(mktemp -d)
parent=
cleanup() {
    [ -z "$parent" ] || { kill -TERM "$parent" 2>/dev/null; wait "$parent" 2>/dev/null; }
    rm -rf "$dir"
}
trap cleanup EXIT
"$bin" demo --data "$dir/data" > "$dir/demo.log" 2>&1 || { cat "$dir/demo.log"; exit 1; }
for _ in $(seq 20); do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 40000))
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done
"$bin" serve --data "$dir/data" --listen "127.0.0.1:$port" 2> "$dir/server.log" > /dev/null &
parent=$!
base=http://127.0.0.1:$port
for _ in $(seq 400); do
    curl -fs "$base/healthz" > /dev/null && break
    kill -0 "$parent" 2>/dev/null || { tail -n 20 "$dir/server.log"; exit 1; }
    sleep 0.05
done
read -r server _ < "/proc/$parent/task/$parent/children"     # the oldest child: helpers come with the first file
failed=0
ok() { if [ "$1" = 0 ]; then echo "ok $2"; else echo "not ok $2"; failed=1; fi; }
peak_kb() { awk '/^VmHWM/ {print $2}' "/proc/$server/status"; }
sum() { sha256sum "$1" | cut -d' ' -f1; }

# begin NAME: a draft of its own; its address in $draft, its cookie in NAME.jar
begin() {
    jar=$dir/$1.jar
    draft=$base$(curl -s -c "$jar" -o /dev/null -w '%{redirect_url}' -X POST -H "Origin: $base" "$base/demarches/$slug/commencer" | sed "s|^$base||; s|/[a-z]*\$||")
}
# by_one_request FILE: the form's page, as a browser without script sends it; the file's address in $file
by_one_request() {
    status=$(curl -s -b "$jar" -o "$dir/answer" -w '%{http_code}' -H "Origin: $base" -H 'Expect:' -F f1=Plan -F f2=voirie -F 'f3=Voici le plan.' -F "f4=@$1;type=application/pdf;filename=plan.pdf" "$draft/remplir/1")
    file=$base$(curl -s -b "$jar" "$draft/remplir/1" | grep -o '/dossiers/[^"]*/fichiers/[0-9A-Za-z]*' | head -n 1)
}
# by_tus FILE PIECES: creation, then pieces
by_tus() {
    local size n=$2 at=0 piece
    size=$(stat -c %s "$1")
    file=$base$(curl -s -b "$jar" -D - -o /dev/null -X POST -H "Origin: $base" -H 'Tus-Resumable: 1.0.0' -H "Upload-Length: $size" -H "Upload-Metadata: filename $(printf plan.pdf | base64)" "$draft/fichiers?path=f4" |
        tr -d '\r' | sed -n "s|^[Ll]ocation: *||p" | sed "s|^$base||")
    piece=$(((size + n - 1) / n))
    while [ "$at" -lt "$size" ]; do
        tail -c +$((at + 1)) "$1" | head -c "$piece" > "$dir/piece"
        status=$(curl -s -b "$jar" -o "$dir/answer" -w '%{http_code}' -X PATCH -H "Origin: $base" -H 'Expect:' -H 'Tus-Resumable: 1.0.0' -H "Upload-Offset: $at" -H 'Content-Type: application/offset+octet-stream' \
            -T "$dir/piece" "$file")
        [ "$status" = 204 ] || { head -c 300 "$dir/answer"; return 1; }
        at=$((at + piece))
    done
}
back() { curl -s -b "$jar" "$file" | sha256sum | cut -d' ' -f1; }

{ printf '%%PDF-1.4\n'; head -c $((bytes - 9)) /dev/urandom; } > "$dir/large"
{ printf '%%PDF-1.4\n'; head -c 3000000 /dev/urandom; } > "$dir/small"
large=$(sum "$dir/large") small=$(sum "$dir/small")
# What any file costs (threads, caches, statements) is not what is measured.
begin warm1; by_one_request "$dir/small"; [ "$(back)" = "$small" ]; ok $? "a small file comes back"
begin warm2; by_tus "$dir/small" 2; [ "$(back)" = "$small" ]; ok $? "a small resumed file comes back"
before=$(peak_kb)

begin one
by_one_request "$dir/large"
[ "$(back)" = "$large" ]; ok $? "200 MB by one request come back the same ($status)"
after_one=$(peak_kb)
begin two
# Other bytes, so that nothing is shared with the first.
printf 'X' | dd of="$dir/large" bs=1 seek=100000000 conv=notrunc status=none
large=$(sum "$dir/large")
by_tus "$dir/large" 1
[ "$(back)" = "$large" ]; ok $? "200 MB by tus in one piece come back the same"
begin three
printf 'Y' | dd of="$dir/large" bs=1 seek=100000000 conv=notrunc status=none
large=$(sum "$dir/large")
by_tus "$dir/large" 3
[ "$(back)" = "$large" ]; ok $? "200 MB by tus in three pieces come back the same"
after=$(peak_kb)
echo "peak of the server: $before kB, $after_one kB after one request, $after kB at the end"
[ $((after - before)) -le $most_kb ]; ok $? "the memory grows by 16 MiB at most"
[ $failed -eq 0 ] || tail -n 5 "$dir/server.log"
exit $failed
