/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /api/v1/procedures: what the pages do, for machines. Answers are checked by the same function as a page's. */
#include "base/id.h"
#include "core/notify.h"
#include "core/secret.h"
#include "formats/json.h"
#include "pages/filling.h"
#include "services/procedures/procedures.h"

#define PAGE_MOST 100

static err get_procedures(struct req *q)
{
    struct kind_rows rows = {0};
    TRY(kind_rows_list(q->db, q->mem, S("procedures"), &rows));
    int64_t after = 0, shown = 0;
    if (query(q, "after").n) TRY(query_i64(q, "after", 0, &after));
    struct jw w = jw(reply_buf(q, 200, "application/json"));
    jw_object(&w);
    jw_key(&w, "procedures");
    jw_array(&w);
    int64_t next = 0;
    for (size_t i = 0; i < rows.n; i++) {
        const struct kind_row *r = &rows.v[i];
        if (r->status != KIND_PUBLISHED || (int64_t)i < after) continue;
        if (shown++ == PAGE_MOST) {
            next = (int64_t)i;
            break;
        }
        jw_object(&w);
        jw_key(&w, "slug");
        jw_str(&w, r->slug);
        jw_key(&w, "number");
        jw_i64(&w, r->number);
        jw_key(&w, "title");
        jw_str(&w, r->title);
        jw_key(&w, "revision");
        jw_i64(&w, r->revision);
        jw_key(&w, "url");
        jw_str(&w, url_str(URL(q->mem, "/api/v1/procedures/{}", r->slug)));
        jw_end(&w);
    }
    jw_end(&w);
    jw_key(&w, "next");
    if (next) jw_str(&w, str_fmt(q->mem, "/api/v1/procedures?after=%lld", (long long)next));
    else jw_null(&w);
    jw_end(&w);
    return NO_ERR;
}

static err published(struct req *q, struct kind_row *row, const struct kind **k)
{
    err e = kind_row_by_slug(q->db, q->mem, param(q, "slug"), row);
    if (e.code == E_NOT_FOUND || (e.code == OK && (row->status != KIND_PUBLISHED || !str_is(row->service, "procedures")))) return FAIL(E_NOT_FOUND, "procedures.not_found");
    TRY(e);
    return kinds_get(q->app->kinds, q->db, row->name, row->revision, k);
}

static err get_procedure(struct req *q)
{
    struct kind_row row;
    const struct kind *k;
    struct receipt x;
    TRY(published(q, &row, &k));
    struct record none = {.body = row.body};
    TRY(receipt_of(q->mem, q->tenant, k, &none, q->lang, &x));
    struct jw w = jw(reply_buf(q, 200, "application/json"));
    jw_object(&w);
    const struct { const char *name; str value; } texts[] = {
        {"slug", row.slug}, {"title", text_in(&k->title, q->lang)}, {"description", text_in(&k->description, q->lang)}, {"service", x.service},
        {"silence", x.silence_words}, {"legal_basis", kind_setting_text(k, q->tenant, row.body, "legal_basis", q->lang)}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        jw_key(&w, texts[i].name);
        jw_str(&w, texts[i].value);
    }
    jw_key(&w, "number");
    jw_i64(&w, row.number);
    jw_key(&w, "revision");
    jw_i64(&w, row.revision);
    struct held h = {.kind = k};
    held_env(q, &h);
    jw_key(&w, "schema");
    jw_json(&w, kind_schema(k, q->mem, &h.env));
    jw_end(&w);
    return NO_ERR;
}

/* ---- filing ---- */
static err faults_reply(struct req *q, const struct answer_faults *faults)
{
    struct jw w = jw(reply_buf(q, 422, "application/problem+json"));
    jw_object(&w);
    jw_key(&w, "type");
    jw_str(&w, S("about:blank"));
    jw_key(&w, "title");
    jw_str(&w, words(q->lang, W("api.faults")));
    jw_key(&w, "status");
    jw_i64(&w, 422);
    jw_key(&w, "code");
    jw_str(&w, S("invalid"));
    jw_key(&w, "faults");
    jw_array(&w);
    for (size_t i = 0; i < faults->n; i++) {
        jw_object(&w);
        jw_key(&w, "field");
        jw_str(&w, faults->v[i].path);
        jw_key(&w, "code");
        jw_str(&w, str_of(faults->v[i].msg));
        jw_key(&w, "message");
        jw_str(&w, answer_fault_words(q->mem, q->lang, &faults->v[i]));
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    return NO_ERR;
}

struct ask { struct filing f; struct strs files; struct kind_row row; str principal, key, response; struct hash32 request; bool again; struct record r; arena *mem; };

static err file_in_txn(db *w, void *arg)
{
    struct ask *a = arg;
    a->again = false;
    if (a->key.n) {
        err e = once_put(w, a->principal, a->key, &a->request, a->response, a->f.now_us);
        if (e.code == E_EXISTS) {
            a->again = true;
            return NO_ERR;
        }
        TRY(e);
    }
    bool again;
    for (size_t i = 0; i < a->files.n; i++) {
        int64_t id;
        TRY(id_parse(a->files.v[i], &id));
        TRY(file_own(w, id, a->f.id, S("")));
    }
    return record_file(w, a->mem, &a->f, &a->r, &again);
}

static str response_of(struct req *q, const struct ask *a)
{
    buf b = BUF(8192);
    struct jw w = jw(&b);
    jw_object(&w);
    const struct { const char *name; str value; } texts[] = {{"reference", a->f.reference}, {"code", a->f.code}, {"token", a->f.token},
        {"url", url_str(URL(q->mem, "/api/v1/records/{}", a->f.reference))}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        jw_key(&w, texts[i].name);
        jw_str(&w, texts[i].value);
    }
    jw_end(&w);
    str s = str_copy(q->mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static bool type_names_files(const struct field *f) { return str_is(str_of(f->type->name), "file") || str_is(str_of(f->type->name), "identity"); }

static void file_named(struct req *q, const struct field *f, str path, str id, struct strs *out, struct answer_faults *faults)
{
    for (size_t i = 0; i < out->n; i++)
        if (str_eq(out->v[i], id)) {
            PUSH(q->mem, faults, (struct answer_fault){.path = path, .field = f, .msg = W("api.file_twice"), .arg = id});
            return;
        }
    PUSH(q->mem, out, id);
}

/* Files named in the answers: sent before, owned by nobody yet, each named once. `given` as sent: a normal document hides a double. */
static void files_named(struct req *q, const struct fields *fields, const json_t *given, str prefix, struct strs *out, struct answer_faults *faults)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        const json_t *v = json_object_get(given, str_z(q->mem, f->id));
        str path = str_fmt(q->mem, "%.*s%.*s", STR_ARG(prefix), STR_ARG(f->id));
        if (str_is(str_of(f->type->name), "repeat")) {
            for (size_t j = 0; j < json_array_size(v); j++) {
                str row = json_str(json_array_get(v, j), "_id");
                if (!row.n) row = str_fmt(q->mem, "r%zu", j + 1);
                files_named(q, &f->children, json_array_get(v, j), str_fmt(q->mem, "%.*s/%.*s/", STR_ARG(path), STR_ARG(row)), out, faults);
            }
        } else if (type_names_files(f)) {
            for (size_t j = 0; j < json_array_size(v); j++) file_named(q, f, path, json_text(json_array_get(v, j)), out, faults);
        }
    }
}

static bool file_sent(void *arg, str id, struct answer_file *out)
{
    struct req *q = arg;
    struct file f;
    int64_t n;
    if (id_parse(id, &n).code != OK || file_get(q->db, q->mem, n, &f).code != OK || f.owner) return false;
    *out = (struct answer_file){f.name, f.type, f.size_bytes, str_is(f.state, "ready")};
    return true;
}

static err filed_reply(struct req *q, str response)
{
    json_t *said;
    TRY(json_parse(q->mem, response, &said));
    reply_header(q, "Location", json_str(said, "url"));
    return reply_json(q, 201, response);
}

static err contact_read(const json_t *given, struct contact *out)
{
    if (given && !json_is_object(given)) return FAIL_AT(E_INVALID, "api.contact", "contact");
    *out = (struct contact){.name = json_str(given, "name"), .email = json_str(given, "email"), .birth_date = json_str(given, "birth_date")};
    return NO_ERR;
}

static err post_record(struct req *q)
{
    struct ask a = {.mem = q->mem};
    const struct kind *k;
    json_t *given, *doc;
    TRY(limit_take(q, "api-file", (unsigned)q->app->settings.filings_per_minute, (unsigned)q->app->settings.filings_per_minute));
    TRY(published(q, &a.row, &k));
    TRY(json_parse(q->mem, body(q), &given));
    if (!json_is_object(given)) return FAIL_AT(E_INVALID, "api.answers_missing", "answers");
    const json_t *answers = json_object_get(given, "answers");
    if (!json_is_object(answers)) return FAIL_AT(E_INVALID, "api.answers_missing", "answers");
    a.key = header(q, "Idempotency-Key");
    a.principal = str_fmt(q->mem, "anybody %.*s", STR_ARG(a.row.name));     /* not its address: a telephone changes network between two tries */
    a.request = hash_blake2b(body(q));
    if (a.key.n > 200) return FAIL_AT(E_INVALID, "api.key_long", "Idempotency-Key");
    if (a.key.n) {
        err e = once_get(q->db, q->mem, a.principal, a.key, &a.request, &a.response);
        if (e.code == OK) return filed_reply(q, a.response);
        if (e.code != E_NOT_FOUND) return e;
    }
    struct held h = {.kind = k};
    held_env(q, &h);
    h.env.file = file_sent;
    h.env.file_arg = q;
    struct answer_faults faults = {0};
    TRY(answers_check(k, q->mem, answers, &h.env, false, &doc, &faults));
    files_named(q, &k->fields, answers, STR_NONE, &a.files, &faults);
    if (faults.n) return faults_reply(q, &faults);
    struct hash32 token_hash, code_hashed;
    a.f = (struct filing){.id = id_new(), .body = a.row.body, .team = a.row.team, .channel = S("api"), .tenant = q->tenant, .kind = k, .doc = doc,
                          .now_us = clock_now_us(), .lang = q->lang};
    TRY(contact_read(json_object_get(given, "contact"), &a.f.contact));
    a.f.reference = reference_new(q->mem);
    a.f.code = code_new(q->mem);
    a.f.token = token_new(q->mem, &token_hash);
    code_hash(q->mem, q->tenant->id, a.f.id, a.f.code, &code_hashed);
    a.f.code_hash = &code_hashed;
    a.response = response_of(q, &a);
    TRY(db_txn(q->db, file_in_txn, &a));
    if (a.again) TRY(once_get(q->db, q->mem, a.principal, a.key, &a.request, &a.response));
    return filed_reply(q, a.response);
}

const struct route procedure_api_routes[] = {
    {GET, "/api/v1/procedures", RIGHT_PUBLIC, get_procedures, "Published procedures", ROUTE_API, NULL, NULL},
    {GET, "/api/v1/procedures/:slug", RIGHT_PUBLIC, get_procedure, "One procedure, with the JSON Schema of its answers", ROUTE_API, NULL, NULL},
    {POST, "/api/v1/procedures/:slug/records", RIGHT_PUBLIC, post_record, "Files a record; validated exactly as the page is", ROUTE_API | ROUTE_TOKEN, NULL, NULL},
    {0}};
