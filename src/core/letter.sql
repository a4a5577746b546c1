-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row letter_row (id i64, record i64, seq i64, kind str, revision i64, template str, transition str, code str, reference str, object str, outcome str, body str, paper str, file i64, sha256 str, at i64, state str, changed i64, reason str, successor i64, erased i64)

-- :name letter_add :exec (id i64, record i64, seq i64, kind str, revision i64, template str, transition str, code str, reference str, object str, outcome str, body str, paper str, at i64)
INSERT INTO letter (tenant, id, record, seq, kind, revision, template, transition, code, reference, object, outcome, body, paper, file, sha256, at, state, changed, actor, reason, successor, erased)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, NULL, $15, 'valid', 0, 0, NULL, 0, 0);

-- :name letter_get :one (id i64) -> letter_row
SELECT id, record, seq, kind, revision, template, transition, code, reference, object, outcome, body, paper, file, sha256, at, state, changed, reason, successor, erased
FROM letter WHERE tenant = $1 AND id = $2;

-- :name letter_by_code :one (code str) -> letter_row
SELECT id, record, seq, kind, revision, template, transition, code, reference, object, outcome, body, paper, file, sha256, at, state, changed, reason, successor, erased
FROM letter WHERE tenant = $1 AND code = $2;

-- Newest first.
-- :name letters_of_record :many (record i64) -> letter_row
SELECT id, record, seq, kind, revision, template, transition, code, reference, object, outcome, body, paper, file, sha256, at, state, changed, reason, successor, erased
FROM letter WHERE tenant = $1 AND record = $2 ORDER BY id DESC LIMIT 100;

-- :name letter_made :exec (id i64, file i64, sha256 str) -> changed
UPDATE letter SET file = $3, sha256 = $4 WHERE tenant = $1 AND id = $2 AND file = 0 AND erased = 0;

-- :name letter_end :exec (id i64, state str, changed i64, actor i64, reason str, successor i64) -> changed
UPDATE letter SET state = $3, changed = $4, actor = $5, reason = $6, successor = $7 WHERE tenant = $1 AND id = $2 AND state = 'valid' AND erased = 0;

-- :name letters_erase :exec (record i64, now i64)
UPDATE letter SET paper = NULL, reference = NULL, object = NULL, outcome = NULL, reason = NULL, actor = 0, file = 0, erased = $3 WHERE tenant = $1 AND record = $2 AND erased = 0;
