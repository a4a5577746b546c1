/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* body.c — bodies: kept whole when they are forms or JSON, else passed on in pieces of 64 KiB by a worker, so
   that a file of 200 MB costs no more memory than a small one and its disk never stops an event thread. */
#include "base/utf8.h"
#include "web/call.h"

enum { HEAD_BYTES = 4096, FILE_NAME_BYTES_MAX = 200 };

/* Where both are taken, a multipart body is one, anything else is the file itself. */
static bool is_raw(const struct call *c)
{
    unsigned flags = c->q.route->flags;
    return flags & ROUTE_RAW && !(flags & ROUTE_FILES && header_type_is(c->in.content_type, "multipart/form-data"));
}

static err plan(struct call *c, int64_t *most)
{
    const struct server_options *o = &c->server->opt;
    unsigned flags = c->q.route->flags;
    str type = c->in.content_type;
    c->body_mode = BODY_PIECES;
    *most = o->file_bytes_max;
    if (flags & ROUTE_STREAM || is_raw(c)) return NO_ERR;
    if (header_type_is(type, "multipart/form-data")) {
        *most = o->form_bytes_max + (flags & ROUTE_FILES ? o->file_bytes_max : 0);
        return NO_ERR;
    }
    c->body_mode = BODY_WHOLE;
    *most = o->json_bytes_max;
    str rest, bare = str_trim(str_split(type, ';', &rest));
    bool json = header_type_is(type, "application/json") || str_ends(bare, S("+json"));
    if (flags & ROUTE_API && json) return NO_ERR;
    *most = o->form_bytes_max;
    if (header_type_is(type, "application/x-www-form-urlencoded")) return NO_ERR;
    c->body_mode = BODY_NONE;
    c->status_forced = MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    return FAIL(E_INVALID, "web.body.type");
}

err body_plan(struct call *c)
{
    int64_t most;
    TRY(plan(c, &most));
    c->body_bytes_max = most;
    c->body.max_bytes = c->body_mode == BODY_WHOLE ? (size_t)most : CHUNK_BYTES;
    return c->in.content_length > most ? FAIL(E_TOO_LARGE, "web.body.too_large") : NO_ERR;
}

/* --- a file part, or a raw body --- */
static str file_name_clean(arena *mem, str s)
{
    for (size_t i = s.n; i > 0; i--)
        if (s.p[i - 1] == '/' || s.p[i - 1] == '\\') {
            s = str_cut(s, i, s.n);
            break;
        }
    char *p = arena_alloc(mem, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7F) p[n++] = s.p[i];
    while (n > FILE_NAME_BYTES_MAX || (n && !utf8_valid((str){p, n}))) n--;
    return n ? (str){p, n} : S("fichier");
}

static err file_begin(struct call *c, str field, str name, str type)
{
    struct server *s = c->server;
    if (!s->opt.blobs) return FAIL(E_INTERNAL, "web.upload.no_place");
    if (c->files.n == UPLOADS_MAX) return FAIL(E_TOO_LARGE, "web.upload.too_many");
    struct upload *u = NEW(c->q.mem, struct upload);
    u->field = str_copy(c->q.mem, field);
    u->file_name = file_name_clean(c->q.mem, name);
    u->type_declared = text_clean(c->q.mem, str_copy(c->q.mem, type));
    u->head = (str){arena_alloc(c->q.mem, HEAD_BYTES), 0};
    PUSH(c->q.mem, &c->files, u);
    c->file = u;
    if (c->body_failed.code != OK) return c->body_failed;
    if (!c->admitted) return FAIL(E_BUSY, "web.busy"); /* the words of a form are read for its error page, files are not */
    return blob_write_start(s->opt.blobs, c->q.tenant_id, &u->writer);
}

/* The disk is full, the file too long…: what was typed beside it is read all the same, so that it can be given back. */
static bool spares_words(err e) { return e.code == E_FULL || e.code == E_IO || e.code == E_BUSY || e.code == E_TOO_LARGE; }

static err file_lost(struct call *c, err e)
{
    if (e.code == OK || !spares_words(e)) return e;
    if (c->body_failed.code == OK) c->body_failed = e;
    if (c->file && c->file->writer) blob_write_abort(c->file->writer); /* its room is given back now */
    if (c->file) c->file->writer = NULL;
    c->file = NULL;
    c->skip_part = true;
    return NO_ERR;
}

static err file_data(struct call *c, str bytes)
{
    struct upload *u = c->file;
    if (u->size_bytes + (int64_t)bytes.n > c->server->opt.file_bytes_max)
        return FAIL_AT(E_TOO_LARGE, "web.upload.too_large", str_z(c->q.mem, u->file_name));
    size_t n = HEAD_BYTES - u->head.n < bytes.n ? HEAD_BYTES - u->head.n : bytes.n;
    memcpy((char *)(uintptr_t)u->head.p + u->head.n, bytes.p, n);
    u->head.n += n;
    u->size_bytes += (int64_t)bytes.n;
    return blob_write(u->writer, bytes);
}

/* --- multipart --------------------------------------------------- */
static err part_begin(void *arg, const struct part_head *h)
{
    struct call *c = arg;
    c->file = NULL;
    c->skip_part = h->file_name.p && h->file_name.n == 0; /* a file input left empty */
    if (c->skip_part) return NO_ERR;
    if (c->form.n + c->files.n >= (size_t)c->server->opt.form_fields_max)
        return FAIL(E_TOO_LARGE, "web.form.too_many_fields");
    if (!h->file_name.p) {
        c->field_name = text_clean(c->q.mem, str_copy(c->q.mem, h->name));
        c->field.n = 0;
        return NO_ERR;
    }
    if (!(c->q.route->flags & ROUTE_FILES))
        return FAIL_AT(E_INVALID, "web.upload.not_expected", str_z(c->q.mem, h->name));
    return file_lost(c, file_begin(c, h->name, h->file_name, h->type));
}

static err part_data(void *arg, str bytes)
{
    struct call *c = arg;
    if (c->skip_part) return NO_ERR;
    if (c->file) return file_lost(c, file_data(c, bytes));
    c->form_bytes += (int64_t)bytes.n;
    if (c->form_bytes > c->server->opt.form_bytes_max)
        return FAIL_AT(E_TOO_LARGE, "web.body.too_large", str_z(c->q.mem, c->field_name));
    c->field.max_bytes = (size_t)c->server->opt.form_bytes_max;
    buf_put(&c->field, bytes);
    return c->field.full ? FAIL(E_BUSY, "web.memory") : NO_ERR;
}

static err part_end(void *arg)
{
    struct call *c = arg;
    if (c->skip_part || c->file) {
        c->file = NULL;
        return NO_ERR;
    }
    str v = buf_str(&c->field);
    if (!utf8_valid(v)) return FAIL_AT(E_MALFORMED, "web.text.utf8", str_z(c->q.mem, c->field_name));
    struct pair p = {c->field_name, text_clean(c->q.mem, str_copy(c->q.mem, v))};
    PUSH(c->q.mem, &c->form, p);
    return NO_ERR;
}

/* --- pieces ------------------------------------------------------ */
static err piece_feed(struct call *c)
{
    str bytes = buf_str(&c->body);
    unsigned flags = c->q.route->flags;
    if (c->body_bytes > c->body_bytes_max) return FAIL(E_TOO_LARGE, "web.body.too_large");
    if (flags & ROUTE_STREAM) return bytes.n ? c->q.route->sink(&c->q, bytes) : NO_ERR;
    if (is_raw(c)) {
        if (!c->file) TRY(file_begin(c, S("body"), S("fichier"), c->in.content_type));
        return file_data(c, bytes);
    }
    static const struct multipart_events events = {part_begin, part_data, part_end};
    if (!c->multipart) TRY(multipart_new(c->q.mem, c->in.content_type, events, c, &c->multipart));
    return multipart_feed(c->multipart, bytes);
}

static bool is_multipart(const struct call *c)
{
    return c->body_mode == BODY_PIECES && !(c->q.route->flags & ROUTE_STREAM) && !is_raw(c);
}

void body_piece(struct call *c)
{
    err e = call_enter(c);
    if (e.code == OK) e = call_admit(c);
    else if (is_multipart(c) && spares_words(e) && c->body_failed.code == OK) c->body_failed = e;
    if (e.code == OK || c->body_failed.code != OK) e = piece_feed(c);
    call_leave(c);
    c->refused = e; /* the rest is dropped, the answer waits for the end */
    c->body.n = 0;
}

static err form_read(struct call *c)
{
    if (c->body_mode == BODY_PIECES) {
        TRY(piece_feed(c));
        c->body.n = 0;
        if (c->multipart) TRY(multipart_end(c->multipart));
        c->file = NULL;
        return NO_ERR;
    }
    if (c->body_mode == BODY_WHOLE && header_type_is(c->in.content_type, "application/x-www-form-urlencoded"))
        return pairs_parse(c->q.mem, buf_str(&c->body), (size_t)c->server->opt.form_fields_max, &c->form);
    return NO_ERR;
}

err body_finish(struct call *c)
{
    if (!c->form_done) TRY(form_read(c));
    c->form_done = true;
    return c->body_failed;
}

bool form_came(struct req *q)
{
    struct call *c = call_of(q);
    if (!q->route || q->method != POST || q->route->flags & (ROUTE_API | ROUTE_STREAM | ROUTE_RAW | ROUTE_TOKEN)) return false;
    if (c->refused.code != OK || origin_check(c).code != OK) return false;
    (void)body_finish(c);
    return c->form_done;
}

str form_address(struct req *q) { return call_of(q)->raw_url; }
