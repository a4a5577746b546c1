-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What decisions sent. paper: its content, frozen in the transaction of the decision; file, sha256: the PDF, made once, later. Erased with the
-- words of its record but for what names nobody: code, dates, issuing body, state, sha256 (docs/decisions/0007). file 0: not made yet.
CREATE TABLE letter (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, record BIGINT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, revision BIGINT NOT NULL, template TEXT NOT NULL,
    transition TEXT NOT NULL, code TEXT NOT NULL, reference TEXT, object TEXT, outcome TEXT, body TEXT NOT NULL, paper TEXT, file BIGINT NOT NULL, sha256 TEXT, at BIGINT NOT NULL,
    state TEXT NOT NULL, changed BIGINT NOT NULL, actor BIGINT NOT NULL, reason TEXT, successor BIGINT NOT NULL, erased BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX letter_code ON letter (tenant, code);
CREATE INDEX letter_record ON letter (tenant, record, id);
