/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /api/v1/procedures: what the pages do, for machines and for every kind that the public can file, reports too. Answers are checked by the same function as a page's. */
#include "base/id.h"
#include "core/contact.h"
#include "core/notify.h"
#include "core/secret.h"
#include "formats/json.h"
#include "pages/filling.h"
#include "services/procedures/procedures.h"

#define PAGE_MOST 100

static err get_procedures(struct req *q)
{
    struct kind_rows rows = {0};
    TRY(kinds_offered(q->app->kinds, q->db, q->mem, q->tenant, &rows));
    int64_t after = 0, shown = 0;
    str type = query(q, "type");
    enum offer only;
    if (!offer_named(type, &only)) return FAIL_AT(E_INVALID, "kind.bad_offer", "type");
    if (query(q, "after").n) TRY(query_i64(q, "after", 0, &after));
    struct jw w = jw(reply_buf(q, 200, "application/json"));
    jw_object(&w);
    jw_key(&w, "procedures");
    jw_array(&w);
    int64_t next = 0;
    for (size_t i = 0; i < rows.n; i++) {
        const struct kind_row *r = &rows.v[i];
        if ((int64_t)i < after || (type.n && r->offer != only)) continue;
        if (shown++ == PAGE_MOST) {
            next = (int64_t)i;
            break;
        }
        jw_object(&w);
        jw_key(&w, "slug");
        jw_str(&w, r->slug);
        if (r->number) jw_member_i64(&w, "number", r->number);
        jw_key(&w, "title");
        jw_str(&w, r->title);
        jw_member_str(&w, "type", str_of(offer_name(r->offer)));
        jw_member_str(&w, "theme", r->theme);
        jw_key(&w, "revision");
        jw_i64(&w, r->revision);
        jw_key(&w, "url");
        jw_str(&w, url_str(URL(q->mem, "/api/v1/procedures/{}", r->slug)));
        jw_end(&w);
    }
    jw_end(&w);
    jw_key(&w, "next");
    if (next) jw_str(&w, str_fmt(q->mem, "/api/v1/procedures?after=%lld%s%.*s", (long long)next, type.n ? "&type=" : "", STR_ARG(type)));
    else jw_null(&w);
    jw_end(&w);
    return NO_ERR;
}

static err published(struct req *q, struct kind_row *row, const struct kind **k)
{
    err e = kind_offered(q->app->kinds, q->db, q->mem, q->tenant, param(q, "slug"), row);
    TRY(e.code == E_NOT_FOUND ? FAIL(E_NOT_FOUND, "procedures.not_found") : e);
    return kinds_get(q->app->kinds, q->db, row->name, row->revision, k);
}

static void texts_put(struct jw *w, const char *key, struct strs list)
{
    if (!list.n) return;
    jw_key(w, key);
    jw_array(w);
    for (size_t i = 0; i < list.n; i++) jw_str(w, list.v[i]);
    jw_end(w);
}

/* What its page says, however it is done. */
static void presented(struct req *q, struct jw *w, const struct kind_row *row, const struct kind *k)
{
    static const char *const texts[] = {"audience", "duration", "cost", "other_ways", NULL};
    jw_member_str(w, "type", str_of(offer_name(row->offer)));
    jw_member_str(w, "theme", row->theme);
    for (size_t i = 0; texts[i]; i++) jw_member_str(w, texts[i], kind_setting_text(k, q->tenant, row->body, texts[i], q->lang));
    texts_put(w, "prepare", kind_setting_list(k, q->tenant, row->body, "prepare", q->lang, q->mem));
    jw_member_str(w, "source", json_text(json_path(k->settings, "source")));
    texts_put(w, "sheets", kind_sheets(k, q->mem));
    if (row->offer != OFFER_ELSEWHERE) return;
    jw_key(w, "online");
    jw_object(w);
    jw_member_str(w, "operator", kind_setting_text(k, q->tenant, row->body, "online.operator", q->lang));
    jw_member_str(w, "url", json_text(json_path(k->settings, "online.url")));
    jw_end(w);
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
        {"silence", row.offer == OFFER_HERE ? x.silence_words : STR_NONE}, {"legal_basis", kind_setting_text(k, q->tenant, row.body, "legal_basis", q->lang)}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        jw_key(&w, texts[i].name);
        jw_str(&w, texts[i].value);
    }
    if (row.number) jw_member_i64(&w, "number", row.number);
    jw_key(&w, "revision");
    jw_i64(&w, row.revision);
    presented(q, &w, &row, k);
    struct held h = {.kind = k};
    held_env(q, &h);
    jw_key(&w, "schema");
    if (row.offer == OFFER_HERE) jw_json(&w, kind_schema(k, q->mem, &h.env));
    else jw_null(&w);
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

struct ask { struct filing f; struct strs files; struct kind_row row; str principal, key; struct hash32 request; bool again; struct record r; arena *mem; };

static err file_in_txn(db *w, void *arg)
{
    struct ask *a = arg;
    a->again = false;
    if (a->key.n) {
        err e = once_put(w, a->principal, a->key, &a->request, id_text(a->mem, a->f.id), a->f.now_us);
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

static err filed_reply(struct req *q, const struct ask *a)
{
    str url = url_str(URL(q->mem, "/api/v1/records/{}", a->r.reference));
    reply_header(q, "Location", url);
    struct jw w = jw(reply_buf(q, 201, "application/json"));
    jw_object(&w);
    jw_member_str(&w, "reference", a->r.reference);
    jw_member_str(&w, "code", a->f.code);
    jw_member_str(&w, "token", a->f.token);
    jw_member_str(&w, "url", url);
    jw_end(&w);
    return NO_ERR;
}

/* Under a key they can be made again for who repeats the request: the database keeps the record's id, and neither of them. */
static void secrets_make(struct req *q, struct ask *a)
{
    if (!a->key.n) {
        struct hash32 unused;
        a->f.code = code_new(q->mem);
        a->f.token = token_new(q->mem, &unused);
        return;
    }
    str words = str_fmt(q->mem, "%lld:%lld:%zu:%.*s:%.*s", (long long)q->tenant_id, (long long)a->f.id, a->principal.n, STR_ARG(a->principal), STR_ARG(a->key));
    a->f.code = code_derived(q->mem, words);
    a->f.token = token_derived(q->mem, words);
}

/* E_NOT_FOUND: nothing was filed under this key. */
static err filed_before(struct req *q, struct ask *a)
{
    str id;
    if (!a->key.n) return FAIL(E_NOT_FOUND, "web.not_found");
    TRY(once_get(q->db, q->mem, a->principal, a->key, &a->request, &id));
    TRY(id_parse(id, &a->f.id));
    TRY(record_get(q->db, q->mem, a->f.id, &a->r));
    secrets_make(q, a);
    return filed_reply(q, a);
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

/* ---- what a filing is made of ---- */
static void fault_put(struct req *q, struct answer_faults *faults, str path, const char *msg, str arg)
{
    PUSH(q->mem, faults, (struct answer_fault){.path = path, .msg = msg, .arg = arg});
}

/* Another member than these is a fault: a name written wrong would be lost without a word. */
static void members_check(struct req *q, const json_t *given, const char *const *known, const char *prefix, struct answer_faults *faults)
{
    struct strs names = {0};
    const char *key;
    json_t *v;
    for (size_t i = 0; known[i]; i++) PUSH(q->mem, &names, str_of(known[i]));
    json_object_foreach((json_t *)(uintptr_t)given, key, v)
    {
        bool there = false;
        for (size_t i = 0; i < names.n; i++) there |= str_is(names.v[i], key);
        if (!there) fault_put(q, faults, str_fmt(q->mem, "%s%s", prefix, key), W("api.member_unknown"), str_join(q->mem, names, S(", ")));
    }
}

static void contact_read(struct req *q, const json_t *given, struct contact *out, struct answer_faults *faults)
{
    static const char *const known[] = {"name", "email", "birth_date", NULL};
    if (!given) return;
    if (!json_is_object(given)) {
        fault_put(q, faults, S("contact"), W("api.contact"), STR_NONE);
        return;
    }
    members_check(q, given, known, "contact.", faults);
    for (size_t i = 0; known[i]; i++) {
        const json_t *v = json_object_get(given, known[i]);
        if (v && !json_is_string(v)) fault_put(q, faults, str_fmt(q->mem, "contact.%s", known[i]), W("field.text.type"), STR_NONE);
    }
    *out = (struct contact){.name = json_str(given, "name"), .email = json_str(given, "email"), .birth_date = json_str(given, "birth_date")};
    contact_check(q->mem, "contact.", out, faults);
}

/* Answers, files and contact of a body, checked: all that is at fault in it, at once. */
static err filing_read(struct req *q, const struct kind *k, const json_t *given, struct ask *a, struct answer_faults *faults)
{
    static const char *const known[] = {"answers", "contact", NULL};
    const json_t *answers = json_object_get(given, "answers");
    struct held h = {.kind = k};
    json_t *doc = NULL;
    held_env(q, &h);
    h.env.file = file_sent;
    h.env.file_arg = q;
    if (json_is_object(answers)) {
        TRY(answers_check(k, q->mem, answers, &h.env, false, &doc, faults));
        files_named(q, &k->fields, answers, STR_NONE, &a->files, faults);
    } else {
        fault_put(q, faults, S("answers"), W("api.answers_missing"), STR_NONE);
    }
    a->f.doc = doc;
    contact_read(q, json_object_get(given, "contact"), &a->f.contact, faults);
    members_check(q, given, known, "", faults);
    return NO_ERR;
}

static err post_record(struct req *q)
{
    struct ask a = {.mem = q->mem};
    const struct kind *k;
    json_t *given;
    struct answer_faults faults = {0};
    TRY(limit_take(q, "api-file", (unsigned)q->app->settings.filings_per_minute, (unsigned)q->app->settings.filings_per_minute));
    TRY(published(q, &a.row, &k));
    TRY(kind_filed_here(&a.row));
    TRY(json_parse(q->mem, body(q), &given));
    if (!json_is_object(given)) return FAIL_AT(E_INVALID, "api.answers_missing", "answers");
    a.key = header(q, "Idempotency-Key");
    a.principal = str_fmt(q->mem, "anybody %.*s", STR_ARG(a.row.name));     /* not its address: a telephone changes network between two tries */
    a.request = hash_blake2b(body(q));
    if (a.key.n > 200) return FAIL_AT(E_INVALID, "api.key_long", "Idempotency-Key");
    err e = filed_before(q, &a);
    if (e.code != E_NOT_FOUND) return e;
    a.f = (struct filing){.id = id_new(), .body = a.row.body, .team = a.row.team, .channel = S("api"), .tenant = q->tenant, .kind = k,
                          .now_us = clock_now_us(), .lang = q->lang};
    TRY(filing_read(q, k, given, &a, &faults));
    if (faults.n) return faults_reply(q, &faults);
    struct hash32 code_hashed;
    secrets_make(q, &a);
    code_hash(q->mem, q->tenant->id, a.f.id, a.f.code, &code_hashed);
    a.f.code_hash = &code_hashed;
    TRY(db_txn_own(q->db, file_in_txn, &a));
    return a.again ? filed_before(q, &a) : filed_reply(q, &a);
}

const struct route procedure_api_routes[] = {
    {GET, "/api/v1/procedures", RIGHT_PUBLIC, get_procedures, "What the town offers, filed here or not", ROUTE_API, NULL, NULL},
    {GET, "/api/v1/procedures/:slug", RIGHT_PUBLIC, get_procedure, "One procedure, with the JSON Schema of its answers when it is filed here", ROUTE_API, NULL, NULL},
    {POST, "/api/v1/procedures/:slug/records", RIGHT_PUBLIC, post_record, "Files a record; validated exactly as the page is", ROUTE_API | ROUTE_TOKEN, NULL, NULL},
    {0}};
