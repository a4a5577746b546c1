#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# beffroi rules check: each finding at its file, line and column, in order; what it answers to the shell.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
. tests/rules/begin
check() { "$bin" rules check "$@" 2>&1 | sed "s|$dir/||"; }
status() { "$bin" rules check "$@" > "$dir/out" 2>&1; echo $?; }
cat > "$dir/good.yaml" <<'Y'
quotient familial:
  question: Quel est votre quotient familial ?
  unité: €
tarif:
  titre: Tarif du repas
  grille:
    assiette: quotient familial
    tranches:
      - montant: 1.10 €
        plafond: 400 €
      - montant: 3.50 €
Y
cat > "$dir/bad.yaml" <<'Y'
repas:
  titre: Repas
  valeur: tarif + durée
durée: 2 mois
aide:
  titre: Aide
  valeur: tarife * 2
oubliée: 3 €
a: {titre: A, valeur: b}
b: {titre: B, valeur: a}
Y
printf '{\n  "oubliée": "3 €",\n  "net": {"titre": "Net",\n    "somme": ["brut", 3]}\n}\n' > "$dir/net.json"
printf 'a: 1\n  b: 2\n' > "$dir/broken.yaml"
is "rules without a fault" "$(check "$dir/good.yaml")" "0 errors, 0 warnings"
is "and 0 to the shell" "$(status "$dir/good.yaml")" 0
is "each at its line, in order, of two files" "$(check "$dir/good.yaml" "$dir/bad.yaml" | cut -d: -f1-4)" "bad.yaml:3:11: repas
bad.yaml:7:11: aide
bad.yaml:8:1: oubliée
bad.yaml:9:1: a
3 errors, 1 warnings"
is "what is wrong, in French" "$(check "$dir/good.yaml" "$dir/bad.yaml" | sed -n 1p | sed 's|\xc2\xa0| |g; s|\xe2\x80\xaf| |g')" \
    'bad.yaml:3:11: repas: Les unités ne se convertissent pas l’une dans l’autre : « tarif » (€), « durée » (mois). [error unit]'
is "a cycle is said whole" "$(check "$dir/good.yaml" "$dir/bad.yaml" | sed -n 4p | grep -c 'a → b → a')" 1
is "an error is 1 to the shell" "$(status "$dir/good.yaml" "$dir/bad.yaml")" 1
is "JSON, at its line too" "$(check "$dir/net.json" | cut -d: -f1-4)" "net.json:2:3: oubliée
net.json:4:15: net
1 errors, 1 warnings"
sed -i 's/"brut", //' "$dir/net.json"
is "a warning alone is 0 to the shell" "$(status "$dir/net.json")" 0
is "a fault of YAML has its line" "$(check "$dir/broken.yaml" | cut -d: -f1-3)" "broken.yaml:2:4
1 errors, 0 warnings"
is "and 1 to the shell" "$(status "$dir/broken.yaml")" 1
is "as JSON" "$(check --json "$dir/net.json" | jq -c '[.[] | {code, severity, rule, path, line, column}]')" '[{"code":"unused","severity":"warning","rule":"oubliée","path":"/oubliée","line":2,"column":3}]'
is "what the goal does not need" "$(check --goal 'quotient familial' "$dir/good.yaml" | cut -d: -f1-4)" "good.yaml:4:1: tarif
0 errors, 1 warnings"
is "a file that is not there" "$(status "$dir/none.yaml")" 1
