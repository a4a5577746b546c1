-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name journal_next :one (record i64) -> (seq i64)
SELECT COALESCE(MAX(seq), 0) + 1 FROM journal WHERE tenant = $1 AND record = $2;

-- :name journal_row_add :exec (record i64, seq i64, at i64, actor i64, verb str, from_state str, to_state str, note i64, note_commit bytes, for_author i64)
INSERT INTO journal (tenant, record, seq, at, actor, verb, from_state, to_state, note, note_commit, for_author) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- :name journal_unsealed_add :exec (at i64, record i64, seq i64)
INSERT INTO journal_unsealed (tenant, at, record, seq) VALUES ($1, $2, $3, $4);

-- :name journal_note_add :exec (id i64, record i64, salt bytes, words str, asks str)
INSERT INTO journal_note (tenant, id, record, salt, words, asks, erased) VALUES ($1, $2, $3, $4, $5, $6, 0);

-- :name journal_notes_erase :exec (record i64, now i64)
UPDATE journal_note SET salt = NULL, words = NULL, asks = NULL, erased = $3 WHERE tenant = $1 AND record = $2 AND erased = 0;

-- :row journal_event_row (record i64, seq i64, at i64, actor i64, verb str, from_state str, to_state str, for_author i64, seal i64, words str, asks str, erased i64, name str, capacity str, service str)
-- :name journal_rows :many (record i64, least_for_author i64) -> journal_event_row
SELECT j.record, j.seq, j.at, j.actor, j.verb, j.from_state, j.to_state, j.for_author, COALESCE(s.seal, 0), n.words, n.asks, COALESCE(n.erased, 0), a.name, a.capacity, a.service
FROM journal j LEFT JOIN journal_note n ON n.tenant = j.tenant AND n.id = j.note
    LEFT JOIN actor a ON a.tenant = j.tenant AND a.id = j.actor
    LEFT JOIN journal_seal s ON s.tenant = j.tenant AND s.record = j.record AND s.seq = j.seq
WHERE j.tenant = $1 AND j.record = $2 AND j.for_author >= $3 ORDER BY j.seq, j.record;

-- :name journal_row_last :one (record i64) -> journal_event_row
SELECT j.record, j.seq, j.at, j.actor, j.verb, j.from_state, j.to_state, j.for_author, 0, n.words, n.asks, COALESCE(n.erased, 0), a.name, a.capacity, a.service
FROM journal j LEFT JOIN journal_note n ON n.tenant = j.tenant AND n.id = j.note
    LEFT JOIN actor a ON a.tenant = j.tenant AND a.id = j.actor
WHERE j.tenant = $1 AND j.record = $2 ORDER BY j.seq DESC, j.record LIMIT 1;

-- :name actor_add :exec (id i64, account i64, name str, capacity str, service str)
INSERT INTO actor (tenant, id, account, name, capacity, service, erased) VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING;

-- :name actor_add_author :exec (account i64)
INSERT INTO actor (tenant, id, account, name, capacity, service, erased)
SELECT $1, id, id, TRIM(COALESCE(forename, '') || ' ' || COALESCE(surname, '')), capacity, service, 0 FROM account WHERE tenant = $1 AND id = $2
ON CONFLICT DO NOTHING;

-- The newest actor of an account that says what the account says today.
-- :name actor_same :one (account i64) -> (id i64)
SELECT x.id FROM actor x JOIN account a ON a.tenant = x.tenant AND a.id = x.account
WHERE x.tenant = $1 AND a.tenant = $1 AND x.account = $2 AND x.erased = 0 AND x.name = TRIM(COALESCE(a.forename, '') || ' ' || COALESCE(a.surname, ''))
    AND COALESCE(x.capacity, '') = COALESCE(a.capacity, '') AND COALESCE(x.service, '') = COALESCE(a.service, '')
ORDER BY x.id DESC LIMIT 1;

-- :name actor_copy :exec (id i64, account i64) -> changed
INSERT INTO actor (tenant, id, account, name, capacity, service, erased)
SELECT $1, $2, id, TRIM(COALESCE(forename, '') || ' ' || COALESCE(surname, '')), capacity, service, 0 FROM account WHERE tenant = $1 AND id = $3;

-- :name actor_row_erase :exec (id i64, now i64)
UPDATE actor SET name = NULL, capacity = NULL, service = NULL, account = 0, erased = $3 WHERE tenant = $1 AND id = $2;

-- :name seal_head :many () -> (seal i64, hash bytes)
SELECT seal, hash FROM journal_seal WHERE tenant = $1 ORDER BY seal DESC LIMIT 1;

-- :row sealed_event (seal i64, record i64, seq i64, hash bytes, at i64, actor i64, verb str, from_state str, to_state str, note i64, note_commit bytes, for_author i64, salt bytes, words str, asks str, erased i64, note_id i64, found i64)
-- :name unsealed_rows :many (n i64) -> sealed_event
SELECT 0, u.record, u.seq, NULL, COALESCE(j.at, 0), COALESCE(j.actor, 0), j.verb, j.from_state, j.to_state, COALESCE(j.note, 0), j.note_commit, COALESCE(j.for_author, 0), NULL, NULL, NULL, 0, 0, COALESCE(j.seq, 0)
FROM journal_unsealed u LEFT JOIN journal j ON j.tenant = u.tenant AND j.record = u.record AND j.seq = u.seq
WHERE u.tenant = $1 ORDER BY u.at, u.record, u.seq LIMIT $2;

-- :name sealed_rows :many (after i64, n i64) -> sealed_event
SELECT s.seal, s.record, s.seq, s.hash, COALESCE(j.at, 0), COALESCE(j.actor, 0), j.verb, j.from_state, j.to_state, COALESCE(j.note, 0), j.note_commit, COALESCE(j.for_author, 0), n.salt, n.words, n.asks, COALESCE(n.erased, 0), COALESCE(n.id, 0), COALESCE(j.seq, 0)
FROM journal_seal s LEFT JOIN journal j ON j.tenant = s.tenant AND j.record = s.record AND j.seq = s.seq
    LEFT JOIN journal_note n ON n.tenant = j.tenant AND n.id = j.note
WHERE s.tenant = $1 AND s.seal > $2 ORDER BY s.seal LIMIT $3;

-- :name seal_add :exec (seal i64, record i64, seq i64, hash bytes)
INSERT INTO journal_seal (tenant, seal, record, seq, hash) VALUES ($1, $2, $3, $4, $5);

-- :name unsealed_remove :exec (at i64, record i64, seq i64)
DELETE FROM journal_unsealed WHERE tenant = $1 AND at = $2 AND record = $3 AND seq = $4;

-- :name unsealed_count :one () -> (n i64)
SELECT COUNT(*) FROM journal_unsealed WHERE tenant = $1;

-- Events that are neither sealed nor waiting to be: written behind the program's back.
-- :name journal_slice_end :one (after i64, n i64) -> (record i64, n i64)
SELECT COALESCE(MAX(x.record), 0) AS record, COUNT(*) AS n FROM (SELECT j.record FROM journal j WHERE j.tenant = $1 AND j.record > $2 ORDER BY j.record LIMIT $3) x;

-- :name journal_strays :many (after i64, last i64) -> (record i64, seq i64)
SELECT j.record, j.seq FROM journal j WHERE j.tenant = $1 AND j.record > $2 AND j.record <= $3
    AND NOT EXISTS (SELECT 1 FROM journal_seal s WHERE s.tenant = $1 AND s.record = j.record AND s.seq = j.seq)
    AND NOT EXISTS (SELECT 1 FROM journal_unsealed u WHERE u.tenant = $1 AND u.at = j.at AND u.record = j.record AND u.seq = j.seq)
ORDER BY j.record, j.seq LIMIT 1;

-- :row head_row (day str, seal i64, hash bytes, at i64)
-- :name head_add :exec (day str, seal i64, hash bytes, at i64) -> changed
INSERT INTO journal_head (tenant, day, seal, hash, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;

-- :name head_of_day :many (day str) -> head_row
SELECT day, seal, hash, at FROM journal_head WHERE tenant = $1 AND day = $2 ORDER BY day LIMIT 1;

-- Newest first, of days before that one.
-- :name head_rows :many (before str, n i64) -> head_row
SELECT day, seal, hash, at FROM journal_head WHERE tenant = $1 AND day < $2 ORDER BY day DESC LIMIT $3;

-- :name head_last :one () -> (seal i64)
SELECT COALESCE(MAX(h.seal), 0) AS seal FROM journal_head h WHERE h.tenant = $1;

-- :name head_rows_between :many (above i64, last i64) -> head_row
SELECT day, seal, hash, at FROM journal_head WHERE tenant = $1 AND seal > $2 AND seal <= $3 ORDER BY seal, day;
