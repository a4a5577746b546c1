-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the store itself keeps. The table `migration` is made by the program before anything else.

-- Which version of a projection stands in the database (store/projection.h).
CREATE TABLE projection (name TEXT NOT NULL PRIMARY KEY, version TEXT NOT NULL, at BIGINT NOT NULL);

-- Who does a job that only one may do; tenant 0: for the whole store (store/lease.h).
CREATE TABLE lease (
    tenant BIGINT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (tenant, name));

-- What other nodes and caches poll (store/change.h).
CREATE TABLE change (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (tenant, id, topic));
CREATE INDEX change_id ON change (id, tenant, topic);
