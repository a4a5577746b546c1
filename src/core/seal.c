/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sealer and the verifier. A seal's primary key is (tenant, number): two sealers at once cannot both number an event. */
#include <string.h>

#include "base/words.h"
#include "core/commitment.h"
#include "core/journal.h"
#include "gen/sql/core/journal.sql.h"

static struct sealing sealing_of(int64_t tenant, int64_t seal, const struct sealed_event *e)
{
    return (struct sealing){.tenant = tenant, .seal = seal, .record = e->record, .seq = e->seq, .at = e->at, .actor = e->actor,
                            .for_author = e->for_author, .verb = e->verb, .from = e->from_state, .to = e->to_state, .commit = e->note_commit};
}

enum { VERIFY_SLICE = 1000 };

static str bytes_of(const struct hash32 *h) { return (str){(const char *)h->b, sizeof h->b}; }

static bool hash_from(str bytes, struct hash32 *out)
{
    if (bytes.n != sizeof out->b) return false;
    memcpy(out->b, bytes.p, sizeof out->b);
    return true;
}

struct seal_args { arena *mem; struct sealed_event_list rows; int64_t sealed; };

/* The events were read before, outside: what is sealed is committed, and this transaction meets nobody's inserts. */
static err seal_in_txn(db *w, void *arg)
{
    struct seal_args *a = arg;
    struct sql_seal_head_row_list heads;
    struct hash32 head = {{0}};
    TRY(sql_seal_head(w, a->mem, &heads));
    int64_t seal = heads.n ? heads.v[0].seal : 0;
    if (heads.n && !hash_from(heads.v[0].hash, &head)) return FAIL(E_INTERNAL, W("core.verify.bad_head"));
    a->sealed = 0;
    for (size_t i = 0; i < a->rows.n; i++) {
        const struct sealed_event *e = &a->rows.v[i];
        if (!e->found) continue;                        /* its event is gone: left in the tail, where verify sees it */
        struct sealing s = sealing_of(db_tenant(w), ++seal, e);
        head = seal_hash(&head, &s);
        TRY(sql_seal_add(w, seal, e->record, e->seq, bytes_of(&head)));
        TRY(sql_unsealed_remove(w, e->at, e->record, e->seq));
        a->sealed++;
    }
    return NO_ERR;
}

err journal_seal(db *d, int64_t now_us, int64_t *out_sealed)
{
    (void)now_us;
    struct seal_args a = {.mem = arena_new(0)};
    *out_sealed = 0;
    err e = sql_unsealed_rows(d, a.mem, SEAL_SLICE, &a.rows);
    if (e.code == OK && a.rows.n) e = db_txn(d, seal_in_txn, &a);
    /* Another sealer numbered them first: nothing is lost, the next round goes on from there. */
    if (e.code == E_EXISTS) e = NO_ERR;
    else if (e.code == OK) *out_sealed = a.sealed;
    arena_free(a.mem);
    return e;
}

static void verdict_bad(struct verdict *v, const char *why, int64_t seal, int64_t record, int64_t seq)
{
    v->valid = false;
    v->why = str_of(why);
    v->bad_seal = seal;
    v->bad_record = record;
    v->bad_seq = seq;
}

/* One event against its seal; false: at fault, said in *v. */
static bool event_check(const struct sealed_event *e, int64_t tenant, int64_t expected, struct hash32 *head, struct verdict *v)
{
    if (e->seal != expected) {
        verdict_bad(v, W("core.verify.seal_missing"), expected, e->record, e->seq);
        return false;
    }
    if (!e->found) {
        verdict_bad(v, W("core.verify.event_missing"), e->seal, e->record, e->seq);
        return false;
    }
    struct sealing s = sealing_of(tenant, e->seal, e);
    struct hash32 h = seal_hash(head, &s);
    if (!secret_eq(bytes_of(&h), e->hash)) {
        verdict_bad(v, W("core.verify.event_altered"), e->seal, e->record, e->seq);
        return false;
    }
    *head = h;
    if (!e->note_commit.p) return true;
    if (!e->note_id) {
        verdict_bad(v, W("core.verify.words_missing"), e->seal, e->record, e->seq);
        return false;
    }
    bool erased = e->erased > 0 && !e->salt.p && !e->words.p && !e->asks.p;
    struct hash32 commit = note_commitment(e->salt, e->words, e->asks);
    if (erased || secret_eq(bytes_of(&commit), e->note_commit)) return true;
    verdict_bad(v, W("core.verify.words_altered"), e->seal, e->record, e->seq);
    return false;
}

/* What was published of these events says what the chain says. */
static bool heads_check(const struct head_row_list *heads, size_t *at, struct verdict *out)
{
    for (; *at < heads->n && heads->v[*at].seal == out->sealed; ++*at) {
        if (!secret_eq(bytes_of(&out->head), heads->v[*at].hash)) {
            verdict_bad(out, W("core.verify.head_differs"), out->sealed, 0, 0);
            return false;
        }
        out->heads++;
    }
    return true;
}

static err slice_check(db *d, arena *slice, struct verdict *out, bool *out_more)
{
    struct sealed_event_list rows;
    struct head_row_list heads;
    size_t at = 0;
    TRY(sql_sealed_rows(d, slice, out->sealed, VERIFY_SLICE, &rows));
    TRY(sql_head_rows_between(d, slice, out->sealed, out->sealed + VERIFY_SLICE, &heads));
    *out_more = rows.n == VERIFY_SLICE;
    for (size_t i = 0; i < rows.n && out->valid; i++)
        if (event_check(&rows.v[i], db_tenant(d), out->sealed + 1, &out->head, out)) {
            out->sealed++;
            heads_check(&heads, &at, out);
        }
    return NO_ERR;
}

/* No snapshot holds while it is read: heads that are published meanwhile may name seals beyond the last slice, and are left out. */
static err verify_chain(db *d, struct verdict *out)
{
    struct sql_head_last_row published = {0};
    arena *slice = arena_new(0);
    err e = sql_head_last(d, slice, &published);
    for (bool more = true; more && out->valid && e.code == OK; arena_reset(slice)) e = slice_check(d, slice, out, &more);
    struct head_row_list beyond = {0};
    if (e.code == OK && out->valid) e = sql_head_rows_between(d, slice, out->sealed, published.seal, &beyond);
    if (beyond.n) verdict_bad(out, W("core.verify.head_missing"), beyond.v[0].seal, 0, 0);
    arena_free(slice);
    return e;
}

/* A slice of records at a time: no reading lives long. */
static err verify_strays(db *d, struct verdict *out)
{
    arena *mem = arena_new(0);
    struct sql_journal_slice_end_row end = {.n = 1};
    err e = NO_ERR;
    for (int64_t after = 0; e.code == OK && out->valid; after = end.record) {
        struct sql_journal_strays_row_list strays = {0};
        arena_reset(mem);
        e = sql_journal_slice_end(d, mem, after, 1000, &end);
        if (e.code != OK || !end.n) break;
        e = sql_journal_strays(d, mem, after, end.record, &strays);
        if (strays.n) verdict_bad(out, W("core.verify.event_stray"), 0, strays.v[0].record, strays.v[0].seq);
    }
    arena_free(mem);
    return e;
}

/* The words of events not sealed yet have no chain to stand in, but their events must be there. */
err journal_verify(db *d, arena *mem, struct verdict *out)
{
    struct sql_unsealed_count_row tail;
    *out = (struct verdict){.valid = true};
    TRY(verify_chain(d, out));
    TRY(sql_unsealed_count(d, mem, &tail));
    out->unsealed = tail.n;
    if (!out->valid) return NO_ERR;
    struct sealed_event_list waiting;
    TRY(sql_unsealed_rows(d, mem, SEAL_SLICE, &waiting));
    for (size_t i = 0; i < waiting.n && out->valid; i++)
        if (!waiting.v[i].found) verdict_bad(out, W("core.verify.event_missing"), 0, waiting.v[i].record, waiting.v[i].seq);
    if (!out->valid) return NO_ERR;
    return verify_strays(d, out);
}
