#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The runners themselves: a failure, a crash and a program without tests must each be counted and end with an exit code.
cd "$(dirname "$0")/../.." || exit 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
is() { if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1"; echo "got:      $2"; echo "expected: $3"; fi; }
program() { printf '#!/bin/sh\n%s\n' "$2" > "$dir/tests/$1"; chmod +x "$dir/tests/$1"; }
mkdir "$dir/tests"
program good 'echo "[  PASSED  ] 3 test(s)."'
program bad 'echo "[  PASSED  ] 1 test(s)."; echo "[  FAILED  ] 2 test(s), listed below:"; exit 2'
program crash 'echo "[ RUN      ] x"; kill -SEGV $$'
program late 'echo "[  PASSED  ] 4 test(s)."; exit 1'
program empty 'exit 0'
program skips 'echo "[  PASSED  ] 1 test(s)."; echo "[  SKIPPED ] 2 test(s), listed below:"'
run() { out=$(tools/run-tests "$dir" "${@/#/$dir/tests/}" 2>&1); rc=$?; tail -n 1 <<< "$out"; return $rc; }

is "all good" "$(run good; echo $?)" $'3 passed, 0 failed\n0'
is "failures are counted" "$(run good bad; echo $?)" $'4 passed, 2 failed\n1'
is "a crash is one failure" "$(run crash; echo $?)" $'0 passed, 1 failed\n1'
is "a leak after the tests is one failure" "$(run late; echo $?)" $'4 passed, 1 failed\n1'
is "a program without a test is one failure" "$(run empty; echo $?)" $'0 passed, 1 failed\n1'
is "what is skipped is said" "$(run skips; echo $?)" $'2 skipped; 1 passed, 0 failed\n0'

mkdir "$dir/scripts"
printf '#!/bin/sh\necho "ok a"\necho "not ok b"\n' > "$dir/scripts/x_test.sh"
printf '#!/bin/sh\nexit 3\n' > "$dir/scripts/y_test.sh"
chmod +x "$dir/scripts/"*
is "scripts are counted" "$(tests/run-scripts "$dir/scripts" | tail -n 1)" "1 passed, 2 failed"

out=$(tests/with-postgres sh -c 'echo "$BEFFROI_TEST_PG_CTL" > "$1"; psql "$BEFFROI_TEST_PG" -Atc "show fsync; show synchronous_commit; show listen_addresses"; "$BEFFROI_TEST_PG_CTL" stop
    psql "$BEFFROI_TEST_PG" -Atc "select 1" 2>/dev/null && echo still there; "$BEFFROI_TEST_PG_CTL" start; psql "$BEFFROI_TEST_PG" -Atc "select 7"; exit 5' sh "$dir/ctl" 2>&1; echo $?)
is "PostgreSQL is durable, goes and comes back, and the exit code is the command's" "$out" $'on\non\n127.0.0.1\n7\n5'
is "nothing of it stays" "$([ -s "$dir/ctl" ] && [ ! -e "$(dirname "$(cat "$dir/ctl")")" ] && echo gone)" gone

mkdir "$dir/assets"
printf 'a{b:c}\n%.0s' $(seq 500) > "$dir/assets/x.css"
head -c 3000 /dev/urandom > "$dir/assets/y.png"
make -s build/tools/mkassets
build/tools/mkassets "$dir/a.c" x.css="$dir/assets/x.css" y.png="$dir/assets/y.png" && build/tools/mkassets "$dir/b.c" y.png="$dir/assets/y.png" x.css="$dir/assets/x.css"
is "assets do not depend on the order of files" "$(cmp "$dir/a.c" "$dir/b.c" && echo same)" same
is "what does not shrink is not compressed" "$(grep -c '{"y.png", "image/png", plain_1, 0, 0, 3000, 0, 0}' "$dir/a.c")" 1
cat > "$dir/main.c" <<'C'
#include <stdio.h>
#include "web/assets.h"
int main(void) { const struct asset *x = &assets_built.v[0]; fwrite(x->brotli, 1, x->brotli_n, stdout); fwrite(x->plain, 1, x->plain_n, stderr); return 0; }
C
gcc -Isrc -o "$dir/main" "$dir/main.c" "$dir/a.c" && "$dir/main" > "$dir/x.br" 2> "$dir/x.plain"
is "what is packed reads as what was written, without its blanks" "$(tr -d "\n" < "$dir/x.plain" | cmp - <(tr -d "\n" < "$dir/assets/x.css") && echo same)" same
is "brotli bytes come back" "$(brotli -dc "$dir/x.br" 2> /dev/null | cmp - "$dir/x.plain" && echo same)" same
printf x > "$dir/assets/z.exe"
is "an unknown kind of file is refused" "$(build/tools/mkassets "$dir/c.c" z.exe="$dir/assets/z.exe" 2> /dev/null; echo $?)" 1
