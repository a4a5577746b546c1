-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row account_row (id i64, email str, password str, forename str, surname str, capacity str, service str, phone str, is_agent i64, is_active i64, failures i64, locked_until i64, created i64, last_seen i64)

-- :name account_row_get :one (id i64) -> account_row
SELECT id, email, password, forename, surname, capacity, service, phone, is_agent, is_active, failures, locked_until, created, last_seen
FROM account WHERE tenant = $1 AND id = $2;

-- :name account_row_by_email :one (email_fold str) -> account_row
SELECT id, email, password, forename, surname, capacity, service, phone, is_agent, is_active, failures, locked_until, created, last_seen
FROM account WHERE tenant = $1 AND email_fold = $2;

-- :name account_rows :many (least_agent i64) -> account_row
SELECT id, email, password, forename, surname, capacity, service, phone, is_agent, is_active, failures, locked_until, created, last_seen
FROM account WHERE tenant = $1 AND is_agent >= $2 ORDER BY surname, forename, id LIMIT 1000;

-- :name account_row_add :exec (id i64, email str, email_fold str, password str, forename str, surname str, capacity str, service str, phone str, is_agent i64, is_active i64, created i64)
INSERT INTO account (tenant, id, email, email_fold, password, forename, surname, capacity, service, phone, is_agent, is_active, failures, locked_until, created, last_seen)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, 0);

-- :name account_row_save :exec (id i64, forename str, surname str, capacity str, service str, phone str, is_agent i64, is_active i64)
UPDATE account SET forename = $3, surname = $4, capacity = $5, service = $6, phone = $7, is_agent = $8, is_active = $9 WHERE tenant = $1 AND id = $2;

-- :name account_password_save :exec (id i64, password str)
UPDATE account SET password = $3, failures = 0, locked_until = 0 WHERE tenant = $1 AND id = $2;

-- :name account_failed :exec (id i64, failures i64, locked_until i64)
UPDATE account SET failures = $3, locked_until = $4 WHERE tenant = $1 AND id = $2;

-- :name account_seen :exec (id i64, at i64)
UPDATE account SET failures = 0, locked_until = 0, last_seen = $3 WHERE tenant = $1 AND id = $2;

-- :name session_add :exec (hash bytes, id i64, account i64, at i64, expires i64)
INSERT INTO session (tenant, hash, id, account, created, seen, expires) VALUES ($1, $2, $3, $4, $5, $5, $6);

-- :name session_person :one (hash bytes, now i64) -> (id i64, seen i64, account i64, email str, forename str, surname str)
SELECT s.id, s.seen, s.account, a.email, a.forename, a.surname FROM session s JOIN account a ON a.tenant = s.tenant AND a.id = s.account
WHERE s.tenant = $1 AND a.tenant = $1 AND s.hash = $2 AND s.expires > $3 AND a.is_active = 1;

-- :name session_seen :exec (hash bytes, at i64, expires i64)
UPDATE session SET seen = $3, expires = $4 WHERE tenant = $1 AND hash = $2;

-- :name session_remove :exec (hash bytes)
DELETE FROM session WHERE tenant = $1 AND hash = $2;

-- :name session_remove_all :exec (account i64)
DELETE FROM session WHERE tenant = $1 AND account = $2;

-- :name session_remove_old :exec (now i64) -> changed
DELETE FROM session WHERE tenant = $1 AND expires <= $2;

-- :name reset_add :exec (hash bytes, account i64, expires i64)
INSERT INTO reset (tenant, hash, account, expires) VALUES ($1, $2, $3, $4);

-- :name reset_account :one (hash bytes, now i64) -> (account i64)
SELECT account FROM reset WHERE tenant = $1 AND hash = $2 AND expires > $3;

-- :name reset_remove_all :exec (account i64)
DELETE FROM reset WHERE tenant = $1 AND account = $2;

-- :name team_row_add :exec (id i64, body i64, name str, email str)
INSERT INTO team (tenant, id, body, name, email) VALUES ($1, $2, $3, $4, $5);

-- :name team_row_save :exec (id i64, body i64, name str, email str)
UPDATE team SET body = $3, name = $4, email = $5 WHERE tenant = $1 AND id = $2;

-- :name team_rows :many () -> (id i64, body i64, name str, email str)
SELECT id, body, name, email FROM team WHERE tenant = $1 ORDER BY name, id;

-- One of the body's own first.
-- :name team_named :one (name str, body i64) -> (id i64)
SELECT id FROM team WHERE tenant = $1 AND name = $2 ORDER BY CASE WHEN body = $3 THEN 0 ELSE 1 END, id LIMIT 1;

-- :name team_member_rows :many (team i64) -> account_row
SELECT a.id, a.email, a.password, a.forename, a.surname, a.capacity, a.service, a.phone, a.is_agent, a.is_active, a.failures, a.locked_until, a.created, a.last_seen
FROM team_member m JOIN account a ON a.tenant = m.tenant AND a.id = m.account WHERE m.tenant = $1 AND a.tenant = $1 AND m.team = $2 ORDER BY a.surname, a.forename, a.id;

-- :name team_people_rows :many () -> (team i64, account i64, forename str, surname str)
SELECT m.team, m.account, a.forename, a.surname FROM team_member m JOIN account a ON a.tenant = m.tenant AND a.id = m.account WHERE m.tenant = $1 AND a.tenant = $1 ORDER BY a.surname, m.account;

-- :name team_member_add :exec (team i64, account i64)
INSERT INTO team_member (tenant, team, account) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- :name team_member_remove :exec (team i64, account i64)
DELETE FROM team_member WHERE tenant = $1 AND team = $2 AND account = $3;

-- :name grant_add :exec (account i64, role str, body i64, team i64, kind str)
INSERT INTO role_grant (tenant, account, role, body, team, kind) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING;

-- :name grant_remove :exec (account i64, role str, body i64, team i64, kind str)
DELETE FROM role_grant WHERE tenant = $1 AND account = $2 AND role = $3 AND body = $4 AND team = $5 AND kind = $6;

-- :name grant_rows_all :many () -> (account i64, role str, body i64, team i64, kind str)
-- :sqlite
SELECT account, role, body, team, kind FROM role_grant WHERE tenant = $1
UNION ALL SELECT account, 'agent', 0, team, '' FROM team_member WHERE tenant = $1 ORDER BY 1, 2, 3, 4, 5;
-- :pg
SELECT account, role, body, team, kind FROM role_grant WHERE tenant = $1
UNION ALL SELECT account, 'agent', 0::bigint, team, ''::text FROM team_member WHERE tenant = $1 ORDER BY 1, 2, 3, 4, 5;

-- :name grant_rows :many (account i64) -> (role str, body i64, team i64, kind str)
-- :sqlite
SELECT role, body, team, kind FROM role_grant WHERE tenant = $1 AND account = $2
UNION ALL SELECT 'agent', 0, team, '' FROM team_member WHERE tenant = $1 AND account = $2 ORDER BY 1, 2, 3, 4;
-- :pg
SELECT role, body, team, kind FROM role_grant WHERE tenant = $1 AND account = $2
UNION ALL SELECT 'agent', 0::bigint, team, ''::text FROM team_member WHERE tenant = $1 AND account = $2 ORDER BY 1, 2, 3, 4;
