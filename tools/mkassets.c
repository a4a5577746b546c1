/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mkassets OUT.c NAME=FILE… — writes web/assets.h's table: each file as bytes, plain and compressed once for all (gzip -9, brotli 11),
   our own stylesheets and scripts without their comments and indentation, and one tag hashed over the whole set. */
#include <brotli/encode.h>
#include <sodium.h>
#include <string.h>
#include <zlib.h>
#include "base/arena.h"
#include "base/str.h"

struct file { str name, path, bytes, gzip, brotli; const char *type; };

static _Noreturn void stop(str where, const char *why)
{
    fprintf(stderr, "mkassets: %.*s: %s\n", STR_ARG(where), why);
    exit(1);
}

static str file_bytes(arena *a, str path)
{
    FILE *f = fopen(str_z(a, path), "rb");
    if (!f) stop(path, "cannot be read");
    size_t n = 0, cap = 65536;
    char *p = arena_alloc(a, cap);
    for (size_t k; (k = fread(p + n, 1, cap - n, f)) > 0;) {
        n += k;
        if (n == cap) {
            p = arena_grow(a, p, cap, cap * 2);
            cap *= 2;
        }
    }
    if (ferror(f)) stop(path, "cannot be read");
    fclose(f);
    return (str){p, n};
}

static const char *type_of(str name)
{
    static const struct { const char *end, *type; } types[] = {
        {".css", "text/css; charset=utf-8"},   {".js", "text/javascript; charset=utf-8"}, {".mjs", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},             {".png", "image/png"},                     {".webp", "image/webp"},
        {".jpg", "image/jpeg"},                {".ico", "image/x-icon"},                  {".json", "application/json"},
        {".webmanifest", "application/manifest+json"}, {".geojson", "application/geo+json"}, {".txt", "text/plain; charset=utf-8"},
        {".woff2", "font/woff2"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_ends(name, str_of(types[i].end))) return types[i].type;
    stop(name, "a kind of file that mkassets does not know: add its content type");
}

/* ---- lighter: what only people who read the source need stays in the source, but for the first line, the licence ---- */
static str first_line(str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] != '\n') n++;
    return str_cut(s, 0, n < s.n ? n + 1 : n);
}

static bool keeps_no_blank(char c) { return c == '{' || c == '}' || c == ';' || c == ','; }

/* Comments out; blanks down to one, to none beside { } ; and the comma, and after a colon. Strings as they are. */
static str css_light(arena *a, str s)
{
    str head = first_line(s);
    char *out = arena_alloc(a, s.n + 1), quote = 0;
    size_t n = head.n;
    memcpy(out, s.p, n);
    for (size_t i = n; i < s.n; i++) {
        char ch = s.p[i];
        if (!quote && ch == '/' && i + 1 < s.n && s.p[i + 1] == '*') {
            for (i += 3; i < s.n && !(s.p[i - 1] == '*' && s.p[i] == '/');) i++;
            continue;
        }
        if (quote ? ch == quote : ch == '"' || ch == '\'') quote = quote ? 0 : ch;
        bool blank = !quote && (ch == ' ' || ch == '\n' || ch == '\t');
        if (blank && (keeps_no_blank(out[n - 1]) || out[n - 1] == ' ' || out[n - 1] == ':' || out[n - 1] == '\n')) continue;
        if (!quote && keeps_no_blank(ch) && out[n - 1] == ' ') n--;
        if (!quote && ch == '}' && out[n - 1] == ';') n--;
        out[n++] = blank ? ' ' : ch;
    }
    return (str){out, n};
}

/* Lines that are only a comment out, indentation out. Sound for scripts of 2018 as ours are: no string goes over a line's end. */
static str js_light(arena *a, str s)
{
    str rest = s, head = first_line(s);
    char *out = arena_alloc(a, s.n + 1);
    size_t n = head.n;
    memcpy(out, s.p, n);
    for (rest = str_cut(s, n, s.n); rest.n;) {
        str whole = first_line(rest), line = str_trim(whole);
        rest = str_cut(rest, whole.n, rest.n);
        if (!line.n || str_starts(line, S("//")) || (str_starts(line, S("/*")) && str_find(line, S("*/")) == (ptrdiff_t)line.n - 2)) continue;
        memcpy(out + n, line.p, line.n);
        n += line.n;
        out[n++] = '\n';
    }
    return (str){out, n};
}

/* Ours; what comes from elsewhere (leaflet/) is given as it came. */
static str light(arena *a, str name, str s)
{
    bool ours = str_find_char(name, '/') < 0;
    return ours && str_ends(name, S(".css")) ? css_light(a, s) : ours && str_ends(name, S(".js")) ? js_light(a, s) : s;
}

static str gzip_of(arena *a, str s)
{
    z_stream z = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) stop(s, "zlib");
    size_t max = deflateBound(&z, s.n) + 32;
    unsigned char *p = arena_alloc(a, max);
    z.next_in = (z_const Bytef *)(uintptr_t)s.p;
    z.avail_in = (unsigned)s.n;
    z.next_out = p;
    z.avail_out = (unsigned)max;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) stop(S("gzip"), "failed");
    str out = {(char *)p, z.total_out};
    deflateEnd(&z);
    return out.n < s.n ? out : STR_NONE;
}

static str brotli_of(arena *a, str s)
{
    size_t n = BrotliEncoderMaxCompressedSize(s.n);
    uint8_t *p = arena_alloc(a, n + 1);
    if (!BrotliEncoderCompress(11, 24, BROTLI_MODE_GENERIC, s.n, (const uint8_t *)s.p, &n, p)) stop(S("brotli"), "failed");
    return n < s.n ? (str){(char *)p, n} : STR_NONE;
}

/* As string literals: compilers read them ten times faster than lists of numbers. */
static void write_bytes(FILE *out, const char *what, size_t at, str s)
{
    if (!s.p) return;
    fprintf(out, "static const unsigned char %s_%zu[%zu] =\n    \"", what, at, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        if (i && i % 64 == 0) fputs("\"\n    \"", out);
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '?')
            fputc(c, out);
        else
            fprintf(out, "\\%03o", c);
    }
    fputs("\";\n", out);
}

static void write_ref(FILE *out, const char *what, size_t at, str s)
{
    if (s.p) fprintf(out, ", %s_%zu", what, at);
    else fputs(", 0", out);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static void tag_of(const struct file *v, size_t n, char tag[13])
{
    crypto_hash_sha256_state h;
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&h);
    for (size_t i = 0; i < n; i++) {
        uint64_t sizes[2] = {v[i].name.n, v[i].bytes.n};
        crypto_hash_sha256_update(&h, (const unsigned char *)sizes, sizeof sizes);
        crypto_hash_sha256_update(&h, (const unsigned char *)v[i].name.p, v[i].name.n);
        crypto_hash_sha256_update(&h, (const unsigned char *)v[i].bytes.p, v[i].bytes.n);
    }
    crypto_hash_sha256_final(&h, sum);
    sodium_bin2hex(tag, 13, sum, 6);
}

int main(int argc, char **argv)
{
    if (argc < 2 || sodium_init() < 0) {
        fputs("usage: mkassets OUT.c NAME=FILE…\n", stderr);
        return 2;
    }
    arena *a = arena_new((size_t)1024 * 1024 * 1024);
    size_t n = (size_t)argc - 2;
    struct file *v = NEW_N(a, struct file, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct file *f = &v[i];
        f->name = str_split(str_of(argv[i + 2]), '=', &f->path);
        f->type = type_of(f->name);
        f->bytes = light(a, f->name, file_bytes(a, f->path));
        f->gzip = gzip_of(a, f->bytes);
        f->brotli = brotli_of(a, f->bytes);
    }
    qsort(v, n, sizeof *v, by_name);
    char tag[13];
    tag_of(v, n, tag);
    FILE *out = fopen(argv[1], "w");
    if (!out) stop(str_of(argv[1]), "cannot be written");
    fputs("/* Made by tools/mkassets. */\n#include \"web/assets.h\"\n", out);
    for (size_t i = 0; i < n; i++) {
        write_bytes(out, "plain", i, v[i].bytes);
        write_bytes(out, "gzip", i, v[i].gzip);
        write_bytes(out, "brotli", i, v[i].brotli);
    }
    fputs("static const struct asset all[] = {\n", out);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "    {\"%.*s\", \"%s\"", STR_ARG(v[i].name), v[i].type);
        write_ref(out, "plain", i, v[i].bytes);
        write_ref(out, "gzip", i, v[i].gzip);
        write_ref(out, "brotli", i, v[i].brotli);
        fprintf(out, ", %zu, %zu, %zu},\n", v[i].bytes.n, v[i].gzip.n, v[i].brotli.n);
    }
    fprintf(out, "    {0}};\nconst struct asset_table assets_built = {all, %zu, \"%s\"};\n", n, tag);
    if (fclose(out) != 0) stop(str_of(argv[1]), "cannot be written");
    arena_free(a);
    return 0;
}
