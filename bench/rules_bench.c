/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rules_bench.c — rules MODEL.json: our side of bench/rules.part, in ms: the model parsed, first thing in the process; a rule of it evaluated in
   a new situation, the median of the first twenty; the least of many of both, when all is warm; a form of 100 conditional fields one of which
   has changed; and what the model takes in memory, its JSON with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "core/answers.h"
#include "formats/json.h"
#include "rules/engine.h"

enum { PARSES = 9, FIRST = 20, SITUATIONS = 400, FIELDS = 100 };
#define MODEL_BYTES_MOST ((size_t)64 << 20)

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double resident_mb(void)
{
    long pages = 0, all = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%ld %ld", &all, &pages) != 2) pages = 0;
    if (f) fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static void told(const char *what, const double *v, size_t n)
{
    double least = v[0];
    for (size_t i = 1; i < n; i++)
        if (v[i] < least) least = v[i];
    printf("%s %.5f\n", what, least);
}

static int by_size(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }

static double median(const double *v, size_t n)
{
    double sorted[FIRST];
    memcpy(sorted, v, n * sizeof *v);
    qsort(sorted, n, sizeof *sorted, by_size);
    return sorted[n / 2];
}

static _Noreturn void stop(str why)
{
    fprintf(stderr, "rules bench: %.*s\n", STR_ARG(why));
    exit(1);
}

static json_t *model_read(arena *mem, const char *name)
{
    FILE *f = fopen(name, "rb");
    char *bytes = arena_alloc(mem, MODEL_BYTES_MOST / 8);
    json_t *model;
    if (!f) stop(S("no model"));
    size_t n = fread(bytes, 1, MODEL_BYTES_MOST / 8, f);
    fclose(f);
    if (json_parse_max(mem, (str){bytes, n}, MODEL_BYTES_MOST, &model).code != OK) stop(S("not JSON"));
    return model;
}

static struct rulebase *base_new(json_t *rules)
{
    struct rule_fault fault;
    struct rulebase *base;
    if (rulebase_new(&base, rules, NULL, &fault).code != OK) stop(fault.message);
    return base;
}

static double answer(struct evaluator *ev, json_t *situation, const str *rules, size_t n)
{
    struct rule_fault fault;
    struct rule_answer a;
    double from = now_ms();
    if (evaluator_situation(ev, situation, &fault).code != OK) stop(fault.message);
    for (size_t i = 0; i < n; i++)
        if (evaluator_value(ev, rules[i], &a, &fault).code != OK) stop(fault.message);
    return now_ms() - from;
}

static void model_bench(arena *mem, const char *name)
{
    double each[SITUATIONS], before = resident_mb();
    json_t *model = model_read(mem, name);
    str net = S("salarié . rémunération . net . payé après impôt");
    double start = now_ms();
    struct rulebase *base = base_new(model);
    printf("parse %.5f\n", now_ms() - start);
    printf("memory %.1f\n", resident_mb() - before);
    for (int i = 0; i < PARSES; i++) {
        rulebase_free(base);
        double from = now_ms();
        base = base_new(model);
        each[i] = now_ms() - from;
    }
    told("parse-again", each, PARSES);
    struct evaluator *ev = evaluator_new(base, NULL);
    for (int i = 0; i < SITUATIONS; i++) {
        json_t *situation = json_pack("{s:s+}", "salarié . contrat . salaire brut", str_z(mem, str_fmt(mem, "%d", 1500 + 7 * i)), " €/mois");
        each[i] = answer(ev, situation, &net, 1);
        json_decref(situation);
    }
    printf("evaluate %.5f\n", median(each, FIRST));
    told("evaluate-again", each, SITUATIONS);
    evaluator_free(ev);
    rulebase_free(base);
}

/* Through the core, as a page that saves a field does: each question is asked while the one before is answered with more than 3, a value is
   computed of each five; all are answered, and one changes. Half of the conditions are more than menus say. */
static void form_bench(arena *mem)
{
    json_t *fields = json_array(), *doc = json_own(mem, json_object());
    struct answers_env env = {.now_us = clock_now_us()};
    double each[SITUATIONS];
    struct kind *k;
    for (int i = 0; i < FIELDS; i++) {
        json_t *f = json_pack("{s:o, s:o, s:s, s:s}", "id", json_from_str(str_fmt(mem, "f%d", i)), "name", json_from_str(str_fmt(mem, "champ %d", i)), "type", "integer", "label", "Combien");
        str when = i % 2 ? str_fmt(mem, "champ %d > 3", i - 1) : str_fmt(mem, "champ %d * 2 + 1 > 7", i - 1);
        if (i) json_object_set_new(f, "when", json_from_str(when));
        json_array_append_new(fields, f);
        json_object_set_new(doc, str_z(mem, str_fmt(mem, "f%d", i)), json_integer(5));
        if (i % 5 != 4) continue;
        json_array_append_new(fields, json_pack("{s:o, s:o, s:s, s:s, s:o}", "id", json_from_str(str_fmt(mem, "c%d", i)), "name", json_from_str(str_fmt(mem, "valeur %d", i)), "type", "number",
                                                "label", "Somme", "computed", json_from_str(str_fmt(mem, "champ %d + champ %d * 2", i, i - 1))));
    }
    json_t *definition = json_own(mem, json_pack("{s:s, s:s, s:s, s:o}", "kind", "k", "base", "procedure", "title", "Essai", "fields", fields));
    err e = kind_parse_any(mem, definition, &k);
    if (e.code != OK) stop(str_of(e.at ? e.at : e.msg));
    for (int i = 0; i < SITUATIONS; i++) {
        arena *inner = arena_new(0);
        json_object_set_new(doc, str_z(inner, str_fmt(inner, "f%d", 1 + i % (FIELDS - 1))), json_integer(4 + i % 3));
        double from = now_ms();
        if (!answers_live(inner, k, doc, &env)) stop(S("nothing is live"));
        each[i] = now_ms() - from;
        arena_free(inner);
    }
    told("form", each, SITUATIONS);
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    hash_start();
    arena *mem = arena_new((size_t)1 << 30);
    model_bench(mem, argv[1]);
    form_bench(mem);
    arena_free(mem);
    return 0;
}
