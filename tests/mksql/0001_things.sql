-- SPDX-License-Identifier: AGPL-3.0-or-later
CREATE TABLE town (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE thing (tenant BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT, size DOUBLE, blob BLOB, PRIMARY KEY (tenant, id));
CREATE TABLE part (tenant BIGINT NOT NULL, thing BIGINT NOT NULL, name TEXT NOT NULL CHECK (CAST(thing AS TEXT) <> name),
    PRIMARY KEY (tenant, thing)) WITHOUT ROWID;
CREATE UNIQUE INDEX part_name ON part (tenant, name);
CREATE VIEW thing_v AS SELECT t.id, t.tenant, t.blob FROM thing t;
ALTER TABLE thing ADD COLUMN note TEXT;
-- :sqlite
CREATE VIRTUAL TABLE words USING fts5(word, tenant UNINDEXED);
-- :pg
CREATE TABLE words (tenant BIGINT NOT NULL, id BIGINT NOT NULL, word TSVECTOR, PRIMARY KEY (tenant, id));
-- :both
INSERT INTO town (id, name) VALUES (1, 'a;b');
