/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "base/buf.h"
#include "web/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A form body: what is read, written again, reads the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    struct pairs a, b;
    if (pairs_parse(mem, (str){(const char *)data, size}, 5000, &a).code == OK) {
        buf w = BUF((size_t)4 << 20);
        for (size_t i = 0; i < a.n; i++) {
            buf_url(&w, a.v[i].name);
            buf_char(&w, '=');
            buf_url(&w, a.v[i].value);
            buf_char(&w, '&');
        }
        if (pairs_parse(mem, buf_str(&w), 5000, &b).code != OK || a.n != b.n) abort();
        for (size_t i = 0; i < a.n; i++)
            if (!str_eq(a.v[i].name, b.v[i].name) || !str_eq(a.v[i].value, b.v[i].value)) abort();
        buf_free(&w);
    }
    arena_free(mem);
    return 0;
}
