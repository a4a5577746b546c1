/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_check.c — beffroi rules check: faults of rules in files, each with its file and line. Several files make one base. */
#include <stdlib.h>

#include "formats/yaml.h"
#include "main/exchange.h"
#include "main/rule_commands.h"
#include "main/rule_files.h"
#include "rules/check.h"

struct rule_file { str name; json_t *rules; struct marks *marks; };
struct rule_files { struct rule_file *v; size_t n; };
struct line { const struct rule_file *file; const struct rules_finding *finding; struct mark at; };

static err file_read(struct run *r, str name, struct rule_file *out, struct mark *fault)
{
    str text;
    *out = (struct rule_file){.name = name};
    TRY(file_text(r->mem, name, &text));
    if (!str_ends(name, S(".json"))) return yaml_parse_marked(r->mem, text, &out->rules, &out->marks, fault);
    TRY(json_parse_max(r->mem, text, RULES_BYTES_MOST, &out->rules));
    out->marks = json_marks(r->mem, text, out->rules);
    return NO_ERR;
}

/* What cannot be read at all ends the check, at its line. */
static int cannot_read(struct run *r, str file, err e, struct mark at)
{
    if (!at.line) {
        e.at = str_z(r->mem, str_fmt(r->mem, "%.*s%s%s", STR_ARG(file), e.at ? ": " : "", e.at ? e.at : ""));
        return run_fail(r, e);
    }
    run_print(r, "%.*s:%u:%u: : %.*s [error yaml]\n1 errors, 0 warnings\n", STR_ARG(file), at.line, at.column, STR_ARG(words(LANG_FR, e.msg)));
    return FAULT_FOUND;
}

static int files_read(struct run *r, struct rule_files *out, json_t **all)
{
    const char *name;
    json_t *v;
    *all = NULL;
    for (size_t i = 0; i < r->words.n; i++) {
        struct rule_file f;
        struct mark fault = {0};
        err e = file_read(r, r->words.v[i], &f, &fault);
        if (e.code != OK) return cannot_read(r, r->words.v[i], e, fault);
        PUSH(r->mem, out, f);
        if (r->words.n == 1) return *all = f.rules, DONE;
        if (!*all) *all = json_own(r->mem, json_object());
        json_object_foreach(f.rules, name, v) {
            if (json_object_get(*all, name)) return cannot_read(r, f.name, FAIL_AT(E_EXISTS, W("rules.twice"), name), (struct mark){0});
            json_object_set(*all, name, v);
        }
    }
    return DONE;
}

/* The file of a finding: the one that holds the first step of its path. */
static const struct rule_file *file_of(arena *mem, const struct rule_files *files, str path)
{
    str rest;
    const char *key = str_z(mem, str_split(str_cut(path, 1, path.n), '/', &rest));
    for (size_t i = 0; i < files->n; i++)
        if (marks_find(files->v[i].marks, files->v[i].rules, pointer_add(mem, STR_NONE, str_of(key))).line) return &files->v[i];
    return &files->v[0];
}

static int by_place(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->file != y->file) return x->file < y->file ? -1 : 1;
    if (x->at.line != y->at.line) return x->at.line < y->at.line ? -1 : 1;
    if (x->at.column != y->at.column) return x->at.column < y->at.column ? -1 : 1;
    return x->finding < y->finding ? -1 : 1;
}

static const char *severity(const struct rules_finding *f) { return f->severity == RULES_ERROR ? "error" : "warning"; }

static void print_json(struct run *r, const struct line *v, size_t n)
{
    json_t *all = json_own(r->mem, json_array());
    for (size_t i = 0; i < n; i++) {
        const struct rules_finding *f = v[i].finding;
        json_t *one = json_pack("{s:s, s:s, s:i, s:i}", "code", f->code, "severity", severity(f), "line", (int)v[i].at.line, "column", (int)v[i].at.column);
        json_put_str(one, "file", v[i].file->name);
        json_put_str(one, "rule", f->rule);
        json_put_str(one, "path", f->path);
        json_put_str(one, "message", f->message);
        json_array_append_new(all, one);
    }
    run_print(r, "%.*s", STR_ARG(json_pretty(r->mem, all)));
}

int rules_check_run(struct run *r)
{
    struct rule_files files = {0};
    struct rules_check_options options = {.lang = LANG_FR};
    struct rules_findings found;
    json_t *all;
    int status = files_read(r, &files, &all);
    if (status != DONE) return status;
    for (str rest = run_option(r, "goal"); rest.p;) {
        str one = str_trim(str_split(rest, ',', &rest));
        if (one.n) PUSH(r->mem, &options.goals, one);
    }
    rules_check(r->mem, all, &options, &found);
    struct line *lines = NEW_N(r->mem, struct line, found.n + 1);
    for (size_t i = 0; i < found.n; i++) {
        const struct rule_file *f = file_of(r->mem, &files, found.v[i].path);
        lines[i] = (struct line){f, &found.v[i], rules_finding_mark(&found.v[i], f->marks, f->rules)};
    }
    if (found.n) qsort(lines, found.n, sizeof *lines, by_place);
    if (run_has(r, "json")) {
        print_json(r, lines, found.n);
    } else {
        for (size_t i = 0; i < found.n; i++) {
            const struct rules_finding *f = lines[i].finding;
            run_print(r, "%.*s:%u:%u: ", STR_ARG(lines[i].file->name), lines[i].at.line, lines[i].at.column);
            run_print(r, "%.*s: %.*s [%s %s]\n", STR_ARG(f->rule), STR_ARG(f->message), severity(f), f->code);
        }
        run_print(r, "%zu errors, %zu warnings\n", found.errors, found.n - found.errors);
    }
    return found.errors ? FAULT_FOUND : DONE;
}
