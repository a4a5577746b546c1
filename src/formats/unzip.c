/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/unzip.h"

#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/words.h"

#define RATIO_MOST 200              /* text seldom packs more than twenty to one */

struct unzip { zip_t *zip; struct unzip_limits limits; size_t n, read; };

err unzip_open(struct unzip **out, const char *path, struct unzip_limits limits)
{
    int why = 0;
    *out = NULL;
    if (access(path, R_OK) != 0) return FAIL_AT(E_NOT_FOUND, W("unzip.no_file"), path);
    zip_t *zip = zip_open(path, ZIP_RDONLY, &why);
    if (!zip) return FAIL_AT(E_MALFORMED, W("unzip.not_zip"), path);
    zip_int64_t n = zip_get_num_entries(zip, 0);
    if (n < 0 || (size_t)n > limits.files) {
        zip_discard(zip);
        return FAIL_AT(E_TOO_LARGE, W("unzip.too_many"), path);
    }
    struct unzip *z = calloc(1, sizeof *z);
    if (!z) abort();
    *z = (struct unzip){zip, limits, (size_t)n, 0};
    *out = z;
    return NO_ERR;
}

size_t unzip_count(const struct unzip *z) { return z->n; }

str unzip_name(const struct unzip *z, size_t i)
{
    str name = str_of(zip_get_name(z->zip, i, ZIP_FL_ENC_RAW));
    return utf8_valid(name) ? name : STR_NONE;
}

static err read_all(struct unzip *z, zip_file_t *f, size_t most, buf *b)
{
    char part[65536];
    zip_int64_t n;
    while ((n = zip_fread(f, part, sizeof part)) > 0) {
        z->read += (size_t)n;
        if (b->n + (size_t)n > most || z->read > z->limits.total_bytes) return FAIL(E_TOO_LARGE, W("unzip.too_large"));
        buf_put(b, (str){part, (size_t)n});
    }
    return n < 0 ? FAIL(E_MALFORMED, W("unzip.broken")) : NO_ERR;
}

err unzip_bytes(struct unzip *z, arena *mem, size_t i, str *out)
{
    zip_stat_t st;
    *out = STR_NONE;
    if (zip_stat_index(z->zip, i, 0, &st) != 0 || !(st.valid & ZIP_STAT_COMP_SIZE)) return FAIL(E_MALFORMED, W("unzip.broken"));
    size_t most = z->limits.file_bytes;
    if (st.comp_size < most / RATIO_MOST) most = (size_t)st.comp_size * RATIO_MOST + 4096;
    zip_file_t *f = zip_fopen_index(z->zip, i, 0);
    if (!f) return FAIL(E_MALFORMED, W("unzip.broken"));
    buf b = BUF(z->limits.file_bytes);
    err e = read_all(z, f, most, &b);
    zip_fclose(f);
    if (e.code == OK) *out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return e;
}

void unzip_close(struct unzip *z)
{
    if (!z) return;
    zip_discard(z->zip);
    free(z);
}
