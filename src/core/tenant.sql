-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row tenant_row (id i64, slug str, name str, settings str)
-- :name tenant_rows :many :global () -> tenant_row
SELECT id, slug, name, settings FROM tenant ORDER BY id;

-- :name tenant_row_get :one :global (id i64) -> tenant_row
SELECT id, slug, name, settings FROM tenant WHERE id = $1;

-- :name tenant_row_add :exec :global (id i64, slug str, name str, settings str, created i64)
INSERT INTO tenant (id, slug, name, settings, created) VALUES ($1, $2, $3, $4, $5);

-- :name tenant_row_save :exec :global (id i64, name str, settings str)
UPDATE tenant SET name = $2, settings = $3 WHERE id = $1;

-- By slug, host or id.
-- :name tenant_row_named :one :global (word str, host str, id i64) -> tenant_row
SELECT id, slug, name, settings FROM tenant WHERE slug = $1 OR id = $3 OR id IN (SELECT tenant_id FROM host WHERE host.name = $2) ORDER BY id;

-- :name tenant_row_put :exec :global (id i64, slug str, name str, settings str, created i64)
INSERT INTO tenant (id, slug, name, settings, created) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, name = excluded.name, settings = excluded.settings;

-- :name tenant_row_remove :exec :global (id i64)
DELETE FROM tenant WHERE id = $1;

-- :name hosts_remove :exec :global (tenant_id i64)
DELETE FROM host WHERE tenant_id = $1;

-- :name host_owner :one :global (name str) -> (tenant_id i64)
SELECT tenant_id FROM host WHERE name = $1;

-- :row host_row (name str, tenant_id i64)
-- :name host_rows :many :global () -> host_row
SELECT name, tenant_id FROM host ORDER BY name;

-- :name tenant_hosts :many :global (tenant_id i64) -> host_row
SELECT name, tenant_id FROM host WHERE tenant_id = $1 ORDER BY name;

-- :name host_add :exec :global (name str, tenant_id i64)
INSERT INTO host (name, tenant_id) VALUES ($1, $2);

-- :row body_row (id i64, parent i64, kind str, name str, siren str, insee str, population i64, settings str)
-- :name body_rows :many () -> body_row
SELECT id, parent, kind, name, siren, insee, population, settings FROM body WHERE tenant = $1 ORDER BY id;

-- :name body_row_get :one (id i64) -> body_row
SELECT id, parent, kind, name, siren, insee, population, settings FROM body WHERE tenant = $1 AND id = $2;

-- :name body_row_add :exec (id i64, parent i64, kind str, name str, siren str, insee str, population i64, settings str)
INSERT INTO body (tenant, id, parent, kind, name, siren, insee, population, settings) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- :name body_row_save :exec (id i64, parent i64, kind str, name str, siren str, insee str, population i64, settings str)
UPDATE body SET parent = $3, kind = $4, name = $5, siren = $6, insee = $7, population = $8, settings = $9 WHERE tenant = $1 AND id = $2;
