/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "process/bucket_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a server says its bucket holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    str xml = {(const char *)data, size};
    struct file_reply p = {0};
    if (bucket_list_parse(mem, xml, S("ville/"), &p).code == OK)
        for (size_t i = 0; i < p.n; i++)
            if (p.v[i].key.n > size || (p.v[i].key.n && !p.v[i].key.p)) abort();
    arena_free(mem);
    return 0;
}
