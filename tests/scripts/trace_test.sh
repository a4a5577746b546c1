#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Traces from the command line: valid against web/trace.schema.json for every example of the reference's suite and for the real model (when
# they are beside the project), the same bytes each time, and a page anybody can open.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
. tests/rules/begin
rules=tests/rules/fixtures/garderie.yaml
echo '{"foyer . revenu fiscal": "12960 €/an", "foyer . parts": "2", "enfants": "3"}' > "$dir/s.json"
for n in 1 2; do "$bin" rules eval $rules --situation "$dir/s.json" "à payer" --trace > "$dir/$n.json"; done
is "the same bytes each time" "$(cmp "$dir/1.json" "$dir/2.json" && echo same)" same
is "the trace is the answer's" "$(node -p "const a = JSON.parse(fs.readFileSync('$dir/1.json'))['à payer']; a.trace.value === a.value && a.trace.rules.tarif.step.bands.filter(b => b.holds).length")" 1
is "valid" "$(node tests/rules/schema.mjs web/trace.schema.json "$dir/1.json")" "1 valid, 0 not"
suite=(../shared/data/rules/suite/*.yaml)
if [ -f "${suite[0]}" ]; then
    n=0
    for f in "${suite[@]}"; do
        while IFS=$'\t' read -r rule situation; do
            n=$((n + 1))
            printf '%s' "$situation" > "$dir/situation.json"
            "$bin" rules eval "$f" --filter-choices --situation "$dir/situation.json" "$rule" --trace > "$dir/suite-$n.json" 2> /dev/null
        done < <(node tests/rules/examples.mjs "$f")
    done
    out=$(node tests/rules/schema.mjs web/trace.schema.json "$dir"/suite-*.json)
    is "traces of the reference's suite are valid" "$(echo "$out" | grep -cE '^2[0-9]{2} valid, 0 not$')" 1
    echo "$out" | tail -n 6
fi
model=../shared/data/rules/modele-social
if [ -f $model/cases.json ]; then
    node -e "fs.writeFileSync('$dir/cases.json', JSON.stringify(JSON.parse(fs.readFileSync('$model/cases.json')).slice(0, 12).map(c => c.situation)))"
    "$bin" rules eval $model/rules.json --situation "$dir/cases.json" "salarié . rémunération . net . payé après impôt" --trace > "$dir/model.json"
    is "traces of the real model are valid" "$(node tests/rules/schema.mjs web/trace.schema.json "$dir/model.json" | tail -n 1)" "12 valid, 0 not"
    "$bin" rules eval $model/rules.json --situation "$dir/cases.json" "salarié . rémunération . net . payé après impôt" --trace-page "$dir/model" > /dev/null
    # Fifty megabytes of traces: each case takes the memory of the one before.
    mapfile -t wanted < <(node -e "const c = JSON.parse(fs.readFileSync('$model/cases.json')); fs.writeFileSync('$dir/all.json', JSON.stringify(c.map(c => c.situation))); console.log([...new Set(c.flatMap(c => Object.keys(c.expected)))].join('\n'))")
    "$bin" rules eval $model/rules.json --situation "$dir/all.json" "${wanted[@]}" --trace > "$dir/all-traces.json"
    is "every case with every trace" "$? $(node -p "JSON.parse(fs.readFileSync('$dir/all-traces.json')).length")" "0 80"
    is "and its page" "$(node tests/rules/pages.mjs "$dir/model" | sed 's/, [0-9]* links//')" "1 pages, 0 faults"
fi
"$bin" rules eval $rules --situation "$dir/s.json" "à payer" --trace-page "$dir/why/deep" > /dev/null
is "a page, valid, whose links lead somewhere" "$(node tests/rules/pages.mjs "$dir/why" | sed 's/, [0-9]* links//')" "1 pages, 0 faults"
is "it says why" "$(grep -c 'Tarif d&#39;une soirée de garderie.*: <strong>' "$dir/why/deep/index.html")" 1
is "a fault is told, and no page is written" "$("$bin" rules eval $rules "1 / 0" --trace --trace-page "$dir/none" | grep -c error; [ -e "$dir/none" ] && echo written)" 1
