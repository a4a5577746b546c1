-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row list_item (id str, label str)

-- :name list_rows :many () -> (name str, revision i64, title str, created i64, entries i64)
SELECT l.name, l.revision, l.title, l.created, (SELECT COUNT(*) FROM value_item i WHERE i.tenant = $1 AND i.list = l.name AND i.revision = l.revision) AS entries
FROM value_list l WHERE l.tenant = $1 AND l.revision = (SELECT MAX(m.revision) FROM value_list m WHERE m.tenant = $1 AND m.name = l.name)
ORDER BY l.name, l.revision;

-- :name list_latest :one (name str) -> (revision i64, title str)
SELECT revision, title FROM value_list WHERE tenant = $1 AND name = $2 ORDER BY revision DESC, name LIMIT 1;

-- :name list_add :exec (name str, revision i64, title str, created i64)
INSERT INTO value_list (tenant, name, revision, title, created) VALUES ($1, $2, $3, $4, $5);

-- :name list_item_add :exec (list str, revision i64, id str, position i64, label str, fold str, extra str)
INSERT INTO value_item (tenant, list, revision, id, position, label, fold, extra) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- :name list_items_forget :exec (list str, revision i64)
DELETE FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3;

-- :name list_item_get :one (list str, revision i64, id str) -> list_item
SELECT id, label FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3 AND id = $4;

-- An entry of an older revision: what a record holds is still shown.
-- :name list_item_ever :one (list str, id str) -> list_item
SELECT i.id, i.label FROM value_list l JOIN value_item i ON i.tenant = $1 AND i.list = l.name AND i.revision = l.revision AND i.id = $3
WHERE l.tenant = $1 AND l.name = $2 ORDER BY l.revision DESC, i.id LIMIT 1;

-- :name list_items_by_fold :many (list str, revision i64, fold str) -> list_item
SELECT id, label FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3 AND fold = $4 ORDER BY fold, id LIMIT 2;

-- :name list_items_extra :many (list str, revision i64, fold str) -> (extra str)
SELECT extra FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3 AND fold = $4 ORDER BY fold, id LIMIT 2;

-- :name list_items_first :many (list str, revision i64, most i64) -> list_item
SELECT id, label FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3 ORDER BY position, id LIMIT $4;

-- :name list_items_count :one (list str, revision i64) -> (n i64)
SELECT COUNT(*) AS n FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3;

-- :name list_items_all :many (list str, revision i64) -> (id str, label str, extra str)
SELECT id, label, extra FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3 ORDER BY position, id;

-- from <= fold < below: begins with what was typed.
-- :name list_items_begin :many (list str, revision i64, from_fold str, below_fold str, most i64) -> list_item
SELECT id, label FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3 AND fold >= $4 AND fold < $5 ORDER BY fold, id LIMIT $6;

-- Holds what was typed at the beginning of a later word; scans the list's part of the index only.
-- :name list_items_hold :many (list str, revision i64, word str, most i64) -> list_item
-- :sqlite
SELECT id, label FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3 AND instr(fold, $4) > 1 ORDER BY fold, id LIMIT $5;
-- :pg
SELECT id, label FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3 AND strpos(fold, $4) > 1 ORDER BY fold, id LIMIT $5;

-- :name list_teams :many () -> list_item
SELECT CAST(id AS TEXT) AS id, name AS label FROM team WHERE tenant = $1 ORDER BY name, id;

-- :name list_agents :many () -> list_item
SELECT CAST(id AS TEXT) AS id, COALESCE(forename, '') || ' ' || COALESCE(surname, '') AS label FROM account WHERE tenant = $1 AND is_agent = 1 AND is_active = 1 ORDER BY surname, id;
