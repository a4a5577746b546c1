-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name found_id :one (ref str) -> (id i64)
SELECT id FROM found WHERE tenant = $1 AND ref = $2;

-- :name found_add :exec (id i64, ref str, type str, path str, title str, title_en str, hint str, hint_en str)
INSERT INTO found (tenant, id, ref, type, path, title, title_en, hint, hint_en) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- :name found_word_add :exec (word str, doc i64, weight i64)
INSERT INTO found_word (tenant, word, doc, weight) VALUES ($1, $2, $3, $4);

-- :name found_term_add :exec (size i64, word str)
INSERT INTO found_term (tenant, size, word) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- :name found_remove :exec (id i64)
DELETE FROM found WHERE tenant = $1 AND id = $2;

-- :name found_words_remove :exec (doc i64)
DELETE FROM found_word WHERE tenant = $1 AND doc = $2;

-- :name found_path :exec (ref str, path str)
UPDATE found SET path = $3 WHERE tenant = $1 AND ref = $2;

-- :name found_terms_unused :exec ()
DELETE FROM found_term WHERE tenant = $1 AND word NOT IN (SELECT w.word FROM found_word w WHERE w.tenant = $1);

-- :name found_clear :exec ()
DELETE FROM found WHERE tenant = $1;

-- :name found_words_clear :exec ()
DELETE FROM found_word WHERE tenant = $1;

-- :name found_terms_clear :exec ()
DELETE FROM found_term WHERE tenant = $1;

-- :name found_terms :many (least i64, most i64) -> (word str)
SELECT word FROM found_term WHERE tenant = $1 AND size BETWEEN $2 AND $3 ORDER BY size, word LIMIT 20000;

-- :name synonym_rows :many () -> (id i64, words str)
SELECT id, words FROM synonym WHERE tenant = $1 ORDER BY words, id LIMIT 500;

-- :name synonym_count :one () -> (n i64)
SELECT COUNT(*) AS n FROM synonym WHERE tenant = $1;

-- :name synonym_insert :exec (id i64, words str)
INSERT INTO synonym (tenant, id, words) VALUES ($1, $2, $3);

-- :name synonym_delete :exec (id i64)
DELETE FROM synonym WHERE tenant = $1 AND id = $2;

-- :name miss_add :exec (words str, last i64) -> changed
INSERT INTO search_miss (tenant, words, n, last) VALUES ($1, $2, 1, $3) ON CONFLICT (tenant, words) DO UPDATE SET n = search_miss.n + 1, last = excluded.last;

-- :name miss_count :one () -> (n i64)
SELECT COUNT(*) AS n FROM search_miss WHERE tenant = $1;

-- :name miss_old :exec (before i64)
DELETE FROM search_miss WHERE tenant = $1 AND last < $2;

-- :name miss_rows :many (least i64, since i64) -> (words str, n i64, last i64)
SELECT words, n, last FROM search_miss WHERE tenant = $1 AND n >= $2 AND last >= $3 ORDER BY n DESC, words LIMIT 100;

-- :name miss_delete :exec (words str)
DELETE FROM search_miss WHERE tenant = $1 AND words = $2;
