-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row file_row (id i64, owner i64, field_path str, name str, type str, size_bytes i64, sha256 str, blob str, wrapped_key bytes, part str, state str, is_public i64, shown_copy i64, created i64)

-- :name file_row_get :one (id i64) -> file_row
SELECT id, owner, field_path, name, type, size_bytes, sha256, blob, wrapped_key, part, state, is_public, shown_copy, created FROM file WHERE tenant = $1 AND id = $2;

-- :name file_rows_of :many (owner i64) -> file_row
SELECT id, owner, field_path, name, type, size_bytes, sha256, blob, wrapped_key, part, state, is_public, shown_copy, created FROM file WHERE tenant = $1 AND owner = $2 ORDER BY id;

-- :name file_row_add :exec (id i64, owner i64, field_path str, name str, type str, size_bytes i64, sha256 str, blob str, wrapped_key bytes, part str, state str, created i64)
INSERT INTO file (tenant, id, owner, field_path, name, type, size_bytes, sha256, blob, wrapped_key, part, state, is_public, shown_copy, created)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13);

-- :name file_row_done :exec (id i64, type str, size_bytes i64, sha256 str, blob str, wrapped_key bytes) -> changed
UPDATE file SET type = $3, size_bytes = $4, sha256 = $5, blob = $6, wrapped_key = $7, part = NULL, state = 'ready' WHERE tenant = $1 AND id = $2 AND state = 'uploading';

-- The same content, already there: a name starts with the hash of the content ('HASH.' up to 'HASH/').
-- :name file_same_content :many (from_name str, to_name str) -> (blob str, wrapped_key bytes)
SELECT blob, wrapped_key FROM file WHERE tenant = $1 AND blob >= $2 AND blob < $3 AND wrapped_key IS NOT NULL ORDER BY id LIMIT 1;

-- A blob that some row still knows.
-- :name file_same_blob :many (blob str) -> (wrapped_key bytes)
SELECT wrapped_key FROM file WHERE tenant = $1 AND blob = $2 AND wrapped_key IS NOT NULL ORDER BY id LIMIT 1;

-- :name file_row_state :exec (id i64, state str) -> changed
UPDATE file SET state = $3 WHERE tenant = $1 AND id = $2;

-- :name file_row_shown :exec (id i64, shown_copy i64, is_public i64) -> changed
UPDATE file SET shown_copy = $3, is_public = $4 WHERE tenant = $1 AND id = $2;

-- :name file_row_own :exec (id i64, owner i64, field_path str) -> changed
UPDATE file SET owner = $3, field_path = $4 WHERE tenant = $1 AND id = $2 AND (owner = 0 OR owner = $3);

-- :name file_row_remove :exec (id i64)
DELETE FROM file WHERE tenant = $1 AND (id = $2 OR id IN (SELECT f.shown_copy FROM file f WHERE f.tenant = $1 AND f.id = $2 AND f.shown_copy <> 0));

-- Sent by a machine, never named in a filing.
-- :name files_remove_unowned :exec (before i64, n i64) -> changed
DELETE FROM file WHERE tenant = $1 AND id IN (SELECT f.id FROM file f WHERE f.tenant = $1 AND f.owner = 0 AND f.created < $2 ORDER BY f.id LIMIT $3);

-- :name files_remove_of :exec (owner i64)
DELETE FROM file WHERE tenant = $1 AND owner = $2;

-- :name files_wrapped :many (after i64, n i64) -> (id i64, blob str, wrapped_key bytes)
SELECT id, blob, wrapped_key FROM file WHERE tenant = $1 AND id > $2 AND wrapped_key IS NOT NULL ORDER BY id LIMIT $3;

-- :name file_rewrap :exec (id i64, old_key bytes, new_key bytes)
UPDATE file SET wrapped_key = $4 WHERE tenant = $1 AND id = $2 AND wrapped_key = $3;
