/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /api/v1: files sent before a filing, and records followed with their token. */
#include "base/id.h"
#include "core/journal.h"
#include "formats/json.h"
#include "pages/filling.h"
#include "pages/scan.h"
#include "pages/upload.h"

#define FILES_PER_FILING 5

static err post_file(struct req *q)
{
    unsigned per_minute = (unsigned)q->app->settings.filings_per_minute * FILES_PER_FILING;
    TRY(limit_take(q, "api-upload", per_minute, per_minute));
    struct upload *u = upload(q, "file", 0);
    if (!u) u = upload(q, "body", 0);
    if (!u) return FAIL_AT(E_INVALID, "api.no_file", "file");
    if (!u->size_bytes) return FAIL_AT(E_INVALID, "files.empty", "file");
    str type = sniff(q, u->head, u->file_name);
    str name = str_is(u->field, "body") && query(q, "name").n ? file_name_clean(q->mem, query(q, "name")) : u->file_name;
    u->file_name = name = name.n ? name : S("document");
    TRY(upload_receive(q, u));
    int64_t id;
    TRY(file_add(q->db, q->app->blobs, q->mem, 0, S(""), name, type, &u->ref, &id));
    struct jw w = jw(reply_buf(q, 201, "application/json"));
    jw_object(&w);
    jw_key(&w, "id");
    jw_str(&w, id_text(q->mem, id));
    jw_member_str(&w, "name", name);
    jw_member_str(&w, "type", type);
    jw_member_i64(&w, "size", u->size_bytes);
    jw_member_str(&w, "sha256", u->ref.sha256_hex);
    jw_end(&w);
    return NO_ERR;
}

static err events_write(struct req *q, struct jw *w, const struct kind *k, int64_t record)
{
    struct events events = {0};
    TRY(journal_of(q->db, q->mem, record, true, &events));
    jw_key(w, "history");
    jw_array(w);
    for (size_t i = 0; i < events.n; i++) {
        const struct event *e = &events.v[i];
        jw_object(w);
        jw_member_str(w, "at", time_iso(q->mem, e->at_us));
        jw_member_str(w, "verb", e->verb);
        jw_member_str(w, "to", e->to);
        jw_member_str(w, "words", e->words);
        jw_end(w);
    }
    jw_end(w);
    (void)k;
    return NO_ERR;
}

static err get_record(struct req *q)
{
    struct record r;
    const struct kind *k;
    str token = bearer_token(q);
    if (!token.n) return FAIL(E_SIGN_IN, "api.token_missing");
    TRY(limit_take_for(q, "api-record", param(q, "ref"), 60, 60));
    TRY(record_open_by_token(q->db, q->mem, param(q, "ref"), token, clock_now_us(), &r));
    TRY(kinds_get(q->app->kinds, q->db, r.kind, r.revision, &k));
    const struct state *s = kind_state(k, r.state);
    reply_private(q);
    struct jw w = jw(reply_buf(q, 200, "application/json"));
    jw_object(&w);
    jw_member_str(&w, "reference", r.reference);
    jw_member_str(&w, "kind", r.kind);
    jw_member_str(&w, "title", r.title);
    jw_member_str(&w, "state", r.state);
    jw_member_str(&w, "state_title", s ? text_in(&s->title, q->lang) : STR_NONE);
    jw_member_i64(&w, "version", r.version);
    jw_member_str(&w, "filed", time_iso(q->mem, r.created_us));
    jw_member_str(&w, "updated", time_iso(q->mem, r.updated_us));
    if (r.silence_us) jw_member_str(&w, "silence", time_iso_zone(q->mem, r.silence_us, q->tenant->zone));
    jw_member_json(&w, "answers", answers_held(q->mem, k, r.doc));
    TRY(events_write(q, &w, k, r.id));
    jw_end(&w);
    return NO_ERR;
}

const struct route api_routes[] = {
    {POST, "/api/v1/files", RIGHT_PUBLIC, post_file, "Sends a file (multipart part \"file\", or the body itself); its id goes in the answers", ROUTE_API | ROUTE_TOKEN | ROUTE_FILES | ROUTE_RAW, NULL, NULL},
    {GET, "/api/v1/records/:ref", RIGHT_API_TOKEN, get_record, "A record and its history, with the token given at filing", ROUTE_API | ROUTE_TOKEN, NULL, NULL},
    {0}};
