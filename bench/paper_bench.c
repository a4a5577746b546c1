/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_bench — a letter of two pages by the converter: the first one, with the start of its process, then with the process there. */
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/hash.h"
#include "paper_sample.h"
#include "process/converter.h"
#include "process/process.h"

enum { ROUNDS = 7, LETTERS = 40 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double one(struct converter *c, arena *mem, str json)
{
    str pdf;
    int64_t from_us = clock_monotonic_us();
    err e = converter_paper(c, mem, json, STR_NONE, &pdf);
    if (e.code != OK) fprintf(stderr, "%s\n", e.msg);
    return e.code == OK ? (double)(clock_monotonic_us() - from_us) / 1000 : 1e9;
}

int main(int n, char **args)
{
    int helper = process_main(n, args);
    if (helper >= 0) return helper;
    hash_start();
    arena *mem = arena_new(0);
    struct paper p = sample_letter(mem);
    str json = paper_json(mem, &p);
    double first[ROUNDS], then[LETTERS];
    struct converter *c = NULL;
    for (int i = 0; i < ROUNDS; i++) {
        if (c) converter_close(c);
        if (converter_open(&c, (struct converter_settings){0}).code != OK) return 1;
        first[i] = one(c, mem, json);
    }
    for (int i = 0; i < LETTERS; i++) then[i] = one(c, mem, json);
    converter_close(c);
    qsort(first, ROUNDS, sizeof *first, by_value);
    qsort(then, LETTERS, sizeof *then, by_value);
    printf("{\"name\":\"letter of two pages, with the start of the converter (median)\",\"value\":%.1f,\"unit\":\"ms\",\"at_most\":150}\n", first[ROUNDS / 2]);
    printf("{\"name\":\"letter of two pages, converter there (median)\",\"value\":%.1f,\"unit\":\"ms\"}\n", then[LETTERS / 2]);
    arena_free(mem);
    return 0;
}
