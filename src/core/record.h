/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record.h — records: what somebody wrote, with a kind, a state, a journal and a public projection.
   A draft becomes a record with the same id: the primary key is the filing's key, so filing twice gives the first receipt. */
#pragma once
#include "core/kinds.h"

struct record {
    int64_t id, body, revision, version, author, team, assignee;
    str kind, state, reference, channel;    /* channel: web | api | counter | paper */
    str title, public_title, summary;       /* title: for agents and the author; summary: made of public fields only */
    json_t *doc;                    /* NULL in lists that did not ask for it */
    json_t *masks;                  /* ids of fields, and of files, that an agent hid from the public; NULL: none */
    int64_t created_us, updated_us, published_us, expires_us, entered_us /* its state */, due_us /* next deadline; 0 none */;
    int64_t silence_us;             /* the last second of the day at whose end silence decides; 0: no such clock, or it stands still */
    int64_t suspended_us;           /* since when the clock of silence stands still */
};
struct records { struct record *v; size_t n; };

err record_get(db *d, arena *mem, int64_t id, struct record *out);
err record_by_reference(db *d, arena *mem, str reference, struct record *out);   /* blanks, dashes and case ignored */

/* A person who files without an account: how to reach them; the second element of follow-up. */
struct contact { str name, email, birth_date; };

struct filing {                     /* what it takes to file; `id` is the draft's, or id_new() for the API and the counter */
    int64_t id, body, team, author; str channel, reference /* absent: a new one */;
    const struct tenant *tenant; const struct kind *kind; const json_t *doc;      /* checked, normal form */
    struct contact contact;         /* absent with an author: the receipt goes to the account's mail; else the mail that the form asked for, if any */
    struct hash32 *code_hash;       /* NULL: followed by account only */
    str token;                      /* API: a bearer token for this record, already given out (token_new); absent: none */
    str code;                       /* in clear, only to be repeated in the receipt's mail; absent: not repeated */
    int64_t actor /* 0: made from the author or the contact */; int64_t now_us;
    int64_t draft_version;          /* of the draft that was checked; draft_file refuses another one. 0: not compared */
    enum lang lang;
};
/* In a transaction: record, side index, search, contact, journal, counters, timers, the receipt's mail. Again with the same id:
   the first one, *again. Reads nothing that others write (PostgreSQL: neighbours never meet). */
err record_file(db *w, arena *mem, const struct filing *f, struct record *out, bool *again);
/* Values changed by a correction or an agent; E_CONFLICT when r->version is not the stored one. Old values go to the journal. */
err record_revise(db *w, arena *mem, const struct kind *k, struct record *r, const json_t *doc, int64_t actor, int64_t now_us);
/* New reference: eight consonants. */
str reference_new(arena *mem);
/* Follow-up by people without an account: code as typed, second: mail or birth date as typed. E_NOT_FOUND for any mismatch,
   the same time spent. */
err record_open_by_code(db *d, arena *mem, str reference, str code, str second, struct record *out);
/* The API's bearer token. E_NOT_FOUND */
err record_open_by_token(db *d, arena *mem, str reference, str token, int64_t now_us, struct record *out);
err record_contact(db *d, arena *mem, int64_t id, struct contact *out, enum lang *out_lang);   /* E_NOT_FOUND: erased, or only an account */
/* Where a mail to its author goes: contact, else account; absent when nowhere. */
err record_mail(db *d, arena *mem, const struct record *r, str *out_email, enum lang *out_lang);
/* Personal words and values gone, journal left valid. keep_statistics: what remains is kind, state, dates and filterable choices;
   otherwise only the empty shell that the journal needs. Its files lose their keys. */
err record_erase(db *w, arena *mem, const struct kind *k, int64_t id, int64_t actor, int64_t now_us, bool keep_statistics);

/* The public projection of one record: public fields, unmasked, of a record in a public state; NULL when there is none. Pages, map,
   feeds, search, API and datasets show nothing else. */
json_t *record_public_doc(arena *mem, const struct kind *k, const struct record *r);
/* The topic (reply_cache) of pages that show public records of a kind: bumped when one appears, changes or goes. */
str record_topic(arena *mem, str kind);
bool record_masked(const struct record *r, str field_or_file_id);
/* Writes what changed between *was and *r (version guarded by was->version) with side index, search and counters. Used by life.c. */
err record_save(db *w, arena *mem, const struct kind *k, const struct record *was, struct record *r);
/* Side index rows and search words, made anew. */
err record_project(db *w, arena *mem, const struct kind *k, const struct record *r);
