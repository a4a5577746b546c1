/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_house floors|sizes|banned|licence|all [ROOT] — reads the sources under ROOT (.) and says what breaks the house's rules:
     floors    includes go down, services never meet (DESIGN §4, docs/decisions)
     sizes     files ≤ 600 lines (never above 1000), functions ≤ 60 (100), public headers ≤ 150; prints the longest
     banned    calls that are refused, malloc outside its folders, SQL and French in C strings
     licence   the SPDX line
   A line that must break `banned` says why in a comment, there or on the line above: "house: …". Exit code 1 when something is at fault.
   It reads C as tokens, not as a grammar: enough for these rules, and it never needs the flags of a compiler. */
#include <dirent.h>
#include <sys/stat.h>
#include "base/arena.h"
#include "base/str.h"

#define FILE_LINES_WARN 600
#define FILE_LINES_MAX 1000
#define FUNCTION_LINES_WARN 60
#define FUNCTION_LINES_MAX 100
#define HEADER_LINES_MAX 150

struct source { str path, text; };      /* path from ROOT */
struct sources { struct source *v; size_t n; };

static arena *mem;
static int faults, warnings;

static void fault(str path, int line, str what)
{
    faults++;
    printf("%.*s:%d: %.*s\n", STR_ARG(path), line, STR_ARG(what));
}

/* ---- files ----------------------------------------------------------------------------------------------------- */
static str file_text(str path)
{
    FILE *f = fopen(str_z(mem, path), "rb");
    if (!f) return STR_NONE;
    size_t n = 0, cap = 65536;
    char *p = arena_alloc(mem, cap);
    for (size_t k; (k = fread(p + n, 1, cap - n - 1, f)) > 0;) {
        n += k;
        if (n + 1 == cap) {
            p = arena_grow(mem, p, cap, cap * 2);
            cap *= 2;
        }
    }
    fclose(f);
    return (str){p, n};
}

static bool is_source(str name)
{
    static const char *const ends[] = {".c", ".h", ".sql", ".html", ".css", ".js", ".mjs", ".sh", ".yaml", ".po"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_ends(name, str_of(ends[i]))) return true;
    return false;
}

static void walk(struct sources *out, str root, str folder)
{
    DIR *d = opendir(str_z(mem, str_fmt(mem, "%.*s/%.*s", STR_ARG(root), STR_ARG(folder))));
    if (!d) return;
    for (struct dirent *e; (e = readdir(d));) {
        str name = str_of(e->d_name), path = str_fmt(mem, "%.*s/%s", STR_ARG(folder), e->d_name);
        struct stat st;
        if (name.p[0] == '.' || str_is(name, "node_modules") || str_is(name, "output") || str_is(name, "corpus")) continue;
        if (stat(str_z(mem, str_fmt(mem, "%.*s/%.*s", STR_ARG(root), STR_ARG(path))), &st) != 0) continue;
        if (S_ISDIR(st.st_mode)) {
            walk(out, root, path);
        } else if (is_source(name)) {
            struct source s = {str_copy(mem, path), file_text(str_fmt(mem, "%.*s/%.*s", STR_ARG(root), STR_ARG(path)))};
            PUSH(mem, out, s);
        }
    }
    closedir(d);
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct source *)a)->path, ((const struct source *)b)->path);
}

static bool is_c(str path)
{
    return str_ends(path, S(".c")) || str_ends(path, S(".h"));
}

static bool is_test(str path)
{
    return str_starts(path, S("tests/")) || str_ends(path, S("_test.c")) || str_is(path, "src/base/test.h");
}

/* ---- C as tokens ----------------------------------------------------------------------------------------------- */
enum token_kind { T_END, T_NAME, T_STRING, T_SIGN, T_OTHER };
struct token { enum token_kind kind; str text; int line; bool waived; };      /* of a string: what stands between the quotes */
struct lexer { str s; size_t at; int line, waived_line; bool line_start; };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char at(const struct lexer *l, size_t ahead)
{
    return l->at + ahead < l->s.n ? l->s.p[l->at + ahead] : 0;
}

static void skip_comment(struct lexer *l)
{
    size_t from = l->at;
    bool block = at(l, 1) == '*';
    for (l->at += 2; l->at < l->s.n; l->at++) {
        if (!block && at(l, 0) == '\n') break;
        if (at(l, 0) == '\n') l->line++;
        if (block && at(l, 0) == '*' && at(l, 1) == '/') {
            l->at += 2;
            break;
        }
    }
    if (str_find(str_cut(l->s, from, l->at), S("house: ")) >= 0) l->waived_line = l->line;
}

/* Past blanks, comments and preprocessor lines; includes are read elsewhere. */
static void skip_blank(struct lexer *l)
{
    for (;;) {
        char c = at(l, 0);
        if (c == '\n') {
            l->line++;
            l->line_start = true;
            l->at++;
        } else if (c == ' ' || c == '\t' || c == '\r' || (c == '\\' && at(l, 1) == '\n')) {
            l->at++;
        } else if (c == '/' && (at(l, 1) == '*' || at(l, 1) == '/')) {
            skip_comment(l);
        } else if (c == '#' && l->line_start && (str_starts(str_cut(l->s, l->at, l->s.n), S("#include")) ||
                                                 str_starts(str_cut(l->s, l->at, l->s.n), S("#pragma")))) {
            while (l->at < l->s.n && at(l, 0) != '\n') l->at++;
        } else {
            return;
        }
    }
}

static struct token quoted(struct lexer *l, char quote)
{
    struct token t = {quote == '"' ? T_STRING : T_OTHER, STR_NONE, l->line, false};
    size_t from = ++l->at;
    while (l->at < l->s.n && at(l, 0) != quote && at(l, 0) != '\n') l->at += at(l, 0) == '\\' ? 2 : 1;
    t.text = str_cut(l->s, from, l->at);
    if (l->at < l->s.n) l->at++;
    return t;
}

/* The waiver stands on the line above or at the end of the same line, so the rest of the line is looked at. */
static bool waived_here(const struct lexer *l)
{
    str rest = str_cut(l->s, l->at, l->s.n), line;
    line = str_split(rest, '\n', &rest);
    return (l->waived_line && l->line - l->waived_line <= 1) || str_find(line, S("house: ")) >= 0;
}

static struct token next(struct lexer *l)
{
    skip_blank(l);
    struct token t = {T_END, STR_NONE, l->line, false};
    if (l->at >= l->s.n) return t;
    l->line_start = false;
    char c = at(l, 0);
    size_t from = l->at;
    if (c == '"' || c == '\'') {
        t = quoted(l, c);
    } else if (is_letter(c)) {
        while (is_letter(at(l, 0)) || (at(l, 0) >= '0' && at(l, 0) <= '9')) l->at++;
        t.kind = T_NAME;
        t.text = str_cut(l->s, from, l->at);
    } else if (c >= '0' && c <= '9') {
        while (is_letter(at(l, 0)) || (at(l, 0) >= '0' && at(l, 0) <= '9') || at(l, 0) == '.') l->at++;
        t.kind = T_OTHER;
        t.text = str_cut(l->s, from, l->at);
    } else {
        l->at++;
        t.kind = T_SIGN;
        t.text = str_cut(l->s, from, l->at);
    }
    t.waived = waived_here(l);
    return t;
}

/* ---- floors ---------------------------------------------------------------------------------------------------- */
struct floor { const char *folder; int level; };
static const struct floor house[] = {
    {"base", 0},   {"store", 1}, {"formats", 1}, {"rules", 1},    {"process", 1}, {"web", 2},
    {"view", 2},   {"core", 3},  {"facets", 4},  {"pages", 5},    {"services", 6}, {"site", 7},
    {"main", 8},   {"", 8},
};

static const struct floor *floor_of(str folder)
{
    str rest, first = str_split(folder, '/', &rest);
    for (size_t i = 0; i < sizeof house / sizeof *house; i++)
        if (str_is(first, house[i].folder)) return &house[i];
    return NULL;
}

static str folder_of(str path)
{
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/') return str_cut(path, 0, i - 1);
    return STR_NONE;
}

/* "reports" of "services/reports/x.h"; absent elsewhere. */
static str service_of(str folder)
{
    str rest, name;
    if (!str_starts(folder, S("services/"))) return STR_NONE;
    name = str_split(str_cut(folder, 9, folder.n), '/', &rest);
    return name;
}

/* A generated header stands on the floor of what it was made from. */
static str include_folder(str path)
{
    if (!str_starts(path, S("gen/"))) return folder_of(path);
    str name = str_cut(path, 4, path.n);
    if (str_starts(name, S("sql/"))) return folder_of(str_cut(name, 4, name.n));
    if (str_starts(name, S("html/"))) return folder_of(str_cut(name, 5, name.n));
    if (str_starts(name, S("kinds"))) return S("core");
    if (str_starts(name, S("migrations")) || str_starts(name, S("statements"))) return S("store");
    if (str_starts(name, S("assets"))) return S("web");
    return S("base");
}

static const char *why_not(str from, str to)
{
    const struct floor *f = floor_of(from), *t = floor_of(to);
    if (!t) return "no floor of the house has this folder";
    if (str_starts(to, S("tests/"))) return NULL;
    if (t->level > f->level) return "goes up";
    str mine = service_of(from), theirs = service_of(to);
    if (mine.n && theirs.n && !str_eq(mine, theirs)) return "services never meet";
    if (f->level == 7 && t->level == 6) return "the site reaches services only through the core";
    if (f->level == 3 && t->level == 2) return "the core knows no HTTP";
    if (f->level == 4 && t->level == 2) return "facets know no HTTP";
    bool reads = str_is(from, "rules") || str_is(from, "formats");       /* importers check the conditions they read */
    if (reads && !(str_is(to, "rules") || str_is(to, "formats") || str_is(to, "base"))) return "rules and formats know base and one another only";
    if (str_starts(from, S("store")) && !(str_starts(to, S("store")) || str_is(to, "base"))) return "the store knows base only";
    return NULL;
}

static void check_floors(const struct sources *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct source *s = &all->v[i];
        if (!is_c(s->path) || !str_starts(s->path, S("src/"))) continue;
        str folder = folder_of(str_cut(s->path, 4, s->path.n)), rest = s->text;
        if (!floor_of(folder)) fault(s->path, 1, S("this folder is on no floor of the house: see tools/check_house.c"));
        if (!floor_of(folder)) continue;
        for (int line = 1; rest.n; line++) {
            str text = str_split(rest, '\n', &rest);
            if (!str_starts(text, S("#include \""))) continue;
            str after, path = str_split(str_cut(text, 10, text.n), '"', &after);
            str to = str_find_char(path, '/') < 0 ? folder : include_folder(path);
            if (is_test(s->path) && str_find_char(path, '/') < 0) continue;       /* tests/support is on their path */
            const char *why = why_not(folder, to);
            if (why) fault(s->path, line, str_fmt(mem, "includes %.*s: %s", STR_ARG(path), why));
        }
    }
}

/* ---- sizes ----------------------------------------------------------------------------------------------------- */
struct measure { str path, name; int line, lines; };
struct measures { struct measure *v; size_t n; };

static int by_lines(const void *a, const void *b)
{
    return ((const struct measure *)b)->lines - ((const struct measure *)a)->lines;
}

static void measure_functions(const struct source *s, struct measures *out)
{
    struct lexer l = {s->text, 0, 1, 0, true};
    int depth = 0, parens = 0;
    struct token before = {0}, name = {0};
    struct measure open = {0};
    bool after_parens = false;
    for (struct token t = next(&l); t.kind != T_END; before = t, t = next(&l)) {
        if (t.kind == T_SIGN && t.text.p[0] == '(') {
            if (depth == 0 && parens == 0 && before.kind == T_NAME && !str_is(before.text, "__attribute__")) name = before;
            parens++;
        } else if (t.kind == T_SIGN && t.text.p[0] == ')') {
            parens--;
            after_parens = true;
        } else if (t.kind == T_SIGN && t.text.p[0] == '{') {
            if (depth++ == 0) open = after_parens ? (struct measure){s->path, name.text, t.line, 0} : (struct measure){0};
        } else if (t.kind == T_SIGN && t.text.p[0] == '}') {
            if (--depth == 0 && open.name.n) {
                open.lines = t.line - open.line + 1;
                PUSH(mem, out, open);
            }
            if (depth < 0) depth = 0;
        } else if (depth == 0 && t.kind == T_SIGN && (t.text.p[0] == '=' || t.text.p[0] == ';')) {
            after_parens = false;
        }
        if (depth == 0 && t.kind == T_SIGN && (t.text.p[0] == ';' || t.text.p[0] == '}')) after_parens = false;
    }
}

static int count_lines(str text)
{
    int n = 0;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n + (text.n && text.p[text.n - 1] != '\n');
}

static void say_longest(const char *what, struct measures *m, int warn, int max)
{
    qsort(m->v, m->n, sizeof *m->v, by_lines);
    for (size_t i = 0; i < m->n; i++) {
        const struct measure *x = &m->v[i];
        str label = x->name.n ? str_fmt(mem, "%.*s (%s)", STR_ARG(x->name), what) : str_of(what);
        if (x->lines > max) fault(x->path, x->line, str_fmt(mem, "%.*s has %d lines, more than %d", STR_ARG(label), x->lines, max));
        else if (x->lines > warn) {
            warnings++;
            printf("%.*s:%d: warning: %.*s has %d lines, %d would be better\n", STR_ARG(x->path), x->line, STR_ARG(label), x->lines, warn);
        }
    }
    printf("longest of %zu %ss:", m->n, what);
    for (size_t i = 0; i < m->n && i < 4; i++) {
        str label = m->v[i].name.n ? m->v[i].name : m->v[i].path;
        printf("%s %.*s %d", i ? "," : "", STR_ARG(label), m->v[i].lines);
    }
    printf("\n");
}

/* A header that nobody outside its folder includes is not public. */
static bool is_public(const struct sources *all, str header)
{
    str line = str_fmt(mem, "#include \"%.*s\"", STR_ARG(str_cut(header, 4, header.n)));
    for (size_t i = 0; i < all->n; i++) {
        const struct source *s = &all->v[i];
        if (!str_eq(folder_of(s->path), folder_of(header)) && str_find(s->text, line) >= 0) return true;
    }
    return false;
}

static void check_sizes(const struct sources *all)
{
    struct measures files = {0}, functions = {0}, headers = {0};
    for (size_t i = 0; i < all->n; i++) {
        const struct source *s = &all->v[i];
        if (str_ends(s->path, S(".yaml")) || str_ends(s->path, S(".po"))) continue;       /* lists, not programs */
        struct measure m = {s->path, STR_NONE, 1, count_lines(s->text)};
        if (str_ends(s->path, S(".h")) && str_starts(s->path, S("src/")) && is_public(all, s->path)) PUSH(mem, &headers, m);
        else PUSH(mem, &files, m);
        if (str_ends(s->path, S(".c"))) measure_functions(s, &functions);
    }
    say_longest("file", &files, FILE_LINES_WARN, FILE_LINES_MAX);
    say_longest("function", &functions, FUNCTION_LINES_WARN, FUNCTION_LINES_MAX);
    say_longest("public header", &headers, HEADER_LINES_MAX, HEADER_LINES_MAX);
}

/* ---- banned ---------------------------------------------------------------------------------------------------- */
static bool is_one_of(str s, const char *const *list)
{
    for (; *list; list++)
        if (str_is(s, *list)) return true;
    return false;
}

static bool may_malloc(str path)
{
    static const char *const folders[] = {"src/base/", "src/store/", "src/formats/", "src/web/", "src/process/", "src/main/", "tools/", "tests/", NULL};
    for (const char *const *f = folders; *f; f++)
        if (str_starts(path, str_of(*f))) return true;
    return is_test(path);
}

static bool may_speak_french(str path)
{
    static const char *const places[] = {"src/rules/", "tools/", "tests/", "bench/", "src/base/fold.c", "src/view/styles.c", "src/core/form_rules.c", "src/formats/departement.c", NULL};     /* tables, samples, words of the language */
    for (const char *const *f = places; *f; f++)
        if (str_starts(path, str_of(*f))) return true;
    return is_test(path) || str_find(path, S("demo")) >= 0;
}

static bool has_word(str text, const char *word)
{
    str w = str_of(word);
    for (size_t from = 0;;) {
        ptrdiff_t found = str_find(str_cut(text, from, text.n), w);
        if (found < 0) return false;
        size_t here = from + (size_t)found;
        bool left = here == 0 || !is_letter(text.p[here - 1]), right = here + w.n >= text.n || !is_letter(text.p[here + w.n]);
        if (left && right) return true;
        from = here + 1;
    }
}

static bool is_sql(str text)
{
    static const char *const words[] = {"SELECT", "INSERT INTO", "DELETE FROM", "CREATE TABLE", "CREATE INDEX", "ALTER TABLE", "DROP TABLE",
        "CREATE VIEW", NULL};
    for (const char *const *w = words; *w; w++)
        if (has_word(text, *w)) return true;
    return has_word(text, "UPDATE") && has_word(text, "SET");
}

/* An accented Latin letter, ligature or French quotation mark, as UTF-8 or as an escape of it. */
static bool is_french(str text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i], d = (unsigned char)text.p[i + 1];
        if (c == 0xC3 && d != 0x97 && d != 0xB7) return true;
        if (c == 0xC5 && (d == 0x92 || d == 0x93)) return true;
        if (c == 0xC2 && (d == 0xAB || d == 0xBB)) return true;
    }
    return false;
}

static void check_banned_in(const struct source *s)
{
    static const char *const never[] = {"strcpy", "strcat", "sprintf", "vsprintf", "strtok", "gmtime", "localtime", "asctime", "ctime", "gets",
        "atoi", "atol", "atof", "rand", "srand", "setlocale", "alloca", "strncpy", "strncat", "system", "popen", "tmpnam", "mktemp", NULL};
    static const char *const heap[] = {"malloc", "calloc", "realloc", "free", "strdup", "strndup", "asprintf", "vasprintf", NULL};
    struct lexer l = {s->text, 0, 1, 0, true};
    bool sql_allowed = str_starts(s->path, S("src/store/")) || str_starts(s->path, S("tools/")) || str_starts(s->path, S("bench/")) || is_test(s->path);
    struct token t = next(&l);
    for (struct token before = {0}; t.kind != T_END;) {
        struct token after = next(&l);
        bool called = t.kind == T_NAME && after.kind == T_SIGN && after.text.p[0] == '(';
        bool member = before.kind == T_SIGN && (before.text.p[0] == '.' || before.text.p[0] == '>');
        if (!t.waived && called && !member) {
            if (is_one_of(t.text, never) && !(is_test(s->path) && (str_is(t.text, "system") || str_is(t.text, "popen")))) fault(s->path, t.line, str_fmt(mem, "%.*s is banned", STR_ARG(t.text)));
            if (!may_malloc(s->path) && is_one_of(t.text, heap))
                fault(s->path, t.line, str_fmt(mem, "%.*s: memory here comes from the arena", STR_ARG(t.text)));
        }
        if (!t.waived && t.kind == T_STRING && !sql_allowed && is_sql(t.text)) fault(s->path, t.line, S("SQL in a C string: it belongs in a .sql file"));
        if (!t.waived && t.kind == T_STRING && !may_speak_french(s->path) && is_french(t.text))
            fault(s->path, t.line, S("text for people in a C string: it belongs in the catalogues"));
        before = t;
        t = after;
    }
}

static void check_banned(const struct sources *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (is_c(all->v[i].path)) check_banned_in(&all->v[i]);
}

/* ---- licence --------------------------------------------------------------------------------------------------- */
static void check_licence(const struct sources *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct source *s = &all->v[i];
        if (str_ends(s->path, S(".html")) || str_ends(s->path, S(".po"))) continue;        /* REUSE.toml speaks for them */
        str rest, line = str_split(s->text, '\n', &rest);
        if (str_starts(line, S("#!"))) line = str_split(rest, '\n', &rest);
        if (str_find(line, S("SPDX-License-Identifier: AGPL-3.0-or-later")) < 0) fault(s->path, 1, S("no SPDX-License-Identifier on the first line"));
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
int main(int argc, char **argv)
{
    static const struct { const char *name; void (*check)(const struct sources *); } checks[] = {
        {"floors", check_floors}, {"sizes", check_sizes}, {"banned", check_banned}, {"licence", check_licence}};
    mem = arena_new((size_t)1024 * 1024 * 1024);
    str root = argc > 2 ? str_of(argv[2]) : S("."), what = argc > 1 ? str_of(argv[1]) : STR_NONE;
    struct sources all = {0};
    static const char *const folders[] = {"src", "tools", "tests", "web", "po", "towns", "bench"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) walk(&all, root, str_of(folders[i]));
    qsort(all.v, all.n, sizeof *all.v, by_path);
    int passed = 0, failed = 0;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (!str_is(what, checks[i].name) && !str_is(what, "all")) continue;
        int before = faults;
        checks[i].check(&all);
        printf("%s: %zu files, %d faults\n", checks[i].name, all.n, faults - before);
        if (faults > before) failed++;
        else passed++;
    }
    if (passed + failed == 0) {
        fputs("usage: check_house floors|sizes|banned|licence|all [ROOT]\n", stderr);
        return 2;
    }
    printf("%d passed, %d failed\n", passed, failed);
    arena_free(mem);
    return failed > 0;
}
