/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* comarquage --count N -o FILE.zip — an archive of fact sheets in the form that DILA publishes: the written samples, and N made-up ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sheets_zip.h"

int main(int argc, char **argv)
{
    const char *out = NULL;
    size_t count = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--count") == 0) count = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "-o") == 0) out = argv[i + 1];
    }
    if (!out) {
        fprintf(stderr, "comarquage --count N -o FILE.zip\n");
        return 2;
    }
    comarquage_zip(out, true, NULL, count);
    return 0;
}
