-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name search_add :exec (record i64, kind str, scope str, public_words str, private_words str)
-- :sqlite
INSERT INTO search (rowid, tenant, scope, public_words, private_words) SELECT $2, $1, $4, $5, $6 WHERE $3 IS NOT NULL;
-- :pg
INSERT INTO search (tenant, record, kind, public_words, private_words)
SELECT $1, $2, $3, array_to_tsvector(string_to_array($5, ' ')), array_to_tsvector(string_to_array($6, ' ')) WHERE $4 IS NOT NULL;

-- :name search_drop :exec (record i64)
-- :sqlite
DELETE FROM search WHERE rowid = $2 AND tenant = $1;
-- :pg
DELETE FROM search WHERE tenant = $1 AND record = $2;

-- The pieces of the full-text index of SQLite: one that was made of all others holds nothing that was erased.
-- :name search_pieces :many :global () -> (piece i64)
SELECT piece FROM search_piece;
