-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Sixteen ranges of words at once, of each the first 500 documents, titles before the rest. A range that is not used: '' and ''.
-- :name found_ranges :many (from0 str, to0 str, from1 str, to1 str, from2 str, to2 str, from3 str, to3 str, from4 str, to4 str, from5 str, to5 str, from6 str, to6 str, from7 str, to7 str, from8 str, to8 str, from9 str, to9 str, from10 str, to10 str, from11 str, to11 str, from12 str, to12 str, from13 str, to13 str, from14 str, to14 str, from15 str, to15 str) -> (word str, place i64, doc i64)
-- :order-ok each range has its own order, in which they follow one another
SELECT w0.word AS word, w0.place AS place, w0.doc AS doc FROM (SELECT a0.word, a0.place, a0.doc FROM found_word a0 WHERE a0.tenant = $1 AND a0.word >= $2 AND a0.word < $3 ORDER BY a0.word, a0.place, a0.doc LIMIT 500) w0
UNION ALL SELECT w1.word AS word, w1.place AS place, w1.doc AS doc FROM (SELECT a1.word, a1.place, a1.doc FROM found_word a1 WHERE a1.tenant = $1 AND a1.word >= $4 AND a1.word < $5 ORDER BY a1.word, a1.place, a1.doc LIMIT 500) w1
UNION ALL SELECT w2.word AS word, w2.place AS place, w2.doc AS doc FROM (SELECT a2.word, a2.place, a2.doc FROM found_word a2 WHERE a2.tenant = $1 AND a2.word >= $6 AND a2.word < $7 ORDER BY a2.word, a2.place, a2.doc LIMIT 500) w2
UNION ALL SELECT w3.word AS word, w3.place AS place, w3.doc AS doc FROM (SELECT a3.word, a3.place, a3.doc FROM found_word a3 WHERE a3.tenant = $1 AND a3.word >= $8 AND a3.word < $9 ORDER BY a3.word, a3.place, a3.doc LIMIT 500) w3
UNION ALL SELECT w4.word AS word, w4.place AS place, w4.doc AS doc FROM (SELECT a4.word, a4.place, a4.doc FROM found_word a4 WHERE a4.tenant = $1 AND a4.word >= $10 AND a4.word < $11 ORDER BY a4.word, a4.place, a4.doc LIMIT 500) w4
UNION ALL SELECT w5.word AS word, w5.place AS place, w5.doc AS doc FROM (SELECT a5.word, a5.place, a5.doc FROM found_word a5 WHERE a5.tenant = $1 AND a5.word >= $12 AND a5.word < $13 ORDER BY a5.word, a5.place, a5.doc LIMIT 500) w5
UNION ALL SELECT w6.word AS word, w6.place AS place, w6.doc AS doc FROM (SELECT a6.word, a6.place, a6.doc FROM found_word a6 WHERE a6.tenant = $1 AND a6.word >= $14 AND a6.word < $15 ORDER BY a6.word, a6.place, a6.doc LIMIT 500) w6
UNION ALL SELECT w7.word AS word, w7.place AS place, w7.doc AS doc FROM (SELECT a7.word, a7.place, a7.doc FROM found_word a7 WHERE a7.tenant = $1 AND a7.word >= $16 AND a7.word < $17 ORDER BY a7.word, a7.place, a7.doc LIMIT 500) w7
UNION ALL SELECT w8.word AS word, w8.place AS place, w8.doc AS doc FROM (SELECT a8.word, a8.place, a8.doc FROM found_word a8 WHERE a8.tenant = $1 AND a8.word >= $18 AND a8.word < $19 ORDER BY a8.word, a8.place, a8.doc LIMIT 500) w8
UNION ALL SELECT w9.word AS word, w9.place AS place, w9.doc AS doc FROM (SELECT a9.word, a9.place, a9.doc FROM found_word a9 WHERE a9.tenant = $1 AND a9.word >= $20 AND a9.word < $21 ORDER BY a9.word, a9.place, a9.doc LIMIT 500) w9
UNION ALL SELECT w10.word AS word, w10.place AS place, w10.doc AS doc FROM (SELECT a10.word, a10.place, a10.doc FROM found_word a10 WHERE a10.tenant = $1 AND a10.word >= $22 AND a10.word < $23 ORDER BY a10.word, a10.place, a10.doc LIMIT 500) w10
UNION ALL SELECT w11.word AS word, w11.place AS place, w11.doc AS doc FROM (SELECT a11.word, a11.place, a11.doc FROM found_word a11 WHERE a11.tenant = $1 AND a11.word >= $24 AND a11.word < $25 ORDER BY a11.word, a11.place, a11.doc LIMIT 500) w11
UNION ALL SELECT w12.word AS word, w12.place AS place, w12.doc AS doc FROM (SELECT a12.word, a12.place, a12.doc FROM found_word a12 WHERE a12.tenant = $1 AND a12.word >= $26 AND a12.word < $27 ORDER BY a12.word, a12.place, a12.doc LIMIT 500) w12
UNION ALL SELECT w13.word AS word, w13.place AS place, w13.doc AS doc FROM (SELECT a13.word, a13.place, a13.doc FROM found_word a13 WHERE a13.tenant = $1 AND a13.word >= $28 AND a13.word < $29 ORDER BY a13.word, a13.place, a13.doc LIMIT 500) w13
UNION ALL SELECT w14.word AS word, w14.place AS place, w14.doc AS doc FROM (SELECT a14.word, a14.place, a14.doc FROM found_word a14 WHERE a14.tenant = $1 AND a14.word >= $30 AND a14.word < $31 ORDER BY a14.word, a14.place, a14.doc LIMIT 500) w14
UNION ALL SELECT w15.word AS word, w15.place AS place, w15.doc AS doc FROM (SELECT a15.word, a15.place, a15.doc FROM found_word a15 WHERE a15.tenant = $1 AND a15.word >= $32 AND a15.word < $33 ORDER BY a15.word, a15.place, a15.doc LIMIT 500) w15;

-- :name found_id :one (ref str) -> (id i64)
SELECT id FROM found WHERE tenant = $1 AND ref = $2;

-- :name found_add :exec (id i64, ref str, type str, path str, title str, title_en str, hint str, hint_en str)
INSERT INTO found (tenant, id, ref, type, path, title, title_en, hint, hint_en) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- :name found_word_add :exec (word str, doc i64, place i64)
INSERT INTO found_word (tenant, word, doc, place) VALUES ($1, $2, $3, $4);

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
