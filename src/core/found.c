/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/found.h"

#include "base/id.h"
#include "base/utf8.h"
#include "core/receipt.h"
#include "core/sheets.h"
#include "formats/json.h"
#include "gen/sql/core/found.sql.h"
#include "gen/sql/core/tenant.sql.h"

enum { WORDS_MOST = 400, HINT_MOST = 200, KEYWORDS_MOST = 40, SLICE = 50 };

static int by_word(const void *a, const void *b)
{
    const struct weighed *x = a, *y = b;
    int c = str_cmp(x->word, y->word);
    return c ? c : y->weight - x->weight;
}

/* Each word once, with the best of its weights. */
struct weigheds found_weigh(arena *mem, const struct found_doc *doc)
{
    struct weigheds all = {0}, out = {0};
    for (size_t i = 0; i < doc->texts.n; i++) {
        struct strs words_ = found_words(mem, doc->texts.v[i].text);
        for (size_t j = 0; j < words_.n && all.n < WORDS_MOST; j++) PUSH(mem, &all, (struct weighed){words_.v[j], doc->texts.v[i].weight});
    }
    if (all.n) qsort(all.v, all.n, sizeof *all.v, by_word);
    for (size_t i = 0; i < all.n; i++)
        if (!out.n || !str_eq(out.v[out.n - 1].word, all.v[i].word)) PUSH(mem, &out, all.v[i]);
    return out;
}

static err found_remove(db *w, arena *mem, str ref, int64_t *out_id)
{
    struct sql_found_id_row row;
    err e = sql_found_id(w, mem, ref, &row);
    *out_id = e.code == OK ? row.id : 0;
    if (e.code == E_NOT_FOUND) return NO_ERR;
    TRY(e);
    TRY(sql_found_words_remove(w, row.id));
    return sql_found_remove(w, row.id);
}

static str shorter(arena *mem, str s)
{
    str cut = utf8_cut(s, HINT_MOST);
    return cut.n == s.n ? s : str_fmt(mem, "%.*s…", STR_ARG(cut));
}

err found_put(db *w, arena *mem, const struct found_doc *doc)
{
    int64_t id;
    struct weigheds words_ = found_weigh(mem, doc);
    TRY(found_remove(w, mem, doc->ref, &id));
    if (!id) id = id_new();
    TRY(sql_found_add(w, id, doc->ref, doc->type, doc->path, doc->title.v[LANG_FR], doc->title.v[LANG_EN], shorter(mem, doc->hint.v[LANG_FR]),
                      shorter(mem, doc->hint.v[LANG_EN])));
    for (size_t i = 0; i < words_.n; i++) {
        TRY(sql_found_word_add(w, words_.v[i].word, id, WEIGHT_MOST - words_.v[i].weight));
        if (words_.v[i].weight > WEIGHT_THEME) TRY(sql_found_term_add(w, (int64_t)words_.v[i].word.n, words_.v[i].word));
    }
    return NO_ERR;
}

err found_drop(db *w, arena *mem, str ref)
{
    int64_t id;
    return found_remove(w, mem, ref, &id);
}

err found_terms_prune(db *w) { return sql_found_terms_unused(w); }

/* ---- entries ---- */
static str kind_ref(arena *mem, str name) { return str_fmt(mem, "e:%.*s", STR_ARG(name)); }

static void text_add(arena *mem, struct found_doc *doc, str text, int weight)
{
    if (text.n) PUSH(mem, &doc->texts, (struct found_text){text, weight});
}

static void kind_texts(arena *mem, const struct kind *k, enum lang lang, struct found_doc *doc)
{
    const struct theme *theme = theme_named(json_str(k->settings, "theme"));
    struct strs keywords = kind_setting_list(k, NULL, 0, "keywords", lang, mem);
    text_add(mem, doc, k->title.v[lang], WEIGHT_TITLE);
    for (size_t i = 0; i < keywords.n && i < KEYWORDS_MOST; i++) text_add(mem, doc, keywords.v[i], found_words(mem, keywords.v[i]).n == 1 ? WEIGHT_WORD : WEIGHT_KEYWORD);
    if (theme) text_add(mem, doc, words(lang, theme->words), WEIGHT_THEME);
    text_add(mem, doc, kind_setting_text(k, NULL, 0, "audience", lang), WEIGHT_TEXT);
    if (!k->description_is_html) text_add(mem, doc, k->description.v[lang], WEIGHT_TEXT);
}

struct found_doc found_kind_doc(arena *mem, const struct kind *k, str slug)
{
    struct found_doc doc = {.ref = kind_ref(mem, k->name), .type = str_of(offer_name(kind_offer(k))), .title = k->title};
    doc.path = str_is(k->name, "report") ? S("/signaler") : str_fmt(mem, "/demarches/%.*s", STR_ARG(slug));
    if (!k->description_is_html) doc.hint = k->description;
    for (enum lang lang = LANG_FR; lang < LANG_N; lang++) kind_texts(mem, k, lang, &doc);
    return doc;
}

err found_kind_put(db *w, arena *mem, const struct kind *k, str slug)
{
    struct found_doc doc = found_kind_doc(mem, k, slug);
    return found_put(w, mem, &doc);
}

err found_kind_drop(db *w, arena *mem, str name) { return found_drop(w, mem, kind_ref(mem, name)); }
err found_kind_moved(db *w, arena *mem, str name, str slug) { return sql_found_path(w, kind_ref(mem, name), str_fmt(mem, "/demarches/%.*s", STR_ARG(slug))); }

/* ---- made anew ---- */
static err clear_in_txn(db *w, void *arg)
{
    (void)arg;
    TRY(sql_found_clear(w));
    TRY(sql_found_words_clear(w));
    return sql_found_terms_clear(w);
}

struct again { arena *mem; struct kinds *kinds; const struct kind_row *rows; size_t n; };

static err kinds_in_txn(db *w, void *arg)
{
    struct again *a = arg;
    for (size_t i = 0; i < a->n; i++) {
        const struct kind *k;
        if (a->rows[i].status != KIND_PUBLISHED || !str_is(a->rows[i].service, "procedures")) continue;
        TRY(kinds_get(a->kinds, w, a->rows[i].name, a->rows[i].revision, &k));
        TRY(found_kind_put(w, a->mem, k, a->rows[i].slug));
    }
    return NO_ERR;
}

err found_rebuild_tenant(db *d, arena *mem, struct kinds *ks)
{
    struct kind_rows rows;
    TRY(db_txn(d, clear_in_txn, NULL));
    TRY(kind_rows_list(d, mem, S("procedures"), &rows));
    for (size_t at = 0; at < rows.n; at += SLICE)
        TRY(db_txn(d, kinds_in_txn, &(struct again){mem, ks, rows.v + at, rows.n - at < SLICE ? rows.n - at : SLICE}));
    return sheets_found_again(d, mem);
}

err found_rebuild(db *d, arena *mem, const struct going *going)
{
    struct tenant_row_list tenants;
    struct kinds *ks = NULL;
    TRY(sql_tenant_rows(d, mem, &tenants));
    err e = kinds_open(&ks, db_store(d));
    arena *work = arena_new(0);
    for (size_t i = 0; i < tenants.n && e.code == OK; i++) {
        db_bind_tenant(d, tenants.v[i].id);
        arena_reset(work);
        e = going_on(going) ? found_rebuild_tenant(d, work, ks) : FAIL(E_BUSY, "store.closed");
    }
    if (ks) kinds_close(ks);
    arena_free(work);
    return e;
}
