/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "core/journal.h"

#include "base/buf.h"
#include "base/id.h"
#include "core/commitment.h"
#include "gen/sql/core/journal.sql.h"

static void put_i64(buf *b, int64_t v)
{
    for (int shift = 56; shift >= 0; shift -= 8) buf_char(b, (char)(((uint64_t)v >> shift) & 0xFF));
}

static void put_str(buf *b, str s)
{
    uint32_t n = s.p ? (uint32_t)s.n : UINT32_MAX;
    for (int shift = 24; shift >= 0; shift -= 8) buf_char(b, (char)((n >> shift) & 0xFF));
    if (s.p) buf_put(b, s);
}

struct hash32 note_commitment(str salt, str words, str asks)
{
    buf b = BUF((size_t)64 << 20);
    buf_put(&b, salt);
    buf_put(&b, words);
    buf_char(&b, '\0');
    buf_put(&b, asks);
    struct hash32 h = hash_blake2b(buf_str(&b));
    buf_free(&b);
    return h;
}

struct hash32 seal_hash(const struct hash32 *previous, const struct sealing *e)
{
    buf b = BUF(1 << 16);
    buf_put(&b, (str){(const char *)previous->b, sizeof previous->b});
    put_i64(&b, e->tenant);
    put_i64(&b, e->seal);
    put_i64(&b, e->record);
    put_i64(&b, e->seq);
    put_i64(&b, e->at);
    put_i64(&b, e->actor);
    put_i64(&b, e->for_author);
    put_str(&b, e->verb);
    put_str(&b, e->from);
    put_str(&b, e->to);
    put_str(&b, e->commit);
    struct hash32 h = hash_blake2b(buf_str(&b));
    buf_free(&b);
    return h;
}

static err next_seq(db *w, int64_t record, int64_t *out)
{
    struct sql_journal_next_row row;
    arena *mem = arena_new(1 << 16);
    err e = sql_journal_next(w, mem, record, &row);
    arena_free(mem);
    *out = row.seq;
    return e;
}

err journal_add(db *w, const struct event *e, int64_t *out_seq)
{
    int64_t seq = e->seq, note = 0;
    struct hash32 commit;
    bool has_note = e->words.n || e->asks.n;
    if (!seq) TRY(next_seq(w, e->record, &seq));
    if (has_note) {
        char salt[SALT_BYTES];
        random_bytes(salt, sizeof salt);
        note = id_new();
        commit = note_commitment((str){salt, sizeof salt}, e->words, e->asks);
        TRY(sql_journal_note_add(w, note, e->record, (str){salt, sizeof salt}, e->words, e->asks));
    }
    TRY(sql_journal_row_add(w, e->record, seq, e->at_us, e->actor, e->verb, e->from, e->to, note,
                            has_note ? (str){(const char *)commit.b, sizeof commit.b} : STR_NONE, e->for_author));
    TRY(sql_journal_unsealed_add(w, e->at_us, e->record, seq));
    *out_seq = seq;
    return NO_ERR;
}

static struct event event_from_row(const struct journal_event_row *r)
{
    return (struct event){.record = r->record, .seq = r->seq, .at_us = r->at, .actor = r->actor, .verb = r->verb, .from = r->from_state,
                          .to = r->to_state, .words = said_in(r->words, LANG_FR), .asks = r->asks, .for_author = r->for_author != 0, .erased_us = r->erased,
                          .seal = r->seal, .actor_name = r->name, .actor_capacity = said_in(r->capacity, LANG_FR), .actor_service = said_in(r->service, LANG_FR)};
}

err journal_of(db *d, arena *mem, int64_t record, bool author_view, struct events *out)
{
    struct journal_event_row_list rows;
    *out = (struct events){0};
    TRY(sql_journal_rows(d, mem, record, author_view, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out, event_from_row(&rows.v[i]));
    return NO_ERR;
}

err journal_last(db *d, arena *mem, int64_t record, struct event *out)
{
    struct journal_event_row row;
    TRY(sql_journal_row_last(d, mem, record, &row));
    *out = event_from_row(&row);
    return NO_ERR;
}

err journal_erase_words(db *w, int64_t record, int64_t now_us) { return sql_journal_notes_erase(w, record, now_us); }

err actor_for_account(db *w, int64_t account, int64_t *out_actor)
{
    struct sql_actor_same_row row;
    arena *mem = arena_new(1 << 16);
    err e = sql_actor_same(w, mem, account, &row);
    arena_free(mem);
    if (e.code == OK) *out_actor = row.id;
    if (e.code != E_NOT_FOUND) return e;
    int64_t id = id_new(), changed = 0;
    TRY(sql_actor_copy(w, id, account, &changed));
    if (!changed) TRY(sql_actor_add(w, id, account, STR_NONE, STR_NONE, STR_NONE));
    *out_actor = id;
    return NO_ERR;
}

err actor_for_author(db *w, int64_t account, int64_t *out_actor)
{
    *out_actor = account;
    return sql_actor_add_author(w, account);
}

err actor_for_holder(db *w, int64_t record, str name) { return sql_actor_add(w, record, 0, name, STR_NONE, STR_NONE); }

err actor_erase(db *w, int64_t actor, int64_t now_us) { return sql_actor_row_erase(w, actor, now_us); }
