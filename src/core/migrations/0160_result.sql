-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Why a record's results are what they are: one row for each result of each version of its answers. name: the rule asked; path: the question
-- that shows it ('': none). trace: JSON (docs/trace.md), with the answers it read: it goes with the words of the record.
CREATE TABLE result (tenant BIGINT NOT NULL, record BIGINT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, revision BIGINT NOT NULL, at BIGINT NOT NULL, trace TEXT NOT NULL, PRIMARY KEY (tenant, record, version, name, path));
