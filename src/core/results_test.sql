-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A trace as another build might have left it.
-- :name result_change :exec (record i64, name str, was str, now str)
UPDATE result SET trace = replace(trace, $4, $5) WHERE tenant = $1 AND record = $2 AND name = $3;
