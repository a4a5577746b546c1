-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What mksql accepts.
-- :row thing_row (id i64, name str)
-- :name thing_get :one (id i64) -> thing_row
SELECT id, name FROM thing WHERE tenant = $1 AND id = $2;

-- :name thing_join :many (name str)
--     -> (id i64,
--         part str)
SELECT t.id, p.name AS part FROM thing t LEFT JOIN part p ON p.tenant = t.tenant AND p.thing = t.id
WHERE t.tenant = $1 AND (t.name = $2 OR t.name = 'x''y') ORDER BY t.id;

-- :name thing_exists :many () -> (id i64)
WITH w AS (SELECT thing FROM part WHERE tenant = $1)
SELECT t.id FROM thing t WHERE $1 = t.tenant AND EXISTS (SELECT 1 FROM part q WHERE q.tenant = $1 AND q.thing = t.id)
AND t.id BETWEEN 1 AND 9 AND t.id IN (SELECT thing FROM w) ORDER BY t.name, t.id DESC LIMIT 10;

-- :name thing_add :exec (id i64, name str) -> changed
INSERT INTO thing (id, tenant, name) VALUES ($2, $1, $3), ($2 + 1, $1, upper($3)) ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name;

-- :name thing_copy :exec ()
INSERT INTO part (tenant, thing, name) SELECT $1, t.id, t.name FROM thing t WHERE t.tenant = $1;

-- :name town_all :many :global (after i64) -> (id i64)
SELECT id FROM town WHERE id > $1 ORDER BY id;

-- :name thing_two :many (w str) -> (id i64)
-- :order-ok by rank first, on purpose
-- :sqlite
SELECT id FROM thing WHERE tenant = $1 AND name GLOB $2 ORDER BY name;
-- :pg
SELECT id FROM thing WHERE tenant = $1 AND name ILIKE $2 ORDER BY name;
