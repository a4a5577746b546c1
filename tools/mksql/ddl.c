/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Migrations: one dialect in, two out; and what the rules must know of the tables. */
#include "mksql/mksql.h"
#include <string.h>

const struct table *table_find(const struct tables *t, str name)
{
    for (size_t i = t->n; i-- > 0;)
        if (str_eq(t->v[i].name, name)) return &t->v[i];
    return 0;
}

static bool at_words(const struct toks *t, size_t i, const char *a, const char *b)
{
    return i + 1 < t->n && tok_is(&t->v[i], a) && tok_is(&t->v[i + 1], b);
}

static const char *const constraint_words[] = {"primary", "unique", "foreign", "check", "constraint", 0};

/* A list of names in parentheses must start with tenant. */
static void key_starts_with_tenant(str path, const struct toks *t, size_t open, const char *what)
{
    if (open + 1 < t->n && tok_is(&t->v[open], "(") && !tok_is(&t->v[open + 1], "tenant"))
        fault(path, t->v[open].line, "tenant leads every key: this %s starts with %.*s", what, STR_ARG(t->v[open + 1].text));
}

static void keys_of_tenant_table(str path, const struct toks *t, size_t open)
{
    for (size_t i = open + 1; i < t->v[open].mate; i++) {
        if (t->v[i].depth != t->v[open].depth + 1) continue;
        bool starts_item = tok_is(&t->v[i - 1], ",") || i - 1 == open;
        if (tok_is(&t->v[i], "references") && i + 2 < t->n) {
            if (!tok_is(&t->v[i + 2], "(")) fault(path, t->v[i].line, "tenant leads every key: write REFERENCES table (tenant, …)");
            else key_starts_with_tenant(path, t, i + 2, "reference");
        } else if (at_words(t, i, "primary", "key") && !tok_is(&t->v[i + 2], "(")) {
            fault(path, t->v[i].line, "tenant leads every key: write PRIMARY KEY (tenant, …)");
        } else if (at_words(t, i, "primary", "key")) {
            key_starts_with_tenant(path, t, i + 2, "primary key");
        } else if (tok_is(&t->v[i], "unique") && !tok_is(&t->v[i + 1], "(")) {
            if (!starts_item) fault(path, t->v[i].line, "tenant leads every key: write UNIQUE (tenant, …)");
        } else if (tok_is(&t->v[i], "unique")) {
            key_starts_with_tenant(path, t, i + 1, "unique key");
        } else if (at_words(t, i, "foreign", "key")) {
            key_starts_with_tenant(path, t, i + 2, "foreign key");
        }
    }
}

static void key_columns(arena *mem, const struct toks *t, size_t open, struct strs *out)
{
    for (size_t i = open + 1; i < t->v[open].mate; i++) {
        if (t->v[i].depth != t->v[open].depth + 1 || !at_words(t, i, "primary", "key")) continue;
        if (tok_is(&t->v[i + 2], "(")) {
            for (size_t k = i + 3; k < t->v[i + 2].mate; k++)
                if (t->v[k].name.n) PUSH(mem, out, t->v[k].name);
            continue;
        }
        size_t k = i;
        while (k > open + 1 && !(tok_is(&t->v[k - 1], ",") && t->v[k - 1].depth == t->v[i].depth)) k--;
        PUSH(mem, out, t->v[k].name);
    }
}

/* CREATE [VIRTUAL] TABLE name … ( … */
static void table_note(arena *mem, str path, const struct toks *t, size_t name, bool is_virtual, struct tables *tables)
{
    struct table n = {.name = t->v[name].name};
    size_t open = name + 1;
    while (open < t->n && !tok_is(&t->v[open], "(")) open++;
    if (open == t->n) {
        fault(path, t->v[name].line, "a table without columns");
        return;
    }
    for (size_t i = open + 1; i < t->v[open].mate; i++)
        if (t->v[i].depth == t->v[open].depth + 1 && tok_is(&t->v[i], "tenant") &&
            (i == open + 1 || tok_is(&t->v[i - 1], ",") || tok_is(&t->v[i - 1], "+")))
            n.tenant = true;
    if (!is_virtual) key_columns(mem, t, open, &n.key);
    if (!is_virtual && n.tenant) keys_of_tenant_table(path, t, open);
    if (!is_virtual && !n.key.n) fault(path, t->v[name].line, "the table %.*s has no primary key", STR_ARG(n.name));
    if (is_virtual) PUSH(mem, &n.key, S("rowid"));
    PUSH(mem, tables, n);
}

/* CREATE VIEW name AS SELECT …: has a tenant when its list of columns names one. */
static void view_note(arena *mem, str path, const struct toks *t, size_t name, struct tables *tables)
{
    struct table n = {.name = t->v[name].name, .view = true};
    bool reads_tenant = false;
    size_t from = t->n;
    for (size_t i = name + 1; i < t->n; i++) {
        if (from == t->n && t->v[i].depth == t->v[name].depth && tok_is(&t->v[i], "from")) from = i;
        const struct table *other = t->v[i].name.n ? table_find(tables, t->v[i].name) : 0;
        if (other && other->tenant) reads_tenant = true;
    }
    for (size_t i = name + 1; i < from; i++)
        if (tok_is(&t->v[i], "tenant") && (i + 1 >= from || tok_is(&t->v[i + 1], ","))) n.tenant = true;
    if (reads_tenant && !n.tenant) fault(path, t->v[name].line, "the view %.*s reads tables of tenants and does not show tenant", STR_ARG(n.name));
    PUSH(mem, tables, n);
}

static void statement_note(arena *mem, str path, const struct toks *t, struct tables *tables)
{
    size_t i = 1;
    if (t->n < 3 || !tok_is(&t->v[0], "create")) return;
    bool unique = tok_is(&t->v[i], "unique"), is_virtual = tok_is(&t->v[i], "virtual");
    i += unique || is_virtual;
    bool is_table = tok_is(&t->v[i], "table"), is_view = tok_is(&t->v[i], "view"), is_index = tok_is(&t->v[i], "index");
    i++;
    if (i < t->n && tok_is(&t->v[i], "if")) i += 3;
    if (i >= t->n) return;
    if (is_table) table_note(mem, path, t, i, is_virtual, tables);
    if (is_view) view_note(mem, path, t, i, tables);
    if (is_index && unique && i + 3 < t->n && tok_is(&t->v[i + 1], "on")) {
        const struct table *on = table_find(tables, t->v[i + 2].name);
        if (on && on->tenant) key_starts_with_tenant(path, t, i + 3, "unique index");
    }
}

/* ---- translation ---- */

struct type_words { const char *from, *sqlite, *pg; };
static const struct type_words types[] = {
    {"bigint", "INTEGER", "BIGINT"}, {"text", "TEXT", "TEXT COLLATE \"C\""}, {"blob", "BLOB", "BYTEA"}, {"double", "REAL", "DOUBLE PRECISION"}, {0}};
static const char *const foreign_types[] = {"integer", "int", "smallint", "varchar", "char", "boolean", "bool", "serial", "bigserial", "timestamp",
    "timestamptz", "date", "time", "json", "jsonb", "real", "float", "numeric", "decimal", "uuid", "bytea", 0};

/* The place of a type: second word of a column, after ADD [COLUMN] name, or after AS in CAST. */
static bool is_type_place(const struct toks *t, size_t i, bool in_table)
{
    const struct tok *v = t->v;
    if (i < 2) return false;
    if (tok_is(&v[i - 1], "as")) {
        for (size_t k = i; k-- > 1;)
            if (tok_is(&v[k], "(") && v[k].depth == v[i].depth - 1) return tok_is(&v[k - 1], "cast");
        return false;
    }
    if (in_table && v[i].depth == 1 && (tok_is(&v[i - 2], ",") || tok_is(&v[i - 2], "("))) return !tok_among(&v[i - 1], constraint_words);
    return tok_is(&v[0], "alter") && (tok_is(&v[i - 2], "column") || tok_is(&v[i - 2], "add"));
}

static void type_write(buf *b, str path, const struct tok *t, enum dialect d, bool in_cast)
{
    for (const struct type_words *w = types; w->from; w++)
        if (tok_is(t, w->from)) {
            bool plain_text = in_cast && tok_is(t, "text");
            buf_lit(b, plain_text ? "TEXT" : d == DIALECT_PG ? w->pg : w->sqlite);
            return;
        }
    if (d == DIALECT_SQLITE && tok_among(t, foreign_types))
        fault(path, t->line, "the types of tables are BIGINT, TEXT, BLOB and DOUBLE, not %.*s", STR_ARG(t->text));
    buf_put(b, t->text);
}

static void table_end(buf *b, const struct toks *t, size_t *i, enum dialect d, bool common)
{
    bool without_rowid = at_words(t, *i + 1, "without", "rowid");
    buf_char(b, ')');
    if (!common) return;
    if (d == DIALECT_SQLITE) buf_lit(b, without_rowid ? " STRICT, WITHOUT ROWID" : " STRICT");
    if (without_rowid) *i += 2;
}

static void statement_write(buf *b, str path, const struct toks *t, enum dialect d, bool common)
{
    bool in_table = at_words(t, 0, "create", "table");
    for (size_t i = 0; i < t->n; i++) {
        if (t->v[i].space && i) buf_char(b, ' ');
        if (in_table && tok_is(&t->v[i], ")") && t->v[i].depth == 0) table_end(b, t, &i, d, common);
        else if (common && t->v[i].kind == TOK_WORD && is_type_place(t, i, in_table)) type_write(b, path, &t->v[i], d, tok_is(&t->v[i - 1], "as"));
        else buf_put(b, t->v[i].text);
    }
    buf_lit(b, ";\n");
}

static uint64_t hash_token(uint64_t h, str s)
{
    for (size_t i = 0; i <= s.n; i++) h = (h ^ (unsigned char)(i < s.n ? s.p[i] : ' ')) * UINT64_C(0x100000001b3);
    return h;
}

/* The statements of one section, for the dialects asked. */
static void section(arena *mem, str path, str text, int line, const bool into[DIALECT_N], buf out[DIALECT_N], uint64_t *hash, struct tables *tables)
{
    struct toks all;
    lex(mem, path, text, line, &all);
    bool common = into[DIALECT_SQLITE] && into[DIALECT_PG];
    for (size_t from = 0, i = 0; i < all.n; i++) {
        *hash = hash_token(*hash, all.v[i].text);
        bool trigger = at_words(&all, from, "create", "trigger");
        if (!tok_is(&all.v[i], ";") && i + 1 < all.n) continue;
        if (trigger && i + 1 < all.n && !tok_is(&all.v[i - 1], "end")) continue;
        struct toks one = {all.v + from, i - from + !tok_is(&all.v[i], ";")};
        struct toks copy = {NEW_N(mem, struct tok, one.n + 1), one.n};
        for (size_t k = 0; k < one.n; k++) {
            copy.v[k] = one.v[k];
            copy.v[k].mate = one.v[k].mate >= from ? one.v[k].mate - from : 0;
        }
        from = i + 1;
        if (!copy.n) continue;
        statement_note(mem, path, &copy, tables);
        for (int d = 0; d < DIALECT_N; d++)
            if (into[d]) statement_write(&out[d], path, &copy, (enum dialect)d, common);
    }
}

void ddl_translate(arena *mem, str path, str text, int first_line, struct migration_file *out, struct tables *tables)
{
    buf b[DIALECT_N] = {BUF(1 << 22), BUF(1 << 22)};
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    bool into[DIALECT_N] = {true, true};
    size_t from = 0;
    int line = first_line, from_line = first_line;
    for (size_t at = 0; at <= text.n;) {
        ptrdiff_t nl = str_find_char(str_cut(text, at, text.n), '\n');
        size_t end = nl < 0 ? text.n : at + (size_t)nl;
        str s = str_trim(str_cut(text, at, end));
        str mark = str_starts(s, S("-- :")) ? str_trim(str_cut(s, 4, s.n)) : STR_NONE;
        if (mark.n || end == text.n) {
            section(mem, path, str_cut(text, from, mark.n ? at : end), from_line, into, b, &hash, tables);
            into[DIALECT_SQLITE] = !str_is(mark, "pg");
            into[DIALECT_PG] = !str_is(mark, "sqlite");
            if (mark.n && !str_is(mark, "pg") && !str_is(mark, "sqlite") && !str_is(mark, "both"))
                fault(path, line, "sections are :sqlite, :pg and :both");
            from = end;
            from_line = line;
        }
        if (end == text.n) break;
        at = end + 1;
        line++;
    }
    for (int d = 0; d < DIALECT_N; d++) {
        out->text[d] = str_copy(mem, buf_str(&b[d]));
        buf_free(&b[d]);
    }
    out->hash = str_fmt(mem, "%016llx", (unsigned long long)hash);
}
