/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "formats/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken must write itself and read back as the same value; and so must all JSON. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    json_t *v, *back;
    str text = {(const char *)data, size};

    for (int as_json = 0; as_json < 2; as_json++) {
        if ((as_json ? json_parse(mem, text, &v) : yaml_parse(mem, text, &v)).code != OK)
            continue;
        if (yaml_parse(mem, yaml_write(mem, v), &back).code != OK || !json_equal(v, back))
            abort();
    }
    arena_free(mem);
    return 0;
}
