#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What tools/mksql accepts compiles; what it must refuse it refuses, with file, line and reason (tests/mksql).
set -u
cd "$(dirname "$0")/../.."
make -s build/tools/mksql || exit 1
mksql=$PWD/build/tools/mksql here=tests/mksql failed=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/gen/sql/tests/mksql"

say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "not ok $2"; failed=1; fi; }

# The good ones: both steps, and the C compiles without warnings.
"$mksql" -m "$dir/migrations.c" $here/0001_things.sql -- $here/good.sql &&
    "$mksql" $here/good.sql "$dir/gen/sql/$here/good.sql.h" "$dir/gen/sql/$here/good.sql.c" &&
    gcc -std=gnu11 -Wall -Wextra -Wconversion -Werror -Isrc -I"$dir" -fsyntax-only "$dir/gen/sql/$here/good.sql.c" "$dir/migrations.c"
say $? "good statements compile"
grep -q 'WHERE tenant = ?1 AND id = ?2' "$dir/gen/sql/$here/good.sql.c" && grep -q 'tenant = $1::bigint AND id = $2::bigint' "$dir/gen/sql/$here/good.sql.c"
say $? "parameters in both dialects"
grep -q 'tenant INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT, size REAL, blob BLOB, PRIMARY KEY (tenant, id)) STRICT;' "$dir/migrations.c" &&
    grep -q 'name TEXT COLLATE \\"C\\", size DOUBLE PRECISION, blob BYTEA, PRIMARY KEY (tenant, id));' "$dir/migrations.c" &&
    grep -q 'PRIMARY KEY (tenant, thing)) STRICT, WITHOUT ROWID;' "$dir/migrations.c" && ! grep -q 'ROWID.*BYTEA' "$dir/migrations.c" &&
    grep -q 'CAST(thing AS TEXT) <> name' "$dir/migrations.c" && grep -q 'ADD COLUMN note TEXT COLLATE' "$dir/migrations.c"
say $? "tables in both dialects"

n=0
while IFS=$'\t' read -r sql words; do
    case $sql in '#'* | '') continue ;; esac
    n=$((n + 1))
    printf -- '-- :name s :one (a i64, b str) -> (id i64)\n%s;\n' "$sql" > "$dir/bad.sql"
    out=$("$mksql" -m "$dir/x.c" $here/0001_things.sql -- "$dir/bad.sql" 2>&1)
    [ $? -eq 1 ] && [[ $out == *"$words"* ]] && [[ $out == "$dir/bad.sql:"[0-9]*": "* ]]
    say $? "refused: $sql"
    [[ $out == *"$words"* ]] || echo "    said: $out"
done < $here/bad.txt

while IFS=$'\t' read -r sql words; do
    case $sql in '#'* | '') continue ;; esac
    n=$((n + 1))
    printf '%s\n' "$sql" > "$dir/0002_bad.sql"
    out=$("$mksql" -m "$dir/x.c" $here/0001_things.sql "$dir/0002_bad.sql" -- 2>&1)
    [ $? -eq 1 ] && [[ $out == *"$words"* ]] && [[ $out == "$dir/0002_bad.sql:1: "* ]]
    say $? "refused: $sql"
    [[ $out == *"$words"* ]] || echo "    said: $out"
done < $here/bad-ddl.txt

printf -- '-- :name s :one :global () -> (id i64)\nSELECT id FROM thing;\n' > "$dir/bad.sql"
"$mksql" -m "$dir/x.c" $here/0001_things.sql -- "$dir/bad.sql" 2>&1 | grep -q ':global statements do not touch'
say $? "refused: a global statement on a table of tenants"

# Doubled numbers, doubled names, wrong directives.
cp $here/0001_things.sql "$dir/0001_again.sql"
"$mksql" -m "$dir/x.c" $here/0001_things.sql "$dir/0001_again.sql" -- 2>&1 | grep -q 'the number is taken by'
say $? "a number is used once"
cp $here/good.sql "$dir/again.sql"
"$mksql" -m "$dir/x.c" $here/0001_things.sql -- $here/good.sql "$dir/again.sql" 2>&1 | grep -q 'is the name of a statement of'
say $? "a name is used once"
for bad in '-- :name s :one (a i46) -> (id i64)' '-- :name s :one (a i64)' '-- :name s (a i64)' '-- :nome s' '-- :row r' '-- :name s :exec (a i64) -> (id i64)' \
    '-- :name s :one (int i64) -> (id i64)' '-- :order-ok' '-- :all-tenants just so'; do
    printf '%s\nSELECT 1;\n' "$bad" > "$dir/bad.sql"
    "$mksql" "$dir/bad.sql" "$dir/x.h" "$dir/x.c" 2> "$dir/said"
    [ $? -eq 1 ] && grep -q "^$dir/bad.sql:[12]: " "$dir/said"
    say $? "refused: $bad"
done

# The hash is of the words, not of comments and blanks.
hash_of() { sed -n 's/.*"\([0-9a-f]\{16\}\)", {$/\1/p' "$1"; }
"$mksql" -m "$dir/a.c" $here/0001_things.sql -- && sed 's/^CREATE TABLE town/-- a word\nCREATE   TABLE town/' $here/0001_things.sql > "$dir/0001_things.sql" &&
    "$mksql" -m "$dir/b.c" "$dir/0001_things.sql" -- && [ -n "$(hash_of "$dir/a.c")" ] && [ "$(hash_of "$dir/a.c")" = "$(hash_of "$dir/b.c")" ]
say $? "comments do not change a hash"
sed 's/name TEXT/title TEXT/' $here/0001_things.sql > "$dir/0001_things.sql" && "$mksql" -m "$dir/b.c" "$dir/0001_things.sql" -- &&
    [ "$(hash_of "$dir/a.c")" != "$(hash_of "$dir/b.c")" ]
say $? "words change a hash"
[ $n -gt 50 ]
say $? "all lines were read"
exit $failed
