-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What a filing writes, for bench/store_bench.c: the shape of the core's rows, without its rules.
-- :ddl
CREATE TABLE b_record (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, doc TEXT NOT NULL, created BIGINT NOT NULL,
    version BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX b_record_inbox ON b_record (tenant, kind, state, created, id);
CREATE TABLE b_index (
    tenant BIGINT NOT NULL, kind TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, created BIGINT NOT NULL, record BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, field, value, created, record));
CREATE TABLE b_journal (
    tenant BIGINT NOT NULL, record BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, verb TEXT NOT NULL, PRIMARY KEY (tenant, record, seq));
CREATE TABLE b_idempotency (
    tenant BIGINT NOT NULL, key TEXT NOT NULL, response TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (tenant, key));

-- :name b_key_get :one (key str) -> (response str)
SELECT response FROM b_idempotency WHERE tenant = $1 AND key = $2;

-- :name b_key_add :exec (key str, response str, at i64)
INSERT INTO b_idempotency (tenant, key, response, at) VALUES ($1, $2, $3, $4);

-- :name b_record_add :exec (id i64, kind str, state str, doc str, created i64)
INSERT INTO b_record (tenant, id, kind, state, doc, created, version) VALUES ($1, $2, $3, $4, $5, $6, 1);

-- :name b_record_get :one (id i64) -> (id i64, state str, version i64)
SELECT id, state, version FROM b_record WHERE tenant = $1 AND id = $2;

-- :name b_index_add :exec (kind str, field str, value str, created i64, record i64)
INSERT INTO b_index (tenant, kind, field, value, created, record) VALUES ($1, $2, $3, $4, $5, $6);

-- :name b_journal_add :exec (record i64, seq i64, at i64, verb str)
INSERT INTO b_journal (tenant, record, seq, at, verb) VALUES ($1, $2, $3, $4, $5);

-- :name b_count :one () -> (n i64)
SELECT count(*) AS n FROM b_record WHERE tenant = $1;
