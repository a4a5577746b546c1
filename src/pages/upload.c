/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pages/upload.h"

#include "base/id.h"
#include "core/answers.h"
#include "formats/json.h"
#include "pages/filling.h"

str sniff(struct req *q, str head, str file_name)
{
    (void)file_name;
    static const struct { const char *magic; size_t n, at; const char *type; } known[] = {
        {"%PDF-", 5, 0, "application/pdf"}, {"\xFF\xD8\xFF", 3, 0, "image/jpeg"}, {"\x89PNG\r\n\x1A\n", 8, 0, "image/png"}, {"WEBP", 4, 8, "image/webp"},
        {"ftypheic", 8, 4, "image/heic"}, {"ftypheix", 8, 4, "image/heic"}, {"ftypmif1", 8, 4, "image/heic"}, {"ftypavif", 8, 4, "image/avif"},
        {"PK\x03\x04", 4, 0, "application/zip"}, {"GIF8", 4, 0, "image/gif"}};
    (void)q;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(str_cut(head, known[i].at, known[i].at + known[i].n), (str){known[i].magic, known[i].n})) return str_of(known[i].type);
    return S("application/octet-stream");
}

static bool accepts(const struct field *f, str type)
{
    if (!f->accept.n || str_is(f->accept, "document")) return true;
    if (str_is(f->accept, "image")) return str_starts(type, S("image/"));
    return str_find(f->accept, type) >= 0;
}

static str part_of(str path, str *rest) { return str_split(path, '/', rest); }

/* The array of file ids at path ("f3", "f20/r7/f3"), made when missing. */
static json_t *files_at(arena *mem, json_t *doc, str path)
{
    str rest, row, field;
    str top = part_of(path, &rest);
    json_t *in = doc;
    if (rest.p) {
        row = part_of(rest, &field);
        json_t *rows = json_object_get(doc, str_z(mem, top)), *found = NULL;
        for (size_t i = 0; i < json_array_size(rows); i++)
            if (str_eq(json_str(json_array_get(rows, i), "_id"), row)) found = json_array_get(rows, i);
        if (!found) return NULL;
        in = found;
        top = field;
    }
    json_t *list = json_object_get(in, str_z(mem, top));
    if (!json_is_array(list)) {
        list = json_array();
        json_object_set_new(in, str_z(mem, top), list);
    }
    return list;
}

err file_take(struct req *q, struct held *h, struct upload *u, json_t **doc)
{
    const struct field *f = answers_field(h->kind, u->field);
    if (!f) return FAIL_AT(E_NOT_FOUND, "filling.no_field", str_z(q->mem, u->field));
    if (!u->size_bytes) return FAIL_AT(E_INVALID, "files.empty", str_z(q->mem, u->file_name));
    str type = sniff(q, u->head, u->file_name);
    if (!accepts(f, type)) return FAIL_AT(E_INVALID, "files.type", str_z(q->mem, u->file_name));
    json_t *next = json_own(q->mem, json_deep_copy(*doc)), *list = files_at(q->mem, next, u->field);
    if (!list) return FAIL_AT(E_NOT_FOUND, "filling.no_field", str_z(q->mem, u->field));
    if (json_array_size(list) >= (size_t)(f->many ? f->many : 1)) return FAIL_AT(E_INVALID, "files.too_many", str_z(q->mem, u->file_name));
    TRY(upload_keep(q, u));
    int64_t id;
    TRY(file_add(q->db, q->app->blobs, q->mem, h->draft.id, u->field, u->file_name, type, &u->ref, &id));
    json_array_append_new(list, json_string(id_text(q->mem, id).p));
    *doc = next;
    return NO_ERR;
}

err file_send(struct req *q, struct held *h, int64_t id)
{
    for (size_t i = 0; i < h->files.n; i++) {
        const struct file *f = &h->files.v[i];
        if (f->id != id || !str_is(f->state, "ready")) continue;
        reply_private(q);
        return reply_blob(q, q->app->blobs, q->tenant_id, &f->blob, str_z(q->mem, f->type), f->name);
    }
    return FAIL(E_NOT_FOUND, "files.not_found");
}

static err get_file(struct req *q)
{
    struct held h;
    int64_t id;
    TRY(held_get(q, &h));
    TRY(param_id(q, "file", &id));
    return file_send(q, &h, id);
}

const struct route file_routes[] = {
    {GET, "/dossiers/:ref/fichiers/:file", RIGHT_HOLDER, get_file, "a file of one's own dossier", 0, NULL, NULL},
    {0}};
