-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row sheet_row (id str, type str, title str, theme str, intro str, html str, words str, day i64, is_sample i64)
-- :name sheet_one :one (id str) -> sheet_row
SELECT id, type, title, theme, intro, html, words, day, is_sample FROM sheet WHERE tenant = $1 AND id = $2;

-- :name sheet_walk :many (after str, most i64) -> (id str, type str, title str, theme str, intro str, words str)
SELECT id, type, title, theme, intro, words FROM sheet WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3;

-- :name sheet_hashes :many () -> (id str, hash str)
SELECT id, hash FROM sheet WHERE tenant = $1 ORDER BY id;

-- :name sheet_put :exec (id str, type str, title str, theme str, intro str, html str, words str, day i64, hash str, is_sample i64)
INSERT INTO sheet (tenant, id, type, title, theme, intro, html, words, day, hash, is_sample) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (tenant, id) DO UPDATE SET type = excluded.type, title = excluded.title, theme = excluded.theme, intro = excluded.intro, html = excluded.html,
    words = excluded.words, day = excluded.day, hash = excluded.hash, is_sample = excluded.is_sample;

-- :name sheet_remove :exec (id str)
DELETE FROM sheet WHERE tenant = $1 AND id = $2;

-- :name sheet_theme_rows :many () -> (theme str, n i64)
-- :order-ok grouped by the theme, which is then unique
SELECT theme, COUNT(*) AS n FROM sheet WHERE tenant = $1 AND theme IS NOT NULL AND type <> 'node' GROUP BY theme ORDER BY theme LIMIT 100;

-- :name sheet_theme_lines :many (theme str) -> (id str, type str, title str, theme str)
SELECT id, type, title, theme FROM sheet WHERE tenant = $1 AND theme = $2 ORDER BY title, id LIMIT 500;
