/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/zip.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

static err failed(void) { return FAIL(E_IO, "zip.failed"); }

/* below: the path from the folder itself; "" at its top. */
static err folder_add(arena *mem, zip_t *z, str dir, str below)
{
    DIR *d = opendir(str_z(mem, str_fmt(mem, "%.*s/%.*s", STR_ARG(dir), STR_ARG(below))));
    err e = d ? NO_ERR : failed();
    for (struct dirent *x; e.code == OK && (x = readdir(d));) {
        if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0) continue;
        str name = str_fmt(mem, below.n ? "%.*s/%s" : "%.*s%s", STR_ARG(below), x->d_name);
        const char *path = str_z(mem, str_fmt(mem, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name)));
        struct stat st;
        if (lstat(path, &st) != 0) e = failed();
        else if (S_ISDIR(st.st_mode)) e = folder_add(mem, z, dir, name);
        else if (S_ISREG(st.st_mode)) {
            zip_source_t *s = zip_source_file(z, path, 0, -1);
            if (!s || zip_file_add(z, name.p, s, ZIP_FL_ENC_UTF_8) < 0) {
                zip_source_free(s);
                e = failed();
            }
        }
    }
    if (d) closedir(d);
    return e;
}

err zip_folder(arena *mem, const char *dir, const char *file)
{
    int code = 0;
    zip_t *z = zip_open(file, ZIP_CREATE | ZIP_EXCL, &code);
    if (!z) return code == ZIP_ER_EXISTS ? FAIL(E_EXISTS, "tenant.export.not_empty") : failed();
    err e = folder_add(mem, z, str_of(dir), S(""));
    if (e.code == OK && zip_close(z) == 0) return NO_ERR;
    zip_discard(z);
    return e.code == OK ? failed() : e;
}
