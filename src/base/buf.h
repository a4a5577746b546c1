/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* buf.h — bytes that grow, with a maximum. Past it, or without memory, `full` is set and further writes do nothing. Owned by malloc: buf_free. */
#pragma once
#include "str.h"

typedef struct buf {
    char *p;
    size_t n, cap, max_bytes;
    bool full;
} buf;

#define BUF(max_bytes_) ((buf){.max_bytes = (max_bytes_)})
void buf_free(buf *b);
void buf_put(buf *b, str s);
void buf_lit(buf *b, const char *z);
void buf_char(buf *b, char c);
void buf_i64(buf *b, int64_t v);
void buf_fmt(buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_html(buf *b, str s);      /* escapes & < > " ' : text and quoted attributes */
void buf_url(buf *b, str s);       /* percent-encodes all but unreserved characters (RFC 3986 §2.3) */
void buf_json(buf *b, str s);      /* a JSON string with its quotes; bad UTF-8 becomes U+FFFD */
static inline str buf_str(const buf *b) { return (str){b->p ? b->p : "", b->n}; }
