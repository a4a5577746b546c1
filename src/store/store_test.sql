-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Tables and statements for the tests of the store.
-- :ddl
CREATE TABLE widget (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, slug TEXT NOT NULL, title TEXT, size DOUBLE NOT NULL, picture BLOB,
    stock BIGINT NOT NULL CHECK (stock >= 0), PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX widget_slug ON widget (tenant, slug);
CREATE TABLE part (
    tenant BIGINT NOT NULL, widget BIGINT NOT NULL, place BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (tenant, widget, place),
    FOREIGN KEY (tenant, widget) REFERENCES widget (tenant, id)) WITHOUT ROWID;

-- :row widget_row (id i64, slug str, title str, size f64, picture bytes, stock i64)
-- :name widget_get :one (id i64) -> widget_row
SELECT id, slug, title, size, picture, stock FROM widget WHERE tenant = $1 AND id = $2;

-- :name widget_list :many (after str, n i64) -> widget_row
SELECT id, slug, title, size, picture, stock FROM widget WHERE tenant = $1 AND slug > $2 ORDER BY slug, id LIMIT $3;

-- :name widget_add :exec (id i64, slug str, title str, size f64, picture bytes, stock i64)
INSERT INTO widget (tenant, id, slug, title, size, picture, stock) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- :name widget_try :exec (id i64, slug str) -> changed
INSERT INTO widget (tenant, id, slug, size, stock) VALUES ($1, $2, $3, 0, 0) ON CONFLICT DO NOTHING;

-- :name widget_stock :exec (id i64, by i64) -> changed
UPDATE widget SET stock = stock + $3 WHERE tenant = $1 AND id = $2;

-- :name widget_stock_set :exec (id i64, stock i64) -> changed
UPDATE widget SET stock = $3 WHERE tenant = $1 AND id = $2;

-- :name widget_count :one () -> (n i64, stock i64)
SELECT count(*) AS n, CAST(coalesce(sum(stock), 0) AS BIGINT) AS stock FROM widget WHERE tenant = $1;

-- :name widget_make :one (id i64, slug str) -> (id i64, slug str)
INSERT INTO widget (tenant, id, slug, size, stock) VALUES ($1, $2, $3, 0, 0) RETURNING id, slug;

-- :name part_add :exec (widget i64, place i64, name str)
INSERT INTO part (tenant, widget, place, name) VALUES ($1, $2, $3, $4);

-- :name part_names :many (slug str) -> (name str)
SELECT p.name FROM widget w JOIN part p ON p.tenant = w.tenant AND p.widget = w.id
WHERE w.tenant = $1 AND w.slug = $2 ORDER BY p.place;

-- :name widget_erase :exec (id i64)
DELETE FROM widget WHERE tenant = $1 AND id = $2;
