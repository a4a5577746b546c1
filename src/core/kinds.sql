-- SPDX-License-Identifier: AGPL-3.0-or-later
-- :row kind_line (name str, slug str, service str, title str, number i64, body i64, team i64, status str, revision i64, draft_revision i64, published i64, closed i64, close_reason str, offer str, theme str)

-- :name kind_lines :many (service str) -> kind_line
SELECT name, slug, service, title, number, body, team, status, revision, draft_revision, published, closed, close_reason, offer, theme
FROM kind WHERE tenant = $1 AND (CAST($2 AS TEXT) = '' OR service = $2) ORDER BY title, name;

-- :name kind_line_get :one (name str) -> kind_line
SELECT name, slug, service, title, number, body, team, status, revision, draft_revision, published, closed, close_reason, offer, theme
FROM kind WHERE tenant = $1 AND name = $2;

-- :name kind_line_by_slug :one (slug str) -> kind_line
SELECT name, slug, service, title, number, body, team, status, revision, draft_revision, published, closed, close_reason, offer, theme
FROM kind WHERE tenant = $1 AND slug = $2;

-- :name kind_line_by_number :one (number i64) -> kind_line
SELECT name, slug, service, title, number, body, team, status, revision, draft_revision, published, closed, close_reason, offer, theme
FROM kind WHERE tenant = $1 AND service = 'procedures' AND number = $2;

-- :name kind_current :one (name str) -> (revision i64)
SELECT revision FROM kind WHERE tenant = $1 AND name = $2;

-- :name kind_number_last :one (service str) -> (n i64)
SELECT COALESCE(MAX(number), 0) AS n FROM kind WHERE tenant = $1 AND service = $2;

-- :name kind_add :exec (name str, service str, slug str, title str, number i64, body i64, team i64, offer str, theme str) -> changed
INSERT INTO kind (tenant, name, service, slug, title, number, body, team, status, revision, draft_revision, published, closed, close_reason, offer, theme)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', 0, 1, 0, 0, NULL, $9, $10) ON CONFLICT DO NOTHING;

-- :name kind_drafted :exec (name str, draft_revision i64)
UPDATE kind SET draft_revision = $3 WHERE tenant = $1 AND name = $2;

-- :name kind_published :exec (name str, revision i64, title str, published i64, offer str, theme str)
UPDATE kind SET status = 'published', revision = $3, draft_revision = 0, title = $4, published = $5, closed = 0, close_reason = NULL, offer = $6, theme = $7
WHERE tenant = $1 AND name = $2;

-- :name kind_closed :exec (name str, closed i64, close_reason str)
UPDATE kind SET status = 'closed', closed = $3, close_reason = $4 WHERE tenant = $1 AND name = $2;

-- :name kind_placed :exec (name str, slug str, body i64, team i64)
UPDATE kind SET slug = $3, body = $4, team = $5 WHERE tenant = $1 AND name = $2;

-- A title changes for the lists of agents at once only while nothing is published; so does what it is.
-- :name kind_titled :exec (name str, title str, offer str, theme str)
UPDATE kind SET title = $3, offer = $4, theme = $5 WHERE tenant = $1 AND name = $2 AND revision = 0;

-- :name kind_revision_add :exec (kind str, revision i64, definition str, author i64, created i64)
INSERT INTO kind_revision (tenant, kind, revision, definition, author, created, published) VALUES ($1, $2, $3, $4, $5, $6, 0);

-- :name kind_revision_get :one (kind str, revision i64) -> (definition str, published i64)
SELECT definition, published FROM kind_revision WHERE tenant = $1 AND kind = $2 AND revision = $3;

-- :name kind_revision_published :exec (kind str, revision i64, published i64)
UPDATE kind_revision SET published = $4 WHERE tenant = $1 AND kind = $2 AND revision = $3;

-- :name kind_revision_drop_draft :exec (kind str, revision i64)
DELETE FROM kind_revision WHERE tenant = $1 AND kind = $2 AND revision = $3 AND published = 0;

-- Drafts of citizens follow the form that is published; a correction stays on its record's revision.
-- :name kind_drafts_move :exec (kind str, revision i64, most i64) -> changed
UPDATE draft SET revision = $3 WHERE tenant = $1 AND id IN (SELECT id FROM draft WHERE tenant = $1 AND kind = $2 AND record = 0 AND revision <> $3 ORDER BY id LIMIT $4);


-- Which procedures a fact sheet belongs to, as they were last published.
-- :name kind_sheets_drop :exec (kind str)
DELETE FROM kind_sheet WHERE tenant = $1 AND kind = $2;

-- :name kind_sheet_add :exec (sheet str, kind str)
INSERT INTO kind_sheet (tenant, sheet, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- :name kind_lines_of_sheet :many (sheet str) -> kind_line
SELECT k.name, k.slug, k.service, k.title, k.number, k.body, k.team, k.status, k.revision, k.draft_revision, k.published, k.closed, k.close_reason, k.offer, k.theme
FROM kind_sheet s JOIN kind k ON k.tenant = s.tenant AND k.name = s.kind WHERE s.tenant = $1 AND s.sheet = $2 AND k.status = 'published' ORDER BY k.title, k.name;
