-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row result_row (record i64, version i64, name str, path str, kind str, revision i64, at i64, trace str)

-- A second run of the same transaction writes the same.
-- :name result_put :exec (record i64, version i64, name str, path str, kind str, revision i64, at i64, trace str, by_step i64)
INSERT INTO result (tenant, record, version, name, path, kind, revision, at, trace, by_step) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant, record, version, name, path) DO NOTHING;

-- The answers at this version take the place of those before.
-- :name results_superseded :exec (record i64, version i64)
UPDATE result SET superseded = $3 WHERE tenant = $1 AND record = $2 AND version < $3 AND superseded = 0 AND by_step = 0;

-- :name results_of_record :many (record i64) -> result_row
SELECT record, version, name, path, kind, revision, at, trace FROM result WHERE tenant = $1 AND record = $2 AND superseded = 0 ORDER BY version, name, path LIMIT 2000;

-- In the order of their keys, after one of them.
-- :name results_after :many (record i64, version i64, name str, path str, most i64) -> result_row
SELECT record, version, name, path, kind, revision, at, trace FROM result
WHERE tenant = $1 AND (record, version, name, path) > ($2, $3, $4, $5) ORDER BY record, version, name, path LIMIT $6;

-- :name results_remove_of :exec (record i64)
DELETE FROM result WHERE tenant = $1 AND record = $2;
