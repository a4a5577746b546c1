-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row record_row (id i64, body i64, kind str, revision i64, version i64, state str, reference str, author i64, team i64, assignee i64, channel str, created i64, updated i64, entered i64, published i64, expires i64, due i64, silence i64, suspended i64, title str, public_title str, summary str, masks str, doc str)

-- :name record_row_get :one (id i64) -> record_row
SELECT id, body, kind, revision, version, state, reference, author, team, assignee, channel, created, updated, entered, published, expires, due, silence, suspended, title, public_title, summary, masks, doc
FROM record WHERE tenant = $1 AND id = $2;

-- :name record_row_by_reference :one (reference str) -> record_row
SELECT id, body, kind, revision, version, state, reference, author, team, assignee, channel, created, updated, entered, published, expires, due, silence, suspended, title, public_title, summary, masks, doc
FROM record WHERE tenant = $1 AND reference = $2;

-- Nothing when the id or the reference is taken: no read before, so that filings never wait for one another.
-- :name record_row_add :exec (id i64, body i64, kind str, revision i64, state str, reference str, author i64, team i64, channel str, created i64, published i64, due i64, silence i64, title str, public_title str, summary str, doc str) -> changed
INSERT INTO record (tenant, id, body, kind, revision, version, state, reference, author, team, assignee, channel, created, updated, entered, published, expires, due, silence, suspended, title, public_title, summary, masks, doc)
VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, 0, $10, $11, $11, $11, $12, 0, $13, $14, 0, $15, $16, $17, NULL, $18) ON CONFLICT DO NOTHING;

-- :name record_row_save :exec (id i64, seen i64, body i64, kind str, revision i64, state str, author i64, team i64, assignee i64, updated i64, entered i64, published i64, expires i64, due i64, silence i64, suspended i64, title str, public_title str, summary str, masks str) -> changed
UPDATE record SET version = version + 1, body = $4, kind = $5, revision = $6, state = $7, author = $8, team = $9, assignee = $10, updated = $11, entered = $12, published = $13,
    expires = $14, due = $15, silence = $16, suspended = $17, title = $18, public_title = $19, summary = $20, masks = $21
WHERE tenant = $1 AND id = $2 AND version = $3;

-- :name record_doc_save :exec (id i64, doc str)
UPDATE record SET doc = $3 WHERE tenant = $1 AND id = $2;

-- :name record_reference_taken :many (reference str) -> (id i64)
SELECT id FROM record WHERE tenant = $1 AND reference = $2 UNION ALL SELECT id FROM draft WHERE tenant = $1 AND reference = $2;

-- :name record_expired :many (now i64, n i64) -> (id i64, kind str, revision i64, expires i64)
SELECT id, kind, revision, expires FROM record WHERE tenant = $1 AND expires <> 0 AND expires <= $2 ORDER BY expires, id LIMIT $3;

-- Walks all records by id, for rebuilding projections.
-- :name record_walk :many (after i64, n i64) -> record_row
SELECT id, body, kind, revision, version, state, reference, author, team, assignee, channel, created, updated, entered, published, expires, due, silence, suspended, title, public_title, summary, masks, doc
FROM record WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3;

-- :name index_add :exec (kind str, field str, value str, created i64, record i64)
INSERT INTO record_index (tenant, kind, field, value, created, record) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING;

-- :name index_remove :exec (record i64)
DELETE FROM record_index WHERE tenant = $1 AND record = $2;

-- :name contact_add :exec (record i64, name str, email str, email_fold str, birth_date str, code_hash bytes, lang str)
INSERT INTO record_contact (tenant, record, name, email, email_fold, birth_date, code_hash, lang) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- :name contact_get :one (record i64) -> (name str, email str, email_fold str, birth_date str, code_hash bytes, lang str)
SELECT name, email, email_fold, birth_date, code_hash, lang FROM record_contact WHERE tenant = $1 AND record = $2;

-- :name contact_remove :exec (record i64)
DELETE FROM record_contact WHERE tenant = $1 AND record = $2;

-- :name token_add :exec (hash bytes, record i64, account i64, scope str, created i64, expires i64)
INSERT INTO token (tenant, hash, record, account, scope, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- :name token_get :one (hash bytes, now i64) -> (record i64, account i64, scope str)
SELECT record, account, scope FROM token WHERE tenant = $1 AND hash = $2 AND (expires = 0 OR expires > $3);

-- :name token_remove_of :exec (record i64)
DELETE FROM token WHERE tenant = $1 AND record = $2;

-- :name account_mail :one (id i64) -> (email str)
SELECT email FROM account WHERE tenant = $1 AND id = $2;

-- :name messages_remove_of :exec (record i64)
DELETE FROM message WHERE tenant = $1 AND record = $2;

-- :name record_links_remove :exec (record i64)
DELETE FROM link WHERE tenant = $1 AND (a = $2 OR b = $2);

-- :name counter_delta_add :exec (id i64, kind str, state str, body i64, team i64, n i64)
INSERT INTO counter_delta (tenant, id, kind, state, body, team, n) VALUES ($1, $2, $3, $4, $5, $6, $7);
