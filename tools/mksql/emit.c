/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* C out of what was parsed. */
#include "mksql/mksql.h"

static const char *const c_types[] = {"int64_t ", "double ", "str ", "str "};
static const char *const type_names[] = {"SQL_I64", "SQL_F64", "SQL_STR", "SQL_BYTES"};
static const char *const value_makers[] = {"SQL_V_I64", "SQL_V_F64", "SQL_V_STR", "SQL_V_BYTES"};
static const char *const pg_casts[] = {"bigint", "float8", "text", "bytea"};
static const char *const kind_names[] = {"SQL_ONE", "SQL_MANY", "SQL_EXEC"};

str sql_text(arena *mem, const struct stmt *s, enum dialect d)
{
    buf b = BUF(1 << 20);
    int first = s->global ? 1 : 2;
    for (size_t i = 0; i < s->body[d].n; i++) {
        const struct tok *t = &s->body[d].v[i];
        if (t->space && i) buf_char(&b, ' ');
        if (t->kind != TOK_PARAM) {
            buf_put(&b, t->text);
        } else if (d == DIALECT_SQLITE) {
            buf_fmt(&b, "?%d", t->param);
        } else {
            int n = t->param - first;
            const char *cast = n >= 0 && (size_t)n < s->params.n ? pg_casts[s->params.v[n].type] : "bigint";
            buf_fmt(&b, "$%d::%s", t->param, cast);
        }
    }
    str text = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return text;
}

/* A C string, broken after line ends. */
static void c_string(buf *b, str s)
{
    buf_char(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\n') {
            buf_lit(b, i + 1 < s.n ? "\\n\"\n    \"" : "\\n");
        } else {
            if (c == '"' || c == '\\') buf_char(b, '\\');
            buf_char(b, c);
        }
    }
    buf_char(b, '"');
}

static void prototype(buf *b, const struct stmt *s)
{
    buf_fmt(b, "err sql_%.*s(db *d", STR_ARG(s->name));
    if (s->kind != KIND_EXEC) buf_lit(b, ", arena *mem");
    for (size_t i = 0; i < s->params.n; i++)
        buf_fmt(b, ", %s%.*s", c_types[s->params.v[i].type], STR_ARG(s->params.v[i].name));
    if (s->kind == KIND_ONE) buf_fmt(b, ", struct %.*s *out", STR_ARG(s->row));
    if (s->kind == KIND_MANY) buf_fmt(b, ", struct %.*s_list *out", STR_ARG(s->row));
    if (s->changed) buf_lit(b, ", int64_t *out_changed");
    buf_char(b, ')');
}

void emit_header(buf *b, const struct sql_file *f)
{
    buf_fmt(b, "/* Made by tools/mksql from %.*s. */\n#pragma once\n#include \"store/db.h\"\n%s\n", STR_ARG(f->path),
            f->is_test ? "#include \"store/migrate.h\"\n#include \"store/sql.h\"\n" : "");
    for (size_t i = 0; i < f->rows.n; i++) {
        const struct row *r = &f->rows.v[i];
        buf_fmt(b, "struct %.*s {\n", STR_ARG(r->name));
        for (size_t k = 0; k < r->columns.n; k++)
            buf_fmt(b, "    %s%.*s;\n", c_types[r->columns.v[k].type], STR_ARG(r->columns.v[k].name));
        buf_fmt(b, "};\nstruct %.*s_list { struct %.*s *v; size_t n; };\n", STR_ARG(r->name), STR_ARG(r->name));
    }
    if (f->rows.n) buf_char(b, '\n');
    for (size_t i = 0; i < f->stmts.n; i++) {
        prototype(b, &f->stmts.v[i]);
        buf_lit(b, ";\n");
    }
    if (f->is_test) {
        buf_fmt(b, "\nextern const struct sql_statement sql_file_%.*s[];\n", STR_ARG(f->ident));
        if (f->ddl.n) buf_fmt(b, "extern const struct migration sql_ddl_%.*s;\n", STR_ARG(f->ident));
    }
}

static void function(buf *b, const struct sql_file *f, const struct stmt *s, size_t index)
{
    prototype(b, s);
    buf_lit(b, "\n{\n");
    if (s->params.n) {
        buf_lit(b, "    const struct sql_value p[] = {");
        for (size_t i = 0; i < s->params.n; i++)
            buf_fmt(b, "%s%s(%.*s)", i ? ", " : "", value_makers[s->params.v[i].type], STR_ARG(s->params.v[i].name));
        buf_lit(b, "};\n");
    }
    const char *p = s->params.n ? "p" : "0";
    const char *call = s->kind == KIND_ONE ? "sql_one(d, mem," : s->kind == KIND_MANY ? "sql_many(d, mem," : "sql_exec(d,";
    buf_fmt(b, "    return %s &sql_file_%.*s[%zu], %s", call, STR_ARG(f->ident), index, p);
    if (s->kind == KIND_ONE) buf_lit(b, ", out");
    if (s->kind == KIND_MANY) buf_lit(b, ", (void **)&out->v, &out->n");
    if (s->kind == KIND_EXEC) buf_lit(b, s->changed ? ", out_changed" : ", 0");
    buf_lit(b, ");\n}\n\n");
}

static void table_row(arena *mem, buf *b, const struct sql_file *f, const struct stmt *s, size_t index)
{
    buf_fmt(b, "    {.base = &sql_base_%.*s, .index = %zu, .name = \"%.*s\", .file = \"%.*s\", .line = %d, .kind = %s, .global = %d, .writes = %d, .counts = %d,\n",
            STR_ARG(f->ident), index, STR_ARG(s->name), STR_ARG(f->path), s->body_line[0] ? s->body_line[0] : s->line, kind_names[s->kind],
            s->global, s->writes, s->changed);
    buf_lit(b, "    .text = {");
    str sqlite = sql_text(mem, s, DIALECT_SQLITE), pg = sql_text(mem, s, DIALECT_PG);
    c_string(b, sqlite);
    buf_lit(b, ",\n    ");
    c_string(b, pg);
    buf_fmt(b, "},\n    .n_params = %zu, .params = (const unsigned char[]){", s->params.n);
    for (size_t i = 0; i < s->params.n; i++) buf_fmt(b, "%s%s", i ? ", " : "", type_names[s->params.v[i].type]);
    if (!s->params.n) buf_char(b, '0');
    const struct row *r = s->row.n ? file_row(f, s->row) : 0;
    if (r) buf_fmt(b, "}, .n_columns = %zu, .columns = columns_%.*s, .row_bytes = sizeof(struct %.*s)},\n", r->columns.n, STR_ARG(r->name), STR_ARG(r->name));
    else buf_lit(b, "}},\n");
}

static void emit_ddl(arena *mem, buf *b, const struct sql_file *f)
{
    struct migration_file m = {0};
    struct tables ignored = {0};
    ddl_translate(mem, f->path, f->ddl, f->ddl_line, &m, &ignored);
    buf_fmt(b, "\nconst struct migration sql_ddl_%.*s = {9000, \"%.*s\", \"%.*s\", \"%.*s\", {", STR_ARG(f->ident), STR_ARG(f->ident), STR_ARG(f->path), STR_ARG(m.hash));
    c_string(b, m.text[DIALECT_SQLITE]);
    buf_lit(b, ",\n    ");
    c_string(b, m.text[DIALECT_PG]);
    buf_lit(b, "}};\n");
}

void emit_source(arena *mem, buf *b, const struct sql_file *f)
{
    buf_fmt(b, "/* Made by tools/mksql from %.*s. */\n#include \"gen/sql/%.*s.h\"\n#include <stddef.h>\n#include \"store/sql.h\"\n\n",
            STR_ARG(f->path), STR_ARG(f->place));
    for (size_t i = 0; i < f->rows.n; i++) {
        const struct row *r = &f->rows.v[i];
        buf_fmt(b, "static const struct sql_column columns_%.*s[] = {\n", STR_ARG(r->name));
        for (size_t k = 0; k < r->columns.n; k++)
            buf_fmt(b, "    {\"%.*s\", %s, offsetof(struct %.*s, %.*s)},\n", STR_ARG(r->columns.v[k].name), type_names[r->columns.v[k].type],
                    STR_ARG(r->name), STR_ARG(r->columns.v[k].name));
        buf_lit(b, "};\n");
    }
    buf_fmt(b, "\nextern const int sql_base_%.*s;\nextern const struct sql_statement sql_file_%.*s[];\nconst struct sql_statement sql_file_%.*s[] = {\n",
            STR_ARG(f->ident), STR_ARG(f->ident), STR_ARG(f->ident));
    for (size_t i = 0; i < f->stmts.n; i++) table_row(mem, b, f, &f->stmts.v[i], i);
    buf_lit(b, "    {0}};\n\n");
    for (size_t i = 0; i < f->stmts.n; i++) function(b, f, &f->stmts.v[i], i);
    if (f->is_test && f->ddl.n) emit_ddl(mem, b, f);
}

void emit_registry(buf *b, const struct sql_files *files, const struct migration_files *migrations)
{
    size_t base = 0;
    buf_lit(b, "/* Made by tools/mksql: every migration, and every file of statements. */\n#include \"store/migrate.h\"\n#include \"store/sql.h\"\n\n");
    buf_lit(b, "const struct migration migrations[] = {\n");
    for (size_t i = 0; i < migrations->n; i++) {
        const struct migration_file *m = &migrations->v[i];
        buf_fmt(b, "    {%d, \"%.*s\", \"%.*s\", \"%.*s\", {\n    ", m->number, STR_ARG(m->name), STR_ARG(m->path), STR_ARG(m->hash));
        c_string(b, m->text[DIALECT_SQLITE]);
        buf_lit(b, ",\n    ");
        c_string(b, m->text[DIALECT_PG]);
        buf_lit(b, "}},\n");
    }
    buf_lit(b, "    {0}};\n\n/* Where the numbers of a file's statements start. */\n");
    for (int test = 0; test < 2; test++)
        for (size_t i = 0; i < files->n; i++) {
            if (files->v[i].is_test != (test == 1)) continue;
            buf_fmt(b, "extern const int sql_base_%.*s;\nconst int sql_base_%.*s = %zu;\n", STR_ARG(files->v[i].ident), STR_ARG(files->v[i].ident), base);
            base += files->v[i].stmts.n;
        }
    buf_fmt(b, "const int sql_statement_limit = %zu;\n\n", base);
    for (size_t i = 0; i < files->n; i++)
        if (!files->v[i].is_test) buf_fmt(b, "extern const struct sql_statement sql_file_%.*s[];\n", STR_ARG(files->v[i].ident));
    buf_lit(b, "const struct sql_statement *const sql_registry[] = {\n");
    for (size_t i = 0; i < files->n; i++)
        if (!files->v[i].is_test) buf_fmt(b, "    sql_file_%.*s,\n", STR_ARG(files->v[i].ident));
    buf_lit(b, "    0};\n");
}
