-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row result_row (record i64, version i64, name str, path str, kind str, revision i64, at i64, trace str)

-- A second run of the same transaction writes the same.
-- :name result_put :exec (record i64, version i64, name str, path str, kind str, revision i64, at i64, trace str)
INSERT INTO result (tenant, record, version, name, path, kind, revision, at, trace) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant, record, version, name, path) DO NOTHING;

-- :name results_of_record :many (record i64) -> result_row
SELECT record, version, name, path, kind, revision, at, trace FROM result WHERE tenant = $1 AND record = $2 ORDER BY version, name, path LIMIT 2000;

-- In the order of their keys, after one of them.
-- :name results_after :many (record i64, version i64, name str, path str, most i64) -> result_row
SELECT record, version, name, path, kind, revision, at, trace FROM result
WHERE tenant = $1 AND (record, version, name, path) > ($2, $3, $4, $5) ORDER BY record, version, name, path LIMIT $6;

-- :name results_remove_of :exec (record i64)
DELETE FROM result WHERE tenant = $1 AND record = $2;
