-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row view_row (id i64, account i64, team i64, name str, query str)
-- :name view_rows :many () -> view_row
SELECT id, account, team, name, query FROM inbox_view WHERE tenant = $1 ORDER BY name, id LIMIT 5000;

-- :name view_row_get :one (id i64) -> view_row
SELECT id, account, team, name, query FROM inbox_view WHERE tenant = $1 AND id = $2;

-- :name view_count :one (account i64) -> (n i64)
SELECT COUNT(*) FROM inbox_view WHERE tenant = $1 AND account = $2;

-- :name view_add :exec (id i64, account i64, team i64, name str, query str, created i64)
INSERT INTO inbox_view (tenant, id, account, team, name, query, created) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- :name view_change :exec (id i64, team i64, name str, query str) -> changed
UPDATE inbox_view SET team = $3, name = $4, query = $5 WHERE tenant = $1 AND id = $2;

-- :name view_remove :exec (id i64) -> changed
DELETE FROM inbox_view WHERE tenant = $1 AND id = $2;

-- :name start_rows :many () -> (account i64, view_id i64)
SELECT account, view_id FROM inbox_start WHERE tenant = $1 ORDER BY account;

-- :name start_put :exec (account i64, view_id i64)
INSERT INTO inbox_start (tenant, account, view_id) VALUES ($1, $2, $3) ON CONFLICT (tenant, account) DO UPDATE SET view_id = EXCLUDED.view_id;

-- :name start_drop :exec (view_id i64)
DELETE FROM inbox_start WHERE tenant = $1 AND view_id = $2;

-- :row absence_row (id i64, account i64, first_day i64, last_day i64, stand_in i64, team i64, set_by i64, forename str, surname str, in_forename str, in_surname str, team_name str)
-- :name absence_rows :many (today i64) -> absence_row
SELECT x.id, x.account, x.first_day, x.last_day, x.stand_in, x.team, x.set_by, a.forename, a.surname, b.forename AS in_forename, b.surname AS in_surname, t.name AS team_name
FROM absence x LEFT JOIN account a ON a.tenant = x.tenant AND a.id = x.account LEFT JOIN account b ON b.tenant = x.tenant AND b.id = x.stand_in
    LEFT JOIN team t ON t.tenant = x.tenant AND t.id = x.team
WHERE x.tenant = $1 AND x.last_day >= $2 ORDER BY x.last_day, x.id LIMIT 2000;

-- :name absence_add :exec (id i64, account i64, first_day i64, last_day i64, stand_in i64, team i64, set_by i64, created i64)
INSERT INTO absence (tenant, id, account, first_day, last_day, stand_in, team, set_by, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- :name absence_owner :one (id i64) -> (account i64)
SELECT account FROM absence WHERE tenant = $1 AND id = $2;

-- :name absence_drop :exec (id i64) -> changed
DELETE FROM absence WHERE tenant = $1 AND id = $2;
