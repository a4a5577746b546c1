-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name stat_cursor_get :one () -> (seal i64)
SELECT COALESCE(MAX(c.seal), 0) AS seal FROM stat_cursor c WHERE c.tenant = $1;

-- :name stat_cursor_put :exec (seal i64)
INSERT INTO stat_cursor (tenant, seal) VALUES ($1, $2) ON CONFLICT (tenant) DO UPDATE SET seal = EXCLUDED.seal;

-- :row stat_event (seal i64, at i64, verb str, from_state str, to_state str, kind str, revision i64, body i64, team i64, channel str, created i64, found i64)
-- :name stat_events :many (after i64, n i64) -> stat_event
SELECT s.seal, COALESCE(j.at, 0), j.verb, j.from_state, j.to_state, r.kind, COALESCE(r.revision, 0), COALESCE(r.body, 0), COALESCE(r.team, 0), r.channel, COALESCE(r.created, 0), COALESCE(r.id, 0)
FROM journal_seal s LEFT JOIN journal j ON j.tenant = s.tenant AND j.record = s.record AND j.seq = s.seq LEFT JOIN record r ON r.tenant = s.tenant AND r.id = s.record
WHERE s.tenant = $1 AND s.seal > $2 ORDER BY s.seal LIMIT $3;

-- :name stat_add :exec (kind str, day i64, body i64, team i64, what str, name str, n i64)
INSERT INTO stat_day (tenant, kind, day, body, team, what, name, n) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (tenant, kind, day, body, team, what, name) DO UPDATE SET n = stat_day.n + EXCLUDED.n;

-- :name stat_sums :many (kind str, first i64, last i64) -> (body i64, team i64, what str, name str, n i64)
-- :order-ok one row for each group
SELECT body, team, what, name, CAST(SUM(n) AS BIGINT) FROM stat_day WHERE tenant = $1 AND kind = $2 AND day >= $3 AND day <= $4 GROUP BY body, team, what, name ORDER BY what, name, body, team;

-- :name stat_days :many (kind str, first i64, last i64) -> (day i64, body i64, team i64, what str, n i64)
-- :order-ok one row for each group
SELECT day, body, team, what, CAST(SUM(n) AS BIGINT) FROM stat_day WHERE tenant = $1 AND kind = $2 AND day >= $3 AND day <= $4 AND what IN ('filed', 'ended')
GROUP BY day, body, team, what ORDER BY day, what, body, team;

-- :name stat_answers :many (kind str, first i64, last i64) -> (name str, n i64)
-- :order-ok one row for each group
SELECT name, CAST(SUM(n) AS BIGINT) FROM stat_day WHERE tenant = $1 AND kind = $2 AND day >= $3 AND day <= $4 AND what = 'answered' GROUP BY name ORDER BY name;

-- What the journal cannot give again stays.
-- :name stat_clear :exec ()
DELETE FROM stat_day WHERE tenant = $1 AND what <> 'abandoned';

-- :name stat_cursor_clear :exec ()
DELETE FROM stat_cursor WHERE tenant = $1;
