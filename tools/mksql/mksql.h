/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mksql.h — what the parts of the SQL tool share. The format of .sql files and the rules they obey: docs/data.md. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* ---- faults: file:line: message on stderr, counted; the run goes on so that one build shows them all ---- */
void fault(str file, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int fault_count(void);

/* ---- lex.c: SQL as tokens ---- */
enum tok_kind { TOK_WORD, TOK_QUOTED, TOK_STRING, TOK_NUMBER, TOK_PARAM, TOK_PUNCT };
struct tok {
    enum tok_kind kind;
    str text;        /* as written; TOK_QUOTED without its quotes is in `name` */
    str name;        /* words and quoted names, lower case for words */
    int param;       /* TOK_PARAM: n of $n */
    int line, depth; /* depth in parentheses; a '(' and its ')' have the depth outside them */
    size_t mate;     /* '(' and ')': index of the other */
    bool space;      /* white space stood before it */
};
struct toks { struct tok *v; size_t n; };
/* Comments are dropped. Faults are reported under `file`. */
void lex(arena *mem, str file, str text, int first_line, struct toks *out);
bool tok_is(const struct tok *t, const char *word_or_punct);
bool tok_among(const struct tok *t, const char *const *words);

/* ---- parse.c: statement files ---- */
enum dialect { DIALECT_SQLITE, DIALECT_PG, DIALECT_N };
enum value_type { TYPE_I64, TYPE_F64, TYPE_STR, TYPE_BYTES };
struct column { str name; enum value_type type; int line; };
struct columns { struct column *v; size_t n; };
struct row { str name; struct columns columns; int line; bool anonymous; };
struct rows { struct row *v; size_t n; };
enum stmt_kind { KIND_ONE, KIND_MANY, KIND_EXEC };
struct stmt {
    str name;
    enum stmt_kind kind;
    bool global, changed, writes;
    bool order_ok, clock_ok, all_tenants;
    int line;
    struct columns params;
    str row;                            /* name of its row; absent for :exec */
    struct toks body[DIALECT_N];
    int body_line[DIALECT_N];
    bool own_bodies;                    /* two bodies under one name */
};
struct stmts { struct stmt *v; size_t n; };
struct sql_file {
    str path;                           /* src/core/record.sql */
    str place;                          /* core/record.sql */
    str ident;                          /* core_record */
    bool is_test;                       /* x_test.sql: has its own tables, is not prepared by the server */
    struct rows rows;
    struct stmts stmts;
    str ddl;                            /* the :ddl section of a test file */
    int ddl_line;
};
struct sql_files { struct sql_file *v; size_t n; };
void parse_file(arena *mem, str path, struct sql_file *out);
const struct row *file_row(const struct sql_file *f, str name);
bool read_file(arena *mem, str path, str *out);

/* ---- ddl.c: migrations ---- */
struct table {
    str name;
    bool tenant, view;                  /* has a column tenant */
    struct strs key;                    /* columns of the primary key */
};
struct tables { struct table *v; size_t n; };
struct migration_file { str path, name, hash; int number; str text[DIALECT_N]; };
struct migration_files { struct migration_file *v; size_t n; };
void ddl_translate(arena *mem, str path, str text, int first_line, struct migration_file *out, struct tables *tables);
const struct table *table_find(const struct tables *t, str name);

/* ---- check.c: the rules that need to know the tables ---- */
void check_statement(arena *mem, const struct sql_file *f, const struct stmt *s, const struct tables *tables);

/* ---- emit.c: C ---- */
void emit_header(buf *b, const struct sql_file *f);
void emit_source(arena *mem, buf *b, const struct sql_file *f);
void emit_registry(buf *b, const struct sql_files *files, const struct migration_files *migrations);
/* Tokens as text again; parameters in the form of the dialect. */
str sql_text(arena *mem, const struct stmt *s, enum dialect d);
