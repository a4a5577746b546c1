#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# beffroi rules doc: pages that are valid, whose links lead somewhere, and that say what a reader looks for.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
. tests/rules/begin
rules=tests/rules/fixtures/garderie.yaml
is "says where it wrote, and how many rules" "$("$bin" rules doc $rules -o "$dir/doc")" "$dir/doc/index.html: 11"
is "valid pages, whose links lead somewhere" "$(node tests/rules/pages.mjs "$dir/doc" | sed 's/, [0-9]* links//')" "12 pages, 0 faults"
has "the index goes by name spaces" "$dir/doc/index.html" '<a href="regles/foyer.html">Votre foyer</a> <code>foyer</code><ul>'
tarif=$dir/doc/regles/tarif.html
has "the title of a rule" "$tarif" '<h1>Tarif d&#39;une soirée de garderie</h1>'
has "its note" "$tarif" 'Délibération du 12 mai 2026.'
has "its bands as a table" "$tarif" '<tr><td>600 €/mois</td><td>2.10 €</td></tr>'
has "names in a formula are links" "$tarif" '<a href="quotient-familial.html">quotient familial</a>'
has "what reads it" "$tarif" '<a href="prix.html">Prix de la soirée</a>'
has "its examples" "$tarif" '<td>tranche du milieu</td>'
has "what it replaces" "$dir/doc/regles/tarif-exterieur.html" 'Ce qu’elle remplace ou écarte</h2>'
has "a question" "$dir/doc/regles/enfants.html" "<p class=\"lead\">Combien d&#39;enfants gardés ?</p>"
has "a description in Markdown" "$dir/doc/regles/quotient-familial.html" '<strong>parts</strong>'
has "a reference" "$dir/doc/regles/foyer.revenu-fiscal.html" '<a href="https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000044978198">Code général des impôts, article 1417</a>'
has "the text as it is written" "$tarif" '<pre tabindex="0"><code>tarif:'
cat > "$dir/nasty.yaml" <<'Y'
été:
  titre: <b>x</b>
  valeur: 1
ete: été + 1
l'œuvre . partie 2: 2
l'œuvre: 3
Y
is "names that fold alike, and what is no markup" "$("$bin" rules doc "$dir/nasty.yaml" -o "$dir/nasty" > /dev/null && ls "$dir/nasty/regles" | tr '\n' ' '; grep -c '<b>' "$dir/nasty/index.html")" "ete-2.html ete.html l-oeuvre.html l-oeuvre.partie-2.html 0"
is "valid too" "$(node tests/rules/pages.mjs "$dir/nasty" | sed 's/, [0-9]* links//')" "5 pages, 0 faults"
"$bin" rules doc $rules > /dev/null 2> "$dir/err"
is "without a folder, wrong use" "$?" 2
echo 'a: b' > "$dir/bad.yaml"
"$bin" rules doc "$dir/bad.yaml" -o "$dir/bad" > /dev/null 2> "$dir/err"
is "a fault in the rules, and nothing written" "$? $([ -e "$dir/bad" ] && echo written)" "1 "
"$bin" rules doc $rules -o /proc/none > /dev/null 2> "$dir/err"
is "a folder that cannot be" "$? $(grep -c 'ne peut pas être écrit' "$dir/err")" "1 1"
model=../shared/data/rules/modele-social/rules.json
if [ -f $model ]; then
    "$bin" rules doc $model -o "$dir/model" > /dev/null
    is "a real model of 656 rules and those they hold" "$(node tests/rules/pages.mjs "$dir/model" | tail -n 1 | sed 's/, [0-9]* links//')" "1349 pages, 0 faults"
fi
