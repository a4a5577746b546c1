-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name support_row_add :exec (record i64, kind str, person str, email str, created i64) -> changed
INSERT INTO support (tenant, record, kind, person, email, created) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING;

-- :name support_row_remove :exec (record i64, kind str, person str)
DELETE FROM support WHERE tenant = $1 AND record = $2 AND kind = $3 AND person = $4;

-- :name support_total :one (record i64, kind str) -> (n i64)
SELECT COUNT(*) FROM support WHERE tenant = $1 AND record = $2 AND kind = $3;

-- :name support_row_has :many (record i64, kind str, person str) -> (created i64)
SELECT created FROM support WHERE tenant = $1 AND record = $2 AND kind = $3 AND person = $4 ORDER BY record;

-- :name support_mails :many (record i64) -> (email str)
-- :order-ok an address is one row
SELECT DISTINCT COALESCE(s.email, a.email) FROM support s LEFT JOIN account a ON a.tenant = s.tenant AND s.person = 'a' || CAST(a.id AS TEXT)
WHERE s.tenant = $1 AND s.record = $2 AND s.kind = 'follow' AND COALESCE(s.email, a.email) IS NOT NULL ORDER BY 1 LIMIT 5000;

-- :name support_remove_of :exec (record i64)
DELETE FROM support WHERE tenant = $1 AND record = $2;

-- :name support_persons :many (record i64) -> (kind str, person str)
SELECT kind, person FROM support WHERE tenant = $1 AND record = $2 ORDER BY kind, person, record;

-- :name support_rename :exec (record i64, kind str, person str, name str)
UPDATE support SET person = $5, email = NULL WHERE tenant = $1 AND record = $2 AND kind = $3 AND person = $4;
