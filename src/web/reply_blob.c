/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/call.h"

struct sent {
    struct blob_reader *reader;
    int64_t at, end;
};

static err blob_pull(struct req *q, void *arg, void *out, size_t max_bytes, size_t *got)
{
    struct sent *s = arg;
    size_t left = (size_t)(s->end - s->at), n = left < max_bytes ? left : max_bytes;
    if (n) TRY(blob_read(s->reader, s->at, out, n, got));
    if (n && *got == 0) return FAIL(E_IO, "web.blob.cut_short");
    s->at += (int64_t)*got;
    return NO_ERR;
}

static void blob_end(void *arg)
{
    struct sent *s = arg;
    blob_read_end(s->reader);
}

/* What a browser may show by itself without running anything: pixels, sound, PDF. Everything else is saved.
   */
static bool shows_safely(const char *type)
{
    static const char *const types[] = {"image/jpeg", "image/png",       "image/webp", "image/gif",
                                        "image/avif", "application/pdf", "text/plain"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (header_type_is(str_of(type), types[i])) return true;
    return false;
}

err reply_blob(struct req *q, struct blobs *b, int64_t tenant, const struct blob_ref *ref, const char *type,
               str file_name)
{
    struct call *c = call_of(q);
    str content = ref->sha256_hex.n ? ref->sha256_hex : ref->name;
    str etag = str_fmt(q->mem, "\"%.*s\"", STR_ARG(str_cut(content, 0, 24)));
    bool unsatisfiable = false, part;
    struct byte_range r = {0, ref->size_bytes - 1};
    reply_header(q, "ETag", etag);
    reply_header(q, "Accept-Ranges", S("bytes"));
    if (c->in.if_none_match.p && etag_matches(c->in.if_none_match, etag)) return reply_empty(q, 304);
    part = c->in.range.p && q->method == GET && range_parse(c->in.range, ref->size_bytes, &r, &unsatisfiable);
    if (unsatisfiable) {
        reply_header(q, "Content-Range", str_fmt(q->mem, "bytes */%lld", (long long)ref->size_bytes));
        return reply_empty(q, 416);
    }
    struct sent *s = NEW(q->mem, struct sent);
    TRY(blob_read_start(b, tenant, ref, &s->reader));
    s->at = r.from;
    s->end = r.to + 1;
    TRY(reply_stream(q, type, s->end - s->at, blob_pull, s, blob_end));
    if (part) {
        reply_header(q, "Content-Range",
                     str_fmt(q->mem, "bytes %lld-%lld/%lld", (long long)r.from, (long long)r.to,
                             (long long)ref->size_bytes));
        c->status = 206;
    }
    if (file_name.n || !shows_safely(type)) reply_attachment(q, file_name.n ? file_name : S("fichier"));
    return NO_ERR;
}
