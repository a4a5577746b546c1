/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "base/buf.h"
#include "base/utf8.h"
#include "web/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    buf text;
    int open;
};

static err on_begin(void *arg, const struct part_head *h)
{
    struct seen *s = arg;
    if (s->open++ || !utf8_valid(h->name) || !utf8_valid(h->file_name)) abort();
    buf_fmt(&s->text, "\n[%zu %zu %zu]", h->name.n, h->file_name.n, h->type.n);
    return NO_ERR;
}

static err on_data(void *arg, str bytes)
{
    struct seen *s = arg;
    if (!s->open || !bytes.n) abort();
    buf_put(&s->text, bytes);
    return NO_ERR;
}

static err on_end(void *arg)
{
    struct seen *s = arg;
    if (s->open-- != 1) abort();
    return NO_ERR;
}

static err read_in_pieces(arena *mem, str body, size_t piece, struct seen *s)
{
    struct multipart *m;
    s->text = BUF((size_t)8 << 20);
    TRY(multipart_new(mem, S("multipart/form-data; boundary=b"),
                      (struct multipart_events){on_begin, on_data, on_end}, s, &m));
    for (size_t at = 0; at < body.n; at += piece) TRY(multipart_feed(m, str_cut(body, at, at + piece)));
    return multipart_end(m);
}

/* The size of the pieces (first byte) changes nothing to what comes out. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    arena *mem = arena_new(0);
    struct seen whole = {0}, pieces = {0};
    str body = {(const char *)data + 1, size - 1};
    err a = read_in_pieces(mem, body, body.n ? body.n : 1, &whole),
        b = read_in_pieces(mem, body, 1 + (size_t)data[0] % 40, &pieces);
    if (a.code != b.code || !str_eq(buf_str(&whole.text), buf_str(&pieces.text))) abort();
    buf_free(&whole.text);
    buf_free(&pieces.text);
    arena_free(mem);
    return 0;
}
