#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# One town of many backed up, restored, moved to the other engine and back, removed, while the others are served and file; kill -9 in the
# middle of it. On the release build.
#   TENANTS=9 DOSSIERS=200     how many towns, and how many dossiers the one has beside the demonstration's (make tenants-bench: 300, 10000)
#   KILLS=2                    how often a restoration, and a removal, is killed
#   FIGURES=FILE               figures as bench/run reads them
#   MOST_S=120 MOST_MS=        seconds that the restoration may take; ms that an answer to the others may take (none: told, not judged)
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
if [ -z "${BEFFROI_TEST_PG:-}" ]; then exec tests/with-postgres "$0"; fi
make -s -j"$(nproc)" V=release build/release/beffroi makers > /dev/null || exit 1
root=$PWD bin=$PWD/build/release/beffroi dir=$(mktemp -d /tmp/beffroi-tenants.XXXXXX) parent='' loading=''
towns=${TENANTS:-9} dossiers=${DOSSIERS:-200} kills=${KILLS:-2}
postgresql=$BEFFROI_TEST_PG
unset "${!BEFFROI_@}"
export BEFFROI_FILINGS_PER_MINUTE=100000000
cleanup() { for p in $parent $loading; do kill -KILL "$p"; done; wait; rm -rf "$dir"; }
trap 'cleanup 2> /dev/null' EXIT
failed=0
ok() { if [ "$1" = 0 ]; then echo "ok $2"; else echo "not ok $2"; failed=1; tail -n 3 "$dir/command.log" "$dir/server.log" 2> /dev/null | sed 's/^/    /'; fi; }
same() { [ "$2" = "$3" ]; ok $? "$1"; [ "$2" = "$3" ] || printf '    got      %s\n    expected %s\n' "$2" "$3"; }
b() { "$bin" "$@" --data "$dir/data" 2>> "$dir/command.log"; }
within() { local n=$(($1 * 20)); shift; for _ in $(seq "$n"); do "$@" && return 0; sleep 0.05; done; return 1; }
start() {
    "$bin" serve --data "$dir/data" --listen 127.0.0.1:0 > "$dir/out" 2>> "$dir/server.log" &
    parent=$!
    within 30 grep -q '^http://127' "$dir/out" || return 1
    port=$(sed -n 's|^http://127.0.0.1:\([0-9]*\)/$|\1|p' "$dir/out" | head -n 1)
    within 30 curl -fs -o /dev/null "http://127.0.0.1:$port/healthz"
}
stop() { kill -"$1" "$parent"; wait "$parent" 2> /dev/null; parent=; }
kill_all() { local s; s=$(pgrep -P "$parent" -x beffroi); kill -KILL "$parent"; kill -KILL $s 2> /dev/null; wait "$parent" 2> /dev/null; parent=; within 10 free; }
free() { ! [ -e "$dir/data/lock" ] || flock -n "$dir/data/lock" true; }
status() { curl -s -o /dev/null -w '%{http_code}' -H "Host: $1" "http://127.0.0.1:$port/"; }
ms() { date +%s%3N; }
# What a restoration must bring back: rows that no clock of a served town changes.
truth() {
    rm -rf "$dir/truth"
    b tenant export localhost "$dir/truth" > /dev/null || { echo "no export"; return; }
    (cd "$dir/truth/tables" && cat record.jsonl message.jsonl journal.jsonl journal_note.jsonl file.jsonl kind_revision.jsonl role_grant.jsonl place.jsonl support.jsonl value_item.jsonl) | tee "$dir/truth.rows" | sha256sum
}
# as_before NAME GOT EXPECTED — and which rows are not
as_before() {
    same "$@"
    [ "$2" = "$3" ] || diff "$dir/before.rows" "$dir/truth.rows" | cut -c1-200 | head -n 12
}

"$bin" demo --data "$dir/data" > "$dir/command.log" 2>&1 || { cat "$dir/command.log"; exit 1; }
# Its two thousand letters are written one after the other over hours: tomorrow, not while rows are compared.
sqlite3 "$dir/data/beffroi.db" "UPDATE job SET run_at = run_at + 86400000000 WHERE name = 'letter.make'"
from=$(ms)
build/release/generate/fleet "$dir/data" $((towns - 1)) || exit 1
echo "# $towns towns in $(($(ms) - from)) ms, $(du -m "$dir/data/beffroi.db" | cut -f1) MB"
same "$towns towns are there" "$(b tenant list | wc -l)" "$towns"
same "their journals verify" "$(b verify-journal | grep -c 'unsealed tail 0')" "$towns"
start || { tail -n 5 "$dir/server.log"; exit 1; }
node tests/scripts/tenants.mjs fill "$port" localhost "$dossiers"; ok $? "$dossiers dossiers more in one of them"
sealed() { b verify-journal | grep -q '^epinal: .*unsealed tail 0'; }
within 120 sealed; ok $? "all is sealed"
settled() { [ "$(sqlite3 -readonly "$dir/data/beffroi.db" "SELECT COUNT(*) FROM job j JOIN host h ON h.tenant_id = j.tenant WHERE h.name = 'localhost' AND j.run_at < $(date +%s)000000")" = 0 ]; }
within 240 settled; ok $? "its jobs are done: public copies of photos"

# ---- online: the others are read and file ----
hosts=(v1.test v2.test v3.test v4.test v5.test v6.test)
load() { rm -f "$dir/enough"; node tests/scripts/tenants.mjs load "$port" "$dir/enough" "${hosts[@]}" > "$dir/load" & loading=$!; sleep 1; }
served() {
    local said
    touch "$dir/enough"
    wait "$loading"
    loading=
    said=$(cat "$dir/load")
    echo "# $1: $said"
    [ "$(jq '.bad | length' <<< "$said")" = 0 ] && [ "$(jq '.filed > 5' <<< "$said")" = true ]; ok $? "$1: the others read and file meanwhile"
    [ -z "${MOST_MS:-}" ] || { [ "$(jq .worst_ms <<< "$said")" -le "$MOST_MS" ]; ok $? "$1: nobody waits longer than $MOST_MS ms"; }
    worst=$(jq .worst_ms <<< "$said") worst_filing=$(jq .worst_filing_ms <<< "$said") p99=$(jq .p99_ms <<< "$said")
}
load; sleep 3; served "nothing else"; idle=$worst
load
from=$(ms)
b tenant backup localhost "$dir/one.tar"; ok $? "tenant backup"
echo "# backup: $(($(ms) - from)) ms, $(du -m "$dir/one.tar" | cut -f1) MB"
served "backup"
before=$(truth)
mv "$dir/truth.rows" "$dir/before.rows"
records() { wc -l < "$dir/truth/tables/record.jsonl"; }
echo "# $(records) records, $(cat "$dir"/truth/tables/*.jsonl | wc -l) rows, $(find "$dir/truth/fichiers" -type f | wc -l) files in the town that is restored"
node tests/scripts/tenants.mjs fill "$port" localhost 50
load
from=$(ms)
b tenant restore "$dir/one.tar" --replace > "$dir/said"; ok $? "tenant restore --replace, served"
took=$(($(ms) - from))
same "it says which town is back" "$(cat "$dir/said")" epinal
served "restore"
echo "# restore of one town of $towns: $took ms"
[ "$took" -le "$((${MOST_S:-120} * 1000))" ]; ok $? "restored within ${MOST_S:-120} s"
[ -z "${FIGURES:-}" ] || printf '{"name":"restore one tenant of %s (%s records), the others served","value":%s,"unit":"s","at_most":120}\n{"name":"the slowest answer to the others meanwhile (%s ms without a restoration)","value":%s,"unit":"ms"}\n{"name":"the slowest filing of the others meanwhile","value":%s,"unit":"ms"}\n' \
    "$towns" "$(records)" "$(awk "BEGIN { print $took / 1000 }")" "$idle" "$worst" "$worst_filing" > "$FIGURES"
as_before "it is as it was, and served" "$(status localhost) $(truth)" "200 $before"
same "journals verify" "$(b verify-journal | grep -c sealed)" "$towns"
same "the ones that filed meanwhile too" "$(b verify-journal | grep -c ALTERED)" 0

# ---- kill -9 in the middle of it ----
away() { [ "$(status localhost)" = 421 ]; }
killed() { # killed WHAT WHEN COMMAND…: when localhost is away, or any time
    local what=$1 when=$2
    shift 2
    b "$@" > /dev/null &
    local asking=$!
    if [ "$when" = away ]; then within 60 away; else sleep "$(awk -v t="$took" -v r="$RANDOM" 'BEGIN { print t / 1000 * r / 32768 }')"; fi
    kill_all
    wait "$asking" 2> /dev/null
    start || { echo "not ok $what: the server starts again"; exit 1; }
}
away_seen=no
for i in $(seq "$kills"); do
    killed restore "$([ "$i" = 1 ] && echo away || echo any)" tenant restore "$dir/one.tar" --replace
    case $(status localhost) in
        200) as_before "killed $i: whole, before or after" "$(truth)" "$before" ;;
        421) away_seen=yes
            same "killed $i: away, told by list and doctor, the others served" "$(b tenant list | grep -c '^epinal	.*-$') $(b check-store | grep -c epinal) $(status v1.test)" "1 1 200" ;;
        *) ok 1 "killed $i: $(status localhost)" ;;
    esac
    from=$(ms)
    b tenant restore "$dir/one.tar" --replace > /dev/null; ok $? "killed $i: the same again ends it"
    took=$(($(ms) - from))                      # nobody is served beside it: sooner than before
    as_before "killed $i: it is as it was" "$(status localhost) $(truth)" "200 $before"
done
same "one at least was killed while the town was away" "$away_seen" yes
same "journals verify after all that" "$(b verify-journal | grep -c ALTERED)" 0

# ---- the other engine and back, row by row ----
stop TERM
export_of() { "$bin" tenant export epinal "$dir/$1" --data "$2" ${3:+--store "$3"} > /dev/null 2>> "$dir/command.log" && sed -i '1d' "$dir/$1/LISEZ-MOI.txt"; }
b tenant backup epinal "$dir/lite.tar"; ok $? "a backup that nobody changes"
export_of lite.out "$dir/data"; ok $? "its export"
mkdir "$dir/pg" "$dir/back"
"$bin" tenant restore "$dir/lite.tar" --data "$dir/pg" --store "$postgresql" > /dev/null 2> "$dir/said"
same "without the ring of keys nothing comes in" "$(grep -c 'keys' "$dir/said") $(psql -qAt "$postgresql" -c 'SELECT count(*) FROM record')" "1 0"
cp "$dir/data/keys" "$dir/pg/keys"; cp "$dir/data/keys" "$dir/back/keys"
"$bin" tenant restore "$dir/lite.tar" --data "$dir/pg" --store "$postgresql" > /dev/null 2>> "$dir/command.log"; ok $? "restored on PostgreSQL"
export_of pg.out "$dir/pg" "$postgresql"; ok $? "exported from there"
diff -r "$dir/lite.out" "$dir/pg.out" > "$dir/diff"; ok $? "row by row and file by file the same"
head -n 5 "$dir/diff"
"$bin" verify-journal --data "$dir/pg" --store "$postgresql" > "$dir/said" 2>&1; ok $? "its journal verifies there"
"$bin" tenant backup epinal "$dir/pg.tar" --data "$dir/pg" --store "$postgresql" 2>> "$dir/command.log"; ok $? "backed up there"
"$bin" tenant restore "$dir/pg.tar" --data "$dir/back" > /dev/null 2>> "$dir/command.log"; ok $? "restored on SQLite again"
export_of back.out "$dir/back"; ok $? "exported again"
diff -r "$dir/lite.out" "$dir/back.out" > "$dir/diff"; ok $? "still the same"
"$bin" tenant remove epinal --yes-remove epinal --data "$dir/pg" --store "$postgresql" 2>> "$dir/command.log"; ok $? "removed from PostgreSQL"
same "where no row of it stays" "$(psql -qAt "$postgresql" -c "SELECT sum((xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I', relname), false, true, '')))[1]::text::int)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname NOT IN ('migration', 'projection')")" 0

# ---- removed, killed on the way ----
start || exit 1
id=$(sqlite3 -readonly "$dir/data/beffroi.db" "SELECT id FROM tenant WHERE slug = 'v7'")
took=250
for i in $(seq "$kills"); do killed remove any tenant remove v7.test --yes-remove v7.test; done
case $(status v7.test) in 200 | 421) ok 0 "a removal that is killed leaves it, or nothing to be seen" ;; *) ok 1 "removal" ;; esac
load
from=$(ms)
b tenant remove "$id" --yes-remove "$id" || [ "$(b tenant list | grep -c '^v7	')" = 0 ]; ok $? "the same again ends it"
echo "# remove: $(($(ms) - from)) ms"
served "remove"
same "it is gone" "$(status v7.test) $(b tenant list | grep -c '^v7	') $(status v8.test)" "421 0 200"
rows=0
for t in $(sqlite3 -readonly "$dir/data/beffroi.db" "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'tenant' WHERE m.type = 'table' AND m.name NOT LIKE 'place_box%' AND m.name NOT LIKE 'search%'"); do
    rows=$((rows + $(sqlite3 -readonly "$dir/data/beffroi.db" "SELECT COUNT(*) FROM $t WHERE tenant = $id")))
done
same "no row of it stays" "$rows" 0
same "nor a folder" "$(ls -d "$dir/data/blobs/$id" 2> /dev/null)" ""
same "journals of the others verify" "$(b verify-journal | grep -c ALTERED)" 0
stop TERM
exit $failed
