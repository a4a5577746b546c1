-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name timer_put :exec (record i64, name str, due i64, left_us i64)
INSERT INTO timer (tenant, record, name, due, left_us) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant, record, name) DO UPDATE SET due = EXCLUDED.due, left_us = EXCLUDED.left_us;

-- :name timer_get :one (record i64, name str) -> (due i64, left_us i64)
SELECT due, left_us FROM timer WHERE tenant = $1 AND record = $2 AND name = $3;

-- :name timer_drop :exec (record i64, name str) -> changed
DELETE FROM timer WHERE tenant = $1 AND record = $2 AND name = $3;

-- :name timers_of :many (record i64) -> (name str, due i64, left_us i64)
SELECT name, due, left_us FROM timer WHERE tenant = $1 AND record = $2 ORDER BY due, name, record;

-- :name timers_drop :exec (record i64)
DELETE FROM timer WHERE tenant = $1 AND record = $2;

-- :name timers_due :many (now i64, n i64) -> (record i64, name str, due i64)
SELECT record, name, due FROM timer WHERE tenant = $1 AND due > 0 AND due <= $2 ORDER BY due, record, name LIMIT $3;

-- :name timer_later :exec (record i64, name str, due i64)
UPDATE timer SET due = $4 WHERE tenant = $1 AND record = $2 AND name = $3 AND due > 0;

-- :name effect_message_add :exec (id i64, record i64, actor i64, from_author i64, words str, created i64)
INSERT INTO message (tenant, id, record, actor, from_author, is_note, words, created) VALUES ($1, $2, $3, $4, $5, 0, $6, $7);

-- :name effect_link_add :exec (a i64, kind str, b i64, created i64)
INSERT INTO link (tenant, a, kind, b, created) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;

-- Where a team is reached: its own address, else its members'.
-- :name team_mails :many (team i64) -> (email str)
-- :order-ok an address is one row
SELECT email FROM team WHERE tenant = $1 AND id = $2 AND email IS NOT NULL AND email <> ''
UNION
SELECT a.email FROM team_member m JOIN account a ON a.tenant = m.tenant AND a.id = m.account
WHERE m.tenant = $1 AND a.tenant = $1 AND m.team = $2 AND a.is_active = 1
    AND NOT EXISTS (SELECT 1 FROM team t WHERE t.tenant = $1 AND t.id = $2 AND t.email IS NOT NULL AND t.email <> '')
ORDER BY 1;
