#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# AGPL §13: the running program hands out its own source, whole: what git knows, as it was when the program was built, and nothing else.
set -u
cd "$(dirname "$0")/../.." || exit 1
make -s V=debug all > /dev/null || exit 1
dir=$(mktemp -d) server=
trap '[ -z "$server" ] || { kill -TERM $server; wait $server; } 2> /dev/null; rm -rf "$dir"' EXIT
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "not ok $2"; cat "$dir/diff" 2> /dev/null; fi; }
port=$((20000 + RANDOM % 20000))
build/debug/beffroi tenant add --slug v --name Ville --host 127.0.0.1 --data "$dir/data" > /dev/null 2>&1
build/debug/beffroi serve --data "$dir/data" --listen "127.0.0.1:$port" > /dev/null 2>&1 &
server=$!
for _ in $(seq 200); do curl -s -o /dev/null "http://127.0.0.1:$port/healthz" && break; sleep 0.05; done
curl -s "http://127.0.0.1:$port/source" | grep -q 'action="/source/beffroi.tar.gz"'
say $? "the page of the source links to it"
curl -s "http://127.0.0.1:$port/source/beffroi.tar.gz" | tar -xzf - -C "$dir"
say $? "it is an archive"
[ -d .git ] && command -v git > /dev/null || exit 0         # unpacked from such an archive: nothing to compare with
git ls-files --cached --others --exclude-standard | while read -r f; do [ ! -f "$f" ] || echo "$f"; done | LC_ALL=C sort > "$dir/known"
(cd "$dir/beffroi" && find . -type f | sed 's,^\./,,' | LC_ALL=C sort) > "$dir/given"
diff "$dir/known" "$dir/given" > "$dir/diff"
say $? "it holds what git knows, and nothing else"
while read -r f; do cmp -s "$f" "$dir/beffroi/$f" || echo "$f differs"; done < "$dir/known" > "$dir/diff"
[ ! -s "$dir/diff" ]
say $? "every file is as it is here"
