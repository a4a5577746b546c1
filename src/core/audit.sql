-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name audit_add :exec (id i64, at i64, account i64, what str, record i64, detail str)
INSERT INTO audit (tenant, id, at, account, what, record, detail) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING;
