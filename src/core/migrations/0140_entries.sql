-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the town offers: how each procedure is done and what it is about, fact sheets of service-public.fr, and what is found by words.
ALTER TABLE kind ADD COLUMN offer TEXT NOT NULL DEFAULT 'here';
ALTER TABLE kind ADD COLUMN theme TEXT NOT NULL DEFAULT '';

CREATE TABLE sheet (
    tenant BIGINT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, title TEXT NOT NULL, theme TEXT, intro TEXT, html TEXT NOT NULL, words TEXT,
    day BIGINT NOT NULL, hash TEXT NOT NULL, is_sample BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE kind_sheet (tenant BIGINT NOT NULL, sheet TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (tenant, sheet, kind)) WITHOUT ROWID;
CREATE INDEX kind_sheet_kind ON kind_sheet (tenant, kind, sheet);

-- Projection: words to entries and sheets. A word is folded and without its plural; place says where it stands, titles first: a word that is
-- everywhere is read no further than where it counts. term: words of titles, by length, for those that are typed with a slip.
CREATE TABLE found (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, ref TEXT NOT NULL, type TEXT NOT NULL, path TEXT NOT NULL, title TEXT NOT NULL, title_en TEXT,
    hint TEXT, hint_en TEXT, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX found_ref ON found (tenant, ref);
CREATE TABLE found_word (tenant BIGINT NOT NULL, word TEXT NOT NULL, place BIGINT NOT NULL, doc BIGINT NOT NULL, PRIMARY KEY (tenant, word, place, doc)) WITHOUT ROWID;
CREATE INDEX found_word_doc ON found_word (tenant, doc, word);
CREATE TABLE found_term (tenant BIGINT NOT NULL, size BIGINT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (tenant, size, word)) WITHOUT ROWID;

-- Words that mean the same in this town; what was looked for and not found, by its words alone.
CREATE TABLE synonym (tenant BIGINT NOT NULL, id BIGINT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE search_miss (tenant BIGINT NOT NULL, words TEXT NOT NULL, n BIGINT NOT NULL, last BIGINT NOT NULL, PRIMARY KEY (tenant, words));
CREATE INDEX search_miss_last ON search_miss (tenant, last, words);
