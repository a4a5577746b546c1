/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "formats/paper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken is written so that it reads back the same; any text in Markdown gives a paper that is taken. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    str text = {(const char *)data, size};
    struct paper p, again;
    if (paper_read(mem, text, &p).code == OK) {
        str json = paper_json(mem, &p);
        if (paper_read(mem, json, &again).code != OK || !str_eq(paper_json(mem, &again), json)) abort();
    }
    p = (struct paper){.title = S("Markdown")};
    paper_markdown(mem, text, &p.blocks);
    str json = paper_json(mem, &p);
    if (json.n < PAPER_MAX_BYTES && size < 60000 && paper_read(mem, json, &again).code != OK) abort();
    arena_free(mem);
    return 0;
}
