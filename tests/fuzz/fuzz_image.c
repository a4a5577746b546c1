/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "process/image_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A stripped WebP is bare; what is bare is whole; nothing is read beyond the end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str in = {(const char *)data, size};
    if (image_is_bare(in, IMAGE_JPEG) && !image_is_whole(in, TYPE_JPEG)) abort();
    if (image_is_bare(in, IMAGE_WEBP) && !image_is_whole(in, TYPE_WEBP)) abort();
    image_is_whole(in, TYPE_PNG);
    image_is_whole(in, TYPE_HEIF);
    if (image_type_of(in) == TYPE_WEBP) {
        char *copy = malloc(size);
        memcpy(copy, data, size);
        str bare = webp_strip((str){copy, size});
        if (bare.p && bare.n >= 20 && !image_is_bare(bare, IMAGE_WEBP)) abort();
        free(copy);
    }
    return 0;
}
