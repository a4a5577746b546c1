-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Truth tables of the core. tenant leads every key. Times are µs UTC; 0: none. Booleans 0/1. Small rows stand in their key (WITHOUT ROWID).

CREATE TABLE tenant (
    id BIGINT NOT NULL PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, settings TEXT NOT NULL, created BIGINT NOT NULL);
CREATE TABLE host (name TEXT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL);

CREATE TABLE body (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, parent BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    siren TEXT, insee TEXT, population BIGINT NOT NULL, settings TEXT NOT NULL, PRIMARY KEY (tenant, id));

CREATE TABLE kind (
    tenant BIGINT NOT NULL, name TEXT NOT NULL, service TEXT NOT NULL, slug TEXT NOT NULL, title TEXT NOT NULL, number BIGINT NOT NULL,
    body BIGINT NOT NULL, team BIGINT NOT NULL, status TEXT NOT NULL, revision BIGINT NOT NULL, draft_revision BIGINT NOT NULL,
    published BIGINT NOT NULL, closed BIGINT NOT NULL, close_reason TEXT, PRIMARY KEY (tenant, name));
CREATE UNIQUE INDEX kind_slug ON kind (tenant, slug);
CREATE UNIQUE INDEX kind_number ON kind (tenant, service, number);
CREATE TABLE kind_revision (
    tenant BIGINT NOT NULL, kind TEXT NOT NULL, revision BIGINT NOT NULL, definition TEXT NOT NULL, author BIGINT NOT NULL,
    created BIGINT NOT NULL, published BIGINT NOT NULL, PRIMARY KEY (tenant, kind, revision));

CREATE TABLE record (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, body BIGINT NOT NULL, kind TEXT NOT NULL, revision BIGINT NOT NULL, version BIGINT NOT NULL,
    state TEXT NOT NULL, reference TEXT NOT NULL, author BIGINT NOT NULL, team BIGINT NOT NULL, assignee BIGINT NOT NULL, channel TEXT NOT NULL,
    created BIGINT NOT NULL, updated BIGINT NOT NULL, entered BIGINT NOT NULL, published BIGINT NOT NULL, expires BIGINT NOT NULL,
    due BIGINT NOT NULL, silence BIGINT NOT NULL, suspended BIGINT NOT NULL, title TEXT NOT NULL, public_title TEXT NOT NULL, summary TEXT, masks TEXT, doc TEXT NOT NULL,
    PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX record_reference ON record (tenant, reference);
CREATE INDEX record_inbox ON record (tenant, kind, state, created, id);
CREATE INDEX record_team ON record (tenant, team, state, created, id) WHERE team <> 0;
CREATE INDEX record_assignee ON record (tenant, assignee, state, created, id) WHERE assignee <> 0;
CREATE INDEX record_author ON record (tenant, author, created, id) WHERE author <> 0;
CREATE INDEX record_updated ON record (tenant, kind, state, updated, id);
CREATE INDEX record_due ON record (tenant, kind, state, due, id) WHERE due <> 0;
CREATE INDEX record_public ON record (tenant, kind, published, id) WHERE published <> 0;
CREATE INDEX record_expires ON record (tenant, expires, id) WHERE expires <> 0;
-- Side index of filterable fields: a projection. field '*f1' holds what the public may filter on: its created is the record's published.
CREATE TABLE record_index (
    tenant BIGINT NOT NULL, kind TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, created BIGINT NOT NULL, record BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, field, value, created, record)) WITHOUT ROWID;
CREATE INDEX record_index_record ON record_index (tenant, record);
-- Who filed without an account, and the hash of their code; erased with the words.
CREATE TABLE record_contact (
    tenant BIGINT NOT NULL, record BIGINT NOT NULL, name TEXT, email TEXT, email_fold TEXT, birth_date TEXT, code_hash BLOB, lang TEXT NOT NULL,
    PRIMARY KEY (tenant, record));
-- Counters are inserted deltas, folded by a job: no row that a whole tenant shares is updated.
CREATE TABLE counter_delta (tenant BIGINT NOT NULL, id BIGINT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, body BIGINT NOT NULL, team BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (tenant, id)) WITHOUT ROWID;
CREATE TABLE counter (tenant BIGINT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, body BIGINT NOT NULL, team BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (tenant, kind, state, body, team)) WITHOUT ROWID;

CREATE TABLE draft (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, record BIGINT NOT NULL, kind TEXT NOT NULL, revision BIGINT NOT NULL, body BIGINT NOT NULL,
    version BIGINT NOT NULL, account BIGINT NOT NULL, reference TEXT NOT NULL, channel TEXT NOT NULL, code_hash BLOB NOT NULL,
    doc TEXT NOT NULL, page_reached BIGINT NOT NULL, name TEXT, email TEXT, email_fold TEXT, birth_date TEXT,
    created BIGINT NOT NULL, updated BIGINT NOT NULL, expires BIGINT NOT NULL, keep_us BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX draft_reference ON draft (tenant, reference);
-- `updated` is in no index: saving a field then touches no index page, so that neighbours on PostgreSQL do not meet.
CREATE INDEX draft_account ON draft (tenant, account, id) WHERE account <> 0;
CREATE INDEX draft_expires ON draft (tenant, expires, id);
CREATE TABLE draft_token (tenant BIGINT NOT NULL, hash BLOB NOT NULL, draft BIGINT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant, hash)) WITHOUT ROWID;
CREATE INDEX draft_token_draft ON draft_token (tenant, draft);

CREATE TABLE journal (
    tenant BIGINT NOT NULL, record BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, actor BIGINT NOT NULL, verb TEXT NOT NULL,
    from_state TEXT, to_state TEXT, note BIGINT NOT NULL, note_commit BLOB, for_author BIGINT NOT NULL, PRIMARY KEY (tenant, record, seq)) WITHOUT ROWID;
CREATE TABLE journal_note (tenant BIGINT NOT NULL, id BIGINT NOT NULL, record BIGINT NOT NULL, salt BLOB, words TEXT, asks TEXT, erased BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX journal_note_record ON journal_note (tenant, record, id);
CREATE TABLE journal_unsealed (tenant BIGINT NOT NULL, at BIGINT NOT NULL, record BIGINT NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (tenant, at, record, seq)) WITHOUT ROWID;
CREATE TABLE journal_seal (tenant BIGINT NOT NULL, seal BIGINT NOT NULL, record BIGINT NOT NULL, seq BIGINT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (tenant, seal)) WITHOUT ROWID;
CREATE UNIQUE INDEX journal_seal_event ON journal_seal (tenant, record, seq);
CREATE TABLE actor (tenant BIGINT NOT NULL, id BIGINT NOT NULL, account BIGINT NOT NULL, name TEXT, capacity TEXT, service TEXT, erased BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX actor_account ON actor (tenant, account, id);

CREATE TABLE message (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, record BIGINT NOT NULL, actor BIGINT NOT NULL, from_author BIGINT NOT NULL, is_note BIGINT NOT NULL,
    words TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX message_record ON message (tenant, record, created, id);

CREATE TABLE file (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, owner BIGINT NOT NULL, field_path TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL, sha256 TEXT, blob TEXT, wrapped_key BLOB, part TEXT, state TEXT NOT NULL, is_public BIGINT NOT NULL,
    shown_copy BIGINT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX file_owner ON file (tenant, owner, id);
CREATE INDEX file_blob ON file (tenant, blob, id);

CREATE TABLE timer (tenant BIGINT NOT NULL, record BIGINT NOT NULL, name TEXT NOT NULL, due BIGINT NOT NULL, left_us BIGINT NOT NULL, PRIMARY KEY (tenant, record, name)) WITHOUT ROWID;
CREATE INDEX timer_due ON timer (tenant, due, record);
CREATE TABLE job (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, payload TEXT, cause TEXT NOT NULL, effect TEXT NOT NULL, run_at BIGINT NOT NULL,
    tries BIGINT NOT NULL, owner TEXT, lease_until BIGINT NOT NULL, error TEXT, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX job_once ON job (tenant, cause, effect);
CREATE INDEX job_due ON job (tenant, run_at, id);
CREATE TABLE outbox (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, cause TEXT NOT NULL, effect TEXT NOT NULL, channel TEXT NOT NULL, record BIGINT NOT NULL,
    recipient TEXT NOT NULL, subject TEXT, words TEXT, reply_to TEXT, run_at BIGINT NOT NULL, tries BIGINT NOT NULL, owner TEXT,
    lease_until BIGINT NOT NULL, sent BIGINT NOT NULL, failed BIGINT NOT NULL, error TEXT, created BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX outbox_once ON outbox (tenant, cause, effect);
CREATE INDEX outbox_due ON outbox (tenant, sent, failed, run_at, id);
CREATE INDEX outbox_record ON outbox (tenant, record, id);

CREATE TABLE idempotency (
    tenant BIGINT NOT NULL, principal TEXT NOT NULL, key TEXT NOT NULL, request_hash BLOB NOT NULL, response TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (tenant, principal, key));
CREATE INDEX idempotency_at ON idempotency (tenant, at, principal, key);

CREATE TABLE account (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, email TEXT NOT NULL, email_fold TEXT NOT NULL, password TEXT, forename TEXT, surname TEXT,
    capacity TEXT, service TEXT, phone TEXT, is_agent BIGINT NOT NULL, is_active BIGINT NOT NULL, failures BIGINT NOT NULL, locked_until BIGINT NOT NULL,
    created BIGINT NOT NULL, last_seen BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX account_email ON account (tenant, email_fold);
CREATE TABLE session (tenant BIGINT NOT NULL, hash BLOB NOT NULL, id BIGINT NOT NULL, account BIGINT NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (tenant, hash)) WITHOUT ROWID;
CREATE INDEX session_account ON session (tenant, account, id);
CREATE INDEX session_expires ON session (tenant, expires, id);
CREATE TABLE reset (tenant BIGINT NOT NULL, hash BLOB NOT NULL, account BIGINT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (tenant, hash)) WITHOUT ROWID;
CREATE TABLE token (tenant BIGINT NOT NULL, hash BLOB NOT NULL, record BIGINT NOT NULL, account BIGINT NOT NULL, scope TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (tenant, hash)) WITHOUT ROWID;
CREATE INDEX token_record ON token (tenant, record, hash);
CREATE TABLE team (tenant BIGINT NOT NULL, id BIGINT NOT NULL, body BIGINT NOT NULL, name TEXT NOT NULL, email TEXT, PRIMARY KEY (tenant, id));
CREATE TABLE team_member (tenant BIGINT NOT NULL, team BIGINT NOT NULL, account BIGINT NOT NULL, PRIMARY KEY (tenant, team, account)) WITHOUT ROWID;
CREATE INDEX team_member_account ON team_member (tenant, account, team);
CREATE TABLE role_grant (tenant BIGINT NOT NULL, account BIGINT NOT NULL, role TEXT NOT NULL, body BIGINT NOT NULL, team BIGINT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (tenant, account, role, body, team, kind)) WITHOUT ROWID;
CREATE TABLE audit (tenant BIGINT NOT NULL, id BIGINT NOT NULL, at BIGINT NOT NULL, account BIGINT NOT NULL, what TEXT NOT NULL, record BIGINT NOT NULL, detail TEXT, PRIMARY KEY (tenant, id));
CREATE INDEX audit_record ON audit (tenant, record, id);

CREATE TABLE value_list (tenant BIGINT NOT NULL, name TEXT NOT NULL, revision BIGINT NOT NULL, title TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant, name, revision));
CREATE TABLE value_item (tenant BIGINT NOT NULL, list TEXT NOT NULL, revision BIGINT NOT NULL, id TEXT NOT NULL, position BIGINT NOT NULL, label TEXT NOT NULL, fold TEXT NOT NULL, extra TEXT, PRIMARY KEY (tenant, list, revision, id)) WITHOUT ROWID;
CREATE INDEX value_item_fold ON value_item (tenant, list, revision, fold, id);

CREATE TABLE link (tenant BIGINT NOT NULL, a BIGINT NOT NULL, kind TEXT NOT NULL, b BIGINT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant, a, kind, b)) WITHOUT ROWID;
CREATE INDEX link_back ON link (tenant, b, kind, a);

-- Projection: words to records. Words are folded and cut in C, so that both engines agree. scope: the tenant, and the kind in it.
-- :sqlite
CREATE VIRTUAL TABLE search USING fts5(tenant UNINDEXED, scope, public_words, private_words, tokenize = 'ascii', prefix = '2 3', detail = column, columnsize = 0);
CREATE VIEW search_piece AS SELECT DISTINCT segid AS piece FROM search_idx;
-- :pg
CREATE TABLE search (tenant BIGINT NOT NULL, record BIGINT NOT NULL, kind TEXT NOT NULL, public_words TSVECTOR NOT NULL, private_words TSVECTOR NOT NULL, PRIMARY KEY (tenant, record));
CREATE VIEW search_piece AS SELECT 1 AS piece;
CREATE INDEX search_public ON search USING GIN (public_words);
CREATE INDEX search_private ON search USING GIN (private_words);
-- Room beside a draft for its next version: a save stays on its page.
ALTER TABLE draft SET (fillfactor = 50);
