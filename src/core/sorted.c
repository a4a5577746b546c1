/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/sorted.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucol.h>
#include <unicode/ustring.h>

#define WORDS_MOST 1000

static pthread_once_t once = PTHREAD_ONCE_INIT;
static UCollator *french;               /* read by all threads, changed by none, for as long as the process */

static void collator_open(void)
{
    UErrorCode status = U_ZERO_ERROR;
    UCollator *made = ucol_open("fr", &status);
    if (U_SUCCESS(status)) french = made;
}

str sort_key(arena *mem, str words)
{
    UChar wide[WORDS_MOST];
    int32_t n = 0;
    UErrorCode status = U_ZERO_ERROR;
    pthread_once(&once, collator_open);
    u_strFromUTF8(wide, WORDS_MOST, &n, words.p ? words.p : "", (int32_t)(words.n > WORDS_MOST ? WORDS_MOST : words.n), &status);
    if (!french || U_FAILURE(status)) return str_fold(mem, words);
    int32_t size = ucol_getSortKey(french, wide, n, NULL, 0);
    uint8_t *key = NEW_N(mem, uint8_t, (size_t)size + 1);
    ucol_getSortKey(french, wide, n, key, size);
    return (str){(const char *)key, size > 0 ? (size_t)size - 1 : 0};         /* without its final 0 */
}

struct keyed { str key; size_t at; };

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int order = str_cmp(x->key, y->key);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

void sort_rows(arena *mem, void *rows, size_t n, size_t size, sorted_key key)
{
    if (n < 2) return;
    struct keyed *order = NEW_N(mem, struct keyed, n);
    char *copy = NEW_N(mem, char, n * size), *out = rows;
    memcpy(copy, rows, n * size);
    for (size_t i = 0; i < n; i++) order[i] = (struct keyed){key(mem, copy + i * size), i};
    qsort(order, n, sizeof *order, by_key);
    for (size_t i = 0; i < n; i++) memcpy(out + i * size, copy + order[i].at * size, size);
}
