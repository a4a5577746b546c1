/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Words as they are compared: folded, without plural, without the little ones; terms that mean the same. */
#include <pthread.h>

#include "base/id.h"
#include "core/found.h"
#include "core/search.h"
#include "formats/json.h"
#include "gen/sql/core/found.sql.h"
#include "store/change.h"

enum { TERMS_MOST = 12, SYNONYM_BYTES_MOST = 300, SYNONYMS_MOST = 300, MISSES_MOST = 2000, MISS_WORDS_MOST = 4, MISS_BYTES_MOST = 60 };

/* house: words of the language that is searched, compared and never shown */
static const char *const little[] = {
    "a", "ai", "an", "and", "at", "au", "aux", "avec", "avoir", "ce", "ces", "cette", "chez", "comment", "d", "dans", "de", "des", "doit", "dois", "du", "elle", "en", "est", "et", "etre", "faire",
    "faut", "for", "how", "il", "ils", "in", "j", "je", "l", "la", "le", "les", "leur", "ma", "mes", "mon", "m", "my", "n", "ne", "nos", "notre", "nous", "of", "on", "or", "ou", "par", "pas", "peut", "peux",
    "pour", "qu", "quand", "que", "quel", "quelle", "qui", "s", "sa", "se", "ses", "si", "son", "sont", "sur", "the", "to", "tu", "un", "une", "veux", "voudrais", "vos", "votre", "what", "with", "your",
    "vous", "y", NULL};

static bool is_little(str w)
{
    for (size_t i = 0; little[i]; i++)
        if (str_is(w, little[i])) return true;
    return false;
}

str found_stem(arena *mem, str w)
{
    static const struct { const char *many, *one; } odd[] = {{"travaux", "travail"}, {"baux", "bail"}, {"vitraux", "vitrail"}, {"yeux", "oeil"}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (str_is(w, odd[i].many)) return str_of(odd[i].one);
    if (w.n < 4) return w;
    if (str_ends(w, S("eaux"))) return str_cut(w, 0, w.n - 1);
    if (w.n > 4 && str_ends(w, S("aux"))) return str_fmt(mem, "%.*sal", (int)w.n - 3, w.p);
    return str_ends(w, S("s")) || str_ends(w, S("x")) ? str_cut(w, 0, w.n - 1) : w;
}

struct strs found_words(arena *mem, str text)
{
    struct strs all = search_cut(mem, text), out = {0};
    for (size_t i = 0; i < all.n; i++)
        if (!is_little(all.v[i])) PUSH(mem, &out, found_stem(mem, all.v[i]));
    return out;
}

bool found_near(str a, str b)
{
    if (a.n > b.n) return found_near(b, a);
    if (b.n - a.n > 1) return false;
    size_t head = 0, tail = 0;
    while (head < a.n && a.p[head] == b.p[head]) head++;
    while (tail < a.n - head && a.p[a.n - 1 - tail] == b.p[b.n - 1 - tail]) tail++;
    size_t left = a.n - head - tail, right = b.n - head - tail;
    if (left + right <= 1 || (left == 1 && right == 1)) return true;
    return left == 2 && right == 2 && a.p[head] == b.p[head + 1] && a.p[head + 1] == b.p[head];
}

/* ---- terms that mean the same ---- */
static bool group_read(arena *mem, str line, struct synonym_group *out)
{
    *out = (struct synonym_group){0};
    for (str rest = line; rest.p && out->n < TERMS_MOST;) {
        struct term t = {found_words(mem, str_split(rest, ',', &rest))};
        if (t.words.n) PUSH(mem, out, t);
    }
    return out->n > 1;
}

static pthread_once_t shipped_once = PTHREAD_ONCE_INIT;
static struct synonyms shipped;
static arena *shipped_mem;

/* Read once, for good. */
static void shipped_read(void)
{
    arena *mem = shipped_mem = arena_new(0);
    json_t *list;
    const char *text = list_yaml_shipped("synonyms"), *key;
    if (!text || json_parse(mem, str_of(text), &list).code != OK) return;
    json_t *line;
    struct synonym_group g;
    json_object_foreach(json_object_get(list, "items"), key, line)
        if (group_read(mem, json_text(line), &g)) PUSH(mem, &shipped, g);
}

err synonyms_own(db *d, arena *mem, struct synonym_lines *out)
{
    struct sql_synonym_rows_row_list rows = {0};
    *out = (struct synonym_lines){0};
    TRY(sql_synonym_rows(d, mem, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out, (struct synonym_line){rows.v[i].id, rows.v[i].words});
    return NO_ERR;
}

err synonyms_all(db *d, arena *mem, struct synonyms *out)
{
    struct synonym_lines own;
    struct synonym_group g;
    pthread_once(&shipped_once, shipped_read);
    *out = (struct synonyms){0};
    for (size_t i = 0; shipped_mem && i < shipped.n; i++) PUSH(mem, out, shipped.v[i]);
    TRY(synonyms_own(d, mem, &own));
    for (size_t i = 0; i < own.n; i++)
        if (group_read(mem, own.v[i].words, &g)) PUSH(mem, out, g);
    return NO_ERR;
}

struct synonym_write { arena *mem; int64_t id; str words; };

static err synonym_in_txn(db *w, void *arg)
{
    struct synonym_write *s = arg;
    struct sql_synonym_count_row row;
    if (!s->words.n) return sql_synonym_delete(w, s->id);
    TRY(sql_synonym_count(w, s->mem, &row));
    if (row.n >= SYNONYMS_MOST) return FAIL_AT(E_INVALID, W("synonym.too_many"), "words");
    return sql_synonym_insert(w, s->id, s->words);
}

err synonym_add(db *d, arena *mem, str words_)
{
    struct synonym_group g;
    str line = str_trim(words_);
    if (line.n > SYNONYM_BYTES_MOST) return FAIL_AT(E_INVALID, W("synonym.too_long"), "words");
    if (!group_read(mem, line, &g)) return FAIL_AT(E_INVALID, W("synonym.two"), "words");
    return db_txn(d, synonym_in_txn, &(struct synonym_write){mem, id_new(), line});
}

err synonym_remove(db *d, int64_t id) { return db_txn(d, synonym_in_txn, &(struct synonym_write){.id = id}); }

/* ---- what nobody could answer ---- */
struct miss_write { arena *mem; str words; int64_t now_us; };

static err miss_in_txn(db *w, void *arg)
{
    struct miss_write *m = arg;
    struct sql_miss_count_row row;
    int64_t changed;
    TRY(sql_miss_old(w, m->now_us - MISS_KEPT_US));
    TRY(sql_miss_count(w, m->mem, &row));
    return row.n < MISSES_MOST ? sql_miss_add(w, m->words, m->now_us, &changed) : NO_ERR;
}

err miss_note(db *d, arena *mem, str typed, int64_t now_us)
{
    struct strs words_ = search_cut(mem, typed);
    if (!words_.n || words_.n > MISS_WORDS_MOST || str_find_char(typed, '@') >= 0) return NO_ERR;
    for (size_t i = 0; i < typed.n; i++)
        if (typed.p[i] >= '0' && typed.p[i] <= '9') return NO_ERR;
    str line = str_join(mem, words_, S(" "));
    if (line.n < 2 || line.n > MISS_BYTES_MOST) return NO_ERR;
    return db_txn_own(d, miss_in_txn, &(struct miss_write){mem, line, now_us});
}

err misses_list(db *d, arena *mem, int64_t now_us, struct misses *out)
{
    struct sql_miss_rows_row_list rows = {0};
    *out = (struct misses){0};
    TRY(sql_miss_rows(d, mem, MISS_SHOWN_FROM, now_us - MISS_KEPT_US, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out, (struct miss){rows.v[i].words, rows.v[i].n, rows.v[i].last});
    return NO_ERR;
}

static err forget_in_txn(db *w, void *arg) { return sql_miss_delete(w, *(str *)arg); }
err miss_forget(db *d, str words_) { return db_txn(d, forget_in_txn, &words_); }
