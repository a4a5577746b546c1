/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* select.h — the one builder of SELECTs whose filters people choose. Table, columns and joins come from static tables in C
   (whitelist); values are always bound. Refuses to run without the tenant. Used by lists, counts, search and exports. */
#pragma once
#include "store/db.h"

struct select;
enum compare { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE, CMP_IN };

/* from: "record r" …; the tenant condition is written for every alias given ("r,ri"). columns: "r.id, r.title". */
struct select *select_new(arena *mem, const char *columns, const char *from, const char *tenant_aliases);
void select_where_i64(struct select *q, const char *column, enum compare c, int64_t v);
void select_where_str(struct select *q, const char *column, enum compare c, str v);
void select_where_in(struct select *q, const char *column, struct strs values);
void select_where_in_bytes(struct select *q, const char *column, struct strs values);
void select_where_in_i64(struct select *q, const char *column, const int64_t *v, size_t n);
/* A condition written in C, with '?' for each value pushed next by select_value_*; for OR groups, EXISTS, and paging by key:
   "(r.created, r.id) < (?, ?)". It is put in parentheses. */
void select_where(struct select *q, const char *sql_with_question_marks);
void select_value_i64(struct select *q, int64_t v);
void select_value_f64(struct select *q, double v);
void select_value_str(struct select *q, str v);
/* Columns are then what it groups by, and sums; no order, no limit. */
void select_group(struct select *q, const char *group_by);
void select_order(struct select *q, const char *order_by);        /* must end with the id column, or `record` */
void select_limit(struct select *q, int n);

/* Rows as an array of cells in column order; cell.i for integers, cell.s for text and bytes, cell.f for reals. */
struct cell { int64_t i; double f; str s; bool null; };
struct cells { struct cell *v; size_t n; size_t columns; };       /* n rows of `columns` cells */
err select_run(db *d, arena *mem, struct select *q, struct cells *out);      /* E_INTERNAL: built wrongly, the log says how */
