-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name message_add :exec (id i64, record i64, actor i64, from_author i64, is_note i64, words str, created i64)
INSERT INTO message (tenant, id, record, actor, from_author, is_note, words, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- :name message_rows :many (record i64, most_is_note i64) -> (id i64, record i64, actor i64, created i64, from_author i64, is_note i64, words str, name str, capacity str, service str)
SELECT m.id, m.record, m.actor, m.created, m.from_author, m.is_note, m.words, a.name, a.capacity, a.service
FROM message m LEFT JOIN actor a ON a.tenant = m.tenant AND a.id = m.actor
WHERE m.tenant = $1 AND m.record = $2 AND m.is_note <= $3 ORDER BY m.created, m.id LIMIT 2000;
