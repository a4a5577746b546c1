#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A town made from open data: the package of the territory is made, then "tenant add --insee" reads it, on both engines. From the files
# beside the project when they are there, else from npm.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${BEFFROI_TEST_PG:-}" ]; then exec tests/with-postgres "$0"; fi
make -s V=debug all > /dev/null || exit 1
bin=$PWD/build/debug/beffroi dir=$(mktemp -d) shared=$PWD/../shared/data/territory
trap 'rm -rf "$dir"' EXIT
is() {
    local name=$1 code=$2 pattern=$3 got
    shift 3
    out=$("$@" 2>&1)
    got=$?
    if [ "$got" -eq "$code" ] && grep -qE -- "$pattern" <<< "$out"; then echo "ok $name"; else
        printf 'not ok %s\n  code %s, expected %s with %s\n' "$name" "$got" "$code" "$pattern"
        printf '%s\n' "$out" | tail -n 12 | sed 's/^/    /'
    fi
}
same() { if [ "$2" = "$3" ]; then echo "ok $1"; else printf 'not ok %s\n  got      %s\n  expected %s\n' "$1" "$2" "$3"; fi; }
postgresql=$BEFFROI_TEST_PG
unset "${!BEFFROI_@}"
[ ! -d "$shared/decoupage" ] || export FROM=$shared/decoupage
[ ! -d "$shared/geojson" ] || export OUTLINES=$shared/geojson

is "the package is made" 0 '3[0-9]{4} communes, 1[0-9]{3} EPCI' tools/territory/make "$dir/share/territory"
is "it says where it comes from, and under which licence" 0 'Licence Ouverte' cat "$dir/share/territory/territory.json"
same "it is small" "$([ "$(du -sk "$dir/share/territory" | cut -f1)" -lt 4096 ] && echo yes)" yes
export BEFFROI_SHARE=$dir/share
b() { "$bin" "$@" --data "$dir/data"; }
is "a town by its INSEE code: name, population" 0 '^Épinal, 32 ?.*251 habitants$' b tenant add --insee 88160 --host v.fr --admin chef@v.fr
grep -q "agglomération d.Epinal.*: 78 communes" <<< "$out" && echo "ok its EPCI, its member communes" || { echo "not ok its EPCI"; echo "$out"; }
grep -q "^Source.*: .*Licence Ouverte" <<< "$out" && echo "ok the source and the licence are named" || echo "not ok the source"
grep -qE '^https?://v.fr/compte/mot-de-passe/.{20,}' <<< "$out" && echo "ok the administrator's link" || echo "not ok the link"
same "its name" "$(b tenant list)" "v-fr	Épinal	2"
db() { sqlite3 "$dir/data/beffroi.db" "$1"; }
same "the commune is first, its EPCI is its parent" "$(db "SELECT b.insee, b.siren, b.population, p.siren, p.kind FROM body b JOIN body p ON p.id = b.parent AND b.id < p.id")" '88160|218801603|32251|200068757|epci'
same "the member communes are a list for forms" "$(db "SELECT count(*) FROM value_item WHERE id IN ('88160', '88134')")" 2
[ -z "${OUTLINES:-}" ] || same "its outline, and the middle of the map" "$(db "SELECT json_extract(settings, '\$.outline.type'), json_extract(settings, '\$.map.lat') BETWEEN 48 AND 48.4 FROM tenant")" 'Polygon|1'
is "an overseas commune" 0 '^Saint-Denis, ' b tenant add --insee 97411 --host r.re
is "a Corsican one" 0 '^Ajaccio, ' b tenant add --insee 2A004 --host a.corsica
is "an EPCI by its SIREN" 0 '^agglo	|^agglo-fr' b tenant add --insee 200068757 --host agglo.fr
same "the agglomeration is the town" "$(db "SELECT kind, population > 100000 FROM body WHERE siren = '200068757' AND parent = 0 ORDER BY id DESC LIMIT 1")" 'epci|1'
is "an unknown SIREN" 1 'siren: Aucune intercommunalité' b tenant add --insee 999999999 --host n.fr
is "an unknown code" 1 'insee: Aucune commune' b tenant add --insee 88999 --host n.fr
is "a delegated commune: its whole one is named (CGCT L2113-10)" 1 '01039 → 01138 .*déléguée' b tenant add --insee 01039 --host n.fr
is "an associated one" 1 '01120 → 01262' b tenant add --insee 01120 --host n.fr
is "a district of Marseille" 1 '13201 → 13055 \(Marseille\)' b tenant add --insee 13201 --host n.fr
is "a name given wins" 0 '^Ville test' b tenant add --insee 88134 --host d.fr --name 'Ville test'
p() { "$bin" "$@" --data "$dir/pg" --store "$postgresql"; }
is "postgresql: the same" 0 '^Épinal' p tenant add --insee 88160 --host v.fr --admin chef@v.fr
same "postgresql: its bodies" "$(psql -qAt "$postgresql" -c 'SELECT population FROM body ORDER BY id')" $'32251\n110099'
: > "$dir/share/territory/88.json.gz"
is "an empty part is told" 1 '.' b tenant add --insee 88161 --host n.fr
echo broken | gzip > "$dir/share/territory/88.json.gz"
is "a damaged part is told" 1 '.' b tenant add --insee 88161 --host n.fr
rm -rf "$dir/share"
is "without the package: a town all the same, and a word" 0 'données du territoire ne sont pas installées' b tenant add --insee 88161 --host w.fr
