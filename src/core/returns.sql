-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name return_add :exec (id i64, outbox i64, record i64, address str, at i64, status str, why str, is_final i64)
INSERT INTO mail_return (tenant, id, outbox, record, address, at, status, why, is_final, cleared) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) ON CONFLICT DO NOTHING;

-- :name outbox_of_id :one (id i64) -> (record i64, recipient str)
SELECT record, recipient FROM outbox WHERE tenant = $1 AND id = $2 AND channel = 'mail';

-- :name return_of_address :many (address str) -> (id i64, at i64, status str, why str)
SELECT id, at, status, why FROM mail_return WHERE tenant = $1 AND address = $2 AND is_final = 1 AND cleared = 0 ORDER BY id DESC LIMIT 1;

-- :name returns_open :many (n i64) -> (id i64, at i64, record i64, address str, status str, why str, is_final i64, reference str)
SELECT m.id, m.at, m.record, m.address, m.status, m.why, m.is_final, (SELECT r.reference FROM record r WHERE r.tenant = $1 AND r.id = m.record) AS reference
FROM mail_return m WHERE m.tenant = $1 AND m.cleared = 0 ORDER BY m.id DESC LIMIT $2;

-- :name returns_clear :exec (address str, at i64) -> changed
UPDATE mail_return SET cleared = $3 WHERE tenant = $1 AND address = $2 AND cleared = 0;

-- :name returns_remove_of :exec (record i64)
DELETE FROM mail_return WHERE tenant = $1 AND record = $2;

-- :name returns_remove_old :exec (before i64, n i64) -> changed
DELETE FROM mail_return WHERE tenant = $1 AND id IN (SELECT id FROM mail_return WHERE tenant = $1 AND at < $2 ORDER BY at, id LIMIT $3);

-- :name mails_unsent :many (n i64) -> (id i64, record i64, channel str, recipient str, subject str, tries i64, run_at i64, failed i64, error str, created i64, reference str)
SELECT o.id, o.record, o.channel, o.recipient, o.subject, o.tries, o.run_at, o.failed, o.error, o.created, (SELECT r.reference FROM record r WHERE r.tenant = $1 AND r.id = o.record) AS reference
FROM outbox o WHERE o.tenant = $1 AND o.sent = 0 AND o.tries > 0 ORDER BY o.id DESC LIMIT $2;

-- :name outbox_again :exec (id i64, now i64) -> changed
UPDATE outbox SET failed = 0, tries = 0, run_at = $3, lease_until = 0, owner = NULL, error = NULL WHERE tenant = $1 AND id = $2 AND sent = 0 AND (failed > 0 OR tries > 0);

-- :name outbox_remove_failed :exec (before i64, n i64) -> changed
DELETE FROM outbox WHERE tenant = $1 AND id IN (SELECT id FROM outbox WHERE tenant = $1 AND sent = 0 AND failed > 0 AND failed < $2 ORDER BY failed, id LIMIT $3);

-- :name mails_counted :one (now i64) -> (failed i64, waiting i64, oldest i64)
SELECT CAST(coalesce(sum(CASE WHEN failed > 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS failed, CAST(coalesce(sum(CASE WHEN failed = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting,
CAST(coalesce(min(CASE WHEN failed = 0 THEN created END), 0) AS BIGINT) AS oldest FROM outbox WHERE tenant = $1 AND sent = 0 AND created <= $2;

-- :name returns_counted :one () -> (n i64)
SELECT count(*) AS n FROM mail_return WHERE tenant = $1 AND cleared = 0 AND is_final = 1;
