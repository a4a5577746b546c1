/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "facets/thread.h"

#include "base/id.h"
#include "base/utf8.h"
#include "core/journal.h"
#include "core/mails.h"
#include "gen/sql/facets/thread.sql.h"

#define WORDS_MAX 8000

struct posting { arena *mem; const struct post *p; int64_t id; };

static err post_in_txn(db *w, void *arg)
{
    struct posting *x = arg;
    const struct post *p = x->p;
    struct record r;
    int64_t actor = 0, seq = 0;
    TRY(record_get(w, x->mem, p->record, &r));
    bool by_agent = may(p->who, VERB_HANDLE, &r).code == OK;
    if (!by_agent) TRY(may(p->who, p->is_note ? VERB_HANDLE : VERB_ANSWER, &r));
    struct act a = {.who = p->who, .kind = p->kind, .tenant = p->tenant, .now_us = p->now_us};
    TRY(act_actor(w, &a, &r, &actor));
    TRY(sql_message_add(w, x->id, r.id, actor, !by_agent, p->is_note, p->words, p->now_us));
    TRY(journal_add(w, &(struct event){.record = r.id, .at_us = p->now_us, .actor = actor, .verb = p->is_note ? S("note") : S("message"), .from = r.state,
                                       .to = r.state, .for_author = !p->is_note}, &seq));
    str path = str_fmt(x->mem, "message/%.*s", STR_ARG(id_text(x->mem, x->id)));
    for (size_t i = 0; i < p->files.n; i++) {
        const struct file *f = &p->files.v[i];
        TRY(file_row_put(w, x->mem, r.id, path, f->name, f->type, &f->blob, &(int64_t){0}));
    }
    if (p->is_note) return NO_ERR;
    return mail_message(w, x->mem, p->tenant, p->kind, &r, by_agent, p->words, seq, p->now_us);
}

err thread_words_check(str words)
{
    str said = str_trim(words);
    if (!said.n) return FAIL(E_INVALID, W("facets.thread.nothing_said"));
    return utf8_length(said) > WORDS_MAX ? FAIL(E_INVALID, W("facets.thread.too_long")) : NO_ERR;
}

bool message_file_of(str path, int64_t message)
{
    int64_t id;
    return str_starts(path, S("message/")) && id_parse(str_cut(path, 8, path.n), &id).code == OK && id == message;
}

err thread_post(db *d, arena *mem, const struct post *p, int64_t *out_id)
{
    struct posting x = {mem, p, id_new()};
    TRY(thread_words_check(p->words));
    TRY(db_txn(d, post_in_txn, &x));
    *out_id = x.id;
    return NO_ERR;
}

err thread_of(db *d, arena *mem, int64_t record, bool with_notes, struct messages *out)
{
    struct sql_message_rows_row_list rows;
    *out = (struct messages){0};
    TRY(sql_message_rows(d, mem, record, with_notes, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct sql_message_rows_row *m = &rows.v[i];
        PUSH(mem, out, (struct message){m->id, m->record, m->actor, m->created, m->from_author != 0, m->is_note != 0, said_in(m->words, LANG_FR), m->name, said_in(m->capacity, LANG_FR), said_in(m->service, LANG_FR)});
    }
    return NO_ERR;
}
