/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_commands.c — beffroi rules eval | test: rules in Publicodes, from files, without a store. */
#include "main/rule_commands.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/json.h"
#include "main/rule_files.h"
#include "rules/examples.h"
#include "rules/trace.h"

/* ---- eval ---- */

#define CASE_BYTES_MOST ((size_t)512 << 20)     /* one case, with the traces of all that is asked */

static void rulebase_free_auto(struct rulebase **b) { rulebase_free(*b); }
static void evaluator_free_auto(struct evaluator **ev) { evaluator_free(*ev); }

/* {"RULE": {value, unit, missing}} of one situation. mem: of one case, there may be many. */
static str case_text(struct run *r, arena *mem, const struct rulebase *base, struct evaluator *ev, json_t *situation, struct strs rules)
{
    json_t *trace;
    struct rule_fault fault;
    err e = evaluator_situation(ev, situation, &fault);
    json_t *out = json_own(mem, json_object());
    for (size_t i = 0; i < rules.n; i++) {
        json_t *answer = e.code == OK ? answer_json(ev, rules.v[i]) : json_object();
        if (e.code != OK) json_object_set_new(answer, "error", json_from_str(fault.message));
        else if (run_has(r, "trace") && rules_trace(mem, base, situation, rules.v[i], NULL, &trace, &fault).code == OK) json_object_set(answer, "trace", trace);
        json_object_set_new(out, str_z(mem, rules.v[i]), answer);
    }
    return json_canonical(mem, out);
}

static void cases_print(struct run *r, const struct rulebase *base, struct evaluator *ev, json_t *situation, struct strs rules)
{
    bool many = json_is_array(situation);
    arena *mem = arena_new(CASE_BYTES_MOST);
    for (size_t i = 0; i < (many ? json_array_size(situation) : 1); i++) {
        json_t *one = many ? json_array_get(situation, i) : situation;
        run_print(r, "%s%.*s", !many ? "" : i ? ",\n" : "[", STR_ARG(case_text(r, mem, base, ev, one, rules)));
        arena_reset(mem);
    }
    run_print(r, "%s\n", !many ? "" : json_array_size(situation) ? "]" : "[]");
    arena_free(mem);
}

static int situation_read(struct run *r, json_t **out)
{
    str file = run_option(r, "situation");
    *out = NULL;
    if (!file.p) return DONE;
    err e = rule_file_read(r, file, out);
    return e.code == OK ? DONE : rule_file_fail(r, file, e);
}

int rules_eval_run(struct run *r)
{
    struct strs files = {0}, rules = {0};
    AUTO(rulebase_free_auto) struct rulebase *base = NULL;
    AUTO(evaluator_free_auto) struct evaluator *ev = NULL;
    json_t *situation;
    for (size_t i = 0; i < r->words.n; i++) {
        if (rule_file_is(r->words.v[i])) PUSH(r->mem, &files, r->words.v[i]);
        else PUSH(r->mem, &rules, r->words.v[i]);
    }
    if (!files.n || !rules.n) return run_wrong(r, words(LANG_FR, W("rules.command_files")));
    int status = rule_base_read(r, files, run_has(r, "filter-choices"), &base);
    if (status == DONE) status = situation_read(r, &situation);
    if (status != DONE) return status;
    if (run_has(r, "trace-page")) status = trace_page_write(r, base, json_is_array(situation) ? json_array_get(situation, 0) : situation, rules.v[0]);
    if (status != DONE) return status;
    ev = evaluator_new(base, NULL);
    cases_print(r, base, ev, situation, rules);
    return DONE;
}

/* ---- test ---- */

struct failing { struct run *r; str file; };

static void failing_tell(void *arg, str rule, str example, str why)
{
    struct failing *f = arg;
    run_print(f->r, "%.*s: %.*s (%.*s): %.*s\n", STR_ARG(f->file), STR_ARG(rule), STR_ARG(example), STR_ARG(why));
}

static void file_test(struct run *r, str file, struct examples_result *all)
{
    struct rulebase *base = NULL;
    if (rule_base_read(r, (struct strs){&file, 1}, true, &base) != DONE) {
        all->failed++;
        return;
    }
    struct failing f = {r, file};
    struct examples_result one = examples_run(base, failing_tell, &f);
    all->passed += one.passed;
    all->failed += one.failed;
    rulebase_free(base);
}

static int by_text(const void *a, const void *b) { return str_cmp(*(const str *)a, *(const str *)b); }

/* The rule files of a folder, sorted. */
static err folder_read(struct run *r, str folder, struct strs *out)
{
    DIR *d = opendir(str_z(r->mem, folder));
    if (!d) return FAIL_AT(E_NOT_FOUND, W("exchange.no_file"), str_z(r->mem, folder));
    for (struct dirent *e; (e = readdir(d));)
        if (rule_file_is(str_of(e->d_name))) PUSH(r->mem, out, str_fmt(r->mem, "%.*s/%s", STR_ARG(folder), e->d_name));
    closedir(d);
    if (out->n) qsort(out->v, out->n, sizeof *out->v, by_text);
    return NO_ERR;
}

static bool is_folder(struct run *r, str name)
{
    struct stat st;
    return stat(str_z(r->mem, name), &st) == 0 && S_ISDIR(st.st_mode);
}

int rules_test_run(struct run *r)
{
    struct examples_result all = {0};
    for (size_t i = 0; i < r->words.n; i++) {
        struct strs files = {0};
        err e = NO_ERR;
        if (is_folder(r, r->words.v[i])) e = folder_read(r, r->words.v[i], &files);
        else PUSH(r->mem, &files, r->words.v[i]);
        if (e.code != OK) return run_fail(r, e);
        for (size_t k = 0; k < files.n; k++) file_test(r, files.v[k], &all);
    }
    run_print(r, "%zu passed, %zu failed\n", all.passed, all.failed);
    return all.failed ? FAULT_FOUND : DONE;
}
