-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :name demo_outbox_forget :exec (now i64)
UPDATE outbox SET sent = $2, recipient = '', subject = NULL, words = NULL WHERE tenant = $1 AND sent = 0;
