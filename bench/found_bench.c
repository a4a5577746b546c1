/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* found_bench [sqlite|postgresql] [SECONDS] — search over the library's entries and 5,000 fact sheets in the published form: what a visitor's
   search asks of the store, words that are in every sheet, slips and sentences among them. The sheets hold some 15,000 distinct words, the few
   words of administration in every one of them (tests/support/sheets_zip.c). PostgreSQL: the URL is in BEFFROI_TEST_PG.
   Prints a line of JSON for each figure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "core/found.h"
#include "core/search.h"
#include "core/sheets.h"
#include "core/testing.h"
#include "formats/json.h"
#include "../tests/support/sheets_zip.h"

enum { SHEETS = 5000, TIMES_MOST = 200000 };

static const char *const asked[] = {
    "poubelle", "carte grise", "cantine", "poublle", "inscrire mon enfant à la cantine", "demande", "déclaration de naissance", "logement étudiant", "permis de construire un abri de jardin",
    "autorisation", "remboursement caution locataire", "fiche", "service", "xyzzy", "carte", "renouvelement", "allocation adoption parent", "je voudrais savoir comment préparer la demande", "a", "travaux"};
#define ASKED (sizeof asked / sizeof *asked)

static err file_of(void *arg, arena *mem, size_t i, struct sheet_file *out)
{
    (void)arg;
    *out = (struct sheet_file){str_fmt(mem, "F%zu.xml", 100000 + i), comarquage_made(mem, i)};
    return NO_ERR;
}

static str name_of(void *arg, size_t i)
{
    return ((str *)arg)[i];
}

static void fill(struct town *t)
{
    struct sheets_done done;
    str *names = NEW_N(t->mem, str, SHEETS);
    for (size_t i = 0; i < SHEETS; i++) names[i] = str_fmt(t->mem, "F%zu.xml", 100000 + i);
    for (const char *const *name = kind_names_library; *name; name++) {
        json_t *def;
        struct kind_row row;
        enum kind_taken what;
        ASSERT_OK(kind_library_get(t->mem, *name, &def));
        ASSERT_OK(kind_take(t->a.d, t->mem, def, t->a.town, &what, &row));
        ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, row.name, 0));
    }
    ASSERT_OK(sheets_import(t->a.d, t->mem, &(struct sheets_source){.n = SHEETS, .file = file_of, .name = name_of, .arg = names}, &done));
    assert_int_equal(done.added, SHEETS);
}

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static size_t ask(struct town *t, int64_t until_us, int64_t *times)
{
    arena *mem = arena_new(0);
    size_t n = 0;
    while (n < TIMES_MOST && clock_monotonic_us() < until_us) {
        struct found_answer a;
        struct hits hits;
        int64_t from = clock_monotonic_us();
        ASSERT_OK(found_run(t->a.d, mem, t->kinds, str_of(asked[n % ASKED]), 60, &a));
        ASSERT_OK(search_run_any(t->a.d, mem, &WHO_NOBODY, true, a.readings, STR_NONE, 25, &hits));
        times[n++] = clock_monotonic_us() - from;
        arena_reset(mem);
    }
    arena_free(mem);
    return n;
}

int main(int n, char **args)
{
    struct test_store store;
    const char *engine = n > 1 ? args[1] : "sqlite";
    int64_t seconds = n > 2 ? strtol(args[2], NULL, 10) : 3, *times;
    hash_start();
    if (test_store_open(&store, engine, NULL).code != OK) return 1;
    struct town *t = town_open(&store);
    times = NEW_N(t->mem, int64_t, TIMES_MOST);
    int64_t from = clock_monotonic_us();
    fill(t);
    ASSERT_OK(store_tend(store.store));          /* as the import does */
    double took = (double)(clock_monotonic_us() - from) / 1e6;
    size_t done = ask(t, clock_monotonic_us() + seconds * 1000000, times);
    qsort(times, done, sizeof *times, by_time);
    const char *what = strcmp(engine, "sqlite") == 0 ? "SQLite" : "PostgreSQL";
    printf("{\"name\":\"search over 5,000 sheets and the library, %s: p50\",\"value\":%.2f,\"unit\":\"ms\"}\n", what, (double)times[done / 2] / 1000);
    printf("{\"name\":\"search over 5,000 sheets and the library, %s: p99\",\"value\":%.2f,\"unit\":\"ms\",\"at_most\":20}\n", what, (double)times[done * 99 / 100] / 1000);
    printf("{\"name\":\"import of 5,000 sheets, %s\",\"value\":%.1f,\"unit\":\"s\"}\n", what, took);
    town_close(t);
    test_store_close(&store);
    return 0;
}
