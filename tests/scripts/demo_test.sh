#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The demonstration: 2,000 dossiers of seventeen procedures over two years, in every state, 300 reports, an account of each role. Filled twice,
# it says the same; dates, states, hours and delays are those of a town; the optimised program fills it within 15 seconds.
set -u
cd "$(dirname "$0")/../.." || exit 1
{ make -s V=debug all && make -s V=release all; } > /dev/null || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "not ok $2"; cat "$dir/out" 2> /dev/null; fi; }
ask() { sqlite3 "$dir/$1/beffroi.db" "$2" > "$dir/out"; }
# is WHAT VALUE QUERY — the query gives this.
is() { ask one "$3" && [ "$(cat "$dir/out")" = "$2" ]; say $? "$1"; }
build/debug/beffroi demo --data "$dir/one" > "$dir/one.accounts" 2> /dev/null || say 1 "one is filled"
start=$(date +%s%N)
build/release/beffroi demo --data "$dir/two" > "$dir/two.accounts" 2> /dev/null || say 1 "two is filled"
took=$((($(date +%s%N) - start) / 1000000))
[ "$took" -lt 15000 ]
say $? "filled in $took ms"
is "2,000 dossiers" 2000 "SELECT count(*) FROM record WHERE kind <> 'report'"
is "300 reports" 300 "SELECT count(*) FROM record WHERE kind = 'report'"
is "of seventeen procedures, each with twenty dossiers at least" 17 "SELECT count(*) FROM (SELECT kind FROM record WHERE kind <> 'report' GROUP BY kind HAVING count(*) >= 20)"
library=$(ls towns/library/*.kind.yaml | wc -l)
is "the $library ready procedures are switched on" "$library" "SELECT count(*) FROM kind WHERE status = 'published' AND name NOT LIKE 'd10%'"
for kind in procedure:procedures:"<>" report:reports:"="; do
    IFS=: read -r name folder is <<< "$kind"
    ask one "SELECT DISTINCT state FROM record WHERE kind $is 'report'"
    states=$(sed -n '/^states:/,/^transitions:/s/^  \([a-z_]*\):.*/\1/p' "src/services/$folder/$name.kind.yaml")
    missing=$(for s in $states; do grep -qx "$s" "$dir/out" || echo "$s"; done)
    [ -n "$states" ] && [ -z "$missing" ]
    say $? "every state of a $name occurs $missing"
done
# What is so in a town.
is "two years of it" 1 "SELECT (max(created) - min(created)) / 86400000000 BETWEEN 700 AND 731 FROM record"
is "nothing is later than the filling" 0 "SELECT count(*) FROM journal WHERE at > (SELECT max(created) FROM account)"
is "nothing happens to a dossier before it is filed" 0 "SELECT count(*) FROM journal j JOIN record r ON r.tenant = j.tenant AND r.id = j.record WHERE j.at < r.created"
is "its state is the one its journal ends with" 0 "SELECT count(*) FROM record r WHERE state <> (SELECT to_state FROM journal j WHERE j.tenant = r.tenant AND j.record = r.id AND to_state IS NOT NULL ORDER BY seq DESC LIMIT 1)"
is "agents decide on working days" 0 "SELECT count(*) FROM journal WHERE verb IN ('accept', 'refuse', 'close') AND strftime('%w', at / 1000000, 'unixepoch', '+2 hours') IN ('0', '6')"
is "fewer are filed on a Sunday than on a Monday" 1 "SELECT sum(d = '0') * 2 < sum(d = '1') FROM (SELECT strftime('%w', created / 1000000, 'unixepoch') d FROM record WHERE kind <> 'report')"
is "school enrolment is of the spring, not of the autumn" 1 "SELECT sum(m BETWEEN '02' AND '06') > 3 * sum(m BETWEEN '08' AND '12') FROM (SELECT strftime('%m', created / 1000000, 'unixepoch') m FROM record WHERE kind = 'inscription-scolaire')"
delay="SELECT avg(j.at - r.created) / 86400000000 FROM journal j JOIN record r ON r.tenant = j.tenant AND r.id = j.record WHERE j.verb = 'accept' AND r.kind ="
is "a certificate takes days, a grant weeks" 1 "SELECT ($delay 'acte-etat-civil') < 12 AND ($delay 'd104') > 25"
is "some were left to silence, few" 1 "SELECT count(*) BETWEEN 20 AND 200 FROM record WHERE state IN ('accepted_silently', 'refused_silently')"
is "silence answers on its day" 0 "SELECT count(*) FROM journal j JOIN record r ON r.tenant = j.tenant AND r.id = j.record WHERE j.verb LIKE 'silence%' AND j.at - r.created > 130 * 86400000000"
is "several agents share the work" 1 "SELECT count(DISTINCT assignee) >= 12 FROM record WHERE assignee <> 0"
is "people and agents write to each other" 1 "SELECT sum(from_author) > 200 AND sum(is_note) > 100 AND count(*) > 800 FROM message"
is "a resident's account has dossiers of its own" 1 "SELECT count(*) BETWEEN 3 AND 20 FROM record WHERE author = (SELECT id FROM account WHERE email = 'habitante@exemple.fr') AND kind <> 'report'"
is "reports have photos, and gather at a few places" 1 "SELECT (SELECT count(DISTINCT owner) FROM file WHERE type = 'image/png' AND field_path = 'f3') > 80"
for n in one two; do ask "$n" "SELECT kind, state, title, created FROM record ORDER BY 1, 2, 3, 4" && cp "$dir/out" "$dir/$n.said"; done
cmp -s "$dir/one.accounts" "$dir/two.accounts" && cmp "$dir/one.said" "$dir/two.said"
say $? "the same kinds, states, titles and dates each time"
# Results are kept with why they are so, and come back byte for byte; what was changed behind the program's back is told.
is "results of rules are kept" 1 "SELECT count(*) >= 500 FROM result"
is "each filed amount is the one its trace gives" 0 "SELECT count(*) FROM result t JOIN record r ON r.tenant = t.tenant AND r.id = t.record WHERE t.name = 'total' AND t.kind = 'taxe-sejour' AND round(json_extract(t.trace, '\$.value'), 2) <> json_extract(r.doc, '\$.' || t.path)"
build/release/beffroi rules replay --all --data "$dir/one" > "$dir/out"; status=$?
kept=$(sqlite3 "$dir/one/beffroi.db" 'SELECT count(*) FROM result')
[ $status -eq 0 ] && grep -q "^$kept replayed: $kept the same, 0 within 1e-9, 0 differ, 0 cannot be$" "$dir/out"
say $? "another build replays all $kept results byte for byte"
sqlite3 "$dir/one/beffroi.db" "UPDATE result SET trace = replace(trace, '\"value\":2.1', '\"value\":2.2') WHERE rowid = (SELECT min(rowid) FROM result WHERE trace LIKE '%\"value\":2.1,%')"
build/release/beffroi rules replay --all --data "$dir/one" > "$dir/out"; status=$?
[ $status -eq 1 ] && grep -q ' 1 differ,' "$dir/out" && grep -q '"before":2.2' "$dir/out"
say $? "a result that was altered is told, with its place"
