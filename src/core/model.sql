-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row model_row (id i64, team i64, kind str, title str, words str)
-- :name model_rows :many () -> model_row
SELECT id, team, kind, title, words FROM message_model WHERE tenant = $1 ORDER BY title, id LIMIT 1000;

-- :name model_rows_for :many (team i64, kind str) -> model_row
SELECT id, team, kind, title, words FROM message_model WHERE tenant = $1 AND (team = 0 OR team = $2) AND (kind = '' OR kind = $3) ORDER BY title, id LIMIT 200;

-- :name model_row_get :one (id i64) -> model_row
SELECT id, team, kind, title, words FROM message_model WHERE tenant = $1 AND id = $2;

-- :name model_add :exec (id i64, team i64, kind str, title str, words str, account i64, updated i64)
INSERT INTO message_model (tenant, id, team, kind, title, words, account, updated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- :name model_change :exec (id i64, team i64, kind str, title str, words str, account i64, updated i64) -> changed
UPDATE message_model SET team = $3, kind = $4, title = $5, words = $6, account = $7, updated = $8 WHERE tenant = $1 AND id = $2;

-- :name model_remove :exec (id i64) -> changed
DELETE FROM message_model WHERE tenant = $1 AND id = $2;
