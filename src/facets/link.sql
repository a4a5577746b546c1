-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name link_row_add :exec (a i64, kind str, b i64, created i64)
INSERT INTO link (tenant, a, kind, b, created) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;

-- :name link_row_remove :exec (a i64, kind str, b i64)
DELETE FROM link WHERE tenant = $1 AND a = $2 AND kind = $3 AND b = $4;
