-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name drafts_expiring :many (now i64, until i64, n i64) -> (id i64, kind str, revision i64, reference str, email str, account i64, expires i64)
SELECT id, kind, revision, reference, email, account, expires FROM draft WHERE tenant = $1 AND expires > $2 AND expires <= $3 ORDER BY expires, id LIMIT $4;

-- :name record_row_remove :exec (id i64)
DELETE FROM record WHERE tenant = $1 AND id = $2;

-- :name resets_remove_old :exec (now i64) -> changed
DELETE FROM reset WHERE tenant = $1 AND expires <= $2;

-- :name sessions_remove_old :exec (now i64) -> changed
DELETE FROM session WHERE tenant = $1 AND expires <= $2;

-- The full-text index of SQLite keeps erased words until its segments are merged; PostgreSQL's goes with VACUUM.
-- :name search_merge :exec (pages i64)
-- :sqlite
INSERT INTO search (tenant, search, rank) VALUES ($1, 'merge', -$2);
-- :pg
DELETE FROM search WHERE tenant = $1 AND record = 0 AND $2 = 0;
