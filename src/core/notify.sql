-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name outbox_add :exec (id i64, cause str, effect str, channel str, record i64, recipient str, subject str, words str, reply_to str, run_at i64, created i64)
INSERT INTO outbox (tenant, id, cause, effect, channel, record, recipient, subject, words, reply_to, run_at, tries, owner, lease_until, sent, failed, error, created)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, NULL, 0, 0, 0, NULL, $12) ON CONFLICT DO NOTHING;

-- :name outbox_release :exec (cause str, effect str, held i64, run_at i64)
UPDATE outbox SET run_at = $5 WHERE tenant = $1 AND cause = $2 AND effect = $3 AND run_at = $4 AND sent = 0;

-- :name outbox_due :many (now i64, n i64) -> (id i64, tries i64, record i64, channel str, recipient str, subject str, words str, reply_to str, cause str)
SELECT id, tries, record, channel, recipient, subject, words, reply_to, cause FROM outbox
WHERE tenant = $1 AND sent = 0 AND failed = 0 AND run_at <= $2 AND lease_until <= $2 ORDER BY run_at, id LIMIT $3;

-- :name outbox_lend :exec (id i64, owner str, now i64, until i64) -> changed
UPDATE outbox SET owner = $3, lease_until = $5 WHERE tenant = $1 AND id = $2 AND sent = 0 AND failed = 0 AND lease_until <= $4;

-- :name outbox_done :exec (id i64, now i64)
UPDATE outbox SET sent = $3, lease_until = 0, owner = NULL, words = NULL, reply_to = NULL, error = NULL WHERE tenant = $1 AND id = $2;

-- :name outbox_tries :one (id i64) -> (tries i64, record i64, channel str, recipient str)
SELECT tries, record, channel, recipient FROM outbox WHERE tenant = $1 AND id = $2;

-- :name outbox_retry :exec (id i64, tries i64, run_at i64, failed i64, error str)
UPDATE outbox SET tries = $3, run_at = $4, failed = $5, error = $6, lease_until = 0, owner = NULL WHERE tenant = $1 AND id = $2;

-- :name outbox_lines :many (record i64) -> (id i64, created i64, sent i64, failed i64, tries i64, channel str, recipient str, subject str, error str)
SELECT id, created, sent, failed, tries, channel, recipient, subject, error FROM outbox WHERE tenant = $1 AND record = $2 ORDER BY id DESC LIMIT 200;

-- :name outbox_remove_of :exec (record i64)
DELETE FROM outbox WHERE tenant = $1 AND record = $2;

-- :name outbox_remove_old :exec (before i64, n i64) -> changed
DELETE FROM outbox WHERE tenant = $1 AND id IN (SELECT id FROM outbox WHERE tenant = $1 AND sent > 0 AND sent < $2 ORDER BY sent, id LIMIT $3);

-- :name job_row_add :exec (id i64, name str, payload str, cause str, effect str, run_at i64)
INSERT INTO job (tenant, id, name, payload, cause, effect, run_at, tries, owner, lease_until, error) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, NULL, 0, NULL) ON CONFLICT DO NOTHING;

-- The newest first: somebody waits for it. A backlog (an import, a demonstration) is done meanwhile.
-- :name jobs_due :many (now i64, n i64) -> (id i64, tries i64, name str, payload str)
SELECT id, tries, name, payload FROM job WHERE tenant = $1 AND run_at <= $2 AND lease_until <= $2 ORDER BY run_at DESC, id DESC LIMIT $3;

-- :name job_lend :exec (id i64, owner str, now i64, until i64) -> changed
UPDATE job SET owner = $3, lease_until = $5 WHERE tenant = $1 AND id = $2 AND lease_until <= $4;

-- :name job_done :exec (id i64, owner str)
DELETE FROM job WHERE tenant = $1 AND id = $2 AND owner = $3;

-- :name job_retry :exec (id i64, tries i64, run_at i64, error str)
UPDATE job SET tries = $3, run_at = $4, error = $5, lease_until = 0, owner = NULL WHERE tenant = $1 AND id = $2;

-- :name once_add :exec (principal str, key str, request_hash bytes, response str, at i64) -> changed
INSERT INTO idempotency (tenant, principal, key, request_hash, response, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING;

-- :name once_row :one (principal str, key str) -> (request_hash bytes, response str)
SELECT request_hash, response FROM idempotency WHERE tenant = $1 AND principal = $2 AND key = $3;

-- :name once_remove_old :exec (before i64) -> changed
DELETE FROM idempotency WHERE tenant = $1 AND at < $2;
