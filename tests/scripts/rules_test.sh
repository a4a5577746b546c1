#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Rules from the command line; then our engine beside the reference (npm publicodes) on its own suite, when it is beside the project,
# on the bases of tests/rules/cases, one for each construct and its corners, and on random bases. COUNT=60 SEED=1
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
. tests/rules/begin
cat > "$dir/tarif.yaml" <<'Y'
quotient familial:
  question: Quel est votre quotient familial ?
  unité: €
tarif:
  grille:
    assiette: quotient familial
    tranches:
      - montant: 1.10 €
        plafond: 400 €
      - montant: 2.10 €
        plafond: 600 €
      - montant: 3.50 €
  exemples:
    - {situation: {quotient familial: 540}, valeur attendue: 2.1, unité attendue: €}
    - {situation: {quotient familial: 900}, valeur attendue: 3.5}
    - {valeur attendue: undefined, variables manquantes: [quotient familial]}
Y
sed 's/attendue: 3.5/attendue: 3.6/' "$dir/tarif.yaml" > "$dir/wrong.yaml"
echo '[{"quotient familial":"540 €"},{}]' > "$dir/two.json"
is "a value, its unit, what is missing, for each situation" "$("$bin" rules eval "$dir/tarif.yaml" --situation "$dir/two.json" tarif | tr -d '\n')" \
    '[{"tarif":{"missing":[],"unit":"€","value":2.1}},{"tarif":{"missing":["quotient familial"],"unit":"€","value":"undefined"}}]'
is "examples that hold" "$("$bin" rules test "$dir/tarif.yaml")" "3 passed, 0 failed"
is "an example that does not is named" "$("$bin" rules test "$dir/wrong.yaml" | sed "s|$dir/||")" "$(printf 'wrong.yaml: tarif (exemple 2): valeur : {"missing":[],"unit":"€","value":3.5}\n2 passed, 1 failed')"
awk '/^```yaml/ { on = 1; next } /^```/ { on = 0 } on' docs/publicodes-pas-a-pas.md > "$dir/tutorial.yaml"
is "the examples of the tutorial hold" "$("$bin" rules test "$dir/tutorial.yaml")" "14 passed, 0 failed"
echo 'a: b + 1' > "$dir/unknown.yaml"
is "a fault says its file and rule" "$("$bin" rules eval "$dir/unknown.yaml" a 2>&1 | sed "s|$dir/||" | cut -d: -f1-2)" "unknown.yaml: a"
cat > "$dir/transport.model.yaml" <<'Y'
transport:
transport . bus:
  valeur: kilomètres * facteur
  titre: En bus
transport . bus . facteur: 0.1 kg/km
transport . kilomètres:
  par défaut: 20 km
avion: 300 kg
autre: transport . bus
Y
cat > "$dir/bilan.yaml" <<'Y'
importer!:
  depuis: {nom: transport}
  dans: bilan . mobilité
  les règles:
    - transport . bus: {titre: Le bus}
total: bilan . mobilité . transport . bus * 2
Y
is "rules are imported with what they read" "$("$bin" rules eval "$dir/bilan.yaml" "$dir/transport.model.yaml" total)" '{"total":{"missing":["bilan . mobilité . transport . kilomètres"],"unit":"kg","value":4.0}}'
is "and no others" "$("$bin" rules eval "$dir/bilan.yaml" "$dir/transport.model.yaml" 'bilan . mobilité . avion' | cut -c1-50 | grep -c error)" 1
is "a package that is not given is asked for" "$("$bin" rules eval "$dir/bilan.yaml" total 2>&1 | sed "s|$dir/||")" "bilan.yaml: importer!: ce paquet de règles n’est pas donné : « transport »"
suite=(../shared/data/rules/suite/*.yaml)
[ -f "${suite[0]}" ] || suite=()
out=$(node tests/rules/differential.mjs "$bin" --count "${COUNT:-60}" --seed "${SEED:-1}" tests/rules/conditions.yaml tests/rules/cases/*.yaml "${suite[@]}")
echo "$out" | grep '^seed'
is "conditions that menus write, as told" "$("$bin" rules test tests/rules/conditions.yaml | tail -n 1)" "24 passed, 0 failed"
is "no difference from the reference" "$(echo "$out" | grep -c '^not ok')" 0
echo "$out" | grep -A 3 '^not ok' | head -20
is "compared something" "$(echo "$out" | tail -n 1 | grep -cE '^[1-9][0-9]{2,} passed, 0 failed$')" 1
