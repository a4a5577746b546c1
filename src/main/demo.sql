-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name demo_outbox_forget :exec (now i64)
UPDATE outbox SET sent = $2, recipient = '', subject = NULL, words = NULL WHERE tenant = $1 AND sent = 0;
-- :name demo_letters_spread :exec (now i64)
UPDATE job SET run_at = $2 + ($2 - run_at) / 10000 WHERE tenant = $1 AND name = 'letter.make' AND run_at < $2;

-- The author of a recent dossier that is still open.
-- :name demo_somebody :one () -> (record i64, email str)
SELECT c.record, c.email FROM record_contact c JOIN record r ON r.tenant = c.tenant AND r.id = c.record
WHERE c.tenant = $1 AND r.tenant = $1 AND c.email IS NOT NULL AND c.email_fold <> '' ORDER BY c.record DESC LIMIT 1;
