/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record.h — records: what somebody wrote, with a kind, a state, a journal and a public projection.
   A draft becomes a record with the same id: the primary key is the filing's key, so filing twice gives the first receipt. */
#pragma once
#include "core/kinds.h"

struct record {
    int64_t id, body, revision, version, author, team, assignee;
    str kind, state, reference, title, summary, channel;   /* channel: web | api | counter | paper */
    json_t *doc;
    int64_t created_us, updated_us, published_us, expires_us, entered_us /* its state */, due_us /* next deadline; 0 none */, silence_us;
};
struct records { struct record *v; size_t n; };

err record_get(db *d, arena *mem, int64_t id, struct record *out);
err record_by_reference(db *d, arena *mem, str reference, struct record *out);

/* A person who files without an account: how to reach them; the second element of follow-up. */
struct contact { str name, email, birth_date; };

struct filing {                     /* what it takes to file; `id` is the draft's, or id_new() for the API and the counter */
    int64_t id, body, team, author; str channel, reference;
    const struct kind *kind; const json_t *doc;      /* checked, normal form */
    struct contact contact;
    struct hash32 *code_hash;       /* NULL: followed by account only */
    int64_t actor; int64_t now_us; str zone; bool alsace_moselle; int64_t silence_us; enum lang lang;
};
/* In a transaction: record, side index, search, journal, counters, timers, effects of filing. Again with the same id: OK, *again. */
err record_file(db *w, arena *mem, const struct filing *f, struct record *out, bool *again);
/* Values changed by a correction or an agent; E_CONFLICT when `version` is not the one seen. */
err record_revise(db *w, arena *mem, const struct kind *k, struct record *r, const json_t *doc, int64_t actor, int64_t now_us);
/* New reference: eight consonants, unique in the tenant; retries. */
str reference_new(arena *mem);
/* Follow-up by people without an account. E_NOT_FOUND for any mismatch, same time spent. */
err record_open_by_code(db *d, arena *mem, str reference, struct hash32 code_hash, str second /* mail or birth date typed */, struct record *out);
err record_contact(db *d, arena *mem, int64_t id, struct contact *out);
/* Personal words and values gone, journal left valid; files lose their keys. */
err record_erase(db *w, arena *mem, int64_t id, int64_t actor, int64_t now_us, bool keep_statistics);
