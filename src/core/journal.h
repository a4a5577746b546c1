/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* journal.h — what happened, append-only. Words live in rows that can be purged; the event keeps their commitment
   BLAKE2b(32 random bytes kept with the words ‖ words), so erasing leaves the chain valid. Inserted unsealed; a sealer per tenant
   (a lease) numbers and chains committed events each second. */
#pragma once
#include "base/hash.h"
#include "store/db.h"

struct event {
    int64_t record, seq, at_us, actor; str verb, from, to;
    str words;                      /* for people; absent: none, or erased (erased_us says when) */
    str asks;                       /* JSON: what the transition asked, or the values before and after; kept and erased with the words */
    bool for_author;                /* shown to the citizen, not only to agents */
    int64_t erased_us, seal;        /* seal 0: not sealed yet */
    str actor_name, actor_capacity, actor_service;   /* absent: erased */
};
struct events { struct event *v; size_t n; };
err journal_add(db *w, const struct event *e, int64_t *out_seq);      /* e->seq 0: the next one of the record */
err journal_of(db *d, arena *mem, int64_t record, bool author_view, struct events *out);    /* oldest first */
err journal_last(db *d, arena *mem, int64_t record, struct event *out);                      /* E_NOT_FOUND */
err journal_erase_words(db *w, int64_t record, int64_t now_us);

/* Pseudonymous id behind which a person stands; the row can be erased, the id stays in the journal.
   An agent's actor keeps the name, capacity and service of the day of the act: when they change, a new actor is made. */
err actor_for_account(db *w, int64_t account, int64_t *out_actor);
/* Without reading what others write: the author of a filing, by account; who holds a record by code: the actor's id is the record's. */
err actor_for_author(db *w, int64_t account, int64_t *out_actor);
err actor_for_holder(db *w, int64_t record, str name);
err actor_erase(db *w, int64_t actor, int64_t now_us);
#define ACTOR_SYSTEM INT64_C(1)

/* Seals what is committed and unsealed, at most 500 events a call; *out_sealed == 500: call again. */
err journal_seal(db *d, int64_t now_us, int64_t *out_sealed);
#define SEAL_SLICE 500
struct verdict {
    int64_t sealed, unsealed, heads /* published ones found in the chain */; bool valid;
    int64_t bad_seal, bad_record, bad_seq;      /* the first altered event; 0 where unknown */
    str why;                                    /* key of the catalogue: core.verify.… */
    struct hash32 head;                         /* compare with the head published each day */
};
err journal_verify(db *d, arena *mem, struct verdict *out);           /* the first altered event, and the unsealed tail */

/* The chain's last number and hash, published once a day: whoever kept one can prove later that nothing before it was rewritten.
   Publishes today's unless it is there already, or nothing is sealed yet. */
err journal_head_publish(db *d, arena *mem, str zone, int64_t now_us);
struct head { str day /* 2026-11-23 */, hash /* hex */; int64_t seal, at_us; };
struct heads { struct head *v; size_t n; };
err journal_heads(db *d, arena *mem, str before /* a day; absent: the newest */, int n, struct heads *out);     /* newest first */
#define TOPIC_HEADS "journal/heads"
