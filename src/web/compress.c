/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <brotli/encode.h>
#include <zlib.h>
#include "web/call.h"

enum { LEAST_BYTES = 700 }; /* less fits in one packet with its headers either way */

bool type_compresses(const char *type)
{
    str t = str_of(type), rest;
    t = str_trim(str_split(t, ';', &rest));
    if (str_starts(t, S("text/"))) return true;
    static const char *const others[] = {
        "application/json",     "application/xml",     "application/javascript",   "image/svg+xml",
        "application/geo+json", "application/ld+json", "application/problem+json", "application/atom+xml",
        "application/rss+xml"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (str_is(t, others[i])) return true;
    return str_ends(t, S("+json")) || str_ends(t, S("+xml"));
}

/* One deflate state (about 200 kB) for each thread that ever compressed, freed when the thread ends. */
static pthread_key_t stream_key;
static pthread_once_t stream_once = PTHREAD_ONCE_INIT;

static void stream_free(void *arg)
{
    deflateEnd(arg);
    free(arg);
}

static void stream_key_make(void)
{
    pthread_key_create(&stream_key, stream_free);
}

static z_stream *stream_of_thread(void)
{
    pthread_once(&stream_once, stream_key_make);
    z_stream *z = pthread_getspecific(stream_key);
    if (z) return deflateReset(z) == Z_OK ? z : NULL;
    z = calloc(1, sizeof *z);
    if (!z) return NULL;
    if (deflateInit2(z, 1, Z_DEFLATED, 15 + 16, 7, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(z);
        return NULL;
    }
    pthread_setspecific(stream_key, z);
    return z;
}

static bool room(buf *out, size_t n)
{
    if (out->cap >= n) return true;
    char *p = realloc(out->p, n);
    if (!p) return false;
    out->p = p;
    out->cap = n;
    return true;
}

str gzip_quick(str plain, int level, buf *out)
{
    z_stream *z = plain.n >= LEAST_BYTES ? stream_of_thread() : NULL;
    if (!z || !room(out, plain.n)) return STR_NONE;
    z->next_out = (Bytef *)out->p;
    z->avail_out = (uInt)plain.n; /* as long as the plain text: not worth it */
    if (deflateParams(z, level, Z_DEFAULT_STRATEGY) != Z_OK) return STR_NONE;
    z->next_in = (z_const Bytef *)plain.p;
    z->avail_in = (uInt)plain.n;
    if (deflate(z, Z_FINISH) != Z_STREAM_END) return STR_NONE;
    out->n = plain.n - z->avail_out;
    return (str){out->p, out->n};
}

str brotli_quick(str plain, int quality, buf *out)
{
    if (plain.n < LEAST_BYTES || !room(out, plain.n)) return STR_NONE;
    size_t n = plain.n;
    if (!BrotliEncoderCompress(quality, 18, BROTLI_MODE_TEXT, plain.n, (const uint8_t *)plain.p, &n,
                               (uint8_t *)out->p))
        return STR_NONE;
    out->n = n;
    return (str){out->p, n};
}
