/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/model.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/said.h"
#include "base/utf8.h"
#include "formats/json.h"
#include "gen/sql/core/model.sql.h"

enum { TITLE_MOST = 100, WORDS_MOST = 8000 };

const struct model_name model_names[] = {
    {W("model.word.reference"), W("model.name.reference")}, {W("model.word.person"), W("model.name.person")},
    {W("model.word.procedure"), W("model.name.procedure")}, {W("model.word.state"), W("model.name.state")},
    {W("model.word.filed"), W("model.name.filed")}, {W("model.word.due"), W("model.name.due")},
    {W("model.word.today"), W("model.name.today")}, {W("model.word.agent"), W("model.name.agent")},
    {W("model.word.capacity"), W("model.name.capacity")}, {W("model.word.service"), W("model.name.service")},
    {W("model.word.town"), W("model.name.town")},
    {0}};
enum name { NAME_REFERENCE, NAME_PERSON, NAME_PROCEDURE, NAME_STATE, NAME_FILED, NAME_DUE, NAME_TODAY, NAME_AGENT, NAME_CAPACITY, NAME_SERVICE, NAME_TOWN };

static int name_of(arena *mem, str s)
{
    str folded = str_fold(mem, str_trim(s));
    for (int i = 0; model_names[i].name; i++)
        for (int lang = 0; lang < LANG_N; lang++)
            if (str_eq(folded, str_fold(mem, words((enum lang)lang, model_names[i].name)))) return i;
    return -1;
}

static str value_of(arena *mem, enum name n, const struct model_about *a)
{
    const struct record *r = a->record;
    const struct state *s = kind_state(a->kind, r->state);
    str zone = a->tenant->zone;
    switch (n) {
    case NAME_REFERENCE: return r->reference;
    case NAME_PERSON: return a->person;
    case NAME_PROCEDURE: return text_in(&a->kind->title, a->lang);
    case NAME_STATE: return s ? text_in(&s->title, a->lang) : r->state;
    case NAME_FILED: return words_date_us(mem, a->lang, r->created_us, zone);
    case NAME_DUE: return r->due_us ? words_date_us(mem, a->lang, r->due_us, zone) : STR_NONE;
    case NAME_TODAY: return words_date_us(mem, a->lang, a->now_us, zone);
    case NAME_AGENT: return a->agent;
    case NAME_CAPACITY: return a->capacity;
    case NAME_SERVICE: return a->service;
    case NAME_TOWN: return a->tenant->name;
    }
    return STR_NONE;
}

/* Goes through the {names}; a NULL: only looks whether each is one. *bad: the first that is none. */
static str fill(arena *mem, str text, const struct model_about *a, str *bad)
{
    buf b = BUF(64000);
    *bad = STR_NONE;
    while (text.n) {
        ptrdiff_t at = str_find_char(text, '{'), end = at < 0 ? -1 : str_find_char(str_cut(text, (size_t)at, text.n), '}');
        buf_put(&b, str_cut(text, 0, at < 0 ? text.n : (size_t)at));
        if (at < 0) break;
        str name = end < 0 ? str_cut(text, (size_t)at, text.n) : str_cut(text, (size_t)at + 1, (size_t)(at + end));
        int n = end < 0 ? -1 : name_of(mem, name);
        if (n < 0 && !bad->p) *bad = name;
        if (n >= 0 && a) buf_put(&b, value_of(mem, (enum name)n, a));
        text = end < 0 ? STR_NONE : str_cut(text, (size_t)(at + end) + 1, text.n);
    }
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}

str model_fill(arena *mem, str words, const struct model_about *a)
{
    str bad;
    return fill(mem, words, a, &bad);
}

bool may_model(const struct who *w, int64_t team, str kind)
{
    return who_has(w, ROLE_MANAGER, 0, team, kind);
}

static struct model model_from(const struct model_row *r) { return (struct model){r->id, r->team, r->kind, said_in(r->title, LANG_FR), said_in(r->words, LANG_FR)}; }

/* messages: [{title: …, text: …}], each a text in one or several languages. */
static void own_models(arena *mem, const struct kind *k, enum lang lang, struct models *out)
{
    size_t i;
    json_t *v;
    json_array_foreach(json_object_get(k->settings, "messages"), i, v)
    {
        const json_t *title = json_object_get(v, "title"), *text = json_object_get(v, "text");
        const char *key = lang == LANG_EN ? "en" : "fr";
        str t = json_is_string(title) ? json_text(title) : json_str(title, key), w = json_is_string(text) ? json_text(text) : json_str(text, key);
        if (!t.n) t = said_in(json_str(title, "fr"), LANG_FR);
        if (!w.n) w = said_in(json_str(text, "fr"), LANG_FR);
        if (t.n && w.n) PUSH(mem, out, (struct model){0, 0, k->name, t, w});
    }
}

err models_for(db *d, arena *mem, const struct kind *k, const struct record *r, enum lang lang, struct models *out)
{
    struct model_row_list rows;
    *out = (struct models){0};
    TRY(sql_model_rows_for(d, mem, r->team, r->kind, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out, model_from(&rows.v[i]));
    if (k) own_models(mem, k, lang, out);
    return NO_ERR;
}

err models_of(db *d, arena *mem, const struct who *w, struct models *out)
{
    struct model_row_list rows;
    *out = (struct models){0};
    TRY(sql_model_rows(d, mem, &rows));
    for (size_t i = 0; i < rows.n; i++)
        if (may_model(w, rows.v[i].team, rows.v[i].kind)) PUSH(mem, out, model_from(&rows.v[i]));
    return NO_ERR;
}

err model_get(db *d, arena *mem, const struct who *w, int64_t id, struct model *out)
{
    struct model_row r;
    TRY(sql_model_row_get(d, mem, id, &r));
    *out = model_from(&r);
    return may_model(w, r.team, r.kind) ? NO_ERR : FAIL(E_NOT_FOUND, "rights.not_found");
}

struct model_args { arena *mem; const struct who *w; struct model *m; int64_t id, now_us; };

static err save_in_txn(db *w, void *arg)
{
    struct model_args *x = arg;
    const struct model *m = x->m;
    struct model was;
    int64_t changed;
    if (!m->id) return sql_model_add(w, x->id, m->team, m->kind, m->title, m->words, x->w->account, x->now_us);
    TRY(model_get(w, x->mem, x->w, m->id, &was));
    return sql_model_change(w, m->id, m->team, m->kind, m->title, m->words, x->w->account, x->now_us, &changed);
}

err model_save(db *d, arena *mem, const struct who *w, struct model *m, int64_t now_us)
{
    str bad;
    m->title = str_trim(m->title), m->words = str_trim(m->words);
    if (!m->kind.p) m->kind = S("");
    if (!m->title.n || utf8_length(m->title) > TITLE_MOST) return FAIL_AT(E_INVALID, W("model.bad_title"), "title");
    if (!m->words.n || utf8_length(m->words) > WORDS_MOST) return FAIL_AT(E_INVALID, W("model.bad_words"), "words");
    fill(mem, m->words, NULL, &bad);
    if (bad.p) return FAIL_AT(E_INVALID, W("model.no_such_name"), str_z(mem, str_fmt(mem, "{%.*s}", STR_ARG(bad))));
    if (!may_model(w, m->team, m->kind)) return FAIL_AT(E_DENIED, W("model.not_yours"), "team");
    struct model_args x = {mem, w, m, id_new(), now_us};
    TRY(db_txn(d, save_in_txn, &x));
    if (!m->id) m->id = x.id;
    return NO_ERR;
}

static err remove_in_txn(db *w, void *arg)
{
    struct model_args *x = arg;
    struct model was;
    TRY(model_get(w, x->mem, x->w, x->id, &was));
    return sql_model_remove(w, x->id, &(int64_t){0});
}

err model_remove(db *d, arena *mem, const struct who *w, int64_t id) { return db_txn(d, remove_in_txn, &(struct model_args){.mem = mem, .w = w, .id = id}); }
