-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name place_row_put :exec (record i64, lat f64, lon f64, address str, insee str)
INSERT INTO place (tenant, record, lat, lon, address, insee) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, record) DO UPDATE SET lat = EXCLUDED.lat, lon = EXCLUDED.lon, address = EXCLUDED.address, insee = EXCLUDED.insee;

-- :name place_box_put :exec (record i64, lat f64, lon f64)
-- :sqlite
INSERT OR REPLACE INTO place_box (id, lat_min, lat_max, lon_min, lon_max, tenant) VALUES ($2, $3, $3, $4, $4, $1);
-- :pg
UPDATE place SET lat = $3, lon = $4 WHERE tenant = $1 AND record = $2 AND (lat <> $3 OR lon <> $4);

-- :name place_row_get :one (record i64) -> (record i64, lat f64, lon f64, address str, insee str)
SELECT record, lat, lon, address, insee FROM place WHERE tenant = $1 AND record = $2;

-- :name place_row_remove :exec (record i64)
DELETE FROM place WHERE tenant = $1 AND record = $2;

-- :name place_box_remove :exec (record i64)
-- :sqlite
DELETE FROM place_box WHERE id = $2 AND tenant = $1;
-- :pg
DELETE FROM place WHERE tenant = $1 AND record = $2;

-- :name place_row_blur :exec (record i64, lat f64, lon f64)
UPDATE place SET lat = $3, lon = $4, address = NULL WHERE tenant = $1 AND record = $2;
