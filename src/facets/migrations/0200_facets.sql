-- SPDX-License-Identifier: AGPL-3.0-or-later
-- place: where a record is. WGS84 degrees.
CREATE TABLE place (tenant BIGINT NOT NULL, record BIGINT NOT NULL, lat DOUBLE NOT NULL, lon DOUBLE NOT NULL, address TEXT, insee TEXT, PRIMARY KEY (tenant, record)) WITHOUT ROWID;
-- support: endorsements, follows. An erased record keeps how many there were.
CREATE TABLE support (tenant BIGINT NOT NULL, record BIGINT NOT NULL, kind TEXT NOT NULL, person TEXT NOT NULL, email TEXT, created BIGINT NOT NULL, PRIMARY KEY (tenant, record, kind, person)) WITHOUT ROWID;
-- :sqlite
CREATE VIRTUAL TABLE place_box USING rtree(id, lat_min, lat_max, lon_min, lon_max, +tenant INTEGER);
-- :pg
CREATE INDEX place_box ON place USING GIST (point(lon, lat));
