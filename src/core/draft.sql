-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row draft_row (id i64, record i64, kind str, revision i64, body i64, version i64, account i64, reference str, channel str, code_hash bytes, doc str, page_reached i64, name str, email str, email_fold str, birth_date str, created i64, updated i64, expires i64)

-- :name draft_row_get :one (id i64) -> draft_row
SELECT id, record, kind, revision, body, version, account, reference, channel, code_hash, doc, page_reached, name, email, email_fold, birth_date, created, updated, expires
FROM draft WHERE tenant = $1 AND id = $2;

-- :name draft_row_by_reference :one (reference str) -> draft_row
SELECT id, record, kind, revision, body, version, account, reference, channel, code_hash, doc, page_reached, name, email, email_fold, birth_date, created, updated, expires
FROM draft WHERE tenant = $1 AND reference = $2;

-- :name draft_rows_of :many (account i64) -> draft_row
SELECT id, record, kind, revision, body, version, account, reference, channel, code_hash, doc, page_reached, name, email, email_fold, birth_date, created, updated, expires
FROM draft WHERE tenant = $1 AND account = $2 AND account <> 0 ORDER BY id DESC LIMIT 200;

-- :name draft_row_add :exec (id i64, record i64, kind str, revision i64, body i64, account i64, reference str, channel str, code_hash bytes, doc str, created i64, expires i64, keep_us i64) -> changed
INSERT INTO draft (tenant, id, record, kind, revision, body, version, account, reference, channel, code_hash, doc, page_reached, name, email, email_fold, birth_date, created, updated, expires, keep_us)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, 0, NULL, NULL, NULL, NULL, $12, $12, $13, $14) ON CONFLICT DO NOTHING;

-- The day it expires moves a week at a time: it is in an index, and saving a field should touch none.
-- :name draft_row_save :exec (id i64, seen i64, doc str, page_reached i64, now i64) -> changed
UPDATE draft SET version = version + 1, doc = $4, page_reached = CASE WHEN $5 > page_reached THEN $5 ELSE page_reached END, updated = $6,
    expires = CASE WHEN $6 + keep_us > expires + 604800000000 THEN $6 + keep_us ELSE expires END
WHERE tenant = $1 AND id = $2 AND ($3 = 0 OR version = $3);

-- :name draft_version :one (id i64) -> (version i64)
SELECT version FROM draft WHERE tenant = $1 AND id = $2;

-- :name draft_contact_save :exec (id i64, name str, email str, email_fold str, birth_date str) -> changed
UPDATE draft SET name = $3, email = $4, email_fold = $5, birth_date = $6 WHERE tenant = $1 AND id = $2;

-- :name draft_account_save :exec (id i64, account i64) -> changed
UPDATE draft SET account = $3 WHERE tenant = $1 AND id = $2 AND (account = 0 OR account = $3);

-- :name draft_remove :exec (id i64) -> changed
DELETE FROM draft WHERE tenant = $1 AND id = $2;

-- :name draft_expired :many (now i64, n i64) -> (id i64, record i64, kind str, body i64, team i64, channel str)
SELECT d.id, d.record, d.kind, d.body, COALESCE(k.team, 0), d.channel FROM draft d LEFT JOIN kind k ON k.tenant = d.tenant AND k.name = d.kind
WHERE d.tenant = $1 AND d.expires <= $2 ORDER BY d.expires, d.id LIMIT $3;

-- :name draft_token_add :exec (hash bytes, draft i64, created i64)
INSERT INTO draft_token (tenant, hash, draft, created) VALUES ($1, $2, $3, $4);

-- :name draft_token_get :one (hash bytes) -> (draft i64)
SELECT draft FROM draft_token WHERE tenant = $1 AND hash = $2;

-- :name draft_token_remove :exec (hash bytes, draft i64)
DELETE FROM draft_token WHERE tenant = $1 AND hash = $2 AND draft = $3;

-- :name draft_tokens_remove :exec (draft i64)
DELETE FROM draft_token WHERE tenant = $1 AND draft = $2;

-- :name draft_tokens_remove_old :exec (before i64) -> changed
DELETE FROM draft_token WHERE tenant = $1 AND created < $2 AND NOT EXISTS (SELECT 1 FROM draft x WHERE x.tenant = $1 AND x.id = draft_token.draft);
