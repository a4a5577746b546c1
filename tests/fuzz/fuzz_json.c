/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "formats/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken must write itself and read back as the same value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    json_t *v, *back;

    if (json_parse(mem, (str){(const char *)data, size}, &v).code == OK) {
        str once = json_canonical(mem, v);
        if (json_parse(mem, once, &back).code != OK || !json_equal(v, back) || !str_eq(json_canonical(mem, back), once))
            abort();
        if (json_parse(mem, json_pretty(mem, v), &back).code != OK || !json_equal(v, back))
            abort();
        json_path(v, "a.b[1].c");
    }
    arena_free(mem);
    return 0;
}
