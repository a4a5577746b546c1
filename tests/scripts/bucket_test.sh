#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Files in a bucket, through HTTP: two nodes on one PostgreSQL; the server of the bucket dead, hanging, back; backup and restore; doctor.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${BEFFROI_TEST_PG:-}" ]; then exec tests/with-postgres "$0"; fi
bin=${BIN:-build/debug/beffroi}
[ -n "${BIN:-}" ] || make -s V=debug all > /dev/null || exit 1
dir=$(mktemp -d /tmp/beffroi-bucket.XXXXXX)
trap 'rm -rf "$dir"' EXIT
node tests/scripts/bucket.mjs "$bin" "$dir"
