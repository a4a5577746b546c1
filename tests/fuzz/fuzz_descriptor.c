/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "formats/ds_descriptor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(arena *mem, const json_t *a, const json_t *b)
{
    return str_eq(json_canonical(mem, a), json_canonical(mem, b));
}

/* What is taken comes back as it was, and again gives the same kind. A kind may also be anything: export must not fall. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    json_t *d, *back, *stored;
    struct ds_import in, again;

    if (json_parse(mem, (str){(const char *)data, size}, &d).code == OK) {
        if (ds_to_kind(mem, d, NULL, &in).code == OK) {
            if (kind_to_ds(mem, in.kind, &back).code != OK || !same(mem, back, d))
                abort();
            if (json_parse(mem, json_canonical(mem, in.kind), &stored).code != OK)
                abort();
            if (ds_to_kind(mem, d, stored, &again).code != OK || !same(mem, again.kind, in.kind))
                abort();
        }
        if (kind_to_ds(mem, d, &back).code == OK)
            json_canonical(mem, back);
        ds_to_kind(mem, d, d, &again);
    }
    arena_free(mem);
    return 0;
}
