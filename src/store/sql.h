/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql.h — what the C generated from .sql files calls (tools/mksql, docs/data.md). Nobody else includes it but the store. */
#pragma once
#include <stddef.h>
#include "store/db.h"

enum sql_type { SQL_I64, SQL_F64, SQL_STR, SQL_BYTES };
enum sql_kind { SQL_ONE, SQL_MANY, SQL_EXEC };

struct sql_value { enum sql_type type; int64_t i; double f; str s; };
#define SQL_V_I64(v_) {.type = SQL_I64, .i = (v_)}
#define SQL_V_F64(v_) {.type = SQL_F64, .f = (v_)}
#define SQL_V_STR(v_) {.type = SQL_STR, .s = (v_)}
#define SQL_V_BYTES(v_) {.type = SQL_BYTES, .s = (v_)}

struct sql_column { const char *name; unsigned char type; size_t offset; };

struct sql_statement {
    const int *base;                    /* *base + index: its number in the program, for caches */
    int index;
    const char *name, *file;
    int line;
    unsigned char kind;
    bool global, writes, counts;        /* no tenant is bound; changes rows; tells how many */
    const char *text[2];                /* SQLite, PostgreSQL */
    size_t n_params;                    /* without the tenant */
    const unsigned char *params;        /* enum sql_type */
    size_t n_columns;
    const struct sql_column *columns;
    size_t row_bytes;
};

err sql_one(db *d, arena *mem, const struct sql_statement *s, const struct sql_value *p, void *out_row);
err sql_many(db *d, arena *mem, const struct sql_statement *s, const struct sql_value *p, void **out_v, size_t *out_n);
err sql_exec(db *d, const struct sql_statement *s, const struct sql_value *p, int64_t *out_changed);

/* Every file of statements of the program; ends with NULL, each file with a row without text. */
extern const struct sql_statement *const sql_registry[];
extern const int sql_statement_limit;   /* numbers are below it, those of tests included */
