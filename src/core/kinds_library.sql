-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Nobody's (0): it came whole from a file or from the library.
-- :name kind_revision_author :one (kind str, revision i64) -> (author i64)
SELECT author FROM kind_revision WHERE tenant = $1 AND kind = $2 AND revision = $3;
