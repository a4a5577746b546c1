/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mksql — named SQL statements and migrations into C. docs/data.md has the format and the rules.
   mksql FILE.sql OUT.h OUT.c                   one file of statements
   mksql -m OUT.c MIGRATION… -- FILE.sql…       every migration, the list of all statements; checks what needs the tables */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mksql/mksql.h"

static void write_file(const char *path, buf *b)
{
    FILE *out = fopen(path, "wb");
    if (b->full || !out || fwrite(b->p, 1, b->n, out) != b->n || fclose(out) != 0) {
        fprintf(stderr, "%s: cannot be written\n", path);
        exit(1);
    }
}

/* The name after the last slash without ".sql": 0101_core. */
static void migration_name(str path, struct migration_file *m)
{
    str base = path;
    for (ptrdiff_t at; (at = str_find_char(base, '/')) >= 0;) base = str_cut(base, (size_t)at + 1, base.n);
    int64_t number = 0;
    str name, digits = str_split(base, '_', &name);
    if (digits.n != 4 || str_i64(digits, &number).code != OK || number < 1 || !str_ends(name, S(".sql")))
        fault(path, 1, "a migration is named NNNN_name.sql");
    m->path = path;
    m->number = (int)number;
    m->name = str_cut(name, 0, name.n > 4 ? name.n - 4 : 0);
}

static int by_number(const void *a, const void *b)
{
    return ((const struct migration_file *)a)->number - ((const struct migration_file *)b)->number;
}

static void migrations_read(arena *mem, struct migration_files *all, struct tables *tables)
{
    if (all->n) qsort(all->v, all->n, sizeof *all->v, by_number);
    for (size_t i = 0; i < all->n; i++) {
        str text;
        if (i && all->v[i].number == all->v[i - 1].number)
            fault(all->v[i].path, 1, "the number is taken by %.*s", STR_ARG(all->v[i - 1].path));
        if (!read_file(mem, all->v[i].path, &text)) fault(all->v[i].path, 1, "cannot be read");
        else ddl_translate(mem, all->v[i].path, text, 1, &all->v[i], tables);
    }
}

static void names_unique(const struct sql_files *files)
{
    for (size_t a = 0; a < files->n; a++)
        for (size_t i = 0; i < files->v[a].stmts.n; i++) {
            const struct stmt *s = &files->v[a].stmts.v[i];
            for (size_t b = 0; b <= a; b++)
                for (size_t k = 0; k < (b == a ? i : files->v[b].stmts.n); k++)
                    if (str_eq(s->name, files->v[b].stmts.v[k].name))
                        fault(files->v[a].path, s->line, "%.*s is the name of a statement of %.*s:%d", STR_ARG(s->name),
                              STR_ARG(files->v[b].path), files->v[b].stmts.v[k].line);
        }
}

static int run_all(arena *mem, int n, char **args)
{
    struct migration_files migrations = {0};
    struct sql_files files = {0};
    struct tables tables = {0};
    bool statements = false;
    for (int i = 1; i < n; i++) {
        if (strcmp(args[i], "--") == 0) {
            statements = true;
        } else if (statements) {
            struct sql_file f;
            parse_file(mem, str_of(args[i]), &f);
            PUSH(mem, &files, f);
        } else {
            struct migration_file m = {0};
            migration_name(str_of(args[i]), &m);
            PUSH(mem, &migrations, m);
        }
    }
    migrations_read(mem, &migrations, &tables);
    for (size_t i = 0; i < files.n; i++) {
        struct sql_file *f = &files.v[i];
        struct migration_file own;
        size_t known = tables.n;
        if (f->ddl.n) ddl_translate(mem, f->path, f->ddl, f->ddl_line, &own, &tables);
        for (size_t k = 0; k < f->stmts.n; k++) check_statement(mem, f, &f->stmts.v[k], &tables);
        tables.n = known;
    }
    names_unique(&files);
    if (fault_count()) return 1;
    buf b = BUF(1 << 24);
    emit_registry(&b, &files, &migrations);
    write_file(args[0], &b);
    buf_free(&b);
    return 0;
}

static int run_one(arena *mem, char **args)
{
    struct sql_file f;
    buf h = BUF(1 << 24), c = BUF(1 << 24);
    parse_file(mem, str_of(args[0]), &f);
    if (fault_count()) return 1;
    emit_header(&h, &f);
    emit_source(mem, &c, &f);
    if (fault_count()) return 1;
    write_file(args[1], &h);
    write_file(args[2], &c);
    buf_free(&h);
    buf_free(&c);
    return 0;
}

int main(int n, char **args)
{
    arena *mem = arena_new(0);
    int status = 2;
    if (n > 3 && strcmp(args[1], "-m") == 0) status = run_all(mem, n - 2, args + 2);
    else if (n == 4) status = run_one(mem, args + 1);
    else fprintf(stderr, "usage: mksql FILE.sql OUT.h OUT.c | mksql -m OUT.c MIGRATION… -- FILE.sql…\n");
    arena_free(mem);
    return status;
}
