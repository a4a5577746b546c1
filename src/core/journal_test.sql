-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What somebody with access to the database might do to the journal.
-- :name harm_event :exec (record i64, seq i64, to_state str)
UPDATE journal SET to_state = $4 WHERE tenant = $1 AND record = $2 AND seq = $3;

-- :name harm_actor :exec (record i64, seq i64, actor i64)
UPDATE journal SET actor = $4 WHERE tenant = $1 AND record = $2 AND seq = $3;

-- :name harm_event_gone :exec (record i64, seq i64)
DELETE FROM journal WHERE tenant = $1 AND record = $2 AND seq = $3;

-- :name harm_words :exec (record i64, words str)
UPDATE journal_note SET words = $3 WHERE tenant = $1 AND record = $2;

-- :name harm_asks :exec (record i64, asks str)
UPDATE journal_note SET asks = $3 WHERE tenant = $1 AND record = $2;

-- :name harm_words_gone :exec (record i64)
DELETE FROM journal_note WHERE tenant = $1 AND record = $2;

-- :name harm_seal_gone :exec (seal i64)
DELETE FROM journal_seal WHERE tenant = $1 AND seal = $2;

-- :name harm_seal :exec (seal i64, hash bytes)
UPDATE journal_seal SET hash = $3 WHERE tenant = $1 AND seal = $2;

-- :name harm_event_more :exec (record i64, seq i64)
INSERT INTO journal (tenant, record, seq, at, actor, verb, from_state, to_state, note, note_commit, for_author) VALUES ($1, $2, $3, 5, 1, 'accept', NULL, NULL, 0, NULL, 1);

-- :name harm_tail :exec (record i64)
DELETE FROM journal_unsealed WHERE tenant = $1 AND record = $2;

-- Somebody who may write everything: the chain is thrown away, to be made anew over altered events.
-- :name harm_seals_gone :exec (above i64)
DELETE FROM journal_seal WHERE tenant = $1 AND seal > $2;

-- :name harm_tail_all :exec ()
INSERT INTO journal_unsealed (tenant, at, record, seq) SELECT $1, j.at, j.record, j.seq FROM journal j WHERE j.tenant = $1;

-- :name harm_unsealed_events_gone :exec ()
DELETE FROM journal WHERE tenant = $1 AND NOT EXISTS (SELECT 1 FROM journal_seal s WHERE s.tenant = $1 AND s.record = journal.record AND s.seq = journal.seq);
