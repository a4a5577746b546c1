/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mkwords OUT.c po/LANG/AREA.po … -- SOURCE …  Catalogues to a C table (base/words_table.h), after checking that every key the
   sources use is in each language with the same {names}, and that calls give those names. Sources: .c and .html; *_test.c are left out.
   At fault: the list on stderr and exit 1. A key nobody uses is one. */
#include <ctype.h>
#include <gettext-po.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/words_table.h"

struct key {
    const char *name;
    str text[LANG_N];
    const char *file[LANG_N];
    bool used, plural;                  /* plural: one of key.one, key.other */
};
static struct { struct key *v; size_t n; } keys;
static arena *mem;
static int faults;

static void fault(const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void fault(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (line) fprintf(stderr, "%s:%d: ", file, line);
    else fprintf(stderr, "%s: ", file);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    faults++;
}

/* ---- catalogues ---- */

static struct key *key_find(const char *name)
{
    for (size_t i = 0; i < keys.n; i++)
        if (strcmp(keys.v[i].name, name) == 0) return &keys.v[i];
    return NULL;
}

static bool utf8_at(const char *p, size_t left, const char *what) { return left >= strlen(what) && memcmp(p, what, strlen(what)) == 0; }

/* Typed plainly, shown properly: ’ between letters; in French, no-break spaces where typography wants them
   (narrow before ; ! ? and inside « », full before : and % and €). */
static str typography(const char *z, enum lang lang)
{
    buf b = BUF(1 << 20);
    size_t n = strlen(z);
    for (size_t i = 0; i < n; i++) {
        const char *next = z + i + 1;
        size_t left = n - i - 1;
        bool fr = lang == LANG_FR;
        if (z[i] == '\'' && i && (isalpha((unsigned char)z[i - 1]) || (z[i - 1] & 0x80))) buf_lit(&b, "’");
        else if (z[i] == ' ' && fr && left && strchr(";!?", *next)) buf_lit(&b, "\u202f");
        else if (z[i] == ' ' && fr && (utf8_at(next, left, "»") || (i >= 2 && utf8_at(z + i - 2, 2, "«")))) buf_lit(&b, "\u202f");
        else if (z[i] == ' ' && fr && (utf8_at(next, left, ":") || utf8_at(next, left, "%") || utf8_at(next, left, "€"))) buf_lit(&b, "\u00a0");
        else buf_char(&b, z[i]);
    }
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}

static void entry_add(const char *file, enum lang lang, const char *name, const char *text, bool plural)
{
    struct key *k = key_find(name);
    if (!text || !*text) {
        fault(file, 0, "%s has no words", name);
        return;
    }
    if (!k) {
        PUSH(mem, &keys, (struct key){.name = str_z(mem, str_of(name)), .plural = plural});
        k = &keys.v[keys.n - 1];
    }
    if (k->text[lang].p) fault(file, 0, "%s is in %s too", name, k->file[lang]);
    k->text[lang] = typography(text, lang);
    k->file[lang] = file;
}

static void po_problem(int severity, po_message_t m, const char *file, size_t line, size_t column, int multiline, const char *text)
{
    (void)m; (void)column; (void)multiline;
    fault(file ? file : "po", line == (size_t)-1 ? 0 : (int)line, "%s", text);
    if (severity == PO_SEVERITY_FATAL_ERROR) exit(1);
}

static void po_problem2(int severity, po_message_t m, const char *file, size_t line, size_t column, int multiline, const char *text,
                        po_message_t m2, const char *file2, size_t line2, size_t column2, int multiline2, const char *text2)
{
    (void)m2; (void)file2; (void)line2; (void)column2; (void)multiline2; (void)text2;
    po_problem(severity, m, file, line, column, multiline, text);
}

static void message_read(const char *file, enum lang lang, po_message_t m)
{
    const char *id = po_message_msgid(m);
    if (!*id || po_message_is_obsolete(m)) return;
    if (po_message_is_fuzzy(m)) fault(file, 0, "%s is marked fuzzy", id);
    if (!strchr(id, '.') || id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_.")]) fault(file, 0, "\"%s\" is no key: area.place.thing", id);
    if (!po_message_msgid_plural(m)) {
        entry_add(file, lang, id, po_message_msgstr(m), false);
        return;
    }
    entry_add(file, lang, str_fmt(mem, "%s.one", id).p, po_message_msgstr_plural(m, 0), true);
    entry_add(file, lang, str_fmt(mem, "%s.other", id).p, po_message_msgstr_plural(m, 1), true);
}

static void catalogue_read(const char *file)
{
    static const struct po_xerror_handler handler = {po_problem, po_problem2};
    enum lang lang;
    if (strstr(file, "/fr/")) lang = LANG_FR;
    else if (strstr(file, "/en/")) lang = LANG_EN;
    else {
        fault(file, 0, "stands neither in po/fr nor in po/en");
        return;
    }
    po_file_t po = po_file_read(file, &handler);
    if (!po) {
        fault(file, 0, "cannot be read");
        return;
    }
    po_message_iterator_t it = po_message_iterator(po, NULL);
    for (po_message_t m; (m = po_next_message(it)) != NULL;) message_read(file, lang, m);
    po_message_iterator_free(it);
    po_file_free(po);
}

/* ---- names: {name} and [label](name) ---- */

static struct strs names_of(str text)
{
    struct strs out = {0};
    for (size_t i = 0; i < text.n; i++) {
        size_t from = 0;
        char end = 0;
        if (text.p[i] == '{') from = i + 1, end = '}';
        else if (text.p[i] == ']' && i + 1 < text.n && text.p[i + 1] == '(') from = i + 2, end = ')';
        if (!end) continue;
        ptrdiff_t n = str_find_char(str_cut(text, from, text.n), end);
        if (n < 0) continue;
        str name = str_cut(text, from, from + (size_t)n);
        bool known = false;
        for (size_t j = 0; j < out.n; j++) known |= str_eq(out.v[j], name);
        if (!known) PUSH(mem, &out, name);
    }
    return out;
}

static bool names_in(struct strs all, str name)
{
    for (size_t i = 0; i < all.n; i++)
        if (str_eq(all.v[i], name)) return true;
    return false;
}

static void keys_compare(void)
{
    static const char *const lang_name[] = {"French", "English"};
    for (size_t i = 0; i < keys.n; i++) {
        struct key *k = &keys.v[i];
        for (int l = 0; l < LANG_N; l++)
            if (!k->text[l].p) fault(k->file[1 - l], 0, "%s has no %s words", k->name, lang_name[l]);
        if (!k->text[0].p || !k->text[1].p) continue;
        struct strs a = names_of(k->text[0]), b = names_of(k->text[1]);
        for (size_t j = 0; j < a.n; j++)
            if (!names_in(b, a.v[j]) && !k->plural) fault(k->file[1], 0, "%s: {%.*s} is missing in English", k->name, STR_ARG(a.v[j]));
        for (size_t j = 0; j < b.n; j++)
            if (!names_in(a, b.v[j]) && !k->plural) fault(k->file[0], 0, "%s: {%.*s} is missing in French", k->name, STR_ARG(b.v[j]));
    }
}

/* ---- use ---- */

static bool key_shaped(str s)
{
    bool dot = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '.') dot = true;
        else if (!islower((unsigned char)c) && !isdigit((unsigned char)c) && c != '_') return false;
    }
    return dot;
}

/* given: names that the call gives; NULL when that cannot be known. */
static void use(const char *file, int line, str name, bool count, const struct strs *given)
{
    const char *z = str_z(mem, name);
    if (!key_shaped(name)) {
        fault(file, line, "\"%s\" is no key of the catalogue", z);
        return;
    }
    struct key *k = count ? NULL : key_find(z);
    struct key *one = k ? NULL : key_find(str_fmt(mem, "%s.one", z).p), *other = k ? NULL : key_find(str_fmt(mem, "%s.other", z).p);
    if (!k && !(one && other)) {
        fault(file, line, "\"%s\" is not in po/fr and po/en%s", z, count ? " with a plural" : "");
        return;
    }
    if (k) k->used = true;
    else one->used = other->used = true;
    if (!k || !given || !k->text[LANG_FR].p) return;
    struct strs wants = names_of(k->text[LANG_FR]);
    for (size_t i = 0; i < wants.n; i++)
        if (!names_in(*given, wants.v[i])) fault(file, line, "\"%s\" wants {%.*s}, which is not given", z, STR_ARG(wants.v[i]));
    for (size_t i = 0; i < given->n; i++)
        if (!names_in(wants, given->v[i])) fault(file, line, "\"%s\" has no {%.*s}", z, STR_ARG(given->v[i]));
}

/* Blanks out comments, keeping lines. */
static void comments_blank(char *s)
{
    for (char *p = s; *p; p++) {
        if (*p == '"' || *p == '\'') {
            char q = *p;
            for (p++; *p && *p != q; p++)
                if (*p == '\\' && p[1]) p++;
            if (!*p) return;
        } else if (p[0] == '/' && (p[1] == '/' || p[1] == '*')) {
            bool block = p[1] == '*';
            for (; *p && !(block ? p[0] == '*' && p[1] == '/' : *p == '\n'); p++)
                if (*p != '\n') *p = ' ';
            if (*p && block) p[0] = p[1] = ' ';
            if (!*p) return;
        }
    }
}

static const struct call { const char *name; int key_arg; bool count, fill; } calls[] = {
    {"W", 0, false, false}, {"FAIL", 1, false, false}, {"FAIL_AT", 1, false, false}, {"words", 1, false, false},
    {"words_fill", 2, false, true}, {"words_count", 2, true, false}, {"html_rich", 1, false, true}};

/* A key that stands in a table, or goes through a variable: used, whatever for. */
static void literal_read(str s)
{
    for (size_t i = 0; i < keys.n; i++)
        if (str_eq(str_of(keys.v[i].name), s)) keys.v[i].used = true;
}

/* The literals of one call, p after its opening parenthesis: those of argument key_arg are keys; of words_fill, every second one after
   it is a name. */
static void call_read(const char *file, int line, const struct call *c, const char *p)
{
    struct strs found = {0}, given = {0};
    int arg = 0, depth = 0;
    bool known = true;
    for (; *p && !(*p == ')' && depth == 0); p++) {
        if (*p == '(' || *p == '{' || *p == '[') depth++;
        else if (*p == ')' || *p == '}' || *p == ']') depth--;
        else if (*p == ',' && depth == 0) arg++;
        else if (*p == '"') {
            const char *from = ++p;
            while (*p && *p != '"') p += *p == '\\' ? 2 : 1;
            str s = {from, (size_t)(p - from)};
            if (arg == c->key_arg && (depth == 0 || key_shaped(s))) PUSH(mem, &found, s);
            else if (c->fill && depth == 0 && arg > c->key_arg && (arg - c->key_arg) % 2 == 1) PUSH(mem, &given, s);
        } else if (*p == '\'') {
            for (p++; *p && *p != '\''; p++)
                if (*p == '\\') p++;
        }
    }
    if (c->fill && given.n != (size_t)((arg - c->key_arg) / 2)) known = false;
    for (size_t i = 0; i < found.n; i++) use(file, line, found.v[i], c->count, c->fill && known ? &given : NULL);
}

static void c_read(const char *file, char *text)
{
    comments_blank(text);
    int line = 1;
    for (char *p = text; *p; p++) {
        if (*p == '\n') line++;
        if (*p == '"' || *p == '\'') {
            char q = *p, *from = ++p;
            for (; *p && *p != q; p++)
                if (*p == '\\' && p[1]) p++;
            if (!*p) return;
            if (q == '"' && key_shaped((str){from, (size_t)(p - from)})) literal_read((str){from, (size_t)(p - from)});
            continue;
        }
        if (!isalpha((unsigned char)*p) || (p > text && (isalnum((unsigned char)p[-1]) || p[-1] == '_'))) continue;
        size_t n = 0;
        while (isalnum((unsigned char)p[n]) || p[n] == '_') n++;
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
            if (p[n] == '(' && strlen(calls[i].name) == n && memcmp(p, calls[i].name, n) == 0) call_read(file, line, &calls[i], p + n + 1);
        p += n - 1;
    }
}

/* A template: {{t key name=…}}, {{rich …}}, {{layout key …}}, {{count key …}}, and t:key anywhere in a tag. */
static void tag_read(const char *file, int line, str tag)
{
    str rest, word = str_split(str_trim(tag), ' ', &rest);
    bool count = str_is(word, "count"), plain = str_is(word, "t") || str_is(word, "rich") || str_is(word, "layout");
    rest = str_trim(rest);
    if ((count || plain) && rest.n && rest.p[0] != '(') {
        struct strs given = {0};
        str args, key = str_split(rest, ' ', &args);
        for (size_t i = 1; i < args.n; i++) {
            if (args.p[i] != '=' || args.p[i - 1] == '=' || args.p[i - 1] == '!') continue;
            size_t from = i;
            while (from && (isalnum((unsigned char)args.p[from - 1]) || args.p[from - 1] == '_')) from--;
            if (from < i && (from == 0 || args.p[from - 1] == ' ')) PUSH(mem, &given, str_cut(args, from, i));
        }
        use(file, line, key, count, count ? NULL : &given);
    }
    for (ptrdiff_t at; (at = str_find(tag, S("=t:"))) >= 0;) {
        tag = str_cut(tag, (size_t)at + 3, tag.n);
        size_t n = 0;
        while (n < tag.n && (key_shaped(str_cut(tag, n, n + 1)) || islower((unsigned char)tag.p[n]) || isdigit((unsigned char)tag.p[n]) || tag.p[n] == '_')) n++;
        if (n) use(file, line, str_cut(tag, 0, n), false, NULL);
    }
}

static void html_read(const char *file, str text)
{
    int line = 1;
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (text.p[i] == '\n') line++;
        if (text.p[i] != '{' || text.p[i + 1] != '{') continue;
        ptrdiff_t n = str_find(str_cut(text, i, text.n), S("}}"));
        if (n < 0) return;
        tag_read(file, line, str_cut(text, i + 2, i + (size_t)n));
    }
}

static void source_read(const char *file)
{
    str name = str_of(file);
    if (str_ends(name, S("_test.c"))) return;
    FILE *f = fopen(file, "r");
    if (!f) {
        fault(file, 0, "cannot be read");
        return;
    }
    buf b = BUF(16 << 20);
    char block[8192];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) buf_put(&b, (str){block, n});
    fclose(f);
    char *text = (char *)(uintptr_t)str_z(mem, buf_str(&b));
    if (str_ends(name, S(".html"))) html_read(file, buf_str(&b));
    else c_read(file, text);
    buf_free(&b);
}

/* ---- output ---- */

static int by_name(const void *a, const void *b) { return strcmp(((const struct key *)a)->name, ((const struct key *)b)->name); }

static void literal(FILE *f, str s)
{
    fputs("{\"", f);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\') fprintf(f, "\\%c", s.p[i]);
        else if (s.p[i] == '\n') fputs("\\n", f);
        else fputc(s.p[i], f);
    }
    fprintf(f, "\", %zu}", s.n);
}

static void table_write(FILE *f)
{
    size_t slots = 16;
    while (slots < keys.n * 2) slots *= 2;
    unsigned *slot = NEW_N(mem, unsigned, slots);
    fputs("/* Made by mkwords from po/ */\n#include \"base/words_table.h\"\n\nconst struct word_entry word_entries[] = {\n", f);
    for (size_t i = 0; i < keys.n; i++) {
        fprintf(f, "    {\"%s\", {", keys.v[i].name);
        literal(f, keys.v[i].text[LANG_FR]);
        fputs(", ", f);
        literal(f, keys.v[i].text[LANG_EN]);
        fputs("}},\n", f);
        size_t at = word_hash(keys.v[i].name) & (slots - 1);
        while (slot[at]) at = (at + 1) & (slots - 1);
        slot[at] = (unsigned)i + 1;
    }
    fprintf(f, "    {0}\n};\nconst size_t word_entries_n = %zu;\nconst uint32_t word_slots_mask = %zu;\nconst uint16_t word_slots[] = {", keys.n, slots - 1);
    for (size_t i = 0; i < slots; i++) fprintf(f, "%s%u,", i % 24 ? "" : "\n    ", slot[i]);
    fputs("\n};\n", f);
}

int main(int argc, char **argv)
{
    mem = arena_new(0);
    int i = 2;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) catalogue_read(argv[i]);
    if (argc < 3 || i >= argc) {
        fputs("usage: mkwords OUT.c po/LANG/AREA.po … -- SOURCE …\n", stderr);
        return 2;
    }
    keys_compare();
    for (i++; i < argc; i++) source_read(argv[i]);
    if (keys.n) qsort(keys.v, keys.n, sizeof *keys.v, by_name);
    for (size_t k = 0; k < keys.n; k++)
        if (!keys.v[k].used) fault(keys.v[k].name, 0, "nobody uses it");
    if (faults) return 1;
    FILE *f = fopen(argv[1], "w");
    if (!f) {
        perror(argv[1]);
        return 1;
    }
    table_write(f);
    if (fclose(f)) {
        perror(argv[1]);
        return 1;
    }
    arena_free(mem);
    return 0;
}
