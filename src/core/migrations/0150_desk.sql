-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The desk: views of the inbox, absences, models of messages, mass actions; what counts a procedure's life.

-- query: filters, sort and columns as in the list's address. team 0: its author's own.
CREATE TABLE inbox_view (tenant BIGINT NOT NULL, id BIGINT NOT NULL, account BIGINT NOT NULL, team BIGINT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant, id));
-- The view with which somebody's inbox opens.
CREATE TABLE inbox_start (tenant BIGINT NOT NULL, account BIGINT NOT NULL, view_id BIGINT NOT NULL, PRIMARY KEY (tenant, account)) WITHOUT ROWID;
-- Days since 1970, both included. Either an agent or a team stands in.
CREATE TABLE absence (tenant BIGINT NOT NULL, id BIGINT NOT NULL, account BIGINT NOT NULL, first_day BIGINT NOT NULL, last_day BIGINT NOT NULL, stand_in BIGINT NOT NULL, team BIGINT NOT NULL, set_by BIGINT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX absence_last ON absence (tenant, last_day, id);
-- team 0, kind '': for all.
CREATE TABLE message_model (tenant BIGINT NOT NULL, id BIGINT NOT NULL, team BIGINT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, words TEXT NOT NULL, account BIGINT NOT NULL, updated BIGINT NOT NULL, PRIMARY KEY (tenant, id));
-- status: open (chosen), running, done. asks: JSON. slice: how many turns it has taken.
CREATE TABLE mass (tenant BIGINT NOT NULL, id BIGINT NOT NULL, account BIGINT NOT NULL, act TEXT NOT NULL, asks TEXT, status TEXT NOT NULL, slice BIGINT NOT NULL, created BIGINT NOT NULL, started BIGINT NOT NULL, ended BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX mass_account ON mass (tenant, account, id);
-- seen: the version that was looked at. status: waiting, done, failed.
CREATE TABLE mass_item (tenant BIGINT NOT NULL, mass BIGINT NOT NULL, record BIGINT NOT NULL, seen BIGINT NOT NULL, status TEXT NOT NULL, why TEXT, PRIMARY KEY (tenant, mass, record)) WITHOUT ROWID;

-- Other dossiers of a person.
CREATE INDEX record_contact_mail ON record_contact (tenant, email_fold, record) WHERE email_fold IS NOT NULL;
CREATE INDEX record_contact_birth ON record_contact (tenant, birth_date, name, record) WHERE birth_date IS NOT NULL;

-- A projection of the sealed journal. what: filed (name: channel), ended (name: state), answered (name: days since the filing), reopened,
-- abandoned (a draft whose time was over; name: channel).
CREATE TABLE stat_day (tenant BIGINT NOT NULL, kind TEXT NOT NULL, day BIGINT NOT NULL, body BIGINT NOT NULL, team BIGINT NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (tenant, kind, day, body, team, what, name)) WITHOUT ROWID;
CREATE TABLE stat_cursor (tenant BIGINT NOT NULL, seal BIGINT NOT NULL, PRIMARY KEY (tenant));
