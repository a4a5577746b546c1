-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row counter_row (kind str, state str, body i64, team i64, n i64)
-- A counter may come twice, in two rows that follow one another: as folded, and what is not folded yet. Both parts are in order by
-- themselves, and merged: a sum over both would sort them all.
-- :name counter_totals :many () -> counter_row
-- :order-ok summed up by whoever asks
SELECT kind, state, body, team, n FROM counter WHERE tenant = $1
UNION ALL SELECT kind, state, body, team, CAST(SUM(n) AS BIGINT) FROM counter_delta WHERE tenant = $1 GROUP BY kind, state, body, team
ORDER BY kind, state, body, team;

-- :name counter_totals_of :many (kind str) -> counter_row
-- :order-ok as above
SELECT kind, state, body, team, n FROM counter WHERE tenant = $1 AND kind = $2
UNION ALL SELECT kind, state, body, team, CAST(SUM(n) AS BIGINT) FROM counter_delta WHERE tenant = $1 AND kind = $2 GROUP BY kind, state, body, team
ORDER BY kind, state, body, team;

-- :name counter_deltas :many (n i64) -> (id i64, kind str, state str, body i64, team i64, n i64)
SELECT id, kind, state, body, team, n FROM counter_delta WHERE tenant = $1 ORDER BY id LIMIT $2;

-- :name counter_add :exec (kind str, state str, body i64, team i64, n i64)
INSERT INTO counter (tenant, kind, state, body, team, n) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, kind, state, body, team) DO UPDATE SET n = counter.n + EXCLUDED.n;

-- :name counter_delta_remove :exec (id i64) -> changed
DELETE FROM counter_delta WHERE tenant = $1 AND id = $2;

-- :name counters_clear :exec ()
DELETE FROM counter WHERE tenant = $1;

-- :name counter_deltas_clear :exec ()
DELETE FROM counter_delta WHERE tenant = $1;

-- :name counters_of_records :many () -> counter_row
-- :order-ok one row for each group
SELECT kind, state, body, team, COUNT(*) FROM record WHERE tenant = $1 GROUP BY kind, state, body, team ORDER BY kind, state, body, team;
