-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A statement that takes as long as one wants.
-- :ddl
CREATE TABLE turn (tenant BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (tenant, id));

-- :name turns_count :one (n i64) -> (n i64)
WITH RECURSIVE c(x) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT x + 1 FROM c WHERE x < $2)
SELECT (SELECT COUNT(*) FROM c) + (SELECT COUNT(*) FROM turn WHERE tenant = $1) AS n;

-- :name turn_add :exec (id i64)
INSERT INTO turn (tenant, id) VALUES ($1, $2);
