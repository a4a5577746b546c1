#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What a town does by itself while it is served: old changes go, the journal's head is published, keys of files are wrapped anew after a
# rotation, what agents read is written within a second and at the stop. On the demonstration, over real HTTP. BIN: which build.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
bin=${BIN:-build/debug/beffroi}
make -s -j"$(nproc)" debug >&2 || exit 1
dir=$(mktemp -d)
parent=
stop() { [ -z "$parent" ] || { kill -TERM "$parent" 2>/dev/null; wait "$parent" 2>/dev/null; }; parent=; }
trap 'stop; rm -rf "$dir"' EXIT
failed=0
ok() { if [ "$1" = 0 ]; then echo "ok $2"; else echo "not ok $2"; failed=1; fi; }
# within SECONDS COMMAND…: true as soon as the command is
within() { local n=$(($1 * 5)); shift; for _ in $(seq "$n"); do "$@" && return 0; sleep 0.2; done; return 1; }
sql() { sqlite3 -cmd '.timeout 5000' "$dir/data/beffroi.db" "$1"; }
beffroi() { "$bin" "$@" --data "$dir/data" 2>> "$dir/command.log"; }

"$bin" demo --data "$dir/data" > "$dir/demo.log" 2>&1 || { cat "$dir/demo.log"; exit 1; }
sql "INSERT INTO change (tenant, id, topic) SELECT 1, 1000 + value, 'old/topic' FROM generate_series(1, 1200)"
for _ in $(seq 20); do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 40000))
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done
base=http://127.0.0.1:$port
"$bin" serve --data "$dir/data" --listen "127.0.0.1:$port" 2> "$dir/server.log" > /dev/null &
parent=$!
within 40 curl -fs -o /dev/null "$base/healthz" || { tail -n 20 "$dir/server.log"; exit 1; }

# ---- the journal's head: the page in the cache is made anew when it comes ----
curl -s "$base/transparence/journal" > /dev/null
head_shown() { curl -s "$base/api/v1/journal-heads" | jq -e '.heads | length == 1' > /dev/null; }
within 30 head_shown; ok $? "the head of the day is published"
hash=$(curl -s "$base/api/v1/journal-heads" | jq -r '.heads[0].hash')
page_shows() { curl -s "$base/transparence/journal" | grep -q "$hash"; }
within 10 page_shows; ok $? "the page shows it"
[ "$(curl -s "$base/api/v1/journal-heads" | jq -r '.heads[0].day')" = "$(TZ=Europe/Paris date +%F)" ]; ok $? "under today's date"
[ "$(curl -s "$base/api/v1/journal-heads?avant=2001-01-01" | jq -c '[.heads, .next]')" = '[[],null]' ]; ok $? "nothing is published of the days before"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$base/api/v1/journal-heads?avant=hier")" = 422 ]; ok $? "a day that is none is refused"
beffroi verify-journal | grep -q 'published heads 1,'; ok $? "verify-journal finds it in the chain"

# ---- changes ----
old_gone() { [ "$(sql "SELECT COUNT(*) FROM change WHERE topic = 'old/topic'")" = 0 ]; }
within 40 old_gone; ok $? "old changes are trimmed"
[ "$(sql "SELECT COUNT(*) FROM sqlite_stat1")" -gt 0 ]; ok $? "the planner has its statistics"

# ---- keys ----
files=$(beffroi keys list | awk '$1 == 1 {print $2}')
[ "${files:-0}" -gt 0 ]; ok $? "the first key opens the files of the demonstration ($files)"
beffroi keys rotate; ok $? "keys rotate"
# Copies for the public are still being made: there may be more files than before.
rewrapped() { [[ $(beffroi keys list | tr '\t\n' '= ') =~ ^1=0\ 2=([0-9]+)\ $ ]] && [ "${BASH_REMATCH[1]}" -ge "$files" ]; }
within 30 rewrapped; ok $? "every file's key is wrapped by the new one"

# ---- readings ----
sign_in() {
    curl -s -c "$dir/$1.jar" -o /dev/null "$base/compte/connexion"
    curl -s -b "$dir/$1.jar" -c "$dir/$1.jar" -o /dev/null -w '%{http_code}' -H "Origin: $base" --data-urlencode "email=$1@exemple.fr" --data-urlencode "password=$2" "$base/compte/connexion"
}
password='une image par jour'
[ "$(sign_in voirie "$password")" = 303 ] && [ "$(sign_in admin "$password")" = 303 ]; ok $? "an agent and an administrator sign in"
as() { local who=$1; shift; curl -s -b "$dir/$who.jar" "$@"; }
# A dossier with a file: from the store, since lists do not say who has one.
read -r reference file < <(sql "SELECT r.reference, f.id FROM record r JOIN file f ON f.owner = r.id WHERE r.kind = 'report' AND f.state = 'ready' LIMIT 1" | tr '|' ' ')
at=$(as voirie "$base/agents/dossiers/$reference" | grep -o "/agents/dossiers/$reference/fichiers/[0-9A-Z]*" | head -n 1)
[ -n "$at" ] && [ "$(as voirie -o /dev/null -w '%{http_code}' "$base$at")" = 200 ]; ok $? "the agent opens a dossier and its file"
written() { [ "$(sql "SELECT COUNT(DISTINCT what) FROM audit a JOIN record r ON r.id = a.record WHERE r.reference = '$reference' AND what IN ('read', 'file')")" = 2 ]; }
within 4 written; ok $? "both are written within seconds"
page=$(as admin "$base/admin/lectures?dossier=$reference")
grep -q 'Viviane Pavement' <<< "$page" && grep -q 'Dossier ouvert' <<< "$page" && grep -q 'Fichier ouvert' <<< "$page"; ok $? "the administrator reads who read what"
grep -q "$reference" <<< "$(as admin "$base/admin/lectures?agent=voirie@exemple.fr")"; ok $? "by agent too"
! grep -q "/agents/dossiers/$reference\"" <<< "$(as admin "$base/admin/lectures?agent=education@exemple.fr")"; ok $? "of another agent there is nothing"
[ "$(as voirie -o /dev/null -w '%{http_code}' "$base/admin/lectures")" = 403 ]; ok $? "an agent may not"
count() { sql "SELECT COUNT(*) FROM audit WHERE what = 'read'"; }
before=$(count)
other=$(sql "SELECT reference FROM record WHERE kind = 'report' AND reference <> '$reference' LIMIT 1")
[ "$(as voirie -o /dev/null -w '%{http_code}' "$base/agents/dossiers/$other")" = 200 ]
opened=$?
stop
[ $opened = 0 ] && [ "$(count)" = $((before + 1)) ]; ok $? "what was read just before the stop is written at the stop"
beffroi verify-journal > /dev/null; ok $? "the journal verifies"
if grep -E 'Sanitizer|runtime error' "$dir/server.log"; then ok 1 "the sanitizers are silent"; fi
[ $failed -eq 0 ] || { echo "file $file of $reference"; tail -n 5 "$dir/server.log" "$dir/command.log"; }
exit $failed
