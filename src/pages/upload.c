/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pages/upload.h"

#include "base/id.h"
#include "core/answers.h"
#include "formats/json.h"
#include "pages/filling.h"
#include "pages/scan.h"
#include "web/tus.h"

/* The types that one container or text may be: its name says which, among these only. */
static str named_type(str file_name, const char *const (*known)[2], const char *otherwise)
{
    for (size_t i = 0; known[i][0]; i++)
        if (str_ends(file_name, str_of(known[i][0]))) return str_of(known[i][1]);
    return str_of(otherwise);
}

static const char *const zipped[][2] = {
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}, {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"}, {".odt", "application/vnd.oasis.opendocument.text"},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet"}, {".odp", "application/vnd.oasis.opendocument.presentation"}, {NULL, NULL}};
static const char *const compound[][2] = {{".xls", "application/vnd.ms-excel"}, {".ppt", "application/vnd.ms-powerpoint"}, {NULL, NULL}};
static const char *const texts[][2] = {{".csv", "text/csv"}, {NULL, NULL}};
/* What a double click would run: by its first bytes, or by its name. */
static const char *const programs[] = {".exe", ".msi", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".hta", ".lnk", ".jar", ".apk", ".dll", ".sh", ".app", ".dmg"};

static bool is_program(str head, str name)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (str_ends(name, str_of(programs[i]))) return true;
    static const struct { const char *magic; size_t n; } known[] = {{"MZ", 2}, {"\x7F" "ELF", 4}, {"\xCF\xFA\xED\xFE", 4}, {"\xCE\xFA\xED\xFE", 4}, {"\xCA\xFE\xBA\xBE", 4}, {"#!", 2}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_starts(head, (str){known[i].magic, known[i].n})) return true;
    return false;
}

static bool is_text(str head)
{
    for (size_t i = 0; i < head.n; i++)
        if ((unsigned char)head.p[i] < 32 && !strchr("\t\n\r\f", head.p[i])) return false;
    return head.n > 0;
}

str sniff(struct req *q, str head, str file_name)
{
    static const struct { const char *magic; size_t n, at; const char *type; } known[] = {
        {"%PDF-", 5, 0, "application/pdf"}, {"\xFF\xD8\xFF", 3, 0, "image/jpeg"}, {"\x89PNG\r\n\x1A\n", 8, 0, "image/png"}, {"WEBP", 4, 8, "image/webp"},
        {"ftypheic", 8, 4, "image/heic"}, {"ftypheix", 8, 4, "image/heic"}, {"ftypmif1", 8, 4, "image/heic"}, {"ftypavif", 8, 4, "image/avif"},
        {"GIF8", 4, 0, "image/gif"}, {"{\\rtf", 5, 0, "application/rtf"}};
    str name = str_lower_ascii(q->mem, file_name);
    if (is_program(head, name)) return FILE_PROGRAM;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(str_cut(head, known[i].at, known[i].at + known[i].n), (str){known[i].magic, known[i].n})) return str_of(known[i].type);
    if (str_starts(head, S("PK\x03\x04"))) return named_type(name, zipped, "application/zip");
    if (str_starts(head, S("\xD0\xCF\x11\xE0"))) return named_type(name, compound, "application/msword");
    return is_text(head) ? named_type(name, texts, "text/plain") : S("application/octet-stream");
}

/* Why it is not taken; OK: it is. */
static err type_check(struct req *q, const struct field *f, str type, str name)
{
    if (str_eq(type, FILE_PROGRAM)) return FAIL_AT(E_INVALID, "files.program", str_z(q->mem, name));
    if (field_accepts(q->mem, f, type)) return NO_ERR;
    str formats = field_formats(q->mem, q->lang, f);
    return FAIL_AT(E_INVALID, "files.type", str_z(q->mem, formats.n ? formats : name));
}

static err bytes_check(struct req *q, const struct field *f, const struct upload *u)
{
    if (!u->size_bytes) return FAIL_AT(E_INVALID, "files.empty", str_z(q->mem, u->file_name));
    return type_check(q, f, sniff(q, u->head, u->file_name), u->file_name);
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
    TRY(bytes_check(q, f, u));
    str type = sniff(q, u->head, u->file_name);
    json_t *next = json_own(q->mem, json_deep_copy(answers_held(q->mem, h->kind, *doc))), *list = files_at(q->mem, next, u->field);
    if (!list) return FAIL_AT(E_NOT_FOUND, "filling.no_field", str_z(q->mem, u->field));
    if (json_array_size(list) >= (size_t)(f->many ? f->many : 1)) return FAIL_AT(E_INVALID, "files.too_many", str_z(q->mem, u->file_name));
    TRY(upload_receive(q, u));
    int64_t id;
    TRY(file_add(q->db, q->app->blobs, q->mem, h->draft.id, u->field, u->file_name, type, &u->ref, &id));
    json_array_append_new(list, json_string(id_text(q->mem, id).p));
    *doc = next;
    return NO_ERR;
}

err message_files_check(struct req *q)
{
    struct upload **up;
    size_t n = uploads(q, &up);
    static const struct field any = {0};
    if (n > MESSAGE_FILES) return FAIL(E_INVALID, "files.message_many");
    for (size_t i = 0; i < n; i++) TRY(bytes_check(q, &any, up[i]));
    return NO_ERR;
}

err message_files_keep(struct req *q, struct files *out)
{
    struct upload **up;
    size_t n = uploads(q, &up);
    for (size_t i = 0; i < n; i++) {
        TRY(upload_receive(q, up[i]));
        PUSH(q->mem, out, (struct file){.name = up[i]->file_name, .type = sniff(q, up[i]->head, up[i]->file_name), .blob = up[i]->ref});
    }
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

/* ---- resumed uploads: a row while it comes, joined to its field when it is whole ---- */
#define UPLOAD_KEPT_US (2 * DAY_US)

static str path_asked(struct req *q) { return query(q, "path"); }

static err tus_begin(struct req *q, struct tus_file *f)
{
    struct held h;
    TRY(held_draft(q, &h));
    const struct field *field = answers_field(h.kind, path_asked(q));
    if (!field) return FAIL_AT(E_NOT_FOUND, "filling.no_field", "path");
    TRY(limit_take_for(q, "upload", h.reference, 60, 60));
    if (is_program(STR_NONE, str_lower_ascii(q->mem, f->name))) return FAIL_AT(E_INVALID, "files.program", str_z(q->mem, f->name));
    const json_t *there = answers_at(answers_held(q->mem, h.kind, h.draft.doc), path_asked(q));
    if (json_array_size(there) >= (size_t)(field->many ? field->many : 1)) return FAIL_AT(E_INVALID, "files.too_many", "path");
    int64_t id;
    TRY(file_part_add(q->db, q->mem, h.draft.id, path_asked(q), f->name, f->type.n ? f->type : S("application/octet-stream"), f->size_bytes, f->part, &id));
    f->id = id_text(q->mem, id);
    f->expires_us = clock_now_us() + UPLOAD_KEPT_US;
    return NO_ERR;
}

static err tus_find(struct req *q, str id, struct tus_file *f)
{
    struct held h;
    struct file row;
    int64_t n;
    TRY(held_draft(q, &h));
    TRY(id_parse(id, &n));
    TRY(file_get(q->db, q->mem, n, &row));
    if (row.owner != h.draft.id) return FAIL(E_NOT_FOUND, "files.not_found");
    *f = (struct tus_file){.id = id, .part = row.part, .size_bytes = row.size_bytes, .expires_us = row.created_us + UPLOAD_KEPT_US, .name = row.name,
                           .type = row.type, .done = !str_is(row.state, "uploading")};
    return f->expires_us < clock_now_us() && !f->done ? FAIL(E_GONE, "files.expired") : NO_ERR;
}

struct join { struct req *q; struct held *h; str path, id; };

/* Two files of one field may end at the same moment: the list is read where it is written. */
static err join_in_txn(db *w, void *arg)
{
    struct join *x = arg;
    arena *mem = x->q->mem;
    struct draft d;
    int64_t version;
    TRY(draft_get(w, mem, x->h->draft.id, &d));
    const json_t *there = answers_at(answers_held(mem, x->h->kind, d.doc), x->path);
    json_t *list = json_own(mem, json_is_array(there) ? json_deep_copy(there) : json_array());
    for (size_t i = 0; i < json_array_size(list); i++)
        if (str_eq(json_text(json_array_get(list, i)), x->id)) return NO_ERR;
    json_array_append_new(list, json_from_str(x->id));
    return draft_save_value(w, mem, x->h->kind, d.id, x->path, list, clock_now_us(), &version);
}

static err tus_complete(struct req *q, const struct tus_file *f, const struct blob_ref *ref)
{
    struct held h;
    struct file row;
    int64_t id;
    char head[64];
    size_t got = 0;
    struct blob_reader *r;
    TRY(held_draft(q, &h));
    TRY(id_parse(f->id, &id));
    TRY(file_get(q->db, q->mem, id, &row));
    TRY(blob_read_start(q->app->blobs, q->tenant_id, ref, &r));
    err e = blob_read(r, 0, head, sizeof head, &got);
    blob_read_end(r);
    TRY(e);
    str type = sniff(q, (str){head, got}, f->name);
    const struct field *field = answers_field(h.kind, row.field_path);
    err taken = field ? type_check(q, field, type, f->name) : FAIL_AT(E_NOT_FOUND, "filling.no_field", "path");
    if (taken.code == OK) taken = blob_scan(q, ref, f->name);
    if (taken.code != OK) (void)blob_remove(q->app->blobs, q->tenant_id, ref->name);       /* the part is sealed anew when it is asked again */
    if (taken.code == E_INVALID || taken.code == E_NOT_FOUND) TRY(file_remove(q->db, q->app->blobs, q->mem, id));
    TRY(taken);
    TRY(file_part_sealed(q->db, q->app->blobs, q->mem, id, type, ref));
    return db_txn_own(q->db, join_in_txn, &(struct join){q, &h, row.field_path, f->id});
}

static err tus_dropped(struct req *q, const struct tus_file *f)
{
    int64_t id;
    TRY(id_parse(f->id, &id));
    return file_remove(q->db, q->app->blobs, q->mem, id);
}

static const struct tus_hooks hooks = {.begin = tus_begin, .find = tus_find, .complete = tus_complete, .drop = tus_dropped};

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
    {POST, "/dossiers/:ref/fichiers", RIGHT_HOLDER, tus_create, "begins an upload that may be resumed (tus 1.0)", ROUTE_API, .arg = &hooks},
    {OPTIONS, "/dossiers/:ref/fichiers", RIGHT_HOLDER, tus_options, "what uploads may be", ROUTE_API, .arg = &hooks},
    {HEAD, "/dossiers/:ref/fichiers/:id", RIGHT_HOLDER, tus_offset, "how far an upload is", ROUTE_API, .arg = &hooks},
    {PATCH, "/dossiers/:ref/fichiers/:id", RIGHT_HOLDER, tus_append, "goes on with an upload", ROUTE_API | ROUTE_STREAM, .sink = tus_piece, .arg = &hooks},
    {DELETE, "/dossiers/:ref/fichiers/:id", RIGHT_HOLDER, tus_drop, "gives an upload up", ROUTE_API, .arg = &hooks},
    {0}};
