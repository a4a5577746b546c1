/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Statement files: directives ("-- :name …") and the bodies between them. */
#include "mksql/mksql.h"
#include <stdio.h>
#include <string.h>

struct parser {
    arena *mem;
    struct sql_file *f;
    str rest;               /* what is not read yet */
    int line;               /* of the first character of rest */
    struct stmt *now;       /* the statement whose body is read */
    enum { INTO_BOTH, INTO_SQLITE, INTO_PG } into;
    bool in_ddl;
};

bool read_file(arena *mem, str path, str *out)
{
    FILE *in = fopen(str_z(mem, path), "rb");
    if (!in) return false;
    buf b = BUF(1 << 24);
    char piece[8192];
    for (size_t n; (n = fread(piece, 1, sizeof piece, in)) > 0;) buf_put(&b, (str){piece, n});
    bool ok = !ferror(in) && !b.full;
    fclose(in);
    *out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return ok;
}

const struct row *file_row(const struct sql_file *f, str name)
{
    for (size_t i = 0; i < f->rows.n; i++)
        if (str_eq(f->rows.v[i].name, name)) return &f->rows.v[i];
    return 0;
}

static bool is_c_word(str s)
{
    static const char *const words[] = {"auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
        "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof",
        "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "bool", "true", "false", 0};
    for (const char *const *w = words; *w; w++)
        if (str_is(s, *w)) return true;
    return false;
}

static bool type_parse(str word, enum value_type *out)
{
    static const char *const names[] = {"i64", "f64", "str", "bytes"};
    for (int i = 0; i < 4; i++)
        if (str_is(word, names[i])) {
            *out = (enum value_type)i;
            return true;
        }
    return false;
}

/* "(id i64, title str)" from *i, which is left after the closing parenthesis. */
static bool columns_parse(struct parser *p, const struct toks *t, size_t *i, struct columns *out)
{
    *out = (struct columns){0};
    if (*i >= t->n || !tok_is(&t->v[*i], "(")) return false;
    for ((*i)++; *i < t->n && !tok_is(&t->v[*i], ")");) {
        if (*i + 2 >= t->n || t->v[*i].kind != TOK_WORD || t->v[*i + 1].kind != TOK_WORD) return false;
        struct column c = {.name = t->v[*i].name, .line = t->v[*i].line};
        if (!type_parse(t->v[*i + 1].name, &c.type)) {
            fault(p->f->path, c.line, "the types are i64, f64, str and bytes, not %.*s", STR_ARG(t->v[*i + 1].name));
            return false;
        }
        if (is_c_word(c.name)) fault(p->f->path, c.line, "%.*s is a word of C: give the column another name with AS", STR_ARG(c.name));
        for (size_t k = 0; k < out->n; k++)
            if (str_eq(out->v[k].name, c.name)) fault(p->f->path, c.line, "%.*s stands twice", STR_ARG(c.name));
        PUSH(p->mem, out, c);
        *i += 2;
        if (*i < t->n && tok_is(&t->v[*i], ",")) (*i)++;
    }
    if (*i >= t->n) return false;
    (*i)++;
    return true;
}

static void row_add(struct parser *p, struct row r)
{
    if (file_row(p->f, r.name)) fault(p->f->path, r.line, "the row %.*s is there already", STR_ARG(r.name));
    if (!r.columns.n) fault(p->f->path, r.line, "a row without columns");
    PUSH(p->mem, &p->f->rows, r);
}

static void row_directive(struct parser *p, const struct toks *t)
{
    struct row r = {.line = t->v[0].line};
    size_t i = 2;
    if (t->n < 2 || t->v[1].kind != TOK_WORD || !columns_parse(p, t, &i, &r.columns) || i != t->n) {
        fault(p->f->path, r.line, "written as -- :row NAME (column type, …)");
        return;
    }
    r.name = t->v[1].name;
    row_add(p, r);
}

/* "-> changed", "-> row", "-> (id i64)" from *i. */
static bool result_parse(struct parser *p, const struct toks *t, size_t *i, struct stmt *s)
{
    if (*i == t->n) return s->kind == KIND_EXEC;
    if (!tok_is(&t->v[*i], "->") || *i + 1 >= t->n) return false;
    (*i)++;
    if (s->kind == KIND_EXEC) {
        s->changed = tok_is(&t->v[(*i)++], "changed");
        return s->changed;
    }
    if (t->v[*i].kind == TOK_WORD) {
        s->row = t->v[*i].name;
        if (!file_row(p->f, s->row)) fault(p->f->path, s->line, "no row %.*s above", STR_ARG(s->row));
        (*i)++;
        return true;
    }
    struct row r = {.line = s->line, .anonymous = true, .name = str_fmt(p->mem, "sql_%.*s_row", STR_ARG(s->name))};
    if (!columns_parse(p, t, i, &r.columns)) return false;
    row_add(p, r);
    s->row = r.name;
    return true;
}

static bool kind_parse(const struct toks *t, size_t *i, struct stmt *s)
{
    bool found = false;
    while (*i + 1 < t->n && tok_is(&t->v[*i], ":")) {
        const struct tok *w = &t->v[*i + 1];
        if (tok_is(w, "one")) s->kind = KIND_ONE, found = true;
        else if (tok_is(w, "many")) s->kind = KIND_MANY, found = true;
        else if (tok_is(w, "exec")) s->kind = KIND_EXEC, found = true;
        else if (tok_is(w, "global")) s->global = true;
        else return false;
        *i += 2;
    }
    return found;
}

static void name_directive(struct parser *p, const struct toks *t)
{
    struct stmt s = {.line = t->v[0].line};
    size_t i = 2;
    bool ok = t->n >= 4 && t->v[1].kind == TOK_WORD;
    if (ok) {
        s.name = t->v[1].name;
        ok = kind_parse(t, &i, &s) && columns_parse(p, t, &i, &s.params) && result_parse(p, t, &i, &s) && i == t->n;
    }
    if (!ok) fault(p->f->path, s.line, "written as -- :name NAME :one|:many|:exec [:global] (parameter type, …) [-> row | -> (column type, …) | -> changed]");
    PUSH(p->mem, &p->f->stmts, s);
    p->now = &p->f->stmts.v[p->f->stmts.n - 1];
    p->into = INTO_BOTH;
}

/* One comment line's text without "--" and blanks; absent when the line is not a comment. */
static str comment_of(str line)
{
    str s = str_trim(line);
    return str_starts(s, S("--")) ? str_trim(str_cut(s, 2, s.n)) : STR_NONE;
}

static str next_line(struct parser *p)
{
    ptrdiff_t at = str_find_char(p->rest, '\n');
    size_t end = at < 0 ? p->rest.n : (size_t)at;
    str line = str_cut(p->rest, 0, end);
    p->rest = str_cut(p->rest, end + (at >= 0), p->rest.n);
    p->line++;
    return line;
}

static int open_parens(str s)
{
    int n = 0;
    for (size_t i = 0; i < s.n; i++) n += (s.p[i] == '(') - (s.p[i] == ')');
    return n;
}

/* A directive goes on over following comment lines while a parenthesis is open, or when they start with "->" or "(". */
static str directive_whole(struct parser *p, str first)
{
    buf b = BUF(1 << 16);
    buf_put(&b, first);
    for (;;) {
        ptrdiff_t end = str_find_char(p->rest, '\n');
        str more = comment_of(str_cut(p->rest, 0, end < 0 ? p->rest.n : (size_t)end));
        if (!more.n || (open_parens(buf_str(&b)) <= 0 && !str_starts(more, S("->")) && !str_starts(more, S("(")))) break;
        buf_char(&b, '\n');
        buf_put(&b, more);
        next_line(p);
    }
    str all = str_copy(p->mem, buf_str(&b));
    buf_free(&b);
    return all;
}

static void flag_directive(struct parser *p, str word, str reason, int line, bool *flag)
{
    if (!p->now) fault(p->f->path, line, ":%.*s stands outside a statement", STR_ARG(word));
    else if (!reason.n) fault(p->f->path, line, ":%.*s needs its reason", STR_ARG(word));
    else *flag = true;
}

static void directive(struct parser *p, str text, int line)
{
    str after, word = str_split(str_cut(text, 1, text.n), ' ', &after);
    struct stmt none = {0}, *s = p->now ? p->now : &none;
    p->in_ddl = false;
    if (str_is(word, "row") || str_is(word, "name")) {
        struct toks t;
        lex(p->mem, p->f->path, directive_whole(p, str_cut(text, 1, text.n)), line, &t);
        p->now = 0;
        if (!t.n) return;
        if (str_is(word, "row")) row_directive(p, &t);
        else name_directive(p, &t);
    } else if (str_is(word, "sqlite") || str_is(word, "pg")) {
        if (!p->now) fault(p->f->path, line, ":%.*s stands outside a statement", STR_ARG(word));
        p->into = str_is(word, "pg") ? INTO_PG : INTO_SQLITE;
        s->own_bodies = true;
    } else if (str_is(word, "order-ok")) {
        flag_directive(p, word, after, line, &s->order_ok);
    } else if (str_is(word, "clock-ok")) {
        flag_directive(p, word, after, line, &s->clock_ok);
    } else if (str_is(word, "all-tenants")) {
        flag_directive(p, word, after, line, &s->all_tenants);
        if (!str_starts(p->f->place, S("store/"))) fault(p->f->path, line, ":all-tenants is for src/store only");
    } else if (str_is(word, "ddl") && p->f->is_test) {
        p->now = 0;
        p->in_ddl = true;
        p->f->ddl_line = p->line;
        p->f->ddl = (str){p->rest.p, 0};
    } else {
        fault(p->f->path, line, "no directive :%.*s", STR_ARG(word));
    }
}

static void body_add(struct parser *p, enum dialect d, const struct toks *t)
{
    struct stmt *s = p->now;
    if (s->body[d].n) {
        fault(p->f->path, t->v[0].line, "a second body for %.*s", STR_ARG(s->name));
        return;
    }
    s->body[d] = *t;
    s->body_line[d] = t->v[0].line;
}

/* The lines from here to the next directive. */
static void body(struct parser *p)
{
    str from = p->rest;
    int line = p->line;
    while (p->rest.n) {
        ptrdiff_t end = str_find_char(p->rest, '\n');
        if (str_starts(comment_of(str_cut(p->rest, 0, end < 0 ? p->rest.n : (size_t)end)), S(":"))) break;
        next_line(p);
    }
    str text = str_cut(from, 0, from.n - p->rest.n);
    if (p->in_ddl) {
        p->f->ddl = text;
        return;
    }
    struct toks t;
    lex(p->mem, p->f->path, text, line, &t);
    if (!t.n) return;
    if (!p->now) {
        fault(p->f->path, t.v[0].line, "SQL without a -- :name above");
        return;
    }
    for (size_t i = 0; i < t.n; i++)
        if (tok_is(&t.v[i], ";") && i + 1 < t.n) {
            fault(p->f->path, t.v[i + 1].line, "one statement under one name");
            break;
        }
    if (tok_is(&t.v[t.n - 1], ";")) t.n--;
    if (p->into != INTO_PG) body_add(p, DIALECT_SQLITE, &t);
    if (p->into != INTO_SQLITE) body_add(p, DIALECT_PG, &t);
}

/* Parameters: all used, none beyond. What the words say. */
static void finish(const struct sql_file *f, struct stmt *s)
{
    static const char *const writing[] = {"insert", "update", "delete", 0};
    int first = s->global ? 0 : 1;
    for (int d = 0; d < DIALECT_N; d++) {
        uint64_t used[4] = {0};
        int top = (int)s->params.n + first;
        if (!s->body[d].n) {
            fault(f->path, s->line, "%.*s has no body for %s", STR_ARG(s->name), d == DIALECT_PG ? "PostgreSQL" : "SQLite");
            continue;
        }
        for (size_t i = 0; i < s->body[d].n; i++) {
            const struct tok *t = &s->body[d].v[i];
            if (tok_among(t, writing) && (i == 0 || tok_is(&s->body[d].v[i - 1], "(") || tok_is(&s->body[d].v[i - 1], ")")))
                s->writes = true;
            if (tok_is(t, "?")) fault(f->path, t->line, "parameters are written $1, $2…");
            if (t->kind != TOK_PARAM) continue;
            if (t->param < 1 || t->param > top || t->param > 255) {
                fault(f->path, t->line, "%.*s has no parameter %.*s, $%d at most", STR_ARG(s->name), STR_ARG(t->text), top);
                continue;
            }
            used[t->param / 64] |= UINT64_C(1) << (t->param % 64);
        }
        for (int n = 1; n <= top && n < 256; n++)
            if (!(used[n / 64] >> (n % 64) & 1)) {
                if (n == 1 && first) fault(f->path, s->line, "%.*s does not use $1, the tenant: declare it :global when no table has one", STR_ARG(s->name));
                else fault(f->path, s->line, "%.*s does not use $%d, %.*s", STR_ARG(s->name), n, STR_ARG(s->params.v[n - 1 - first].name));
            }
    }
    if (s->kind == KIND_EXEC && !s->writes) fault(f->path, s->line, "%.*s is :exec and writes nothing", STR_ARG(s->name));
}

void parse_file(arena *mem, str path, struct sql_file *out)
{
    *out = (struct sql_file){.path = path};
    out->place = str_starts(path, S("src/")) ? str_cut(path, 4, path.n) : path;
    out->is_test = str_ends(path, S("_test.sql"));
    char *ident = (char *)(uintptr_t)str_z(mem, str_cut(out->place, 0, out->place.n - (str_ends(path, S(".sql")) ? 4 : 0)));
    out->ident = str_of(ident);
    for (char *c = ident; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9')) *c = '_';
    struct parser p = {.mem = mem, .f = out, .line = 1};
    if (!read_file(mem, path, &p.rest)) {
        fault(path, 1, "cannot be read");
        return;
    }
    while (p.rest.n) {
        ptrdiff_t end = str_find_char(p.rest, '\n');
        str c = comment_of(str_cut(p.rest, 0, end < 0 ? p.rest.n : (size_t)end));
        if (str_starts(c, S(":"))) {
            int line = p.line;
            next_line(&p);
            directive(&p, c, line);
        } else {
            body(&p);
        }
    }
    for (size_t i = 0; i < out->stmts.n; i++) finish(out, &out->stmts.v[i]);
}
