/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_pages.c — beffroi rules doc, and the page of a trace: static files. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "main/rule_commands.h"
#include "main/rule_files.h"
#include "rules/trace.h"
#include "view/rules_doc.h"
#include "view/why.h"

struct folder { struct run *r; str dir; size_t files; };

/* Every folder of a path. */
static bool folders_make(arena *mem, str path)
{
    for (size_t i = 1; i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/') continue;
        if (mkdir(str_z(mem, str_cut(path, 0, i)), 0777) != 0 && errno != EEXIST) return false;
    }
    return true;
}

static err file_write(void *arg, str name, str bytes)
{
    struct folder *f = arg;
    arena *mem = f->r->mem;
    str path = str_fmt(mem, "%.*s/%.*s", STR_ARG(f->dir), STR_ARG(name));
    FILE *out = folders_make(mem, f->dir) && (!str_starts(name, S("regles/")) || folders_make(mem, str_fmt(mem, "%.*s/regles", STR_ARG(f->dir)))) ? fopen(path.p, "we") : NULL;
    bool written = out && fwrite(bytes.p, 1, bytes.n, out) == bytes.n;
    if (out && fclose(out) != 0) written = false;
    if (!written) return FAIL_AT(E_IO, W("doc.cannot_write"), path.p);
    f->files++;
    return NO_ERR;
}

/* What stands before the last " . ", or the file's own name, is the title of the documentation. */
static str title_of(struct run *r, struct strs files)
{
    str name = files.v[0];
    if (files.n > 1) return words(LANG_FR, W("doc.title"));
    for (size_t i = name.n; i-- > 0;)
        if (name.p[i] == '/') return str_split(str_cut(name, i + 1, name.n), '.', &(str){0});
    return str_split(name, '.', &(str){0});
}

int rules_doc_run(struct run *r)
{
    struct folder f = {.r = r, .dir = run_option(r, "output")};
    struct rulebase *base = NULL;
    if (!f.dir.n) return run_wrong(r, words(LANG_FR, W("doc.where")));
    int status = rule_base_read(r, r->words, false, &base);
    if (status != DONE) return status;
    err e = rules_doc(r->mem, LANG_FR, base, title_of(r, r->words), file_write, &f);
    if (e.code == OK) run_print(r, "%.*s/index.html: %zu\n", STR_ARG(f.dir), rulebase_count(base));
    rulebase_free(base);
    return e.code == OK ? DONE : run_fail(r, e);
}

int trace_page_write(struct run *r, const struct rulebase *b, json_t *situation, str rule)
{
    struct folder f = {.r = r, .dir = run_option(r, "trace-page")};
    struct rule_fault fault;
    struct why_names names = why_names_of(b);
    json_t *trace;
    if (rules_trace(r->mem, b, situation, rule, NULL, &trace, &fault).code != OK) return DONE;      /* the answer itself says the fault */
    struct html body = why_html(r->mem, LANG_FR, trace, &names, NULL);
    err e = rules_page_alone(r->mem, LANG_FR, words(LANG_FR, W("doc.why")), body, file_write, &f);
    return e.code == OK ? DONE : run_fail(r, e);
}
