/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "shared_data.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER BEFFROI_SOURCE_DIR "/../shared/data/"

bool file_bytes(arena *mem, const char *path, str *out)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *p = arena_alloc(mem, n + 1);
    bool whole = fread(p, 1, n, f) == n;
    fclose(f);
    *out = (str){p, n};
    return whole;
}

bool shared_data(arena *mem, const char *path, str *out)
{
    const char *full = str_z(mem, str_fmt(mem, FOLDER "%s", path));
    if (file_bytes(mem, full, out))
        return true;
    fprintf(stderr, "not there: %s\n", full);
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

struct strs shared_names(arena *mem, const char *folder)
{
    struct strs names = {0};
    DIR *d = opendir(str_z(mem, str_fmt(mem, FOLDER "%s", folder)));

    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.')
            PUSH(mem, &names, str_copy(mem, str_of(e->d_name)));
    if (d)
        closedir(d);
    if (names.n > 1)
        qsort(names.v, names.n, sizeof *names.v, by_bytes);
    return names;
}
