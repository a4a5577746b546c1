-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Statements of the store itself.

-- :name lease_hold :exec (name str, owner str, now i64, until i64) -> changed
INSERT INTO lease (tenant, name, owner, until) VALUES ($1, $2, $3, $5)
ON CONFLICT (tenant, name) DO UPDATE SET owner = excluded.owner, until = excluded.until
WHERE lease.until <= $4 OR lease.owner = $3;

-- :name lease_drop :exec (name str, owner str)
DELETE FROM lease WHERE tenant = $1 AND name = $2 AND owner = $3;

-- :name lease_get :one (name str) -> (owner str, until i64)
SELECT owner, until FROM lease WHERE tenant = $1 AND name = $2;

-- :name change_add :exec (id i64, topic str)
INSERT INTO change (tenant, id, topic) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- :row change_row (tenant i64, id i64, topic str)
-- :name change_after :many (after i64, n i64) -> change_row
SELECT tenant, id, topic FROM change WHERE tenant = $1 AND id > $2 ORDER BY id, topic LIMIT $3;

-- :name change_after_all :many :global (after i64, n i64) -> change_row
-- :all-tenants caches are dropped for every tenant by one poll a second
SELECT tenant, id, topic FROM change WHERE id > $1 ORDER BY id, tenant, topic LIMIT $2;

-- :name change_trim :exec :global (before i64, n i64) -> changed
-- :all-tenants old changes interest nobody
DELETE FROM change WHERE id <= (SELECT MAX(x.id) FROM (SELECT id FROM change WHERE id < $1 ORDER BY id LIMIT $2) x);

-- :name projection_get :one :global (name str) -> (version str)
SELECT version FROM projection WHERE name = $1;

-- :name projection_set :exec :global (name str, version str, at i64)
INSERT INTO projection (name, version, at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, at = excluded.at;

-- :name db_clock :one :global () -> (now i64)
-- :clock-ok the database's own clock, for leases
-- :sqlite
SELECT CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER) AS now;
-- :pg
SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) AS now;
