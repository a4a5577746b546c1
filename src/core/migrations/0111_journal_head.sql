-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The head of the journal's chain as it was published each day (day: 2026-11-23, in the town's zone).
CREATE TABLE journal_head (tenant BIGINT NOT NULL, day TEXT NOT NULL, seal BIGINT NOT NULL, hash BLOB NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (tenant, day)) WITHOUT ROWID;
CREATE INDEX journal_head_seal ON journal_head (tenant, seal, day);
