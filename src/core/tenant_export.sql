-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What a town takes along when it leaves, page by page.
-- :name leaving_messages :many (after i64, n i64) -> (id i64, reference str, author str, from_author i64, is_note i64, words str, created i64)
SELECT m.id, r.reference, a.name AS author, m.from_author, m.is_note, m.words, m.created
FROM message m LEFT JOIN record r ON r.tenant = m.tenant AND r.id = m.record LEFT JOIN actor a ON a.tenant = m.tenant AND a.id = m.actor
WHERE m.tenant = $1 AND m.id > $2 ORDER BY m.id LIMIT $3;

-- :row leaving_event (record i64, reference str, seq i64, at i64, verb str, from_state str, to_state str, author str, capacity str, service str, words str, asks str, erased i64, for_author i64, note_commit bytes, seal i64, hash bytes)
-- :name leaving_journal :many (record i64, seq i64, n i64) -> leaving_event
SELECT j.record, r.reference, j.seq, j.at, j.verb, j.from_state, j.to_state, a.name AS author, a.capacity, a.service, n.words, n.asks, COALESCE(n.erased, 0), j.for_author, j.note_commit,
    COALESCE(s.seal, 0), s.hash
FROM journal j LEFT JOIN record r ON r.tenant = j.tenant AND r.id = j.record LEFT JOIN actor a ON a.tenant = j.tenant AND a.id = j.actor
    LEFT JOIN journal_note n ON n.tenant = j.tenant AND n.id = j.note LEFT JOIN journal_seal s ON s.tenant = j.tenant AND s.record = j.record AND s.seq = j.seq
WHERE j.tenant = $1 AND (j.record, j.seq) > ($2, $3) ORDER BY j.record, j.seq LIMIT $4;

-- :row leaving_file (id i64, reference str, field_path str, name str, type str, size_bytes i64, sha256 str, blob str, wrapped_key bytes, state str, is_public i64, created i64)
-- :name leaving_files :many (after i64, n i64) -> leaving_file
SELECT f.id, COALESCE(r.reference, d.reference) AS reference, f.field_path, f.name, f.type, f.size_bytes, f.sha256, f.blob, f.wrapped_key, f.state, f.is_public, f.created
FROM file f LEFT JOIN record r ON r.tenant = f.tenant AND r.id = f.owner LEFT JOIN draft d ON d.tenant = f.tenant AND d.id = f.owner
WHERE f.tenant = $1 AND f.id > $2 ORDER BY f.id LIMIT $3;

-- :name leaving_contact :many (after i64, last i64) -> (record i64, name str, email str, birth_date str)
SELECT record, name, email, birth_date FROM record_contact WHERE tenant = $1 AND record > $2 AND record <= $3 ORDER BY record;

-- :name leaving_revisions :many (kind str) -> (revision i64)
SELECT revision FROM kind_revision WHERE tenant = $1 AND kind = $2 AND published <> 0 ORDER BY revision DESC;

-- :name leaving_items :many (list str, revision i64, after i64, n i64) -> (position i64, id str, label str, extra str)
SELECT position, id, label, extra FROM value_item WHERE tenant = $1 AND list = $2 AND revision = $3 AND position > $4 ORDER BY position, id LIMIT $5;
