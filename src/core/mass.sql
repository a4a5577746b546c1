-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row mass_row (id i64, account i64, act str, asks str, status str, slice i64, created i64, started i64, ended i64)
-- :name mass_row_get :one (id i64) -> mass_row
SELECT id, account, act, asks, status, slice, created, started, ended FROM mass WHERE tenant = $1 AND id = $2;

-- :name mass_rows_of :many (account i64) -> mass_row
SELECT id, account, act, asks, status, slice, created, started, ended FROM mass WHERE tenant = $1 AND account = $2 ORDER BY id DESC LIMIT 50;

-- :name mass_add :exec (id i64, account i64, created i64)
INSERT INTO mass (tenant, id, account, act, asks, status, slice, created, started, ended) VALUES ($1, $2, $3, '', NULL, 'open', 0, $4, 0, 0);

-- :name mass_begin :exec (id i64, act str, asks str, now i64) -> changed
UPDATE mass SET act = $3, asks = $4, status = 'running', started = $5 WHERE tenant = $1 AND id = $2 AND status = 'open';

-- :name mass_next :exec (id i64, slice i64) -> changed
UPDATE mass SET slice = $3 WHERE tenant = $1 AND id = $2 AND status = 'running';

-- The words of its questions are not kept: each dossier's journal has them.
-- :name mass_end :exec (id i64, now i64) -> changed
UPDATE mass SET status = 'done', asks = NULL, ended = $3 WHERE tenant = $1 AND id = $2 AND status = 'running';

-- :name mass_item_add :exec (mass i64, record i64, seen i64)
INSERT INTO mass_item (tenant, mass, record, seen, status, why) VALUES ($1, $2, $3, $4, 'waiting', NULL) ON CONFLICT DO NOTHING;

-- :row mass_item_row (id i64, body i64, kind str, revision i64, version i64, state str, reference str, author i64, team i64, assignee i64, channel str, created i64, updated i64, due i64, title str, seen i64, status str, why str)
-- :name mass_item_rows :many (mass i64) -> mass_item_row
SELECT r.id, r.body, r.kind, r.revision, r.version, r.state, r.reference, r.author, r.team, r.assignee, r.channel, r.created, r.updated, r.due, r.title, i.seen, i.status, i.why
FROM mass_item i JOIN record r ON r.tenant = i.tenant AND r.id = i.record WHERE i.tenant = $1 AND i.mass = $2 ORDER BY i.record LIMIT 1000;

-- :name mass_waiting :many (mass i64, after i64, n i64) -> mass_item_row
SELECT r.id, r.body, r.kind, r.revision, r.version, r.state, r.reference, r.author, r.team, r.assignee, r.channel, r.created, r.updated, r.due, r.title, i.seen, i.status, i.why
FROM mass_item i JOIN record r ON r.tenant = i.tenant AND r.id = i.record
WHERE i.tenant = $1 AND i.mass = $2 AND i.record > $3 AND i.status = 'waiting' ORDER BY i.record LIMIT $4;

-- :name mass_item_rows_failed :many (mass i64) -> mass_item_row
SELECT r.id, r.body, r.kind, r.revision, r.version, r.state, r.reference, r.author, r.team, r.assignee, r.channel, r.created, r.updated, r.due, r.title, i.seen, i.status, i.why
FROM mass_item i JOIN record r ON r.tenant = i.tenant AND r.id = i.record
WHERE i.tenant = $1 AND i.mass = $2 AND i.status = 'failed' ORDER BY i.record LIMIT 1000;

-- :name mass_item_counts :many (mass i64) -> (status str, n i64)
-- :order-ok one row for each status
SELECT status, COUNT(*) FROM mass_item WHERE tenant = $1 AND mass = $2 GROUP BY status ORDER BY status;

-- :name mass_item_mark :exec (mass i64, record i64, status str, why str) -> changed
UPDATE mass_item SET status = $4, why = $5 WHERE tenant = $1 AND mass = $2 AND record = $3 AND status = 'waiting';

-- :name mass_items_remove_old :exec (before i64) -> changed
DELETE FROM mass_item WHERE tenant = $1 AND mass IN (SELECT m.id FROM mass m WHERE m.tenant = $1 AND m.created < $2);

-- :name mass_remove_old :exec (before i64) -> changed
DELETE FROM mass WHERE tenant = $1 AND created < $2;
