/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pages/holder.h"

#include "base/id.h"
#include "core/value_list.h"

#define KEPT_S (7 * 24 * 3600)
#define CODE_KEPT_S 600
#define HELD_MOST 30

static const char *cookie_name(arena *mem, const char *what, str reference)
{
    str flat = letters_normalise(mem, reference);
    buf b = BUF(64);
    buf_lit(&b, what);
    for (size_t i = 0; i < flat.n; i++)
        if (flat.p[i] != '-') buf_char(&b, flat.p[i]);
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s.p;
}

void held_keep(struct req *q, str reference, str token) { cookie_set(q, cookie_name(q->mem, "d_", reference), token, KEPT_S, 0); }
void held_code_keep(struct req *q, str reference, str code) { cookie_set(q, cookie_name(q->mem, "code_", reference), code, CODE_KEPT_S, COOKIE_STRICT); }

/* The cookie is not signed, and its words are repeated in mails of the town: only the code itself is, as it is written. */
str held_code(struct req *q, const struct held *h)
{
    str code = letters_normalise(q->mem, cookie(q, cookie_name(q->mem, "code_", h->reference)));
    return code.n && draft_code_is(q->db, q->mem, h->is_draft ? h->draft.id : h->record.id, code) ? code : STR_NONE;
}

void held_forget(struct req *q, str reference)
{
    cookie_clear(q, cookie_name(q->mem, "d_", reference));
    cookie_clear(q, cookie_name(q->mem, "code_", reference));
}

struct pairs held_here(struct req *q) { return cookies_named(q, "d_", HELD_MOST); }

err held_leave(struct req *q, const struct held *h)
{
    str token = held_token(q);
    if (token.n) TRY(draft_token_end(q->db, h->is_draft ? h->draft.id : h->record.id, token));
    held_forget(q, h->reference);
    return NO_ERR;
}

static bool file_known(void *arg, str id, struct answer_file *out)
{
    struct held *h = arg;
    int64_t n;
    if (id_parse(id, &n).code != OK) return false;
    for (size_t i = 0; i < h->files.n; i++) {
        const struct file *f = &h->files.v[i];
        if (f->id != n) continue;
        *out = (struct answer_file){f->name, f->type, f->size_bytes, str_is(f->state, "ready")};
        return true;
    }
    return false;
}

void held_env(struct req *q, struct held *h)
{
    h->env = (struct answers_env){.lang = q->lang, .zone = q->tenant->zone, .now_us = clock_now_us(), .file = file_known, .file_arg = h};
    h->world = (struct list_world){q->db, q->tenant, q->app->kinds};
    h->env.file_bytes_most = q->app->settings.upload_most_bytes;
    list_env(&h->env, &h->world);
}

str held_token(struct req *q) { return cookie(q, cookie_name(q->mem, "d_", param(q, "ref"))); }

static err holds(struct req *q, int64_t id, int64_t author)
{
    if (author && q->who->account == author) return NO_ERR;
    str token = held_token(q);
    err e = token.n ? draft_holds(q->db, id, token) : FAIL(E_NOT_FOUND, "filling.not_found");
    return e.code == E_NOT_FOUND ? FAIL(E_NOT_FOUND, "filling.not_found") : e;
}

static err held_fill(struct req *q, struct held *h)
{
    int64_t owner = h->is_draft ? h->draft.id : h->record.id;
    TRY(files_of(q->db, q->mem, owner, &h->files));
    str kind = h->is_draft ? h->draft.kind : h->record.kind;
    TRY(kinds_get(q->app->kinds, q->db, kind, h->is_draft ? h->draft.revision : h->record.revision, &h->kind));
    held_env(q, h);
    reply_private(q);
    return NO_ERR;
}

err held_get(struct req *q, struct held *out)
{
    *out = (struct held){0};
    str reference = letters_normalise(q->mem, param(q, "ref"));
    if (!reference.n) return FAIL(E_NOT_FOUND, "filling.not_found");
    out->reference = reference;
    err record = record_by_reference(q->db, q->mem, reference, &out->record);
    if (record.code != OK && record.code != E_NOT_FOUND) return record;
    err draft = draft_by_reference(q->db, q->mem, reference, &out->draft);
    if (draft.code != OK && draft.code != E_NOT_FOUND) return draft;
    out->is_draft = draft.code == OK;
    if (!out->is_draft && record.code != OK) return FAIL(E_NOT_FOUND, "filling.not_found");
    int64_t id = out->is_draft ? out->draft.id : out->record.id, author = out->is_draft ? out->draft.account : out->record.author;
    TRY(holds(q, id, author));
    return held_fill(q, out);
}

err held_draft(struct req *q, struct held *out)
{
    TRY(held_get(q, out));
    return out->is_draft ? NO_ERR : FAIL(E_GONE, "filling.filed");
}

struct strs form_typed(void *arg, arena *mem, str name)
{
    struct strs out = {0};
    fields_all(arg, str_z(mem, name), &out);
    return out;
}

static void buf_drop(void *b) { buf_free(b); }

buf *page_buf(struct req *q, size_t max_bytes)
{
    buf *b = NEW(q->mem, buf);
    *b = BUF(max_bytes);
    arena_defer(q->mem, buf_drop, b);
    return b;
}
