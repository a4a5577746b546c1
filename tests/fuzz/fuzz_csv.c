/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "base/utf8.h"
#include "formats/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every row is as wide as the heading, text is clean UTF-8, lines never go down; what is written reads back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    struct csv t, back;
    buf b = BUF((size_t)16 << 20);
    struct csv_writer w = {.out = &b, .separator = ';'};

    if (csv_read(mem, (str){(const char *)data, size}, 0, (struct csv_limits){.max_columns = 50}, &t).code == OK) {
        for (size_t i = 0; i < t.header.n; i++)
            csv_cell(&w, str_fmt(mem, "c%zu", i));
        csv_cell(&w, S("end"));                     /* so that no row is empty: those are skipped */
        csv_end_row(&w);
        for (size_t r = 0; r < t.rows.n; r++) {
            if (t.rows.v[r].cells.n != t.header.n || (r && t.rows.v[r].line < t.rows.v[r - 1].line))
                abort();
            for (size_t i = 0; i < t.header.n; i++) {
                if (!utf8_valid(t.rows.v[r].cells.v[i]))
                    abort();
                csv_cell(&w, t.rows.v[r].cells.v[i]);
            }
            csv_cell(&w, S("end"));
            csv_end_row(&w);
        }
        if (csv_read(mem, buf_str(&b), ';', (struct csv_limits){0}, &back).code != OK || back.faults.n || back.rows.n != t.rows.n)
            abort();
        for (size_t r = 0; r < t.rows.n; r++)
            for (size_t i = 0; i < t.header.n; i++)
                if (!str_eq(back.rows.v[r].cells.v[i], t.rows.v[r].cells.v[i]))
                    abort();
    }
    buf_free(&b);
    arena_free(mem);
    return 0;
}
