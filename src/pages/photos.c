/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Photos that others see: made anew by the converter, without place, camera or name. The original stays with agents and its author. */
#include "base/id.h"
#include "base/log.h"
#include "core/answers.h"
#include "core/files.h"
#include "core/notify.h"
#include "pages/app.h"
#include "pages/public.h"
#include "process/converter.h"

static err blob_whole(struct app *app, db *d, arena *mem, const struct blob_ref *ref, str *out)
{
    struct blob_reader *r;
    if (ref->size_bytes > IMAGE_MAX_INPUT_BYTES) return FAIL(E_INVALID, "image.too_large");
    char *p = arena_alloc(mem, (size_t)ref->size_bytes + 1);
    size_t n = 0, got = 1;
    TRY(blob_read_start(app->blobs, db_tenant(d), ref, &r));
    err e = NO_ERR;
    while (e.code == OK && got && n < (size_t)ref->size_bytes) {
        e = blob_read(r, (int64_t)n, p + n, (size_t)ref->size_bytes - n, &got);
        n += got;
    }
    blob_read_end(r);
    *out = (str){p, n};
    return e;
}

static err copy_keep(struct app *app, db *d, arena *mem, int64_t owner, str bytes, int64_t *out_id)
{
    struct blob_writer *w;
    struct blob_ref ref;
    TRY(blob_write_start(app->blobs, db_tenant(d), &w));
    err e = blob_write(w, bytes);
    if (e.code != OK) {
        blob_write_abort(w);
        return e;
    }
    TRY(blob_write_finish(w, mem, &ref));
    return file_add(d, app->blobs, mem, owner, S("_shown"), S("photo.jpg"), S("image/jpeg"), &ref, out_id);
}

static err photo_publish(struct app *app, db *d, arena *mem, const struct record *r, const struct file *f)
{
    str bytes;
    struct image page, thumb;
    int64_t page_id, thumb_id;
    TRY(blob_whole(app, d, mem, &f->blob, &bytes));
    TRY(converter_image(app->converter, mem, bytes, image_page, &page));
    TRY(converter_image(app->converter, mem, bytes, image_thumbnail, &thumb));
    TRY(copy_keep(app, d, mem, r->id, page.bytes, &page_id));
    TRY(copy_keep(app, d, mem, r->id, thumb.bytes, &thumb_id));
    TRY(file_set_shown(d, page_id, thumb_id, true));
    return file_set_shown(d, f->id, page_id, true);      /* last: from now on it is seen */
}

static err file_publish(struct app *app, db *d, arena *mem, const struct record *r, str id_given)
{
    int64_t id;
    struct file f;
    TRY(id_parse(id_given, &id));
    err e = file_get(d, mem, id, &f);
    if (e.code == E_NOT_FOUND || (e.code == OK && (f.owner != r->id || f.shown_copy || !str_is(f.state, "ready") || !str_starts(f.type, S("image/"))))) return NO_ERR;
    TRY(e);
    e = photo_publish(app, d, mem, r, &f);
    if (e.code != E_INVALID) return e;
    log_line(LOG_WARN, "photo_not_shown", "%lld: %s", (long long)id, e.msg);     /* broken: agents still have the original */
    return NO_ERR;
}

err photos_publish(db *d, arena *mem, const struct job *j, void *arg)
{
    struct app *app = arg;
    struct record r;
    const struct kind *k;
    int64_t id;
    if (!app->converter) return FAIL(E_BUSY, "process.busy");
    TRY(str_i64(j->payload, &id));
    err e = record_get(d, mem, id, &r);
    if (e.code == E_NOT_FOUND) return NO_ERR;
    TRY(e);
    TRY(kinds_get(app->kinds, d, r.kind, r.revision, &k));
    const json_t *doc = record_public_doc(mem, k, &r);
    for (size_t i = 0; doc && r.published_us && i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        const json_t *ids = str_is(str_of(f->type->name), "file") ? json_object_getn(doc, f->id.p, f->id.n) : NULL;
        for (size_t n = 0; n < json_array_size(ids); n++) TRY(file_publish(app, d, mem, &r, str_of(json_string_value(json_array_get(ids, n)))));
    }
    return NO_ERR;
}
