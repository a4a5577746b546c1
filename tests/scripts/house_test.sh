#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A small wrong tree must be refused by each rule of tools/check_house, at the right line; a right one must pass.
cd "$(dirname "$0")/../.." || exit 2
make -s build/tools/check_house || exit 1
check=$PWD/build/tools/check_house
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
spdx='/* SPDX-License-Identifier: AGPL-3.0-or-later */'
put() { mkdir -p "$dir/$(dirname "$1")"; printf '%s\n' "$spdx" "${@:2}" > "$dir/$1"; }
fresh() { rm -rf "${dir:?}"/*; put src/base/str.h 'struct x { int a; };'; }
# says NAME CHECK TEXT: the check fails and prints TEXT        fine NAME CHECK: it passes
says() { out=$("$check" "$2" "$dir"); rc=$?; if [ $rc -eq 1 ] && grep -qF "$3" <<< "$out"; then echo "ok $1"; else echo "not ok $1"; echo "$out"; fi; }
fine() { if out=$("$check" "$2" "$dir"); then echo "ok $1"; else echo "not ok $1"; echo "$out"; fi; }

fresh; put src/base/a.c '#include "store/db.h"';                       says "base includes the store" floors 'src/base/a.c:2: includes store/db.h: goes up'
fresh; put src/core/a.c '#include "web/req.h"';                        says "the core includes the web" floors 'the core knows no HTTP'
fresh; put src/services/a/a.c '#include "services/b/b.h"';             says "services meet" floors 'services never meet'
fresh; put src/services/a/a.c '#include "gen/sql/services/b/b.sql.h"'; says "services meet through generated code" floors 'services never meet'
fresh; put src/site/a.c '#include "services/a/a.h"';                   says "the site includes a service" floors 'only through the core'
fresh; put src/cellar/a.c 'int a;';                                    says "a folder on no floor" floors 'on no floor'
fresh; put src/core/a.c '#include "gen/html/pages/x.html.h"';          says "the core includes a page" floors 'goes up'
fresh; put src/services/a/a.c '#include "core/x.h"' '#include "gen/sql/services/a/a.sql.h"' '#include "a.h"' '#include <stdio.h>'
fine "a service on its own floor" floors
fresh; put src/services.c '#include "services/a/a.h"' '#include "site/s.h"'; fine "the roof sees all" floors

lines() { for _ in $(seq "$1"); do echo '    a++;'; done; }
fresh; put src/base/a.c "$(seq -f 'int a%g;' 1000)";                   says "a file above 1000 lines" sizes 'has 1001 lines, more than 1000'
fresh; put src/base/a.c "$(seq -f 'int a%g;' 700)";                    fine "a file above 600 lines is a warning" sizes
fresh; put src/base/a.h "$(seq -f 'int a%g;' 150)"; put src/store/a.c '#include "base/a.h"'; says "a public header above 150 lines" sizes 'header has 151 lines'
fresh; put src/base/a.h "$(seq -f 'int a%g;' 150)"; put src/base/a.c '#include "base/a.h"'; fine "a header that only its folder includes is not public" sizes
fresh; put src/base/a.c 'static const int t[] = {1, 2};' 'int f(int (*g)(int), int b)' '{' "$(lines 99)" '}' 'int h(void) { return 1; }'
says "a function above 100 lines, by its name" sizes 'src/base/a.c:4: f (function) has 101 lines'
fresh; put src/base/a.c 'int f(void)' '{' "$(lines 98)" '}';           fine "a function of 100 lines" sizes
fresh; put src/base/a.c 'static const struct t all[] = {' "$(seq -f '    {CALL(%g), 1},' 200)" '};'; fine "a long table is no function" sizes

fresh; put src/web/a.c 'void f(char *a) { strcpy(a, "x"); }';          says "a banned call" banned 'src/web/a.c:2: strcpy is banned'
fresh; put src/core/a.c 'void *f(void) { return malloc(3); }';         says "malloc in the core" banned 'malloc: memory here comes from the arena'
fresh; put src/core/a.c 'void f(void *p) { free(p); }   /* house: the library made it */'; fine "a waiver with its reason" banned
fresh; put src/core/a.c '/* house: why */' 'void *f(void) { return malloc(3); }' 'void *g(void) { return malloc(3); }'; says "a waiver is for one line" banned 'a.c:4: malloc'
fresh; put src/web/a.c 'void *f(void) { return malloc(3); }';          fine "malloc inside the web" banned
fresh; put src/core/a.c 'const char *q = "SELECT id FROM x";';         says "SQL in a string" banned 'SQL in a C string'
fresh; put src/core/a.c 'const char *q = "UPDATE x SET y = 1";';       says "an UPDATE in a string" banned 'SQL in a C string'
fresh; put src/core/a.c 'const char *q = "en été";';                   says "French in a string" banned 'belongs in the catalogues'
fresh; put src/core/a.c '/* SELECT id; strcpy(a, b); en été */ const char *q = "SELECTED unselect";'; fine "comments and parts of words are no matter" banned
fresh; put src/core/a.c "const char c = '\"'; const char *q = \"a\\\"b\"; /* \"été\" */"; fine "quotes inside quotes" banned
fresh; put src/core/a_test.c 'const char *q = "en été";';              fine "tests may speak French" banned

fresh; mkdir -p "$dir/src/core"; echo 'int a;' > "$dir/src/core/a.c";  says "no licence line" licence 'no SPDX'
fresh; printf '#!/bin/sh\n# SPDX-License-Identifier: AGPL-3.0-or-later\n' > "$dir/src/base/a.sh"; fine "a script says it on its second line" licence
"$check" nonsense "$dir" > /dev/null 2>&1; [ $? -eq 2 ] && echo "ok wrong usage is 2" || echo "not ok wrong usage is 2"
