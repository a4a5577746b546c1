/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* journal.h — what happened, append-only. Words live in rows that can be purged; the event keeps their commitment
   BLAKE2b(32 random bytes kept with the words ‖ words), so erasing leaves the chain valid. Inserted unsealed; a sealer per tenant
   (a lease) numbers and chains committed events each second. */
#pragma once
#include "base/hash.h"
#include "store/db.h"

struct event {
    int64_t record, seq, at_us, actor; str verb, from, to;
    str words;                      /* absent: none, or erased (erased_us says when) */
    bool for_author;                /* shown to the citizen, not only to agents */
    int64_t erased_us, seal;        /* seal 0: not sealed yet */
    str actor_name, actor_capacity; /* absent: erased */
};
struct events { struct event *v; size_t n; };
err journal_add(db *w, const struct event *e, int64_t *out_seq);      /* seq set here, per record */
err journal_of(db *d, arena *mem, int64_t record, bool author_view, struct events *out);
err journal_erase_words(db *w, int64_t record, int64_t now_us);

/* Pseudonymous id behind which a person stands; the row can be erased, the id stays in the journal. */
err actor_for_account(db *w, int64_t account, int64_t *out_actor);
err actor_for_contact(db *w, str name, int64_t *out_actor);
#define ACTOR_SYSTEM INT64_C(1)

err journal_seal(db *d, int64_t now_us, int64_t *out_sealed);         /* seals what is committed and unsealed, in slices */
struct verdict { int64_t sealed, unsealed; bool valid; int64_t bad_seal, bad_record, bad_seq; str why; struct hash32 head; };
err journal_verify(db *d, arena *mem, struct verdict *out);           /* the first altered event, and the unsealed tail */
