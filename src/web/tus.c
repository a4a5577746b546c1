/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/tus.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "web/call.h"

#define TUS_VERSION "1.0.0"

struct progress {
    struct tus_file file;
    int64_t offset;
};

static const struct tus_hooks *hooks_of(const struct req *q)
{
    return q->route->arg;
}

static struct blobs *blobs_of(struct req *q)
{
    return call_of(q)->server->opt.blobs;
}

static int64_t most_bytes(struct req *q)
{
    const struct tus_hooks *h = hooks_of(q);
    return h->most_bytes ? h->most_bytes(q) : call_of(q)->server->opt.file_bytes_max;
}

/* Another version is told which one is spoken: 412 (§ Tus-Version). */
static err version_check(struct req *q)
{
    reply_header_always(q, "Tus-Resumable", S(TUS_VERSION));
    if (str_is(header(q, "Tus-Resumable"), TUS_VERSION)) return NO_ERR;
    call_of(q)->status_forced = 412;
    reply_header_always(q, "Tus-Version", S(TUS_VERSION));
    return FAIL(E_INVALID, "web.tus.version");
}

/* Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110 §5.6.7) */
static str http_date(arena *mem, int64_t at_us)
{
    static const char days[] = "MonTueWedThuFriSatSun", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil c = civil_of(at_us, S("UTC"));
    return str_fmt(mem, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * (c.weekday - 1), c.day,
                   months + 3 * (c.month - 1), c.year, c.hour, c.minute, c.second);
}

static void state_headers(struct req *q, const struct tus_file *f, int64_t offset)
{
    reply_header(q, "Upload-Offset", str_fmt(q->mem, "%lld", (long long)offset));
    if (f->expires_us) reply_header(q, "Upload-Expires", http_date(q->mem, f->expires_us));
}

static bool base64_value(char c, unsigned *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = c ? strchr(digits, c) : NULL;
    *out = p ? (unsigned)(p - digits) : 0;
    return p != NULL;
}

/* Standard base64, as Upload-Metadata has it; what is not text is dropped. */
static str metadata_value(arena *mem, str s)
{
    char *p = arena_alloc(mem, s.n + 1);
    size_t n = 0;
    unsigned bits = 0, have = 0, v;
    for (size_t i = 0; i < s.n && base64_value(s.p[i], &v); i++) {
        bits = (bits << 6 | v) & 0xFFFFFF;
        have += 6;
        if (have < 8) continue;
        have -= 8;
        p[n++] = (char)(bits >> have & 0xFF);
    }
    str text = {p, n};
    return utf8_valid(text) ? str_trim(text_clean(mem, text)) : STR_NONE;
}

static void metadata_read(struct req *q, struct tus_file *f)
{
    str rest = header(q, "Upload-Metadata");
    while (rest.n) {
        str value, item = str_trim(str_split(rest, ',', &rest)), key = str_split(item, ' ', &value);
        if (str_is(key, "filename")) f->name = utf8_cut(metadata_value(q->mem, str_trim(value)), 200);
        if (str_is(key, "filetype")) f->type = utf8_cut(metadata_value(q->mem, str_trim(value)), 100);
    }
}

static err complete(struct req *q, struct tus_file *f)
{
    struct blob_ref ref;
    TRY(blob_part_finish(blobs_of(q), q->tenant_id, f->part, q->mem, &ref));
    TRY(hooks_of(q)->complete(q, f, &ref));
    f->done = true;
    (void)blob_part_abort(blobs_of(q), q->tenant_id, f->part);      /* only now: a crash before would have lost acknowledged bytes */
    return NO_ERR;
}

err tus_create(struct req *q)
{
    struct tus_file f = {0};
    TRY(version_check(q));
    if (header(q, "Upload-Defer-Length").p) return FAIL(E_INVALID, "web.tus.length");
    if (str_i64(header(q, "Upload-Length"), &f.size_bytes).code != OK || f.size_bytes < 0)
        return FAIL(E_MALFORMED, "web.tus.length");
    if (f.size_bytes > most_bytes(q)) return FAIL(E_TOO_LARGE, "web.upload.too_large");
    metadata_read(q, &f);
    TRY(blob_part_start(blobs_of(q), q->tenant_id, q->mem, &f.part));
    err e = hooks_of(q)->begin(q, &f);
    if (e.code != OK) {
        blob_part_abort(blobs_of(q), q->tenant_id, f.part);
        return e;
    }
    if (f.size_bytes == 0) TRY(complete(q, &f));
    reply_header(q, "Location", str_fmt(q->mem, "%.*s/%.*s", STR_ARG(q->path), STR_ARG(f.id)));
    state_headers(q, &f, 0);
    return reply_empty(q, 201);
}

static err find(struct req *q, struct progress *p)
{
    str id = param(q, "id");
    TRY(hooks_of(q)->find(q, id, &p->file));
    p->file.id = id;
    if (p->file.expires_us && p->file.expires_us < clock_now_us() && !p->file.done)
        return FAIL(E_GONE, "web.tus.expired");
    if (p->file.done) {
        p->offset = p->file.size_bytes;
        return NO_ERR;
    }
    return blob_part_offset(blobs_of(q), q->tenant_id, p->file.part, &p->offset);
}

err tus_offset(struct req *q)
{
    struct progress p = {0};
    TRY(version_check(q));
    TRY(find(q, &p));
    reply_header(q, "Upload-Length", str_fmt(q->mem, "%lld", (long long)p.file.size_bytes));
    reply_header(q, "Cache-Control", S("no-store"));
    /* All bytes came, and we stopped before saying so: the client will not send another. */
    if (!p.file.done && p.offset == p.file.size_bytes) TRY(complete(q, &p.file));
    else if (!p.file.done) TRY(blob_part_sync(blobs_of(q), q->tenant_id, p.file.part));
    state_headers(q, &p.file, p.offset);
    return reply_empty(q, 200);
}

/* The first piece of a PATCH, or a PATCH without bytes: is it for this place in the file? */
static err progress_begin(struct req *q, struct progress **out)
{
    struct progress *p = NEW(q->mem, struct progress);
    int64_t given;
    TRY(version_check(q));
    if (!header_type_is(header(q, "Content-Type"), "application/offset+octet-stream")) {
        call_of(q)->status_forced = 415;
        return FAIL(E_INVALID, "web.body.type");
    }
    if (str_i64(header(q, "Upload-Offset"), &given).code != OK) return FAIL(E_MALFORMED, "web.tus.offset");
    TRY(find(q, p));
    if (given != p->offset) return FAIL(E_CONFLICT, "web.tus.offset");
    q->state = *out = p;
    return NO_ERR;
}

err tus_piece(struct req *q, str bytes)
{
    struct progress *p = q->state;
    if (!p) TRY(progress_begin(q, &p));
    if ((int64_t)bytes.n > p->file.size_bytes - p->offset) return FAIL(E_TOO_LARGE, "web.tus.longer");
    return blob_part_append(blobs_of(q), q->tenant_id, p->file.part, p->offset, bytes, &p->offset);
}

err tus_append(struct req *q)
{
    struct progress *p = q->state;
    if (!p) TRY(progress_begin(q, &p));
    if (p->offset == p->file.size_bytes && !p->file.done)
        TRY(complete(q, &p->file));
    else if (!p->file.done)
        TRY(blob_part_sync(blobs_of(q), q->tenant_id, p->file.part));
    state_headers(q, &p->file, p->offset);
    return reply_empty(q, 204);
}

err tus_drop(struct req *q)
{
    struct progress p = {0};
    TRY(version_check(q));
    TRY(find(q, &p));
    if (p.file.done) return FAIL(E_GONE, "web.tus.expired");
    TRY(hooks_of(q)->drop(q, &p.file));
    TRY(blob_part_abort(blobs_of(q), q->tenant_id, p.file.part));
    return reply_empty(q, 204);
}

err tus_options(struct req *q)
{
    reply_header(q, "Tus-Resumable", S(TUS_VERSION));
    reply_header(q, "Tus-Version", S(TUS_VERSION));
    reply_header(q, "Tus-Extension", S("creation,termination,expiration"));
    reply_header(q, "Tus-Max-Size", str_fmt(q->mem, "%lld", (long long)most_bytes(q)));
    return reply_empty(q, 204);
}
