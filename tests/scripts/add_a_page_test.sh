#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Follows docs/add-a-page.md: its header, template and words go through the tools and the compiler as they stand in the page.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
block() { awk -v l="$1" -v n="$2" '$0 == "```" l {k++; if (k == n) {on = 1; next}} /^```$/ {on = 0} on' docs/add-a-page.md; }
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "not ok $2"; sed 's/^/    /' "$dir/out"; fi; }

mkdir -p "$dir/src/services/reports" "$dir/gen/gen/html/services/reports"
{ echo '#pragma once'; block c 1; } > "$dir/src/services/reports/pages.h"
block html 1 > "$dir/src/services/reports/reports.html"
g=$dir/gen/gen/html/services/reports/reports.html
build/tools/mktpl "$dir/src/services/reports/reports.html" "$g.h" "$g.c" > "$dir/out" 2>&1
say $? "the template of the page compiles to C"
gcc -std=gnu11 -D_GNU_SOURCE -I"$dir/src" -Isrc -I"$dir/gen" -Ibuild/gen -include base/banned.h -Wall -Wextra -Wshadow -Wconversion -Werror -c -o "$dir/x.o" "$g.c" > "$dir/out" 2>&1
say $? "and the C compiles without a warning"
sed -i 's/r\.title/r.titel/' "$dir/src/services/reports/reports.html"
build/tools/mktpl "$dir/src/services/reports/reports.html" "$g.h" "$g.c" && gcc -std=gnu11 -D_GNU_SOURCE -I"$dir/src" -Isrc -I"$dir/gen" -Ibuild/gen -include base/banned.h -c -o "$dir/x.o" "$g.c" > "$dir/out" 2>&1
[ $? -ne 0 ] && grep -q 'reports.html:7:.*titel' "$dir/out"
say $? "a member that is not there is an error at the line of the template"

for l in fr en; do
    mkdir -p "$dir/po/$l"
    block po 1 > "$dir/po/$l/reports.po"
done
(cd "$dir" && "$top/build/tools/mkwords" words.c po/fr/reports.po po/en/reports.po -- src/services/reports/reports.html) > "$dir/out" 2>&1
say $? "its words are in both catalogues"
